"""What people ask of hosts, and what hosts say of themselves."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.text import readable
from ...events.outbox import record
from . import queries
from .capabilities import Capability
from .errors import InvalidHours, InvalidPaths, NameOfServer, NameTaken, NoSuchHost, OwnHost
from .models import OWN_NAME, Host, HostCapability, HostState
from .queries import HEARD
from .schemas import HostChange, Waits

HOURS = re.compile(r"((rip|remux|transcode) (always|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)(, ?|$))*")
"""As `jobs.hours` reads them."""


class Condition(Struct, frozen=True, kw_only=True):
    """How a host is, as it says itself."""

    load: float | None = None
    free_bytes: dict[str, int] = {}
    """{staging root as the server sees it: bytes}"""
    refuses: str | None = None
    """Why it takes no jobs now, in words that say what to do."""


async def own_host(session: AsyncSession, now: datetime, platform: str, version: str) -> int:
    """The id of the server's own host, made where there is none."""
    host_id = await queries.own_host_id(session)
    if host_id is not None:
        seen = update(Host).where(Host.id == host_id).values(platform=platform, version=version, last_seen_at=now)
        await session.execute(seen)
        return host_id
    return await add_host(session, now, OWN_NAME, platform, version, role_name=None)


async def add_host(
    session: AsyncSession, now: datetime, name: str, platform: str | None, version: str | None, role_name: str | None
) -> int:
    """A new host that gets jobs at once. Raises `NameTaken`, `NameOfServer`."""
    if role_name is not None and name == OWN_NAME:
        raise NameOfServer(name)
    row: dict[str, Any] = {
        "name": name,
        "state": HostState.ENABLED,
        "role_name": role_name,
        "platform": platform,
        "version": version,
        "limits": {},
        "path_map": [],
        "commands": {},
        "free_bytes": {},
        "created_at": now,
        "last_seen_at": now,
    }
    try:
        async with session.begin_nested():
            host_id = (await session.execute(insert(Host).values(row).returning(Host.id))).scalar_one()
    except IntegrityError:
        raise NameTaken(name) from None
    record(session, now, "host.added", host_id=host_id, name=name)
    return host_id


async def change(session: AsyncSession, now: datetime, host_id: int, wanted: HostChange) -> None:
    """What a person wants of a host. One that is disabled is asked for what it has (`jobs`). Raises `NoSuchHost`, `NameTaken`,
    `NameOfServer`, `InvalidHours`, `InvalidPaths`."""
    values: dict[str, Any] = {
        name: getattr(wanted, name) for name in wanted.__struct_fields__ if getattr(wanted, name) is not UNSET
    }
    if "path_map" in values:
        values["path_map"] = _paths(values["path_map"])
    if not HOURS.fullmatch(values.get("hours", "")):
        raise InvalidHours(values["hours"])
    if "state" in values:
        values["state"] = HostState(values["state"])
    if values.get("name") == OWN_NAME and await queries.own_host_id(session) != host_id:
        raise NameOfServer(OWN_NAME)
    living = update(Host).where(Host.id == host_id, Host.state != HostState.REMOVED)
    changed = living.values(values or {"priority": Host.priority}).returning(Host.name)
    try:
        async with session.begin_nested():
            name = (await session.execute(changed)).scalar_one_or_none()
    except IntegrityError:
        raise NameTaken(str(values.get("name"))) from None
    if name is None:
        raise NoSuchHost(host_id)
    record(session, now, "host.changed", host_id=host_id, name=name)


async def bring_back(session: AsyncSession, now: datetime, host_id: int) -> None:
    """A person mended it: it is no longer set aside, and what it lost is looked for anew. Raises `NoSuchHost`."""
    back = (
        update(Host)
        .where(Host.id == host_id, Host.state != HostState.REMOVED)
        .values(set_aside_until=now, set_aside_reason=None, set_aside_times=0, refuses=None)
        .returning(Host.name)
    )
    name = (await session.execute(back)).scalar_one_or_none()
    if name is None:
        raise NoSuchHost(host_id)
    # Gone until the host says what it can do, which it does within a minute: nothing is given to it on trust.
    lost = delete(HostCapability).where(HostCapability.host_id == host_id, HostCapability.available.is_(False))
    await session.execute(lost)
    record(session, now, "host.changed", host_id=host_id, name=name)


async def remove(session: AsyncSession, now: datetime, host_id: int) -> str:
    """A host is not to come back; the role that is to be dropped, in this transaction (`roles.drop_role`). Its attempts stay
    told. Raises `NoSuchHost`, `OwnHost`."""
    gone = await queries.host(session, host_id)
    if gone is None or gone.state is HostState.REMOVED:
        raise NoSuchHost(host_id)
    if gone.role_name is None:
        raise OwnHost
    role = gone.role_name
    await session.execute(update(Host).where(Host.id == host_id).values(state=HostState.REMOVED, role_name=None))
    await session.execute(delete(HostCapability).where(HostCapability.host_id == host_id))
    record(session, now, "host.removed", host_id=host_id, name=gone.name)
    return role


async def heard_from(session: AsyncSession, now: datetime, host_id: int, condition: Condition) -> HostState | None:
    """The host is alive, and this is how it is; what a person wants of it, None where it was removed."""
    await _tell_of_refusing(session, now, host_id, condition.refuses)
    alive = update(Host).where(Host.id == host_id, Host.state != HostState.REMOVED)
    said = alive.values(
        last_seen_at=now, load=condition.load, free_bytes=condition.free_bytes, refuses=condition.refuses
    )
    return (await session.execute(said.returning(Host.state))).scalar_one_or_none()


