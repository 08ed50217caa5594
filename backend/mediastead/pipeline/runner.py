"""The flow beside the requests: ended jobs are settled, results organized, items looked at again, markers written."""

import asyncio
from collections.abc import Callable, Iterable

import structlog

from ..clock import Clock
from ..db.engine import Database
from .bringing import bring_in_what_is_due
from .engine.nudges import first_of, nudged
from .flow import advance, settle_job
from .inserting import lead_rips
from .items import queries
from .jobs.queries import unsettled_jobs
from .marking import mark_item
from .proving import Proving
from .rules import Rules

LOOK_EVERY = 1.0
"""Seconds between two looks; a nudge makes it sooner."""
LOOK_AGAIN_EVERY = 15.0
"""Seconds between two looks at items that are blocked or automatic: what they wait for may have come without telling anybody
(a series was refreshed, a disc inserted, a job tried again)."""

log = structlog.stdlib.get_logger(__name__)


class Flow:
    """`run` until `stop` is set. Any number of servers may do so on one database."""

    def __init__(
        self, database: Database, clock: Clock, rules: Callable[[], Rules], proving: Proving | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._proving = proving or Proving(database, clock, rules)
        self._transitions: frozenset[int] = frozenset()

    async def run(self, stop: asyncio.Event) -> None:
        try:
            await self._run(stop)
        finally:
            await self._proving.end()

    async def _run(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        again_at = float("-inf")
        async with nudged(self._database) as heard:
            while not stop.is_set():
                heard.clear()
                self._proving.news.clear()
                busy = False
                try:
                    if again_at == float("-inf"):
                        await self._mark_all()
                    again = loop.time() >= again_at
                    busy = await self.look(again=again)
                    if again:
                        again_at = loop.time() + LOOK_AGAIN_EVERY
                except Exception:
                    # A database that is away, or one item that cannot be dealt with, must not end the flow of all others.
                    log.exception("the flow of the pipeline cannot go on now, and tries again")
                if not busy:
                    await first_of(LOOK_EVERY, heard, self._proving.news, stop)

    async def look(self, *, again: bool) -> bool:
        """One look at everything; whether anything was done. `again`: also at items of which nothing was heard."""
        done = await self._settle()
        await self._mark_moved()
        await self._lead_rips()
        done = await bring_in_what_is_due(self._database, self._clock, self._rules()) or done
        if again:
            await self._look_again()
        return done

    async def _settle(self) -> bool:
        async with self._database.read() as session:
            ended = await unsettled_jobs(session)
        touched: dict[int, None] = {}
        for job_id in await self._proving.of(ended):
            try:
                async with self._database.write() as session:
                    item_id = await settle_job(session, self._clock.now(), self._rules(), job_id)
            except Exception:
                # Of this one nothing was written, and the next look tries again; the others go on.
                log.exception("what follows from the end of a job could not be done", job_id=job_id)
                continue
            if item_id is not None:
                touched[item_id] = None
        await self._mark(touched)
        return bool(touched)

    async def _lead_rips(self) -> None:
        """Rips wait for discs that were taken out, and follow those that lie in another drive."""
        async with self._database.read() as session:
            astray = await queries.with_rips_astray(session)
        for item_id in astray:
            try:
                async with self._database.write() as session:
                    await lead_rips(session, self._clock.now(), item_id)
            except Exception:
                log.exception("rips could not be led to their discs", pipeline_item_id=item_id)

    async def _look_again(self) -> None:
        async with self._database.read() as session:
            waiting = await queries.waiting_ids(session)
        for item_id in waiting:
            try:
                async with self._database.write() as session:
                    await advance(session, self._clock.now(), self._rules(), item_id)
            except Exception:
                log.exception("an item could not be looked at", pipeline_item_id=item_id)

    async def _mark_moved(self) -> None:
        """What an answer, a person or another server moved on, back or out since the last look: its folder says so as well."""
        async with self._database.read() as session:
            moved = await queries.moved_lately(session, max(self._transitions, default=None))
        items = {item_id: None for transition, item_id in moved.items() if transition not in self._transitions}
        self._transitions = frozenset(moved)
        await self._mark(items)

    async def _mark_all(self) -> None:
        """Markers that a crash between a commit and their writing left out."""
        async with self._database.read() as session:
            active = await queries.active_ids(session)
        await self._mark(active)

    async def _mark(self, items: Iterable[int]) -> None:
        for item_id in items:
            try:
                await mark_item(self._database, item_id, self._rules().staging_roots)
            except OSError as error:
                # They are for people and scripts; what counts stands in the database. The next stage writes them again.
                log.warning("no markers could be written", pipeline_item_id=item_id, error=str(error))
