"""One database: its engine, and the only two ways to open a transaction."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from .connections import STANDS_STILL, set_up_connections
from .living import ask_whether_it_lives
from .one_trip import OneTripConnection, make_one_trip

BUSY_TIMEOUT_MS = 30_000
"""How long SQLite waits for a writer in another process before it says "database is locked"."""

AWAY = (OperationalError, InterfaceError, NoConnection)
"""What is raised where the database does not answer: the same thing said again may succeed."""

PRAGMAS = ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", f"busy_timeout = {BUSY_TIMEOUT_MS}")


class Database:
    """Opens transactions: `read()` for looking, `write()` for changing.

    Entry points (a request, a command, a timer, a runner's batch) open them; services get the session and never commit.
    No transaction may span a network call, a child process or a file operation: on SQLite it would keep all other writers
    waiting. `write()` commits at the end of its block, or rolls back where the block raised. `read()` sees one moment
    through all its queries, and refuses to write.

    `stands_still`: seconds after which PostgreSQL ends a transaction in which nothing is said (`connections.STANDS_STILL`).

    Rows are locked in this order everywhere, so that nobody deadlocks: files by id, items by (type, tmdb_id), questions,
    claims, and last the outbox.
    """

    def __init__(self, url: str, *, pool_size: int = 5, stands_still: float = STANDS_STILL) -> None:
        self.url: URL = make_url(url)
        self._writers = asyncio.Lock()
        if self.is_sqlite:
            # Connections apart, so that many slow readers cannot keep a writer from getting one.
            self.engine: AsyncEngine = create_async_engine(self.url, pool_size=pool_size, max_overflow=pool_size)
            self._writing: AsyncEngine = create_async_engine(self.url, pool_size=1, max_overflow=1)
            _listen(self.engine, "BEGIN", "query_only = ON")
            _listen(self._writing, "BEGIN IMMEDIATE")
            self._durable: AsyncEngine = create_async_engine(self.url, pool_size=1, max_overflow=1)
            _listen(self._durable, "BEGIN IMMEDIATE", "synchronous = FULL")
            self._reading = self.engine
        else:
            self.engine = create_async_engine(self.url, pool_size=pool_size, max_overflow=pool_size)
            ask_whether_it_lives(self.engine)
            self._writing = self._durable = self.engine
            set_up_connections(self.engine, stands_still)
            self._reading = self.engine.execution_options(**_ONE_MOMENT)
        self.lock_engine: AsyncEngine = create_async_engine(self.url, poolclass=NullPool)
        """Connections that are held for as long as a lock is (`db.locks`); they must not eat up the pool."""

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, absolute and without links; None on PostgreSQL and for a database in memory."""
        name = self.url.database
        return Path(name).resolve() if self.is_sqlite and name and name != ":memory:" else None

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncSession]:
        async with AsyncSession(self._reading, expire_on_commit=False) as session:
            yield session
            # Nothing was written; but after a rollback psycopg has the server forget all statements that it prepared.
            await session.commit()

    @asynccontextmanager
    async def write(self, *, durable: bool = False) -> AsyncGenerator[AsyncSession]:
        """`durable`: when the block has ended, not even a power failure takes it back. Otherwise that may cost the last
        moments, in order, which is right for all that a scan finds again."""
        # Writers of one process queue here on SQLite, first come first served; SQLite's own waiting (for those of other
        # processes) is a poll without order, in which one can starve.
        async with (
            self._writers if self.is_sqlite else nullcontext(),
            AsyncSession(self._durable if durable else self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            if durable and not self.is_sqlite:
                await session.execute(text("SET LOCAL synchronous_commit = on"))
            yield session

    async def dispose(self) -> None:
        """Close all connections. It may be used again afterwards, also in another event loop."""
        self._writers = asyncio.Lock()
        for engine in (self.engine, self._writing, self._durable, self.lock_engine):
            await engine.dispose()


_ONE_MOMENT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _listen(engine: AsyncEngine, begin: str, *pragmas: str) -> None:
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        driver: Any = connection
        driver.isolation_level = None  # autocommit: BEGIN is ours to say
        cursor = connection.cursor()
        for pragma in (*PRAGMAS, *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        cast(OneTripConnection, driver.driver_connection).begin_with(begin)

    def give_up(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _error: BaseException | None) -> None:
        # A task that is cancelled in the middle of a statement has its connection thrown away; without this the open
        # transaction, and with it the lock on the database, would last until the garbage collector comes by.
        connection.rollback()

    make_one_trip(engine)
    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "invalidate", give_up)
