"""What a host says of its attempts. Every word is fenced: it counts only while the attempt is at work, and is that host's.

An attempt is at work as long as it has no outcome; then its job is `running` and names it. Both are changed in one transaction,
the attempt first, so that of two who would end it (its host, the reaper) the first one does and the other one sees it.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, case, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ...events.outbox import record
from ..engine.interface import Ticket
from ..engine.nudges import nudge
from . import queries
from .errors import StaleJob
from .models import JobState, Outcome, StageJob, StageJobAttempt, StageJobLog
from .moments import database_now
from .work import Level, Work, as_seen_here


class Fenced(Exception):
    """The attempt is no longer this host's: it was taken for dead, and another one counts."""


class AskedToEnd(Exception):
    """It cannot complete any more, because it was asked to end before; its host is to end it as `outcome`."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class Line(Struct, frozen=True):
    at: datetime
    level: Level
    text: str


class Said(Struct, frozen=True, kw_only=True):
    """What an attempt said since it was written last."""

    ticket: Ticket
    changed: bool = False
    """Whether any of these is new."""
    progress: float | None = None
    speed: str | None = None
    seconds_left: int | None = None
    pid: int | None = None
    lines: Sequence[Line] = ()


class Ended(Struct, frozen=True, kw_only=True):
    """How a host ended an attempt."""

    outcome: Outcome
    error: str | None = None
    result: dict[str, Any] | None = None
    """`work.Result`, or facts of what was not worth it; of a failure `{"final": True}` where trying again cannot help."""


async def begin(session: AsyncSession, now: datetime, host_id: int, ticket: Ticket, lease: float) -> Work | None:
    """Take an attempt up; None where it is not to be begun: it was begun before, has ended, or is asked to end."""
    mine = update(StageJobAttempt).where(
        *_at_work(host_id, ticket), StageJobAttempt.started_at.is_(None), StageJobAttempt.asked_to_end.is_(None)
    )
    taken = mine.values(started_at=database_now(session), lease_until=database_now(session, lease))
    directory = (await session.execute(taken.returning(StageJobAttempt.directory))).scalar_one_or_none()
    if directory is None:
        return None
    job = await queries.work_of(session, ticket, host_id)
    if job is None:
        raise StaleJob(ticket.job_id)
    path_map = tuple((os.fsencode(server), os.fsencode(here)) for server, here in job.path_map)
    record(session, now, "job.started", **job.told, attempt=ticket.attempt, host_id=host_id)
    return Work(
        job_id=ticket.job_id,
        attempt=ticket.attempt,
        stage=job.stage,
        input=as_seen_here(job.input, path_map) if job.input is not None else None,
        directory=as_seen_here(directory, path_map),
        item_directory=as_seen_here(job.directory, path_map),
        parameters=job.work,
        commands=job.commands.get(job.stage.value, {}),
        path_map=path_map,
    )


async def tell(
    session: AsyncSession, now: datetime, host_id: int, said: Sequence[Said], lease: float
) -> dict[Ticket, Outcome | None]:
    """The host is alive, and its attempts say this: leases move on, progress and lines are written. Of those that are still
    its, what they are asked to end as; the others are fenced off, and what they say is not written."""
    kept = await _prolong(session, host_id, [each.ticket for each in said], lease)
    heard = [each for each in said if each.ticket in kept]
    moved = [each for each in heard if each.changed]
    if moved:
        attempt = StageJobAttempt
        higher = attempt.progress.is_(None) | (attempt.progress < bindparam("share"))
        changed = (
            update(attempt)
            .where(attempt.job_id == bindparam("job"), attempt.number == bindparam("attempt_number"))
            .values(
                progress=bindparam("share"),
                progress_at=case((higher, database_now(session)), else_=attempt.progress_at),
                speed=bindparam("new_speed"),
                seconds_left=bindparam("left"),
                pid=bindparam("new_pid"),
            )
        )
        await (await session.connection()).execute(changed, [_values(each) for each in moved])
        for each in moved:
            if each.progress is not None:
                told = {"job_id": each.ticket.job_id, "attempt": each.ticket.attempt, "progress": each.progress}
                record(session, now, "job.progress", **told, speed=each.speed, seconds_left=each.seconds_left)
    lines = [
        {
            "job_id": each.ticket.job_id,
            "number": each.ticket.attempt,
            "at": line.at,
            "level": line.level,
            "text": line.text,
        }
        for each in heard
        for line in each.lines
    ]
    if lines:
        # A host may write its log and not read it, so that nothing can be returned.
        await session.execute(insert(StageJobLog).inline(), lines)
    return kept


async def end(session: AsyncSession, now: datetime, host_id: int, ticket: Ticket, ended: Ended) -> None:
    """The host has ended an attempt. Where it completed, this is what publishes: from now on its directory is the job's output.

    Raises `Fenced`, and `AskedToEnd` where it may not complete. What follows a failure is judged by the server
    (`judging`), which knows of other hosts.
    """
    which = _at_work(host_id, ticket)
    completes = ended.outcome in (Outcome.COMPLETED, Outcome.NOT_WORTH_IT)
    if completes:
        which.append(StageJobAttempt.asked_to_end.is_(None))
    values: dict[str, Any] = {"outcome": ended.outcome, "result": ended.result, "ended_at": database_now(session)}
    if ended.error is not None:
        values["error"] = ended.error
    if ended.outcome is Outcome.COMPLETED:
        values |= {"progress": 1.0, "seconds_left": None}
    written = update(StageJobAttempt).where(*which).values(values)
    row = (await session.execute(written.returning(StageJobAttempt.directory, StageJobAttempt.error))).one_or_none()
    if row is None:
        standing = await queries.standing_of(session, host_id, ticket)
        if standing is not None and standing.outcome is ended.outcome:
            return  # it was written before, and the answer to that was lost
        if standing is not None and standing.outcome is None and standing.asked_to_end is not None:
            raise AskedToEnd(standing.asked_to_end)
        raise Fenced
    await settle_job(session, now, ticket, ended.outcome, error=row.error, directory=row.directory, result=ended.result)
    await nudge(session)


async def settle_job(
    session: AsyncSession,
    now: datetime,
    ticket: Ticket,
    outcome: Outcome,
    *,
    error: str | None,
    directory: bytes | None = None,
    result: dict[str, Any] | None = None,
) -> None:
    """What the end of its current attempt makes of a job, in the transaction that wrote that end. Raises `StaleJob`."""
    state = _AFTER[outcome]
    values: dict[str, Any] = {"state": state, "why": error}
    if state in (JobState.COMPLETED, JobState.CANCELLED):
        values |= {"ended_at": database_now(session), "settled": False, "not_before": None}
    if outcome is Outcome.COMPLETED:
        values |= {"output": directory, "result": result, "why": None}
    elif outcome is Outcome.NOT_WORTH_IT:
        values |= {"result": result}
    current = [StageJob.id == ticket.job_id, StageJob.attempt == ticket.attempt, StageJob.state == JobState.RUNNING]
    moved = update(StageJob).where(*current).values(values).returning(StageJob.stage, StageJob.item_id)
    row = (await session.execute(moved)).one_or_none()
    if row is None:
        raise StaleJob(ticket.job_id)
    told = {"job_id": ticket.job_id, "stage": row.stage.value, "item_id": row.item_id, "attempt": ticket.attempt}
    record(session, now, f"job.{_TOLD.get(outcome, outcome.value)}", **told, why=error)


_AFTER = {
    Outcome.COMPLETED: JobState.COMPLETED,
    Outcome.NOT_WORTH_IT: JobState.COMPLETED,
    Outcome.CANCELLED: JobState.CANCELLED,
    # To be judged: another try now, later, or never.
    Outcome.FAILED: JobState.PENDING,
    Outcome.STALLED: JobState.PENDING,
    Outcome.LOST: JobState.QUEUED,
    Outcome.GIVEN_BACK: JobState.QUEUED,
}

_TOLD = {Outcome.FAILED: "attempt_failed", Outcome.STALLED: "attempt_failed", Outcome.NOT_WORTH_IT: "completed"}
"""`job.failed` is told when it is judged that there is no further try."""


async def _prolong(
    session: AsyncSession, host_id: int, tickets: Sequence[Ticket], lease: float
) -> dict[Ticket, Outcome | None]:
    if not tickets:
        return {}
    numbers = {(ticket.job_id, ticket.attempt) for ticket in tickets}
    mine = (
        update(StageJobAttempt)
        .where(
            StageJobAttempt.host_id == host_id,
            StageJobAttempt.outcome.is_(None),
            StageJobAttempt.started_at.is_not(None),
            StageJobAttempt.job_id.in_(sorted({job_id for job_id, _ in numbers})),
        )
        .values(lease_until=database_now(session, lease))
        .returning(StageJobAttempt.job_id, StageJobAttempt.number, StageJobAttempt.asked_to_end)
    )
    rows = (await session.execute(mine)).all()
    return {Ticket(row.job_id, row.number): row.asked_to_end for row in rows if (row.job_id, row.number) in numbers}


def _at_work(host_id: int, ticket: Ticket) -> list[Any]:
    return [
        StageJobAttempt.job_id == ticket.job_id,
        StageJobAttempt.number == ticket.attempt,
        StageJobAttempt.host_id == host_id,
        StageJobAttempt.outcome.is_(None),
    ]


def _values(said: Said) -> dict[str, Any]:
    return {
        "job": said.ticket.job_id,
        "attempt_number": said.ticket.attempt,
        "share": said.progress,
        "new_speed": said.speed,
        "left": said.seconds_left,
        "new_pid": said.pid,
    }
