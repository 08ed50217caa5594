"""Files that hold the same as another one: the same content, or the same film or episode."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ..db.text import shown
from ..files.duplicates import same_content
from ..files.models import Folder, MediaFile, MediaFileEpisode, MediaFileState
from ..files.paths import joined
from ..files.types import Presence, Role
from ..libraries.models import Library
from .schemas import OtherFile

MOST = 50
"""Others of one file."""
MOST_OF_ALL = 5000
"""Others of the files of one page."""


async def others_like(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, list[OtherFile]]:
    """By file: up to 50 others that are there and hold the same, in the order of their ids; files without any are left out."""
    content = await same_content(session, file_ids)
    title: dict[int, set[int]] = defaultdict(set)
    for query in (_same_film(file_ids), _same_episodes(file_ids)):
        for file_id, other in await session.execute(query):
            title[file_id].add(other)
    wanted = {file_id: sorted({*content.get(file_id, ()), *title.get(file_id, ())})[:MOST] for file_id in file_ids}
    query = (
        select(MediaFile.id, Library.name, Folder.path, MediaFile.name)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(MediaFile.id.in_({other for others in wanted.values() for other in others}))
    )
    places = {row[0]: (row[1], shown(joined(row[2], row[3]))) for row in await session.execute(query)}
    return {
        file_id: [
            OtherFile(
                id=other,
                library=places[other][0],
                path=places[other][1],
                same_content=content.get(file_id, {}).get(other),
                same_title=other in title.get(file_id, ()),
            )
            for other in others
            if other in places
        ]
        for file_id, others in wanted.items()
        if others
    }


def _same_film(file_ids: Sequence[int]) -> Select[int, int]:
    one = aliased(MediaFile)
    return (
        select(one.id, MediaFile.id)
        .join(one, one.media_item_id == MediaFile.media_item_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(
            one.id.in_(file_ids),
            one.role == Role.FEATURE,
            MediaFile.role == Role.FEATURE,
            MediaFile.id != one.id,
            MediaFileState.presence == Presence.PRESENT,
        )
        .order_by(one.id, MediaFile.id)
        .limit(MOST_OF_ALL)
    )


def _same_episodes(file_ids: Sequence[int]) -> Select[int, int]:
    one, held = aliased(MediaFileEpisode), MediaFileEpisode
    return (
        select(one.file_id, held.file_id)
        .join(held, held.episode_id == one.episode_id)
        .join(MediaFileState, MediaFileState.file_id == held.file_id)
        .where(one.file_id.in_(file_ids), held.file_id != one.file_id, MediaFileState.presence == Presence.PRESENT)
        .distinct()
        .order_by(one.file_id, held.file_id)
        .limit(MOST_OF_ALL)
    )
