"""What hosts say of themselves, and the server's own host."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from . import queries
from .models import Host, HostCapability, HostState

OWN_HOST = "this machine"


async def own_host(session: AsyncSession, now: datetime, able: Mapping[str, Mapping[str, Any]], platform: str) -> int:
    """The id of the server's own host, made where there is none, with what it can do now: name of the capability to details.

    A capability that it lost for a reason comes back with its tool; one of which the tool is gone goes.
    """
    host_id = await queries.host_called(session, OWN_HOST)
    if host_id is None:
        row: dict[str, Any] = {
            "name": OWN_HOST,
            "state": HostState.ENABLED,
            "platform": platform,
            "limits": {},
            "path_map": [],
            "commands": {},
            "free_bytes": {},
            "created_at": now,
        }
        host_id = (await session.execute(insert(Host).values(row).returning(Host.id))).scalar_one()
    await session.execute(delete(HostCapability).where(HostCapability.host_id == host_id))
    rows = [
        {"host_id": host_id, "name": name, "available": True, "detail": dict(detail), "since": now}
        for name, detail in sorted(able.items())
    ]
    if rows:
        await session.execute(insert(HostCapability), rows)
    started = update(Host).where(Host.id == host_id)
    await session.execute(started.values(last_seen_at=func.now(), platform=platform, refuses=None))
    return host_id


async def heard_from(session: AsyncSession, host_id: int) -> None:
    """The host lives, by the clock of the database."""
    await session.execute(update(Host).where(Host.id == host_id).values(last_seen_at=func.now()))


async def lose_capability(session: AsyncSession, now: datetime, host_id: int, name: str, reason: str) -> None:
    """The host can no longer do this; `reason` says what to do. Jobs that need it wait for another host, or until it is back."""
    lost = update(HostCapability).where(HostCapability.host_id == host_id, HostCapability.name == name)
    await session.execute(lost.values(available=False, reason=reason, since=now))


async def refuse(session: AsyncSession, host_id: int, reason: str | None) -> None:
    """The host takes no work now; None where it does again."""
    await session.execute(update(Host).where(Host.id == host_id).values(refuses=reason))
