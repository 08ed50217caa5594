"""What a host says of its attempts. Every word is fenced: it counts only while the attempt is at work, and is that host's.

An attempt is at work as long as it has no outcome; then its job is `running` and names it. Both are changed in one transaction,
the attempt first, so that of two who would end it (its host, the reaper) the first one does and the other one sees it.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Float, bindparam, case, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.text import readable
from ...events.outbox import record
from ..engine.interface import Ticket
from ..engine.nudges import nudge
from . import attempt_queries as queries
from .attempt_queries import JobWork
from .errors import StaleJob
from .models import Outcome, Stage, StageJobAttempt, StageJobLog
from .moments import database_now
from .settling import EndedAttempt, settle_jobs, write_ends
from .work import Level, Work, as_seen_here


class Fenced(Exception):
    """The attempt is no longer this host's: it was taken for dead, and another one counts."""


class AskedToEnd(Exception):
    """It cannot complete any more, because it was asked to end before; its host is to end it as `outcome`."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class Line(Struct, frozen=True):
    at: datetime
    level: Level
    text: str


class Said(Struct, frozen=True, kw_only=True):
    """What an attempt said since it was written last."""

    ticket: Ticket
    changed: bool = False
    """Whether any of these is new."""
    progress: float | None = None
    speed: str | None = None
    seconds_left: int | None = None
    pid: int | None = None
    lines: Sequence[Line] = ()


class Ended(Struct, frozen=True, kw_only=True):
    """How a host ended an attempt."""

    outcome: Outcome
    error: str | None = None
    result: dict[str, Any] | None = None
    """`work.Result`, or facts of what was not worth it; of a failure what the server judges it by (`work.StageFailed.told`)."""


async def begin(session: AsyncSession, now: datetime, host_id: int, ticket: Ticket, lease: float) -> Work | None:
    """`begin_all` with one."""
    return (await begin_all(session, now, host_id, [ticket], lease)).get(ticket)


async def begin_all(
    session: AsyncSession, now: datetime, host_id: int, tickets: Collection[Ticket], lease: float
) -> dict[Ticket, Work]:
    """Take attempts up, each judged by itself. One that is not among them is not to be begun: it was begun before, has ended,
    or is asked to end. Raises `StaleJob`, and then none was."""
    given = {"host": host_id, "tickets": queries.told(tickets), "lease": lease}
    rows = (await (await session.connection()).execute(_BEGIN, given)).all()
    if not rows:
        return {}
    directories = {Ticket(row.job_id, row.number): row.directory for row in rows}
    jobs = await queries.work_of(session, directories, host_id)
    begun: dict[Ticket, Work] = {}
    for ticket in tickets:
        if ticket not in directories:
            continue
        job = jobs.get(ticket.job_id)
        if job is None:
            raise StaleJob(ticket.job_id)
        record(session, now, "job.started", **job.told, attempt=ticket.attempt, host_id=host_id)
        begun[ticket] = _work(ticket, job, directories[ticket])
    return begun


_BEGIN = (  # built once, as in `queries`
    update(StageJobAttempt)
    .where(
        StageJobAttempt.host_id == bindparam("host"),
        StageJobAttempt.outcome.is_(None),
        StageJobAttempt.started_at.is_(None),
        StageJobAttempt.asked_to_end.is_(None),
        queries.AMONG,
    )
    .values(started_at=database_now(), lease_until=database_now(bindparam("lease", type_=Float())))
    .returning(StageJobAttempt.job_id, StageJobAttempt.number, StageJobAttempt.directory)
)


def _work(ticket: Ticket, job: JobWork, directory: bytes) -> Work:
    path_map = tuple((os.fsencode(server), os.fsencode(here)) for server, here in job.path_map)
    return Work(
        job_id=ticket.job_id,
        attempt=ticket.attempt,
        stage=job.stage,
        # Where a disc lies, its host said itself.
        input=job.input if job.input is None or job.stage is Stage.RIP else as_seen_here(job.input, path_map),
        directory=as_seen_here(directory, path_map),
        item_directory=as_seen_here(job.directory, path_map),
        parameters=job.work,
        commands=job.commands.get(job.stage.value, {}),
        path_map=path_map,
    )


async def tell(
    session: AsyncSession, now: datetime, host_id: int, said: Sequence[Said], lease: float
) -> dict[Ticket, Outcome | None]:
    """The host is alive, and its attempts say this: leases move on, progress and lines are written. Of those that are still
    its, what they are asked to end as; the others are fenced off, and what they say is not written."""
    kept = await _prolong(session, host_id, [each.ticket for each in said], lease)
    heard = [each for each in said if each.ticket in kept]
    moved = [each for each in heard if each.changed]
    if moved:
        attempt = StageJobAttempt
        higher = attempt.progress.is_(None) | (attempt.progress < bindparam("share"))
        changed = (
            update(attempt)
            .where(attempt.job_id == bindparam("job"), attempt.number == bindparam("attempt_number"))
            .values(
                progress=bindparam("share"),
                progress_at=case((higher, database_now()), else_=attempt.progress_at),
                speed=bindparam("new_speed"),
                seconds_left=bindparam("left"),
                pid=bindparam("new_pid"),
            )
        )
        await (await session.connection()).execute(changed, [_values(each) for each in moved])
        for each in moved:
            if each.progress is not None:
                told = {"job_id": each.ticket.job_id, "attempt": each.ticket.attempt, "progress": each.progress}
                record(session, now, "job.progress", **told, speed=each.speed, seconds_left=each.seconds_left)
    lines = [
        {
            "job_id": each.ticket.job_id,
            "number": each.ticket.attempt,
            "at": line.at,
            "level": line.level,
            "text": line.text,
        }
        for each in heard
        for line in each.lines
    ]
    if lines:
        # A host may write its log and not read it, so that nothing can be returned.
        await session.execute(insert(StageJobLog).inline(), lines)
    return kept


async def end(session: AsyncSession, now: datetime, host_id: int, ticket: Ticket, ended: Ended) -> None:
    """`end_all` with one. Raises `Fenced`, and `AskedToEnd` where it may not complete."""
    refused = (await end_all(session, now, host_id, {ticket: ended})).get(ticket)
    if refused is not None:
        raise refused


async def end_all(
    session: AsyncSession, now: datetime, host_id: int, ends: Mapping[Ticket, Ended]
) -> dict[Ticket, Fenced | AskedToEnd]:
    """The host has ended attempts; which of these ends do not count, and why. Each is judged by itself.

    Where one completed, this is what publishes: from now on its directory is the job's output. What follows a failure is judged
    by the server (`judging`), which knows of other hosts. Raises `StaleJob`, and then nothing was written.
    """
    standings = await queries.standings_of(session, host_id, ends)
    refused: dict[Ticket, Fenced | AskedToEnd] = {}
    heard: list[EndedAttempt] = []
    for ticket, ended in ends.items():
        standing = standings.get(ticket)
        completes = ended.outcome in (Outcome.COMPLETED, Outcome.NOT_WORTH_IT)
        if standing is None or standing.outcome is not None:
            # Where it is the same, it was written before, and the answer to that was lost.
            if standing is None or standing.outcome is not ended.outcome:
                refused[ticket] = Fenced()
        elif completes and standing.asked_to_end is not None:
            refused[ticket] = AskedToEnd(standing.asked_to_end)
        else:
            error = readable(ended.error) if ended.error is not None else standing.error
            heard.append(EndedAttempt(standing.id, ticket, ended.outcome, error, standing.directory, ended.result))
    if heard:
        await write_ends(session, heard)
        await settle_jobs(session, now, heard)
        await nudge(session)
    return refused


async def _prolong(
    session: AsyncSession, host_id: int, tickets: Sequence[Ticket], lease: float
) -> dict[Ticket, Outcome | None]:
    if not tickets:
        return {}
    numbers = {(ticket.job_id, ticket.attempt) for ticket in tickets}
    mine = (
        update(StageJobAttempt)
        .where(
            StageJobAttempt.host_id == host_id,
            StageJobAttempt.outcome.is_(None),
            StageJobAttempt.started_at.is_not(None),
            StageJobAttempt.job_id.in_(sorted({job_id for job_id, _ in numbers})),
        )
        .values(lease_until=database_now(lease))
        .returning(StageJobAttempt.job_id, StageJobAttempt.number, StageJobAttempt.asked_to_end)
    )
    rows = (await session.execute(mine)).all()
    return {Ticket(row.job_id, row.number): row.asked_to_end for row in rows if (row.job_id, row.number) in numbers}


def _values(said: Said) -> dict[str, Any]:
    return {
        "job": said.ticket.job_id,
        "attempt_number": said.ticket.attempt,
        "share": said.progress,
        "new_speed": said.speed,
        "left": said.seconds_left,
        "new_pid": said.pid,
    }
