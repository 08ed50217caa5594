"""Ended jobs, with their attempts and what those said, are kept for a time."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, true

from ...db.engine import Database
from .models import StageJob
from .states import ENDED

AT_ONCE = 20
"""Jobs that go in one transaction: each may have tens of thousands of lines."""


async def forget_old_jobs(
    database: Database, now: datetime, kept: timedelta, spared: ColumnElement[bool] | None = None
) -> int:
    """Delete what ended longer ago and of which the consequences were drawn; how many. `spared`: those that are still needed."""
    gone = 0
    while True:
        old = (
            select(StageJob.id)
            .where(StageJob.state.in_(ENDED), StageJob.settled, StageJob.ended_at < now - kept)
            .where(true() if spared is None else ~spared)
            .order_by(StageJob.id)
            .limit(AT_ONCE)
        )
        async with database.write() as session:
            forgotten = delete(StageJob).where(StageJob.id.in_(old.scalar_subquery())).returning(StageJob.id)
            ids = list((await session.execute(forgotten)).scalars())
        gone += len(ids)
        if len(ids) < AT_ONCE:
            return gone
