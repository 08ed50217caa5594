"""Drives are opened where nobody works in them: the order is written by the server and carried out by the drive's host.

A drive belongs to one job or one order at a time. Both are given out under the lock of the dispatchers, so that none of them can
overlook the other. An order is taken up by one conditional statement and never again: a host that is killed over it has opened
the drive or has not, and a person sees which. Nothing here commits.
"""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.text import shown
from ..engine.nudges import DRIVES, nudge
from . import drive_queries as queries
from .dispatching import alone
from .drive_queries import OrderEnd, Untold, may_be_taken
from .models import DriveOrder
from .moments import database_now

TAKEN_WITHIN = 10.0
"""Seconds in which a host must take an order up: who presses a button does not want the drive to open an hour later."""
KEPT = timedelta(days=1)
MOST_WORDS = 500


class DriveBusy(Exception):
    """Its drive may not be opened now; the words say why, as the second half of a sentence."""


class Opened(Struct, frozen=True):
    """What became of an order."""

    host_id: int
    disc_id: int
    source: bytes
    actor: str
    error: str | None


def drive_resource(host_id: int | None, source: bytes | None) -> str | None:
    """What a job or an order has of a drive; None for an image or a folder, which many may read."""
    is_drive = source is not None and source.startswith(b"/dev/")
    return f"host {host_id} drive:{shown(source)}" if is_drive and source else None


async def order(
    session: AsyncSession, now: datetime, *, host_id: int, disc_id: int, source: bytes, resource: str, actor: str
) -> int:
    """Have the host open this drive, once, within seconds. Raises `DriveBusy`."""
    await alone(session)
    if (why := await queries.who_has(session, resource)) is not None:
        raise DriveBusy(why)
    old = delete(DriveOrder).where(DriveOrder.host_id == host_id, DriveOrder.told, DriveOrder.ended_at < now - KEPT)
    await session.execute(old)
    row: dict[str, Any] = {
        "host_id": host_id,
        "disc_id": disc_id,
        "source": source,
        "resource": resource,
        "actor": actor,
    }
    made = insert(DriveOrder).values(until=database_now(TAKEN_WITHIN), **row).returning(DriveOrder.id)
    order_id = (await session.execute(made)).scalar_one()
    await nudge(session, DRIVES)
    return order_id


async def take(session: AsyncSession, order_id: int) -> bool:
    """Whether it is the caller who carries it out, from now on. False where it is too late, or somebody does."""
    mine = update(DriveOrder).where(DriveOrder.id == order_id, *may_be_taken())
    taken = mine.values(taken_at=database_now()).returning(DriveOrder.id)
    return (await session.execute(taken)).scalar_one_or_none() is not None


async def end(session: AsyncSession, order_id: int, error: str | None) -> None:
    """It was carried out, or why not. Nothing where nobody waits for that any more."""
    ended = update(DriveOrder).where(DriveOrder.id == order_id, DriveOrder.ended_at.is_(None))
    said = error[:MOST_WORDS] if error is not None else None
    await session.execute(ended.values(ended_at=database_now(), error=said))
    await nudge(session, DRIVES)


async def tell(session: AsyncSession, each: Untold) -> Opened | None:
    """What became of an order that is over, for the one who draws the consequences in this transaction; None for all others."""
    if not each.ended:
        over = update(DriveOrder).where(DriveOrder.id == each.id, ~queries.is_open(), DriveOrder.ended_at.is_(None))
        # What nobody took up may have been taken in this moment: then it is open.
        await session.execute(over.values(ended_at=database_now(), error=_words(each)))
    told = (
        update(DriveOrder)
        .where(DriveOrder.id == each.id, DriveOrder.told.is_(False), DriveOrder.ended_at.is_not(None))
        .values(told=True)
        .returning(DriveOrder.host_id, DriveOrder.disc_id, DriveOrder.source, DriveOrder.actor, DriveOrder.error)
    )
    row = (await session.execute(told)).one_or_none()
    return Opened(*row) if row is not None else None


async def end_of(session: AsyncSession, order_id: int) -> OrderEnd:
    """Where an order stands."""
    return await queries.end_of(session, order_id) or OrderEnd(True, "the order was withdrawn")


def _words(each: Untold) -> str:
    if each.taken:
        return f"{each.host} began to open it, and has said nothing since: look at the drive."
    return (
        f"{each.host} did not take that up within {TAKEN_WITHIN:.0f} seconds, and will not open it later: see that "
        "`mediastead host run` goes on there, in the version of the server."
    )
