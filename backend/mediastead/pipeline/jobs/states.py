"""The states of a stage job, and the one function that changes them."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import StaleJob
from .models import JobState, StageJob

ALLOWED: dict[JobState, frozenset[JobState]] = {
    # To itself: what it waits for has changed.
    JobState.PENDING: frozenset({JobState.PENDING, JobState.QUEUED, JobState.FAILED, JobState.CANCELLED}),
    JobState.QUEUED: frozenset({JobState.PENDING, JobState.RUNNING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset(
        {JobState.PENDING, JobState.QUEUED, JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED}
    ),
    # What its host said of it was untrue (`disproving`), before anything followed from it.
    JobState.COMPLETED: frozenset({JobState.PENDING}),
    JobState.FAILED: frozenset({JobState.QUEUED}),
    JobState.CANCELLED: frozenset({JobState.QUEUED}),
}

OPEN = (JobState.PENDING, JobState.QUEUED, JobState.RUNNING)
ENDED = (JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED)


async def move(
    session: AsyncSession, job_id: int, old: JobState, new: JobState, *, attempt: int | None = None, **values: Any
) -> None:
    """Change the state of a job that is `old` (and at this attempt). Raises `StaleJob` where it is not."""
    if new not in ALLOWED[old]:
        raise ValueError(f"a stage job never goes from {old} to {new}")
    which = [StageJob.id == job_id, StageJob.state == old]
    if attempt is not None:
        which.append(StageJob.attempt == attempt)
    moved = await session.execute(update(StageJob).where(*which).values(state=new, **values).returning(StageJob.id))
    if moved.scalar_one_or_none() is None:
        raise StaleJob(job_id)
