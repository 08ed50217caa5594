"""Items are brought up to date: those that are due, by whichever server claims them, or one that a person points at."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeAlias

import structlog
from msgspec import Struct
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import MediaItem
from ..catalog.queries import DueItem, due_items, external_ids_of, item_by_id, items_locked
from ..catalog.types import GoneReason, ItemType
from ..clock import Clock
from ..db.engine import Database
from .errors import ItemNotFound, MadeByHand, NoSuchItem, ProviderMisbehaved, ProviderUnavailable
from .facts import ItemFacts
from .gone import Successor, is_another_title, mark_gone, now_under_its_id, successors_of
from .items import next_refresh, store_item
from .provider import CatalogProvider

OnNewEpisodes: TypeAlias = Callable[[AsyncSession, int], Awaitable[None]]
"""Called with the TMDB id of a series that got new episodes, in the transaction that stored them."""

CLAIM = timedelta(minutes=15)
"""How long a claimed item is nobody else's; its server died if nothing was recorded by then."""
AFTER_NEWS = timedelta(days=1)
"""After an id was found gone for the first time: it may have been a mistake of the provider's."""
AFTER_GONE = timedelta(days=30)
"""An id that the provider no longer has may come back, but nobody waits for it."""
AFTER_STRANGE = timedelta(hours=6)
AT_ONCE = 4
"""Items that are asked for at the same time: what identification asks goes on beside them."""
LOT = 50

log = structlog.get_logger(__name__)


class Refreshed(Struct, frozen=True, kw_only=True):
    """How the refresh of one item went."""

    changed: bool = False
    error: str | None = None
    """Why it failed; recorded with the item."""


async def refresh_item(
    database: Database, provider: CatalogProvider, clock: Clock, on_new_episodes: OnNewEpisodes, item_id: int
) -> Refreshed:
    """Ask for one item anew and store what came. Raises `NoSuchItem`, `MadeByHand`, `ProviderUnavailable`."""
    async with database.read() as session:
        item = await item_by_id(session, item_id)
    if item is None:
        raise NoSuchItem(item_id)
    if item.tmdb_id is None:
        raise MadeByHand(f"{item.title} was made by hand: there is nobody to ask about it. Link it to a TMDB id first.")
    return await _refresh(database, provider, clock, on_new_episodes, item_id, (item.type, item.tmdb_id))


async def refresh_due(
    database: Database,
    provider: CatalogProvider,
    clock: Clock,
    stop: asyncio.Event,
    *,
    on_new_episodes: OnNewEpisodes,
) -> int:
    """Refresh what is due until nothing is, `stop` is set or the provider cannot be asked; gives how many were refreshed.

    An item is claimed by moving its due time on, where it still is what was read: of two servers one succeeds.
    """
    done = 0
    while not stop.is_set():
        async with database.read() as session:
            due = await due_items(session, clock.now(), LOT)
        if not due:
            break
        claimed = await _claim(database, clock.now(), due)
        waiting = asyncio.Semaphore(AT_ONCE)
        refreshed = await asyncio.gather(
            *(_refresh_claimed(database, provider, clock, on_new_episodes, stop, waiting, item) for item in claimed)
        )
        done += sum(refreshed)
        if not all(refreshed):
            break
    return done


async def _claim(database: Database, now: datetime, due: list[DueItem]) -> list[DueItem]:
    claimed: list[DueItem] = []
    async with database.write() as session:
        for item in due:
            unclaimed = (MediaItem.id == item.id, MediaItem.refresh_due_at == item.due_at)
            mine = update(MediaItem).where(*unclaimed).values(refresh_due_at=now + CLAIM).returning(MediaItem.id)
            if (await session.execute(mine)).one_or_none():
                claimed.append(item)
    return claimed


