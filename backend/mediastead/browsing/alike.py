"""Files that hold the same as another one: the same content, or the same film or episode."""

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ..db.text import shown
from ..files.models import Folder, MediaFile, MediaFileEpisode, MediaFileState
from ..files.paths import joined
from ..files.types import Presence, Role
from ..libraries.models import Library
from .schemas import OtherFile

MOST = 50


async def others_like(session: AsyncSession, file_id: int) -> list[OtherFile]:
    """Up to 50 other files that are there and hold the same as this one, in the order of their ids."""
    same_content = set((await session.execute(_same_content(file_id))).scalars())
    same_title = set((await session.execute(_same_film(file_id))).scalars())
    same_title |= set((await session.execute(_same_episodes(file_id))).scalars())
    ids = sorted(same_content | same_title)[:MOST]
    query = (
        select(MediaFile.id, Library.name, Folder.path, MediaFile.name)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(MediaFile.id.in_(ids))
        .order_by(MediaFile.id)
    )
    return [
        OtherFile(
            id=row[0],
            library=row[1],
            path=shown(joined(row[2], row[3])),
            same_content="probably" if row[0] in same_content else None,
            same_title=row[0] in same_title,
        )
        for row in await session.execute(query)
    ]


def _same_content(file_id: int) -> Select[int]:
    one, other = aliased(MediaFileState), aliased(MediaFileState)
    alike = and_(other.size == one.size, other.fingerprint == one.fingerprint, other.fingerprint.is_not(None))
    return (
        select(other.file_id)
        .join(one, alike)
        .where(one.file_id == file_id, one.fingerprint != b"", *_there(other, file_id))
        .order_by(other.file_id)
        .limit(MOST)
    )


def _same_film(file_id: int) -> Select[int]:
    one = aliased(MediaFile)
    return (
        select(MediaFile.id)
        .join(one, one.media_item_id == MediaFile.media_item_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(
            one.id == file_id,
            one.role == Role.FEATURE,
            MediaFile.role == Role.FEATURE,
            *_there(MediaFileState, file_id),
        )
        .order_by(MediaFile.id)
        .limit(MOST)
    )


def _same_episodes(file_id: int) -> Select[int]:
    held = select(MediaFileEpisode.episode_id).where(MediaFileEpisode.file_id == file_id)
    return (
        select(MediaFileEpisode.file_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFileEpisode.file_id)
        .where(MediaFileEpisode.episode_id.in_(held), *_there(MediaFileState, file_id))
        .distinct()
        .order_by(MediaFileEpisode.file_id)
        .limit(MOST)
    )


def _there(state: type[MediaFileState], but: int) -> tuple[ColumnElement[bool], ...]:
    return state.file_id != but, state.presence == Presence.PRESENT
