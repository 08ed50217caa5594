"""What follows what: ended jobs are settled exactly once, questions asked, items moved on, and what is due started.

All consequences of one cause are written in one transaction, under the lock of the item (`items.locking`): the cause with what
followed from it is there after a crash, or neither is. What is due is found from how things stand (`due`), so that whoever
asks once too often changes nothing.
"""

import os
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..events import outbox
from .approvals import service as approvals
from .approvals.models import Approval, ApprovalKind, ApprovalState
from .approvals.queries import approval, approvals_of
from .approvals.schemas import ApprovalAnswer
from .asking import ask
from .discs.models import DiscState, DiscTitle
from .due import Due, Work, due
from .facts import Known, TheTitle, known_of
from .items import service as items
from .items.locking import lock_item
from .items.models import PipelineItem, Trigger
from .items.states import STAGES, STATES, before, is_behind, move, path_between, stage_to
from .jobs.models import JobState, Outcome, Stage, StageJob
from .jobs.queries import job_facts
from .jobs.service import claim_settled
from .leaving import left_as_they_are, pass_by
from .moved_files import follow_moved
from .placing import lead_disc
from .rules import Rules
from .stages.worth import remember_not_worth_it
from .starting import Making, start

PIPELINE = "pipeline"
"""Who did what nobody did."""
MOST_ROUNDS = 12
"""Each round is one stage of a title that is passed by at once; more would be a mistake of ours."""
GATES = {
    Stage.RIP: ApprovalKind.DISC_PREVIEW,
    Stage.TRANSCODE: ApprovalKind.REMUX_REVIEW,
    Stage.ORGANIZE: ApprovalKind.ORGANIZE_CONFIRM,
}
"""What is asked before a stage begins."""


async def advance(session: AsyncSession, now: datetime, rules: Rules, item_id: int) -> Due | None:
    """Whatever is due for an item is done: what stands in its way written down, questions asked and withdrawn, the item moved on,
    and, where it is automatic, what is ready started. What is due then; None for an item that has ended."""
    item = await lock_item(session, item_id)
    for _ in range(MOST_ROUNDS):
        if item.ended_at is not None:
            await _withdraw_all(session, now, item_id)
            return None
        known = await known_of(session, item)
        if await follow_moved(session, item, known):
            continue
        found = due(known.item, known.discs, known.titles, known.jobs, known.approvals)
        if await _apply(session, now, rules, item, known, found):
            continue
        if item.ended_at is None and item.automatic and found.ready:
            for stage in dict.fromkeys(work.stage for work in found.ready):
                trigger, actor = _begun_by(stage, known, (Trigger.AUTO, PIPELINE))
                await items.set_begun(session, now, item, stage, trigger, actor)
            making = Making(item=item, known=known, rules=rules, actor=PIPELINE)
            for work in found.ready:
                await start(session, now, making, work)
        elif not found.skip and item.ended_at is None:
            return found
    raise RuntimeError(f"what is due for pipeline item {item_id} never comes to an end")


async def begin(
    session: AsyncSession,
    now: datetime,
    rules: Rules,
    item: PipelineItem,
    actor: str,
    works: Collection[Work],
    *,
    replace: bool = False,
) -> list[int]:
    """A person starts what is ready, or tries again what stopped, of a locked item; the jobs. `replace`: what is organized takes
    the place of what lies there."""
    for stage in dict.fromkeys(work.stage for work in works):
        await items.set_begun(session, now, item, stage, Trigger.MANUAL, actor)
    return await begin_again(session, now, rules, item, actor, works, replace=replace)


async def begin_again(
    session: AsyncSession,
    now: datetime,
    rules: Rules,
    item: PipelineItem,
    actor: str,
    works: Collection[Work],
    *,
    replace: bool = False,
) -> list[int]:
    """A person tries single jobs of a locked item again; the jobs. What began their stages stays what it was."""
    known = await known_of(session, item)
    making = Making(item=item, known=known, rules=rules, actor=actor, replace=replace)
    made = [await start(session, now, making, work) for work in works]
    await advance(session, now, rules, item.id)
    return [job_id for job_id in made if job_id is not None]


