"""What a person can ask for: start, repeat and skip stages, let an item go by itself, stop it, give it up, answer."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from . import flow
from .approvals import queries as asked
from .approvals import service as approvals
from .approvals.errors import NoSuchApproval
from .approvals.models import ApprovalKind, ApprovalState
from .approvals.prompts import DiscPreviewChanges, OrganizeConfirmChanges, RemuxReviewChanges
from .approvals.schemas import ApprovalAnswer
from .discs import queries as disc_queries
from .discs import service as discs
from .discs.correcting import being_organized, set_titles
from .discs.schemas import TitleChange
from .due import Due, Work, due
from .facts import known_of
from .items import queries
from .items import service as items
from .items.errors import ItemDoesNotAllow, NothingToStart
from .items.locking import lock_active_item, lock_item
from .items.models import PipelineItem, Trigger
from .items.service import ItemFieldsChange
from .items.states import STAGES, skipped
from .jobs import service as jobs
from .jobs.errors import NotPossibleNow, StaleJob
from .jobs.models import Stage
from .placing import subject_of
from .retelling import tell_anew
from .rules import Rules
from .stages.service import preset_named

SKIPPABLE = (Stage.REMUX, Stage.TRANSCODE)
"""Without a rip there is no file, and without organizing it is in no library."""


async def start_stage(
    session: AsyncSession,
    now: datetime,
    rules: Rules,
    actor: str,
    item_id: int,
    stage: Stage | None,
    *,
    again: bool,
    replace: bool = False,
) -> list[int]:
    """Start what is ready of a stage, or of the first that has anything ready, and try again what failed or was cancelled; the
    jobs. With `again` also what has the stage behind it, or was to skip it. With `replace`, only of organize, what comes into the
    library takes the place of what lies there.

    Raises `NoSuchPipelineItem`, `ItemEnded`, `NothingToStart`, `ItemDoesNotAllow`.
    """
    item = await lock_active_item(session, item_id)
    if again:
        if stage is None:
            raise ItemDoesNotAllow("Say which stage is to be done again: --stage rip, remux, transcode or organize.")
        later = STAGES[STAGES.index(stage) :]
        await cancel_jobs(session, now, actor, item_id, later)
        if stage in (skips := skipped(item.skips)):
            await items.skip_stages(session, now, item, skips - {stage})
        await flow.go_back(session, now, item, actor, stage)
    found = await due_now(session, item)
    works = _of_stage([*found.ready, *found.stopped], stage)
    if not works:
        raise NothingToStart(nothing_to_start(item, found, stage))
    if replace and any(work.stage is not Stage.ORGANIZE for work in works):
        raise ItemDoesNotAllow(
            f"The {works[0].stage.value} comes first: what lies in the library is replaced when files are organized "
            f"(`mediastead pipeline start {item_id} --stage organize --replace`)."
        )
    return await flow.begin(session, now, rules, item, actor, works, replace=replace)


async def skip_stage(
    session: AsyncSession, now: datetime, rules: Rules, actor: str, item_id: int, stage: Stage
) -> None:
    """The item goes on without that stage, until it is started again.

    Raises `NoSuchPipelineItem`, `ItemEnded`, `ItemDoesNotAllow`.
    """
    item = await lock_active_item(session, item_id)
    if stage not in SKIPPABLE:
        raise ItemDoesNotAllow(
            f"The {stage.value} cannot be skipped, only remux and transcode can: unselect titles, reject the disc, or give the "
            "item up."
        )
    await cancel_jobs(session, now, actor, item_id, [stage])
    await items.set_begun(session, now, item, stage, Trigger.MANUAL, actor, notes="skipped")
    await items.skip_stages(session, now, item, skipped(item.skips) | {stage})
    await flow.advance(session, now, rules, item_id)


async def change(
    session: AsyncSession, now: datetime, rules: Rules, actor: str, item_id: int, fields: ItemFieldsChange
) -> None:
    """Automatic or not, another library, preset, approvals; jobs that have not begun follow.

    Raises `NoSuchPipelineItem`, `ItemEnded`, `InvalidItem`.
    """
    await items.change_item(session, now, item_id, fields)
    if fields.library_id is not UNSET:
        await _name_anew(session, now, item_id)
    await tell_anew(session, now, rules, await lock_active_item(session, item_id), actor)
    await flow.advance(session, now, rules, item_id)


async def link(
    session: AsyncSession, now: datetime, rules: Rules, actor: str, item_id: int, media_item_id: int
) -> None:
    """Say which title it will be; jobs that have not begun follow. Raises `NoSuchPipelineItem`, `ItemEnded`, `InvalidItem`."""
    await items.link_item(session, now, item_id, media_item_id)
    await _name_anew(session, now, item_id)
    await tell_anew(session, now, rules, await lock_active_item(session, item_id), actor)
    await flow.advance(session, now, rules, item_id)


async def correct_titles(
    session: AsyncSession, now: datetime, rules: Rules, actor: str, disc_id: int, changes: Sequence[TitleChange]
) -> None:
    """A person says what titles of a disc are and whether they are wanted, until they are in a library; jobs that have not begun
    follow. The disc's item is locked. Raises what `discs.correcting.set_titles` does."""
    await set_titles(session, now, actor, disc_id, changes)
    disc = await disc_queries.disc(session, disc_id)
    if disc is None or disc.item_id is None:
        return
    item = await lock_item(session, disc.item_id)
    if item.ended_at is None:
        for job in await tell_anew(session, now, rules, item, actor):
            title = await disc_queries.title(session, job.title_id) if job.title_id is not None else None
            if job.stage is Stage.ORGANIZE and title is not None:
                raise being_organized(title, job.id)
    await flow.advance(session, now, rules, disc.item_id)


