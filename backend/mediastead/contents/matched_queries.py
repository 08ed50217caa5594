"""What is asked of matched files whose content changed since they were matched: what they are taken for, and how long that is."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import Episode, MediaItem, Season
from ..catalog.types import ItemType
from ..files.models import MediaFile, MediaFileDecision, MediaFileEpisode, MediaFileImport, MediaFileState
from ..files.types import Identification, ImportMethod, Role
from ..matching.decision import Decision
from ..recording.told_queries import deciders


class Matched(Struct, frozen=True, kw_only=True):
    """A file that is taken for something whose length is known."""

    id: int
    called: str
    """`"The Matrix" (1999)`, `"Long Winter" S01E02-E03`."""
    minutes: int
    by_person: bool
    leaned_on_runtime: bool
    """Whether the length spoke for the match that identification made."""


async def matched_since_changed(session: AsyncSession, file_ids: Collection[int]) -> list[Matched]:
    """Features (in one part) and episodes whose content changed after they were matched; those of titles whose length nobody
    knows are left out."""
    query = (
        select(
            MediaFile.id, MediaFileState.changed_at, MediaItem.type, MediaItem.title, MediaItem.year, MediaItem.runtime
        )
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .join(MediaItem, MediaItem.id == MediaFile.media_item_id)
        .where(
            MediaFile.id.in_(file_ids),
            MediaFile.identification == Identification.MATCHED,
            MediaFile.role.in_((Role.FEATURE, Role.EPISODE)),
            MediaFile.part.is_(None),
            MediaFileState.changed_at.is_not(None),
        )
        .order_by(MediaFile.id)
    )
    rows: list[Any] = list((await session.execute(query)).all())
    if not rows:
        return []
    ids = [row[0] for row in rows]
    matched_at = await _matched_at(session, ids)
    rows = [row for row in rows if row[0] in matched_at and row[1] > matched_at[row[0]]]
    held = await _episodes(session, ids)
    said_by = await deciders(session, ids)
    leaned = await _leaned_on_runtime(session, ids)
    found: list[Matched] = []
    for file_id, _, item_type, title, year, runtime in rows:
        episodes = held.get(file_id, []) if item_type is ItemType.SERIES else []
        each = [minutes or runtime for _, _, minutes in episodes] if item_type is ItemType.SERIES else [runtime]
        if not each or not all(each):
            continue
        found.append(
            Matched(
                id=file_id,
                called=f'"{title}"'
                + _numbers(episodes)
                + (f" ({year})" if year and item_type is ItemType.MOVIE else ""),
                minutes=sum(minutes or 0 for minutes in each),
                by_person=said_by[file_id].by_person if file_id in said_by else False,
                leaned_on_runtime=file_id in leaned,
            )
        )
    return found


async def _matched_at(session: AsyncSession, file_ids: Collection[int]) -> dict[int | None, datetime]:
    """When it was said last what they are."""
    query = select(MediaFileImport.file_id, func.max(MediaFileImport.at)).where(
        MediaFileImport.file_id.in_(file_ids),
        MediaFileImport.success,
        MediaFileImport.method.in_((ImportMethod.SCAN, ImportMethod.MANUAL_MATCH)),
    )
    return dict((await session.execute(query.group_by(MediaFileImport.file_id))).all())


async def _episodes(session: AsyncSession, file_ids: Collection[int]) -> dict[int, list[tuple[int, int, int | None]]]:
    """(season, number, minutes) of the episodes that files hold, in their order."""
    query = (
        select(MediaFileEpisode.file_id, Season.number, Episode.number, Episode.runtime)
        .join(Episode, Episode.id == MediaFileEpisode.episode_id)
        .join(Season, Season.id == Episode.season_id)
        .where(MediaFileEpisode.file_id.in_(file_ids))
        .order_by(MediaFileEpisode.file_id, Season.number, Episode.number)
    )
    found: dict[int, list[tuple[int, int, int | None]]] = {}
    for file_id, season, number, minutes in await session.execute(query):
        found.setdefault(file_id, []).append((season, number, minutes))
    return found


async def _leaned_on_runtime(session: AsyncSession, file_ids: Collection[int]) -> set[int]:
    query = select(MediaFileDecision.file_id, MediaFileDecision.body).where(MediaFileDecision.file_id.in_(file_ids))
    leaned: set[int] = set()
    for file_id, body in await session.execute(query):
        item = msgspec.json.decode(body, type=Decision).item
        if item and any(each.name == "runtime" and each.weight > 0 for each in item.evidence):
            leaned.add(file_id)
    return leaned


def _numbers(episodes: Collection[tuple[int, int, int | None]]) -> str:
    return "".join(f" S{season:02}E{number:02}" for season, number, _ in list(episodes)[:3])
