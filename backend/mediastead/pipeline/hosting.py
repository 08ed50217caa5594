"""What a machine does as a host: says that it is there and how it is, finds out what it can do, makes what is brought to it."""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import ProgrammingError

from ..clock import Clock
from ..db.engine import AWAY, Database
from ..disk.marker import MARKER_NAME
from .engine.interface import Engine
from .engine.nudges import first_of, nudged
from .hosts import queries, service
from .hosts.capabilities import find_capabilities
from .hosts.models import Host, HostState
from .hosts.service import Condition
from .jobs.roots import MARKER, why_away
from .jobs.work import Handlers, as_seen_here
from .jobs.worker import Worker

BEAT = 10.0
"""Seconds between two times that a host says that it is there; `hosts.queries.HEARD` allows for some that are missed."""
LOOK_EVERY = 600.0
"""Seconds between two looks at what it can do."""
PATIENCE = 5.0
"""Seconds that what listens to the database gets to end by itself. What is at work then still gets the time that it needs."""
ENDING = 45.0
"""Seconds that what is at work gets to end: longer than a child that is asked politely and a handler that is stubborn."""
LEAST_FREE = 2_000_000_000
"""Bytes in a staging root below which a host takes no work: less than a disc needs, more than the last lines of a log."""

log = structlog.stdlib.get_logger(__name__)


class Removed(Exception):
    """This host was removed, and its credential is worth nothing."""


