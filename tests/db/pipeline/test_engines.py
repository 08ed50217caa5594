"""The contract of engines, kept by both: Procrastinate on PostgreSQL and the embedded one on SQLite."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import insert, text, update

from mediastead.db.engine import Database
from mediastead.pipeline.engine.interface import Engine, Parcel, Ticket
from mediastead.pipeline.engine.procrastinate_engine import POLL
from mediastead.pipeline.jobs.models import JobState, Outcome, StageJob, StageJobAttempt

from .jobs_shelf import MOMENT, JobShelf

PATIENCE = 20.0


class KeptBearer:
    def __init__(self) -> None:
        self.begun: list[Ticket] = []
        self.stopped: list[Ticket] = []
        self.was_alone = 0
        self.heard = asyncio.Event()

    def begin(self, ticket: Ticket) -> None:
        self.begun.append(ticket)
        self.heard.set()

    def stop(self, ticket: Ticket) -> None:
        self.stopped.append(ticket)
        self.heard.set()

    async def alone(self) -> None:
        self.was_alone += 1

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self.heard.clear()
                await self.heard.wait()


class Attempts:
    """Attempts that are deferred as the dispatcher does it: rows and tickets in one transaction."""

    def __init__(self, shelf: JobShelf, engine: Engine) -> None:
        self.shelf, self.engine = shelf, engine
        self.parcels: dict[Ticket, tuple[Parcel, int | None]] = {}

    async def defer(self, host_id: int, *priorities: int, fail: bool = False) -> list[Ticket]:
        jobs = [await self.shelf.job(priority=priority) for priority in priorities]
        parcels = [
            Parcel(ticket=Ticket(job_id, 1), host_id=host_id, priority=priority)
            for job_id, priority in zip(jobs, priorities, strict=True)
        ]
        async with self.shelf.database.write() as session:
            running = update(StageJob).where(StageJob.id.in_(jobs)).values(state=JobState.RUNNING, attempt=1)
            await session.execute(running)
            numbers = await self.engine.defer(session, parcels)
            for parcel, number in zip(parcels, numbers, strict=True):
                row = {"job_id": parcel.ticket.job_id, "number": 1, "host_id": host_id, "engine_job_id": number}
                await session.execute(insert(StageJobAttempt).values(row | {"directory": b"/x", "created_at": MOMENT}))
                self.parcels[parcel.ticket] = parcel, number
            if fail:
                raise InterruptedError
        return [parcel.ticket for parcel in parcels]

    async def change(self, ticket: Ticket, call_off: bool = False, **values: Any) -> None:
        async with self.shelf.database.write() as session:
            which = (StageJobAttempt.job_id == ticket.job_id, StageJobAttempt.number == ticket.attempt)
            await session.execute(update(StageJobAttempt).where(*which).values(values))
            if call_off:
                await self.engine.call_off(session, [self.parcels[ticket]])


@asynccontextmanager
async def delivering(engine: Engine, host_id: int, bearer: KeptBearer) -> AsyncGenerator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(engine.deliver(host_id, bearer, stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await task


@pytest.fixture
def made(shelf: JobShelf, engine: Engine) -> Attempts:
    return Attempts(shelf, engine)


async def test_what_was_deferred_before_a_host_came_and_while_it_waits_is_delivered_to_it(
    made: Attempts, engine: Engine, shelf: JobShelf
) -> None:
    host, bearer = await shelf.host(), KeptBearer()
    before = await made.defer(host, 0)
    async with delivering(engine, host, bearer):
        await bearer.until(lambda: before[0] in bearer.begun)
        meanwhile = await made.defer(host, 0, 0)
        await bearer.until(lambda: set(bearer.begun) == {*before, *meanwhile})


async def test_the_most_urgent_comes_first(made: Attempts, engine: Engine, shelf: JobShelf) -> None:
    host, bearer = await shelf.host(), KeptBearer()
    low, high, middle = await made.defer(host, -5, 5, 0)
    async with delivering(engine, host, bearer):
        await bearer.until(lambda: len(bearer.begun) >= 3)
    assert bearer.begun[:3] == [high, middle, low]


async def test_what_is_rolled_back_is_not_delivered(made: Attempts, engine: Engine, shelf: JobShelf) -> None:
    host, bearer = await shelf.host(), KeptBearer()
    with pytest.raises(InterruptedError):
        await made.defer(host, 9, fail=True)
    later = await made.defer(host, 0)
    async with delivering(engine, host, bearer):
        await bearer.until(lambda: bool(bearer.begun))
    assert set(bearer.begun) == set(later)


async def test_each_host_gets_its_own(made: Attempts, engine: Engine, shelf: JobShelf) -> None:
    one, other = await shelf.host("attic"), await shelf.host("cellar")
    its, others = KeptBearer(), KeptBearer()
    for_one, for_other = await made.defer(one, 0, 0), await made.defer(other, 0)
    async with delivering(engine, one, its), delivering(engine, other, others):
        await its.until(lambda: set(its.begun) == set(for_one))
        await others.until(lambda: set(others.begun) == set(for_other))


async def test_what_was_called_off_before_it_was_delivered_never_is(
    made: Attempts, engine: Engine, shelf: JobShelf
) -> None:
    host, bearer = await shelf.host(), KeptBearer()
    off, on = await made.defer(host, 5, 0)
    beside_it, with_it = await made.defer(host, 0, 0)
    for ticket in (off, beside_it, beside_it):
        await made.change(ticket, call_off=True, outcome=Outcome.CANCELLED)
    async with delivering(engine, host, bearer):
        await bearer.until(lambda: {on, with_it} <= set(bearer.begun))
    assert not {off, beside_it} & set(bearer.begun)


async def test_the_host_of_what_was_begun_is_told_to_look_when_it_is_called_off(
    made: Attempts, engine: Engine, shelf: JobShelf
) -> None:
    host, bearer = await shelf.host(), KeptBearer()
    async with delivering(engine, host, bearer):
        (ticket,) = await made.defer(host, 0)
        await bearer.until(lambda: ticket in bearer.begun)
        await made.change(ticket, started_at=MOMENT)
        await made.change(ticket, call_off=True, asked_to_end=Outcome.CANCELLED)
        await bearer.until(lambda: ticket in bearer.stopped)


async def test_what_comes_right_behind_another_is_not_left_until_somebody_looks(
    engine: Engine, shelf: JobShelf, database: Database
) -> None:
    if database.is_sqlite:
        pytest.skip("one event in the same process cannot be missed")
    host, bearer = await shelf.host(), KeptBearer()
    now, chance = asyncio.get_running_loop().time, random.Random(1)
    async with delivering(engine, host, bearer):
        for number in range(80):
            async with database.write() as session:
                await engine.defer(session, [Parcel(ticket=Ticket(number, 1), host_id=host)])
            deferred = now()
            await bearer.until(lambda number=number: Ticket(number, 1) in bearer.begun)
            assert now() - deferred < 0.75 * POLL
            await asyncio.sleep(chance.uniform(0, 0.01))


async def test_a_host_that_was_away_gets_what_came_meanwhile(made: Attempts, engine: Engine, shelf: JobShelf) -> None:
    host, bearer = await shelf.host(), KeptBearer()
    async with delivering(engine, host, bearer):
        pass
    (ticket,) = await made.defer(host, 0)
    async with delivering(engine, host, bearer):
        await bearer.until(lambda: ticket in bearer.begun)


async def test_deliveries_go_on_after_the_database_cut_all_connections(
    made: Attempts, engine: Engine, shelf: JobShelf, database: Database
) -> None:
    if database.is_sqlite:
        pytest.skip("nobody else ends connections to a file")
    host, bearer = await shelf.host(), KeptBearer()
    async with delivering(engine, host, bearer):
        (first,) = await made.defer(host, 0)
        await bearer.until(lambda: first in bearer.begun)
        for _ in range(2):
            async with database.lock_engine.connect() as connection:
                others = "pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'"
                await connection.execute(
                    text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}")
                )
            (ticket,) = await made.defer(host, 0)
            await bearer.until(lambda ticket=ticket: ticket in bearer.begun)


async def test_the_engine_keeps_nothing_of_what_was_delivered(
    made: Attempts, engine: Engine, shelf: JobShelf, database: Database
) -> None:
    if database.is_sqlite:
        pytest.skip("it has no table of its own")
    host, bearer = await shelf.host(), KeptBearer()
    tickets = await made.defer(host, 0, 0, 0)
    async with delivering(engine, host, bearer):
        await bearer.until(lambda: set(bearer.begun) == set(tickets))
    async with database.read() as session:
        left = await session.execute(text("SELECT count(*) FROM procrastinate.procrastinate_jobs"))
        assert left.scalar_one() == 0


async def test_of_two_processes_on_sqlite_one_works_for_the_host(
    made: Attempts, engine: Engine, shelf: JobShelf, database: Database
) -> None:
    if not database.is_sqlite:
        pytest.skip("on PostgreSQL that a ticket comes once is decided when it is begun")
    host, first, second = await shelf.host(), KeptBearer(), KeptBearer()
    async with delivering(engine, host, first):
        (ticket,) = await made.defer(host, 0)
        await first.until(lambda: ticket in first.begun)
        async with delivering(engine, host, second):
            await made.defer(host, 0)
            await first.until(lambda: len(set(first.begun)) == 2)
    assert (first.was_alone, second.was_alone, second.begun) == (1, 0, [])
