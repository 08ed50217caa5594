"""What storing a title writes, and what it leaves alone."""

import asyncio
import random
from datetime import date, timedelta

import pytest
from msgspec import structs
from sqlalchemy import func, insert, select

from mediastead.catalog.models import Episode, ExternalId, MediaItem, Season
from mediastead.catalog.queries import episodes_of, external_ids_of, item_by_id, item_ids_of
from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.files.models import MediaFileEpisode
from mediastead.metadata.facts import EpisodeFacts, ItemFacts, SeasonFacts
from mediastead.metadata.items import StoredItem, next_refresh, store_item

from .rows import add_matched_file

FILM = ItemFacts(
    type=ItemType.MOVIE,
    tmdb_id=603,
    title="The Matrix",
    original_title="The Matrix",
    alternative_titles=("Matriisi", "Матрица"),
    release_date=date(1999, 3, 30),
    year=1999,
    runtime=136,
    genres=("Action",),
    cast=("Keanu Reeves",),
    rating=8.2,
    external_ids={"imdb": "tt0133093"},
)


def series(*seasons: int, tmdb_id: int = 1399, ended: bool = False) -> ItemFacts:
    """A series whose seasons, from 1 on, have so many episodes."""
    return ItemFacts(
        type=ItemType.SERIES,
        tmdb_id=tmdb_id,
        title=f"Series {tmdb_id}",
        ended=ended,
        seasons=tuple(
            SeasonFacts(
                number=number,
                episodes=tuple(EpisodeFacts(number=each, title=f"{number}x{each}") for each in range(1, count + 1)),
            )
            for number, count in enumerate(seasons, 1)
        ),
    )


async def store(database: Database, clock: SetClock, facts: ItemFacts) -> StoredItem:
    async with database.write() as session:
        return await store_item(session, facts, clock.now())


async def test_a_film_is_stored_with_its_ids_and_can_be_found_by_any_of_its_titles(database: Database, clock: SetClock):
    stored = await store(database, clock, FILM)
    async with database.read() as session:
        item = await item_by_id(session, stored.item_id)
        assert await external_ids_of(session, stored.item_id) == {"imdb": "tt0133093"}
        assert await item_ids_of(session, [(ItemType.MOVIE, 603), (ItemType.SERIES, 603)]) == {
            (ItemType.MOVIE, 603): stored.item_id
        }
        keys = (await session.execute(select(MediaItem.sort_key, MediaItem.search_text))).one()
    assert item is not None
    assert (item.title, item.year, item.release_date, item.cast) == (
        "The Matrix",
        1999,
        date(1999, 3, 30),
        ["Keanu Reeves"],
    )
    assert item.refresh_due_at == next_refresh(FILM, clock.now())
    assert tuple(keys) == ("matrix the", "the matrix matriisi матрица")


async def test_a_name_of_any_length_is_stored_and_found(database: Database, clock: SetClock):
    # Letters that do not repeat: nothing can be pressed into an index of less than it is.
    long = random.Random(1).choices("abcdefghijklmnopqrstuvwxyzäöüéè千と神隠し", k=20_000)
    facts = structs.replace(FILM, title="".join(long))
    known = await store(database, clock, facts)
    async with database.read() as session:
        item = await item_by_id(session, known.item_id)
    assert item is not None and item.title == facts.title
    assert not (await store(database, clock, facts)).changed


async def test_the_same_facts_again_write_nothing(database: Database, clock: SetClock):
    first = await store(database, clock, series(2, 3))
    clock.advance(timedelta(days=1))
    again = await store(database, clock, series(2, 3))
    assert first.changed and not again.changed
    assert again.item_id == first.item_id and again.episodes == first.episodes
    async with database.read() as session:
        item = await item_by_id(session, first.item_id)
    assert item is not None and item.refreshed_at == clock.now() - timedelta(days=1)


async def test_new_episodes_are_added_and_known_ones_keep_their_ids(database: Database, clock: SetClock):
    first = await store(database, clock, series(2))
    more = await store(database, clock, series(3, 1))
    assert more.added == {(1, 3), (2, 1)}
    assert all(more.episodes[at] == first.episodes[at] for at in first.episodes)
    async with database.read() as session:
        assert [(each.season, each.number, each.title) for each in await episodes_of(session, more.item_id)] == [
            (1, 1, "1x1"), (1, 2, "1x2"), (1, 3, "1x3"), (2, 1, "2x1"),
        ]  # fmt: skip


async def test_an_episode_that_vanished_is_removed_unless_a_file_holds_it(database: Database, clock: SetClock):
    first = await store(database, clock, series(2, 2))
    async with database.write() as session:
        file_id = await add_matched_file(session, clock.now(), first.item_id)
        await session.execute(insert(MediaFileEpisode).values(file_id=file_id, episode_id=first.episodes[2, 2]))
    fewer = await store(database, clock, series(1))
    assert fewer.episodes == {(1, 1): first.episodes[1, 1], (2, 2): first.episodes[2, 2]}
    gone = await store(database, clock, series(2))
    assert (2, 2) in gone.episodes


async def test_a_season_that_vanished_goes_with_its_episodes(database: Database, clock: SetClock):
    await store(database, clock, series(1, 1))
    await store(database, clock, series(1))
    async with database.read() as session:
        assert list((await session.execute(select(Season.number))).scalars()) == [1]


async def test_two_writers_of_one_series_make_one_series(database: Database, clock: SetClock):
    both = await asyncio.gather(*(store(database, clock, series(30, 30)) for _ in range(4)))
    assert len({one.item_id for one in both}) == 1
    assert all(one.episodes == both[0].episodes for one in both)
    async with database.read() as session:
        counts = [
            await session.scalar(select(func.count()).select_from(table)) for table in (MediaItem, Season, Episode)
        ]
    assert counts == [1, 2, 60]


async def test_writers_of_many_titles_wait_for_each_other(database: Database, clock: SetClock):
    async def store_all() -> set[int]:
        async with database.write() as session:
            stored = [await store_item(session, series(3, tmdb_id=number), clock.now()) for number in range(1, 9)]
        return {one.item_id for one in stored}

    first, *others = await asyncio.gather(*(store_all() for _ in range(4)))
    assert len(first) == 8 and all(other == first for other in others)


async def test_an_id_elsewhere_that_changed_is_replaced(database: Database, clock: SetClock):
    await store(database, clock, FILM)
    await store(
        database, clock, ItemFacts(type=ItemType.MOVIE, tmdb_id=603, title="The Matrix", external_ids={"imdb": "tt1"})
    )
    async with database.read() as session:
        assert list((await session.execute(select(ExternalId.value))).scalars()) == ["tt1"]


@pytest.mark.parametrize(
    ("facts", "days"),
    [
        (FILM, 30),
        (ItemFacts(type=ItemType.MOVIE, tmdb_id=97, title="New", release_date=date(2026, 2, 1)), 7),
        (ItemFacts(type=ItemType.MOVIE, tmdb_id=97, title="Undated"), 7),
        (series(1, ended=True), 30),
        (series(1), 1),
        (
            ItemFacts(
                type=ItemType.SERIES,
                tmdb_id=97,
                title="Airing",
                seasons=(SeasonFacts(number=1, episodes=(EpisodeFacts(number=1, air_date=date(2026, 3, 4)),)),),
            ),
            0.5,
        ),
    ],
)
def test_what_still_changes_is_asked_for_sooner(clock: SetClock, facts: ItemFacts, days: float):
    wait = next_refresh(facts, clock.now()) - clock.now()
    assert timedelta(days=days) <= wait <= timedelta(days=days) * 1.1
