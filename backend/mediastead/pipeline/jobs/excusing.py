"""A host that fails one job after the other within seconds is to blame, and not what it was given."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..hosts import judging
from ..hosts.service import set_aside
from . import queries
from .models import JobState, Outcome, StageJob
from .queries import Unjudged


async def excuse_for_hosts(session: AsyncSession, now: datetime, failed: Unjudged) -> str | None:
    """`judging.Excuse`: sets the host aside where it is to blame, and gives the tries back that it cost others."""
    latest = await queries.latest_ends(session, failed.host_id)
    ends = [
        judging.Ended(
            each.job_id,
            each.outcome is Outcome.FAILED,
            each.ended_at - each.started_at if each.started_at else timedelta(0),
            each.ended_at,
            each.error,
        )
        for each in latest
    ]
    blame = judging.blamed(ends, now, before=0)
    if blame is None:
        return None
    await set_aside(session, now, failed.host_id, blame.until, blame.reason)
    others = [job_id for job_id in blame.job_ids if job_id != failed.job_id]
    # Those that wait for their next try need not: they go to another host.
    back = update(StageJob).where(StageJob.id.in_(others), StageJob.state == JobState.PENDING, StageJob.held.is_(False))
    await session.execute(back.values(tries_left=StageJob.tries_left + 1, not_before=now))
    return blame.reason