class Hosting:
    """One a machine. `run` until `stop` is set, or until the host was removed (`Removed`).

    `roots`: the staging roots, {as the server sees it: as it is here}; None for those that the server told the host of, as its
    paths name them then.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        engine: Engine,
        host_id: int,
        handlers: Handlers,
        *,
        roots: Callable[[], Mapping[str, str]] | None = None,
        drives: Sequence[str] | None = None,
        least_free: int = LEAST_FREE,
        beat: float = BEAT,
        look_after: float = 0,
    ) -> None:
        self._database = database
        self._clock = clock
        self._host_id = host_id
        self._roots = roots
        self._named: Mapping[str, str] = {}
        """The staging roots, when it looked last."""
        self._worker = Worker(database, clock, engine, host_id, handlers, away=self._away)
        self._drives = drives
        self._least_free = least_free
        self._beat = beat
        self._handlers = handlers
        self._look_after = look_after

    async def run(self, stop: asyncio.Event) -> None:
        over = asyncio.Event()
        work: set[asyncio.Task[Any]] = {
            asyncio.create_task(self._worker.run(over), name="stage jobs"),
            asyncio.create_task(self._say(over), name="heartbeat"),
            asyncio.create_task(self._look(over), name="capabilities"),
        }
        asked: asyncio.Task[Any] = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait({*work, asked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.set()
            asked.cancel()
            # What waits for a database that does not come back, or no longer admits this host, would wait for ever.
            _, late = await asyncio.wait(work, timeout=PATIENCE)
            for task in late:
                task.cancel()
            failed = any(not task.cancelled() and task.exception() for task in work - late)
            if late and not failed:
                await asyncio.wait(late, timeout=ENDING)
        for task in done - {asked}:
            task.result()

    async def _say(self, stop: asyncio.Event) -> None:
        """That it is there and how it is."""
        while not stop.is_set():
            try:
                condition = await asyncio.to_thread(condition_of, await self._folders(), self._least_free)
                async with self._database.write() as session:
                    wanted = await service.heard_from(session, self._clock.now(), self._host_id, condition)
            except (*AWAY, ProgrammingError) as error:
                if is_refused(error):
                    raise Removed from error
                log.warning("the database does not hear this host, will try again", error=str(error))
            else:
                if wanted is None or wanted is HostState.REMOVED:
                    raise Removed
            await first_of(self._beat, stop)

    async def _folders(self) -> Mapping[str, str]:
        if self._roots is not None:
            return self._roots()
        async with self._database.read() as session:
            host = await queries.host(session, self._host_id)
        self._named = _roots_of(host) if host is not None else {}
        return self._named

    def _away(self, path: bytes) -> str | None:
        """Blocks."""
        return why_away((self._roots() if self._roots is not None else self._named).values(), path)

    async def _look(self, stop: asyncio.Event) -> None:
        """What it can do: at first, now and then, when it is to run something else, and when a person said that it was mended."""
        async with nudged(self._database) as heard:
            await first_of(self._look_after, heard, stop)
        looked, looked_with = float("-inf"), None
        now = asyncio.get_running_loop().time
        while not stop.is_set():
            try:
                async with self._database.read() as session:
                    host = await queries.host(session, self._host_id)
                    known = await queries.kept_capabilities(session, self._host_id)
                unavailable = any(not each.available for each in known.values())
                if host is not None and (
                    now() - looked >= LOOK_EVERY
                    or looked_with != host.commands
                    or (self._had_unavailable and not unavailable)
                ):
                    await self._find(host.commands)
                    looked, looked_with = now(), host.commands
            except (*AWAY, ProgrammingError) as error:
                log.warning("what this host can do is not written, will try again", error=str(error))
            await first_of(self._beat, stop)

    _had_unavailable = False
    """Whether there was something that it cannot do: when that is forgotten, a person wants it to look anew."""

    async def _find(self, commands: Mapping[str, Any]) -> None:
        able = {"drive", "script", *(stage.value for stage in self._handlers)}
        found = [
            each for each in await find_capabilities(commands, self._drives) if each.name.partition(":")[0] in able
        ]
        async with self._database.write() as session:
            await service.can_do(session, self._clock.now(), self._host_id, found)
        self._had_unavailable = any(not each.available for each in found)


def _roots_of(host: Host) -> dict[str, str]:
    """Until a server has told it of the staging roots, what its paths name."""
    path_map = tuple((os.fsencode(server), os.fsencode(here)) for server, here in host.path_map)
    roots = {root: os.fsdecode(as_seen_here(os.fsencode(root), path_map)) for root in host.staging_roots}
    return roots or dict(host.path_map)


def condition_of(roots: Mapping[str, str], least_free: int = LEAST_FREE) -> Condition:
    """How this machine is. `roots`: staging roots, {as the server sees it: as it is here}, and libraries among them, which
    need no room. Blocking."""
    free: dict[str, int] = {}
    refuses: str | None = None
    for server, here in roots.items():
        try:
            Path(here, MARKER).stat()
            free[server] = shutil.disk_usage(here).free
        except OSError:
            if os.path.lexists(os.path.join(here, os.fsdecode(MARKER_NAME))):
                continue
            refuses = refuses or (
                f"The staging folder {here} is not there, or is not the one of the server (it has no {MARKER}): mount its share, "
                "or say where on this host it is mounted (`mediastead host set` with --path). "
                f"If it really is a new, empty one, make an empty file {MARKER} in it."
            )
            continue
        if not os.access(here, os.W_OK):
            refuses = (
                refuses or f"Nothing can be written in the staging folder {here}: see to its mode, owner and mount."
            )
        elif free[server] < least_free:
            refuses = refuses or (
                f"Only {free[server] // 1_000_000} MB are free in the staging folder {here}: free some, "
                f"at least {least_free // 1_000_000} MB are needed."
            )
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    return Condition(load=round(load, 2), free_bytes=free, refuses=refuses)


def is_refused(error: Exception) -> bool:
    """Whether the database said that this role may not come in, or may nothing any more: the host was removed."""
    origin = getattr(error, "orig", None)
    if getattr(origin, "sqlstate", None) in ("28000", "28P01", "42501"):
        return True
    # A connection that is not made has no code of its own, only the server's words.
    said = str(origin or error)
    return (
        "authentication failed" in said
        or ("role" in said and "does not exist" in said)
        or "not permitted to log in" in said
    )
