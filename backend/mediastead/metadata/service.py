"""What a person can ask for about titles: search, add, make and change by hand, link, refresh."""

import asyncio
import re
from collections.abc import Sequence
from itertools import chain, zip_longest

from msgspec import UNSET, structs
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.queries import StoredFacts, episodes_of, external_ids_of, item_by_id, item_ids_of, seasons_of
from ..catalog.types import ItemType
from ..clock import Clock
from ..db.engine import Database
from ..errors import Conflict, InvalidRequest
from . import by_hand
from .errors import NoSuchItem
from .facts import Candidate
from .items import store_item
from .linking import link_item
from .provider import Provider
from .refreshing import OnNewEpisodes
from .schemas import (
    EpisodeView,
    FoundTitle,
    FoundTitles,
    ItemChange,
    ItemFields,
    ItemView,
    NewItem,
    SeasonEntry,
    SeasonView,
)
from .tmdb import ATTRIBUTION, POSTERS, Tmdb

IMDB_ID = re.compile(r"tt\d{5,10}")


async def search(
    database: Database, provider: Provider, query: str, type: ItemType | None, year: int | None
) -> FoundTitles:
    """Titles for a person to choose from; an IMDb id as `query` finds what carries it."""
    if IMDB_ID.fullmatch(query.strip()):
        found = [each for each in await provider.find("imdb", query.strip()) if type in (None, each.type)]
    else:
        types = list(ItemType) if type is None else [type]
        lists = await asyncio.gather(*(provider.search(one, query, year=year) for one in types))
        # The best film, the best series, the second film, ...: the provider does not rank one against the other.
        found = [each for each in chain.from_iterable(zip_longest(*lists)) if each is not None]
    async with database.read() as session:
        known = await item_ids_of(session, [(each.type, each.tmdb_id) for each in found])
    titles = [_found(each, known.get((each.type, each.tmdb_id)), provider.name) for each in found]
    shown = ATTRIBUTION if provider.name == Tmdb.name else None
    return FoundTitles(items=titles, provider=provider.name, attribution=shown)


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
    return ItemView(external_ids=external_ids, **{name: getattr(item, name) for name in shown})


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