async def _refresh_claimed(
    database: Database,
    provider: CatalogProvider,
    clock: Clock,
    on_new_episodes: OnNewEpisodes,
    stop: asyncio.Event,
    waiting: asyncio.Semaphore,
    item: DueItem,
) -> bool:
    async with waiting:
        if not stop.is_set():
            try:
                await _refresh(database, provider, clock, on_new_episodes, item.id, (item.type, item.tmdb_id))
                return True
            except ProviderUnavailable:
                pass  # kept in provider_state, where people see it; the item stays due
        async with database.write() as session:
            await session.execute(update(MediaItem).where(MediaItem.id == item.id).values(refresh_due_at=item.due_at))
        return False


async def _refresh(
    database: Database,
    provider: CatalogProvider,
    clock: Clock,
    on_new_episodes: OnNewEpisodes,
    item_id: int,
    title: tuple[ItemType, int],
) -> Refreshed:
    try:
        facts = await provider.fresh_item(*title)
    except ItemNotFound as error:
        return await _gone(database, provider, clock, item_id, title, GoneReason.DELETED, error.detail, [])
    except ProviderMisbehaved as error:
        return await _failed(database, item_id, error.detail, clock.now() + AFTER_STRANGE)
    async with database.read() as session:
        item = await item_by_id(session, item_id)
        another = item is not None and is_another_title(item, await external_ids_of(session, item_id), facts)
    if another:
        told = f"{provider.name} has another title under this id now: {facts.title} ({facts.year})."
        there = [now_under_its_id(facts)]
        return await _gone(database, provider, clock, item_id, title, GoneReason.REWRITTEN, told, there)
    async with database.write() as session:
        return await _record(session, clock.now(), on_new_episodes, item_id, facts)


async def _gone(
    database: Database,
    provider: CatalogProvider,
    clock: Clock,
    item_id: int,
    title: tuple[ItemType, int],
    reason: GoneReason,
    told: str,
    there: list[Successor],
) -> Refreshed:
    """Mark an item, with what it may be now; `there` is what the provider has under its id."""
    async with database.read() as session:
        item = await item_by_id(session, item_id)
        external_ids = await external_ids_of(session, item_id)
    successors: list[Successor] | None = None
    if item is not None:
        # That the id is gone is known; what it may be now is then asked with the next refresh, which is soon.
        with suppress(ProviderMisbehaved, ProviderUnavailable):
            successors = [*there, *await successors_of(provider, item, external_ids)]
    log.warning("the provider no longer has an item", item_id=item_id, reason=reason.value, told=told)
    now = clock.now()
    async with database.write() as session:
        item = (await items_locked(session, [item_id])).get(item_id)
        if item is None or (item.type, item.tmdb_id) != title:
            return Refreshed()  # merged or linked elsewhere while the provider was asked
        wait = AFTER_STRANGE if successors is None else AFTER_NEWS if item.gone_since is None else AFTER_GONE
        await mark_gone(session, now, item, reason, told=told, due_at=now + wait, successors=successors)
    return Refreshed(error=told)


async def _record(
    session: AsyncSession, now: datetime, on_new_episodes: OnNewEpisodes, item_id: int, facts: ItemFacts
) -> Refreshed:
    item = (await items_locked(session, [item_id])).get(item_id)
    if item is None or (item.type, item.tmdb_id) != (facts.type, facts.tmdb_id):
        return Refreshed()  # merged or linked elsewhere while the provider was asked
    stored = await store_item(session, facts, now)
    if stored.another_title:
        return Refreshed(error="The provider has another title under this id now.")
    refreshed = {"refreshed_at": now, "refresh_due_at": next_refresh(facts, now), "refresh_error": None}
    await session.execute(update(MediaItem).where(MediaItem.id == item_id).values(**refreshed))
    if stored.added:
        await on_new_episodes(session, facts.tmdb_id)
    return Refreshed(changed=stored.changed)


async def _failed(database: Database, item_id: int, error: str, due_at: datetime) -> Refreshed:
    log.warning("refresh failed", item_id=item_id, error=error)
    async with database.write() as session:
        failed = {"refresh_error": error, "refresh_due_at": due_at}
        await session.execute(update(MediaItem).where(MediaItem.id == item_id).values(**failed))
    return Refreshed(error=error)
