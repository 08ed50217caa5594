"""What a person can ask for about titles: search, add, make and change by hand, link, refresh."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, zip_longest
from typing import Any, Protocol

from msgspec import UNSET, convert, structs
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.queries import StoredFacts, episodes_of, external_ids_of, item_by_id, item_ids_of, seasons_of
from ..catalog.types import GoneReason, ItemType
from ..clock import Clock
from ..db.engine import Database
from ..errors import Conflict, InvalidRequest
from . import by_hand
from .errors import NoSuchItem, ProviderTrouble, ProviderUnavailable
from .facts import Candidate
from .gone import Successor
from .items import store_item
from .linking import link_item
from .provider import Provider
from .refreshing import OnNewEpisodes
from .schemas import (
    EpisodeView,
    FoundTitle,
    FoundTitles,
    GoneView,
    ItemChange,
    ItemFields,
    ItemView,
    NewItem,
    SeasonEntry,
    SeasonView,
    SuccessorView,
)
from .tmdb import ATTRIBUTION, POSTERS, Tmdb


class MaybeGone(Protocol):
    """A row of an item with what is told of those that are gone."""

    @property
    def id(self) -> int: ...
    @property
    def gone_since(self) -> datetime | None: ...
    @property
    def gone_reason(self) -> str | None: ...
    @property
    def successors(self) -> list[dict[str, Any]] | None: ...
    @property
    def refresh_error(self) -> str | None: ...


IMDB_ID = re.compile(r"tt\d{5,10}")
PERSON_WAITS = 5.0
"""Seconds that a person is kept waiting for what a search finds."""


async def search(
    database: Database,
    provider: Provider,
    query: str,
    type: ItemType | None,
    year: int | None,
    *,
    seconds: float = PERSON_WAITS,
) -> FoundTitles:
    """Titles for a person to choose from; an IMDb id as `query` finds what carries it.

    Raises `ProviderUnavailable` where there is no answer within so many seconds: the provider has more patience for itself.
    """
    try:
        async with asyncio.timeout(seconds):
            found = await _candidates(provider, query, type, year)
    except TimeoutError:
        detail = f"{provider.name} did not answer within {seconds:.0f} seconds; try again in a moment."
        raise ProviderUnavailable(detail, provider=provider.name, trouble=ProviderTrouble.DOWN) from None
    async with database.read() as session:
        known = await item_ids_of(session, [(each.type, each.tmdb_id) for each in found])
    titles = [_found(each, known.get((each.type, each.tmdb_id)), provider.name) for each in found]
    shown = ATTRIBUTION if provider.name == Tmdb.name else None
    return FoundTitles(items=titles, provider=provider.name, attribution=shown)


async def _candidates(provider: Provider, query: str, type: ItemType | None, year: int | None) -> list[Candidate]:
    if IMDB_ID.fullmatch(query.strip()):
        return [each for each in await provider.find("imdb", query.strip()) if type in (None, each.type)]
    types = list(ItemType) if type is None else [type]
    lists = await asyncio.gather(*(provider.search(one, query, year=year) for one in types))
    # The best film, the best series, the second film, ...: the provider does not rank one against the other.
    return [each for each in chain.from_iterable(zip_longest(*lists)) if each is not None]


async def add_item(database: Database, provider: Provider, clock: Clock, actor: str, new: NewItem) -> ItemView:
    """Add a title of the provider's by its id, or make one by hand. Adding one that is there already gives that one."""
    if new.tmdb_id is UNSET:
        async with database.write() as session:
            return await item_view(session, await by_hand.create_item(session, clock.now(), actor, new))
    _refuse_fields(new)
    facts = await provider.item(new.type, new.tmdb_id)
    async with database.write() as session:
        return await item_view(session, (await store_item(session, facts, clock.now())).item_id)


async def change_item(
    database: Database,
    provider: Provider,
    clock: Clock,
    on_new_episodes: OnNewEpisodes,
    actor: str,
    item_id: int,
    change: ItemChange,
) -> ItemView:
    """Change an item made by hand, or link an item to the provider's id; gives the item that it is from then on."""
    if change.tmdb_id is not UNSET:
        _refuse_fields(change)
        return await _link(database, provider, clock, on_new_episodes, actor, item_id, change.tmdb_id)
    if change.title is UNSET and not _fields_in(change):
        raise InvalidRequest("Nothing to change was given; name at least one field.")
    async with database.write() as session:
        await by_hand.change_item(session, clock.now(), actor, item_id, change)
        return await item_view(session, item_id)


