"""Rips wait for their discs: held while a disc lies nowhere, led to the drive where it lies, also to that of another host.

Found from how things stand, under the item's lock, so that it makes no difference who saw a disc go or come, or when.
"""

from contextlib import suppress
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from .discs.models import Disc
from .items import queries
from .items.locking import lock_item
from .jobs import service as jobs
from .jobs.drives import drive_resource
from .jobs.errors import NotPossibleNow, StaleJob
from .jobs.models import JobState, Stage

WAITS = (JobState.PENDING, JobState.QUEUED)


async def lead_rips(session: AsyncSession, now: datetime, item_id: int) -> None:
    """What has not begun of an item's rips goes by where its discs lie now."""
    await lock_item(session, item_id)
    discs = {disc.id: disc for disc in (await queries.discs_of(session, [item_id])).get(item_id, [])}
    for brief in await queries.jobs_of(session, [item_id], only_open=True):
        job, disc = brief.job, discs.get(brief.job.disc_id or 0)
        if job.stage is not Stage.RIP or job.state not in WAITS or disc is None:
            continue
        # One that was begun or cancelled just now is no concern any more.
        with suppress(StaleJob, NotPossibleNow):
            if not disc.inserted:
                if not job.held:
                    await jobs.hold(session, now, job.id, _wanted(disc))
                continue
            resource = drive_resource(disc.host_id, disc.source)
            await jobs.lead(session, job.id, source=disc.source, resource=resource, only_host_id=disc.host_id)
            await jobs.release(session, now, job.id)


def _wanted(disc: Disc) -> str:
    number = f"disc {disc.number}" if disc.number is not None else f"the disc with the id {disc.id}"
    label = f" ({disc.label})" if disc.label else ""
    if disc.source is None or disc.source.startswith(b"/dev/"):
        return f"insert {number}{label} into a drive"
    return f"put {number}{label} back where it lay, or insert it into a drive"
