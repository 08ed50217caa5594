"""What is asked of attempts when their hosts speak (`attempts`)."""

from collections.abc import Collection
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from ..engine.interface import Ticket
from ..hosts.models import Host
from .models import JobState, Outcome, Stage, StageJob, StageJobAttempt


class JobWork(Struct, frozen=True, kw_only=True):
    """What a host needs of a job that it begins, and what it knows of itself."""

    stage: Stage
    item_id: int | None
    input: bytes | None
    directory: bytes
    work: dict[str, Any]
    path_map: list[list[str]]
    commands: dict[str, Any]
    id: int

    @property
    def told(self) -> dict[str, Any]:
        return {"job_id": self.id, "stage": self.stage.value, "item_id": self.item_id}


class Standing(Struct, frozen=True):
    """Where an attempt stands."""

    id: int
    outcome: Outcome | None
    asked_to_end: Outcome | None
    error: str | None
    directory: bytes


class JobAtWork(Struct, frozen=True):
    """A job that is at work on the attempt that somebody speaks of."""

    id: int
    stage: Stage
    item_id: int | None


def among(tickets: Collection[Ticket]) -> ColumnElement[bool]:
    """Of an attempt: whether it is one of these."""
    which = [(ticket.job_id, ticket.attempt) for ticket in tickets]
    return tuple_(StageJobAttempt.job_id, StageJobAttempt.number).in_(which)


async def work_of(session: AsyncSession, tickets: Collection[Ticket], host_id: int) -> dict[int, JobWork]:
    """By job; without those that are not at work on that attempt."""
    columns = ("id", "stage", "item_id", "input", "directory", "work")
    query = (
        select(*(getattr(StageJob, name) for name in columns), Host.path_map, Host.commands)
        .join(StageJobAttempt, (StageJobAttempt.job_id == StageJob.id) & (StageJobAttempt.number == StageJob.attempt))
        .join(Host, Host.id == StageJobAttempt.host_id)
        .where(among(tickets), StageJob.state == JobState.RUNNING, Host.id == host_id)
    )
    return {row["id"]: JobWork(**row) for row in (await session.execute(query)).mappings()}


async def standings_of(session: AsyncSession, host_id: int, tickets: Collection[Ticket]) -> dict[Ticket, Standing]:
    """Of those that are attempts of this host, locked: so they stand until the end of the transaction."""
    attempt = StageJobAttempt
    names = Standing.__struct_fields__
    query = (
        select(attempt.job_id, attempt.number, *(getattr(attempt, name) for name in names))
        .where(attempt.host_id == host_id, among(tickets))
        .order_by(attempt.id)
        .with_for_update()
    )
    rows = (await session.execute(query)).all()
    return {Ticket(row.job_id, row.number): Standing(*(getattr(row, name) for name in names)) for row in rows}


async def jobs_at(session: AsyncSession, tickets: Collection[Ticket]) -> dict[Ticket, JobAtWork]:
    """The jobs that are at work on these attempts, locked."""
    query = (
        select(StageJob.id, StageJob.stage, StageJob.item_id, StageJob.attempt)
        .where(StageJob.id.in_([ticket.job_id for ticket in tickets]), StageJob.state == JobState.RUNNING)
        .order_by(StageJob.id)
        .with_for_update()
    )
    rows = (await session.execute(query)).all()
    return {Ticket(row.id, row.attempt): JobAtWork(row.id, row.stage, row.item_id) for row in rows}