async def put_season(
    session: AsyncSession, clock: Clock, actor: str, item_id: int, number: int, entry: SeasonEntry
) -> SeasonView:
    await by_hand.put_season(session, clock.now(), actor, item_id, number, entry)
    season = next(one for one in await seasons_of(session, item_id) if one.number == number)
    episodes = [
        EpisodeView(**{name: getattr(episode, name) for name in EpisodeView.__struct_fields__})
        for episode in await episodes_of(session, item_id)
        if episode.season == number
    ]
    shown = ("id", "number", "title", "air_date", "overview")
    return SeasonView(episodes=episodes, **{name: getattr(season, name) for name in shown})


async def item_view(session: AsyncSession, item_id: int) -> ItemView:
    """Raises `NoSuchItem`."""
    item = await item_by_id(session, item_id)
    if item is None:
        raise NoSuchItem(item_id)
    external_ids = await external_ids_of(session, item_id)
    shown = (name for name in ItemView.__struct_fields__ if name in StoredFacts.__struct_fields__)
    gone = (await gone_views(session, [item])).get(item_id)
    return ItemView(external_ids=external_ids, gone=gone, **{name: getattr(item, name) for name in shown})


async def gone_views(session: AsyncSession, items: Iterable[MaybeGone]) -> dict[int, GoneView]:
    """Of those items that are gone: since when, why, and what they may be now. Asks no provider."""
    gone = [item for item in items if item.gone_since is not None and item.gone_reason is not None]
    successors = {
        item.id: None if item.successors is None else convert(item.successors, list[Successor]) for item in gone
    }
    keys = {(each.type, each.tmdb_id) for some in successors.values() for each in some or ()}
    known = await item_ids_of(session, keys)
    return {
        item.id: GoneView(
            since=item.gone_since,
            reason=GoneReason(item.gone_reason),
            detail=item.refresh_error,
            successors=None if some is None else [_successor(each, known) for each in some],
        )
        for item in gone
        if item.gone_since is not None
        for some in (successors[item.id],)
    }


def _successor(successor: Successor, known: Mapping[tuple[ItemType, int], int]) -> SuccessorView:
    item_id = known.get((successor.type, successor.tmdb_id))
    return SuccessorView(item_id=item_id, **structs.asdict(successor))


async def _link(
    database: Database,
    provider: Provider,
    clock: Clock,
    on_new_episodes: OnNewEpisodes,
    actor: str,
    item_id: int,
    tmdb_id: int,
) -> ItemView:
    async with database.read() as session:
        item = await item_by_id(session, item_id)
    if item is None:
        raise NoSuchItem(item_id)
    facts = await provider.item(item.type, tmdb_id)
    try:
        async with database.write() as session:
            stored = await link_item(session, clock.now(), actor, item_id, facts)
            if stored.added:
                await on_new_episodes(session, tmdb_id)
            return await item_view(session, stored.item_id)
    except IntegrityError:
        # On PostgreSQL somebody may add the same title, or match a file to this item, while we look.
        raise Conflict("Somebody changed this item or the one with that id at the same moment; try again.") from None


def _fields_in(given: ItemFields) -> Sequence[str]:
    return [name for name in ItemFields.__struct_fields__ if getattr(given, name) is not UNSET]


def _refuse_fields(given: ItemFields) -> None:
    if fields := _fields_in(given):
        raise InvalidRequest(
            f"With a tmdb_id the provider says everything else; leave out {', '.join(fields)}.", fields=list(fields)
        )


def _found(candidate: Candidate, item_id: int | None, provider: str) -> FoundTitle:
    poster = f"{POSTERS}{candidate.poster}" if candidate.poster and provider == Tmdb.name else None
    shown = (name for name in FoundTitle.__struct_fields__ if name in Candidate.__struct_fields__)
    values = {name: structs.asdict(candidate)[name] for name in shown}
    return FoundTitle(poster_url=poster, item_id=item_id, **values)
