"""Jobs that end as a host would have them end: the same statements, without a host."""

import os
from typing import Any

from sqlalchemy import insert, select, update

from mediastead.clock import Clock
from mediastead.db.engine import Database
from mediastead.pipeline.discs.models import DiscTitle
from mediastead.pipeline.flow import settle_job
from mediastead.pipeline.hosts.models import Host, HostState
from mediastead.pipeline.jobs.models import JobState, Outcome, Stage, StageJob, StageJobAttempt
from mediastead.pipeline.jobs.queries import unsettled_jobs
from mediastead.pipeline.rules import Rules

RULES = Rules()


async def open_jobs(database: Database) -> list[StageJob]:
    """Those that have not ended, oldest first."""
    open_ = (JobState.PENDING, JobState.QUEUED, JobState.RUNNING)
    async with database.read() as session:
        query = select(StageJob).where(StageJob.state.in_(open_)).order_by(StageJob.id)
        return list((await session.execute(query)).scalars())


async def take(database: Database, clock: Clock, job_id: int) -> None:
    """A host begins an attempt."""
    async with database.write() as session:
        host_id = (await session.execute(select(Host.id))).scalar_one_or_none()
        if host_id is None:
            host = {
                "name": "this machine",
                "state": HostState.ENABLED,
                "limits": {},
                "path_map": [],
                "commands": {},
                "free_bytes": {},
                "created_at": clock.now(),
            }
            host_id = (await session.execute(insert(Host).returning(Host.id), host)).scalar_one()
        job = await session.get(StageJob, job_id)
        assert job is not None and job.state is JobState.QUEUED
        job.state, job.attempt = JobState.RUNNING, job.attempt + 1
        directory = os.path.join(job.directory, b".%s/%d-%d" % (job.stage.value.encode(), job.id, job.attempt))
        attempt = {
            "job_id": job_id,
            "number": job.attempt,
            "host_id": host_id,
            "directory": directory,
            "created_at": clock.now(),
            "started_at": clock.now(),
        }
        await session.execute(insert(StageJobAttempt), attempt)


async def end(
    database: Database, clock: Clock, job_id: int, outcome: Outcome = Outcome.COMPLETED, why: str | None = None
) -> None:
    """Its attempt ends, and the job with it."""
    state = {
        Outcome.COMPLETED: JobState.COMPLETED,
        Outcome.NOT_WORTH_IT: JobState.COMPLETED,
        Outcome.CANCELLED: JobState.CANCELLED,
    }.get(outcome, JobState.FAILED)
    async with database.write() as session:
        job = await session.get(StageJob, job_id)
        assert job is not None
        query = select(StageJobAttempt).where(StageJobAttempt.job_id == job_id, StageJobAttempt.number == job.attempt)
        attempt = (await session.execute(query)).scalar_one()
        assert attempt.asked_to_end in (None, outcome)
        attempt.outcome, attempt.ended_at, attempt.error = outcome, clock.now(), why
        job.state, job.settled, job.ended_at, job.why = state, False, clock.now(), why
        if outcome is Outcome.COMPLETED:
            job.output = attempt.directory
            job.result = {"files": await _files(session, job), "facts": {}}


async def _files(session: Any, job: StageJob) -> list[dict[str, Any]]:
    if job.stage is Stage.ORGANIZE:
        return []
    if job.stage is Stage.RIP:
        numbers = [title["number"] for title in job.work["titles"]]
    else:
        numbers = [(await session.get(DiscTitle, job.title_id)).number]
    return [{"path": f"{number}.mkv", "title": number, "size": 1000, "fingerprint": "ab" * 16} for number in numbers]


async def settle_all(database: Database, clock: Clock) -> None:
    """As the server does."""
    async with database.read() as session:
        ended = await unsettled_jobs(session)
    for job_id in ended:
        async with database.write() as session:
            await settle_job(session, clock.now(), RULES, job_id)


async def work_off(database: Database, clock: Clock, *stages: Stage) -> list[tuple[str, int | None]]:
    """Hosts do all that is queued, also what follows from it, of these stages (none: of all); (stage, title), in order."""
    done: list[tuple[str, int | None]] = []
    while True:
        queued = [job for job in await open_jobs(database) if job.state is JobState.QUEUED]
        queued = [job for job in queued if not stages or job.stage in stages]
        if not queued:
            return done
        for job in queued:
            await take(database, clock, job.id)
            await end(database, clock, job.id)
            done.append((job.stage.value, job.title_id))
        await settle_all(database, clock)


async def set_job(database: Database, job_id: int, **values: Any) -> None:
    async with database.write() as session:
        await session.execute(update(StageJob).where(StageJob.id == job_id).values(**values))
