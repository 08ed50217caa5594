"""What is asked of the hosts."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from .models import Host, HostCapability, HostState
from .schemas import CapabilityView

HEARD = timedelta(seconds=60)
"""A host says that it is there every few seconds; one that was not heard from for longer gets no work."""


class HostAtHand(Struct, frozen=True, kw_only=True):
    """A host that may be given work."""

    id: int
    priority: int
    load: float | None
    limits: dict[str, int]
    hours: str
    capabilities: frozenset[str]


async def hosts_at_hand(session: AsyncSession, now: datetime) -> list[HostAtHand]:
    """Enabled, heard from lately, neither refusing nor set aside, and able to do something; the best first."""
    found: dict[int, tuple[dict[str, Any], set[str]]] = {}
    for row in (await session.execute(_AT_HAND, {"now": now, "since": now - HEARD})).mappings():
        found.setdefault(row["id"], ({name: row[name] for name in _OF_HOST}, set()))[1].add(row["name"])
    return [HostAtHand(**host, capabilities=frozenset(names)) for host, names in found.values()]


async def hosts(session: AsyncSession, *, removed: bool = False) -> list[Host]:
    """All of them, by name."""
    query = select(Host).order_by(Host.name, Host.id)
    if not removed:
        query = query.where(Host.state != HostState.REMOVED)
    return list((await session.execute(query)).scalars())


async def host(session: AsyncSession, host_id: int) -> Host | None:
    return await session.get(Host, host_id, populate_existing=True)


async def host_called(session: AsyncSession, name: str) -> int | None:
    """The id of the host with this name, of those that were not removed."""
    query = select(Host.id).where(Host.name == name, Host.state != HostState.REMOVED)
    return (await session.execute(query)).scalar_one_or_none()


async def not_told_of(session: AsyncSession, roots: Sequence[str]) -> list[int]:
    """The hosts that know of other staging roots than these."""
    rows = await session.execute(select(Host.id, Host.staging_roots).where(Host.state != HostState.REMOVED))
    return [host_id for host_id, known in rows if known != list(roots)]


async def own_host_id(session: AsyncSession) -> int | None:
    """The server's own host, where it has one: that without a role in the database."""
    query = select(Host.id).where(Host.role_name.is_(None), Host.state != HostState.REMOVED).order_by(Host.id).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def capabilities(session: AsyncSession, host_ids: Collection[int]) -> dict[int, list[CapabilityView]]:
    """By host, by name."""
    found: dict[int, list[CapabilityView]] = {host_id: [] for host_id in host_ids}
    query = select(HostCapability).where(HostCapability.host_id.in_(host_ids)).order_by(HostCapability.name)
    for row in (await session.execute(query)).scalars():
        found[row.host_id].append(
            CapabilityView(
                name=row.name, available=row.available, reason=row.reason, detail=row.detail, since=row.since
            )
        )
    return found


async def kept_capabilities(session: AsyncSession, host_id: int) -> dict[str, HostCapability]:
    query = select(HostCapability).where(HostCapability.host_id == host_id)
    return {row.name: row for row in (await session.execute(query)).scalars()}


_OF_HOST = ("id", "priority", "load", "limits", "hours")

_AT_HAND = (  # asked before every job that is given to a host, and so built once
    select(*(getattr(Host, name) for name in _OF_HOST), HostCapability.name)
    .join(HostCapability, HostCapability.host_id == Host.id)
    .where(
        Host.state == HostState.ENABLED,
        Host.refuses.is_(None),
        or_(Host.set_aside_until.is_(None), Host.set_aside_until <= bindparam("now")),
        Host.last_seen_at > bindparam("since"),
        HostCapability.available.is_(True),
    )
    .order_by(Host.priority.desc(), Host.load, Host.id)
)