async def reject_disc(session: AsyncSession, now: datetime, rules: Rules, actor: str, disc_id: int, words: str) -> None:
    """A person does not want what is on a disc: what is made of it is stopped, and its item goes on without it. That item is
    locked. Raises `NoSuchDisc`, `DiscIsElsewhere`."""
    await discs.reject(session, now, actor, disc_id, words)
    disc = await disc_queries.disc(session, disc_id)
    if disc is None or disc.item_id is None:
        return
    item = await lock_item(session, disc.item_id)
    if item.ended_at is None:
        await cancel_jobs(session, now, actor, item.id, STAGES, disc_id=disc_id)
        await tell_anew(session, now, rules, item, actor)
    await flow.advance(session, now, rules, item.id)


async def cancel(session: AsyncSession, now: datetime, rules: Rules, actor: str, item_id: int) -> list[int]:
    """Stop whatever is at work or waits for an item; it stays active, and goes on when a person starts a stage. The jobs.

    Raises `NoSuchPipelineItem`, `ItemEnded`.
    """
    item = await lock_active_item(session, item_id)
    if item.automatic:
        await items.change_item(session, now, item_id, ItemFieldsChange(automatic=False))
    cancelled = await cancel_jobs(session, now, actor, item_id, STAGES)
    await flow.advance(session, now, rules, item_id)
    return cancelled


async def give_up(
    session: AsyncSession, now: datetime, rules: Rules, actor: str, item_id: int, words: str | None
) -> None:
    """End an item before it is in a library: its jobs are cancelled, its questions withdrawn, its discs are free for another
    item. Files that were made stay. Raises `NoSuchPipelineItem`, `ItemEnded`."""
    await lock_active_item(session, item_id)
    await cancel_jobs(session, now, actor, item_id, STAGES)
    await items.give_up(session, now, item_id, actor, words)
    await flow.advance(session, now, rules, item_id)


async def look_again(session: AsyncSession, now: datetime, rules: Rules, approval_id: int) -> None:
    """What an approval asks is brought up to date, in a transaction before that of the answer: an answer to what no longer stands
    is refused, and what stands must have been asked all the same. Raises `NoSuchApproval`."""
    question = await asked.approval(session, approval_id)
    if question is None:
        raise NoSuchApproval(approval_id)
    if question.item_id is not None and question.state is ApprovalState.PENDING:
        await flow.advance(session, now, rules, question.item_id)


