"""The last stage, which only the server does: results are brought into libraries, one organizing a job.

No host is asked and no lease is held: what is under way stands in the journal of `organizing`, which finishes it or takes it
back after any crash, and whichever server looks next sees how it ended. So an attempt here has no `lease_until`.
"""

from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from msgspec import Struct
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..db.text import readable
from ..errors import MediasteadError
from ..organizing.errors import StagedDiskAway, StagedInTheWay
from ..organizing.importing import record_not_staged
from .engine.interface import Ticket
from .hosts.errors import NameTaken
from .hosts.models import OWN_NAME
from .hosts.queries import own_host_id
from .hosts.service import add_host
from .jobs import attempts
from .jobs.attempts import Ended
from .jobs.directories import directory_of
from .jobs.errors import StaleJob
from .jobs.hours import closed_stages
from .jobs.models import JobState, Outcome, Stage, StageJob, StageJobAttempt
from .jobs.moments import database_now
from .jobs.work import StageFailed
from .rules import Rules
from .stages import organize
from .stages.parameters import OrganizeParameters, read

log = structlog.stdlib.get_logger(__name__)


class AtWork(Struct, frozen=True, kw_only=True):
    """An organize job that is at work."""

    job_id: int
    attempt: int
    host_id: int
    organizing_id: int | None
    """None until it was asked for."""
    asked_to_end: Outcome | None
    item_id: int | None
    why: str | None
    """What it waits for."""
    actor: str
    work: dict[str, Any]
    file: bytes

    @property
    def ticket(self) -> Ticket:
        return Ticket(self.job_id, self.attempt)


async def bring_in_what_is_due(database: Database, clock: Clock, rules: Rules) -> bool:
    """Take up what is queued, in the hours that are set for it, and look how far the others are; whether anything was taken or
    ended."""
    closed = Stage.ORGANIZE in closed_stages(rules.stage_hours, clock.now().astimezone())
    async with database.read() as session:
        queued = await queued_jobs(session) if not closed else []
        at_work = await jobs_at_work(session)
    moved = False
    for job_id in queued:
        # NameTaken: another server makes the host's row at this moment; the next look finds it.
        with suppress(NameTaken):
            async with database.write() as session:
                moved = await _take(session, clock.now(), job_id) or moved
    if queued:
        async with database.read() as session:
            at_work = await jobs_at_work(session)
    for job in at_work:
        try:
            moved = await _look_at(database, clock, rules, job) or moved
        except StaleJob:
            continue  # another server was first
        except Exception:
            # Nothing was written of it, and the next look tries again; the others go on.
            log.exception("a result could not be organized now", job_id=job.job_id)
    return moved


async def queued_jobs(session: AsyncSession) -> list[int]:
    query = select(StageJob.id).where(StageJob.state == JobState.QUEUED, StageJob.stage == Stage.ORGANIZE)
    return list((await session.execute(query.order_by(StageJob.priority.desc(), StageJob.id))).scalars())


async def jobs_at_work(session: AsyncSession) -> list[AtWork]:
    query = (
        select(
            StageJob.id.label("job_id"),
            StageJob.attempt,
            StageJobAttempt.host_id,
            StageJobAttempt.engine_job_id.label("organizing_id"),
            StageJobAttempt.asked_to_end,
            StageJob.item_id,
            StageJob.why,
            StageJob.actor,
            StageJob.work,
            StageJob.input.label("file"),
        )
        .join(StageJobAttempt, (StageJobAttempt.job_id == StageJob.id) & (StageJobAttempt.number == StageJob.attempt))
        .where(
            StageJob.state == JobState.RUNNING,
            StageJob.stage == Stage.ORGANIZE,
            StageJobAttempt.outcome.is_(None),
        )
        .order_by(StageJob.id)
    )
    return [AtWork(**row) for row in (await session.execute(query)).mappings()]


async def _take(session: AsyncSession, now: datetime, job_id: int) -> bool:
    taken = (
        update(StageJob)
        .where(StageJob.id == job_id, StageJob.state == JobState.QUEUED)
        .values(state=JobState.RUNNING, attempt=StageJob.attempt + 1, why=None)
        .returning(StageJob.attempt, StageJob.directory)
    )
    row = (await session.execute(taken)).one_or_none()
    if row is None:
        return False
    attempt = {
        "job_id": job_id,
        "number": row.attempt,
        "host_id": await _server(session, now),
        "directory": directory_of(row.directory, Stage.ORGANIZE, Ticket(job_id, row.attempt)),
    }
    times = {"created_at": database_now(), "started_at": database_now()}
    await session.execute(insert(StageJobAttempt).values({**attempt, **times}))
    return True