async def settle_job(session: AsyncSession, now: datetime, rules: Rules, job_id: int) -> int | None:
    """Draw the consequences of the end of a job, if nobody has; the item that they are for.

    Several servers may try at once: one does it.
    """
    facts = await job_facts(session, job_id)
    if facts is None or facts.settled:
        return None
    item = await lock_item(session, facts.item_id) if facts.item_id is not None else None
    if not await claim_settled(session, job_id):
        return None
    if item is None:
        return None
    known = await known_of(session, item)
    job = known.job_rows[job_id]
    if job.stage is Stage.RIP:
        await _settle_rip(session, now, known, job)
    else:
        await _settle_title(session, now, known, job)
    outbox.record(
        session,
        now,
        "pipeline_item.job_ended",
        item_id=item.id,
        job_id=job.id,
        stage=job.stage.value,
        state=job.state.value,
    )
    await advance(session, now, rules, item.id)
    return item.id


async def go_back(session: AsyncSession, now: datetime, item: PipelineItem, actor: str, stage: Stage) -> int:
    """The titles of a locked item that have that stage behind them are before it again, with the file that it was made of;
    how many. A rip has no file before it: the disc is to be ripped again."""
    known = await known_of(session, item)
    back = 0
    for title in known.titles:
        if not title.selected or not is_behind(title.done, stage):
            continue
        row = known.disc_rows[title.disc_id]
        if stage is Stage.RIP:
            await lead_disc(session, now, row, DiscState.PENDING)
            await _set_title(session, title.id, None, None)
        else:
            await _set_title(session, title.id, before(stage), _file_before(known, title, stage))
        back += 1
    target = STATES[STAGES.index(stage)]
    if back and STATES.index(target) < STATES.index(item.state):
        await move(session, now, item.id, item.state, target, Trigger.MANUAL, actor, f"{stage.value} again")
        item.state = target
    return back


def _file_before(known: Known, title: TheTitle, stage: Stage) -> bytes | None:
    """What the first job from that stage on was given, of those that the title has behind it: a skipped stage had none."""
    for each in STAGES[STAGES.index(stage) :]:
        made = [job for job in known.job_rows.values() if job.title_id == title.id and job.stage is each]
        if made and is_behind(title.done, each):
            return made[-1].input
    return title.file


async def _apply(
    session: AsyncSession, now: datetime, rules: Rules, item: PipelineItem, known: Known, found: Due
) -> bool:
    """Whether a question was answered at once, so that something else may be due."""
    for title_id, stage in found.skip:
        await _set_title(session, title_id, stage, known.title_rows[title_id].file)
    for state in path_between(item.state, found.state):
        stage = stage_to(state)
        forward = STATES.index(state) > STATES.index(item.state)
        if forward and stage is not None:
            told: dict[str, Any] = item.begun.get(stage.value) or {"trigger": Trigger.AUTO.value, "actor": PIPELINE}
            notes: str | None = told.get("notes")
            if notes is None and stage is Stage.TRANSCODE:
                notes = await left_as_they_are(session, item, known)
            await move(session, now, item.id, item.state, state, Trigger(told["trigger"]), told["actor"], notes)
        else:
            notes = "there is more to be made: a disc or a title was added, or is to be made again"
            await move(session, now, item.id, item.state, state, Trigger.AUTO, PIPELINE, notes)
        item.state = state
    if item.state is STATES[-1]:
        item.ended_at = now
        await _withdraw_all(session, now, item.id)
        await items.set_blocked(session, now, item, None)
        return False
    for approval_id in found.withdraw:
        await approvals.withdraw(session, now, approval_id)
    answered = False
    for question in found.ask:
        approval_id = await ask(session, now, item, known, question)
        if question.kind is ApprovalKind.DISC_PREVIEW and item.automatic and rules.sure_previews:
            answered = await _approve_if_sure(session, now, approval_id) or answered
    await items.set_blocked(session, now, item, found.blocked)
    item.blocked = found.blocked
    return answered


