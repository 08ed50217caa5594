"""A person has something tried again: a job that failed or was cancelled, a disc that is to be read or ripped once more."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from . import flow
from .discs import queries as disc_queries
from .discs import service as discs
from .items import queries
from .items.errors import ItemDoesNotAllow
from .items.locking import lock_active_item, lock_item
from .items.queries import JobBrief
from .jobs import service as jobs
from .jobs.models import JobState, Stage
from .jobs.queries import JobFacts, job_facts
from .rules import Rules
from .service import due_now, nothing_to_start


async def retry_job(session: AsyncSession, now: datetime, rules: Rules, actor: str, job_id: int) -> int:
    """Try a job again that failed or was cancelled, where its item still wants just that; the job, which is a new one where it
    would be told something else by now.

    Raises `NoSuchJob`, `NotPossibleNow`, `ItemEnded`, `ItemDoesNotAllow`.
    """
    job = await job_facts(session, job_id)
    if job is None or job.item_id is None or job.state not in (JobState.FAILED, JobState.CANCELLED):
        await jobs.retry(session, now, job_id)
        return job_id
    item = await lock_active_item(session, job.item_id)
    await flow.settle_job(session, now, rules, job_id)
    found = await due_now(session, item)
    works = [work for work in found.stopped if work.again == job_id]
    if not works:
        if (later := _done_by(job, await queries.jobs_of(session, [item.id]))) is not None:
            raise ItemDoesNotAllow(later)
        stands = f"{nothing_to_start(item, found, None)} " if not found.ready else ""
        raise ItemDoesNotAllow(
            f"Job {job_id} is no longer what item {item.id} needs. {stands}See what it does: mediastead pipeline show {item.id}."
        )
    started = await flow.begin_again(session, now, rules, item, actor, works)
    return started[0] if started else job_id


def _done_by(job: JobFacts, jobs: Iterable[JobBrief]) -> str | None:
    """Which newer job does the work of this one, or did it, in words; None where there is none."""
    newer = [
        brief.job
        for brief in jobs
        if brief.job.id > job.id
        and (brief.job.stage, brief.job.title_id) == (job.stage, job.title_id)
        and (job.stage is not Stage.RIP or brief.job.disc_id == job.disc_id)
    ]
    if not newer:
        return None
    last = newer[-1]
    if last.state in queries.OPEN:
        how = f"is doing its work now ({last.state.value}): mediastead jobs show {last.id}"
    elif last.state is JobState.COMPLETED:
        how = f"has done its work since: mediastead jobs show {last.id}"
    else:
        how = (
            f"was to do its work since, and is {last.state.value}: try that one again, mediastead jobs retry {last.id}"
        )
    return f"Job {job.id} needs no further try: job {last.id} {how}."


async def disc_again(session: AsyncSession, now: datetime, rules: Rules, actor: str, disc_id: int) -> None:
    """A person wants a disc read or ripped once more; where its item goes on by itself, that is all that it takes.

    The item is locked. Raises `NoSuchDisc`, `DiscIsElsewhere`.
    """
    await discs.again(session, now, actor, disc_id)
    row = await disc_queries.disc(session, disc_id)
    if row is None or row.item_id is None:
        return
    await flow.advance(session, now, rules, row.item_id)
    item = await lock_item(session, row.item_id)
    if item.ended_at is not None or not item.automatic:
        return
    works = [
        work for work in (await due_now(session, item)).stopped if work.disc_id == disc_id and work.title_id is None
    ]
    if works:
        await flow.begin(session, now, rules, item, actor, works)