async def _server(session: AsyncSession, now: datetime) -> int:
    """The server's own host, in whose name the attempts are."""
    own = await own_host_id(session)
    return own if own is not None else await add_host(session, now, OWN_NAME, None, None, role_name=None)


async def _look_at(database: Database, clock: Clock, rules: Rules, job: AtWork) -> bool:
    if job.organizing_id is None:
        if job.asked_to_end is not None:
            return await _end(database, clock, job, Ended(outcome=job.asked_to_end))
        try:
            parameters = read(OrganizeParameters, job.work)
        except StageFailed as error:
            return await _end(database, clock, job, _failed(error.reason))
        try:
            organizing_id = await organize.begin(
                database,
                clock,
                job.actor,
                job.job_id,
                job.attempt,
                parameters,
                job.file,
                staging_roots=rules.staging_roots,
            )
        except StagedDiskAway as error:
            await _say(database, job, error.detail)
            return False
        except StagedInTheWay as error:
            words = (
                f"{error.detail} Or have the new file take its place (`mediastead pipeline start {job.item_id} --replace`): "
                "what lies there goes to the trash, from where `mediastead organize undo` brings it back."
            )
            return await _end(database, clock, job, _failed(words), not_begun=parameters)
        except MediasteadError as error:
            return await _end(database, clock, job, _failed(error.detail), not_begun=parameters)
        await _say(database, job, None)
        async with database.write() as session:
            await session.execute(
                update(StageJobAttempt)
                .where(StageJobAttempt.job_id == job.job_id, StageJobAttempt.number == job.attempt)
                .values(engine_job_id=organizing_id)
            )
        return True
    end = await organize.end(database, job.organizing_id)
    match end.state:
        case "running" if job.asked_to_end is not None and await organize.call_off(database, clock, job.organizing_id):
            return await _end(database, clock, job, Ended(outcome=job.asked_to_end))
        case "running":
            await _say(database, job, end.words)
            return False
        case "not_done" if job.asked_to_end is not None:
            return await _end(database, clock, job, Ended(outcome=job.asked_to_end))
        case "not_done" if (why := await _why_unwritable(database, job)) is not None:
            # It became so since it was asked for: another try begins when that has ended, and costs nothing.
            return await _end(database, clock, job, Ended(outcome=Outcome.GIVEN_BACK, error=why))
        case "not_done":
            return await _end(database, clock, job, _failed(end.words or "It could not be organized."))
        case "done":
            facts = {"organizing_id": job.organizing_id, "file_id": end.file_id}
            return await _end(
                database, clock, job, Ended(outcome=Outcome.COMPLETED, result={"files": [], "facts": facts})
            )


async def _why_unwritable(database: Database, job: AtWork) -> str | None:
    return await organize.why_unwritable(database, read(OrganizeParameters, job.work), job.file)


async def _say(database: Database, job: AtWork, why: str | None) -> None:
    """Why it waits: nothing is lost meanwhile, and it goes on by itself when the disk is there."""
    if why == job.why:
        return
    async with database.write() as session:
        at_work = update(StageJob).where(StageJob.id == job.job_id, StageJob.state == JobState.RUNNING)
        await session.execute(at_work.values(why=why))


def _failed(words: str) -> Ended:
    # Trying again by itself would meet the same: what the library says is for a person.
    return Ended(outcome=Outcome.FAILED, error=readable(words), result={"final": True})


async def _end(
    database: Database, clock: Clock, job: AtWork, ended: Ended, *, not_begun: OrganizeParameters | None = None
) -> bool:
    """`not_begun`: what was to be organized, where it failed before there was a group of moves to tell of it."""
    async with database.write() as session:
        if ended.outcome is Outcome.COMPLETED:
            # Who cancelled was too late: the file is in the library, and everything else would be untrue.
            await session.execute(
                update(StageJobAttempt)
                .where(StageJobAttempt.job_id == job.job_id, StageJobAttempt.number == job.attempt)
                .values(asked_to_end=None)
            )
        try:
            await attempts.end(session, clock.now(), job.host_id, job.ticket, ended)
        except attempts.Fenced:
            return False
        if not_begun is not None:
            await record_not_staged(
                session,
                clock.now(),
                job.actor,
                job.file,
                ended.error or "",
                {"stage_job_id": job.job_id},
                library_id=not_begun.library_id,
                file_id=not_begun.replaces_file_id,
            )
    log.info("a result was organized", job_id=job.job_id, outcome=ended.outcome.value, error=ended.error)
    return True
