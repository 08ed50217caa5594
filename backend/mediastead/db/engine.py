"""One database: its engine, and the only two ways to open a transaction."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

BUSY_TIMEOUT_MS = 30_000
"""How long SQLite waits for a writer in another process before it says "database is locked"."""


class Database:
    """Opens transactions: `read()` for looking, `write()` for changing.

    Entry points (a request, a command, a timer, a runner's batch) open them; services get the session and never commit.
    No transaction may span a network call, a child process or a file operation: on SQLite it would keep all other writers
    waiting. `write()` commits at the end of its block, or rolls back where the block raised.
    """

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.url: URL = make_url(url)
        self.engine: AsyncEngine = _engine(self.url, pool_size)
        self.lock_engine: AsyncEngine = create_async_engine(self.url, poolclass=NullPool)
        """Connections that are held for as long as a lock is (`db.locks`); they must not eat up the pool."""
        self._writers = asyncio.Lock()

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, absolute; None on PostgreSQL and for a database in memory."""
        name = self.url.database
        return Path(name).absolute() if self.is_sqlite and name and name != ":memory:" else None

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncSession]:
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncSession]:
        if not self.is_sqlite:
            async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
            return
        # Writers of one process queue here, first come first served; SQLite's own waiting (for those of other
        # processes) is a poll without order, in which one can starve.
        async with self._writers:
            engine = self.engine.execution_options(writes=True)
            async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
                yield session

    async def dispose(self) -> None:
        await self.engine.dispose()
        await self.lock_engine.dispose()


def _engine(url: URL, pool_size: int) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=pool_size)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    driver: Any = connection
    driver.isolation_level = None  # autocommit: BEGIN is ours to say
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
