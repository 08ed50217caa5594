"""Items are brought up to date when they are due, each by one server."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from mediastead.catalog.models import MediaItem
from mediastead.catalog.queries import StoredFacts, item_by_id
from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.metadata.errors import (
    MadeByHand,
    NoSuchItem,
    ProviderMisbehaved,
    ProviderTrouble,
    ProviderUnavailable,
)
from mediastead.metadata.facts import ItemFacts
from mediastead.metadata.items import next_refresh, store_by_name, store_item
from mediastead.metadata.refreshing import AFTER_GONE, AFTER_NEWS, AFTER_STRANGE, CLAIM, refresh_due, refresh_item

from .scripted import Scripted
from .test_linking import by_hand
from .test_store_item import FILM, series

DOWN = ProviderUnavailable("down", provider="tmdb", trouble=ProviderTrouble.DOWN)


class Told:
    """Notes the series that got new episodes."""

    def __init__(self) -> None:
        self.series: list[int] = []

    async def __call__(self, session: AsyncSession, tmdb_id: int) -> None:
        assert session.in_transaction()
        self.series.append(tmdb_id)


@pytest.fixture
def told() -> Told:
    return Told()


async def add(database: Database, clock: SetClock, *titles: ItemFacts) -> list[int]:
    async with database.write() as session:
        return [(await store_item(session, facts, clock.now())).item_id for facts in titles]


async def item(database: Database, item_id: int) -> StoredFacts:
    async with database.read() as session:
        found = await item_by_id(session, item_id)
    assert found is not None
    return found


async def refresh(database: Database, provider: Scripted, clock: SetClock, told: Told) -> int:
    return await refresh_due(database, provider, clock, asyncio.Event(), on_new_episodes=told)


async def test_nothing_is_asked_before_it_is_due(database: Database, clock: SetClock, told: Told):
    await add(database, clock, series(1), FILM)
    provider = Scripted(series(1), FILM)
    clock.advance(timedelta(hours=23))
    assert await refresh(database, provider, clock, told) == 0
    assert provider.calls == 0


async def test_a_title_that_is_known_by_name_alone_is_due_at_once(database: Database, clock: SetClock, told: Told):
    known, _ = await add(database, clock, series(1), series(1))
    async with database.write() as session:
        now = clock.now()
        new = await store_by_name(session, now, ItemType.MOVIE, 603, "Matrix", 1999)
        assert await store_by_name(session, now, ItemType.MOVIE, 603, "Another", None) == new
        assert await store_by_name(session, now, ItemType.SERIES, series(1).tmdb_id, "Another", None) == known
    assert (await item(database, known)).title == series(1).title
    assert await refresh(database, Scripted(FILM), clock, told) == 1
    assert ((await item(database, new)).title, (await item(database, new)).runtime) == ("The Matrix", 136)


async def test_what_is_due_is_asked_for_and_due_again_later(database: Database, clock: SetClock, told: Told):
    running, _ = await add(database, clock, series(1), FILM)
    provider = Scripted(series(2), FILM)
    clock.advance(timedelta(days=2))
    assert await refresh(database, provider, clock, told) == 1
    assert await refresh(database, provider, clock, told) == 0
    after = await item(database, running)
    assert after.refreshed_at == clock.now() and after.refresh_due_at == next_refresh(series(2), clock.now())
    assert told.series == [1399]


async def test_facts_that_are_the_same_only_move_the_date(database: Database, clock: SetClock, told: Told):
    [item_id] = await add(database, clock, series(1))
    clock.advance(timedelta(days=2))
    assert await refresh(database, Scripted(series(1)), clock, told) == 1
    after = await item(database, item_id)
    assert after.refreshed_at == clock.now() and told.series == []


async def test_two_servers_never_refresh_the_same(database: Database, clock: SetClock, told: Told):
    titles = [series(1, tmdb_id=number) for number in range(1, 61)]
    await add(database, clock, *titles)
    clock.advance(timedelta(days=2))
    servers = [Scripted(*titles) for _ in range(3)]
    done = await asyncio.gather(*(refresh(database, server, clock, told) for server in servers))
    assert sum(done) == sum(server.calls for server in servers) == 60


async def test_an_item_whose_server_died_is_due_again(database: Database, clock: SetClock, told: Told):
    [item_id] = await add(database, clock, series(1))
    clock.advance(timedelta(days=2))
    async with database.write() as session:
        await session.execute(update(MediaItem).values(refresh_due_at=clock.now() + CLAIM))
    assert await refresh(database, Scripted(series(1)), clock, told) == 0
    clock.advance(CLAIM)
    assert await refresh(database, Scripted(series(1)), clock, told) == 1
    assert (await item(database, item_id)).refreshed_at == clock.now()


async def test_a_provider_that_is_down_leaves_everything_due(database: Database, clock: SetClock, told: Told):
    titles = [series(1, tmdb_id=number) for number in range(1, 11)]
    ids = await add(database, clock, *titles)
    before = [(await item(database, item_id)).refresh_due_at for item_id in ids]
    clock.advance(timedelta(days=2))
    provider = Scripted(*titles)
    provider.error = DOWN
    assert await refresh(database, provider, clock, told) == 0
    assert [(await item(database, item_id)).refresh_due_at for item_id in ids] == before
    provider.error = None
    assert await refresh(database, provider, clock, told) == 10


@pytest.mark.parametrize("gone", [True, False])
async def test_a_failure_of_one_item_is_recorded_with_it_and_put_off(
    database: Database, clock: SetClock, told: Told, gone: bool
):
    [item_id] = await add(database, clock, series(1))
    clock.advance(timedelta(days=2))
    provider = Scripted()
    provider.error = None if gone else ProviderMisbehaved("strange answer")
    await refresh(database, provider, clock, told)
    failed = await item(database, item_id)
    assert failed.refresh_error == ("no series 1399" if gone else "strange answer")
    assert failed.refresh_due_at == clock.now() + (AFTER_NEWS if gone else AFTER_STRANGE)
    clock.advance(AFTER_GONE)
    await refresh(database, Scripted(series(1)), clock, told)
    assert (await item(database, item_id)).refresh_error is None


async def test_stopping_ends_it(database: Database, clock: SetClock, told: Told):
    await add(database, clock, series(1))
    clock.advance(timedelta(days=2))
    stop, provider = asyncio.Event(), Scripted(series(1))
    stop.set()
    assert await refresh_due(database, provider, clock, stop, on_new_episodes=told) == 0
    assert provider.calls == 0


async def test_an_item_that_is_merged_while_the_provider_is_asked_is_let_be(
    database: Database, clock: SetClock, told: Told
):
    [item_id] = await add(database, clock, series(1))
    provider = Scripted(series(2))
    called = asyncio.Event()
    provider.on_call = called.set
    provider.gate.clear()
    refreshing = asyncio.create_task(refresh_item(database, provider, clock, told, item_id))
    await called.wait()
    async with database.write() as session:
        await session.execute(update(MediaItem).values(tmdb_id=2))
    provider.gate.set()
    assert not (await refreshing).changed
    async with database.read() as session:
        assert list((await session.execute(select(MediaItem.tmdb_id))).scalars()) == [2]


async def test_one_item_is_refreshed_by_hand(database: Database, clock: SetClock, told: Told):
    [item_id] = await add(database, clock, series(1))
    refreshed = await refresh_item(database, Scripted(series(3)), clock, told, item_id)
    assert refreshed.changed and refreshed.error is None and told.series == [1399]


async def test_what_nobody_can_be_asked_about_is_not_refreshed(database: Database, clock: SetClock, told: Told):
    mine = await by_hand(database, clock, ItemType.MOVIE)
    with pytest.raises(MadeByHand):
        await refresh_item(database, Scripted(), clock, told, mine)
    with pytest.raises(NoSuchItem):
        await refresh_item(database, Scripted(), clock, told, 999)
    clock.advance(timedelta(days=400))
    assert await refresh(database, Scripted(), clock, told) == 0
