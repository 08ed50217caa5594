"""Watches the folders of all libraries, each in a thread of its own, and asks for scans of those in which something changed.

Every server watches what it can see; scans that two of them ask for become one. What nobody hears (changes that another machine
makes on a network share) the schedule finds.
"""

import asyncio
import sys
import threading
import time
from contextlib import AsyncExitStack

import structlog
from sqlalchemy import update

from ..clock import Clock
from ..db.engine import Database
from ..db.locks import ProcessLock
from ..events.wake import Wake
from ..libraries.lock import watcher_lock
from ..libraries.models import Library
from ..scanning.scope import Scope, ScopeFolder
from ..scanning.service import request_look
from .gathering import Gathered
from .queries import Watchable, watchable_libraries

log = structlog.stdlib.get_logger(__name__)

LOOK_SECONDS = 0.5
"""Between two looks at what was gathered."""
LIBRARIES_SECONDS = 5.0
"""Between two looks whether libraries came or went."""

FAILED_SECONDS = 600.0
"""Until what could not be watched is tried again."""

WATCHED = "watched"
NOT_ON_THIS_SYSTEM = "Folders can be watched on Linux only; the schedule finds what changes."
EVERYTHING = Scope([ScopeFolder(b"", True)])


class Watcher:
    """`run` until `stop` is set."""

    def __init__(self, database: Database, clock: Clock, wake: Wake) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
        self._watched: dict[int, _WatchedLibrary] = {}
        self._begun: set[int] = set()
        self._lock: ProcessLock | None = None

    async def run(self, stop: asyncio.Event) -> None:
        looked = float("-inf")
        async with AsyncExitStack() as alive:
            try:
                while not stop.is_set():
                    try:
                        if time.monotonic() - looked >= LIBRARIES_SECONDS:
                            looked = time.monotonic()
                            await self._say_that_it_lives(alive)
                            await self._look_after_libraries()
                        await self._ask_for_scans()
                    except Exception:
                        # The database may be away for a moment; what was gathered is kept.
                        log.exception("what changed in the folders cannot be asked for now")
                    await _sleep(stop, LOOK_SECONDS)
            finally:
                await asyncio.gather(*(watched.end() for watched in self._watched.values()))
                await forget_watching(self._database)

    async def _say_that_it_lives(self, alive: AsyncExitStack) -> None:
        """By a lock that ends with the process, until `alive` is closed. One of several servers has it; another takes it over."""
        if self._lock is not None and await self._lock.is_kept():
            return
        async with AsyncExitStack() as trying:
            lock = watcher_lock(self._database)
            if await lock.is_held():
                return
            if self._lock is None:
                # Nobody watches: what is written down is a dead server's. Before the lock is held, which makes it believed;
                # one who began in this very moment says again at the next look what this took from it.
                await forget_watching(self._database)
            if not await trying.enter_async_context(lock.hold()):
                return
            self._lock = lock
            alive.push_async_exit(trying.pop_all())

    async def _look_after_libraries(self) -> None:
        async with self._database.read() as session:
            libraries = {library.id: library for library in await watchable_libraries(session)}
        for library_id, watched in list(self._watched.items()):
            library = libraries.get(library_id)
            if library is None or library.root != watched.root or not watched.is_alive():
                del self._watched[library_id]
                await watched.end()
        for library in libraries.values():
            if library.id not in self._watched:
                self._watched[library.id] = watched = _WatchedLibrary(library.root)
                watched.begin(again=library.id in self._begun)
                self._begun.add(library.id)
            await self._tell(library, self._watched[library.id].said)

    async def _tell(self, library: Watchable, said: str | None) -> None:
        """Write down what becomes of the watching where that is news."""
        if said is None or said == library.watching:
            return
        (log.info if said == WATCHED else log.warning)("watching", library_id=library.id, said=said)
        async with self._database.write() as session:
            await session.execute(update(Library).where(Library.id == library.id).values(watching=said))

    async def _ask_for_scans(self) -> None:
        for library_id, watched in self._watched.items():
            scope = watched.take()
            if scope is None:
                continue
            try:
                async with self._database.write() as session:
                    asked = await request_look(session, self._clock.now(), library_id, scope)
            except BaseException:
                watched.put_back(scope)
                raise
            if asked:
                self._wake.scans.set()
            else:
                watched.put_back(scope)


class _WatchedLibrary:
    """One library's thread, and what it heard."""

    def __init__(self, root: bytes) -> None:
        self.root = root
        self.said: str | None = None
        """`watched`, or why not; None until that is known."""
        self._gathered = Gathered()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, *, again: bool) -> None:
        """`again`: it was watched before, and what changed since then was not heard."""
        self._thread = threading.Thread(target=self._work, args=(again,), name="watch", daemon=True)
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    async def end(self) -> None:
        """Does not wait for long: a thread may hang in a disk that does not answer."""
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 1.0)

    def take(self) -> Scope | None:
        with self._lock:
            return self._gathered.take() if self._gathered.is_due(time.monotonic()) else None

    def put_back(self, scope: Scope) -> None:
        with self._lock:
            self._gathered.put_back(scope, time.monotonic())

    def _changed(self, folder: ScopeFolder) -> None:
        with self._lock:
            self._gathered.add(folder, time.monotonic())

    def _work(self, again: bool) -> None:
        if not sys.platform.startswith("linux"):
            self.said = NOT_ON_THIS_SYSTEM
            self._stop.wait()
            return
        from .tree import CannotWatch, RootIsGone, WatchedTree  # its library is there on Linux only

        try:
            with WatchedTree(self.root) as tree:
                self.said = WATCHED
                if again:
                    self.put_back(EVERYTHING)
                tree.listen(self._changed, self._stop)
        except CannotWatch as error:
            self.said = str(error)
            # It costs something to find that out again.
            self._stop.wait(0.0 if isinstance(error, RootIsGone) else FAILED_SECONDS)


async def forget_watching(database: Database) -> None:
    """Nobody watches any more; another server that does says so again."""
    async with database.write() as session:
        await session.execute(update(Library).where(Library.watching.is_not(None)).values(watching=None))


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