async def _tell_of_refusing(session: AsyncSession, now: datetime, host_id: int, refuses: str | None) -> None:
    """Where that is another than before; that the reason changes, as the bytes that are free do, is no news."""
    found = (await session.execute(select(Host.name, Host.refuses).where(Host.id == host_id))).one_or_none()
    if found is None or (found.refuses is None) == (refuses is None):
        return
    if refuses is None:
        record(session, now, "host.takes_work", host_id=host_id, name=found.name)
    else:
        record(session, now, "host.refuses", host_id=host_id, name=found.name, why=refuses)


async def tell_roots(session: AsyncSession, host_ids: Sequence[int], roots: Sequence[str]) -> None:
    """Which the staging roots are, as the server sees them."""
    await session.execute(update(Host).where(Host.id.in_(host_ids)).values(staging_roots=list(roots)))


async def can_do(session: AsyncSession, now: datetime, host_id: int, found: Sequence[Capability]) -> bool:
    """Write down what a host found that it can do; whether anything changed.

    What it lost while at work (`lost`) stays lost for as long as the tool is the same: one that starts need not work.
    """
    kept = await queries.kept_capabilities(session, host_id)
    changed = False
    for each in found:
        row = kept.pop(each.name, None)
        if row is None:
            values: dict[str, Any] = {"host_id": host_id, "name": each.name, "since": now}
            await session.execute(insert(HostCapability).values(values | _values(each)))
        elif _stays_lost(row, each) or (row.available, row.reason, row.detail) == (
            each.available,
            each.reason,
            each.detail,
        ):
            continue
        else:
            since = row.since if row.available is each.available else now
            one = update(HostCapability).where(HostCapability.host_id == host_id, HostCapability.name == each.name)
            await session.execute(one.values(since=since, **_values(each)))
        changed = True
    if kept:
        names = list(kept)
        gone = delete(HostCapability).where(HostCapability.host_id == host_id, HostCapability.name.in_(names))
        await session.execute(gone)
        changed = True
    if changed:
        record(session, now, "host.changed", host_id=host_id)
    return changed


async def lost(session: AsyncSession, now: datetime, host_id: int, capability: str, reason: str) -> None:
    """A tool of the host stopped working while it was used (`jobs.work.CapabilityLost`): no jobs that need it come here until
    another version of it is found, or a person brings the host back."""
    row = (await queries.kept_capabilities(session, host_id)).get(capability)
    values = {
        "available": False,
        "reason": reason,
        "since": now,
        "detail": {"lost": row.detail if row is not None else {}},
    }
    if row is None:
        await session.execute(insert(HostCapability).values(host_id=host_id, name=capability, **values))
    elif row.available:
        one = update(HostCapability).where(HostCapability.host_id == host_id, HostCapability.name == capability)
        await session.execute(one.values(values))
    record(session, now, "host.lost_capability", host_id=host_id, capability=capability, reason=reason)


async def refuse(session: AsyncSession, now: datetime, host_id: int, reason: str) -> None:
    """It found out while at work that it cannot do anything now (`jobs.work.HostUnfit`). Holds until it says how it is again."""
    await _tell_of_refusing(session, now, host_id, reason)
    await session.execute(update(Host).where(Host.id == host_id).values(refuses=reason))


async def set_aside(
    session: AsyncSession, now: datetime, host_id: int, until: datetime, reason: str, times: int = 1
) -> None:
    """It gets no jobs until then (`judging`). `times`: how often that was, since it last completed anything."""
    aside = {"set_aside_until": until, "set_aside_reason": reason, "set_aside_times": times}
    await session.execute(update(Host).where(Host.id == host_id).values(aside))
    record(session, now, "host.set_aside", host_id=host_id, until=until.isoformat(), reason=reason)


def waits(host: Host, now: datetime, *, one_machine: bool) -> tuple[Waits, str | None]:
    """Whether a host gets jobs now, and why not. The same conditions as in `queries.hosts_at_hand`. `one_machine`: on SQLite,
    where the server itself makes files."""
    if host.state is not HostState.ENABLED:
        said = {HostState.DRAINING: "It ends what it has.", HostState.DISABLED: "A person disabled it."}
        return host.state.value, said.get(host.state, "It was removed.")
    if host.role_name is None and not one_machine:
        return (
            "serves only",
            "With PostgreSQL a server makes no files itself: start `mediastead host run` on its machine as well, with the same "
            "drives and folders of discs.",
        )
    if host.last_seen_at is None or host.last_seen_at <= now - HEARD:
        if host.role_name is None:
            return "not heard of", "Start `mediastead serve` there."
        return "not heard of", "Start `mediastead host run` there, and see that it reaches the database."
    if host.set_aside_until is not None and host.set_aside_until > now:
        return (
            "set aside",
            f"{host.set_aside_reason} Until {host.set_aside_until:%H:%M} UTC, or `mediastead host bring-back`.",
        )
    if host.refuses is not None:
        return "refuses", host.refuses
    return "ready", None


def _paths(pairs: Sequence[Sequence[str]]) -> list[list[str]]:
    """Raises `InvalidPaths`."""
    told: dict[str, str] = {}
    for there, here in pairs:
        for path in (there, here):
            if not path.startswith("/") or "\0" in path:
                raise InvalidPaths(
                    f'"{readable(path)}" is no whole path: both must begin with /, such as /srv/staging.'
                )
        server, host = (f"/{'/'.join(filter(None, path.split('/')))}" for path in (there, here))
        if server in told:
            raise InvalidPaths(f"{server} of the server was said twice: say once where it lies on the host.")
        told[server] = host
    return [list(pair) for pair in told.items()]


def _stays_lost(row: HostCapability, found: Capability) -> bool:
    return not row.available and "lost" in row.detail and (not found.available or row.detail["lost"] == found.detail)


def _values(each: Capability) -> dict[str, Any]:
    return {"available": each.available, "reason": each.reason, "detail": each.detail}
