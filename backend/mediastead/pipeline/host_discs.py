"""A host looks for discs in its own drives and folders, and tells the server what it sees."""

import asyncio
import base64
import os
from collections.abc import Callable, Sequence

import structlog
from msgspec import structs

from ..db.engine import AWAY, Database
from .discs.facts import Looked, Seen
from .discs.observing import DRIVES, Observer, drives_here
from .discs.reported import report
from .discs.tools import Tools, tools_of
from .engine.nudges import first_of
from .hosts import queries

log = structlog.stdlib.get_logger(__name__)


class HostDiscs:
    """`run` until `stop` is set. `drives`: none for all that Linux knows. `folders`: with images and disc folders in them."""

    def __init__(
        self,
        database: Database,
        host_id: int,
        drives: Sequence[bytes],
        folders: Sequence[bytes],
        *,
        poll: float,
        tools: Tools | None = None,
        find: Callable[[Sequence[bytes]], list[bytes]] = drives_here,
    ) -> None:
        self._database = database
        self._host_id = host_id
        self._drives = drives
        self._folders = folders
        self._poll = poll
        self._tools = tools
        self._find = find
        self._observer: Observer | None = None
        self._asked: set[str] = set()
        self._looked = False
        self._untold: list[Seen | Looked] = []
        """What was seen while the database was away."""

    async def run(self, stop: asyncio.Event) -> None:
        try:
            while not stop.is_set():
                try:
                    await self.look()
                except AWAY as error:
                    log.warning("what discs are here cannot be told, will try again", error=str(error))
                await first_of(self._poll, stop)
        finally:
            await self.end()

    async def end(self) -> None:
        if self._observer is not None:
            await self._observer.stop()

    def look_again_at(self, sources: Sequence[bytes]) -> None:
        """What lies there is another thing from now on, though it may look the same."""
        if self._observer is not None:
            self._observer.look_again_at(sources)

    async def look(self, *, wait: bool = False) -> None:
        """One look at everything; `wait` until what came is read."""
        async with self._database.read() as session:
            host = await queries.host(session, self._host_id)
        if host is None:
            return
        if self._observer is None:
            self._observer = Observer(self._tools or tools_of(host.commands.get("read", {})))
        observer = self._observer
        asked = set(host.read_again or ())
        # Each wish once: it stands there until the server has heard what came of it.
        observer.look_again_at(base64.b64decode(each) for each in asked - self._asked)
        self._asked = asked
        drives = self._find(self._drives)
        seen = await observer.look(drives, self._folders)
        if not self._looked:
            # What went while this host was off nobody else can tell.
            looked = observer.looked
            self._untold.append(structs.replace(looked, places=(*looked.places, os.fsencode(DRIVES))))
            self._looked = True
        self._untold += seen
        if wait:
            self._untold += await observer.look(drives, self._folders)
            self._untold += await observer.finished()
        if self._untold:
            async with self._database.write() as session:
                await report(session, self._host_id, self._untold)
            self._untold = []
