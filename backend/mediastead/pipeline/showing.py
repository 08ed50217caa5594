"""Items as people see them: how far they are, what happens next, and all that belongs to them."""

from collections import defaultdict
from collections.abc import Sequence

from msgspec import to_builtins
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from ..http.paging import Page
from .approvals.queries import pending_of_items
from .discs.models import Disc, DiscState, DiscTitle
from .due import Due, due
from .facts import Known, called, known_of
from .items import progress, queries
from .items.errors import NoSuchPipelineItem
from .items.models import ItemState, PipelineItem
from .items.progress import TitleSoFar
from .items.queries import JobBrief
from .items.states import parted, skipped
from .jobs.models import JobState, Stage
from .jobs.waiting import Reason
from .jobs.waiting_queries import Moment, why_waiting
from .schemas import (
    DiscOfItem,
    JobOfItem,
    PipelineItemShown,
    PipelineItemView,
    TitleOfItem,
    TransitionView,
)
from .stages.service import preset_for


async def page_shown(session: AsyncSession, page: Page[PipelineItem]) -> Page[PipelineItemView]:
    """A page of items as a list shows them."""
    return Page(await views_of(session, page.items), page.next)


async def views_of(session: AsyncSession, items: Sequence[PipelineItem]) -> list[PipelineItemView]:
    """Items as a list shows them, in the same order."""
    ids = [item.id for item in items]
    discs = await queries.discs_of(session, ids)
    titles = await queries.titles_of(session, [disc.id for of in discs.values() for disc in of])
    running = _running(await queries.jobs_of(session, ids, only_open=True))
    pending = await pending_of_items(session, ids)
    libraries = await queries.library_names(session, {item.library_id for item in items if item.library_id is not None})
    return [
        _view(item, _figure(item, discs.get(item.id, []), titles, running), pending.get(item.id, []), libraries)
        for item in items
    ]


async def item_shown(session: AsyncSession, item_id: int, moment: Moment) -> PipelineItemShown:
    """An item with all that belongs to it. Raises `NoSuchPipelineItem`."""
    item = await queries.item(session, item_id)
    if item is None:
        raise NoSuchPipelineItem(item_id)
    discs = (await queries.discs_of(session, [item_id])).get(item_id, [])
    titles = await queries.titles_of(session, [disc.id for disc in discs])
    jobs = await queries.jobs_of(session, [item_id])
    running = _running([brief for brief in jobs if brief.job.state in queries.OPEN])
    known = await known_of(session, item)
    reasons = await why_waiting(session, moment, [brief.job.id for brief in jobs if brief.job.state in queries.OPEN])
    told = [replace(job, why=reasons[job.id].words) if job.id in reasons else job for job in known.jobs]
    skips = skipped(item.skips)
    return PipelineItemShown(
        item=(await views_of(session, [item]))[0],
        next=what_next(item, due(known.item, known.discs, known.titles, told, known.approvals)),
        discs=[_disc(disc, titles.get(disc.id, []), running, skips) for disc in discs],
        jobs=[_job(brief, reasons.get(brief.job.id)) for brief in reversed(jobs)],
        transitions=[
            TransitionView(
                from_state=row.from_state,
                to_state=row.to_state,
                trigger=row.trigger,
                actor=row.actor,
                notes=row.notes,
                at=row.at,
            )
            for row in await queries.transitions_of(session, item_id)
        ],
        notes=await _as_they_began(session, item, known),
    )


async def _as_they_began(session: AsyncSession, item: PipelineItem, known: Known) -> list[str]:
    """Of the jobs at work those that go by what was set when they began, and is another by now."""
    running = [job for job in known.job_rows.values() if job.state is JobState.RUNNING and job.title_id is not None]
    if not running:
        return []
    _, body = await preset_for(session, item.preset_id)
    notes: list[str] = []
    for job in running:
        match job.stage:
            case Stage.REMUX:
                began, now, what = job.work.get("tracks"), to_builtins(body.tracks), "by the preset"
            case Stage.TRANSCODE:
                began, now, what = job.work.get("preset"), to_builtins(body), "by the preset"
            case _ if job.work.get("replaces_file_id") is None:
                began, now, what = job.work.get("library_id"), item.library_id, "into the library"
            case _:
                continue
        title = known.title_rows.get(job.title_id or 0)
        if began != now and title is not None:
            of = f"{job.stage.value} of title {title.number} of {called(known.disc_rows[title.disc_id])}"
            notes.append(
                f"Job {job.id} ({of}) goes on as it began, {what} that was set then. To have it done as it is set now: "
                f"mediastead jobs cancel {job.id}, then mediastead pipeline start {item.id}."
            )
    return notes


