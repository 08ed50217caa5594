"""Reads whole files, slowly, to see whether they still are what they were: disks and memory fail without saying so.

Content that is another while size and mtime are the same has rotted. A file that was changed has another mtime: its scan drops
the hash, and what is read next is what it is from then on.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Update, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import AWAY, Database
from ..events.outbox import record
from ..files.duplicates import lock_alike, note_alike
from ..files.models import MediaFileState
from ..files.schemas import EPOCH
from ..files.story import tell
from ..files.types import Happened, Presence
from ..probing import Hasher, Piece
from ..scanning.queries import KnownPath, present_sample
from ..scanning.root import why_unavailable
from .queries import DueFile, busy_libraries, due_files, is_any_due, present_ids, roots_of, schedules_after

LOOK_AGAIN = 2.0
"""Seconds between two looks for work."""
PAUSE = 2.0
"""Seconds between two looks whether a library that is scanned or moved in is free again."""
SCHEDULE_EVERY = timedelta(hours=1)
AFTER_ERROR = timedelta(days=1)
CLAIMED = timedelta(minutes=5)
"""So long nobody else begins a file; moved on while it is read, so that one whose reader was killed is soon read by another."""
AT_ONCE = 5000
CHANGED_AT_ONCE = 500
STEP = 2_654_435_761
"""Times the file's number: spreads files that follow each other evenly (Knuth, The Art of Computer Programming 3, 6.4)."""

BY = "verification"
SAME_SIZE = "another content of the same size and time"

log = structlog.stdlib.get_logger(__name__)


