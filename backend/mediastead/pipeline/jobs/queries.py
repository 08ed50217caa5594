"""What is asked of stage jobs and their attempts, to do them. What people look at is in `shown_queries`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..engine.embedded import OpenAttempt
from ..engine.interface import Ticket
from ..hosts.models import Host
from .drive_queries import ordered_drives
from .models import JobState, Outcome, Stage, StageJob, StageJobAttempt
from .moments import database_now
from .unproven_queries import says, was_untrue_of


class JobFacts(Struct, frozen=True, kw_only=True):
    """What is needed of a job to change it."""

    id: int
    item_id: int | None
    disc_id: int | None
    title_id: int | None
    stage: Stage
    state: JobState
    attempt: int
    tries_left: int
    held: bool
    not_before: datetime | None
    settled: bool


class Waiting(Struct, frozen=True, kw_only=True):
    """A queued job that a host could do."""

    id: int
    stage: Stage
    attempt: int
    priority: int
    resource: str | None
    directory: bytes


class AttemptAtWork(Struct, frozen=True, kw_only=True):
    """An attempt without an outcome, for the one who ends it or calls it off."""

    id: int
    job_id: int
    number: int
    host_id: int
    engine_job_id: int | None
    started_at: datetime | None
    asked_to_end: Outcome | None
    error: str | None

    @property
    def ticket(self) -> Ticket:
        return Ticket(self.job_id, self.number)


class Unjudged(Struct, frozen=True, kw_only=True):
    """A job of which the attempt failed just now."""

    job_id: int
    attempt_id: int
    attempt: int
    host_id: int
    stage: Stage
    item_id: int | None
    tries_left: int
    error: str | None
    final: bool
    """Another try cannot help."""
    absent: bool
    """What it was to be made of did not lie there."""
    disproved: bool
    """Its host had said that it was done."""
    outcome: Outcome
    started_at: datetime | None
    ended_at: datetime | None


class ToDo(Struct, frozen=True):
    """What a dispatcher finds at one look."""

    queued: bool
    due: bool
    unjudged: bool
    asked: bool
    expired: bool


async def job_facts(session: AsyncSession, job_id: int) -> JobFacts | None:
    columns = (getattr(StageJob, name) for name in JobFacts.__struct_fields__)
    row = (await session.execute(select(*columns).where(StageJob.id == job_id))).mappings().one_or_none()
    return JobFacts(**row) if row is not None else None


async def unsettled_jobs(session: AsyncSession, limit: int = 1000) -> list[int]:
    """Ended jobs of which nobody has drawn the consequences, the oldest first."""
    query = select(StageJob.id).where(StageJob.settled.is_(False)).order_by(StageJob.id).limit(limit)
    return list((await session.execute(query)).scalars())


async def what_is_to_do(session: AsyncSession, now: datetime) -> ToDo:
    return ToDo(*(await session.execute(_TO_DO, {"now": now})).one())


async def board(session: AsyncSession, host_id: int) -> list[OpenAttempt]:
    """For the embedded engine: the attempts of a host that have not ended, the most urgent first."""
    attempt = StageJobAttempt
    query = (
        select(attempt.job_id, attempt.number, attempt.started_at, attempt.asked_to_end)
        .join(StageJob, StageJob.id == attempt.job_id)
        .where(attempt.host_id == host_id, attempt.outcome.is_(None))
        .order_by(StageJob.priority.desc(), attempt.id)
    )
    rows = await session.execute(query)
    return [
        OpenAttempt(Ticket(job_id, number), begun=started is not None, asked_to_end=asked is not None)
        for job_id, number, started, asked in rows
    ]


async def running_jobs(session: AsyncSession) -> dict[tuple[int, Stage], int]:
    """How many attempts each host has of each stage."""
    return {(host_id, stage): count for host_id, stage, count in await session.execute(_RUNNING)}


async def waiting_for(
    session: AsyncSession, host_id: int, stages: Collection[Stage], capabilities: Collection[str], limit: int
) -> list[Waiting]:
    """Queued jobs that a host could do now, the most urgent first, locked. Those that another transaction changes are left out,
    so that nobody waits."""
    given = {"host_id": host_id, "stages": list(stages), "capabilities": list(capabilities), "limit": limit}
    return [Waiting(**row) for row in (await session.execute(_WAITING, given)).mappings()]


async def expired(session: AsyncSession, limit: int = 100) -> list[AttemptAtWork]:
    """Attempts whose host was not heard from for a lease, by the clock of the database."""
    return await _at_work(session, [StageJobAttempt.lease_until < database_now()], limit)


async def asked(session: AsyncSession, limit: int = 100) -> list[AttemptAtWork]:
    """Attempts that are to be ended, and are still at work."""
    return await _at_work(session, [StageJobAttempt.asked_to_end.is_not(None)], limit)


async def without_progress(session: AsyncSession, seconds: float, limit: int = 100) -> list[AttemptAtWork]:
    attempt = StageJobAttempt
    last = func.coalesce(attempt.progress_at, attempt.started_at)
    # One without a lease is no host's: it waits for a disk, and comes to its end by the journal.
    stalled = [
        attempt.asked_to_end.is_(None),
        attempt.lease_until.is_not(None),
        last < database_now(-seconds),
    ]
    return await _at_work(session, stalled, limit)


async def attempts_of(session: AsyncSession, host_id: int) -> list[AttemptAtWork]:
    """Those of a host that are at work."""
    return await _at_work(session, [StageJobAttempt.host_id == host_id], 1000)


async def unjudged(session: AsyncSession, limit: int = 100) -> list[Unjudged]:
    attempt = StageJobAttempt
    of_job = (StageJob.stage, StageJob.item_id, StageJob.tries_left, StageJob.attempt)
    of_attempt = (attempt.job_id, attempt.host_id, attempt.error, attempt.outcome)
    told = [says(word).label(word) for word in ("final", "absent", "disproved")]
    query = (
        select(*of_job, *of_attempt, *told, attempt.id.label("attempt_id"), attempt.started_at, attempt.ended_at)
        .join(attempt, (attempt.job_id == StageJob.id) & (attempt.number == StageJob.attempt))
        .where(*UNJUDGED, attempt.outcome.is_not(None))
        .order_by(StageJob.id)
        .limit(limit)
    )
    return [Unjudged(**row) for row in (await session.execute(query)).mappings()]


async def due_jobs(session: AsyncSession, now: datetime, limit: int = 100) -> list[JobFacts]:
    """Jobs whose hour, or whose pause after a failure, has come."""
    columns = (getattr(StageJob, name) for name in JobFacts.__struct_fields__)
    query = select(*columns).where(*DUE).order_by(StageJob.id).limit(limit)
    return [JobFacts(**row) for row in (await session.execute(query, {"now": now})).mappings()]


async def latest_ends(session: AsyncSession, host_id: int, limit: int = 10) -> Sequence[Any]:
    """The newest attempts of a host that said something about it, since it was last set aside: (job_id, outcome, error,
    started_at, ended_at, lied, absent). Those that were cancelled, lost or given back say nothing."""
    attempt = StageJobAttempt
    telling = (Outcome.COMPLETED, Outcome.NOT_WORTH_IT, Outcome.FAILED, Outcome.STALLED)
    until = select(Host.set_aside_until).where(Host.id == host_id).scalar_subquery()
    lied, absent = says("disproved").label("lied"), says("absent").label("absent")
    query = (
        select(attempt.job_id, attempt.outcome, attempt.error, attempt.started_at, attempt.ended_at, lied, absent)
        .where(
            attempt.host_id == host_id,
            attempt.outcome.in_(telling),
            or_(until.is_(None), attempt.created_at > until),
        )
        .order_by(attempt.id.desc())
        .limit(limit)
    )
    return (await session.execute(query)).all()


async def lost_in_a_row(session: AsyncSession, job_id: int) -> int:
    """How many of a job's last attempts were lost, one after the other."""
    ended = select(func.coalesce(func.max(StageJobAttempt.number), 0)).where(
        StageJobAttempt.job_id == job_id, StageJobAttempt.outcome != Outcome.LOST
    )
    query = select(func.count()).where(
        StageJobAttempt.job_id == job_id,
        StageJobAttempt.outcome == Outcome.LOST,
        StageJobAttempt.number > ended.scalar_subquery(),
    )
    return (await session.execute(query)).scalar_one()


