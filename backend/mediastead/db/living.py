"""PostgreSQL's connections that a pool keeps: whether one still lives is asked only where that is in doubt.

SQLAlchemy's own `pool_pre_ping` asks before each transaction, which is a trip to the server more for each.
"""

import select
import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

LATELY = 5.0
"""Seconds. For how long a connection that was used is taken to live, if nothing came from the server meanwhile: that would be
its last words. After longer a network between may have dropped it without any."""

_IDLE_SINCE = "mediastead_idle_since"


def ask_whether_it_lives(engine: AsyncEngine) -> None:
    """Have a connection asked that was idle for long, or was sent something. One that is dead is made anew, and all others."""
    dialect = engine.dialect

    def put_back(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info[_IDLE_SINCE] = time.monotonic()

    def take(connection: DBAPIConnection, entry: ConnectionPoolEntry, _fairy: object) -> None:
        since = entry.info.get(_IDLE_SINCE)
        if since is None:
            return  # it has just been made
        driver: Any = connection
        try:
            if time.monotonic() - since > LATELY or was_sent_something(driver.driver_connection.fileno()):
                dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            if dialect.is_disconnect(error, driver, None):
                raise InvalidatePoolError from error
            raise

    event.listen(engine.sync_engine, "checkin", put_back)
    event.listen(engine.sync_engine, "checkout", take)


def was_sent_something(file: int) -> bool:
    """Whether the server said anything on this connection that nobody read, or closed it."""
    looking = select.poll()
    looking.register(file, select.POLLIN)
    return bool(looking.poll(0))
