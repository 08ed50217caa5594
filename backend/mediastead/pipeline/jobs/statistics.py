"""How hosts did."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hosts.schemas import HostStatistics
from .models import Outcome, Stage, StageJob, StageJobAttempt

LATEST = 100


async def statistics_of(session: AsyncSession, host_ids: Collection[int]) -> dict[int, HostStatistics]:
    """By host, of all attempts that are still kept."""
    attempt = StageJobAttempt
    query = (
        select(attempt.host_id, attempt.outcome, func.count())
        .where(attempt.host_id.in_(host_ids))
        .group_by(attempt.host_id, attempt.outcome)
    )
    counts = {(host_id, outcome): number for host_id, outcome, number in await session.execute(query)}

    def count(host_id: int, *outcomes: Outcome | None) -> int:
        return sum(counts.get((host_id, outcome), 0) for outcome in outcomes)

    return {
        host_id: HostStatistics(
            completed=count(host_id, Outcome.COMPLETED, Outcome.NOT_WORTH_IT),
            failed=count(host_id, Outcome.FAILED, Outcome.STALLED),
            lost=count(host_id, Outcome.LOST),
            at_work=count(host_id, None),
            mean_speed=await _mean_speed(session, host_id),
        )
        for host_id in host_ids
    }


async def _mean_speed(session: AsyncSession, host_id: int) -> float | None:
    """Seconds of film that a second of transcoding made."""
    attempt = StageJobAttempt
    query = (
        select(attempt.started_at, attempt.ended_at, attempt.result)
        .join(StageJob, StageJob.id == attempt.job_id)
        .where(attempt.host_id == host_id, attempt.outcome == Outcome.COMPLETED, StageJob.stage == Stage.TRANSCODE)
        .order_by(attempt.id.desc())
        .limit(LATEST)
    )
    made = took = 0.0
    for began, ended, result in await session.execute(query):
        seconds = sum(file.get("duration_seconds") or 0.0 for file in (result or {}).get("files", ()))
        if began is not None and ended is not None and seconds:
            made += seconds
            took += (ended - began).total_seconds()
    return made / took if took else None
