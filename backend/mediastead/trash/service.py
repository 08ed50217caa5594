"""Notes what the journal put into the trash or took out of it. Called in the transaction that closes the group."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..events.outbox import record
from ..files.folder_changes import note_changed_around
from ..files.models import MediaFile, MediaFileState
from ..files.story import tell
from ..files.types import Happened, Presence
from ..scanning.service import request_scan
from . import queries
from .models import Trashed, TrashState
from .queries import Entry

LONGEST = 255
"""Bytes of a name."""


class Arrival(Struct, frozen=True, kw_only=True):
    """What was moved into the trash of a library."""

    step_id: int
    file_id: int | None
    name: bytes
    """As `places.name_at` gives it."""
    path: bytes
    look: tuple[int, int, int]
    """Size, mtime in nanoseconds, inode."""
    had: tuple[int, int] | None
    """Mode and group where it lay."""


def name_in_trash(step_id: int, name: bytes) -> bytes:
    """A name that nothing has in the trash; the end of a long one is kept, with its suffix."""
    number = f"{step_id}-".encode()
    return number + name[-(LONGEST - len(number)) :]


async def note_arrivals(
    session: AsyncSession, now: datetime, library_id: int, arrivals: Sequence[Arrival], reason: str
) -> None:
    rows = [
        {
            "library_id": library_id,
            "file_id": each.file_id,
            "step_id": each.step_id,
            "name": each.name,
            "path": each.path,
            "size": each.look[0],
            "mtime_ns": each.look[1],
            "inode": each.look[2],
            "mode": each.had[0] if each.had is not None else None,
            "gid": each.had[1] if each.had is not None else None,
            "reason": reason,
            "at": now,
            "state": TrashState.IN_TRASH,
        }
        for each in arrivals
    ]
    if rows:
        await session.execute(insert(Trashed).execution_options(render_nulls=True), rows)
        record(session, now, "trash.filled", library_id=library_id, count=len(rows))


async def note_put_back(session: AsyncSession, now: datetime, library_id: int, names: Sequence[bytes]) -> None:
    """What lay under these names in the trash of a library was moved out of it."""
    for start in range(0, len(names), queries.AT_ONCE):
        some = names[start : start + queries.AT_ONCE]
        await session.execute(
            update(Trashed)
            .where(Trashed.library_id == library_id, Trashed.name.in_(some), Trashed.state == TrashState.IN_TRASH)
            .values(state=TrashState.PUT_BACK, ended_at=now)
        )


async def came_back(session: AsyncSession, now: datetime, entry: Entry) -> None:
    """It lies where it was again, and is the file that it was. Where something else is known there, a scan looks."""
    await session.execute(
        update(Trashed).where(Trashed.id == entry.id).values(state=TrashState.PUT_BACK, ended_at=now, said=None)
    )
    record(session, now, "trash.put_back", library_id=entry.library_id, trashed_id=entry.id, file_id=entry.file_id)
    if entry.file_id is None:
        return
    if not await queries.missing_at(session, entry.file_id, entry.path):
        await request_scan(session, now, entry.library_id, "trash")
        return
    await session.execute(
        update(MediaFileState)
        .where(MediaFileState.file_id == entry.file_id)
        .values(presence=Presence.PRESENT, missing_since=None, missing_scan_id=None)
    )
    await session.execute(update(MediaFile).where(MediaFile.id == entry.file_id).values(hidden=False))
    await tell(session, now, Happened.PUT_BACK, [entry.file_id], "trash")
    await note_changed_around(session, now, [entry.file_id])


async def set_state(session: AsyncSession, now: datetime, trashed_id: int, state: TrashState, said: str | None) -> bool:
    """Whether it still was in the trash, or being deleted."""
    changed = await session.execute(
        update(Trashed)
        .where(Trashed.id == trashed_id, Trashed.state.in_((TrashState.IN_TRASH, TrashState.DELETING)))
        .values(state=state, said=said, ended_at=None if state is TrashState.DELETING else now)
        .returning(Trashed.id)
    )
    return changed.scalar_one_or_none() is not None
