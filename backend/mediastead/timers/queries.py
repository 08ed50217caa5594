"""What is due."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..libraries.models import Library


class DueLibrary(NamedTuple):
    id: int
    next_scan_at: datetime
    interval_minutes: int


async def due_libraries(session: AsyncSession, now: datetime) -> list[DueLibrary]:
    """Longest due first."""
    query = (
        select(Library.id, Library.next_scan_at, Library.scan_interval_minutes)
        .where(Library.next_scan_at <= now, Library.scan_interval_minutes.is_not(None))
        .order_by(Library.next_scan_at, Library.id)
    )
    found: list[DueLibrary] = []
    for library_id, due_at, interval in await session.execute(query):
        if due_at is not None and interval is not None:
            found.append(DueLibrary(library_id, due_at, interval))
    return found
