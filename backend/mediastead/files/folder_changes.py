"""Notes folders in which changed what files are taken for, for those that lean on their neighbours."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from .models import FolderChange


async def note_changed(session: AsyncSession, now: datetime, folder_ids: Iterable[int]) -> None:
    """To be called in the transaction of the change: a file was matched, is no longer, or came, went or moved being matched."""
    rows = [{"folder_id": folder_id, "at": now} for folder_id in sorted(set(folder_ids))]
    if rows:
        await session.execute(insert(FolderChange), rows)
