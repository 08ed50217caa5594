"""Items: made once, moved on and given up, and every transition told."""

import asyncio
import itertools

import pytest
from sqlalchemy import select

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.models import Event
from mediastead.pipeline.items.errors import InvalidItem, ItemEnded, ItemExists, ItemMoved
from mediastead.pipeline.items.models import ItemState, ItemType, Trigger
from mediastead.pipeline.items.service import ItemFieldsChange, NewItem, change_item, give_up, make_item
from mediastead.pipeline.items.states import ALLOWED, STATES, move, path_between

from .making import FILM, SEASON, an_item, item_of, transitions


async def test_an_item_is_kept_with_the_folder_that_its_files_are_made_in(database: Database, clock: SetClock) -> None:
    film = await item_of(database, await an_item(database, clock, FILM))
    assert (film.safe_name, film.folder) == ("Alien - Romulus (2024)", b"/staging/Alien - Romulus (2024)")
    season = await item_of(database, await an_item(database, clock))
    assert season.folder == b"/staging/Firefly/Season 01"
    cut = NewItem(type=ItemType.MOVIE, name="Alien", year=1979, edition="Director's Cut")
    assert (await item_of(database, await an_item(database, clock, cut))).folder == (
        b"/staging/Alien (1979) {edition-Director's Cut}"
    )


async def test_a_name_of_any_length_becomes_a_name_of_a_folder(database: Database, clock: SetClock) -> None:
    long = NewItem(type=ItemType.MOVIE, name="\u00e4" * 400, year=1999)
    safe = (await item_of(database, await an_item(database, clock, long))).safe_name
    assert safe.endswith(" (1999)") and len(safe.encode()) <= 180
    for name in ("", " . ", "???"):
        with pytest.raises(InvalidItem):
            await an_item(database, clock, NewItem(type=ItemType.MOVIE, name=name))
    with pytest.raises(InvalidItem):
        await an_item(database, clock, NewItem(type=ItemType.MOVIE, name="Alien", season=1))


@pytest.mark.parametrize("new", [SEASON, FILM, NewItem(type=ItemType.SERIES, name="Firefly")])
async def test_among_active_items_each_is_there_once_also_without_a_season(
    database: Database, clock: SetClock, new: NewItem
) -> None:
    first = await an_item(database, clock, new)
    with pytest.raises(ItemExists) as refused:
        await an_item(database, clock, new)
    assert refused.value.extra == {"item_id": first}
    async with database.write() as session:
        await give_up(session, clock.now(), first, "local", "scratched")
    assert await an_item(database, clock, new) != first


@pytest.mark.parametrize("name", ["ALIEN", "\u00e9toile", "\u00c9TOILE", "E\u0301toile"])
async def test_an_item_is_there_once_however_its_name_is_spelled(
    database: Database, clock: SetClock, name: str
) -> None:
    first = "Alien" if name == "ALIEN" else "\u00c9toile"
    made = await an_item(database, clock, NewItem(type=ItemType.MOVIE, name=first, year=1979))
    with pytest.raises(ItemExists) as refused:
        await an_item(database, clock, NewItem(type=ItemType.MOVIE, name=name, year=1979))
    assert refused.value.extra == {"item_id": made}
    other = await an_item(database, clock, NewItem(type=ItemType.SERIES, name=f"{name} (1979)"))
    assert (await item_of(database, other)).folder.endswith(b" [2]")


async def test_a_film_and_a_series_of_one_name_are_made_in_folders_of_their_own(
    database: Database, clock: SetClock
) -> None:
    news = [NewItem(type=type_, name="Fargo") for type_ in ItemType]
    ids = [await an_item(database, clock, new) for new in news]
    assert [(await item_of(database, each)).folder for each in ids] == [b"/staging/Fargo", b"/staging/Fargo [2]"]
    async with database.write() as session:
        await give_up(session, clock.now(), ids[0], "local", None)
    assert (await item_of(database, await an_item(database, clock, news[0]))).folder == b"/staging/Fargo"


