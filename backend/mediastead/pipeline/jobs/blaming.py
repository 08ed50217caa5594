"""A host that fails one job after the other is set aside, and the jobs get the tries back that it cost them."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..hosts import service as hosts
from ..hosts.judging import IN_A_ROW, Ended, blamed
from ..hosts.models import Host
from .models import JobState, Outcome, StageJob, StageJobAttempt
from .queries import Unjudged

LOOKED_AT = IN_A_ROW * 3
"""Attempts of a host: some may be at the same job."""


async def blame_the_host(session: AsyncSession, now: datetime, failed: Unjudged) -> str | None:
    """`judging.Excuse`: why the attempt costs no try, where its host is to be blamed."""
    host = await session.get(Host, failed.host_id, populate_existing=True)
    if host is None:
        return None
    if host.set_aside_until is not None and host.set_aside_until > now and host.set_aside_reason is not None:
        # It ended after its host was set aside, and had begun before.
        return f"{host.name} was set aside" if _quickly(failed) else None
    latest = await _latest(session, failed.host_id, host.set_aside_until)
    went_well = await _completed_since(session, failed.host_id, host.set_aside_until)
    before = 0 if went_well else host.set_aside_times
    blame = blamed(latest, now, before)
    if blame is None:
        return None
    await hosts.set_aside(session, now, failed.host_id, blame.until, blame.reason, before + 1)
    others = [job_id for job_id in blame.job_ids if job_id != failed.job_id]
    back = (
        update(StageJob)
        .where(StageJob.id.in_(others), StageJob.state == JobState.PENDING, StageJob.not_before.is_not(None))
        .values(tries_left=StageJob.tries_left + 1, not_before=now)
    )
    await session.execute(back)
    return f"{host.name} was set aside"


async def _latest(session: AsyncSession, host_id: int, since: datetime | None) -> list[Ended]:
    """The newest attempts of a host that failed or completed, first those that ended last."""
    attempt = StageJobAttempt
    query = (
        select(attempt.job_id, attempt.outcome, attempt.started_at, attempt.ended_at, attempt.error)
        .where(attempt.host_id == host_id, attempt.outcome.in_(_TELLING), attempt.started_at.is_not(None))
        .order_by(attempt.ended_at.desc(), attempt.id.desc())
        .limit(LOOKED_AT)
    )
    if since is not None:
        query = query.where(attempt.ended_at > since)
    ended: list[Ended] = []
    for job_id, outcome, started_at, ended_at, error in await session.execute(query):
        if started_at is not None and ended_at is not None:
            ended.append(Ended(job_id, outcome is Outcome.FAILED, ended_at - started_at, ended_at, error))
    return ended


async def _completed_since(session: AsyncSession, host_id: int, since: datetime | None) -> bool:
    attempt = StageJobAttempt
    query = select(attempt.id).where(attempt.host_id == host_id, attempt.outcome == Outcome.COMPLETED).limit(1)
    if since is not None:
        query = query.where(attempt.ended_at > since)
    return (await session.execute(query)).scalar_one_or_none() is not None


def _quickly(failed: Unjudged) -> bool:
    return (
        failed.outcome is Outcome.FAILED
        and failed.started_at is not None
        and failed.ended_at is not None
        and failed.ended_at - failed.started_at < timedelta(minutes=1)
    )


_TELLING = (Outcome.FAILED, Outcome.COMPLETED, Outcome.NOT_WORTH_IT)
"""What a person cancelled, or what was lost with its host, says nothing."""
