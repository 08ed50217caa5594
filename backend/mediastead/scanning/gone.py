"""Writes what a scan did not see: what is missing, where nobody could look, and folders that are no more."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..events.outbox import record
from ..files.models import Folder, MediaFileState
from ..files.queries import within
from ..files.story import tell
from ..files.types import Happened, Presence
from .queries import chunks, known_folders
from .record import NAMED_IN_EVENTS, SCAN, insert_folders


async def write_missing(
    session: AsyncSession, now: datetime, scan_id: int, library_id: int, file_ids: Sequence[int]
) -> None:
    """The files are gone. `file_ids`: present files of the library, read in this transaction."""
    await session.execute(
        update(MediaFileState)
        .where(MediaFileState.file_id.in_(file_ids))
        .values(presence=Presence.MISSING, missing_since=now, missing_scan_id=scan_id, unsettled_since=None)
    )
    await tell(session, now, Happened.MISSING, file_ids, SCAN, scan_id=scan_id)
    record(
        session,
        now,
        "files.missing",
        library_id=library_id,
        scan_id=scan_id,
        count=len(file_ids),
        file_ids=list(file_ids[:NAMED_IN_EVENTS]),
    )


async def write_gaps(session: AsyncSession, now: datetime, library_id: int, gaps: Mapping[bytes, str]) -> None:
    """Mark every known folder that is one of `gaps` or lies beneath one. A gap that stands already keeps its time."""
    known = await known_folders(session, library_id, sorted(gaps))
    missing = sorted(set(gaps) - set(known))
    if missing:
        await insert_folders(session, library_id, missing, {})
    for path, reason in gaps.items():
        await session.execute(
            update(Folder)
            .where(within(library_id, path), Folder.gap_since.is_(None))
            .values(gap_since=now, gap_reason=reason)
        )


async def forget_folders(session: AsyncSession, folder_ids: Collection[int]) -> None:
    """Folders that are gone and hold no file's last path. `folder_ids`: read in this transaction."""
    for some in chunks(sorted(folder_ids)):
        await session.execute(delete(Folder).where(Folder.id.in_(some)))
