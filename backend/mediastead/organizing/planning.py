"""Makes plans beside the requests (`planning_run`)."""

import asyncio
from contextvars import Context

import structlog

from ..clock import Clock
from ..db.engine import Database
from ..db.locks import ProcessLock
from ..disk.moving import RootGone
from . import plan_queries as queries
from . import storing
from .planning_run import Asked, Discarded, Run

FILES_AT_ONCE = 1000
"""Of whole titles, so that those with more are read with all their files."""

log = structlog.stdlib.get_logger(__name__)


class Planner:
    """One a process; what it is at ends with it."""

    def __init__(self, database: Database, clock: Clock, *, files_at_once: int = FILES_AT_ONCE) -> None:
        self._database = database
        self._clock = clock
        self._files_at_once = files_at_once
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, asked: Asked) -> None:
        """Fill the plan, which stands as `planning`, in the background."""
        work = self._guarded(asked)
        task = asyncio.create_task(work, name="planning", context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait until everything that was begun is planned."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """Break off what is being planned: nothing was touched, and the plan is discarded."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drop_forsaken(self) -> int:
        """Discard plans whose planning process is gone; how many."""
        async with self._database.read() as session:
            planning = await queries.being_planned(session)
        dropped = 0
        for organizing_id in planning:
            async with _planning_lock(self._database, organizing_id).hold() as free:
                if free:
                    async with self._database.write() as session:
                        dropped += await storing.discard(session, self._clock.now(), organizing_id)
        return dropped

    async def _guarded(self, asked: Asked) -> None:
        async with _planning_lock(self._database, asked.organizing_id).hold() as held:
            if not held:
                return
            run = Run(self._database, self._clock, asked, self._files_at_once)
            try:
                await run.plan()
            except Discarded:
                await run.clean_up()
            except (RootGone, OSError) as error:
                await run.give_up(f"{error}: mount the disk, scan the library, and plan anew.")
            except Exception:
                log.exception("a plan could not be made", organizing_id=asked.organizing_id)
                await run.give_up("Mediastead made a mistake, which is in its log; please report it.")
            except asyncio.CancelledError:
                async with self._database.write() as session:
                    await storing.discard(session, self._clock.now(), asked.organizing_id)
                raise


def _planning_lock(database: Database, organizing_id: int) -> ProcessLock:
    return ProcessLock(database, f"planning-{organizing_id}")
