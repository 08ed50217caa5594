"""How PostgreSQL is to choose its plans."""

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

PLANNING = ("random_page_cost = 1.1", "jit = off")
"""What people ask for are pages of some dozens of rows. By its defaults, which are for disks that turn and for reports,
PostgreSQL goes through a million rows rather than look up ten thousand, and compiles a statement for longer than it runs."""


def plan_for_few(engine: AsyncEngine) -> None:
    """Have each of the engine's connections say so when it is made."""

    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for setting in PLANNING:
            cursor.execute(f"SET {setting}")
        cursor.close()
        connection.commit()

    event.listen(engine.sync_engine, "connect", prepare)
