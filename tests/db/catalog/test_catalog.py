"""What the catalog answers about what is stored in it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from mediastead.catalog.models import ExternalId, MediaItem
from mediastead.catalog.queries import (
    digest_of,
    due_items,
    external_ids_of,
    item_by_id,
    item_ids_of,
    items_locked,
    seasons_of,
)
from mediastead.catalog.storing import put_external_ids, put_seasons, remove_empty_seasons
from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database


async def add(database: Database, clock: SetClock, tmdb_id: int | None, type: ItemType = ItemType.SERIES) -> int:
    row = {
        "type": type,
        "tmdb_id": tmdb_id,
        "title": f"Title {tmdb_id}",
        "alternative_titles": ["Other"],
        "sort_key": "title",
        "search_text": "title other",
        "genres": [],
        "cast": [],
        "created_at": clock.now(),
    }
    async with database.write() as session:
        return (await session.execute(insert(MediaItem).values(**row).returning(MediaItem.id))).scalar_one()


async def test_an_item_is_read_as_it_was_written(database: Database, clock: SetClock):
    item_id = await add(database, clock, 7)
    async with database.read() as session:
        item = await item_by_id(session, item_id)
        assert await item_by_id(session, item_id + 1) is None
    assert item is not None
    assert (item.id, item.type, item.tmdb_id, item.title) == (item_id, ItemType.SERIES, 7, "Title 7")
    assert (item.alternative_titles, item.created_at, item.ended) == (["Other"], clock.now(), False)


async def test_one_title_is_one_item_and_films_are_not_series(database: Database, clock: SetClock):
    series, film = await add(database, clock, 7), await add(database, clock, 7, ItemType.MOVIE)
    with pytest.raises(IntegrityError):
        await add(database, clock, 7)
    async with database.read() as session:
        found = await item_ids_of(session, [(ItemType.SERIES, 7), (ItemType.MOVIE, 7), (ItemType.MOVIE, 8)])
        assert found == {(ItemType.SERIES, 7): series, (ItemType.MOVIE, 7): film}
        assert await item_ids_of(session, []) == {}


async def test_any_number_of_items_may_be_without_an_id(database: Database, clock: SetClock):
    first, second = await add(database, clock, None), await add(database, clock, None)
    async with database.write() as session:
        assert set(await items_locked(session, [first, second, 999])) == {first, second}
        assert await digest_of(session, ItemType.SERIES, 1) is None


async def test_due_items_come_the_longest_due_first(database: Database, clock: SetClock):
    ids = [await add(database, clock, number) for number in range(1, 5)]
    by_hand = await add(database, clock, None)
    hours = {ids[0]: -1, ids[1]: -3, ids[2]: 1, by_hand: -5}
    async with database.write() as session:
        for item_id, offset in hours.items():
            due = update(MediaItem).where(MediaItem.id == item_id)
            await session.execute(due.values(refresh_due_at=clock.now() + timedelta(hours=offset)))
    async with database.read() as session:
        assert [item.id for item in await due_items(session, clock.now(), 10)] == [ids[1], ids[0]]
        assert [item.tmdb_id for item in await due_items(session, clock.now(), 1)] == [2]


async def test_an_id_elsewhere_is_replaced_and_others_stay(database: Database, clock: SetClock):
    item_id = await add(database, clock, 7)
    async with database.write() as session:
        await put_external_ids(session, item_id, {"imdb": "tt1", "tvdb": "2"})
        await put_external_ids(session, item_id, {"imdb": "tt3"})
        await put_external_ids(session, item_id, {})
        assert await external_ids_of(session, item_id) == {"imdb": "tt3", "tvdb": "2"}


async def test_seasons_are_written_over_and_empty_ones_can_go(database: Database, clock: SetClock):
    item_id = await add(database, clock, 7)
    rows = [
        {"number": n, "title": f"Season {n}", "air_date": None, "overview": None, "poster": None} for n in (2, 0, 1)
    ]
    async with database.write() as session:
        first = await put_seasons(session, item_id, rows)
        again = await put_seasons(session, item_id, [rows[0] | {"title": "Renamed"}])
        assert again == {2: first[2]}
        await remove_empty_seasons(session, item_id, keep=[2, 1])
        assert [(season.number, season.title) for season in await seasons_of(session, item_id)] == [
            (1, "Season 1"),
            (2, "Renamed"),
        ]


async def test_what_belongs_to_an_item_goes_with_it(database: Database, clock: SetClock):
    item_id = await add(database, clock, 7)
    async with database.write() as session:
        await put_external_ids(session, item_id, {"imdb": "tt1"})
        await put_seasons(
            session, item_id, [{"number": 1, "title": None, "air_date": None, "overview": None, "poster": None}]
        )
        await session.execute(delete(MediaItem).where(MediaItem.id == item_id))
        assert await seasons_of(session, item_id) == [] and await external_ids_of(session, item_id) == {}
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            await session.execute(insert(ExternalId).values(item_id=item_id, provider="imdb", value="tt1"))
