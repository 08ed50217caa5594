"""Transcodes that are not worth it: which titles go on as they are, and why."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from .discs.models import DiscKind, DiscTitle
from .facts import Known, measured_of
from .items import queries
from .items.models import PipelineItem
from .items.states import is_behind, skipped
from .jobs.models import Outcome, Stage
from .stages.presets import PresetBody, preset_hash
from .stages.service import preset_for
from .stages.worth import was_not_worth_it


async def pass_by(session: AsyncSession, title_id: int, kind: DiscKind) -> None:
    """A transcode that is not worth it: the file goes on as it is; one that lies in a library already is where it belongs."""
    done = Stage.ORGANIZE if kind is DiscKind.FILES else Stage.TRANSCODE
    await session.execute(update(DiscTitle).where(DiscTitle.id == title_id).values(done=done.value))


async def ratio_known(session: AsyncSession, known: Known, title: DiscTitle, body: PresetBody) -> float | None:
    """How large the result of a title's content was with that preset, as a share of it, where it is known not to be worth it."""
    content = None
    if title.media_file_id is not None:
        content = await queries.content_of(session, title.media_file_id)
    elif (measured := measured_of(known, title)).get("fingerprint"):
        content = measured["size"], bytes.fromhex(measured["fingerprint"])
    if content is None:
        return None
    return await was_not_worth_it(session, *content, preset_hash(body))


async def left_as_they_are(session: AsyncSession, item: PipelineItem, known: Known) -> str | None:
    """Which titles the transcode left as they are, also those that it was not tried for, and why; None where there are none."""
    last = {job.title_id: job for job in known.job_rows.values() if job.stage is Stage.TRANSCODE}
    _, body = await preset_for(session, item.preset_id)
    left: list[str] = []
    for title in known.titles:
        if not title.selected:
            continue
        job = last.get(title.id)
        if job is not None and known.outcomes.get(job.id) is Outcome.NOT_WORTH_IT:
            left.append(f"title {title.number}" + (f" ({job.why})" if job.why else ""))
        elif (
            (job is None or known.outcomes.get(job.id) is not Outcome.COMPLETED)
            and is_behind(title.done, Stage.TRANSCODE)
            and Stage.TRANSCODE not in skipped(item.skips)
            and (ratio := await ratio_known(session, known, known.title_rows[title.id], body)) is not None
        ):
            before = f"the same content was made with this preset before, and the result was {ratio:.0%} of its size"
            left.append(f"title {title.number} ({before})")
    return f"not worth it, and left as it is: {', '.join(left)}" if left else None
