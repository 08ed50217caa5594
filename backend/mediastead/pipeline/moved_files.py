"""Files of libraries that are to be made anew may be renamed or moved meanwhile: their titles and waiting jobs follow them."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from .discs.models import DiscTitle
from .facts import Known
from .items import queries
from .items.models import PipelineItem
from .jobs import service as jobs
from .jobs.models import JobState, Stage


async def follow_moved(session: AsyncSession, item: PipelineItem, known: Known) -> bool:
    """Whether a title of a locked item was made of a file that lies elsewhere by now. What was made of one already, in the
    folder of the item, stays what it is. What is being made of one, or was and nothing has followed from it yet, ends first: its
    result is that of the file that it began with, and another try is led to where that lies."""
    at_work = {job.title_id for job in known.job_rows.values() if job.state is JobState.RUNNING or not job.settled}
    originals = {
        title.media_file_id: title
        for title in known.title_rows.values()
        if title.media_file_id is not None
        and title.file is not None
        and title.done != Stage.ORGANIZE
        and title.id not in at_work
        and not title.file.startswith(item.folder + b"/")
    }
    if not originals:
        return False
    moved = False
    for file_id, path in (await queries.paths_of(session, list(originals))).items():
        title = originals[file_id]
        if path == title.file:
            continue
        for job in known.job_rows.values():
            if (
                job.title_id == title.id
                and job.input == title.file
                and job.state in (JobState.PENDING, JobState.QUEUED)
            ):
                await jobs.lead(session, job.id, source=path, resource=job.resource, only_host_id=job.only_host_id)
        await session.execute(update(DiscTitle).where(DiscTitle.id == title.id).values(file=path))
        moved = True
    return moved
