"""Queued jobs are given to hosts that can do them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Float, bindparam, exists, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..engine.interface import Engine, Parcel, Ticket
from ..hosts.queries import HostAtHand, hosts_at_hand
from . import queries
from .directories import directory_of
from .hours import Closed, always_open
from .models import JobState, Stage, StageJob, StageJobAttempt
from .moments import database_now
from .queries import Waiting
from .unproven_queries import Failed, failed_lately

DISPATCH_LOCK = 0x4D45_4449_4A4F_4253
"""Any number that no other advisory lock uses."""
AT_ONCE = 200
"""Jobs that are given in one transaction; what is left comes with the next look."""


async def dispatch(
    session: AsyncSession, now: datetime, engine: Engine, lease: float, *, closed: Closed = always_open
) -> list[Ticket]:
    """Give queued jobs to hosts, each up to its limits; the attempts that this made.

    The attempt, the job's state and the engine's ticket are one transaction. Never waits: where another server gives out jobs
    at this moment it does nothing, and that server's nudge, or the next second, brings the next look. `closed`: what each host
    begins nothing of now; it goes to another one, or waits for whichever opens first.
    """
    queued, tried = await _queued_if_my_turn(session)
    at_hand = await hosts_at_hand(session, now) if queued else []
    if not at_hand:
        return []
    running = Counter(await queries.running_jobs(session))
    barred = await _for_others(session, at_hand, closed) if tried else {}
    taken: list[tuple[HostAtHand, Waiting]] = []
    resources: set[str] = set()
    for host in at_hand:
        if len(taken) >= queued:
            break  # nothing is left for the others
        shut = closed(host.hours)
        room = {
            stage: host.limits.get(stage.value, 1) - running[host.id, stage] for stage in Stage if stage not in shut
        }
        given = {waiting.id for _, waiting in taken} | barred.get(host.id, set())
        taken += [(host, each) for each in await _for_host(session, host, room, given, resources)]
    if not taken:
        return []
    return await _give(session, engine, taken, lease)


async def alone(session: AsyncSession) -> None:
    """Until the end of this transaction nobody gives out jobs, and all that was given out is seen."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": DISPATCH_LOCK})


async def _queued_if_my_turn(session: AsyncSession) -> tuple[int, bool]:
    """How many jobs are queued, up to `AT_ONCE`, and whether any was tried before; none where another server gives them out: two
    that count a host's attempts at once would give it too many. A writer on SQLite is alone anyway."""
    if session.get_bind().dialect.name != "postgresql":
        queued, tried = (await session.execute(_QUEUED)).one()
        return queued, tried
    queued, tried, mine = (await session.execute(_QUEUED_AND_TURN)).one()
    return (queued, tried) if mine else (0, False)


async def _for_others(session: AsyncSession, at_hand: Sequence[HostAtHand], closed: Closed) -> dict[int, set[int]]:
    """By host, the queued jobs at which it failed lately and that another host could begin: what is wrong may be its tools."""
    found: dict[int, set[int]] = {host.id: set() for host in at_hand}
    failed = await failed_lately(session)
    of_job: dict[int, set[int]] = {}
    for each in failed:
        of_job.setdefault(each.job_id, set()).add(each.host_id)
    for each in failed:
        others = (host for host in at_hand if host.id not in of_job[each.job_id])
        if each.host_id in found and any(_could(host, each, closed) for host in others):
            found[each.host_id].add(each.job_id)
    return found


def _could(host: HostAtHand, failed: Failed, closed: Closed) -> bool:
    """Begin it, as soon as it has room."""
    able = failed.capability in host.capabilities and host.limits.get(failed.stage.value, 1) > 0
    return able and failed.stage not in closed(host.hours)


async def _for_host(
    session: AsyncSession, host: HostAtHand, room: dict[Stage, int], given: set[int], resources: set[str]
) -> list[Waiting]:
    chosen: list[Waiting] = []
    while len(chosen) < AT_ONCE:
        stages = [stage for stage, left in room.items() if left > 0]
        if not stages:
            break
        # What is chosen already is found again, since it is not written yet.
        limit = sum(room[stage] for stage in stages) + len(given) + len(chosen)
        found = await queries.waiting_for(session, host.id, stages, host.capabilities, min(limit, 2 * AT_ONCE))
        before = len(chosen)
        for each in found:
            if each.id in given or room[each.stage] <= 0 or each.resource in resources:
                continue
            chosen.append(each)
            given.add(each.id)
            room[each.stage] -= 1
            if each.resource is not None:
                resources.add(each.resource)
        if len(chosen) == before or len(found) < limit:
            break
    return chosen


async def _give(
    session: AsyncSession, engine: Engine, taken: list[tuple[HostAtHand, Waiting]], lease: float
) -> list[Ticket]:
    connection = await session.connection()
    ids = [waiting.id for _, waiting in taken]
    attempts = {row.id: row.attempt for row in await connection.execute(_MOVE, {"ids": ids})}
    given = [(host, waiting) for host, waiting in taken if waiting.id in attempts]
    parcels = [
        Parcel(ticket=Ticket(waiting.id, attempts[waiting.id]), host_id=host.id, priority=waiting.priority)
        for host, waiting in given
    ]
    numbers = await engine.defer(session, parcels)
    rows: list[dict[str, Any]] = [
        {
            "job_id": parcel.ticket.job_id,
            "number": parcel.ticket.attempt,
            "host_id": host.id,
            "engine_job_id": number,
            "directory": directory_of(waiting.directory, waiting.stage, parcel.ticket),
            "lease": lease,
        }
        for (host, waiting), parcel, number in zip(given, parcels, numbers, strict=True)
    ]
    await connection.execute(_ATTEMPT, rows)
    return [parcel.ticket for parcel in parcels]


# Built once, as in `queries`.

_HOW_MANY = select(func.count()).select_from(
    select(StageJob.id).where(StageJob.state == JobState.QUEUED).limit(AT_ONCE).subquery()
)
_QUEUED = select(_HOW_MANY.scalar_subquery(), exists().where(StageJob.state == JobState.QUEUED, StageJob.attempt > 0))
_QUEUED_AND_TURN = _QUEUED.add_columns(func.pg_try_advisory_xact_lock(DISPATCH_LOCK))

_MOVE = (
    update(StageJob)
    .where(StageJob.id.in_(bindparam("ids", expanding=True)), StageJob.state == JobState.QUEUED)
    .values(state=JobState.RUNNING, attempt=StageJob.attempt + 1, why=None)
    .returning(StageJob.id, StageJob.attempt)
)

# One that no host begins within a lease is lost as well: the host has vanished since it was heard from.
_ATTEMPT = insert(StageJobAttempt).values(
    created_at=database_now(), lease_until=database_now(bindparam("lease", type_=Float()))
)
