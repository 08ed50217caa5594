"""The end of an attempt is written, and what it makes of its job."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import Update, bindparam, case, null, update
from sqlalchemy.ext.asyncio import AsyncSession

from ...events.outbox import record
from ..engine.interface import Ticket
from . import attempt_queries as queries
from .errors import StaleJob
from .models import JobState, Outcome, StageJob, StageJobAttempt
from .moments import database_now


class EndedAttempt(Struct, frozen=True):
    """An attempt that has ended."""

    id: int
    ticket: Ticket
    outcome: Outcome
    error: str | None
    directory: bytes | None = None
    result: dict[str, Any] | None = None


async def write_ends(session: AsyncSession, ends: Sequence[EndedAttempt]) -> None:
    """Of attempts that are locked and have no outcome yet."""
    rows = [
        {"which": each.id, "new_outcome": each.outcome, "new_error": each.error, "new_result": each.result}
        for each in ends
    ]
    await (await session.connection()).execute(_END, rows)


async def settle_jobs(session: AsyncSession, now: datetime, ends: Sequence[EndedAttempt]) -> None:
    """What the ends of their current attempts make of jobs, in the transaction that wrote those ends. Raises `StaleJob`."""
    at_work = await queries.jobs_at(session, [each.ticket for each in ends])
    by_outcome: dict[Outcome, list[dict[str, Any]]] = {}
    for each in ends:
        if each.ticket not in at_work:
            raise StaleJob(each.ticket.job_id)
        completed = each.outcome is Outcome.COMPLETED
        row = {"which": each.ticket.job_id, "new_why": None if completed else each.error}
        row |= {"new_output": each.directory, "new_result": each.result}
        by_outcome.setdefault(each.outcome, []).append(row)
    connection = await session.connection()
    for outcome, rows in by_outcome.items():
        await connection.execute(_after(outcome), rows)
    for each in ends:
        job = at_work[each.ticket]
        told = {"job_id": job.id, "stage": job.stage.value, "item_id": job.item_id, "attempt": each.ticket.attempt}
        record(session, now, f"job.{_TOLD.get(each.outcome, each.outcome.value)}", **told, why=each.error)


_STATES = {
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


@cache
def _after(outcome: Outcome) -> Update:
    """What such an end changes of a job."""
    state = _STATES[outcome]
    values: dict[Any, Any] = {StageJob.state: state, StageJob.why: bindparam("new_why"), StageJob.not_before: None}
    if state in (JobState.COMPLETED, JobState.CANCELLED):
        values |= {StageJob.ended_at: database_now(), StageJob.settled: False}
    if outcome is Outcome.COMPLETED:
        values[StageJob.output] = bindparam("new_output")
    if outcome in (Outcome.COMPLETED, Outcome.NOT_WORTH_IT):
        values[StageJob.result] = bindparam("new_result", type_=StageJob.result.type)
    return update(StageJob).where(StageJob.id == bindparam("which")).values(values)


_OUTCOME = bindparam("new_outcome", type_=StageJobAttempt.outcome.type)

_END = (
    update(StageJobAttempt)
    .where(StageJobAttempt.id == bindparam("which"))
    .values(
        outcome=_OUTCOME,
        error=bindparam("new_error"),
        result=bindparam("new_result", type_=StageJobAttempt.result.type),
        ended_at=database_now(),
        progress=case((_OUTCOME == Outcome.COMPLETED, 1.0), else_=StageJobAttempt.progress),
        seconds_left=case((_OUTCOME == Outcome.COMPLETED, null()), else_=StageJobAttempt.seconds_left),
    )
)
