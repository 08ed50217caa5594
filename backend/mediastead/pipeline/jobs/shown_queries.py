"""What people look at: stage jobs, their attempts, and what those said."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.text import shown
from ...http.paging import Page, decode_cursor, page_of
from ..hosts.models import Host
from .models import JobState, Outcome, Stage, StageJob, StageJobAttempt, StageJobLog
from .schemas import AttemptShown, LogLine, LogLines, StageJobDetail, StageJobShown
from .states import ENDED, OPEN
from .waiting import Reason
from .waiting_queries import Moment, why_waiting


class JobFilter(Struct, frozen=True, kw_only=True):
    """Which jobs; everything that is given must hold."""

    state: JobState | None = None
    stage: Stage | None = None
    item_id: int | None = None
    host_id: int | None = None
    """Of the current attempt."""
    open: bool | None = None


async def jobs_page(
    session: AsyncSession, which: JobFilter, moment: Moment, *, cursor: str | None, limit: int
) -> Page[StageJobShown]:
    """One page of jobs, the newest first."""
    conditions: list[Any] = []
    if which.state is not None:
        conditions.append(StageJob.state == which.state)
    if which.stage is not None:
        conditions.append(StageJob.stage == which.stage)
    if which.item_id is not None:
        conditions.append(StageJob.item_id == which.item_id)
    if which.host_id is not None:
        conditions.append(StageJobAttempt.host_id == which.host_id)
    if which.open is not None:
        conditions.append(StageJob.state.in_(OPEN if which.open else ENDED))
    if cursor is not None:
        (last,) = decode_cursor(cursor, int)
        conditions.append(StageJob.id < last)
    query = _jobs().where(*conditions).order_by(StageJob.id.desc()).limit(limit + 1)
    rows = (await session.execute(query)).mappings().all()
    reasons = await why_waiting(session, moment, _open(rows))
    return page_of([StageJobShown(**_told(row, reasons)) for row in rows], limit, lambda each: (each.id,))


async def job_detail(session: AsyncSession, job_id: int, moment: Moment) -> StageJobDetail | None:
    more = (StageJob.input, StageJob.directory, StageJob.output, StageJob.result, StageJob.work)
    query = _jobs().add_columns(*more).where(StageJob.id == job_id)
    row = (await session.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    return StageJobDetail(
        **_told(row, await why_waiting(session, moment, _open([row]))),
        input=shown(row["input"]) if row["input"] is not None else None,
        directory=shown(row["directory"]),
        output=shown(row["output"]) if row["output"] is not None else None,
        result=row["result"],
        work=row["work"],
    )


async def attempts_shown(session: AsyncSession, job_id: int) -> list[AttemptShown]:
    """In their order."""
    names = [name for name in AttemptShown.__struct_fields__ if name not in ("host", "directory")]
    query = (
        select(*(getattr(StageJobAttempt, name) for name in names), Host.name.label("host"), StageJobAttempt.directory)
        .join(Host, Host.id == StageJobAttempt.host_id)
        .where(StageJobAttempt.job_id == job_id)
        .order_by(StageJobAttempt.number)
    )
    rows: Sequence[Any] = (await session.execute(query)).mappings().all()
    told: list[dict[str, Any]] = [{**row, "directory": shown(row["directory"])} for row in rows]
    return [AttemptShown(**each) for each in told]


async def log_lines(
    session: AsyncSession, job_id: int, *, attempt: int | None, after: int, limit: int
) -> LogLines | None:
    """What attempts said after the line `after`, in its order; None where there is no such job."""
    state = (await session.execute(select(StageJob.state).where(StageJob.id == job_id))).scalar_one_or_none()
    if state is None:
        return None
    log = StageJobLog
    query = select(log.id, log.number, log.at, log.level, log.text).where(log.job_id == job_id, log.id > after)
    if attempt is not None:
        query = query.where(log.number == attempt)
    rows: Sequence[Any] = (await session.execute(query.order_by(log.id).limit(limit))).all()
    lines = [LogLine(id=row.id, attempt=row.number, at=row.at, level=row.level, text=row.text) for row in rows]
    return LogLines(items=lines, last=lines[-1].id if lines else after, over=state in ENDED and len(lines) < limit)


def _jobs() -> Any:
    attempt = StageJobAttempt
    of_job = [name for name in StageJobShown.__struct_fields__ if name not in (*_OF_ATTEMPT, "waits_until")]
    return (
        select(
            *(getattr(StageJob, name) for name in of_job),
            *(getattr(attempt, name) for name in _OF_ATTEMPT if name not in ("host", "cancelling")),
            Host.name.label("host"),
            attempt.asked_to_end,
            attempt.outcome,
        )
        .outerjoin(attempt, and_(attempt.job_id == StageJob.id, attempt.number == StageJob.attempt))
        .outerjoin(Host, Host.id == attempt.host_id)
    )


_OF_ATTEMPT = ("host_id", "host", "progress", "speed", "seconds_left", "started_at", "cancelling")


def _open(rows: Sequence[Any]) -> list[int]:
    return [row["id"] for row in rows if row["state"] in OPEN]


def _told(row: Any, reasons: Mapping[int, Reason]) -> dict[str, Any]:
    told = {name: row[name] for name in StageJobShown.__struct_fields__ if name not in ("cancelling", "waits_until")}
    reason = reasons.get(row["id"], Reason(row["why"]))
    at_work = row["outcome"] is None
    cancelling = at_work and row["asked_to_end"] is Outcome.CANCELLED
    return told | {"why": reason.words, "waits_until": reason.until, "cancelling": cancelling}