async def answer(
    session: AsyncSession, now: datetime, rules: Rules, actor: str, approval_id: int, given: ApprovalAnswer
) -> None:
    """Approve, reject, or change and approve, with all that follows. Raises `NoSuchApproval`, `AlreadyAnswered`, `Withdrawn`,
    `InvalidAnswer`, and what the changes may raise."""
    question = await asked.approval(session, approval_id)
    if question is None or question.item_id is None:
        raise NoSuchApproval(approval_id)
    if question.state is ApprovalState.PENDING:
        item = await lock_active_item(session, question.item_id)
    else:
        await approvals.answer(session, now, actor, approval_id, given)  # refuses, in the words for it
        raise NoSuchApproval(approval_id)
    question, changes = await approvals.answer(session, now, actor, approval_id, given)
    if given.decision == "reject":
        if question.kind is ApprovalKind.DISC_PREVIEW and question.disc_id is not None:
            await discs.reject(session, now, actor, question.disc_id, given.words or "")
    else:
        match changes:
            case DiscPreviewChanges(titles=titles) if question.disc_id is not None:
                await set_titles(session, now, actor, question.disc_id, titles)
            case RemuxReviewChanges(preset=name):
                preset_id = await preset_named(session, name)
                await items.change_item(session, now, item.id, ItemFieldsChange(preset_id=preset_id))
                item.preset_id = preset_id
                await flow.go_back(session, now, item, actor, Stage.REMUX)
            case OrganizeConfirmChanges(library_id=library_id):
                await items.change_item(session, now, item.id, ItemFieldsChange(library_id=library_id))
                await _name_anew(session, now, item.id)
            case _:
                pass
        if changes is not None:
            await tell_anew(session, now, rules, await lock_item(session, item.id), actor)
    await flow.advance(session, now, rules, item.id)


async def cancel_jobs(
    session: AsyncSession,
    now: datetime,
    actor: str,
    item_id: int,
    stages: Iterable[Stage],
    *,
    disc_id: int | None = None,
) -> list[int]:
    """Stop what is at work or waits for these stages of a locked item, or of one of its discs; the jobs."""
    which = set(stages)
    found = [brief.job for brief in await queries.jobs_of(session, [item_id], only_open=True)]
    cancelled: list[int] = []
    for job in found:
        if job.stage not in which or disc_id not in (None, job.disc_id):
            continue
        # One that came to its end just now has nothing to cancel; what follows from that is drawn by itself.
        with suppress(NotPossibleNow, StaleJob):
            await jobs.cancel(session, now, job.id, actor)
            cancelled.append(job.id)
    return cancelled


async def _name_anew(session: AsyncSession, now: datetime, item_id: int) -> None:
    """Its discs' titles are assigned and named by what it is, and by where it goes."""
    item = await lock_active_item(session, item_id)
    await discs.set_subject(session, now, item_id, await subject_of(session, item))


async def due_now(session: AsyncSession, item: PipelineItem) -> Due:
    """For a locked item."""
    known = await known_of(session, item)
    return due(known.item, known.discs, known.titles, known.jobs, known.approvals)


def _of_stage(works: list[Work], stage: Stage | None) -> list[Work]:
    """Those of a stage, or of the first that there are any of."""
    if stage is None:
        stage = min((work.stage for work in works), key=STAGES.index, default=None)
    return [work for work in works if work.stage is stage]


def nothing_to_start(item: PipelineItem, found: Due, stage: Stage | None) -> str:
    """Why, and what can be started instead, in words."""
    of = f"no {stage.value}" if stage is not None else "nothing"
    if stands := found.blocked or found.waits or found.at_work:
        return f"There is {of} to start for item {item.id} now: {stands.rstrip('.')}."
    ready = sorted({work.stage.value for work in (*found.ready, *found.stopped)})
    if ready:
        again = f" To have the {stage.value} done (again): --stage {stage.value} --again." if stage is not None else ""
        return f"There is {of} to start for item {item.id} now; what can be started is: {', '.join(ready)}.{again}"
    return f"There is {of} to start for item {item.id}: add a disc to it first (`mediastead discs list`)."
