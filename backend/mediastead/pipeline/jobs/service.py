"""What people, and the rooms above, ask of stage jobs. Hosts speak through `attempts`, dispatchers through `dispatching`."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ...events.outbox import record
from ..engine.nudges import nudge
from . import queries
from .errors import NoSuchJob, NotPossibleNow
from .models import JobState, Outcome, Stage, StageJob, StageJobAttempt
from .queries import JobFacts
from .states import move

TRIES = 3
"""Attempts that may fail before the job has."""


class NewJob(Struct, frozen=True, kw_only=True):
    """A stage job to be made."""

    stage: Stage
    capability: str
    """What a host must be able to do (`HostCapability.name`)."""
    directory: bytes
    """The item's folder in a staging root, absolute, as the server sees it."""
    actor: str
    item_id: int | None = None
    disc_id: int | None = None
    title_id: int | None = None
    input: bytes | None = None
    """File or folder, absolute, as the server sees it."""
    work: dict[str, Any] = {}
    """What the handler of the stage is told. JSON."""
    preset_id: int | None = None
    resource: str | None = None
    """What only one running job may have: `host 3 drive:/dev/sr0`."""
    only_host_id: int | None = None
    priority: int = 0
    """The highest comes first."""
    not_before: datetime | None = None
    waits_for: str | None = None
    """In words, what it waits for until `release`; None where nothing holds it."""
    tries: int = TRIES


async def make_job(session: AsyncSession, now: datetime, new: NewJob) -> int:
    """Make a stage job; its id. It is given to a host as soon as the transaction is committed and one is there, unless it is
    held (`waits_for`) or its hour has not come."""
    waits = new.waits_for is not None or (new.not_before is not None and new.not_before > now)
    state = JobState.PENDING if waits else JobState.QUEUED
    row = {
        "item_id": new.item_id,
        "disc_id": new.disc_id,
        "title_id": new.title_id,
        "stage": new.stage,
        "state": state,
        "why": new.waits_for or (_until(new.not_before) if waits else None),
        "priority": new.priority,
        "tries_left": new.tries,
        "held": new.waits_for is not None,
        "not_before": new.not_before,
        "capability": new.capability,
        "resource": new.resource,
        "only_host_id": new.only_host_id,
        "preset_id": new.preset_id,
        "work": new.work,
        "input": new.input,
        "directory": new.directory,
        "actor": new.actor,
        "created_at": now,
    }
    job_id = (await session.execute(insert(StageJob).values(row).returning(StageJob.id))).scalar_one()
    told = {"job_id": job_id, "stage": new.stage.value, "item_id": new.item_id}
    record(session, now, "job.queued" if state is JobState.QUEUED else "job.pending", **told)
    await nudge(session)
    return job_id


async def release(session: AsyncSession, now: datetime, job_id: int) -> None:
    """What held the job is there: the approval was given. Where its hour has not come it waits for that. Does nothing to a job
    that is not held. Raises `NoSuchJob`."""
    job = await _job(session, job_id)
    if job.state is not JobState.PENDING or not job.held:
        return
    if job.not_before is not None and job.not_before > now:
        held = update(StageJob).where(StageJob.id == job_id, StageJob.state == JobState.PENDING)
        await session.execute(held.values(held=False, why=_until(job.not_before)))
        return
    await move(session, job_id, JobState.PENDING, JobState.QUEUED, held=False, not_before=None, why=None)
    record(session, now, "job.queued", **told_of(job))
    await nudge(session)


async def hold(session: AsyncSession, now: datetime, job_id: int, why: str) -> None:
    """Let a job that has not begun wait, until `release`; one that has just failed is judged before. Raises `NoSuchJob`,
    `NotPossibleNow`."""
    job = await _job(session, job_id)
    if job.state is JobState.PENDING:
        judged = StageJob.held | StageJob.not_before.is_not(None)
        waiting = update(StageJob).where(StageJob.id == job_id, StageJob.state == JobState.PENDING, judged)
        await session.execute(waiting.values(held=True, why=why))
        return
    if job.state is not JobState.QUEUED:
        raise NotPossibleNow(job_id, job.state, "only what has not begun can be held; cancel it instead.")
    await move(session, job_id, JobState.QUEUED, JobState.PENDING, held=True, why=why)
    record(session, now, "job.pending", **told_of(job))


async def lead(
    session: AsyncSession, job_id: int, *, source: bytes | None, resource: str | None, only_host_id: int | None
) -> None:
    """What a job that has not begun is to be made of lies there now; nothing where it has begun."""
    waiting = update(StageJob).where(StageJob.id == job_id, StageJob.state.in_((JobState.PENDING, JobState.QUEUED)))
    await session.execute(waiting.values(input=source, resource=resource, only_host_id=only_host_id))


