"""Facts become items: written into the catalog, new or over what was there."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog import storing
from ..catalog.queries import EpisodeKey, digest_of, episode_ids, external_ids_of, items_locked
from ..catalog.titles import search_text, sort_key
from ..catalog.types import GoneReason, ItemType
from ..events.outbox import record
from .facts import ItemFacts, SeasonFacts
from .gone import is_another_title, mark_back, mark_gone, now_under_its_id
from .queries import held_episodes

SETTLED = timedelta(days=30)
"""Facts about old films and ended series hardly change."""
RECENT = timedelta(days=7)
"""A film that is to come or came within two years: its date, runtime, pictures and other titles still do."""
RUNNING = timedelta(days=1)
"""A series that goes on: new episodes are announced on any day."""
AIRING = timedelta(hours=12)
"""A series with an episode within a week before or after: titles and dates settle in these days."""
OLD_FILM = timedelta(days=730)
AROUND_AIRING = timedelta(days=7)
SPREAD = 0.1
"""Up to this share of the wait is added, by id, so that what was added together is not due together."""


class StoredItem(Struct, frozen=True, kw_only=True):
    """A title as it stands in the catalog."""

    item_id: int
    episodes: dict[EpisodeKey, int]
    """Episode ids by season and number, also those that only we have because a file holds them."""
    added: frozenset[EpisodeKey] = frozenset()
    """Episodes that the catalog did not have before."""
    changed: bool = False
    """Whether anything was written."""
    another_title: bool = False
    """The facts are about another title than the item that has their id: it was marked, and nothing of them is stored."""


async def store_item(session: AsyncSession, facts: ItemFacts, now: datetime) -> StoredItem:
    """Write a title with its ids, seasons and episodes, new or over what is there.

    Facts that are the same as last time write nothing. Facts about another title than the one that is stored under their id
    are not written over it: the item is marked as gone (`metadata.gone`). Episodes that the provider no longer has are removed
    unless a file holds them. Several in one transaction are stored in ascending order of (type, tmdb_id): two servers that
    store the same ones then wait for each other in the same order, instead of each for what the other one has locked.
    """
    digest = _digest(facts)
    known = await digest_of(session, facts.type, facts.tmdb_id)
    if known and known.digest == digest:
        if known.gone_since is not None:
            await mark_back(session, now, known.item_id)
        return StoredItem(item_id=known.item_id, episodes=await episode_ids(session, known.item_id))
    if known and await _marked_as_another(session, known.item_id, facts, now):
        episodes = await episode_ids(session, known.item_id)
        return StoredItem(item_id=known.item_id, episodes=episodes, another_title=True)
    if known and known.gone_since is not None:
        await mark_back(session, now, known.item_id)
    item_id = await storing.put_item(session, _item_row(facts, now, digest))
    await storing.put_external_ids(session, item_id, facts.external_ids)
    record(session, now, "item.changed", item_id=item_id, type=facts.type.value, tmdb_id=facts.tmdb_id)
    if facts.type is ItemType.MOVIE:
        return StoredItem(item_id=item_id, episodes={}, changed=True)
    before = await episode_ids(session, item_id)
    told = await _put_seasons(session, item_id, facts.seasons)
    vanished = {at: episode for at, episode in before.items() if at not in told}
    await _remove_vanished(session, item_id, vanished, [season.number for season in facts.seasons])
    return StoredItem(
        item_id=item_id,
        episodes=await episode_ids(session, item_id),
        added=frozenset(told - before.keys()),
        changed=True,
    )


async def store_by_name(
    session: AsyncSession, now: datetime, type: ItemType, tmdb_id: int, title: str, year: int | None
) -> int:
    """The item of a title of which only this is known; a new one is due to be asked about at once. Gives its id."""
    row: dict[str, Any] = {
        "type": type,
        "tmdb_id": tmdb_id,
        "title": title,
        "alternative_titles": [],
        "sort_key": sort_key(title),
        "search_text": search_text(title, None, []),
        "year": year,
        "genres": [],
        "cast": [],
        "ended": False,
        "created_at": now,
        "refresh_due_at": now,
    }
    return await storing.put_item_if_new(session, row)


def next_refresh(facts: ItemFacts, now: datetime) -> datetime:
    """When these facts should be asked for again."""
    if facts.type is ItemType.MOVIE:
        old = facts.release_date is not None and now.date() - facts.release_date > OLD_FILM
        wait = SETTLED if old else RECENT
    elif facts.ended:
        wait = SETTLED
    else:
        dates = (episode.air_date for season in facts.seasons for episode in season.episodes if episode.air_date)
        airing = any(abs(day - now.date()) <= AROUND_AIRING for day in dates)
        wait = AIRING if airing else RUNNING
    return now + wait * (1 + SPREAD * (facts.tmdb_id % 97) / 97)


async def _marked_as_another(session: AsyncSession, item_id: int, facts: ItemFacts, now: datetime) -> bool:
    item = (await items_locked(session, [item_id]))[item_id]
    if not is_another_title(item, await external_ids_of(session, item_id), facts):
        return False
    if item.gone_reason != GoneReason.REWRITTEN:
        told = f"The provider has another title under this id now: {facts.title} ({facts.year})."
        # Due at once: refreshing looks for what the title may be now, which takes questions to the provider.
        only = [now_under_its_id(facts)]
        await mark_gone(session, now, item, GoneReason.REWRITTEN, told=told, due_at=now, successors=only)
    return True


async def _put_seasons(session: AsyncSession, item_id: int, seasons: Sequence[SeasonFacts]) -> set[EpisodeKey]:
    season_ids = await storing.put_seasons(session, item_id, [_season_row(season) for season in seasons])
    every = [(season.number, episode) for season in seasons for episode in season.episodes]
    rows = [{"season_id": season_ids[season], **structs.asdict(episode)} for season, episode in every]
    await storing.put_episodes(session, rows)
    return {(season, episode.number) for season, episode in every}


async def _remove_vanished(
    session: AsyncSession, item_id: int, vanished: dict[EpisodeKey, int], seasons_told: list[int]
) -> None:
    if vanished:
        # Whoever gives a file an episode of this series has read the item with a lock (`digest_of`): wait for them, then look.
        await items_locked(session, [item_id])
        held = await held_episodes(session, vanished.values())
        await storing.remove_episodes(session, [episode for episode in vanished.values() if episode not in held])
    await storing.remove_empty_seasons(session, item_id, keep=seasons_told)


def _digest(facts: ItemFacts) -> bytes:
    """Of everything that is stored: fame, which changes daily, is not."""
    stored = structs.replace(facts, popularity=0.0, vote_count=0)
    return hashlib.blake2b(msgspec.json.encode(stored, order="deterministic"), digest_size=16).digest()


def _item_row(facts: ItemFacts, now: datetime, digest: bytes) -> dict[str, Any]:
    return {
        "type": facts.type,
        "tmdb_id": facts.tmdb_id,
        "title": facts.title,
        "original_title": facts.original_title,
        "original_language": facts.original_language,
        "alternative_titles": list(facts.alternative_titles),
        "sort_key": sort_key(facts.title),
        "search_text": search_text(facts.title, facts.original_title, facts.alternative_titles),
        "release_date": facts.release_date,
        "year": facts.year,
        "overview": facts.overview,
        "runtime": facts.runtime,
        "genres": list(facts.genres),
        "cast": list(facts.cast),
        "director": facts.director,
        "rating": facts.rating,
        "poster": facts.poster,
        "backdrop": facts.backdrop,
        "ended": facts.ended,
        "created_at": now,
        "refreshed_at": now,
        "refresh_due_at": next_refresh(facts, now),
        "refresh_error": None,
        "facts_digest": digest,
    }


def _season_row(season: SeasonFacts) -> dict[str, Any]:
    return {name: getattr(season, name) for name in ("number", "title", "air_date", "overview", "poster")}
