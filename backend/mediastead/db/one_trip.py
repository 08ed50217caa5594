"""SQLite with one trip to its thread a statement, and none to begin a transaction.

Each SQLite connection lives in a thread of its own (aiosqlite). SQLAlchemy goes there four times a statement: to make a cursor,
to execute, to fetch, to close. A trip costs more than most statements do, because two threads take turns for it; so here all
four are one. All rows are fetched at once, which is what SQLAlchemy does as well, except where one streams: nobody may.
A transaction begins on the trip of its first statement.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

NOTHING: Any = ()


def make_one_trip(engine: AsyncEngine) -> None:
    """Have the engine's connections be such."""

    def connect(_dialect: Any, _entry: Any, _arguments: Any, named: dict[str, Any]) -> None:
        named["async_creator_fn"] = _open

    event.listen(engine.sync_engine, "do_connect", connect)


def _open(database: str, **how: Any) -> "OneTripConnection":
    connection = OneTripConnection(partial(sqlite3.connect, database, **how), iter_chunk_size=64)
    # As SQLAlchemy has it for those that it makes itself: no connection that was forgotten holds up the end of a process.
    vars(connection)["_thread"].daemon = True
    return connection


class OneTripConnection(aiosqlite.Connection):
    settled = True
    """Whether the last trip came back. It did not where a task was cancelled on its way: then the thread may be at it still."""

    begins: str | None = None
    """How each transaction begins."""

    to_begin: str | None = None
    """How to begin the transaction that the next statement is in, if it is the first. It stays where that failed, so that no
    statement runs outside of its transaction."""

    def begin_with(self, begins: str) -> None:
        """What is executed from now on, and after each end of a transaction, is in one that begins so.

        Not by SQLAlchemy's event for it: an engine that has one asks at every statement who listens to what, for an eighth
        of the time of a short transaction.
        """
        self.begins = self.to_begin = begins

    def cursor(self) -> Any:
        return OneTripCursor(self)

    async def commit(self) -> None:
        await super().commit()
        self.to_begin = self.begins

    async def rollback(self) -> None:
        # SQLAlchemy says it behind every commit as well, before it lends the connection to the next one.
        if not self.settled or self._conn.in_transaction:
            await super().rollback()
        self.to_begin = self.begins


class OneTripCursor:
    """What SQLAlchemy wants of a cursor. Only to execute goes to the thread; afterwards all is here."""

    arraysize = 1

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def execute(self, statement: str, values: Iterable[Any] = NOTHING) -> "OneTripCursor":
        return await self._trip("execute", statement, values)

    async def executemany(self, statement: str, values: Iterable[Iterable[Any]]) -> "OneTripCursor":
        return await self._trip("executemany", statement, values)

    async def _trip(self, how: str, statement: str, values: Any) -> "OneTripCursor":
        thread: Any = self._connection

        def go(connection: sqlite3.Connection) -> tuple[Any, int, int | None, list[Any]]:
            cursor = connection.cursor()
            try:
                if thread.to_begin:
                    cursor.execute(thread.to_begin)
                    thread.to_begin = None
                getattr(cursor, how)(statement, values)
                rows = cursor.fetchall() if cursor.description else []
                return cursor.description, cursor.rowcount, cursor.lastrowid, rows
            finally:
                cursor.close()

        thread.settled = False
        try:
            self.description, self.rowcount, self.lastrowid, self._rows = await thread._execute(go, thread._conn)
        except sqlite3.Error:
            thread.settled = True
            raise
        thread.settled = True
        return self

    async def fetchall(self) -> Sequence[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    async def __aenter__(self) -> "OneTripCursor":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
