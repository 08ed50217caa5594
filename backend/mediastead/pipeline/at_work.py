"""Stage jobs in a server, from its start to its end: they are given out, and on SQLite the server is the host that does them."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from sqlalchemy import or_

from .. import __version__
from ..clock import Clock
from ..db.engine import AWAY, Database
from ..settings import Settings
from .clearing import clear_due, on_its_way, uncleared
from .engine.choose import make_engine
from .engine.interface import Engine
from .engine.nudges import first_of
from .hosting import Hosting
from .hosts import queries as host_queries
from .hosts import service as hosts
from .hosts.capabilities import this_platform
from .items import queries as items
from .jobs.blaming import blame_the_host
from .jobs.dispatcher import Dispatcher
from .jobs.forgetting import forget_old_jobs
from .jobs.hours import closed_on
from .jobs.numbering import number_above
from .jobs.queries import board
from .jobs.roots import MARKER, may_be_bare, prepare_roots
from .jobs.work import Handlers
from .rules import rules_of, staging_roots
from .stages.markers import highest_job_beneath

PREPARE_EVERY = 15.0
"""Seconds between two looks whether a staging root came that was away."""
LOOK_AFTER = 5.0
"""Seconds after the start at which the server looks what it can do, where no job is made before: that takes seconds of
computing, which a server that was just started has better use for."""

log = structlog.stdlib.get_logger(__name__)


class StageJobs:
    """`run` until `stop` is set."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Callable[[], Settings],
        handlers: Handlers,
        *,
        prepare_every: float = PREPARE_EVERY,
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._handlers = handlers
        self._prepare_every = prepare_every
        self._prepared: set[str] = set()
        """Roots that had their marker once: without it they are away."""
        self.engine: Engine = make_engine(database, board)

    async def run(self, stop: asyncio.Event) -> None:
        dispatcher = Dispatcher(
            self._database,
            self._clock,
            self.engine,
            stall_seconds=lambda: self._settings().stall_minutes * 60.0,
            closed=lambda now: closed_on(self._settings().stage_hours, now.astimezone()),
            excuse=blame_the_host,
        )
        await self._prepare()
        if highest := await asyncio.to_thread(highest_job_beneath, self._roots()):
            async with self._database.write() as session:
                await number_above(session, highest)
        # Several machines need PostgreSQL, and there a server gives out jobs and hosts do them.
        own = [self._be_host(stop)] if self._database.is_sqlite else []
        await _all(dispatcher.run(stop), self._prepare_what_comes(stop), *own)

    async def forget_old(self) -> int:
        """Ended jobs are kept for a time that a person sets, as long as their item is on its way, and until what they made is
        cleared away; how many went."""
        settings = self._settings()
        spared = or_(on_its_way(), uncleared()) if settings.staging_days else on_its_way()
        return await forget_old_jobs(self._database, self._clock.now(), timedelta(days=settings.job_days), spared)

    async def clear_staging(self) -> int:
        """What was made for items on their way to their library goes some days later; of how many items."""
        settings = self._settings()
        return await clear_due(self._database, self._clock, rules_of(settings), settings.staging_days)

    async def _be_host(self, stop: asyncio.Event) -> None:
        async with self._database.write() as session:
            host_id = await hosts.own_host(session, self._clock.now(), this_platform(), __version__)
        hosting = Hosting(
            self._database,
            self._clock,
            self.engine,
            host_id,
            self._handlers,
            roots=lambda: {root: root for root in self._roots()},
            look_after=LOOK_AFTER,
        )
        await hosting.run(stop)

    async def _prepare_what_comes(self, stop: asyncio.Event) -> None:
        """A disk that was away at the start is mounted later."""
        while not stop.is_set():
            await first_of(self._prepare_every, stop)
            try:
                await self._prepare()
            except AWAY as error:
                log.warning("the staging folders are not looked at, will try again", error=str(error))

    async def _prepare(self) -> None:
        await self._tell_hosts()
        missing = await asyncio.to_thread(self._without_marker)
        if not missing:
            return
        async with self._database.read() as session:
            # Where something was begun, a marker was, and who takes it for lost is a person.
            unused = [root for root in missing if not await items.is_begun_in(session, os.fsencode(root))]
        await asyncio.to_thread(prepare_roots, unused)

    async def _tell_hosts(self) -> None:
        roots = self._roots()
        async with self._database.read() as session:
            untold = await host_queries.not_told_of(session, roots)
        if untold:
            async with self._database.write() as session:
                await hosts.tell_roots(session, untold, roots)

    def _without_marker(self) -> list[str]:
        """Those that may be given one."""
        named = self._settings().staging_roots is not None
        found: list[str] = []
        for root in self._roots():
            if os.path.exists(os.path.join(root, MARKER)):
                self._prepared.add(root)
            elif root not in self._prepared and not (named and may_be_bare(root)):
                found.append(root)
        return found

    def _roots(self) -> list[str]:
        return [str(root) for root in staging_roots(self._settings())]


async def _all(*works: Awaitable[None]) -> None:
    """Until all have ended; where one of them fails, the others are cancelled."""
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(_awaited(work))


async def _awaited(work: Awaitable[None]) -> None:
    await work
