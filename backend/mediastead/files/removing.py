"""Forgets libraries piece by piece: one transaction for a million files would keep all others waiting for minutes.

A library that is being removed stays listed, with what is still known of it, until all is gone. Its lock is nobody's meanwhile
(`libraries.lock`); a server that dies leaves it to the next one, or to itself when it is back.
"""

import asyncio
import time

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..libraries.lock import organizing_lock
from ..libraries.queries import leaving_libraries
from ..libraries.roots import unmark_root
from ..libraries.service import end_removal
from .models import Folder, MediaFile

log = structlog.stdlib.get_logger(__name__)

AT_ONCE = 1000
"""Files in one transaction at most; each has rows in a dozen tables."""
AT_FIRST = 100
LONG_SECONDS = 0.25
"""Others wait as long for their turn where only one can write: what takes longer is done in smaller pieces."""
LOOK_SECONDS = 1.0
"""Between two looks for libraries that somebody wants to be removed."""
PAUSE_SECONDS = 0.02
"""Between two transactions, so that others get their turn."""


class Remover:
    """`run` until `stop` is set."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                async with self._database.read() as session:
                    leaving = await leaving_libraries(session)
                for library_id in leaving:
                    await remove_all(self._database, self._clock, library_id, stop)
            except Exception:
                # The database may be away for a moment; what is to be removed stays so.
                log.exception("a library cannot be removed now")
            try:
                await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue


async def remove_all(database: Database, clock: Clock, library_id: int, stop: asyncio.Event) -> bool:
    """Whether the library is gone; not where another server is at it, or `stop` was set."""
    async with organizing_lock(database, library_id).hold() as held:
        if not held:
            return False
        at_once = min(AT_FIRST, AT_ONCE)
        while True:
            if stop.is_set():
                return False
            async with database.write() as session:
                began = time.monotonic()
                some = await _forget_some(session, library_id, at_once)
            if not some:
                break
            took = time.monotonic() - began
            if took > LONG_SECONDS:
                at_once = max(at_once // 2, 1)
            elif took < LONG_SECONDS / 3:
                at_once = min(at_once * 2, AT_ONCE)
            await asyncio.sleep(PAUSE_SECONDS)
        async with database.write() as session:
            root = await end_removal(session, clock.now(), library_id)
        if root is not None:
            await asyncio.to_thread(unmark_root, *root)
        return True


async def _forget_some(session: AsyncSession, library_id: int, most: int) -> int:
    """How many files, or else other rows, are no longer known."""
    # How files came in stays told. Folders last: each row that goes with a file needs not be looked for again.
    for table in (MediaFile, Folder):
        query = select(table.id).where(table.library_id == library_id).order_by(table.id).limit(most)
        ids = (await session.execute(query)).scalars().all()
        if ids:
            await session.execute(delete(table).where(table.id.in_(ids)))
            return len(ids)
    return 0
