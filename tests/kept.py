"""Connections to PostgreSQL that last from test to test.

A new one is a process of the server's that has yet to read what it knows of every table and to plan every statement: more
work than most tests have for it. So one that is closed in good order forgets what was set, locked and listened to, as poolers
between programs and servers have it, and is given to whoever opens the next one.
"""

import asyncio
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from mediastead.db.living import was_sent_something

FORGET = (
    "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; SELECT pg_advisory_unlock_all();"
    "DISCARD TEMP; DISCARD SEQUENCES"
)
"""All of DISCARD ALL but that statements are prepared."""


class Kept:
    """Those that nobody has at the moment, newest last."""

    def __init__(self) -> None:
        self._idle: list[KeptConnection] = []

    def use_in(self, engine: AsyncEngine) -> None:
        def connect(_dialect: Any, _entry: Any, _arguments: Any, named: dict[str, Any]) -> None:
            named["async_creator_fn"] = self._open

        event.listen(engine.sync_engine, "do_connect", connect)

    async def _open(self, *arguments: Any, **named: Any) -> "KeptConnection":
        while self._idle:
            connection = self._idle.pop()
            if not was_sent_something(connection.fileno()):
                # It may have been waited for in another event loop.
                connection.lock = asyncio.Lock()
                return connection
            connection.end()
        connection = await KeptConnection.connect(*arguments, **named)
        connection.idle = self._idle
        return connection

    def close(self) -> None:
        while self._idle:
            self._idle.pop().end()


class KeptConnection(psycopg.AsyncConnection[Any]):
    idle: "list[KeptConnection] | None" = None

    async def close(self) -> None:
        if self.idle is None or self.closed or self.info.transaction_status != TransactionStatus.IDLE:
            return self.end()
        try:
            for setting in (self.set_isolation_level, self.set_read_only, self.set_deferrable):
                await setting(None)
            await self.set_autocommit(True)
            await self.execute(FORGET, prepare=False)
            await self.set_autocommit(False)
        except BaseException as error:
            self.end()
            if not isinstance(error, psycopg.Error):
                raise
            return None
        self._notice_handlers.clear()
        self._notify_handlers.clear()
        self.idle.append(self)
        return None

    def end(self) -> None:
        self._closed = True
        self.pgconn.finish()
