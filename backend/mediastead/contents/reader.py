"""Reads what is to be read of files, whenever nothing more urgent reads their disk.

One file after the other, in a process that can be killed. A batch goes claim, read (no transaction is open meanwhile), record; a
claim is a later time at which the file is due, so that a server that died holds nothing up for longer than that.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..files.models import MediaFileState
from ..files.types import Presence
from ..probing import Fingerprint, Prober
from ..scanning.content_queries import twins
from ..scanning.reunion import reunite
from .queries import UnreadFile, anything_unread, busy_libraries, unread_files

BATCH = 25
"""Files that are claimed and recorded together."""
CLAIMED = timedelta(minutes=15)
"""Longer than a batch takes if every file of it runs into the time limit."""
FIRST_AFTER = 5.0
"""Seconds after the start, which has other work to do."""
LOOK_AGAIN = 5.0
"""Seconds between two looks for work."""
REST = 0.2
"""Seconds between two batches, for whoever else wants the disk."""
AGAIN_AFTER = timedelta(minutes=5)
"""Until a file that could not be read is tried again; four times as long after each failure."""
AT_LEAST_EVERY = timedelta(days=1)
MOST_FAILURES = 3
"""In a row, after which the rest of a batch waits: it is the disk, and not the files."""

log = structlog.stdlib.get_logger(__name__)


class ContentReader:
    """`run` until `stop` is set. Any number of them may run on one database."""

    def __init__(self, database: Database, clock: Clock, prober: Prober, *, batch: int = BATCH) -> None:
        self._database = database
        self._clock = clock
        self._prober = prober
        self._batch = batch

    async def run(self, stop: asyncio.Event) -> None:
        """What was read when `stop` is set is kept, and the file that is being read is left for later."""
        await _wait(stop, FIRST_AFTER)
        while not stop.is_set():
            try:
                worked = await self.step(stop)
            except Exception:
                # The loop must outlive what one batch ran into (a database that restarts, a bug); it is tried again.
                log.exception("contents could not be read, will try again")
                worked = False
            await _wait(stop, REST if worked else LOOK_AGAIN)

    async def step(self, stop: asyncio.Event) -> bool:
        """One batch; False where there is nothing to read."""
        async with self._database.read() as session:
            busy = await busy_libraries(session)
            if not await anything_unread(session, self._clock.now(), busy):
                return False
        async with self._database.write() as session:
            files = await unread_files(session, self._clock.now(), await busy_libraries(session), self._batch)
            await _due(session, [file.id for file in files], self._clock.now() + CLAIMED)
        read, left = await self._read(files, stop)
        async with self._database.write() as session:
            await self._record(session, read)
            later = timedelta(0) if stop.is_set() else AGAIN_AFTER
            await _due(session, [file.id for file in left], self._clock.now() + later)
        return bool(files)

    async def _read(
        self, files: Sequence[UnreadFile], stop: asyncio.Event
    ) -> tuple[list[tuple[UnreadFile, Fingerprint]], list[UnreadFile]]:
        """What was read, and the files that were left for later."""
        read: list[tuple[UnreadFile, Fingerprint]] = []
        failures = 0
        stopped = asyncio.ensure_future(stop.wait())
        try:
            for file in files:
                if stop.is_set() or failures >= MOST_FAILURES:
                    break
                reading = asyncio.ensure_future(self._prober.fingerprint(file.path))
                await asyncio.wait((reading, stopped), return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    reading.cancel()
                    await asyncio.gather(reading, return_exceptions=True)
                    break
                taken = reading.result()
                failures = failures + 1 if taken.error else 0
                read.append((file, taken))
        finally:
            stopped.cancel()
        done = {file.id for file, _ in read}
        return read, [file for file in files if file.id not in done]

    async def _record(self, session: AsyncSession, read: Sequence[tuple[UnreadFile, Fingerprint]]) -> None:
        now = self._clock.now()
        good = [(file, taken) for file, taken in read if (taken.size, taken.mtime_ns) == (file.size, file.mtime_ns)]
        bad = [(file, taken) for file, taken in read if (file, taken) not in good]
        for file, taken in bad:
            if taken.error:
                log.info("a file could not be read", file_id=file.id, error=taken.error, tries=file.tries + 1)
        await _write(session, [(file, taken.value, now, None, 0) for file, taken in good if taken.error is None])
        await _write(session, [(file, None, None, now + again_after(file.tries), file.tries + 1) for file, _ in bad])
        if known := [file.id for file, taken in good if taken.value]:
            await reunite(session, now, await twins(session, copies=known))


def again_after(tries: int) -> timedelta:
    """Until the next try after `tries` failures and one more."""
    return min(AGAIN_AFTER * 4 ** min(tries, 10), AT_LEAST_EVERY)


_Row = tuple[UnreadFile, bytes | None, datetime | None, datetime | None, int]


async def _write(session: AsyncSession, rows: Sequence[_Row]) -> None:
    if not rows:
        return
    state = MediaFileState
    # Only where nobody else wrote meanwhile what he saw: then it is due again anyway.
    statement = (
        update(state)
        .where(
            state.file_id == bindparam("of_file"),
            state.size == bindparam("read_size"),
            state.mtime_ns == bindparam("read_mtime_ns"),
            state.presence == Presence.PRESENT,
        )
        .values(
            fingerprint=bindparam("taken"),
            fingerprinted_at=bindparam("at"),
            read_due_at=bindparam("due"),
            read_tries=bindparam("tries"),
        )
    )
    values = [
        {
            "of_file": file.id,
            "read_size": file.size,
            "read_mtime_ns": file.mtime_ns,
            "taken": taken,
            "at": at,
            "due": due,
            "tries": tries,
        }
        for file, taken, at, due, tries in rows
    ]
    # On the connection: the session would want to find the rows by their key.
    await (await session.connection()).execute(statement, values)


async def _due(session: AsyncSession, file_ids: Sequence[int], at: datetime) -> None:
    if file_ids:
        due = update(MediaFileState).where(MediaFileState.file_id.in_(file_ids)).values(read_due_at=at)
        await session.execute(due)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
