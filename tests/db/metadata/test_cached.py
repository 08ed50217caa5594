"""Answers are kept as long as they are worth, asked for once, and given while the provider is down."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import QueuePool, func, select, update

from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.metadata.cached import (
    HITS_KEPT,
    ITEM_KEPT,
    MEMORY_ANSWERS,
    MEMORY_KEPT,
    NOTHING_KEPT,
    ORDERS_KEPT,
    CachedProvider,
    drop_expired,
)
from mediastead.metadata.errors import (
    ItemNotFound,
    OrderNotFound,
    ProviderMisbehaved,
    ProviderTrouble,
    ProviderUnavailable,
)
from mediastead.metadata.facts import EpisodeFacts, ItemFacts, Order, OrderType, SeasonFacts
from mediastead.metadata.models import ApiCache
from mediastead.metadata.origin import Origin, Sourced
from mediastead.metadata.provider import CatalogProvider
from mediastead.metadata.stored import CatalogFirst

from .scripted import Scripted

MOVIE, SERIES = ItemType.MOVIE, ItemType.SERIES
MATRIX = ItemFacts(type=MOVIE, tmdb_id=603, title="The Matrix", year=1999, external_ids={"imdb": "tt0133093"})
SHOW = ItemFacts(
    type=SERIES, tmdb_id=1, title="Show", seasons=(SeasonFacts(number=1, episodes=(EpisodeFacts(number=1),)),)
)
SECOND = timedelta(seconds=1)


@pytest.fixture
def inner() -> Scripted:
    return Scripted(MATRIX, SHOW)


def cached(inner: Scripted, database: Database, clock: SetClock, language: str = "en-US") -> CachedProvider:
    return CachedProvider(inner, database, clock, language=language, settings_digest="same")


@pytest.fixture
def provider(inner: Scripted, database: Database, clock: SetClock) -> CachedProvider:
    return cached(inner, database, clock)


def test_it_keeps_the_interface(provider: CachedProvider, inner: Scripted):
    assert isinstance(provider, CatalogProvider) and provider.name == "tmdb"
    provider.close()
    assert inner.closed


async def test_the_same_question_is_asked_once(provider: CachedProvider, inner: Scripted):
    answers = [await provider.item(MOVIE, 603) for _ in range(3)]
    hits = [await provider.search(MOVIE, text) for text in ("matrix", "Matrix", "  matrix ")]
    assert answers == [MATRIX] * 3 and hits[0] == hits[1] == hits[2]
    assert inner.calls == provider.calls == 2


async def test_other_questions_are_other_questions(provider: CachedProvider, inner: Scripted):
    await provider.search(MOVIE, "matrix")
    await provider.search(SERIES, "matrix")
    await provider.search(MOVIE, "matrix", year=1999)
    await provider.find("imdb", "tt0133093")
    await provider.find("tvdb", "tt0133093")
    assert inner.calls == 5


async def test_answers_outlive_the_process(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock
):
    first = [
        await provider.item(SERIES, 1),
        await provider.search(MOVIE, "matrix"),
        await provider.find("imdb", "tt0133093"),
    ]
    next_one = cached(inner, database, clock)
    again = [
        await next_one.item(SERIES, 1),
        await next_one.search(MOVIE, "matrix"),
        await next_one.find("imdb", "tt0133093"),
    ]
    assert first == again and inner.calls == 3


async def test_an_answer_in_another_language_is_another_answer(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock
):
    await provider.item(MOVIE, 603)
    await cached(inner, database, clock, "de-DE").item(MOVIE, 603)
    assert inner.calls == 2


@pytest.mark.parametrize(("query", "kept"), [("matrix", HITS_KEPT), ("nothing like it", NOTHING_KEPT)])
async def test_a_search_is_kept_for_its_time(
    provider: CachedProvider, inner: Scripted, clock: SetClock, query: str, kept: timedelta
):
    await provider.search(MOVIE, query)
    clock.advance(kept - SECOND)
    await provider.search(MOVIE, query)
    assert inner.calls == 1
    clock.advance(SECOND)
    await provider.search(MOVIE, query)
    assert inner.calls == 2


async def test_an_item_is_kept_for_a_week_and_a_missing_one_for_hours(
    provider: CachedProvider, inner: Scripted, clock: SetClock
):
    async def ask_both() -> None:
        await provider.item(MOVIE, 603)
        with pytest.raises(ItemNotFound):
            await provider.item(MOVIE, 604)

    await ask_both()
    await ask_both()
    assert inner.calls == 2
    clock.advance(NOTHING_KEPT)
    await ask_both()
    assert inner.calls == 3
    clock.advance(ITEM_KEPT - NOTHING_KEPT)
    await ask_both()
    assert inner.calls == 5


async def test_fresh_facts_are_asked_for_and_then_kept(provider: CachedProvider, inner: Scripted):
    await provider.item(SERIES, 1)
    changed = ItemFacts(type=SERIES, tmdb_id=1, title="Show, renamed")
    inner.items[SERIES, 1] = changed
    assert (await provider.item(SERIES, 1)).title == "Show"
    assert await provider.fresh_item(SERIES, 1) == changed
    assert await provider.item(SERIES, 1) == changed
    assert inner.calls == 2


async def test_what_another_server_refreshed_is_seen_within_minutes(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock
):
    await provider.item(SERIES, 1)
    inner.items[SERIES, 1] = ItemFacts(type=SERIES, tmdb_id=1, title="Show, renamed")
    await cached(inner, database, clock).fresh_item(SERIES, 1)
    clock.advance(MEMORY_KEPT)
    assert (await provider.item(SERIES, 1)).title == "Show, renamed"


async def test_all_who_ask_at_once_wait_for_one_answer(provider: CachedProvider, inner: Scripted):
    inner.gate.clear()
    asking = [asyncio.create_task(provider.item(MOVIE, 603)) for _ in range(20)]
    await asyncio.sleep(0.05)
    inner.gate.set()
    assert await asyncio.gather(*asking) == [MATRIX] * 20
    assert inner.calls == 1


async def test_who_gives_up_waiting_takes_the_answer_from_nobody(provider: CachedProvider, inner: Scripted):
    called = asyncio.Event()
    inner.on_call = called.set
    inner.gate.clear()
    first = asyncio.create_task(provider.item(MOVIE, 603))
    await called.wait()
    second = asyncio.create_task(provider.item(MOVIE, 603))
    await asyncio.sleep(0.05)
    first.cancel()
    inner.gate.set()
    assert await second == MATRIX
    assert inner.calls == 1 and first.cancelled()


async def test_an_error_is_told_to_all_who_asked_and_not_kept(provider: CachedProvider, inner: Scripted):
    inner.error = ProviderMisbehaved("strange")
    results = await asyncio.gather(*(provider.item(MOVIE, 603) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(result, ProviderMisbehaved) for result in results)
    inner.error = None
    assert await provider.item(MOVIE, 603) == MATRIX


async def test_no_transaction_is_open_while_the_provider_is_asked(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock
):
    called = asyncio.Event()
    inner.on_call = called.set
    inner.gate.clear()
    question = asyncio.create_task(provider.item(MOVIE, 603))
    await called.wait()
    assert _checked_out(database) == 0
    async with database.write() as session:
        await drop_expired(session, clock.now())
    inner.gate.set()
    assert await question == MATRIX


async def test_an_answer_that_an_older_version_kept_otherwise_is_asked_for_anew(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock
):
    await provider.item(MOVIE, 603)
    for body in (b"no zlib", b"x\x9c\xabV*I-.Q\xb2R*\xcfH,Q\xaa\x05\x00*\xb5\x05\x15"):
        async with database.write() as session:
            await session.execute(update(ApiCache).values(body=body))
        assert await cached(inner, database, clock).item(MOVIE, 603) == MATRIX
    assert inner.calls == 3


@pytest.mark.parametrize("query", ["a" * 5000, "nul\0byte", "half \ud800 letter", "千" * 300])
async def test_any_text_can_be_asked_and_kept(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock, query: str
):
    assert await provider.search(MOVIE, query) == []
    assert await cached(inner, database, clock).search(MOVIE, query) == []
    assert inner.calls == 1


async def test_what_an_asker_does_with_its_list_changes_nobody_elses(provider: CachedProvider):
    (await provider.search(MOVIE, "matrix")).clear()
    assert len(await provider.search(MOVIE, "matrix")) == 1


async def test_memory_holds_so_many_answers(provider: CachedProvider, inner: Scripted, database: Database):
    inner.error = None
    for number in range(MEMORY_ANSWERS + 1):
        provider._remember(f"k{number}", [], provider._clock.now() + HITS_KEPT, provider._clock.now())
    assert len(provider._memory) == MEMORY_ANSWERS and "k0" not in provider._memory


async def test_expired_answers_are_cleaned_up(provider: CachedProvider, database: Database, clock: SetClock):
    await provider.search(MOVIE, "matrix")
    await provider.item(MOVIE, 603)
    clock.advance(HITS_KEPT)
    async with database.write() as session:
        assert await drop_expired(session, clock.now()) == 1
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(ApiCache)) == 1


async def test_what_is_kept_is_answered_while_the_provider_is_down(
    provider: CachedProvider, inner: Scripted, database: Database, clock: SetClock
):
    await provider.item(MOVIE, 603)
    inner.error = ProviderUnavailable("down", provider="tmdb", trouble=ProviderTrouble.DOWN)
    with pytest.raises(ProviderUnavailable):
        await provider.item(SERIES, 1)
    assert await cached(inner, database, clock).item(MOVIE, 603) == MATRIX
    with pytest.raises(ProviderUnavailable):
        await provider.item(SERIES, 1)
    assert inner.calls == 2


def _checked_out(database: Database) -> int:
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


async def test_orders_are_kept_for_an_hour_and_an_unknown_one_as_well(
    provider: CachedProvider, inner: Scripted, clock: SetClock
):
    dvd = Order(group_id="5ad2557a0e0a266c25015a52", name="DVD Order", type=OrderType.DVD)
    inner.of_series[1] = [dvd]
    for _ in range(2):
        assert [each.group_id for each in await provider.orders(1)] == [dvd.group_id]
        assert await provider.order(dvd.group_id) == dvd
        with pytest.raises(OrderNotFound):
            await provider.order("none")
    assert inner.calls == 3
    clock.advance(ORDERS_KEPT)
    assert await provider.order(dvd.group_id) == dvd
    assert inner.calls == 4


async def test_who_wants_to_know_is_told_whether_an_answer_was_at_hand(database: Database, clock: SetClock) -> None:
    inner = Scripted(MATRIX)
    provider = Sourced(cached(inner, database, clock))
    await provider.search(ItemType.MOVIE, "The Matrix", year=1999)
    assert provider.origin is Origin.ASKED
    await provider.search(ItemType.MOVIE, "The Matrix", year=1999)
    assert provider.origin is Origin.CACHE
    again = Sourced(cached(inner, database, clock))
    await again.search(ItemType.MOVIE, "The Matrix", year=1999)
    assert (again.origin, inner.calls) == (Origin.CACHE, 1)
    with pytest.raises(ItemNotFound):
        await again.item(ItemType.MOVIE, 4711)
    assert again.origin is Origin.ASKED
    at_hand = Sourced(CatalogFirst(again, {(ItemType.MOVIE, 603): MATRIX}))
    await at_hand.item(ItemType.MOVIE, 603)
    assert at_hand.origin is Origin.CATALOG
