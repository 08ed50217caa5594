"""What is asked of stage jobs and their attempts."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from .models import JobState, Stage, StageJob


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


async def job_facts(session: AsyncSession, job_id: int) -> JobFacts | None:
    columns = (getattr(StageJob, name) for name in JobFacts.__struct_fields__)
    row = (await session.execute(select(*columns).where(StageJob.id == job_id))).mappings().one_or_none()
    return JobFacts(**row) if row is not None else None


async def unsettled_jobs(session: AsyncSession, limit: int = 100) -> list[int]:
    """Ended jobs of which nobody has drawn the consequences, the oldest first."""
    query = select(StageJob.id).where(StageJob.settled.is_(False)).order_by(StageJob.id).limit(limit)
    return list((await session.execute(query)).scalars())
