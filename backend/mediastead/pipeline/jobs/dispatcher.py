"""The server's side of stage jobs, from its start to its end: gives them out, stops them, judges failures, ends what is lost.

Any number of servers may run one each on a database: every step is a conditional statement.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from ...clock import Clock
from ...db.engine import Database
from ..engine.interface import Engine
from ..engine.nudges import first_of, nudged
from . import queries
from .dispatching import dispatch
from .errors import StaleJob
from .hours import Closed, always_open
from .judging import Excuse, judge, no_excuse, release_due
from .models import Outcome
from .queries import AttemptAtWork
from .reaping import Patience, ask_to_end, call_off, end_unbegun, lose
from .service import TRIES

LEASE = 30.0
"""Seconds that a host may be silent until its attempts are taken from it."""
STALL_TICKS = 10
TICK = 1.0
"""Seconds between two looks when nobody says that there is something to do."""

T = TypeVar("T")
log = structlog.stdlib.get_logger(__name__)


class Dispatcher:
    """`run` until `stop` is set.

    `begin_within`: seconds after which an attempt that its host has not begun goes to another one. `stall_seconds`: how long
    an attempt may make no progress. `closed`: what is outside of its hours at a moment, on a host with these hours.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        engine: Engine,
        *,
        lease: float = LEASE,
        begin_within: float = LEASE,
        tick: float = TICK,
        stall_seconds: Callable[[], float] = lambda: 1800.0,
        closed: Callable[[datetime], Closed] = lambda _: always_open,
        excuse: Excuse = no_excuse,
    ) -> None:
        self._database = database
        self._clock = clock
        self._engine = engine
        self._lease = lease
        self._begin_within = begin_within
        self._tick = tick
        self._stall_seconds = stall_seconds
        self._closed = closed
        self._excuse = excuse
        self._called_off: set[int] = set()
        """Attempts whose hosts were told to look."""

    async def run(self, stop: asyncio.Event) -> None:
        patience = Patience(self._lease, tick=self._tick)
        loop = asyncio.get_running_loop()
        ticked = looked = float("-inf")
        async with nudged(self._database) as heard:
            while not stop.is_set():
                told = heard.is_set()
                heard.clear()
                try:
                    now = loop.time()
                    if now - looked >= STALL_TICKS * self._tick:
                        looked = now
                        await self.stop_stalled()
                    tick = now - ticked >= self._tick
                    ticked = now if tick else ticked
                    await self.step(reap=tick and patience.look(), told=told)
                except Exception:
                    patience.outage()
                    log.exception("stage jobs cannot be given out now, will try again")
                await first_of(self._tick, heard, stop)

    async def step(self, *, reap: bool = False, told: bool = False) -> None:
        """Do what is to do at this moment. `told`: somebody said that there is something, so that it is looked for where it can
        be given out at once; looking every second keeps no writer waiting."""
        now = self._clock.now()
        async with self._database.write() if told else self._database.read() as session:
            todo = await queries.what_is_to_do(session, now)
            if told and todo.queued:
                await self._give_out(session, now)
        if todo.expired and reap:
            await self._end_each(queries.expired, lose)
        if todo.asked:
            await self._stop_asked()
        if todo.unjudged:
            await self._judge()
        if todo.due:
            async with self._database.write() as session:
                await release_due(session, now)
        if (todo.queued and not told) or todo.due or todo.unjudged or (todo.expired and reap):
            async with self._database.write() as session:
                await self._give_out(session, now)

    async def _give_out(self, session: AsyncSession, now: datetime) -> None:
        await dispatch(session, now, self._engine, self._begin_within, closed=self._closed(now))

    async def stop_stalled(self) -> None:
        """Ask hosts to end attempts that make no progress."""
        seconds = self._stall_seconds()
        async with self._database.read() as session:
            stalled = await queries.without_progress(session, seconds)
        for attempt in stalled:
            async with self._database.write() as session:
                why = f"no progress for {seconds / 60:.0f} minutes"
                await ask_to_end(session, self._engine, attempt, Outcome.STALLED, why)

    async def _stop_asked(self) -> None:
        async with self._database.read() as session:
            asked = await queries.asked(session)
        unbegun = [attempt for attempt in asked if attempt.started_at is None]
        await self._end_each(_given(unbegun), end_unbegun)
        # Once is enough: hosts look at every heartbeat as well.
        news = [attempt for attempt in asked if attempt.id not in self._called_off]
        if news:
            async with self._database.write() as session:
                await call_off(session, self._engine, news)
        self._called_off = {attempt.id for attempt in asked}

    async def _judge(self) -> None:
        async with self._database.read() as session:
            failed = await queries.unjudged(session)
        for each in failed:
            async with self._database.write() as session:
                await judge(session, self._clock.now(), each, self._excuse, TRIES)

    async def _end_each(
        self,
        which: Callable[[AsyncSession], Awaitable[Sequence[AttemptAtWork]]],
        ending: Callable[[AsyncSession, datetime, Engine, AttemptAtWork], Awaitable[bool]],
    ) -> None:
        async with self._database.read() as session:
            attempts = await which(session)
        for attempt in attempts:
            with suppress(StaleJob):
                async with self._database.write() as session:
                    await ending(session, self._clock.now(), self._engine, attempt)


def _given(attempts: Sequence[AttemptAtWork]) -> Callable[[AsyncSession], Awaitable[Sequence[AttemptAtWork]]]:
    async def given(_: AsyncSession) -> Sequence[AttemptAtWork]:
        return attempts

    return given
