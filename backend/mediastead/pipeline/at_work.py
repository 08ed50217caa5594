"""Stage jobs in a server, from its start to its end: they are given out, and on SQLite the server is the host that does them."""

import asyncio
import os
import platform
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from .. import __version__
from ..clock import Clock
from ..db.engine import Database
from ..settings import Settings
from .engine.choose import make_engine
from .engine.interface import Engine
from .engine.nudges import first_of, nudged
from .hosts import queries as host_queries
from .hosts import service as hosts
from .hosts.capabilities import find_capabilities
from .hosts.service import Condition
from .jobs.dispatcher import Dispatcher
from .jobs.excusing import excuse_for_hosts
from .jobs.forgetting import forget_old_jobs
from .jobs.hours import closed_stages
from .jobs.queries import board
from .jobs.work import Handlers
from .jobs.worker import Worker

SEEN_EVERY = 15.0
"""Seconds between two times that the server's own host says that it is there; a quarter of `hosts.queries.HEARD`."""
TOOLS_AFTER = 5.0
"""Seconds after the start at which its tools are looked for, where no job is made before."""
TOOLS_EVERY = 40
"""Of those times, one at which its tools are looked for anew: every ten minutes."""

log = structlog.stdlib.get_logger(__name__)


class StageJobs:
    """`run` until `stop` is set."""

    def __init__(self, database: Database, clock: Clock, settings: Callable[[], Settings], handlers: Handlers) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._handlers = handlers
        self.engine: Engine = make_engine(database, board)

    async def run(self, stop: asyncio.Event) -> None:
        dispatcher = Dispatcher(
            self._database,
            self._clock,
            self.engine,
            stall_seconds=lambda: self._settings().stall_minutes * 60.0,
            closed=lambda now: closed_stages(self._settings().stage_hours, now.astimezone()),
            excuse=excuse_for_hosts,
        )
        # Several machines need PostgreSQL, and there a server gives out jobs and hosts do them.
        own = [self._be_host(stop)] if self._database.is_sqlite else []
        await _all(dispatcher.run(stop), *own)

    async def forget_old(self) -> int:
        """Ended jobs are kept for a time that a person sets; how many went."""
        kept = timedelta(days=self._settings().job_days)
        return await forget_old_jobs(self._database, self._clock.now(), kept)

    async def _be_host(self, stop: asyncio.Event) -> None:
        async with self._database.write() as session:
            host_id = await hosts.own_host(session, self._clock.now(), _platform(), __version__)
        worker = Worker(self._database, self._clock, self.engine, host_id, self._handlers)
        await _all(worker.run(stop), self._say_it_is_there(host_id, stop))

    async def _say_it_is_there(self, host_id: int, stop: asyncio.Event) -> None:
        # Tools take seconds of computing to look through, which a server that was just started has better use for.
        async with nudged(self._database) as heard:
            await first_of(TOOLS_AFTER, heard, stop)
        rounds = 0
        while not stop.is_set():
            try:
                if rounds % TOOLS_EVERY == 0:
                    await self._say_what_it_can(host_id)
                async with self._database.write() as session:
                    condition = Condition(load=os.getloadavg()[0] / (os.cpu_count() or 1))
                    await hosts.heard_from(session, self._clock.now(), host_id, condition)
            except Exception:
                # The next time tells it; a database that is away must not end the host.
                log.exception("the server's own host could not say that it is there")
            rounds += 1
            await first_of(SEEN_EVERY, stop)

    async def _say_what_it_can(self, host_id: int) -> None:
        async with self._database.read() as session:
            own = await host_queries.host(session, host_id)
        commands: Mapping[str, Any] = own.commands if own is not None else {}
        found = [
            each
            for each in await find_capabilities(commands)
            if each.name.partition(":")[0] in ("drive", "script") or each.name.partition(":")[0] in self._handlers
        ]
        async with self._database.write() as session:
            await hosts.can_do(session, self._clock.now(), host_id, found)


async def _all(*works: Awaitable[None]) -> None:
    """Until all have ended; where one of them fails, the others are cancelled."""
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(_awaited(work))


async def _awaited(work: Awaitable[None]) -> None:
    await work


def _platform() -> str:
    return "macos" if platform.system() == "Darwin" else platform.system().lower()
