"""The clock of the database, by which leases go: the only one that all hosts share."""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Float, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from ...db.base import UtcDateTime


def database_now(seconds: float | BindParameter[float] = 0) -> ColumnElement[datetime]:
    """The moment at which the statement runs, or so many seconds from then."""
    return _DatabaseNow(literal(seconds, Float()) if isinstance(seconds, int | float) else seconds)


class _DatabaseNow(FunctionElement[datetime]):
    """What it is called is known where a statement is compiled: so one statement serves both databases, and is built once."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(_DatabaseNow, "postgresql")
def _in_postgresql(element: _DatabaseNow, compiler: Any, **how: Any) -> str:
    return f"clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **how)})"


@compiles(_DatabaseNow, "sqlite")
def _in_sqlite(element: _DatabaseNow, compiler: Any, **how: Any) -> str:
    """As SQLAlchemy writes moments there: six digits after the point."""
    later = f"printf('%+.3f seconds', {compiler.process(element.clauses, **how)})"
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {later})"
