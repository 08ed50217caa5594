"""A host that fails one job after the other is set aside, and the jobs get the tries back that it cost them."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..hosts import queries as host_queries
from ..hosts.judging import QUICKLY, Ended, blamed
from ..hosts.service import set_aside
from . import queries
from .models import JobState, Outcome, StageJob
from .queries import Unjudged


async def blame_the_host(session: AsyncSession, now: datetime, failed: Unjudged) -> str | None:
    """`judging.Excuse`: why the attempt costs no try, where its host is to be blamed."""
    host = await host_queries.host(session, failed.host_id)
    if host is None:
        return None
    aside = f"{host.name} was set aside"
    if host.set_aside_until is not None and host.set_aside_until > now:
        # It had begun before its host was set aside, and ended no better.
        no_better = failed.disproved or _lasted(failed.started_at, failed.ended_at) <= QUICKLY
        return aside if no_better else None
    latest = await queries.latest_ends(session, failed.host_id)
    ends = [
        Ended(
            each.job_id,
            each.outcome is Outcome.FAILED,
            _lasted(each.started_at, each.ended_at),
            each.ended_at,
            each.error,
            each.lied,
        )
        for each in latest
        if not each.absent
    ]
    # That it completed something speaks for it only where what it says can be believed.
    believed = any(each.outcome is Outcome.COMPLETED for each in latest) and not failed.disproved
    before = 0 if believed else host.set_aside_times
    blame = blamed(ends, now, before)
    if blame is None:
        return None
    await set_aside(session, now, failed.host_id, blame.until, blame.reason, before + 1)
    others = [job_id for job_id in blame.job_ids if job_id != failed.job_id]
    # Those that wait for their next try need not: they go to another host. One that was not judged yet has lost no try.
    back = update(StageJob).where(
        StageJob.id.in_(others),
        StageJob.state == JobState.PENDING,
        StageJob.held.is_(False),
        StageJob.not_before.is_not(None),
    )
    await session.execute(back.values(tries_left=StageJob.tries_left + 1, not_before=now))
    return aside


def _lasted(began: datetime | None, ended: datetime | None) -> timedelta:
    return ended - began if began is not None and ended is not None else timedelta(0)
