"""Reads what is to be read of files, whenever nothing more urgent reads their disk.

One file after the other, in a process that can be killed. A batch goes claim, read (no transaction is open meanwhile), record; a
claim is a later time at which the file is due, so that a server that died holds nothing up for longer than that.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..files.contents import Probe, probes_of
from ..files.duplicates import lock_alike, note_alike
from ..files.models import MediaFileState
from ..files.types import Presence
from ..probing import VERSION, Content, Fingerprint, Prober
from ..scanning.content_queries import twins
from ..scanning.probes import Seen, keep_probes
from ..scanning.reunion import reunite
from .doubting import doubt_replaced
from .queries import UnreadFile, anything_unread, busy_libraries, existing, reader_versions, unread_files

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
AT_ONCE = 5000
"""Files of which is asked together what is known of them."""
CHANGED_AT_ONCE = 500
MOST_FAILURES = 3
"""In a row, after which the rest of a batch waits: it is the disk, and not the files."""

log = structlog.stdlib.get_logger(__name__)


class _Read(NamedTuple):
    file: UnreadFile
    taken: Fingerprint
    content: Content | None
    """None where it is known already, or cannot be read here."""


class ContentReader:
    """`run` until `stop` is set. Any number of them may run on one database.

    `streams`: whether this computer can read what files contain; else they are only given a fingerprint.
    """

    def __init__(
        self, database: Database, clock: Clock, prober: Prober, *, streams: bool = True, batch: int = BATCH
    ) -> None:
        self._database = database
        self._clock = clock
        self._prober = prober
        self._streams = streams
        self._batch = batch

    async def run(self, stop: asyncio.Event) -> None:
        """What was read when `stop` is set is kept, and the file that is being read is left for later."""
        await _wait(stop, FIRST_AFTER)
        noted = not self._streams
        while not stop.is_set():
            try:
                if not noted:
                    await self.note_unread(stop)
                    noted = True
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
            kept = await probes_of(session, [file.id for file in files])
        read, left = await self._read(files, kept, stop)
        async with self._database.write() as session:
            await self._record(session, read, kept)
            later = timedelta(0) if stop.is_set() else AGAIN_AFTER
            await _due(session, [file.id for file in left], self._clock.now() + later)
        return bool(files)

    async def note_unread(self, stop: asyncio.Event) -> None:
        """Let files be due of which less is known than this version reads, bit by bit."""
        last = 0
        while not stop.is_set():
            async with self._database.read() as session:
                known = await reader_versions(session, last, AT_ONCE)
            old = [file_id for file_id, version in known if version < VERSION]
            for start in range(0, len(old), CHANGED_AT_ONCE):
                async with self._database.write() as session:
                    await _due_if_read(session, old[start : start + CHANGED_AT_ONCE], self._clock.now())
            if len(known) < AT_ONCE:
                return
            last = known[-1][0]

    async def _read(
        self, files: Sequence[UnreadFile], kept: Mapping[int, Probe], stop: asyncio.Event
    ) -> tuple[list[_Read], list[UnreadFile]]:
        """What was read, and the files that were left for later."""
        read: list[_Read] = []
        failures = 0
        stopped = asyncio.ensure_future(stop.wait())
        try:
            for file in files:
                if stop.is_set() or failures >= MOST_FAILURES:
                    break
                reading = asyncio.ensure_future(self._read_one(file, kept.get(file.id)))
                await asyncio.wait((reading, stopped), return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    reading.cancel()
                    await asyncio.gather(reading, return_exceptions=True)
                    break
                read.append(reading.result())
                failures = failures + 1 if read[-1].taken.error else 0
        finally:
            stopped.cancel()
        done = {each.file.id for each in read}
        return read, [file for file in files if file.id not in done]

    async def _read_one(self, file: UnreadFile, kept: Probe | None) -> _Read:
        taken = await self._prober.fingerprint(file.path)
        if not self._streams or not _is_as_known(file, taken) or _is_kept(file, kept):
            return _Read(file, taken, None)
        return _Read(file, taken, await self._prober.probe(file.path))

    async def _record(self, session: AsyncSession, read: Sequence[_Read], kept: Mapping[int, Probe]) -> None:
        await lock_alike(session)
        now = self._clock.now()
        good = [each for each in read if _is_as_known(each.file, each.taken)]
        bad = [each.file for each in read if each not in good]
        for file, taken, _ in read:
            if taken.error:
                log.info("a file could not be read", file_id=file.id, error=taken.error, tries=file.tries + 1)
        await _write(session, [(each.file, each.taken.value, now, None, 0) for each in good])
        await note_alike(session, [each.file.id for each in good])
        await _write(session, [(file, None, None, now + again_after(file.tries), file.tries + 1) for file in bad])
        probed = [(Seen(file.id, file.size, file.mtime_ns), content) for file, _, content in good if content]
        there = await existing(session, [file.file_id for file, _ in probed])
        probed = [(file, content) for file, content in probed if file.file_id in there]
        await keep_probes(session, now, probed)
        await doubt_replaced(session, now, [(file.file_id, content) for file, content in probed], kept)
        if known := [each.file.id for each in good if each.taken.value]:
            await reunite(session, now, await twins(session, copies=known))


def _is_as_known(file: UnreadFile, taken: Fingerprint) -> bool:
    return taken.error is None and (taken.size, taken.mtime_ns) == (file.size, file.mtime_ns)


def _is_kept(file: UnreadFile, kept: Probe | None) -> bool:
    """Whether its content is known already; also that nothing can be read of it, until it changes."""
    return kept is not None and (kept.size, kept.mtime_ns, kept.reader) == (file.size, file.mtime_ns, VERSION)


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


async def _due_if_read(session: AsyncSession, file_ids: Sequence[int], at: datetime) -> None:
    state = MediaFileState
    read = update(state).where(state.file_id.in_(file_ids), state.read_due_at.is_(None))
    await session.execute(read.values(read_due_at=at))


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
