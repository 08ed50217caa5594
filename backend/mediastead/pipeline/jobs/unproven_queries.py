"""What is asked of results that nothing is known of but what a host said, and of hosts that were of no use to a job."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import BindParameter, ColumnElement, Text, cast, exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hosts.models import Host, HostState
from .models import JobState, Outcome, Stage, StageJob, StageJobAttempt
from .moments import database_now

ELSEWHERE = timedelta(minutes=30)
"""For so long a job does not go back to a host that said untrue things of it (`disproving`), so that another one gets it; nor to
one that failed at it, where another one is there that can do it."""


class Unproven(Struct, frozen=True, kw_only=True):
    """A completed job of which the result is to be looked at."""

    id: int
    attempt: int
    stage: Stage
    title_id: int | None
    work: dict[str, Any]
    input: bytes | None
    directory: bytes
    output: bytes | None
    result: Any
    """As its host wrote it, which may be anything."""
    outcome: Outcome | None
    """Of its attempt, as its host wrote it."""
    host: str


async def said_of(session: AsyncSession, job_id: int, attempt: int) -> dict[str, Any] | None:
    """What the host of an attempt said of its result."""
    query = select(StageJobAttempt.result).where(StageJobAttempt.job_id == job_id, StageJobAttempt.number == attempt)
    return (await session.execute(query)).scalar_one_or_none()


async def unproven(session: AsyncSession, job_ids: Collection[int]) -> list[Unproven]:
    """Those of these ended jobs whose result another machine made: nothing is known of it but what its host said."""
    attempt = StageJobAttempt
    of_job = [name for name in Unproven.__struct_fields__ if name not in ("outcome", "host")]
    query = (
        select(*(getattr(StageJob, name) for name in of_job), attempt.outcome, Host.name.label("host"))
        .join(attempt, (attempt.job_id == StageJob.id) & (attempt.number == StageJob.attempt))
        .join(Host, Host.id == attempt.host_id)
        .where(
            StageJob.id.in_(job_ids),
            StageJob.state == JobState.COMPLETED,
            StageJob.stage != Stage.ORGANIZE,
            StageJob.item_id.is_not(None),
            # The server's own host is the server itself; of one that was removed nobody knows any more which it was.
            or_(Host.role_name.is_not(None), Host.state == HostState.REMOVED),
        )
    )
    return [Unproven(**row) for row in (await session.execute(query)).mappings()]


class Failed(Struct, frozen=True, kw_only=True):
    """A host failed lately at a job that is not bound to it."""

    job_id: int
    stage: Stage
    capability: str
    host_id: int


async def failed_lately(session: AsyncSession) -> list[Failed]:
    """Of the queued jobs."""
    return [Failed(**row) for row in (await session.execute(_FAILED)).mappings()]


async def failed_of(session: AsyncSession, job_ids: Collection[int]) -> set[tuple[int, int]]:
    """Of these jobs, (job, host) where the host failed lately at a job that is not bound to it."""
    query = select(StageJob.id, StageJobAttempt.host_id).where(*_failed_lately(), StageJob.id.in_(job_ids))
    return {(job_id, host_id) for job_id, host_id in await session.execute(query)}


def _failed_lately() -> Sequence[ColumnElement[bool]]:
    """Of a job and an attempt."""
    return (
        StageJobAttempt.job_id == StageJob.id,
        StageJob.only_host_id.is_(None),
        StageJobAttempt.outcome.in_((Outcome.FAILED, Outcome.STALLED)),
        StageJobAttempt.ended_at > database_now(-ELSEWHERE.total_seconds()),
    )


# Asked before every job that is given to a host, and so built once.
_FAILED = select(StageJob.id.label("job_id"), StageJob.stage, StageJob.capability, StageJobAttempt.host_id).where(
    StageJob.state == JobState.QUEUED, StageJob.attempt > 0, *_failed_lately()
)


def was_untrue_of(host_id: BindParameter[int]) -> ColumnElement[bool]:
    """Of a job: whether a host said lately, and untruly, that it was done."""
    attempt = StageJobAttempt
    return exists().where(attempt.job_id == StageJob.id, attempt.host_id == host_id, *_untrue())


async def untrue_of(session: AsyncSession, job_ids: Collection[int]) -> set[tuple[int, int]]:
    """Of these jobs, (job, host) where the host said lately, and untruly, that it was done."""
    attempt = StageJobAttempt
    query = select(attempt.job_id, attempt.host_id).where(attempt.job_id.in_(job_ids), *_untrue())
    return {(job_id, host_id) for job_id, host_id in await session.execute(query)}


def says(word: str) -> ColumnElement[bool]:
    """Of an attempt: whether its result begins with that word, as what tells how to judge a failure does (`StageFailed.told`,
    `disprove`). By its text: a host writes results itself, and what PostgreSQL can make no boolean of would end the statement,
    and with it the work of all hosts."""
    return func.coalesce(cast(StageJobAttempt.result, Text).startswith(f'{{"{word}": true', autoescape=True), false())


def _untrue() -> Sequence[ColumnElement[bool]]:
    attempt = StageJobAttempt
    return (
        attempt.outcome == Outcome.FAILED,
        says("disproved"),
        attempt.ended_at > database_now(-ELSEWHERE.total_seconds()),
    )
