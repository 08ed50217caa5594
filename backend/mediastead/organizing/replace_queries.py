"""What is asked about files that others are to replace."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.models import Folder, MediaFile, MediaFileState
from ..files.paths import joined, path_hash
from ..files.types import Presence

AT_ONCE = 400
"""Values in one IN list."""


class Old(NamedTuple):
    """A media file that lies at a path."""

    id: int
    version: int
    item_id: int | None
    """The title that it is taken for."""


async def known_at(session: AsyncSession, library_id: int, paths: Collection[bytes]) -> dict[bytes, Old]:
    """The media files of a library that are there at these paths."""
    wanted = sorted(paths)
    found: dict[bytes, Old] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        folders = sorted({path_hash(path.rpartition(b"/")[0]) for path in some})
        query = (
            select(MediaFile.id, MediaFile.version, MediaFile.media_item_id, Folder.path, MediaFile.name)
            .join(Folder, Folder.id == MediaFile.folder_id)
            .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
            .where(
                Folder.library_id == library_id,
                Folder.path_hash.in_(folders),
                MediaFile.name.in_([path.rpartition(b"/")[2] for path in some]),
                MediaFile.holds_path,
                MediaFileState.presence == Presence.PRESENT,
            )
        )
        for file_id, version, item_id, folder, name in await session.execute(query):
            found[joined(folder, name)] = Old(file_id, version, item_id)
    return found


async def items_of(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, int | None]:
    """The titles that these files are taken for; None for none, also where a file is no more."""
    found: dict[int, int | None] = dict.fromkeys(file_ids)
    for start in range(0, len(file_ids), AT_ONCE):
        some = file_ids[start : start + AT_ONCE]
        query = select(MediaFile.id, MediaFile.media_item_id).where(MediaFile.id.in_(some))
        found |= {row[0]: row[1] for row in await session.execute(query)}
    return found
