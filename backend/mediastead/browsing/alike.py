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
    title: dict[int, set[int]] = defaultdict(set, await _same_film(session, file_ids))
    for file_id, other in await session.execute(_same_episodes(file_ids)):
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


async def _same_film(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, set[int]]:
    """By item, and put together here: by role as well, SQLite would go through all features that there are."""
    mine = select(MediaFile.id, MediaFile.media_item_id, MediaFile.role).where(MediaFile.id.in_(file_ids))
    films = {row[0]: row[1] for row in await session.execute(mine) if row[1] is not None and row[2] is Role.FEATURE}
    if not films:
        return {}
    theirs = (
        select(MediaFile.media_item_id, MediaFile.id, MediaFile.role)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(MediaFile.media_item_id.in_(set(films.values())), MediaFileState.presence == Presence.PRESENT)
        .limit(MOST_OF_ALL)
    )
    of_item: dict[int | None, set[int]] = defaultdict(set)
    for item_id, file_id, role in await session.execute(theirs):
        if role is Role.FEATURE:
            of_item[item_id].add(file_id)
    return {file_id: of_item[item_id] - {file_id} for file_id, item_id in films.items()}


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
