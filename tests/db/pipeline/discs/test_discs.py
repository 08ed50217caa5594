"""What hosts see becomes discs, people put them to items, and their titles are assigned over all discs of an item."""

import asyncio

import msgspec
import pytest
from sqlalchemy import insert

from mediastead.catalog.types import ItemType
from mediastead.db.engine import Database
from mediastead.pipeline.discs import queries, service
from mediastead.pipeline.discs.correcting import set_titles
from mediastead.pipeline.discs.errors import DiscIsElsewhere, InvalidTitles, NoSuchTitle, NumberTaken
from mediastead.pipeline.discs.facts import Seen, TitleFacts
from mediastead.pipeline.discs.guess import Guess, Subject
from mediastead.pipeline.discs.models import DiscKind, DiscState, TitleRole
from mediastead.pipeline.discs.schemas import FileTitle, NewDisc, TitleChange
from mediastead.pipeline.discs.showing import preview
from mediastead.pipeline.items.locking import lock_item
from mediastead.pipeline.items.models import ItemState
from mediastead.pipeline.items.models import ItemType as PipelineType
from mediastead.pipeline.jobs.models import JobState, Stage, StageJob
from mediastead.pipeline.placing import put_disc

from ..jobs_shelf import JobShelf
from .disc_shelf import MOMENT, DiscShelf, a_disc

FIREFLY = Subject(type=ItemType.SERIES, title="Firefly", year=2002, season=1)
ALIKE = (44, 44, 44, 44)


@pytest.fixture
def shelf(database: Database) -> DiscShelf:
    return DiscShelf(database)


async def seen(shelf: DiscShelf, host: int | None, disc: Seen) -> int:
    disc_id = await shelf.see(host, disc)
    assert disc_id is not None
    return disc_id


async def a_season(shelf: DiscShelf, count: int = 12) -> tuple[int, int, Subject]:
    """A host, an item, and what it is."""
    media_id = await shelf.series([44] * count)
    return await shelf.host(), await shelf.item(), msgspec.structs.replace(FIREFLY, media_item_id=media_id)


