"""What is asked of attempts when their hosts speak (`attempts`)."""

from collections.abc import Collection
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, select, tuple_
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


async def work_of(session: AsyncSession, tickets: Collection[Ticket], host_id: int) -> dict[int, JobWork]:
    """By job; without those that are not at work on that attempt."""
    given = {"host_id": host_id, "tickets": told(tickets)}
    return {row["id"]: JobWork(**row) for row in (await session.execute(_WORK, given)).mappings()}


async def standings_of(session: AsyncSession, host_id: int, tickets: Collection[Ticket]) -> dict[Ticket, Standing]:
    """Of those that are attempts of this host, locked: so they stand until the end of the transaction."""
    rows = await session.execute(_STANDINGS, {"host_id": host_id, "tickets": told(tickets)})
    return {Ticket(job_id, number): Standing(*standing) for job_id, number, *standing in rows}


async def jobs_at(session: AsyncSession, tickets: Collection[Ticket]) -> dict[Ticket, JobAtWork]:
    """The jobs that are at work on these attempts, locked."""
    rows = await session.execute(_AT_WORK, {"job_ids": [ticket.job_id for ticket in tickets]})
    return {Ticket(job_id, attempt): JobAtWork(job_id, stage, item_id) for job_id, attempt, stage, item_id in rows}


def told(tickets: Collection[Ticket]) -> list[tuple[int, int]]:
    """What `AMONG` is given as `tickets`."""
    return [(ticket.job_id, ticket.attempt) for ticket in tickets]


AMONG = tuple_(StageJobAttempt.job_id, StageJobAttempt.number).in_(bindparam("tickets", expanding=True))
"""Of an attempt: whether it is one of these."""

# Built once, as in `queries`.

_WORK = (
    select(*(getattr(StageJob, name) for name in JobWork.__struct_fields__ if name not in ("path_map", "commands")))
    .add_columns(Host.path_map, Host.commands)
    .join(StageJobAttempt, (StageJobAttempt.job_id == StageJob.id) & (StageJobAttempt.number == StageJob.attempt))
    .join(Host, Host.id == StageJobAttempt.host_id)
    .where(AMONG, StageJob.state == JobState.RUNNING, Host.id == bindparam("host_id"))
)

_STANDINGS = (
    select(StageJobAttempt.job_id, StageJobAttempt.number)
    .add_columns(*(getattr(StageJobAttempt, name) for name in Standing.__struct_fields__))
    .where(StageJobAttempt.host_id == bindparam("host_id"), AMONG)
    .order_by(StageJobAttempt.id)
    .with_for_update()
)

_AT_WORK = (
    select(StageJob.id, StageJob.attempt, StageJob.stage, StageJob.item_id)
    .where(StageJob.id.in_(bindparam("job_ids", expanding=True)), StageJob.state == JobState.RUNNING)
    .order_by(StageJob.id)
    .with_for_update()
)
