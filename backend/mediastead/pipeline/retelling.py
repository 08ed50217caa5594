"""Jobs that have not begun follow what a person changes of their item: its titles, its preset, where it goes, what it is."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from .due import Work
from .facts import known_of
from .items.models import PipelineItem
from .jobs import service as jobs
from .jobs.errors import NotPossibleNow, StaleJob
from .jobs.models import JobState, StageJob
from .rules import Rules
from .starting import Making, new_job

WAITS = (JobState.PENDING, JobState.QUEUED)


async def tell_anew(
    session: AsyncSession, now: datetime, rules: Rules, item: PipelineItem, actor: str
) -> list[StageJob]:
    """The jobs of a locked item that wait are told what they would be told if they were made now; those of what is wanted no
    more are cancelled. What runs goes on as it began (`showing` names it). Gives those that would have been told something else,
    and were begun at this moment."""
    known = await known_of(session, item)
    begun: list[StageJob] = []
    for job in known.job_rows.values():
        if job.state not in WAITS or job.disc_id not in known.disc_rows:
            continue
        title = known.title_rows.get(job.title_id or 0)
        if job.title_id is not None and title is None:
            continue
        making = Making(item=item, known=known, rules=rules, actor=actor, replace=bool(job.work.get("replace")))
        new = None
        if title is None or title.selected:
            new = await new_job(session, making, Work(job.stage, job.disc_id, job.title_id))
        if new is not None and _is_told(job, new):
            continue
        # One that was begun or cancelled at this moment is no concern any more.
        with suppress(StaleJob, NotPossibleNow):
            if new is None:
                await jobs.cancel(session, now, job.id, actor)
            elif not await jobs.tell(session, now, job.id, new):
                begun.append(job)
    return begun


def _is_told(job: StageJob, new: jobs.NewJob) -> bool:
    return (job.work, job.capability, job.preset_id) == (new.work, new.capability, new.preset_id)
