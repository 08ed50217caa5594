"""An item made by hand becomes one that the provider knows; two that are the same title become one."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from mediastead.catalog.models import Episode, ExternalId, MediaItem, Season
from mediastead.catalog.queries import episode_ids, external_ids_of, item_by_id
from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.models import Event
from mediastead.files.models import MediaFile, MediaFileEpisode
from mediastead.metadata.by_hand import create_item, put_season
from mediastead.metadata.errors import NoSuchItem
from mediastead.metadata.facts import ItemFacts
from mediastead.metadata.items import StoredItem, store_item
from mediastead.metadata.linking import link_item
from mediastead.metadata.schemas import EpisodeEntry, NewItem, SeasonEntry
from mediastead.operations.models import Operation, OperationFile
from mediastead.unmatched.models import RejectedMatch

from .rows import add_matched_file
from .test_store_item import FILM, series


async def by_hand(database: Database, clock: SetClock, type: ItemType = ItemType.SERIES, **seasons: int) -> int:
    """An item by hand; `s1=3` gives it a season 1 with three episodes."""
    async with database.write() as session:
        item_id = await create_item(session, clock.now(), "local", NewItem(type=type, title="By hand"))
        for name, count in seasons.items():
            entry = SeasonEntry(episodes=[EpisodeEntry(number=n, title=f"mine {n}") for n in range(1, count + 1)])
            await put_season(session, clock.now(), "local", item_id, int(name[1:]), entry)
    return item_id


async def hold(database: Database, clock: SetClock, item_id: int, name: bytes, *at: tuple[int, int]) -> int:
    """A file that is matched to these episodes of the item."""
    async with database.write() as session:
        file_id = await add_matched_file(session, clock.now(), item_id, name)
        episodes = await episode_ids(session, item_id)
        for key in at:
            await session.execute(insert(MediaFileEpisode).values(file_id=file_id, episode_id=episodes[key]))
    return file_id


async def link(database: Database, clock: SetClock, item_id: int, facts: ItemFacts) -> StoredItem:
    async with database.write() as session:
        return await link_item(session, clock.now(), "local", item_id, facts)


async def held(database: Database) -> dict[int, set[tuple[int, int, int]]]:
    """Of every file: item, season and number of the episodes that it holds."""
    query = (
        select(MediaFile.id, MediaFile.media_item_id, Season.item_id, Season.number, Episode.number)
        .outerjoin(MediaFileEpisode, MediaFileEpisode.file_id == MediaFile.id)
        .outerjoin(Episode, Episode.id == MediaFileEpisode.episode_id)
        .outerjoin(Season, Season.id == Episode.season_id)
    )
    found: dict[int, set[tuple[int, int, int]]] = {}
    async with database.read() as session:
        for file_id, item_id, of_item, season, number in await session.execute(query):
            assert item_id is not None
            assert of_item in (None, item_id)
            found.setdefault(file_id, set())
            if season is not None:
                found[file_id].add((item_id, season, number))
    return found


async def count(database: Database, table: Any) -> int:
    async with database.read() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def test_an_item_by_hand_becomes_the_title(database: Database, clock: SetClock):
    item_id = await by_hand(database, clock, s1=2)
    file_id = await hold(database, clock, item_id, b"a.mkv", (1, 2))
    stored = await link(database, clock, item_id, series(2, 1))
    assert stored.item_id == item_id and set(stored.episodes) == {(1, 1), (1, 2), (2, 1)}
    assert stored.added == {(2, 1)}
    assert await held(database) == {file_id: {(item_id, 1, 2)}}
    async with database.read() as session:
        item = await item_by_id(session, item_id)
    assert item is not None and (item.tmdb_id, item.title) == (1399, "Series 1399")
    assert item.refresh_due_at is not None


async def test_an_episode_that_only_the_person_knew_stays_while_a_file_holds_it(database: Database, clock: SetClock):
    item_id = await by_hand(database, clock, s1=3)
    await hold(database, clock, item_id, b"a.mkv", (1, 3))
    stored = await link(database, clock, item_id, series(1))
    assert set(stored.episodes) == {(1, 1), (1, 3)}


async def test_two_items_that_are_the_same_title_become_one(database: Database, clock: SetClock):
    async with database.write() as session:
        known = await store_item(session, series(2), clock.now())
    mine = await by_hand(database, clock, s1=2, s7=1)
    first = await hold(database, clock, mine, b"a.mkv", (1, 1), (1, 2))
    second = await hold(database, clock, mine, b"b.mkv", (7, 1))
    third = await hold(database, clock, known.item_id, b"c.mkv", (1, 1))
    merged = await link(database, clock, mine, series(2))
    assert merged.item_id == known.item_id
    assert merged.episodes[1, 1] == known.episodes[1, 1]
    assert await held(database) == {
        first: {(known.item_id, 1, 1), (known.item_id, 1, 2)},
        second: {(known.item_id, 7, 1)},
        third: {(known.item_id, 1, 1)},
    }
    async with database.read() as session:
        assert await item_by_id(session, mine) is None
        carried = select(Episode.title).where(Episode.id == merged.episodes[7, 1])
        assert (await session.execute(carried)).scalar_one() == "mine 1"
        files = (await session.execute(select(MediaFile.version, MediaFile.edition).order_by(MediaFile.id))).all()
    assert [tuple(row) for row in files] == [(2, "Director's Cut"), (2, "Director's Cut"), (1, "Director's Cut")]


async def test_an_episode_that_nobody_has_a_file_of_is_not_carried_over(database: Database, clock: SetClock):
    async with database.write() as session:
        await store_item(session, series(1), clock.now())
    mine = await by_hand(database, clock, s1=5)
    assert set((await link(database, clock, mine, series(1))).episodes) == {(1, 1)}
    assert await count(database, Episode) == 1


async def test_merging_takes_along_what_was_rejected_and_the_ids_elsewhere(database: Database, clock: SetClock):
    async with database.write() as session:
        known = await store_item(session, FILM, clock.now())
    mine = await by_hand(database, clock, ItemType.MOVIE)
    file_id = await hold(database, clock, known.item_id, b"other.mkv")
    async with database.write() as session:
        await session.execute(
            insert(RejectedMatch).values(file_id=file_id, item_id=mine, episodes=None, by="local", at=clock.now())
        )
        for provider, value in (("imdb", "tt0000001"), ("tvdb", "77")):
            await session.execute(insert(ExternalId).values(item_id=mine, provider=provider, value=value))
    await link(database, clock, mine, FILM)
    async with database.read() as session:
        assert (await session.execute(select(RejectedMatch.item_id))).scalar_one() == known.item_id
        assert await external_ids_of(session, known.item_id) == {"imdb": "tt0133093", "tvdb": "77"}


async def test_merging_is_an_operation_with_everything_that_taking_it_back_needs(database: Database, clock: SetClock):
    async with database.write() as session:
        known = await store_item(session, series(1), clock.now())
    mine = await by_hand(database, clock, s1=1)
    file_id = await hold(database, clock, mine, b"a.mkv", (1, 1))
    await link(database, clock, mine, series(1))
    async with database.read() as session:
        operation = (await session.execute(select(Operation).where(Operation.kind == "items_merged"))).scalar_one()
        (moved,) = (await session.execute(select(OperationFile))).scalars().all()
        kinds = list((await session.execute(select(Event.kind).order_by(Event.id.desc()).limit(2))).scalars())
        data = (await session.execute(select(Event.data).where(Event.kind == "item.merged"))).scalar_one()
    assert operation.actor == "local"
    assert operation.before["item"]["id"] == mine and operation.before["item"]["title"] == "By hand"
    assert [(each["season"], each["number"]) for each in operation.before["episodes"]] == [(1, 1)]
    assert operation.after == {"item_id": known.item_id}
    assert (moved.operation_id, moved.file_id, moved.before["media_item_id"]) == (operation.id, file_id, mine)
    assert (moved.version_before, moved.version_after) == (1, 2)
    assert set(kinds) == {"item.merged", "file.matched"}
    assert data == {"item_id": known.item_id, "merged_item_id": mine, "files": 1}


async def test_a_film_is_not_linked_to_a_series(database: Database, clock: SetClock):
    film = await by_hand(database, clock, ItemType.MOVIE)
    with pytest.raises(NoSuchItem):
        await link(database, clock, film, series(1))


async def test_linking_an_item_that_is_gone_says_so(database: Database, clock: SetClock):
    with pytest.raises(NoSuchItem):
        await link(database, clock, 12345, FILM)


async def test_linking_again_to_the_same_id_changes_nothing(database: Database, clock: SetClock):
    mine = await by_hand(database, clock, s1=1)
    await link(database, clock, mine, series(2))
    again = await link(database, clock, mine, series(2))
    assert again.item_id == mine and not again.changed


async def test_two_items_by_hand_can_be_linked_to_one_id(database: Database, clock: SetClock):
    items = [await by_hand(database, clock, s1=1) for _ in range(2)]
    files = [await hold(database, clock, item, b"%d.mkv" % item, (1, 1)) for item in items]
    linked = [await link(database, clock, item, series(1)) for item in items]
    assert {one.item_id for one in linked} == {items[0]}
    assert await held(database) == {file_id: {(items[0], 1, 1)} for file_id in files}
    assert await count(database, MediaItem) == 1


async def test_linking_both_ways_at_once_ends_with_one_item(database: Database, clock: SetClock):
    items = [await by_hand(database, clock, s1=1) for _ in range(4)]
    for item in items:
        await hold(database, clock, item, b"%d.mkv" % item, (1, 1))
    results: list[StoredItem | BaseException] = await asyncio.gather(
        *(link(database, clock, item, series(1)) for item in items), return_exceptions=True
    )
    for item, result in zip(items, results, strict=True):
        if isinstance(result, BaseException):  # on PostgreSQL one may lose the race; it is told to try again
            await link(database, clock, item, series(1))
    assert await count(database, MediaItem) == 1
    places = [place for places in (await held(database)).values() for place in places]
    assert len(places) == 4 and len(set(places)) == 1
