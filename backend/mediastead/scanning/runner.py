"""Takes queued scans and runs them: one at a time a library, also across processes and servers, several libraries at once."""

import asyncio

import structlog

from ..clock import Clock
from ..db.engine import Database
from ..events.wake import Wake
from ..libraries.lock import library_lock
from ..libraries.models import ScanOutcome
from .inventory import Ending, Inventory, ScanTask
from .pump import BATCH_FILES
from .scans import queued_scans, running_scans
from .service import begin_scan, end_scan, retry_interrupted

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""Between two looks into the queue without a nudge."""

SCANS_AT_ONCE = 2
"""Libraries that are scanned at the same time. On PostgreSQL each keeps a connection for its lock, and takes a second one
for its batches."""


class ScanRunner:
    """`run` until `stop` is set. Any number of them may run on one database; the library's lock decides who scans."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wake: Wake,
        *,
        scans_at_once: int = SCANS_AT_ONCE,
        batch_files: int = BATCH_FILES,
    ) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
        self._scans_at_once = scans_at_once
        self._batch_files = batch_files
        self._running: dict[int, asyncio.Task[None]] = {}
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Take what is queued until `stop` is set; then end the running scans after their batch, so that they are due again."""
        self._stop = stop
        while not stop.is_set():
            try:
                await self._retry_dead()
                await self._start_queued()
            except Exception:
                # The database may be away for a moment; what was asked for stays in the queue.
                log.exception("the queue of scans cannot be read now")
            await self._wake.wait_for_scans(stop, LOOK_SECONDS)
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def run_queued(self) -> None:
        """Run what is queued now, and return when it has ended."""
        await self._retry_dead()
        while await self._start_queued():
            await asyncio.gather(*self._running.values())

    async def _start_queued(self) -> int:
        async with self._database.read() as session:
            queued = await queued_scans(session)
        started = 0
        for scan_id, library_id in queued:
            if library_id not in self._running and len(self._running) < self._scans_at_once:
                task = asyncio.create_task(self._scan(scan_id, library_id), name=f"scan-{scan_id}")
                self._running[library_id] = task
                task.add_done_callback(lambda _, library_id=library_id: self._ended(library_id))
                started += 1
        return started

    def _ended(self, library_id: int) -> None:
        del self._running[library_id]
        self._wake.scans.set()

    async def _scan(self, scan_id: int, library_id: int) -> None:
        try:
            async with library_lock(self._database, library_id).hold() as held:
                if not held:
                    # Somebody moves files in it or another server scans it; the scan stays in the queue.
                    await asyncio.sleep(LOOK_SECONDS)
                    return
                async with self._database.write() as session:
                    task = await begin_scan(session, self._clock.now(), scan_id)
                if task is not None:
                    await self._run(task)
        except Exception:
            log.exception("a scan could not be started or ended", scan_id=scan_id, library_id=library_id)

    async def _run(self, task: ScanTask) -> None:
        log.info("scan started", scan_id=task.scan_id, library_id=task.library_id)
        inventory = Inventory(
            self._database, self._clock, task, stopping=self._stop.is_set, batch_files=self._batch_files
        )
        try:
            ending = await inventory.run()
        except Exception as error:
            log.exception("scan failed", scan_id=task.scan_id, library_id=task.library_id)
            ending = Ending(ScanOutcome.FAILED, f"{type(error).__name__}: {error}"[:2000], inventory.columns)
        if ending.outcome is ScanOutcome.INTERRUPTED:
            async with self._database.write() as session:
                await retry_interrupted(session, self._clock.now(), task.scan_id)
            return
        async with self._database.write() as session:
            await end_scan(session, self._clock.now(), task, ending)
        self._wake.identify.set()
        log.info(
            "scan finished",
            scan_id=task.scan_id,
            library_id=task.library_id,
            outcome=ending.outcome.value,
            error=ending.error,
            counts=ending.columns["counts"],
        )

    async def _retry_dead(self) -> None:
        """End scans whose process died, and queue them again."""
        async with self._database.read() as session:
            running = await running_scans(session)
        for scan_id, library_id in running:
            if library_id in self._running:
                continue
            async with library_lock(self._database, library_id).hold() as free:
                if free:
                    async with self._database.write() as session:
                        await retry_interrupted(session, self._clock.now(), scan_id)
