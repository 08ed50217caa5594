"""A provider's trouble is kept once, waited out, and gone with the first answer."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.models import Event
from mediastead.metadata.cached import STRANGE_ANSWERS, CachedProvider
from mediastead.metadata.choose import make_provider
from mediastead.metadata.errors import ProviderMisbehaved, ProviderTrouble, ProviderUnavailable
from mediastead.metadata.facts import ItemFacts
from mediastead.metadata.queries import ProviderWait, waiting_for
from mediastead.metadata.state import FIRST_RETRY, LONGEST_RETRY
from mediastead.settings_read import load_settings

from .scripted import Scripted

MOVIE = ItemType.MOVIE


@pytest.fixture
def inner() -> Scripted:
    return Scripted(ItemFacts(type=MOVIE, tmdb_id=603, title="The Matrix"))


def cached(inner: Scripted, database: Database, clock: SetClock, settings: str = "one") -> CachedProvider:
    return CachedProvider(inner, database, clock, language="en-US", settings_digest=settings)


@pytest.fixture
def provider(inner: Scripted, database: Database, clock: SetClock) -> CachedProvider:
    return cached(inner, database, clock)


def unavailable(trouble: ProviderTrouble = ProviderTrouble.DOWN, **more: Any) -> ProviderUnavailable:
    return ProviderUnavailable(f"It is {trouble.value}.", provider="tmdb", trouble=trouble, **more)


async def refused(provider: CachedProvider, tmdb_id: int = 603) -> ProviderUnavailable:
    with pytest.raises(ProviderUnavailable) as raised:
        await provider.item(MOVIE, tmdb_id)
    return raised.value


async def wait(database: Database) -> ProviderWait | None:
    async with database.read() as session:
        return await waiting_for(session, "tmdb")


async def events(database: Database) -> list[str]:
    async with database.read() as session:
        return list((await session.execute(select(Event.kind).order_by(Event.id))).scalars())


async def test_nothing_is_waited_for_while_it_answers(provider: CachedProvider, database: Database):
    await provider.item(MOVIE, 603)
    assert await wait(database) is None and await provider.refusal() is None
    assert await events(database) == []


async def test_trouble_is_recorded_once_and_nobody_asks_until_it_is_time(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock
):
    inner.error = unavailable()
    first = await refused(provider)
    second = await refused(provider, 604)
    assert inner.calls == 1
    assert first.retry_at == second.retry_at == clock.now() + FIRST_RETRY
    assert await wait(database) == ProviderWait(
        provider="tmdb",
        trouble=ProviderTrouble.DOWN,
        detail="It is down.",
        since=clock.now(),
        retry_at=clock.now() + FIRST_RETRY,
    )
    refusal = await provider.refusal()
    assert refusal is not None and refusal.trouble is ProviderTrouble.DOWN
    assert await events(database) == ["provider.trouble"]


async def test_the_wait_grows_up_to_an_hour(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock
):
    inner.error = unavailable()
    began, waits = clock.now(), list[timedelta]()
    for _ in range(10):
        error = await refused(provider)
        assert error.retry_at is not None
        waits.append(error.retry_at - clock.now())
        clock.advance(waits[-1])
    assert waits[:4] == [FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY, 8 * FIRST_RETRY]
    assert waits[-1] == LONGEST_RETRY and sorted(waits) == waits
    kept = await wait(database)
    assert kept is not None and kept.since == began
    assert inner.calls == 10 and await events(database) == ["provider.trouble"]


async def test_many_questions_that_fail_together_count_once(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock
):
    inner.error = unavailable()
    inner.gate.clear()
    called = asyncio.Event()
    inner.on_call = lambda: called.set() if inner.calls == 5 else None
    asking = [asyncio.create_task(refused(provider, number)) for number in range(5)]
    await called.wait()
    inner.gate.set()
    errors = await asyncio.gather(*asking)
    assert {error.retry_at for error in errors} == {clock.now() + FIRST_RETRY}
    assert await events(database) == ["provider.trouble"]


async def test_the_first_answer_ends_it(provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock):
    inner.error = unavailable()
    await refused(provider)
    clock.advance(FIRST_RETRY)
    inner.error = None
    await provider.item(MOVIE, 603)
    assert await wait(database) is None
    assert await events(database) == ["provider.trouble", "provider.recovered"]
    inner.error = unavailable()
    assert (await refused(provider, 604)).retry_at == clock.now() + FIRST_RETRY


async def test_another_server_waits_as_well_and_sees_the_recovery(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock
):
    inner.error = unavailable()
    await refused(provider)
    other = cached(inner, database, clock)
    await refused(other)
    assert inner.calls == 1
    clock.advance(FIRST_RETRY)
    inner.error = None
    await other.item(MOVIE, 603)
    await provider.item(MOVIE, 603)
    assert await events(database) == ["provider.trouble", "provider.recovered"]


async def test_a_limit_is_waited_for_as_long_as_it_says(provider: CachedProvider, inner: Scripted, clock: SetClock):
    inner.error = unavailable(ProviderTrouble.LIMITED, retry_at=clock.now() + timedelta(minutes=10))
    assert (await refused(provider)).retry_at == clock.now() + timedelta(minutes=10)
    clock.advance(timedelta(minutes=9))
    await refused(provider)
    assert inner.calls == 1


async def test_a_refused_key_is_tried_each_hour(provider: CachedProvider, inner: Scripted, clock: SetClock):
    inner.error = unavailable(ProviderTrouble.UNAUTHORIZED)
    assert (await refused(provider)).retry_at == clock.now() + LONGEST_RETRY
    clock.advance(LONGEST_RETRY)
    await refused(provider)
    assert inner.calls == 2


async def test_a_missing_key_is_never_retried_by_itself(provider: CachedProvider, inner: Scripted, clock: SetClock):
    inner.error = unavailable(ProviderTrouble.NOT_CONFIGURED)
    assert (await refused(provider)).retry_at is None
    clock.advance(timedelta(days=30))
    await refused(provider)
    assert inner.calls == 1


@pytest.mark.parametrize("trouble", ProviderTrouble)
async def test_other_settings_are_tried_at_once(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock, trouble: ProviderTrouble
):
    inner.error = unavailable(trouble)
    await refused(provider)
    inner.error = None
    restarted = cached(inner, database, clock, "two")
    assert await restarted.refusal() is None
    await restarted.item(MOVIE, 603)
    assert await wait(database) is None


async def test_trouble_of_another_kind_is_told_anew(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock
):
    inner.error = unavailable()
    await refused(provider)
    clock.advance(FIRST_RETRY)
    inner.error = unavailable(ProviderTrouble.UNAUTHORIZED)
    await refused(provider)
    kept = await wait(database)
    assert kept is not None and (kept.trouble, kept.since) == (ProviderTrouble.UNAUTHORIZED, clock.now())
    assert await events(database) == ["provider.trouble", "provider.trouble"]


async def test_one_strange_answer_is_no_trouble_but_many_in_a_row_are(
    provider: CachedProvider, inner: Scripted, database: Database
):
    inner.error = ProviderMisbehaved("Strange.")
    for number in range(STRANGE_ANSWERS - 1):
        with pytest.raises(ProviderMisbehaved):
            await provider.item(MOVIE, number)
    assert await wait(database) is None
    assert (await refused(provider)).trouble is ProviderTrouble.DOWN
    assert (await provider.refusal()) is not None


async def test_tmdb_without_a_key_says_which_setting_is_missing(database: Database, clock: SetClock, tmp_path):
    settings = load_settings({"MEDIASTEAD_DATA_DIR": str(tmp_path)})
    provider = make_provider(settings, database, clock)
    with pytest.raises(ProviderUnavailable, match="MEDIASTEAD_TMDB_API_KEY"):
        await provider.search(MOVIE, "matrix")
    kept = await wait(database)
    assert kept is not None and kept.trouble is ProviderTrouble.NOT_CONFIGURED
    provider.close()


async def test_the_bundled_catalogue_is_given_where_it_is_asked_for_only(database: Database, clock: SetClock, tmp_path):
    environ = {"MEDIASTEAD_DATA_DIR": str(tmp_path)}
    bundled = make_provider(load_settings(environ | {"MEDIASTEAD_METADATA": "bundled"}), database, clock)
    tmdb = make_provider(load_settings(environ), database, clock)
    assert (bundled.name, tmdb.name) == ("bundled", "tmdb")
    tmdb.close()
