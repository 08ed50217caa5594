"""What is asked for what a record says of a file: its title and episodes, who decided, and what it is not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import Episode, ExternalId, MediaItem, Season
from ..catalog.types import ItemType
from ..files.models import MediaFileDecision, MediaFileEpisode, MediaFileImport
from ..files.types import ImportMethod, Resolution
from ..matching.decision import EpisodeNumber, Neighbour, RejectedBefore
from ..unmatched.models import RejectedMatch, UnmatchedFile
from .nfo_form import EpisodeTold


class DecidedBy(Struct, frozen=True):
    by: str
    by_person: bool
    at: datetime
    probability: float | None = None


class StoredItem(Struct, frozen=True):
    type: ItemType
    tmdb_id: int | None
    title: str
    original_title: str | None
    year: int | None
    created_at: datetime
    ids: dict[str, str]


async def items_told(session: AsyncSession, item_ids: Sequence[int]) -> dict[int, StoredItem]:
    ids: dict[int, dict[str, str]] = {}
    theirs = select(ExternalId.item_id, ExternalId.provider, ExternalId.value).where(ExternalId.item_id.in_(item_ids))
    for item_id, provider, value in await session.execute(theirs.order_by(ExternalId.provider)):
        ids.setdefault(item_id, {})[provider] = value
    query = select(
        MediaItem.id,
        MediaItem.type,
        MediaItem.tmdb_id,
        MediaItem.title,
        MediaItem.original_title,
        MediaItem.year,
        MediaItem.created_at,
    ).where(MediaItem.id.in_(item_ids))
    return {row[0]: StoredItem(*row[1:], ids.get(row[0], {})) for row in await session.execute(query)}


async def episodes_told(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, list[EpisodeTold]]:
    """The episodes that files hold, in order."""
    query = (
        select(MediaFileEpisode.file_id, Season.number, Episode.number, Episode.title, Episode.air_date)
        .join(Episode, Episode.id == MediaFileEpisode.episode_id)
        .join(Season, Season.id == Episode.season_id)
        .where(MediaFileEpisode.file_id.in_(file_ids))
        .order_by(MediaFileEpisode.file_id, Season.number, Episode.number)
    )
    found: dict[int, list[EpisodeTold]] = {}
    for file_id, season, number, title, aired in await session.execute(query):
        found.setdefault(file_id, []).append(EpisodeTold(season=season, number=number, title=title, aired=aired))
    return found


async def deciders(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, DecidedBy]:
    """Who said what matched files are; where a record was followed, whoever had said it then."""
    query = (
        select(
            MediaFileImport.file_id,
            MediaFileImport.actor,
            MediaFileImport.method,
            MediaFileImport.at,
            MediaFileImport.evidence,
        )
        .where(
            MediaFileImport.file_id.in_(file_ids),
            MediaFileImport.success,
            MediaFileImport.method.in_((ImportMethod.SCAN, ImportMethod.MANUAL_MATCH)),
        )
        .order_by(MediaFileImport.id)
    )
    found: dict[int, DecidedBy] = {}
    rows: Sequence[Any] = (await session.execute(query)).all()
    for file_id, actor, method, at, evidence in rows:
        recorded: dict[str, Any] | None = evidence.get("recorded")
        at = datetime.fromisoformat(recorded["at"]) if recorded else at
        found[file_id] = DecidedBy(actor, method is ImportMethod.MANUAL_MATCH, at, evidence.get("probability"))
    return found


async def heard_by(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, tuple[Neighbour, ...]]:
    """What files that lean on their neighbours heard of them; the others are left out."""
    query = select(MediaFileDecision.file_id, MediaFileDecision.neighbours).where(
        MediaFileDecision.file_id.in_(file_ids), MediaFileDecision.neighbours.is_not(None)
    )
    rows: Sequence[Any] = (await session.execute(query)).all()
    return {file_id: msgspec.json.decode(heard, type=tuple[Neighbour, ...]) for file_id, heard in rows}


async def rejections_told(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, tuple[RejectedBefore, ...]]:
    """What persons said that files are not, in the order in which they said it. Of an item made by hand nothing has to be told:
    no provider suggests it."""
    query = (
        select(
            RejectedMatch.file_id,
            MediaItem.type,
            MediaItem.tmdb_id,
            MediaItem.title,
            MediaItem.year,
            RejectedMatch.episodes,
            RejectedMatch.by,
            RejectedMatch.at,
        )
        .join(MediaItem, MediaItem.id == RejectedMatch.item_id)
        .where(RejectedMatch.file_id.in_(file_ids), MediaItem.tmdb_id.is_not(None))
        .order_by(RejectedMatch.id)
    )
    found: dict[int, tuple[RejectedBefore, ...]] = {}
    for file_id, item_type, tmdb_id, title, year, episodes, by, at in await session.execute(query):
        told = RejectedBefore(
            type=item_type,
            tmdb_id=tmdb_id or 0,
            title=title,
            year=year,
            episodes=tuple(EpisodeNumber(*pair) for pair in episodes) if episodes is not None else None,
            by=by,
            at=at,
        )
        found[file_id] = (*found.get(file_id, ()), told)
    return found


async def dismissers(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, DecidedBy]:
    query = (
        select(UnmatchedFile.file_id, UnmatchedFile.resolved_by, UnmatchedFile.resolved_at)
        .where(UnmatchedFile.file_id.in_(file_ids), UnmatchedFile.resolution == Resolution.DISMISSED)
        .order_by(UnmatchedFile.id)
    )
    rows: Sequence[Any] = (await session.execute(query)).all()
    return {file_id: DecidedBy(by, True, at) for file_id, by, at in rows}