async def tell(session: AsyncSession, now: datetime, job_id: int, new: NewJob) -> bool:
    """What a job that has not begun is to do is as `new` says it; False where it has begun. Raises `NoSuchJob`."""
    waiting = update(StageJob).where(StageJob.id == job_id, StageJob.state.in_((JobState.PENDING, JobState.QUEUED)))
    told = waiting.values(work=new.work, capability=new.capability, preset_id=new.preset_id).returning(StageJob.id)
    if (await session.execute(told)).scalar_one_or_none() is None:
        return False
    record(session, now, "job.changed", **told_of(await _job(session, job_id)))
    await nudge(session)
    return True


async def cancel(session: AsyncSession, now: datetime, job_id: int, actor: str) -> JobState:
    """Cancel a job; its state then. One that runs is still `running`: its host ends it within seconds, and it cannot complete any
    more. Nothing happens to one that was cancelled before. Raises `NoSuchJob`, `NotPossibleNow` for one that has ended."""
    job = await _job(session, job_id)
    if job.state is JobState.CANCELLED:
        return job.state
    why = f"cancelled by {actor}"
    if job.state is JobState.RUNNING:
        asked = (
            update(StageJobAttempt)
            .where(
                StageJobAttempt.job_id == job_id,
                StageJobAttempt.number == job.attempt,
                StageJobAttempt.outcome.is_(None),
            )
            .values(asked_to_end=Outcome.CANCELLED, error=why)
        )
        if (await session.execute(asked.returning(StageJobAttempt.id))).scalar_one_or_none() is None:
            return await cancel(session, now, job_id, actor)  # it ended, or was given to another host, just now
        await nudge(session)
        return job.state
    if job.state not in (JobState.PENDING, JobState.QUEUED):
        raise NotPossibleNow(job_id, job.state, "there is nothing to cancel.")
    ended: dict[str, Any] = {"why": why, "ended_at": now, "settled": False, "held": False, "not_before": None}
    await move(session, job_id, job.state, JobState.CANCELLED, **ended)
    record(session, now, "job.cancelled", **told_of(job))
    await nudge(session)
    return JobState.CANCELLED


async def retry(session: AsyncSession, now: datetime, job_id: int) -> None:
    """Try a job again that failed or was cancelled, with all its tries; former attempts and their logs stay. One that waits for
    its next try has it now. Raises `NoSuchJob`, `NotPossibleNow`."""
    job = await _job(session, job_id)
    if job.state is JobState.PENDING and not job.held and job.attempt:
        await move(session, job_id, JobState.PENDING, JobState.QUEUED, not_before=None, why=None)
    elif job.state in (JobState.FAILED, JobState.CANCELLED):
        anew: dict[str, Any] = {
            "tries_left": TRIES,
            "why": None,
            "not_before": None,
            "held": False,
            "ended_at": None,
            "settled": True,
        }
        await move(session, job_id, job.state, JobState.QUEUED, **anew)
    else:
        raise NotPossibleNow(job_id, job.state, "only what failed or was cancelled can be tried again.")
    record(session, now, "job.queued", **told_of(job))
    await nudge(session)


async def set_priority(session: AsyncSession, now: datetime, job_id: int, priority: int) -> None:
    """Counts from the next time on that the job is given to a host. Raises `NoSuchJob`."""
    job = await _job(session, job_id)
    await session.execute(update(StageJob).where(StageJob.id == job_id).values(priority=priority))
    record(session, now, "job.changed", **told_of(job), priority=priority)


async def take_from(session: AsyncSession, host_id: int, why: str) -> int:
    """Have a host end all that it is at, so that others do it; how much that is. Costs no try."""
    asked = (
        update(StageJobAttempt)
        .where(
            StageJobAttempt.host_id == host_id,
            StageJobAttempt.outcome.is_(None),
            StageJobAttempt.asked_to_end.is_(None),
        )
        .values(asked_to_end=Outcome.GIVEN_BACK, error=why)
        .returning(StageJobAttempt.id)
    )
    taken = (await session.execute(asked)).scalars().all()
    if taken:
        await nudge(session)
    return len(taken)


async def claim_settled(session: AsyncSession, job_id: int) -> bool:
    """Whether the caller is the one who draws the consequences of the end of this job, in this transaction."""
    claimed = update(StageJob).where(StageJob.id == job_id, StageJob.settled.is_(False)).values(settled=True)
    return (await session.execute(claimed.returning(StageJob.id))).scalar_one_or_none() is not None


def told_of(job: JobFacts) -> dict[str, Any]:
    """What events tell of a job."""
    return {"job_id": job.id, "stage": job.stage.value, "item_id": job.item_id}


async def _job(session: AsyncSession, job_id: int) -> JobFacts:
    job = await queries.job_facts(session, job_id)
    if job is None:
        raise NoSuchJob(job_id)
    return job


def _until(moment: datetime | None) -> str:
    return f"waits until {moment:%Y-%m-%d %H:%M} UTC"
