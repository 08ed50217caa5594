"""Claims what is due, so that of several servers one does it."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..events.models import Event
from ..libraries.models import Library
from ..scanning.service import request_scan
from .queries import due_libraries

EVENTS_KEPT = timedelta(days=30)


async def queue_due_scans(database: Database, clock: Clock) -> int:
    """Queue a scan of every library whose time has come; how many were queued here.

    The time moves on from now, not from when it was due: however many scans were missed, one makes up for them.
    """
    now = clock.now()
    async with database.read() as session:
        due = await due_libraries(session, now)
    queued = 0
    for library in due:
        async with database.write() as session:
            claimed = await session.execute(
                update(Library)
                .where(Library.id == library.id, Library.next_scan_at == library.next_scan_at)
                .values(next_scan_at=now + timedelta(minutes=library.interval_minutes))
                .returning(Library.id)
            )
            if claimed.scalar_one_or_none() is None:
                continue  # another server was first
            await request_scan(session, now, library.id, "schedule", trigger="schedule")
            queued += 1
    return queued


async def forget_old_events(session: AsyncSession, now: datetime) -> int:
    """Events are for those who follow along; the story of a file is kept elsewhere. How many went."""
    gone = await session.execute(delete(Event).where(Event.at < now - EVENTS_KEPT))
    return cast("CursorResult[Any]", gone).rowcount
