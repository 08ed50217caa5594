"""What is asked of the catalog's tables."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias

from msgspec import Struct
from sqlalchemy import Row, Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from .models import Episode, ExternalId, MediaItem, Season
from .types import ItemType

EpisodeKey: TypeAlias = tuple[int, int]
"""Season and number."""


class StoredFacts(Struct, frozen=True, kw_only=True):
    """An item as stored, whole."""

    id: int
    type: ItemType
    tmdb_id: int | None
    title: str
    original_title: str | None
    original_language: str | None
    alternative_titles: list[str]
    release_date: date | None
    year: int | None
    overview: str | None
    runtime: int | None
    genres: list[str]
    cast: list[str]
    director: str | None
    rating: float | None
    poster: str | None
    backdrop: str | None
    ended: bool
    created_at: datetime
    refreshed_at: datetime | None
    refresh_due_at: datetime | None
    refresh_error: str | None
    gone_since: datetime | None
    gone_reason: str | None
    successors: list[dict[str, Any]] | None
    facts_digest: bytes | None


class StoredEpisode(Struct, frozen=True, kw_only=True):
    id: int
    season_id: int
    season: int
    number: int
    title: str | None
    air_date: date | None
    runtime: int | None
    overview: str | None
    still: str | None


class StoredSeason(Struct, frozen=True, kw_only=True):
    id: int
    number: int
    title: str | None
    air_date: date | None
    overview: str | None
    poster: str | None


class KnownFacts(NamedTuple):
    item_id: int
    digest: bytes | None
    gone_since: datetime | None


class DueItem(Struct, frozen=True):
    id: int
    type: ItemType
    tmdb_id: int
    due_at: datetime


async def item_by_id(session: AsyncSession, item_id: int) -> StoredFacts | None:
    row = (await session.execute(_whole_item().where(MediaItem.id == item_id))).one_or_none()
    return _facts(row) if row else None


async def items_locked(session: AsyncSession, item_ids: Iterable[int]) -> dict[int, StoredFacts]:
    """Items by id, locked until the transaction ends, so that nothing about them changes meanwhile; absent ones left out."""
    query = _whole_item().where(MediaItem.id.in_(list(item_ids))).order_by(MediaItem.id).with_for_update()
    return {row.id: _facts(row) for row in (await session.execute(query)).all()}


async def item_ids_of(session: AsyncSession, keys: Iterable[tuple[ItemType, int]]) -> dict[tuple[ItemType, int], int]:
    """Which of these titles (type, TMDB id) the catalog has, with their item ids."""
    wanted = list(keys)
    if not wanted:
        return {}
    query = select(MediaItem.type, MediaItem.tmdb_id, MediaItem.id).where(
        tuple_(MediaItem.type, MediaItem.tmdb_id).in_(wanted)
    )
    rows = await session.execute(query)
    return {(kind, tmdb_id): item_id for kind, tmdb_id, item_id in rows if tmdb_id is not None}


async def made_by_hand_at(session: AsyncSession, type: ItemType, at: datetime) -> int | None:
    """The item that a person made in that moment."""
    query = select(MediaItem.id).where(MediaItem.type == type, MediaItem.tmdb_id.is_(None), MediaItem.created_at == at)
    return (await session.execute(query.order_by(MediaItem.id).limit(1))).scalar_one_or_none()


async def digest_of(session: AsyncSession, type: ItemType, tmdb_id: int) -> KnownFacts | None:
    """The item that a title is, with the digest of its facts, kept from being removed until the transaction ends."""
    query = (
        select(MediaItem.id, MediaItem.facts_digest, MediaItem.gone_since)
        .where(MediaItem.type == type, MediaItem.tmdb_id == tmdb_id)
        .with_for_update(read=True, key_share=True)
    )
    row = (await session.execute(query)).one_or_none()
    return KnownFacts(*row) if row else None


async def episode_ids(session: AsyncSession, item_id: int) -> dict[EpisodeKey, int]:
    """All episodes of a series by season and number."""
    query = (
        select(Season.number, Episode.number, Episode.id)
        .join(Episode, Episode.season_id == Season.id)
        .where(Season.item_id == item_id)
    )
    return {(season, number): episode_id for season, number, episode_id in (await session.execute(query))}


async def episodes_of(session: AsyncSession, item_id: int) -> list[StoredEpisode]:
    """All episodes of a series, in order."""
    query = (
        select(
            Episode.id,
            Episode.season_id,
            Season.number.label("season"),
            Episode.number,
            Episode.title,
            Episode.air_date,
            Episode.runtime,
            Episode.overview,
            Episode.still,
        )
        .join(Season, Season.id == Episode.season_id)
        .where(Season.item_id == item_id)
        .order_by(Season.number, Episode.number)
    )
    return [StoredEpisode(**row) for row in (await session.execute(query)).mappings()]


async def seasons_of(session: AsyncSession, item_id: int) -> list[StoredSeason]:
    """All seasons of a series, in order."""
    columns = (Season.id, Season.number, Season.title, Season.air_date, Season.overview, Season.poster)
    query = select(*columns).where(Season.item_id == item_id).order_by(Season.number)
    return [StoredSeason(**row) for row in (await session.execute(query)).mappings()]


async def external_ids_of(session: AsyncSession, item_id: int) -> dict[str, str]:
    query = select(ExternalId.provider, ExternalId.value).where(ExternalId.item_id == item_id)
    return dict((await session.execute(query)).all())


async def due_items(session: AsyncSession, now: datetime, limit: int) -> list[DueItem]:
    """The items whose refresh is due, the longest due first."""
    query = (
        select(MediaItem.id, MediaItem.type, MediaItem.tmdb_id, MediaItem.refresh_due_at)
        .where(MediaItem.refresh_due_at <= now, MediaItem.tmdb_id.is_not(None))
        .order_by(MediaItem.refresh_due_at, MediaItem.id)
        .limit(limit)
    )
    rows = await session.execute(query)
    return [DueItem(item_id, kind, tmdb_id, due) for item_id, kind, tmdb_id, due in rows if tmdb_id and due]


def _whole_item() -> Select[*tuple[Any, ...]]:
    return select(*(getattr(MediaItem, name) for name in StoredFacts.__struct_fields__))


def _facts(row: Row[*tuple[Any, ...]]) -> StoredFacts:
    return StoredFacts(**dict(zip(StoredFacts.__struct_fields__, row, strict=True)))
