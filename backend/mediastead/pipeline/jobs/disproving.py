"""A job that its host said was completed, and that is not: the server looked at the result before anything followed from it."""

from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from ...events.outbox import record
from ..engine.nudges import nudge
from . import queries
from .errors import NoSuchJob, StaleJob
from .models import JobState, Outcome, StageJobAttempt
from .moments import database_now
from .service import claim_settled, told_of
from .states import move
from .unproven_queries import said_of


async def disprove(session: AsyncSession, now: datetime, job_id: int, attempt: int, words: str) -> None:
    """The result of the attempt of a completed job is none: the attempt failed, and the job is judged as any that did. What else
    its host wrote of how it ended, or that it did not, makes no difference.

    What lies in the folder of the attempt is nobody's result from then on. Raises `NoSuchJob`, and `StaleJob` where something
    has followed from the result already, or somebody else disproved it.
    """
    former = await said_of(session, job_id, attempt)
    untrue = (
        update(StageJobAttempt)
        .where(StageJobAttempt.job_id == job_id, StageJobAttempt.number == attempt)
        .values(
            outcome=Outcome.FAILED,
            error=words,
            result={"disproved": True, "said": former},
            ended_at=func.coalesce(StageJobAttempt.ended_at, database_now()),
        )
        .returning(StageJobAttempt.id)
    )
    if (await session.execute(untrue)).scalar_one_or_none() is None or not await claim_settled(session, job_id):
        raise StaleJob(job_id)
    # Pending with nothing that holds it: to be judged (`judging`), which knows of the host and of the tries that are left.
    anew = {"why": words, "output": None, "result": None, "ended_at": None, "held": False, "not_before": None}
    await move(session, job_id, JobState.COMPLETED, JobState.PENDING, attempt=attempt, **anew)
    job = await queries.job_facts(session, job_id)
    if job is None:
        raise NoSuchJob(job_id)
    record(session, now, "job.disproved", **told_of(job), attempt=attempt, why=words)
    await nudge(session)
