"""What is asked of hosts."""

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from .models import Host, HostCapability, HostState

HEARD = timedelta(seconds=60)
"""A host that was not heard from for longer gets no work."""


class HostAtHand(Struct, frozen=True, kw_only=True):
    """A host that may be given work."""

    id: int
    priority: int
    load: float | None
    limits: dict[str, int]
    capabilities: frozenset[str]


async def hosts_at_hand(session: AsyncSession, now: datetime) -> list[HostAtHand]:
    """Enabled, heard from lately, neither refusing nor set aside, and able to do something; the best first."""
    query = (
        select(Host.id, Host.priority, Host.load, Host.limits, HostCapability.name)
        .join(HostCapability, HostCapability.host_id == Host.id)
        .where(
            Host.state == HostState.ENABLED,
            Host.refuses.is_(None),
            or_(Host.set_aside_until.is_(None), Host.set_aside_until <= now),
            Host.last_seen_at > now - HEARD,
            HostCapability.available.is_(True),
        )
        .order_by(Host.priority.desc(), Host.load, Host.id)
    )
    found: dict[int, tuple[int, float | None, dict[str, int], set[str]]] = {}
    for host_id, priority, load, limits, name in await session.execute(query):
        found.setdefault(host_id, (priority, load, limits, set()))[3].add(name)
    return [
        HostAtHand(id=host_id, priority=priority, load=load, limits=limits, capabilities=frozenset(names))
        for host_id, (priority, load, limits, names) in found.items()
    ]


async def host_called(session: AsyncSession, name: str) -> int | None:
    query = select(Host.id).where(Host.name == name, Host.state != HostState.REMOVED)
    return (await session.execute(query)).scalar_one_or_none()
