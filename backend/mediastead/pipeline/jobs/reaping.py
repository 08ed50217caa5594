"""Attempts that nobody makes any more are ended, and their jobs go to another host."""

import asyncio
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..engine.interface import Engine, Parcel
from ..engine.nudges import nudge
from . import queries
from .models import JobState, Outcome, StageJob, StageJobAttempt
from .moments import database_now
from .queries import AttemptAtWork
from .settling import EndedAttempt, settle_jobs

LOST_AT_MOST = 10
"""So many hosts may vanish while at one job, one after the other; then it is taken to be the reason, and fails."""

log = structlog.stdlib.get_logger(__name__)


class Patience:
    """A lease means something only while its host could have moved it on. So nobody is taken for lost until one lease after
    the start, after the database was away, and after this process itself had been stopped (SIGSTOP, a laptop that slept)."""

    def __init__(self, lease: float, *, tick: float) -> None:
        self._lease = lease
        self._longest = max(lease / 2, 3 * tick)
        self._looked = self._since = asyncio.get_running_loop().time()

    def look(self) -> bool:
        """Whether leases may be gone by now. To be asked once a tick."""
        now = asyncio.get_running_loop().time()
        if now - self._looked > self._longest:
            self._since = now
        self._looked = now
        return now - self._since > self._lease

    def outage(self) -> None:
        """The database could not be asked."""
        self._since = asyncio.get_running_loop().time()


async def lose(session: AsyncSession, now: datetime, engine: Engine, attempt: AttemptAtWork) -> bool:
    """Take an attempt for lost of which the lease is over; False where its host said something in between (or is about to:
    who has it locked at this moment is not waited for), or it has ended.

    One that was asked to end has ended as that. Ending it, its job, and its ticket is one transaction. Raises `StaleJob`.
    """
    outcome = attempt.asked_to_end or Outcome.LOST
    error = attempt.error or "its host was not heard from for too long"
    over = [StageJobAttempt.lease_until < database_now()]
    return await _end(session, now, engine, attempt, outcome, error, over)


async def abandon(session: AsyncSession, now: datetime, engine: Engine, attempt: AttemptAtWork) -> bool:
    """Take an attempt for lost because nobody is left who could be at it, whatever its lease says. Raises `StaleJob`."""
    error = attempt.error or "the server ended while it was at work"
    return await _end(session, now, engine, attempt, attempt.asked_to_end or Outcome.LOST, error, [])


async def end_unbegun(session: AsyncSession, now: datetime, engine: Engine, attempt: AttemptAtWork) -> bool:
    """End an attempt that was asked to end before its host began; False where it has begun. Raises `StaleJob`."""
    assert attempt.asked_to_end is not None
    unbegun = [StageJobAttempt.started_at.is_(None)]
    return await _end(session, now, engine, attempt, attempt.asked_to_end, attempt.error, unbegun)


async def ask_to_end(session: AsyncSession, engine: Engine, attempt: AttemptAtWork, outcome: Outcome, why: str) -> bool:
    """Have the host of an attempt end it as `outcome`; False where it has ended, or was asked to end before."""
    asked = (
        update(StageJobAttempt)
        .where(
            StageJobAttempt.id == attempt.id,
            StageJobAttempt.outcome.is_(None),
            StageJobAttempt.asked_to_end.is_(None),
        )
        .values(asked_to_end=outcome, error=why)
        .returning(StageJobAttempt.id)
    )
    if (await session.execute(asked)).scalar_one_or_none() is None:
        return False
    await engine.call_off(session, [(_parcel(attempt), attempt.engine_job_id)])
    return True


async def call_off(session: AsyncSession, engine: Engine, attempts: list[AttemptAtWork]) -> None:
    """Have the hosts of these look whether they are to end."""
    await engine.call_off(session, [(_parcel(attempt), attempt.engine_job_id) for attempt in attempts])


async def _end(
    session: AsyncSession,
    now: datetime,
    engine: Engine,
    attempt: AttemptAtWork,
    outcome: Outcome,
    error: str | None,
    which: list[Any],
) -> bool:
    at_work = select(StageJobAttempt.id).where(
        StageJobAttempt.id == attempt.id, StageJobAttempt.outcome.is_(None), *which
    )
    ended = (
        update(StageJobAttempt)
        .where(StageJobAttempt.id.in_(at_work.with_for_update(skip_locked=True)))
        .values(outcome=outcome, error=error, ended_at=database_now())
        .returning(StageJobAttempt.id)
    )
    if (await session.execute(ended)).scalar_one_or_none() is None:
        return False
    await settle_jobs(session, now, [EndedAttempt(attempt.id, attempt.ticket, outcome, error)])
    if outcome is Outcome.LOST:
        lost = await queries.lost_in_a_row(session, attempt.job_id)
        if lost % LOST_AT_MOST == 0:
            why = f"{lost} hosts vanished one after the other while they were at it: see their logs, then retry it."
            # To be judged as a failure for which another try cannot help.
            await session.execute(
                update(StageJobAttempt).where(StageJobAttempt.id == attempt.id).values(result={"final": True})
            )
            poisoned = update(StageJob).where(StageJob.id == attempt.job_id, StageJob.state == JobState.QUEUED)
            await session.execute(poisoned.values(state=JobState.PENDING, why=why, not_before=None, held=False))
    await engine.call_off(session, [(_parcel(attempt), attempt.engine_job_id)])
    log.info("an attempt was ended", job_id=attempt.job_id, attempt=attempt.number, outcome=outcome.value, why=error)
    await nudge(session)
    return True


def _parcel(attempt: AttemptAtWork) -> Parcel:
    return Parcel(ticket=attempt.ticket, host_id=attempt.host_id)
