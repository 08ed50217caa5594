"""Another file lies in the place of a known one: that is told, and asked about where it hardly is what was there."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from mediastead.browsing.story import file_story
from mediastead.catalog.models import MediaItem
from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.contents.reader import ContentReader
from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.files.listing import FileFilter, files_page
from mediastead.files.models import MediaFileImport, MediaFileState
from mediastead.files.shown import files_shown
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.metadata.errors import ProviderTrouble, ProviderUnavailable
from mediastead.metadata.facts import Candidate
from mediastead.probing import Content
from mediastead.scanning.identify import Identifier
from mediastead.unmatched.listing import QuestionFilter, questions_page

from ..scanning.shelf import make_shelf
from ..unmatched.house import FIGHT_CLUB, House, InThisProcess
from .test_reading import Here

FILM = "Fight Club.mkv"
"""With no year in its name, so that how long it plays matters."""
RUNS = 139


@pytest.fixture
async def house(database: Database, clock: SetClock, tmp_path: Path) -> House:
    return House(await make_shelf(database, clock, tmp_path / "films"))


async def plays(house: House, minutes: float) -> None:
    """Whatever is to be read plays so long."""
    prober = Here(content=Content(duration_ms=round(minutes * 60_000)))
    reader = ContentReader(house.database, house.clock, prober)
    while await reader.step(asyncio.Event()):
        pass


async def replace(house: House, path: str, size: int, minutes: float) -> None:
    house.shelf.put(path, b"x" * size)
    await house.shelf.scan()
    await plays(house, minutes)
    await house.identify()


async def state(house: House, path: str) -> MediaFileState:
    file_id = await house.shelf.id_of(path)
    async with house.database.read() as session:
        return (await session.execute(select(MediaFileState).where(MediaFileState.file_id == file_id))).scalar_one()


async def told(house: House, path: str) -> list[tuple[str, str]]:
    file_id = await house.shelf.id_of(path)
    async with house.database.read() as session:
        return [(entry.what, entry.says) for entry in (await file_story(session, file_id)).entries]


async def doubted(house: House) -> list[str]:
    async with house.database.read() as session:
        return [file.path for file in (await files_page(session, FileFilter(doubted=True))).items]


async def test_a_match_of_the_machine_that_does_not_hold_for_the_new_file_is_asked_about(house: House) -> None:
    await house.add(FILM)
    await plays(house, RUNS)
    assert await house.state(FILM) == ["matched"]
    item_id = (await house.file(FILM)).media_item_id
    await replace(house, FILM, 3_100_000, 45)
    assert await house.state(FILM) == ["unmatched"]
    async with house.database.read() as session:
        [question] = (await questions_page(session, QuestionFilter(), cursor=None, limit=10)).items
    assert question.reason.value == "replaced"
    assert question.would_match_if == (
        'Since it was replaced, it plays 45 minutes and played 139 before, "Fight Club" (1999) 139. An answer decides.'
    )
    async with house.database.read() as session:
        [file] = await files_shown(session, [question.file_id], decisions=True)
    assert file.decision
    first = file.decision["suggestions"][0]
    assert (first["tmdb_id"], first["title"], first["probability"] <= 0.5) == (FIGHT_CLUB, "Fight Club", True)
    says = await told(house, FILM)
    assert ("replaced", f"Replaced at films: {FILM}: 1 bytes -> 3.1 MB.") in says
    assert says[-1][0] == "not_matched"
    assert says[-1][1].startswith("Another file lies in its place")
    assert await doubted(house) == []  # it is asked about
    # A person says that it is right after all.
    await house.answer(FILM, FIGHT_CLUB, type=ItemType.MOVIE)
    assert (await house.file(FILM)).media_item_id == item_id


async def test_where_the_same_title_still_wins_nothing_changes(house: House) -> None:
    await house.add("Fight Club (1999).mkv")
    await plays(house, RUNS)
    before = await house.file("Fight Club (1999).mkv")
    await replace(house, "Fight Club (1999).mkv", 3000, 45)
    after = await house.file("Fight Club (1999).mkv")
    assert (after.identification.value, after.version) == ("matched", before.version)
    assert len(await house.rows(MediaFileImport)) == 1
    found = await state(house, "Fight Club (1999).mkv")
    assert found.redecide_since is None
    assert found.doubt == 'it plays 45 minutes and played 139 before, "Fight Club" (1999) 139'
    assert await doubted(house) == ["Fight Club (1999).mkv"]


async def test_another_cut_or_a_better_copy_is_nothing_to_doubt(house: House) -> None:
    await house.add(FILM)
    await plays(house, RUNS)
    for size, minutes in ((2000, 139.5), (3000, 133.5), (4000, 150)):
        await replace(house, FILM, size, minutes)
        assert await house.state(FILM) == ["matched"]
        assert (await state(house, FILM)).doubt is None


async def test_what_is_as_long_as_before_is_nothing_to_doubt_though_the_title_is_not(house: House) -> None:
    await house.add("Fight Club (1999).mkv")
    await plays(house, 45)
    assert (await state(house, "Fight Club (1999).mkv")).doubt is None  # it was so when it was matched
    await replace(house, "Fight Club (1999).mkv", 3000, 46)
    assert await doubted(house) == []


async def test_what_a_person_said_stays_and_is_noted(house: House) -> None:
    await house.add(FILM)
    await plays(house, RUNS)
    await house.answer(FILM, FIGHT_CLUB, type=ItemType.MOVIE)
    await house.unmatch(FILM)
    await house.answer(FILM, FIGHT_CLUB, type=ItemType.MOVIE)
    before = await house.file(FILM)
    await replace(house, FILM, 3000, 45)
    after = await house.file(FILM)
    assert (after.identification.value, after.version) == ("matched", before.version)
    assert await doubted(house) == [FILM]
    assert (await told(house, FILM))[-1] == (
        "doubted",
        'Since it was replaced it may be something else: it plays 45 minutes and played 139 before, "Fight Club" (1999) 139.',
    )
    assert [each["why"] for each in await house.shelf.events("file.doubted")] == [
        'it plays 45 minutes and played 139 before, "Fight Club" (1999) 139'
    ]
    # To say the same once more is an answer to that.
    await house.answer(FILM, FIGHT_CLUB, type=ItemType.MOVIE)
    assert await doubted(house) == []
    assert (await house.file(FILM)).version == before.version


async def test_a_doubt_goes_with_the_next_file_in_its_place(house: House) -> None:
    await house.add(FILM)
    await plays(house, RUNS)
    await house.answer(FILM, FIGHT_CLUB, type=ItemType.MOVIE)
    await house.unmatch(FILM)
    await house.answer(FILM, FIGHT_CLUB, type=ItemType.MOVIE)
    await replace(house, FILM, 3000, 45)
    assert await doubted(house) == [FILM]
    await replace(house, FILM, 4000, RUNS)
    assert await doubted(house) == []


async def test_an_answer_that_came_after_the_new_file_was_about_it(house: House) -> None:
    await house.add(FILM)
    await plays(house, RUNS)
    house.shelf.put(FILM, b"x" * 3000)
    await house.shelf.scan()
    await house.unmatch(FILM)
    await house.answer(FILM, FIGHT_CLUB, type=ItemType.MOVIE)
    await plays(house, 45)
    assert await doubted(house) == []
    assert await house.state(FILM) == ["matched"]


async def test_a_title_of_which_nobody_knows_how_long_it_is_is_not_doubted(house: House) -> None:
    await house.add(FILM)
    await plays(house, RUNS)
    async with house.database.write() as session:
        await session.execute(update(MediaItem).values(runtime=None))
    await replace(house, FILM, 3000, 45)
    assert await house.state(FILM) == ["matched"]
    assert await doubted(house) == []


class Away(BundledCatalogue):
    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        raise ProviderUnavailable("It is away.", provider=self.name, trouble=ProviderTrouble.DOWN)


async def test_a_match_stays_while_the_provider_cannot_be_asked_about_it(house: House) -> None:
    await house.add(FILM)
    await plays(house, RUNS)
    asking = house.identifier
    parser: Any = InThisProcess()
    house.identifier = Identifier(house.database, house.clock, parser, Away(), Wake(), threshold=0.95)
    await replace(house, FILM, 3000, 45)
    assert await house.state(FILM) == ["matched"]
    assert (await state(house, FILM)).redecide_since is not None
    house.identifier = asking
    await house.identify()
    assert await house.state(FILM) == ["unmatched"]


async def test_a_file_in_the_queue_gets_another_chance_when_it_changed(house: House) -> None:
    await house.add("qqzzxxvv.mkv")
    assert await house.state("qqzzxxvv.mkv") == ["unmatched"]
    attempts = len(await house.rows(MediaFileImport))
    await house.scan()
    assert len(await house.rows(MediaFileImport)) == attempts
    house.shelf.put("qqzzxxvv.mkv", b"x" * 3000)
    await house.shelf.scan()
    assert await house.state("qqzzxxvv.mkv") == ["pending"]
    await house.identify()
    assert await house.state("qqzzxxvv.mkv") == ["unmatched"]
    assert len(await house.rows(MediaFileImport)) == attempts + 1


async def test_a_file_that_is_still_growing_is_not_replaced(house: House) -> None:
    await house.add(FILM)
    file_id = await house.shelf.id_of(FILM)
    async with house.database.write() as session:
        growing = update(MediaFileState).where(MediaFileState.file_id == file_id)
        await session.execute(growing.values(unsettled_since=house.clock.now()))
    house.shelf.put(FILM, b"x" * 3000)
    await house.shelf.scan()
    assert [what for what, _ in await told(house, FILM)][-1] == "changed"