async def absent_in_a_row(session: AsyncSession, job_id: int, limit: int) -> int:
    """Of how many of a job's last attempts, one after the other, the input did not lie there; `limit` at most."""
    attempt = StageJobAttempt
    query = select(says("absent")).where(attempt.job_id == job_id)
    said = (await session.execute(query.order_by(attempt.number.desc()).limit(limit))).scalars().all()
    return next((count for count, absent in enumerate(said) if not absent), len(said))


UNJUDGED = (StageJob.state == JobState.PENDING, StageJob.held.is_(False), StageJob.not_before.is_(None))
DUE = (StageJob.state == JobState.PENDING, StageJob.held.is_(False), StageJob.not_before <= bindparam("now"))
"""With the moment as `now`."""

# What is asked between the making of a job and its beginning is built once: SQLAlchemy needs longer to build a statement than
# PostgreSQL does to answer it.

_TO_DO = select(
    exists().where(StageJob.state == JobState.QUEUED),
    exists().where(*DUE),
    exists().where(*UNJUDGED),
    exists().where(StageJobAttempt.outcome.is_(None), StageJobAttempt.asked_to_end.is_not(None)),
    exists().where(StageJobAttempt.outcome.is_(None), StageJobAttempt.lease_until < database_now()),
)

_RUNNING = (
    select(StageJobAttempt.host_id, StageJob.stage, func.count())
    .join(StageJob, StageJob.id == StageJobAttempt.job_id)
    .where(StageJobAttempt.outcome.is_(None))
    .group_by(StageJobAttempt.host_id, StageJob.stage)
)

_TAKEN = select(StageJob.resource).where(StageJob.state == JobState.RUNNING, StageJob.resource.is_not(None))

_WAITING = (
    select(*(getattr(StageJob, name) for name in Waiting.__struct_fields__))
    .where(
        StageJob.state == JobState.QUEUED,
        StageJob.stage.in_(bindparam("stages", expanding=True)),
        StageJob.capability.in_(bindparam("capabilities", expanding=True)),
        or_(StageJob.only_host_id.is_(None), StageJob.only_host_id == bindparam("host_id")),
        or_(
            StageJob.resource.is_(None),
            StageJob.resource.not_in(_TAKEN) & StageJob.resource.not_in(ordered_drives()),
        ),
        or_(StageJob.attempt == 0, StageJob.only_host_id.is_not(None), ~was_untrue_of(bindparam("host_id"))),
    )
    .order_by(StageJob.priority.desc(), StageJob.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


async def _at_work(session: AsyncSession, which: Sequence[Any], limit: int) -> list[AttemptAtWork]:
    columns = (getattr(StageJobAttempt, name) for name in AttemptAtWork.__struct_fields__)
    query = select(*columns).where(StageJobAttempt.outcome.is_(None), *which).order_by(StageJobAttempt.id).limit(limit)
    return [AttemptAtWork(**row) for row in (await session.execute(query)).mappings()]
