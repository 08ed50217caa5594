"""What follows when an attempt failed: another try, now or after a pause, or the end of the job.

A host only says that its attempt failed. The server judges, because it knows of other hosts: where a host fails one job after
the other, the fault is the host's, and its attempts cost no try.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from ...events.outbox import record
from ..engine.nudges import nudge
from . import queries
from .errors import StaleJob
from .models import JobState
from .queries import Unjudged
from .states import move

Excuse: TypeAlias = Callable[[AsyncSession, datetime, Unjudged], Awaitable[str | None]]
"""Whether a failed attempt is to cost no try, in the transaction that judges it: why, in words; None where it counts.

A room that knows hosts gives one (it may set the host aside in the same transaction, and then the job goes elsewhere at once).
"""

PAUSES = (timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30))
"""Before the second try, the third, and all later ones."""


ABSENT_PAUSE = timedelta(seconds=30)
"""Until a job looks again whether its disc lies there: longer than the server needs to hear what does."""
MOST_ABSENT = 5
"""So often in a row it costs nothing; after that nobody can tell what is wrong but a person."""


async def no_excuse(_session: AsyncSession, _now: datetime, _failed: Unjudged) -> None:
    """Every failed attempt costs a try."""


async def judge(session: AsyncSession, now: datetime, failed: Unjudged, excuse: Excuse, tries: int) -> bool:
    """False where another server was first. `tries`: how many a job has from the beginning."""
    try:
        await _judge(session, now, failed, excuse, tries)
    except StaleJob:
        return False
    return True


async def _judge(session: AsyncSession, now: datetime, failed: Unjudged, excuse: Excuse, tries: int) -> None:
    told = {"job_id": failed.job_id, "stage": failed.stage.value, "item_id": failed.item_id}
    if failed.absent and await queries.absent_in_a_row(session, failed.job_id, MOST_ABSENT) < MOST_ABSENT:
        later = now + ABSENT_PAUSE
        await move(session, failed.job_id, JobState.PENDING, JobState.PENDING, attempt=failed.attempt, not_before=later)
        return
    excused = await excuse(session, now, failed)
    if excused is not None:
        why = f"to be tried again, and it cost no try: {excused}"
        await move(session, failed.job_id, JobState.PENDING, JobState.QUEUED, attempt=failed.attempt, why=why)
        record(session, now, "job.queued", **told, why=why)
        await nudge(session)
        return
    left = failed.tries_left - 1
    if failed.final or left <= 0:
        await move(
            session,
            failed.job_id,
            JobState.PENDING,
            JobState.FAILED,
            attempt=failed.attempt,
            tries_left=max(left, 0),
            ended_at=now,
            settled=False,
        )
        record(session, now, "job.failed", **told, why=failed.error)
        await nudge(session)
        return
    # Pending already; what it waits for is what changes.
    pause = PAUSES[min(max(tries - failed.tries_left, 0), len(PAUSES) - 1)]
    # What one host said untruly another one may do at once: it does not go back to the same.
    again = now if failed.disproved else now + pause
    await move(
        session,
        failed.job_id,
        JobState.PENDING,
        JobState.PENDING,
        attempt=failed.attempt,
        tries_left=left,
        not_before=again,
    )


async def release_due(session: AsyncSession, now: datetime) -> int:
    """Jobs whose hour has come wait for a host from now on; how many."""
    released = 0
    for job in await queries.due_jobs(session, now):
        try:
            await move(session, job.id, JobState.PENDING, JobState.QUEUED, attempt=job.attempt, not_before=None)
        except StaleJob:
            continue
        record(session, now, "job.queued", job_id=job.id, stage=job.stage.value, item_id=job.item_id)
        released += 1
    if released:
        await nudge(session)
    return released