async def _approve_if_sure(session: AsyncSession, now: datetime, approval_id: int) -> bool:
    """Answer a preview in which nothing is doubtful. It stays told what was asked, and who answered."""
    asked = await approval(session, approval_id)
    if asked is None or not asked.prompt.get("sure"):
        return False
    words = "nothing about it is doubtful, and the setting sure_previews lets it go on"
    await approvals.answer(session, now, PIPELINE, approval_id, ApprovalAnswer(decision="approve", words=words))
    return True


async def _settle_rip(session: AsyncSession, now: datetime, known: Known, job: StageJob) -> None:
    disc = known.disc_rows.get(job.disc_id or 0)
    if disc is None:
        return
    match job.state:
        case JobState.COMPLETED:
            await lead_disc(session, now, disc, DiscState.RIPPED)
            made = _files_of(job)
            for title in known.titles:
                if title.disc_id == disc.id and title.done is None and title.number in made:
                    await _set_title(session, title.id, Stage.RIP, made[title.number])
        case JobState.FAILED:
            await lead_disc(session, now, disc, DiscState.FAILED, job.why)
        case _:
            await lead_disc(session, now, disc, DiscState.PENDING)


async def _settle_title(session: AsyncSession, now: datetime, known: Known, job: StageJob) -> None:
    title = next((each for each in known.titles if each.id == job.title_id), None)
    if title is None or job.state is not JobState.COMPLETED:
        return
    if title.file != job.input or title.done is not before(job.stage):
        return  # it is no longer where the job found it: skipped since, or gone back, and made of another file anew
    if known.outcomes.get(job.id) is Outcome.NOT_WORTH_IT:
        await _remember(session, now, job)
        await pass_by(session, title.id, known.disc_rows[title.disc_id].kind)
        return
    made = _files_of(job)
    await _set_title(session, title.id, job.stage, made.get(title.number, title.file))


async def _remember(session: AsyncSession, now: datetime, job: StageJob) -> None:
    """This content is not transcoded with this preset again, wherever it goes."""
    result: dict[str, Any] = job.result or {}
    told: dict[str, Any] = result.get("facts") or result
    if told.get("fingerprint") and told.get("preset_hash"):
        fingerprint, preset = bytes.fromhex(told["fingerprint"]), bytes.fromhex(told["preset_hash"])
        await remember_not_worth_it(session, now, int(told["size"]), fingerprint, preset, float(told["ratio"]))


def _files_of(job: StageJob) -> dict[int, bytes]:
    """By the numbers of the titles, absolute."""
    if job.output is None:
        return {}
    files: Iterable[dict[str, Any]] = (job.result or {}).get("files", ())
    return {
        each["title"]: os.path.join(job.output, os.fsencode(each["path"]))
        for each in files
        if each.get("title") is not None
    }


def _begun_by(stage: Stage, known: Known, otherwise: tuple[Trigger, str]) -> tuple[Trigger, str]:
    """What let a stage begin by itself: the answer to a question, where one is asked before it."""
    kind = GATES.get(stage)
    if kind is None or kind not in known.item.requires:
        return otherwise
    given = [each for each in known.approvals if each.kind is kind and each.state is ApprovalState.APPROVED]
    return (Trigger.APPROVAL, given[-1].actor or PIPELINE) if given else otherwise


async def _withdraw_all(session: AsyncSession, now: datetime, item_id: int) -> None:
    waiting: list[Approval] = await approvals_of(session, item_id)
    for each in waiting:
        if each.state is ApprovalState.PENDING:
            await approvals.withdraw(session, now, each.id)


async def _set_title(session: AsyncSession, title_id: int, done: Stage | None, file: bytes | None) -> None:
    values = {"done": done.value if done else None, "file": file}
    await session.execute(update(DiscTitle).where(DiscTitle.id == title_id).values(**values))
