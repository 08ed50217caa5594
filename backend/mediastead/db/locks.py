"""Locks between processes that end with the process that holds them, never by a time-out.

On PostgreSQL an advisory lock on a connection of its own; on SQLite `flock` on a file beside the database, opened so that
no child process inherits it.
"""

import fcntl
import hashlib
import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from .engine import Database


class ProcessLock:
    """A named lock. `async with lock.hold() as held:` gives False at once where another holder lives.

    Also two holders inside one process exclude each other.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._connection: AsyncConnection | None = None
        """The one that has the lock on PostgreSQL, while it is held."""

    @asynccontextmanager
    async def hold(self) -> AsyncGenerator[bool]:
        async with AsyncExitStack() as stack:
            yield await self._take(stack)

    async def is_kept(self) -> bool:
        """Whether whoever holds it still does: on PostgreSQL it is lost with its connection, and another may have it then."""
        if self._connection is None:
            return self._database.is_sqlite
        if self._connection.invalidated:
            return False  # seen before
        try:
            await self._connection.execute(text("SELECT 1"))
        except DBAPIError:
            return False
        return True

    async def is_held(self) -> bool:
        """Whether anybody holds it now. Asked by trying to share it, so that two who ask do not take each other for holders."""
        async with AsyncExitStack() as stack:
            return not await self._take(stack, shared=True)

    async def _take(self, stack: AsyncExitStack, *, shared: bool = False) -> bool:
        return await (self._flock(stack, shared) if self._database.is_sqlite else self._advisory(stack, shared))

    async def _flock(self, stack: AsyncExitStack, shared: bool) -> bool:
        folder = lock_folder(self._database)
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / f"{self._name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        stack.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    async def _advisory(self, stack: AsyncExitStack, shared: bool) -> bool:
        # The lock belongs to the connection: if the process dies, the server ends the connection and with it the lock.
        connection = await stack.enter_async_context(self._database.lock_engine.connect())
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        key = int.from_bytes(hashlib.blake2b(self._name.encode(), digest_size=8).digest(), signed=True)
        kind = "_shared" if shared else ""
        asking = text(f"SELECT pg_try_advisory_lock{kind}(:key)")
        held = (await connection.execute(asking, {"key": key})).scalar_one()

        self._connection = connection if held else None

        async def release() -> None:
            if held:
                self._connection = None
            # Where the connection was lost the lock went with it; the work under it may be done all the same.
            with suppress(DBAPIError):
                if held and not connection.closed and not connection.invalidated:
                    await connection.execute(text(f"SELECT pg_advisory_unlock{kind}(:key)"), {"key": key})

        stack.push_async_callback(release)
        return bool(held)


def lock_folder(database: Database) -> Path:
    """Beside the database file, so that all processes on one database agree on it whatever their settings."""
    path = database.sqlite_path
    if path is None:
        raise ValueError("a database in memory has no locks between processes")
    return path.with_name(path.name + ".locks")
