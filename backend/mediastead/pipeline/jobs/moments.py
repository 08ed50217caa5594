"""The clock of the database, by which leases go: the only one that all hosts share."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, cast, func
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.base import UtcDateTime

_SQLITE_FORM = "%Y-%m-%d %H:%M:%f000"
"""As SQLAlchemy writes moments there: six digits after the point."""


def database_now(session: AsyncSession, seconds: float = 0) -> ColumnElement[datetime]:
    """The moment at which the statement runs, or so many seconds from then."""
    moment: Any
    if session.get_bind().dialect.name == "sqlite":
        moment = func.strftime(_SQLITE_FORM, "now", f"{seconds:+.3f} seconds", type_=UtcDateTime())
        return moment
    moment = func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    return cast(moment, UtcDateTime())