class Verifier:
    """`run` until `stop` is set. Any number of them may run on one database.

    `days`: within which all files are read once, 0 for only those that somebody asks for, None to leave the schedule to others;
    `pace`: bytes a second. Both are asked for anew each time, since a person may change them.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        hasher: Hasher,
        *,
        days: Callable[[], int] | None,
        pace: Callable[[], int],
        claimed: timedelta = CLAIMED,
    ) -> None:
        self._database = database
        self._clock = clock
        self._hasher = hasher
        self._own_schedule = days is not None
        self._days = days or (lambda: 0)
        self._pace = pace
        self._claimed = claimed
        self._scheduled: tuple[int, datetime] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """A file that is being read when `stop` is set is read from its beginning by the next server."""
        while not stop.is_set():
            try:
                await self.schedule(stop)
                worked = await self.step(stop)
            except Exception:
                # The loop must outlive what one file ran into (a database that restarts, a bug); it is tried again.
                log.exception("files could not be verified, will try again")
                worked = False
            if not worked:
                await _wait(stop, LOOK_AGAIN)

    async def schedule(self, stop: asyncio.Event) -> None:
        """Spread files over the days that are set; or take back what was spread, where they are set to none."""
        days, now = self._days(), self._clock.now()
        if not self._own_schedule:
            return
        if self._scheduled and self._scheduled[0] == days and now < self._scheduled[1]:
            return
        last = 0
        while not stop.is_set():
            async with self._database.read() as session:
                known = await schedules_after(session, last, AT_ONCE)
            rows = [
                (file_id, due)
                for file_id, verified_at, is_due in known
                if (due := _due(file_id, verified_at, is_due, days, now)) != is_due
            ]
            for start in range(0, len(rows), CHANGED_AT_ONCE):
                async with self._database.write() as session:
                    some = [
                        {"file_id": each, "verify_due_at": due} for each, due in rows[start : start + CHANGED_AT_ONCE]
                    ]
                    await session.execute(update(MediaFileState), some)
            if len(known) < AT_ONCE:
                break
            last = known[-1][0]
        self._scheduled = days, now + SCHEDULE_EVERY

    async def step(self, stop: asyncio.Event) -> bool:
        """One file; False where none is due."""
        async with self._database.read() as session:
            busy = await busy_libraries(session)
            if not await is_any_due(session, self._clock.now(), busy):
                return False
        async with self._database.write() as session:
            files = await due_files(session, self._clock.now(), await busy_libraries(session), 1)
            for file in files:
                await session.execute(_of(file).values(verify_due_at=self._clock.now() + self._claimed))
        for file in files:
            await self._verify(file, stop)
        return bool(files)

    async def _verify(self, file: DueFile, stop: asyncio.Event) -> None:
        async with self._claiming(file):
            read = await self._hash(file, stop)
            if read is not None and read.digest and file.content_hash and read.digest != file.content_hash:
                # Once more, before anybody is told: what was wrong may have been the way from the disk.
                again = await self._hash(file, stop)
                if again is not None and again.digest != read.digest:
                    again = Piece(
                        error=again.error or "it was read otherwise each time: check the disk, its cable and the memory"
                    )
                read = again
        if read is None:
            await self._record(file, {"verify_due_at": self._clock.now()})
        elif read.digest is None or (read.size, read.mtime_ns) != (file.size, file.mtime_ns):
            error = read.error or "it is not as the last scan saw it"
            later = self._clock.now() + AFTER_ERROR
            await self._record(
                file, {"verify_due_at": later, "verify_error": error, "verify_tried_at": self._clock.now()}
            )
        else:
            await self._judge(file, read.digest, read.fingerprint)

    @asynccontextmanager
    async def _claiming(self, file: DueFile) -> AsyncGenerator[None]:
        """Meanwhile nobody else begins the file."""
        over = asyncio.Event()
        claiming = asyncio.create_task(self._claim(file, over), name=f"claim of file {file.id}")
        try:
            yield
        finally:
            # Awaited, so that nothing is claimed any more when it is recorded.
            over.set()
            await claiming

    async def _claim(self, file: DueFile, over: asyncio.Event) -> None:
        while True:
            await _wait(over, self._claimed.total_seconds() / 3)
            if over.is_set():
                return
            try:
                async with self._database.write() as session:
                    await session.execute(_of(file).values(verify_due_at=self._clock.now() + self._claimed))
            except AWAY as error:
                log.warning("a claim could not be moved on, will try again", file_id=file.id, error=str(error))

    async def _judge(self, file: DueFile, digest: bytes, fingerprint: bytes | None) -> None:
        now, days = self._clock.now(), self._days()
        is_other = file.content_hash is not None and digest != file.content_hash
        replaced = is_other and file.hash_is_former
        due = slot_after(file.id, now + timedelta(days=days) / 2, days) if days else None
        values: dict[str, object] = {"verify_due_at": due, "verify_error": None, "verify_tried_at": now}
        happened: Happened | None = None
        if is_other and not replaced:
            values["rotted_at"] = file.rotted_at or now
            happened = Happened.ROTTED if file.rotted_at is None else None
        else:
            values |= {"content_hash": digest, "hash_is_former": False, "verified_at": now, "rotted_at": None}
            happened = Happened.SOUND if file.rotted_at is not None else None
            if not (fingerprint is None or file.has_fingerprint or replaced):
                # Else files that were read whole would not be known to hold the same before their streams are read as well.
                values |= {"fingerprint": fingerprint, "fingerprinted_at": now}
        if replaced:
            # What is known of its content is of the former one.
            values |= {"changed_at": now, "fingerprint": None, "read_due_at": now, "read_tries": 0}
            happened = Happened.REPLACED
        await self._record(file, values, happened)

    async def _hash(self, file: DueFile, stop: asyncio.Event) -> Piece | None:
        """The last piece; None where it is to be left for later."""
        piece, began = Piece(), time.monotonic()
        looked = began
        while True:
            if stop.is_set():
                return None
            piece = await self._hasher.piece(file.path, piece.read)
            if piece.digest is not None or piece.error is not None:
                return piece
            ahead = piece.read / self._pace() - (time.monotonic() - began)
            if ahead > 0:
                await _wait(stop, ahead)
            if time.monotonic() - looked > PAUSE:
                looked = time.monotonic()
                while not stop.is_set() and await self._is_busy(file.library_id):
                    await _wait(stop, PAUSE)
                    began += PAUSE

    async def _is_busy(self, library_id: int) -> bool:
        async with self._database.read() as session:
            return library_id in await busy_libraries(session)

    async def _record(self, file: DueFile, values: dict[str, object], happened: Happened | None = None) -> None:
        async with self._database.write() as session:
            if "fingerprint" in values:
                await lock_alike(session)
            written = await session.execute(_of(file).values(**values).returning(MediaFileState.file_id))
            if written.scalar_one_or_none() is None:
                # What a scan found there meanwhile is to be read instead, and not only when the claim has run out.
                again = update(MediaFileState).where(MediaFileState.file_id == file.id)
                await session.execute(again.values(verify_due_at=self._clock.now()))
                return
            if "content_hash" in values:
                await note_alike(session, [file.id])
            if happened is None:
                return
            if happened is Happened.ROTTED:
                log.error("a file is no longer what it was", file_id=file.id)
            said = {file.id: SAME_SIZE} if happened is Happened.REPLACED else {}
            await tell(session, self._clock.now(), happened, [file.id], BY, details=said)
            record(session, self._clock.now(), f"file.{happened}", file_id=file.id, library_id=file.library_id)


def _of(file: DueFile) -> Update:
    state = MediaFileState
    # Only where no scan wrote meanwhile that it is another: then nothing is known of that.
    return update(state).where(
        state.file_id == file.id,
        state.size == file.size,
        state.mtime_ns == file.mtime_ns,
        state.presence == Presence.PRESENT,
    )


def _due(
    file_id: int, verified_at: datetime | None, is_due: datetime | None, days: int, now: datetime
) -> datetime | None:
    """When a file is to be read. What is due already stays so: somebody asked for it, or its time has come; as does what is read
    now, or was when its reader was killed."""
    if is_due is not None and is_due <= now + CLAIMED:
        return is_due
    if days == 0:
        return None
    latest = now + timedelta(days=days)
    if is_due is not None and is_due <= latest:
        return is_due
    # Not before half the days have passed since it was read, whoever wanted that; what is overdue is spread as well.
    return slot_after(file_id, now if verified_at is None else max(now, verified_at + timedelta(days=days) / 2), days)


def slot_after(file_id: int, moment: datetime, days: int) -> datetime:
    """The next time after `moment` at which it is this file's turn: one of a round of so many days.

    A file keeps its place in the round. If each were due so many days after it was read, those that were once read together (on
    somebody's demand, or after a week in which the server was off) would all be due together ever after.
    """
    length = days * 86_400
    since = (moment - EPOCH).total_seconds()
    place = file_id * STEP % length
    return moment + timedelta(seconds=(place - since) % length or length)


async def ask_all(database: Database, clock: Clock, library_id: int | None, file_id: int | None) -> tuple[int, int]:
    """Have the present files of a library, or this one, or all, verified now; how many there are, and how many besides that
    are out of reach, which is no reason to wait for them."""
    gone = await _roots_away(database, library_id, file_id)
    last = asked = away = 0
    while True:
        async with database.write() as session:
            found = await present_ids(session, library_id, file_id, last, CHANGED_AT_ONCE, gone)
            files = [each for each, is_away in found if not is_away]
            now_due = update(MediaFileState).where(MediaFileState.file_id.in_(files))
            await session.execute(now_due.values(verify_due_at=clock.now()))
        asked += len(files)
        away += len(found) - len(files)
        if len(found) < CHANGED_AT_ONCE:
            return asked, away
        last = found[-1][0]


async def _roots_away(database: Database, library_id: int | None, file_id: int | None) -> list[int]:
    """The libraries whose roots are not there, though no scan has noticed that yet: it says nothing of their files."""
    async with database.read() as session:
        roots = [(each, await _sample(session, each)) for each in await roots_of(session, library_id, file_id)]
    return [
        known_id
        for (known_id, root, marker), sample in roots
        if await asyncio.to_thread(why_unavailable, root, marker, sample) is not None
    ]


async def _sample(session: AsyncSession, root: tuple[int, bytes, str | None]) -> list[KnownPath]:
    """Of a root without a marker, by which it is known."""
    return [] if root[2] is not None else await present_sample(session, root[0])


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
