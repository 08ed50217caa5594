"""What is asked across rooms: libraries with their last scan, items with what is there of them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, distinct, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from ..catalog.models import Episode, MediaItem, Season
from ..catalog.types import ItemType
from ..files.models import Folder, MediaFile, MediaFileEpisode, MediaFileState
from ..files.types import Presence, Role
from ..libraries.models import Library, Scan
from ..scanning.scans import view, view_columns
from ..scanning.schemas import ScanView
from .schemas import EpisodeCounts, FileStateShown

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


def is_missing(today: date) -> ColumnElement[bool]:
    """Items with a gap: films without a feature file that is there, series that lack an aired episode (no special)."""
    feature = _any(
        MediaFile.media_item_id == MediaItem.id,
        MediaFile.role == Role.FEATURE,
        MediaFileState.file_id == MediaFile.id,
        MediaFileState.presence == Presence.PRESENT,
        of=MediaItem,
    )
    is_there = _any(
        MediaFileEpisode.episode_id == Episode.id,
        MediaFileState.file_id == MediaFileEpisode.file_id,
        MediaFileState.presence == Presence.PRESENT,
        of=Episode,
    )
    lacking = _any(
        Season.item_id == MediaItem.id,
        Season.number > 0,
        Episode.season_id == Season.id,
        Episode.air_date <= today,
        is_there.is_(None),
        of=MediaItem,
    )
    # Not an OR: for that SQLite goes through all items of either type, also where some items are named.
    return case((MediaItem.type == ItemType.MOVIE, feature.is_(None)), else_=lacking.is_not(None))


def _any(*conditions: ColumnElement[bool], of: type[MediaItem] | type[Episode]) -> ScalarSelect[int]:
    """1 or NULL, looked up for each. For EXISTS, PostgreSQL first gathers all files that there are."""
    return select(literal(1)).where(*conditions).limit(1).correlate(of).scalar_subquery()


def is_doubled() -> ColumnElement[bool]:
    """Items with several versions: films with several feature files, series with several files for an episode, that are there.

    Parts of a whole count as one: the first of them stands for all.
    """
    versions = (
        select(func.count())
        .where(
            MediaFile.media_item_id == MediaItem.id,
            MediaFile.role == Role.FEATURE,
            func.coalesce(MediaFile.part, 1) == 1,
            MediaFileState.file_id == MediaFile.id,
            MediaFileState.presence == Presence.PRESENT,
        )
        .correlate(MediaItem)
        .scalar_subquery()
    )
    doubled = _doubled_episodes(MediaItem.id).limit(1).correlate(MediaItem).scalar_subquery()
    return case((MediaItem.type == ItemType.MOVIE, versions > 1), else_=doubled.is_not(None))


def _doubled_episodes(item_id: int | InstrumentedAttribute[int]) -> AnySelect:
    """Episodes of an item that several files hold which are there."""
    return (
        select(MediaFileEpisode.episode_id)
        .join(MediaFile, MediaFile.id == MediaFileEpisode.file_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(
            MediaFile.media_item_id == item_id,
            func.coalesce(MediaFile.part, 1) == 1,
            MediaFileState.presence == Presence.PRESENT,
        )
        .group_by(MediaFileEpisode.episode_id)
        .having(func.count() > 1)
    )


async def doubled_items(session: AsyncSession, item_ids: Sequence[int]) -> set[int]:
    if not item_ids:
        return set()
    query = select(MediaItem.id).where(MediaItem.id.in_(item_ids), is_doubled())
    return set((await session.execute(query)).scalars())


async def doubled_episodes(session: AsyncSession, item_id: int) -> list[tuple[int, int]]:
    """(season, number) of the episodes of an item that several files hold, in order."""
    query = (
        select(Season.number, Episode.number)
        .join(Episode, Episode.season_id == Season.id)
        .where(Season.item_id == item_id, Episode.id.in_(_doubled_episodes(item_id)))
        .order_by(Season.number, Episode.number)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def items_with_gaps(session: AsyncSession, item_ids: Sequence[int], today: date) -> set[int]:
    if not item_ids:
        return set()
    query = select(MediaItem.id).where(MediaItem.id.in_(item_ids), is_missing(today))
    return set((await session.execute(query)).scalars())


async def item_rows(session: AsyncSession, item_ids: Sequence[int]) -> dict[int, Any]:
    """What lists show of items, by id."""
    query = select(
        MediaItem.id,
        MediaItem.type,
        MediaItem.tmdb_id,
        MediaItem.title,
        MediaItem.original_title,
        MediaItem.year,
        MediaItem.poster,
        MediaItem.created_at,
        MediaItem.gone_since,
        MediaItem.gone_reason,
        MediaItem.successors,
        MediaItem.refresh_error,
    ).where(MediaItem.id.in_(item_ids))
    return {row.id: row for row in (await session.execute(query)).all()}


async def file_counts(session: AsyncSession, item_ids: Sequence[int]) -> dict[int, int]:
    """How many files of items are there; items without any are left out."""
    query = (
        select(MediaFile.media_item_id, func.count())
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(MediaFile.media_item_id.in_(item_ids), MediaFileState.presence == Presence.PRESENT)
        .group_by(MediaFile.media_item_id)
    )
    return {item_id: count for item_id, count in (await session.execute(query)) if item_id is not None}


async def episode_counts(session: AsyncSession, item_ids: Sequence[int], today: date) -> dict[int, EpisodeCounts]:
    """What series have and lack, specials aside; those without episodes are left out."""
    held = (
        select(MediaFileEpisode.episode_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFileEpisode.file_id)
        .join(Episode, Episode.id == MediaFileEpisode.episode_id)
        .join(Season, Season.id == Episode.season_id)
        .where(Season.item_id.in_(item_ids), MediaFileState.presence == Presence.PRESENT)
        .distinct()
        .subquery()
    )
    aired, there = Episode.air_date <= today, held.c.episode_id.is_not(None)
    query = (
        select(
            Season.item_id,
            func.count(),
            func.count(case((aired, 1))),
            func.count(distinct(held.c.episode_id)),
            func.count(case((and_(aired, ~there), 1))),
        )
        .join(Episode, Episode.season_id == Season.id)
        .outerjoin(held, held.c.episode_id == Episode.id)
        .where(Season.item_id.in_(item_ids), Season.number > 0)
        .group_by(Season.item_id)
    )
    return {
        item_id: EpisodeCounts(total=total, aired=aired_count, present=present, missing=missing)
        for item_id, total, aired_count, present, missing in (await session.execute(query))
    }


async def file_ids_of_item(session: AsyncSession, item_id: int) -> list[int]:
    """The files of an item that are not forgotten, by name."""
    query = (
        select(MediaFile.id)
        .where(MediaFile.media_item_id == item_id, ~MediaFile.hidden)
        .order_by(MediaFile.search_text, MediaFile.id)
    )
    return list((await session.execute(query)).scalars())


async def files_by_episode(session: AsyncSession, item_id: int) -> dict[int, list[int]]:
    """Which files hold which episode of a series: file ids by episode id."""
    query = (
        select(MediaFileEpisode.episode_id, MediaFileEpisode.file_id)
        .join(MediaFile, MediaFile.id == MediaFileEpisode.file_id)
        .where(MediaFile.media_item_id == item_id, ~MediaFile.hidden)
        .order_by(MediaFileEpisode.file_id)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for episode_id, file_id in await session.execute(query):
        found[episode_id].append(file_id)
    return found


async def roots_of(session: AsyncSession, library_ids: Sequence[int]) -> dict[int, tuple[bytes, str | None]]:
    """Where each library lies, and what its marker says."""
    query = select(Library.id, Library.root, Library.root_marker).where(Library.id.in_(library_ids))
    return {row[0]: (row[1], row[2]) for row in await session.execute(query)}


async def library_rows(session: AsyncSession, library_id: int | None = None) -> list[Any]:
    """Libraries by name, or the one with this id."""
    query = select(
        Library.id,
        Library.name,
        Library.root,
        Library.kind,
        Library.scan_interval_minutes,
        Library.next_scan_at,
        Library.exclude_patterns,
        Library.naming_template,
        Library.watching,
        Library.record_form,
        Library.unavailable_since,
        Library.unavailable_reason,
        Library.removing_since,
        Library.bring_into_id,
        Library.bring_how,
        Library.created_at,
    ).order_by(Library.name, Library.id)
    if library_id is not None:
        query = query.where(Library.id == library_id)
    return list((await session.execute(query)).all())


async def last_scans(session: AsyncSession, library_ids: Sequence[int]) -> dict[int, ScanView]:
    """The scan of each whole library that was asked for last."""
    whole = select(func.max(Scan.id)).where(Scan.library_id.in_(library_ids), Scan.scope.is_(None))
    latest = whole.group_by(Scan.library_id)
    rows = (await session.execute(select(*view_columns()).where(Scan.id.in_(latest)))).all()
    return {row.library_id: view(row) for row in rows}


async def file_state(session: AsyncSession, file_id: int) -> FileStateShown | None:
    out_of_reach = MediaFileState.presence == Presence.PRESENT
    since = func.coalesce(Library.unavailable_since, Folder.gap_since)
    unknown = {
        "unknown_since": case((out_of_reach, since)),
        "unknown_reason": case((out_of_reach, func.coalesce(Library.unavailable_reason, Folder.gap_reason))),
    }
    columns = [
        unknown[name].label(name) if name in unknown else getattr(MediaFileState, name)
        for name in FileStateShown.__struct_fields__
    ]
    query = (
        select(*columns)
        .join(MediaFile, MediaFile.id == MediaFileState.file_id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(MediaFileState.file_id == file_id)
    )
    row = (await session.execute(query)).one_or_none()
    return FileStateShown(**dict(zip(FileStateShown.__struct_fields__, row, strict=True))) if row else None