def what_next(item: PipelineItem, found: Due) -> str:
    """What happens next, or what a person can do, in words."""
    if item.ended_at is not None:
        if item.state is ItemState.IN_LIBRARY:
            return "It is in its library."
        return f"It was given up; its files are in {shown(item.folder)}."
    start = f"mediastead pipeline start {item.id}"
    if found.blocked:
        again = f" Try again: {start}." if found.stopped else ""
        return f"It cannot go on: {found.blocked.rstrip('.')}.{again}"
    if found.asks:
        return f"It waits: {found.waits}. Answer: mediastead approvals list --item {item.id}." + (
            f" At work meanwhile: {found.at_work}." if found.at_work else ""
        )
    if found.ready and not item.automatic:
        stages = ", ".join(dict.fromkeys(work.stage.value for work in found.ready))
        return f"Ready: {stages}. Start it: {start}; or let it go by itself: mediastead pipeline auto {item.id}."
    if found.at_work:
        return f"At work: {found.at_work}." + (f" It waits: {found.waits}." if found.waits else "")
    if found.waits:
        return f"It waits: {found.waits}."
    if not found.ready:
        return "Nothing belongs to it yet: add a disc (`mediastead discs list`)."
    return "It goes on by itself."


def _view(item: PipelineItem, figure: float, pending: list[int], libraries: dict[int, str]) -> PipelineItemView:
    return PipelineItemView(
        id=item.id,
        type=item.type,
        name=item.name,
        year=item.year,
        season=item.season,
        edition=item.edition,
        state=item.state,
        blocked=item.blocked,
        automatic=item.automatic,
        given_up=item.ended_at is not None and item.state is not ItemState.IN_LIBRARY,
        progress=figure,
        media_item_id=item.media_item_id,
        library_id=item.library_id,
        library=libraries.get(item.library_id or 0),
        preset_id=item.preset_id,
        skips=[stage for stage in Stage if stage in skipped(item.skips)],
        approvals=parted(item.requires),
        pending_approvals=pending,
        folder=shown(item.folder),
        actor=item.actor,
        created_at=item.created_at,
        ended_at=item.ended_at,
    )


def _running(jobs: Sequence[JobBrief]) -> dict[tuple[str, int], JobBrief]:
    """The jobs at work, by title, and rips by disc."""
    found: dict[tuple[str, int], JobBrief] = {}
    for brief in jobs:
        if brief.job.state is JobState.RUNNING:
            of = ("title", brief.job.title_id) if brief.job.title_id is not None else ("disc", brief.job.disc_id)
            found[of[0], of[1] or 0] = brief
    return found


def _so_far(title: DiscTitle, running: dict[tuple[str, int], JobBrief]) -> TitleSoFar:
    brief = running.get(("title", title.id)) or (running.get(("disc", title.disc_id)) if title.done is None else None)
    return TitleSoFar(
        title.facts.get("duration"),
        Stage(title.done) if title.done else None,
        brief.job.stage if brief else None,
        (brief.progress or 0.0) if brief else 0.0,
    )


def _figure(
    item: PipelineItem,
    discs: Sequence[Disc],
    titles: dict[int, list[DiscTitle]],
    running: dict[tuple[str, int], JobBrief],
) -> float:
    if item.state is ItemState.IN_LIBRARY:
        return 1.0
    by_disc: dict[int, list[TitleSoFar]] = defaultdict(list)
    for disc in discs:
        if disc.state is not DiscState.REJECTED:
            chosen = [title for title in titles.get(disc.id, []) if title.selected]
            by_disc[disc.id] = [_so_far(title, running) for title in chosen]
    return round(progress.of_item(list(by_disc.values()), skipped(item.skips)), 4)


def _disc(
    disc: Disc, titles: Sequence[DiscTitle], running: dict[tuple[str, int], JobBrief], skips: frozenset[Stage]
) -> DiscOfItem:
    chosen = [_so_far(title, running) for title in titles if title.selected]
    return DiscOfItem(
        id=disc.id,
        number=disc.number,
        kind=disc.kind.value,
        state=disc.state.value,
        label=disc.label,
        inserted=disc.inserted,
        error=disc.error,
        progress=round(progress.of_disc(chosen, skips), 4),
        titles=[
            TitleOfItem(
                id=title.id,
                number=title.number,
                role=title.role.value if title.role else None,
                selected=title.selected,
                season=title.season,
                episodes=list(title.episodes),
                name=title.name,
                confidence=title.confidence,
                duration_seconds=title.facts.get("duration"),
                done=Stage(title.done) if title.done else None,
                progress=round(progress.of_title(_so_far(title, running), skips), 4) if title.selected else 0.0,
                file=shown(title.file) if title.file is not None else None,
                media_file_id=title.media_file_id,
            )
            for title in titles
        ],
    )


def _job(brief: JobBrief, reason: Reason | None) -> JobOfItem:
    job = brief.job
    return JobOfItem(
        id=job.id,
        stage=job.stage,
        disc_id=job.disc_id,
        title_id=job.title_id,
        state=job.state,
        why=reason.words if reason is not None else job.why,
        attempt=job.attempt,
        progress=brief.progress,
        speed=brief.speed,
        seconds_left=brief.seconds_left,
        created_at=job.created_at,
        ended_at=job.ended_at,
    )
