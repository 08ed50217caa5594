"""The one lock a library, which everything that reads or changes its files as a whole takes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ..db.engine import Database
from ..db.locks import ProcessLock
from .queries import is_being_organized


class LibraryLock:
    """`async with lock.hold() as held:` gives False at once where another holder lives, or where files of the library are
    between two places: a group of moves was begun and has not come to its end, though its process may be dead."""

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
                unfinished = await is_being_organized(session, self._library_id)
            yield not unfinished


def library_lock(database: Database, library_id: int) -> LibraryLock:
    """Held by the scan of a library, and by whatever writes beside its files. Ends with the process that holds it."""
    return LibraryLock(database, library_id)


def organizing_lock(database: Database, library_id: int) -> ProcessLock:
    """The same lock for whoever brings groups of moves to their end."""
    return ProcessLock(database, f"library-{library_id}")
