"""The provider drops an id, or gives it to another title: the item is kept and marked, until a person says what it is now."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import MediaItem
from ..catalog.queries import StoredFacts
from ..catalog.types import GoneReason, ItemType
from ..db.text import folded
from ..events.outbox import record
from .facts import Candidate, ItemFacts
from .provider import Provider

YEARS_APART = 1
"""A title that is still to come may get another name and slip into the next year; it is the same title."""
SUGGESTED = 5


class FoundBy(StrEnum):
    """How a successor was come by."""

    SAME_ID = "same_id"
    """It is what the provider has under the id now."""
    IMDB = "imdb"
    TVDB = "tvdb"
    """It carries an id that the item carried."""
    TITLE = "title"
    """It is named like the item and of its year."""


class Successor(Struct, frozen=True, kw_only=True):
    """What a gone item may be at the provider now."""

    type: ItemType
    tmdb_id: int
    title: str
    year: int | None
    found_by: FoundBy


def is_another_title(item: StoredFacts, external_ids: Mapping[str, str], facts: ItemFacts) -> bool:
    """Whether facts that came under an item's id are about something else than the facts that are stored.

    Only where everything speaks for it: no name in common, years apart, no id elsewhere in common. What a person said of an item
    by hand is not compared.
    """
    if item.facts_digest is None or item.year is None or facts.year is None:
        return False
    if abs(item.year - facts.year) <= YEARS_APART:
        return False
    if any(facts.external_ids.get(at) == value for at, value in external_ids.items()):
        return False
    return not (_names(item) & _names(facts))


def now_under_its_id(facts: ItemFacts) -> Successor:
    return Successor(
        type=facts.type, tmdb_id=facts.tmdb_id, title=facts.title, year=facts.year, found_by=FoundBy.SAME_ID
    )


async def successors_of(provider: Provider, item: StoredFacts, external_ids: Mapping[str, str]) -> list[Successor]:
    """What an item may be now, the likeliest first: at most three questions to the provider.

    The ids that it carried elsewhere are asked about; its names only where those lead to nothing.
    """
    found: dict[tuple[ItemType, int], Successor] = {}
    for by in (FoundBy.IMDB, FoundBy.TVDB):
        if value := external_ids.get(by.value):
            _add(found, item, await provider.find(by.value, value), by)
    if not found:
        hits = await provider.search(item.type, item.title, year=item.year)
        mine = _names(item)
        _add(found, item, (hit for hit in hits if _folded((hit.title, hit.original_title)) & mine), FoundBy.TITLE)
    return list(found.values())[:SUGGESTED]


async def mark_gone(
    session: AsyncSession,
    now: datetime,
    item: StoredFacts,
    reason: GoneReason,
    *,
    told: str,
    due_at: datetime,
    successors: list[Successor] | None,
) -> None:
    """Mark a locked item; nothing else of it or its files changes. `successors` None: not asked for yet.

    The moment since when stays, and the event is written, with the first time only.
    """
    values = {
        "gone_since": item.gone_since or now,
        "gone_reason": reason.value,
        "successors": item.successors if successors is None else msgspec.to_builtins(successors),
        "refresh_error": told,
        "refresh_due_at": due_at,
    }
    await session.execute(update(MediaItem).where(MediaItem.id == item.id).values(**values))
    if item.gone_since is None or item.gone_reason != reason:
        told_of = {"item_id": item.id, "type": item.type.value, "tmdb_id": item.tmdb_id, "reason": reason.value}
        record(session, now, "item.gone", **told_of)


async def mark_back(session: AsyncSession, now: datetime, item_id: int) -> None:
    """Note that the provider has the title under its id again, or that the item has another id now."""
    values = {"gone_since": None, "gone_reason": None, "successors": None, "refresh_error": None}
    await session.execute(update(MediaItem).where(MediaItem.id == item_id).values(**values))
    record(session, now, "item.back", item_id=item_id)


def _add(
    found: dict[tuple[ItemType, int], Successor], item: StoredFacts, hits: Iterable[Candidate], by: FoundBy
) -> None:
    for hit in hits:
        key = hit.type, hit.tmdb_id
        if key != (item.type, item.tmdb_id) and key not in found:
            found[key] = Successor(type=hit.type, tmdb_id=hit.tmdb_id, title=hit.title, year=hit.year, found_by=by)


def _names(of: StoredFacts | ItemFacts) -> set[str]:
    return _folded((of.title, of.original_title, *of.alternative_titles))


def _folded(titles: Iterable[str | None]) -> set[str]:
    return {form for title in titles if title and (form := folded(title))}