async def a_film(shelf: DiscShelf) -> int:
    """A disc of one, with an extra before it and another behind it."""
    host, item = await shelf.host(), await shelf.item("Serenity", PipelineType.MOVIE, None)
    disc_id = await seen(shelf, host, a_disc("film", 5, 119, 22))
    await shelf.place(disc_id, item, Subject(type=ItemType.MOVIE, title="Serenity", year=2005))
    return disc_id


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_is_read_of_a_disc_at_last_does_not_undo_what_a_person_corrects_meanwhile(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    first = await seen(shelf, host, a_disc("one", error="it is scratched"))
    second = await seen(shelf, host, a_disc("two", 44, 44, source=b"/dev/sr1"))
    for number, disc_id in enumerate((first, second), start=1):
        await shelf.place(disc_id, item, subject, number)
    async with shelf.database.write() as session:
        await lock_item(session, item)
        reading = asyncio.create_task(seen(shelf, host, a_disc("one", 44, 44)))
        await asyncio.wait([reading], timeout=1)
        await set_titles(session, MOMENT, "anna", second, [TitleChange(number=1, season=1, episodes=[7])])
    assert await reading == first
    assert await shelf.episodes(second) == [[7], [8]]


async def test_a_disc_is_known_again_wherever_it_lies(shelf: DiscShelf) -> None:
    host, other = await shelf.host(), await shelf.host("cellar")
    disc_id = await seen(shelf, host, a_disc("one", 44, 0.5, label="FIREFLY_S1_D1"))
    shown = await shelf.show(disc_id)
    assert (shown.disc.state, shown.disc.inserted, shown.disc.titles) == (DiscState.PENDING, True, 2)
    assert [title.role for title in shown.titles] == [None, TitleRole.SHORT]
    assert await shelf.see(host, Seen(source=b"/dev/sr0", inserted=False)) == disc_id
    assert not (await shelf.the_disc(disc_id)).inserted
    assert await shelf.see(other, a_disc("one", 44, 0.5, source=b"/discs/copy.iso")) == disc_id
    disc = await shelf.the_disc(disc_id)
    assert (disc.host_id, disc.source, disc.inserted, disc.label) == (other, b"/discs/copy.iso", True, "FIREFLY_S1_D1")
    assert await shelf.discs() == 1
    assert await shelf.events() == ["disc.found", "disc.gone", "disc.known"]


async def test_another_disc_in_the_drive_is_another_disc(shelf: DiscShelf) -> None:
    host = await shelf.host()
    first = await seen(shelf, host, a_disc("one", 44))
    second = await seen(shelf, host, a_disc("two", 44))
    assert first != second and not (await shelf.the_disc(first)).inserted


async def test_a_disc_that_failed_stays_failed_until_a_person_asks(shelf: DiscShelf) -> None:
    host = await shelf.host()
    disc_id = await seen(shelf, host, a_disc("one", 44))
    await shelf.set_disc(disc_id, state=DiscState.FAILED, error="a scratch")
    assert await shelf.see(host, Seen(source=b"/dev/sr0", inserted=False)) == disc_id
    assert await shelf.see(host, a_disc("one", 44)) == disc_id
    disc = await shelf.the_disc(disc_id)
    assert (disc.state, disc.error, disc.inserted) == (DiscState.FAILED, "a scratch", True)
    other = await seen(shelf, host, a_disc("two", 44, source=b"/dev/sr1"))
    assert (await shelf.the_disc(other)).state is DiscState.PENDING
    await shelf.again(disc_id)
    disc = await shelf.the_disc(disc_id)
    assert (disc.state, disc.error) == (DiscState.PENDING, None)


async def test_what_cannot_be_read_is_one_disc_however_often_it_is_looked_at(shelf: DiscShelf) -> None:
    host = await shelf.host()
    broken = Seen(source=b"/dev/sr0", error="clean it")
    disc_id = await seen(shelf, host, broken)
    assert await shelf.see(host, broken) == disc_id
    disc = await shelf.the_disc(disc_id)
    assert (disc.state, disc.error) == (DiscState.FAILED, "clean it")
    await shelf.again(disc_id)
    async with shelf.database.read() as session:
        assert await queries.to_read(session, host) == [b"/dev/sr0"]
    # Cleaned, and read: it becomes known by its fingerprint.
    cleaned = await seen(shelf, host, a_disc("one", 44))
    assert (await shelf.the_disc(cleaned)).state is DiscState.PENDING


async def test_a_second_copy_does_not_take_the_place_of_one_that_is_ripped(shelf: DiscShelf) -> None:
    host = await shelf.host()
    disc_id = await seen(shelf, host, a_disc("one", 44))
    await shelf.set_disc(disc_id, state=DiscState.RIPPING)
    jobs, copy = JobShelf(shelf.database), a_disc("one", 44, source=b"/discs/copy.iso")
    rip, remux = [await jobs.job(stage, disc_id=disc_id) for stage in (Stage.RIP, Stage.REMUX)]
    for job_id in (rip, remux):
        await jobs.set_job(job_id, state=JobState.RUNNING)
    assert await shelf.see(host, copy) == disc_id
    assert (await shelf.the_disc(disc_id)).source == b"/dev/sr0"
    # What is made of its titles afterwards needs no disc.
    await jobs.set_job(rip, state=JobState.COMPLETED)
    assert await shelf.see(host, copy) == disc_id
    assert (await shelf.the_disc(disc_id)).source == b"/discs/copy.iso"


async def test_a_season_is_continued_over_discs_in_any_order(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf, 11)
    third = await seen(shelf, host, a_disc("three", *ALIKE))
    await shelf.place(third, item, subject, 3)
    assert not (await shelf.show(third)).sure
    first = await seen(shelf, host, a_disc("one", 44, 44, 44, 12))
    await shelf.place(first, item, subject, 1)
    assert await shelf.episodes(first) == [[1], [2], [3], []]
    second = await seen(shelf, host, a_disc("two", *ALIKE))
    await shelf.place(second, item, subject, 2)
    assert await shelf.episodes(second) == [[4], [5], [6], [7]]
    assert await shelf.episodes(third) == [[8], [9], [10], [11]]
    shown = await shelf.show(second)
    assert shown.sure and not shown.notes
    assert shown.titles[0].name == "Firefly (2002) - s01e04 - Part 4 of it"
    assert all(title.selected for title in shown.titles)
    extra = (await shelf.show(first)).titles[3]
    assert (extra.role, extra.selected, extra.name) == (TitleRole.EXTRA, False, "Firefly - Extra 04")


async def test_extras_of_all_discs_have_names_of_their_own(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    names: list[str | None] = []
    for number, label in ((1, "one"), (2, "two")):
        disc = await seen(shelf, host, a_disc(label, *ALIKE[:3], 12 + number))
        await shelf.place(disc, item, subject, number)
        names.append((await shelf.show(disc)).titles[3].name)
    assert names == ["Firefly - Extra 04", "Firefly - Disc 2 Extra 04"]


async def test_what_was_ripped_stays_what_it_was(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    second = await seen(shelf, host, a_disc("two", *ALIKE))
    await shelf.place(second, item, subject, 2)
    await shelf.set_titles(second, done="rip")
    await shelf.set_disc(second, state=DiscState.RIPPED)
    first = await seen(shelf, host, a_disc("one", 44, 44, 44))
    await shelf.place(first, item, subject, 1)
    assert await shelf.episodes(second) == [[5], [6], [7], [8]]
    await shelf.again(second)
    assert await shelf.episodes(second) == [[4], [5], [6], [7]]


async def test_what_was_ripped_is_corrected_until_it_is_in_a_library_and_the_rest_follows(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    first = await seen(shelf, host, a_disc("one", *ALIKE, 12))
    second = await seen(shelf, host, a_disc("two", *ALIKE))
    await shelf.place(first, item, subject, 1)
    await shelf.place(second, item, subject, 2)
    for disc_id in (first, second):
        await shelf.set_titles(disc_id, done="transcode")
        await shelf.set_disc(disc_id, state=DiscState.RIPPED)
    await shelf.correct(first, TitleChange(number=1, role=TitleRole.EXTRA))
    assert await shelf.episodes(first) == [[], [1], [2], [3], []]
    assert await shelf.episodes(second) == [[4], [5], [6], [7]]
    titles = (await shelf.show(first)).titles
    assert [title.name for title in titles[:2]] == ["Firefly - Extra 01", "Firefly (2002) - s01e01 - Part 1 of it"]
    assert [title.selected for title in titles] == [True, True, True, True, False]
    assert (await shelf.show(second)).titles[3].name == "Firefly (2002) - s01e07 - Part 7 of it"
    await shelf.set_titles(first, done="organize")
    with pytest.raises(DiscIsElsewhere, match="in its library already: correct the file there"):
        await shelf.correct(first, TitleChange(number=2, episodes=[2]))
    await shelf.correct(second, TitleChange(number=1, episodes=[5]))
    assert await shelf.episodes(first) == [[], [1], [2], [3], []]
    assert await shelf.episodes(second) == [[5], [6], [7], [8]]


async def test_titles_that_were_ripped_change_places_when_a_person_says_what_one_of_them_is(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf, 2)
    disc_id = await seen(shelf, host, a_disc("one", 44, 44))
    await shelf.place(disc_id, item, subject, 1)
    await shelf.set_titles(disc_id, done="rip")
    await shelf.set_disc(disc_id, state=DiscState.RIPPED)
    await shelf.correct(disc_id, TitleChange(number=1, episodes=[2]))
    assert await shelf.episodes(disc_id) == [[2], [1]]
    assert (await shelf.show(disc_id)).titles[1].name == "Firefly (2002) - s01e01 - Part 1 of it"


async def test_a_season_of_which_some_is_in_the_library_goes_on_behind_it(shelf: DiscShelf) -> None:
    """Its first discs were an item of their own, which ended when nothing more belonged to it."""
    host, media_id = await shelf.host(), await shelf.series([44] * 12)

    async def item_with(*discs: tuple[int, int | None]) -> int:
        item_id = await shelf.item()
        async with shelf.database.write() as session:
            item = await lock_item(session, item_id)
            item.media_item_id = media_id
            for disc_id, number in discs:
                await put_disc(session, MOMENT, item, disc_id, number)
        return item_id

    async def in_library(item_id: int) -> None:
        await shelf.end(item_id, ItemState.IN_LIBRARY)
        async with shelf.database.read() as session:
            for disc in await queries.discs_of(session, item_id):
                await shelf.set_disc(disc.id, state=DiscState.RIPPED)

    first = await seen(shelf, host, a_disc("one", *ALIKE))
    await in_library(await item_with((first, 1)))
    await shelf.set_titles(first, done="organize")
    second = await seen(shelf, host, a_disc("two", *ALIKE))
    await in_library(await item_with((second, None)))
    assert await shelf.episodes(second) == [[5], [6], [7], [8]]
    third = await seen(shelf, host, a_disc("three", *ALIKE))
    given_up = await item_with((third, 3))
    assert await shelf.episodes(third) == [[9], [10], [11], [12]]
    await shelf.end(given_up, ItemState.NEW)
    # Another edition has other discs: with the number of one that is there, it begins from the beginning.
    anew = await seen(shelf, host, a_disc("anew", *ALIKE, 44))
    await item_with((anew, 1))
    assert await shelf.episodes(anew) == [[1], [2], [3], [4], [5]]
    assert [await shelf.episodes(each) for each in (first, second)] == [[[1], [2], [3], [4]], [[5], [6], [7], [8]]]


async def test_a_person_corrects_one_and_the_rest_follows(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    first = await seen(shelf, host, a_disc("one", *ALIKE))
    second = await seen(shelf, host, a_disc("two", *ALIKE))
    await shelf.place(first, item, subject, 1)
    await shelf.place(second, item, subject, 2)
    await shelf.correct(first, TitleChange(number=1, role=TitleRole.EXTRA, selected=False))
    assert await shelf.episodes(first) == [[], [1], [2], [3]]
    assert await shelf.episodes(second) == [[4], [5], [6], [7]]
    corrected = (await shelf.show(first)).titles[0]
    assert (corrected.by_hand, corrected.selected, corrected.confidence) == (True, False, 1.0)
    await shelf.correct(first, TitleChange(number=1, episodes=[1]))
    assert await shelf.episodes(second) == [[5], [6], [7], [8]]
    assert (await shelf.show(first)).titles[0].name == "Firefly (2002) - s01e01 - Part 1 of it"


async def test_choosing_a_title_says_nothing_of_what_it_is(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    disc_id = await seen(shelf, host, a_disc("one", 44, 44, 12))
    await shelf.place(disc_id, item, subject, 1)
    await shelf.correct(disc_id, TitleChange(number=3, selected=True), TitleChange(number=2, selected=False))
    async with shelf.database.write() as session:
        await service.set_subject(session, MOMENT, item, msgspec.structs.replace(subject, title="Firefly!"))
    titles = (await shelf.show(disc_id)).titles
    assert [title.selected for title in titles] == [True, False, True]
    assert not any(title.by_hand for title in titles)
    assert titles[0].name == "Firefly! (2002) - s01e01 - Part 1 of it"


async def test_mistakes_of_a_person_are_refused(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    disc_id = await seen(shelf, host, a_disc("one", 44))
    await shelf.place(disc_id, item, subject, 1)
    with pytest.raises(NoSuchTitle, match="discs show"):
        await shelf.correct(disc_id, TitleChange(number=9, selected=True))
    with pytest.raises(InvalidTitles):
        await shelf.correct(disc_id, TitleChange(number=1, episodes=[2, 2]))


@pytest.mark.parametrize(
    "change",
    [
        TitleChange(number=2, episodes=[3]),
        TitleChange(number=2, role=TitleRole.EPISODE),
        TitleChange(number=2, season=1),
    ],
)
async def test_a_film_has_no_episodes(shelf: DiscShelf, change: TitleChange) -> None:
    disc_id = await a_film(shelf)
    with pytest.raises(InvalidTitles, match="of the film Serenity"):
        await shelf.correct(disc_id, change)


async def test_there_is_no_film_on_a_disc_of_a_series(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    disc_id = await seen(shelf, host, a_disc("one", 44, 90))
    await shelf.place(disc_id, item, subject, 1)
    with pytest.raises(InvalidTitles, match="of the series Firefly"):
        await shelf.correct(disc_id, TitleChange(number=2, role=TitleRole.FEATURE))


async def test_a_title_is_said_once_and_by_a_name_that_a_file_can_have(shelf: DiscShelf) -> None:
    disc_id = await a_film(shelf)
    with pytest.raises(InvalidTitles, match="once"):
        await shelf.correct(disc_id, TitleChange(number=1, selected=True), TitleChange(number=1, selected=False))
    with pytest.raises(InvalidTitles, match="letters or digits"):
        await shelf.correct(disc_id, TitleChange(number=1, name=" \n "))
    await shelf.correct(disc_id, TitleChange(number=1, name="../Making\nof"))
    name = (await shelf.show(disc_id)).titles[0].name
    assert name is not None and "/" not in name and name.endswith("Making of")


async def test_films_of_several_titles_are_named_as_parts_as_long_as_they_are(shelf: DiscShelf) -> None:
    disc_id = await a_film(shelf)
    await shelf.correct(disc_id, TitleChange(number=2, role=TitleRole.FEATURE))
    await shelf.correct(disc_id, TitleChange(number=3, role=TitleRole.FEATURE))
    names = [title.name for title in (await shelf.show(disc_id)).titles]
    assert names[1:] == ["Serenity (2005) - pt1", "Serenity (2005) - pt2"]
    # One that is left out is no part of the film.
    await shelf.correct(disc_id, TitleChange(number=2, selected=False))
    assert (await shelf.show(disc_id)).titles[2].name == "Serenity (2005)"
    await shelf.correct(disc_id, TitleChange(number=2, selected=True))
    assert [title.name for title in (await shelf.show(disc_id)).titles] == names
    await shelf.correct(disc_id, TitleChange(number=3, role=TitleRole.EXTRA))
    assert (await shelf.show(disc_id)).titles[1].name == "Serenity (2005)"
    await shelf.correct(disc_id, TitleChange(number=2, name="Serenity, the cut of mine"))
    await shelf.correct(disc_id, TitleChange(number=3, role=TitleRole.FEATURE))
    assert (await shelf.show(disc_id)).titles[1].name == "Serenity, the cut of mine"


async def test_what_is_left_out_as_a_rule_is_named_as_an_extra_where_it_is_chosen(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    disc_id = await seen(shelf, host, a_disc("one", 44, 44, 0.3))
    await shelf.place(disc_id, item, subject, 1)
    assert (await shelf.show(disc_id)).titles[2].role is TitleRole.SHORT
    await shelf.correct(disc_id, TitleChange(number=3, selected=True))
    await shelf.correct(disc_id, TitleChange(number=1, episodes=[2]))
    last = (await shelf.show(disc_id)).titles[2]
    assert (last.name, last.selected) == ("Firefly - Extra 03", True)


async def test_without_a_number_a_disc_of_a_season_is_asked_about(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    disc_id = await seen(shelf, host, a_disc("one", *ALIKE))
    await shelf.place(disc_id, item, subject)
    shown = await shelf.show(disc_id)
    assert shown.disc.number is None and not shown.sure
    assert any("which disc of the season" in note for note in shown.notes)
    labelled = await seen(shelf, host, a_disc("two", *ALIKE))
    async with shelf.database.write() as session:
        await service.record_guess(session, MOMENT, labelled, Guess(number=2, guessed=True))
    await shelf.place(labelled, item, subject)
    assert (await shelf.the_disc(labelled)).number == 2


async def test_a_film_is_named_and_its_extras_are_not_chosen(shelf: DiscShelf) -> None:
    host, item = await shelf.host(), await shelf.item("Serenity", PipelineType.MOVIE, None)
    disc_id = await seen(shelf, host, a_disc("film", 5, 119, 22))
    film = Subject(type=ItemType.MOVIE, title="Serenity", year=2005, edition="Collector's")
    await shelf.place(disc_id, item, film)
    shown = await shelf.show(disc_id)
    assert shown.disc.number == 1
    assert [(title.role, title.selected) for title in shown.titles] == [
        (TitleRole.EXTRA, False),
        (TitleRole.FEATURE, True),
        (TitleRole.EXTRA, False),
    ]
    assert shown.titles[1].name == "Serenity (2005) {edition-Collector's}"


async def test_a_declared_disc_is_taken_over_by_the_one_that_is_read(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    async with shelf.database.write() as session:
        declared = await service.declare(
            session, MOMENT, "anna", NewDisc(item_id=item, number=2, state=DiscState.RIPPED)
        )
        with pytest.raises(NumberTaken):
            await service.declare(session, MOMENT, "anna", NewDisc(item_id=item, number=2))
        with pytest.raises(InvalidTitles):
            await service.declare(session, MOMENT, "anna", NewDisc(item_id=item, number=3, state=DiscState.RIPPING))
    disc_id = await seen(shelf, host, a_disc("two", *ALIKE))
    await shelf.place(disc_id, item, subject, 2)
    assert (await shelf.the_disc(disc_id)).state is DiscState.RIPPED
    assert await shelf.discs() == 1 and disc_id != declared
    other = await seen(shelf, host, a_disc("other", *ALIKE))
    with pytest.raises(NumberTaken):
        await shelf.place(other, item, subject, 2)


async def test_a_disc_that_is_rejected_takes_no_episodes(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    first = await seen(shelf, host, a_disc("one", *ALIKE))
    second = await seen(shelf, host, a_disc("two", *ALIKE))
    await shelf.place(first, item, subject, 1)
    await shelf.place(second, item, subject)
    assert await shelf.episodes(second) == [[5], [6], [7], [8]]
    async with shelf.database.write() as session:
        await service.reject(session, MOMENT, "anna", first, "the wrong series")
    assert await shelf.episodes(second) == [[1], [2], [3], [4]]
    assert (await shelf.the_disc(first)).error == "rejected by anna: the wrong series"
    assert await shelf.see(host, a_disc("one", *ALIKE)) == first
    assert (await shelf.the_disc(first)).state is DiscState.REJECTED


async def test_a_disc_that_is_rejected_gives_its_number_to_the_right_one(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    wrong = await seen(shelf, host, a_disc("wrong", *ALIKE))
    right = await seen(shelf, host, a_disc("right", *ALIKE))
    await shelf.place(wrong, item, subject, 1)
    async with shelf.database.write() as session:
        await service.reject(session, MOMENT, "anna", wrong, "the wrong series")
    await shelf.place(right, item, subject, 1)
    assert [(await shelf.the_disc(each)).number for each in (wrong, right)] == [None, 1]
    async with shelf.database.write() as session:
        await service.reject(session, MOMENT, "anna", right, "scratched")
        await service.declare(session, MOMENT, "anna", NewDisc(item_id=item, number=1, state=DiscState.RIPPED))


async def test_a_disc_that_leaves_its_item_is_free(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    disc_id = await seen(shelf, host, a_disc("one", 44))
    await shelf.place(disc_id, item, subject, 1)
    async with shelf.database.write() as session:
        await service.unplace(session, MOMENT, disc_id)
    disc = await shelf.the_disc(disc_id)
    assert (disc.item_id, disc.number, disc.guess) == (None, None, None)
    async with shelf.database.read() as session:
        assert [each.id for each in await queries.to_guess(session, 5)] == [disc_id]


async def test_a_disc_with_work_under_way_is_not_begun_again(shelf: DiscShelf) -> None:
    host, item, subject = await a_season(shelf)
    disc_id = await seen(shelf, host, a_disc("one", 44))
    await shelf.place(disc_id, item, subject, 1)
    job = {
        "item_id": item,
        "disc_id": disc_id,
        "stage": Stage.RIP,
        "state": JobState.QUEUED,
        "capability": "rip:dvd",
        "work": {},
        "directory": b"/staging",
        "actor": "anna",
        "created_at": MOMENT,
    }
    async with shelf.database.write() as session:
        await session.execute(insert(StageJob).values(job))
    with pytest.raises(DiscIsElsewhere, match="cancel its jobs"):
        await shelf.again(disc_id)
    async with shelf.database.write() as session:
        await service.move(session, MOMENT, disc_id, DiscState.RIPPING)
        await service.move(session, MOMENT, disc_id, DiscState.FAILED, "a scratch")
        with pytest.raises(DiscIsElsewhere):
            await service.move(session, MOMENT, disc_id, DiscState.RIPPING)


async def test_files_to_be_made_anew_are_titles_that_are_there(shelf: DiscShelf) -> None:
    item = await shelf.item()
    file = FileTitle(
        media_file_id=7,
        file=b"/films/a.mkv",
        facts=TitleFacts(number=0, duration=2640, size=10),
        role=TitleRole.EPISODE,
        season=1,
        episodes=(3,),
        name="a",
    )
    async with shelf.database.write() as session:
        disc_id = await service.add_files(session, MOMENT, item, [file], FIREFLY)
        shown = await preview(session, disc_id)
    assert shown.sure and shown.disc["kind"] == DiscKind.FILES.value
    (title,) = shown.titles
    assert (title["by_hand"], title["selected"], title["episodes"], title["name"]) == (True, True, [3], "a")
