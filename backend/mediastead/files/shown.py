"""How files are shown in lists: what they are taken for, whether they are there, and what is known of their content."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import Episode, MediaItem, Season
from ..db.text import shown
from ..libraries.models import Library
from .content_models import MediaFileProbe
from .models import Folder, MediaFile, MediaFileDecision, MediaFileEpisode, MediaFileRecord, MediaFileState
from .paths import joined
from .schemas import ContentShown, EpisodeBrief, FileShown, ItemBrief, ProviderWait, RecordShown, SettlingWait, moment
from .types import Identification, Presence


async def files_shown(
    session: AsyncSession,
    file_ids: Sequence[int],
    *,
    provider: ProviderWait | None = None,
    decisions: bool = False,
) -> list[FileShown]:
    """These files, in any order; ids that do not exist are left out."""
    query = (
        select(
            MediaFile.id,
            Library.name,
            MediaFile.library_id,
            MediaFile.folder_id,
            Folder.path,
            MediaFile.name,
            MediaFile.identification,
            MediaFileState.presence,
            or_(Library.unavailable_since.is_not(None), Folder.gap_since.is_not(None)),
            MediaFile.role,
            MediaItem.id,
            MediaItem.type,
            MediaItem.tmdb_id,
            MediaItem.title,
            MediaItem.year,
            MediaFile.part,
            MediaFile.edition,
            MediaFileState.size,
            MediaFileState.mtime_ns,
            MediaFile.created_at,
            MediaFileState.missing_since,
            MediaFile.version,
            MediaFile.ignore_rule,
            MediaFileState.unsettled_since,
            MediaFileRecord.form,
            MediaFileRecord.written_at,
            MediaFileRecord.error,
            MediaFileRecord.version,
            MediaFileProbe.probed_at,
            MediaFileProbe.duration_ms,
            MediaFileProbe.container,
            MediaFileProbe.bitrate,
            MediaFileProbe.resolution,
            MediaFileProbe.hdr,
            MediaFileProbe.video_codec,
            MediaFileProbe.error,
        )
        .outerjoin(MediaFileProbe, MediaFileProbe.file_id == MediaFile.id)
        .outerjoin(MediaFileRecord, MediaFileRecord.file_id == MediaFile.id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .outerjoin(MediaItem, MediaItem.id == MediaFile.media_item_id)
        .where(MediaFile.id.in_(file_ids))
    )
    rows = (await session.execute(query)).all()
    episodes = await episodes_of(session, file_ids)
    files = [_file(row, episodes.get(row[0], []), provider) for row in rows]
    if decisions:
        known = await decisions_of(session, file_ids)
        for file in files:
            file.decision = known.get(file.id)
    return files


def _file(row: Sequence[Any], episodes: list[EpisodeBrief], provider: ProviderWait | None) -> FileShown:
    presence = Presence.UNKNOWN if row[7] is Presence.PRESENT and row[8] else row[7]
    waiting: ProviderWait | SettlingWait | None = None
    if row[6] is Identification.PENDING and presence is Presence.PRESENT:
        waiting = SettlingWait() if row[23] is not None else provider
    return FileShown(
        id=row[0],
        library=row[1],
        library_id=row[2],
        folder_id=row[3],
        path=shown(joined(row[4], row[5])),
        identification=row[6],
        presence=presence,
        role=row[9],
        item=ItemBrief(id=row[10], type=row[11], tmdb_id=row[12], title=row[13], year=row[14]) if row[10] else None,
        episodes=episodes,
        part=row[15],
        edition=row[16],
        size=row[17],
        mtime=moment(row[18]),
        added=row[19],
        missing_since=row[20],
        version=row[21],
        ignore_rule=row[22],
        waiting_for=waiting,
        record=RecordShown(form=row[24], written_at=row[25], error=row[26], up_to_date=row[27] == row[21])
        if row[24]
        else None,
        content=_content(row[28:]) if row[28] else None,
    )


def _content(row: Sequence[Any]) -> ContentShown:
    return ContentShown(
        duration=row[1] / 1000 if row[1] else None,
        container=row[2],
        bitrate=row[3],
        resolution=row[4],
        hdr=row[5],
        video_codec=row[6],
        error=row[7],
    )


async def episodes_of(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, list[EpisodeBrief]]:
    """The episodes that files hold, in order; files without any are left out."""
    query = (
        select(MediaFileEpisode.file_id, Season.number, Episode.number)
        .join(Episode, Episode.id == MediaFileEpisode.episode_id)
        .join(Season, Season.id == Episode.season_id)
        .where(MediaFileEpisode.file_id.in_(file_ids))
        .order_by(MediaFileEpisode.file_id, Season.number, Episode.number)
    )
    found: dict[int, list[EpisodeBrief]] = {}
    for file_id, season, number in await session.execute(query):
        found.setdefault(file_id, []).append(EpisodeBrief(season, number))
    return found


async def decisions_of(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The latest decision about each file as it was stored; files that were never decided are left out."""
    query = select(MediaFileDecision.file_id, MediaFileDecision.body).where(MediaFileDecision.file_id.in_(file_ids))
    rows = await session.execute(query)
    return {file_id: msgspec.json.decode(body, type=dict[str, Any]) for file_id, body in rows}
