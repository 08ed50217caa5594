"""The ticks: what is due is claimed in the database and handed to the room that does it.

APScheduler only ticks, from memory: its job stores cannot be shared by several servers. Who does a due thing is decided by a
conditional UPDATE, so any number of servers may tick on one database.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta
from typing import Any

import structlog
from apscheduler.executors.asyncio import AsyncIOExecutor  # pyright: ignore[reportMissingTypeStubs] - has none
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # pyright: ignore[reportMissingTypeStubs] - has none

from ..clock import Clock, SystemClock
from ..db.engine import Database
from ..events.wake import Wake
from ..scanning.settle import settle_due
from .due import forget_old_events, queue_due_scans

log = structlog.stdlib.get_logger(__name__)

Hook = Callable[[], Awaitable[object]]

SCANS_EVERY = timedelta(seconds=5)
SETTLE_EVERY = timedelta(seconds=3)
CLEAN_UP_EVERY = timedelta(hours=1)
PATIENCE = 2.0


class Ticker:
    """`run` until `stop` is set. `hooks`: name to (interval, what to call), for the rooms that this one does not know.

    `patience`: seconds that what is at work when it is to stop gets to come to its end, before it is cancelled.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wake: Wake,
        hooks: dict[str, tuple[timedelta, Hook]] | None = None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
        self._ticks: dict[str, tuple[timedelta, Hook]] = {
            "due scans": (SCANS_EVERY, self.queue_due_scans),
            "settle files": (SETTLE_EVERY, self.settle),
            "forget old events": (CLEAN_UP_EVERY, self.forget_old_events),
            **(hooks or {}),
        }
        self._patience = patience
        self._ticking: set[asyncio.Task[Any]] = set()
        self._over = False

    async def run(self, stop: asyncio.Event) -> None:
        """Each tick at once, so that what was missed while no server ran is made up, then at its interval."""
        scheduler = AsyncIOScheduler(timezone=UTC, executors={"default": AsyncIOExecutor()})
        for name, (every, hook) in self._ticks.items():
            scheduler.add_job(  # pyright: ignore[reportUnknownMemberType] - APScheduler has no types
                self._tick,
                "interval",
                args=(name, hook),
                seconds=every.total_seconds(),
                next_run_time=SystemClock().now(),  # the scheduler itself goes by the machine's clock
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
        scheduler.start()
        try:
            await stop.wait()
        finally:
            scheduler.pause()
            await self._end_ticks()
            scheduler.shutdown(wait=False)

    async def queue_due_scans(self) -> int:
        """Queue a scan of every library that is due; how many this server queued."""
        queued = await queue_due_scans(self._database, self._clock)
        if queued:
            self._wake.scans.set()
        return queued

    async def settle(self) -> int:
        """Look again at files that were being written; how many stand still now and can be identified."""
        settled = await settle_due(self._database, self._clock)
        if settled:
            self._wake.identify.set()
        return settled

    async def forget_old_events(self) -> int:
        async with self._database.write() as session:
            return await forget_old_events(session, self._clock.now())

    async def _end_ticks(self) -> None:
        # Not left to the scheduler: it logs every job that it cancels as one that failed.
        self._over = True
        await asyncio.sleep(0)  # those that were just submitted begin, and see that it is over
        if not self._ticking:
            return
        ending = set(self._ticking)
        _, late = await asyncio.wait(ending, timeout=self._patience)
        for task in late:
            task.cancel()  # what it did not come to is still due
        await asyncio.gather(*ending)

    async def _tick(self, name: str, hook: Hook) -> None:
        task = asyncio.current_task()
        if self._over or task is None:
            return
        self._ticking.add(task)
        try:
            await hook()
        except asyncio.CancelledError:
            if not self._over:
                raise
        except Exception:
            # The next tick tries again; a database that is away must not end the ticking.
            log.exception("a timer's work failed", timer=name)
        finally:
            self._ticking.discard(task)
