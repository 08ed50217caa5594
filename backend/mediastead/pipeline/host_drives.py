"""A host opens its drives when a person asks for it: once, at once, and never while it rips in them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import structlog

from ..db.engine import AWAY, Database
from ..db.text import shown
from .discs.ejecting import open_drive
from .discs.observing import drives_here
from .discs.tools import Tools, tools_of
from .engine.nudges import DRIVES, first_of, nudged
from .hosts import queries
from .jobs import drive_queries, drives
from .jobs.drive_queries import SILENT_AFTER, OpenDrive
from .jobs.models import Stage
from .jobs.work import Handlers, Report, Result, Work

LOOK_EVERY = 2.0
"""Seconds between two looks for orders that were not heard of."""
AGAIN = 1.0

log = structlog.stdlib.get_logger(__name__)


class HostDrives:
    """`run` until `stop` is set. `wanted`: drives of this host, none for all that Linux knows. `forget`: these are to be looked
    at anew."""

    def __init__(
        self,
        database: Database,
        host_id: int,
        wanted: Sequence[bytes],
        forget: Callable[[Sequence[bytes]], None],
        *,
        tools: Tools | None = None,
        find: Callable[[Sequence[bytes]], list[bytes]] = drives_here,
    ) -> None:
        self._database = database
        self._host_id = host_id
        self._wanted = wanted
        self._forget = forget
        self._tools = tools
        self._find = find
        self._ripped: Counter[bytes] = Counter()
        self._obeying: set[asyncio.Task[None]] = set()

    def watching(self, handlers: Handlers) -> Handlers:
        """The same handlers; while the rip is at a drive, it stays shut.

        The server gives no order while a job runs there. But one that was taken from this host because it was not heard of may
        go on for a moment, and only this machine knows.
        """
        rip = handlers.get(Stage.RIP)
        if rip is None:
            return handlers

        async def rip_watched(work: Work, report: Report) -> Result:
            source = work.input or b""
            self._ripped[source] += 1
            try:
                return await rip(work, report)
            finally:
                self._ripped[source] -= 1

        return {**handlers, Stage.RIP: rip_watched}

    async def run(self, stop: asyncio.Event) -> None:
        try:
            async with nudged(self._database, DRIVES) as heard:
                while not stop.is_set():
                    heard.clear()
                    try:
                        await self.look()
                    except AWAY as error:
                        log.warning("whether a drive is to be opened cannot be asked, will try again", error=str(error))
                    await first_of(LOOK_EVERY, heard, stop)
        finally:
            # A drive takes seconds at most, and a person waits for what it says.
            await asyncio.gather(*self._obeying, return_exceptions=True)

    async def look(self, *, wait: bool = False) -> None:
        """Take up what was ordered; `wait` until that is done."""
        async with self._database.read() as session:
            orders = await drive_queries.orders_of(session, self._host_id)
            host = await queries.host(session, self._host_id) if orders else None
        tools = self._tools or tools_of(host.commands.get("read", {}) if host is not None else {})
        for order in orders:
            async with self._database.write() as session:
                mine = await drives.take(session, order.id)
            if mine:
                task = asyncio.create_task(self._obey(order, tools), name=f"order {order.id}")
                self._obeying.add(task)
                task.add_done_callback(self._obeying.discard)
        if wait:
            await asyncio.gather(*self._obeying)

    async def _obey(self, order: OpenDrive, tools: Tools) -> None:
        now = asyncio.get_running_loop().time
        # Later than that nobody waits for it.
        until = now() + SILENT_AFTER
        error = await self._open(order.source, tools)
        log.info("a drive was to be opened", drive=shown(order.source), error=error)
        while now() < until:
            try:
                async with self._database.write() as session:
                    await drives.end(session, order.id, error)
                return
            except AWAY as away:
                log.warning("what became of a drive cannot be told, will try again", error=str(away))
            await asyncio.sleep(AGAIN)

    async def _open(self, source: bytes, tools: Tools) -> str | None:
        if source not in self._find(self._wanted):
            return "it is none of the drives of this host: see `--drive` of its `mediastead host run`."
        if self._ripped[source]:
            return "a rip is still at it: wait until it has ended, and try again."
        error = await open_drive(tools, source)
        if error is None:
            self._forget([source])
        return error
