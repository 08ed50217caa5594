"""What is asked of orders to open a drive."""

from typing import Any

from msgspec import Struct
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..hosts.models import Host
from .models import DriveOrder, JobState, StageJob
from .moments import database_now

SILENT_AFTER = 40.0
"""Seconds after which a host that took an order up is not waited for any more: longer than a drive may take to open."""


class OpenDrive(Struct, frozen=True):
    """An order, as its host sees it."""

    id: int
    source: bytes


class Untold(Struct, frozen=True):
    """An order that is over, and of which nobody has drawn the consequences."""

    id: int
    host: str
    ended: bool
    taken: bool


class OrderEnd(Struct, frozen=True):
    told: bool
    """It is over, with all that follows."""
    error: str | None


async def orders_of(session: AsyncSession, host_id: int) -> list[OpenDrive]:
    """Those that a host may still take up."""
    query = select(DriveOrder.id, DriveOrder.source).where(DriveOrder.host_id == host_id, *may_be_taken())
    return [OpenDrive(*row) for row in await session.execute(query.order_by(DriveOrder.id))]


async def end_of(session: AsyncSession, order_id: int) -> OrderEnd | None:
    query = select(DriveOrder.told, DriveOrder.error).where(DriveOrder.id == order_id)
    row = (await session.execute(query)).one_or_none()
    return OrderEnd(*row) if row is not None else None


async def untold(session: AsyncSession) -> list[Untold]:
    """Orders that have ended, that nobody took up in time, or of which the host that did has said nothing since."""
    query = (
        select(DriveOrder.id, Host.name, DriveOrder.ended_at.is_not(None), DriveOrder.taken_at.is_not(None))
        .join(Host, Host.id == DriveOrder.host_id)
        .where(DriveOrder.told.is_(False), ~is_open())
        .order_by(DriveOrder.id)
    )
    return [Untold(*row) for row in await session.execute(query)]


async def who_has(session: AsyncSession, resource: str) -> str | None:
    """Why a drive may not be opened now, as the second half of a sentence; None where nobody has it."""
    job = select(StageJob.id).where(StageJob.resource == resource, StageJob.state == JobState.RUNNING).limit(1)
    job_id = (await session.execute(job)).scalar_one_or_none()
    if job_id is not None:
        return f"job {job_id} rips in it: cancel that first (`mediastead jobs cancel {job_id}`), or wait for it"
    other = select(DriveOrder.id).where(DriveOrder.resource == resource, is_open()).limit(1)
    if (await session.execute(other)).scalar_one_or_none() is not None:
        return "it is being opened already"
    return None


def ordered_drives() -> Select[str]:
    """Resources that no job is to get now."""
    return select(DriveOrder.resource).where(is_open())


def is_open() -> Any:
    """Whether its drive may still be opened by it."""
    # When it took it up, its host says; until when it may, the server.
    fresh = (DriveOrder.taken_at > database_now(-SILENT_AFTER)) & (DriveOrder.until > database_now(-SILENT_AFTER))
    waiting = DriveOrder.taken_at.is_(None) & (DriveOrder.until > database_now())
    return DriveOrder.ended_at.is_(None) & or_(waiting, DriveOrder.taken_at.is_not(None) & fresh)


def may_be_taken() -> list[Any]:
    return [
        DriveOrder.ended_at.is_(None),
        DriveOrder.taken_at.is_(None),
        DriveOrder.until > database_now(),
    ]
