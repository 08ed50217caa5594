"""The one lock a library, which everything that reads or changes its files as a whole takes."""

from collections.abc import AsyncGenerator, Collection
from contextlib import AsyncExitStack, asynccontextmanager

from ..db.engine import Database
from ..db.locks import ProcessLock
from .queries import is_nobodys


class LibraryLock:
    """`async with lock.hold() as held:` gives False at once where another holder lives, where the library is being removed, or
    where its files are between two places: a group of moves was begun and is not at its end, though its process may be dead."""

    def __init__(self, database: Database, library_id: int) -> None:
        self._database = database
        self._library_id = library_id

    @asynccontextmanager
    async def hold(self) -> AsyncGenerator[bool]:
        async with organizing_lock(self._database, self._library_id).hold() as held:
            if not held:
                yield False
                return
            async with self._database.read() as session:
                nobodys = await is_nobodys(session, self._library_id)
            yield not nobodys


def library_lock(database: Database, library_id: int) -> LibraryLock:
    """Held by the scan of a library, and by whatever writes beside its files. Ends with the process that holds it."""
    return LibraryLock(database, library_id)


def watcher_lock(database: Database) -> ProcessLock:
    """Held by a server that watches folders, as long as it lives: what was written down of watching is believed only then."""
    return ProcessLock(database, "watcher")


class OrganizingLock:
    """The locks of the one or two libraries between which files are moved. `hold` as `ProcessLock`; all or none."""

    def __init__(self, database: Database, library_ids: Collection[int]) -> None:
        # In one order everywhere, though nobody waits: else two could each get one, again and again.
        self._locks = [ProcessLock(database, f"library-{library_id}") for library_id in sorted(library_ids)]

    @asynccontextmanager
    async def hold(self) -> AsyncGenerator[bool]:
        async with AsyncExitStack() as stack:
            for lock in self._locks:
                if not await stack.enter_async_context(lock.hold()):
                    await stack.aclose()
                    yield False
                    return
            yield True

    async def is_kept(self) -> bool:
        for lock in self._locks:
            if not await lock.is_kept():
                return False
        return True


def organizing_lock(database: Database, *library_ids: int) -> OrganizingLock:
    """The same locks for whoever brings groups of moves to their end."""
    return OrganizingLock(database, library_ids)
