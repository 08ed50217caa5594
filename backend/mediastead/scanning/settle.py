"""The second look at files that were being written when they were first seen."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..files.models import MediaFileState
from .look import look_at
from .queries import UnsettledFile, last_unsettled_look, unsettled_files

SETTLE_AFTER = timedelta(seconds=2)
"""Between two looks at a file. A copy or a download that stands still for so long while it runs is rare, and only costs
that its size is corrected by the next scan."""

BATCH = 500
"""Files looked at and written together; a writer elsewhere waits no longer than that takes."""


async def settle_due(database: Database, clock: Clock) -> int:
    """Look again at all files, of all libraries, whose first look was `SETTLE_AFTER` ago; how many stand still now."""
    return await _settle(database, clock, clock.now() - SETTLE_AFTER, None)


async def settle_library(database: Database, clock: Clock, library_id: int) -> int:
    """Wait until every unsettled file of a library is due, and look again once; how many stand still now."""
    async with database.read() as session:
        last_look = await last_unsettled_look(session, library_id)
    if last_look is None:
        return 0
    wait = SETTLE_AFTER - (clock.now() - last_look)
    await asyncio.sleep(min(max(wait, timedelta(0)), SETTLE_AFTER).total_seconds())
    return await _settle(database, clock, last_look, library_id)


async def _settle(database: Database, clock: Clock, looked_before: datetime, library_id: int | None) -> int:
    settled, after_id = 0, 0
    while True:
        async with database.read() as session:
            files = await unsettled_files(session, looked_before, library_id, after_id, BATCH)
        if not files:
            return settled
        looks = await asyncio.to_thread(_looks, files)
        async with database.write() as session:
            settled += await _write(session, looks, clock.now())
        after_id = files[-1].id


async def _write(session: AsyncSession, looks: Sequence[tuple[UnsettledFile, tuple[int, int]]], now: datetime) -> int:
    settled = 0
    for file, (size, mtime_ns) in looks:
        still = (size, mtime_ns) == (file.size, file.mtime_ns)
        # Only where nobody else wrote what he saw in between.
        written = await session.execute(
            update(MediaFileState)
            .where(
                MediaFileState.file_id == file.id,
                MediaFileState.size == file.size,
                MediaFileState.mtime_ns == file.mtime_ns,
                MediaFileState.unsettled_since.is_not(None),
            )
            .values(size=size, mtime_ns=mtime_ns, unsettled_since=None if still else now)
            .returning(MediaFileState.file_id)
        )
        settled += still and written.scalar_one_or_none() is not None
    return settled


def _looks(files: Sequence[UnsettledFile]) -> list[tuple[UnsettledFile, tuple[int, int]]]:
    """Size and mtime of those that can be looked at; for the others the next scan will tell."""
    found: list[tuple[UnsettledFile, tuple[int, int]]] = []
    for file in files:
        try:
            look = look_at(file.path)
        except OSError:
            continue
        if look is not None:
            found.append((file, (look.size, look.mtime_ns)))
    return found
