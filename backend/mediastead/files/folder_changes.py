"""Notes folders in which changed what files are taken for, for those that lean on their neighbours."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from .models import FolderChange, MediaFile


async def note_changed(session: AsyncSession, now: datetime, folder_ids: Iterable[int]) -> None:
    """To be called in the transaction of the change: a file was matched, is no longer, or came, went or moved being matched."""
    rows = [{"folder_id": folder_id, "at": now} for folder_id in sorted(set(folder_ids))]
    if rows:
        await session.execute(insert(FolderChange), rows)


async def note_changed_around(session: AsyncSession, now: datetime, file_ids: Collection[int]) -> None:
    """As `note_changed`, for the folders in which these files lie now."""
    folders = select(MediaFile.folder_id).where(MediaFile.id.in_(file_ids)).distinct()
    await note_changed(session, now, (await session.execute(folders)).scalars())