async def test_of_two_who_make_the_same_item_at_once_one_is_told_of_the_other(
    database: Database, clock: SetClock
) -> None:
    made = await asyncio.gather(*(an_item(database, clock) for _ in range(4)), return_exceptions=True)
    ids = [each for each in made if isinstance(each, int)]
    assert len(ids) == 1
    refused = [each for each in made if isinstance(each, ItemExists)]
    assert [each.extra for each in refused] == [{"item_id": ids[0]}] * 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_items_that_are_made_at_once_get_folders_of_their_own(database: Database, clock: SetClock) -> None:
    """On SQLite one writes at a time anyway."""
    film, series = (NewItem(type=type_, name="Fargo") for type_ in (ItemType.MOVIE, ItemType.SERIES))
    async with database.write() as session:
        first = await make_item(session, clock.now(), "local", film, "/staging")
        second = asyncio.create_task(an_item(database, clock, series))
        await asyncio.wait([second], timeout=0.5)
    ids = [first, await second]
    assert [(await item_of(database, each)).folder for each in ids] == [b"/staging/Fargo", b"/staging/Fargo [2]"]


async def test_every_transition_is_told_with_who_and_why(database: Database, clock: SetClock) -> None:
    item_id = await an_item(database, clock)
    for old, new in itertools.pairwise(STATES):
        async with database.write() as session:
            await move(session, clock.now(), item_id, old, new, Trigger.AUTO, "pipeline")
    assert await transitions(database, item_id) == [
        (None, "new", "manual", "local"),
        ("new", "ripped", "auto", "pipeline"),
        ("ripped", "remuxed", "auto", "pipeline"),
        ("remuxed", "transcoded", "auto", "pipeline"),
        ("transcoded", "in_library", "auto", "pipeline"),
    ]
    assert (await item_of(database, item_id)).ended_at == clock.now()
    async with database.read() as session:
        kinds = list((await session.execute(select(Event.kind))).scalars())
    assert kinds.count("pipeline_item.moved") == 5


async def test_an_item_is_moved_only_from_where_it_is_and_never_past_a_state(
    database: Database, clock: SetClock
) -> None:
    item_id = await an_item(database, clock)
    async with database.write() as session:
        with pytest.raises(ItemMoved):
            await move(session, clock.now(), item_id, ItemState.RIPPED, ItemState.REMUXED, Trigger.AUTO, "pipeline")
        with pytest.raises(ValueError, match="no item goes from new to remuxed"):
            await move(session, clock.now(), item_id, ItemState.NEW, ItemState.REMUXED, Trigger.AUTO, "pipeline")
    assert await transitions(database, item_id) == [(None, "new", "manual", "local")]


def test_every_way_between_two_states_goes_by_what_is_allowed() -> None:
    for old in STATES[:-1]:
        for new in STATES:
            at = old
            for step in path_between(old, new):
                assert step in ALLOWED[at]
                at = step
            assert at is new


async def test_what_was_given_up_is_over_and_keeps_how_far_it_was(database: Database, clock: SetClock) -> None:
    item_id = await an_item(database, clock)
    async with database.write() as session:
        await give_up(session, clock.now(), item_id, "local", "the disc is scratched")
    item = await item_of(database, item_id)
    assert (item.state, item.ended_at, item.automatic) == (ItemState.NEW, clock.now(), False)
    assert (await transitions(database, item_id))[-1] == ("new", "given_up", "manual", "local")
    for change in (ItemFieldsChange(automatic=True), ItemFieldsChange(library_id=None)):
        async with database.write() as session:
            with pytest.raises(ItemEnded):
                await change_item(session, clock.now(), item_id, change)
    async with database.write() as session:
        with pytest.raises(ItemEnded):
            await give_up(session, clock.now(), item_id, "local", None)
        with pytest.raises(ItemMoved):
            await move(session, clock.now(), item_id, ItemState.NEW, ItemState.RIPPED, Trigger.AUTO, "pipeline")
