"""What each connection to PostgreSQL is told when it is made, and how its end is told to us."""

from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

PLANNING = ("random_page_cost = 1.1", "jit = off")
"""What people ask for are pages of some dozens of rows. By its defaults, which are for disks that turn and for reports,
PostgreSQL goes through a million rows rather than look up ten thousand, and compiles a statement for longer than it runs."""

STANDS_STILL = 15.0
"""Seconds. A process that says nothing for so long in the middle of a transaction stands still (a laptop that went to sleep, a
cable that was pulled, Ctrl-Z), and what it has locked all others would wait for until it goes on. None of ours needs that
long between two statements: no transaction spans a network call, a child process or a file operation. Less than a lease of
stage jobs, so that hosts that wait for it lose none."""


def set_up_connections(engine: AsyncEngine, stands_still: float) -> None:
    """Have each of the engine's connections say so when it is made, and one that was ended raise `OperationalError`, whatever
    reason the server gave."""
    settings = (*PLANNING, f"idle_in_transaction_session_timeout = {stands_still * 1000:.0f}")

    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("; ".join(f"SET {setting}" for setting in settings))
        cursor.close()
        connection.commit()

    def name(context: ExceptionContext) -> BaseException | None:
        # That it stood still is to the driver an error of the program (`InternalError`); here it is the same as any other
        # loss of a connection: what was not committed is to be done again.
        said = context.sqlalchemy_exception
        if not context.is_disconnect or not isinstance(said, DBAPIError) or isinstance(said, OperationalError):
            return None
        return OperationalError(said.statement, said.params, context.original_exception, connection_invalidated=True)

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "handle_error", name, retval=True)
