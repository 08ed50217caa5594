"""Due scans, on one server and on several."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.models import Event
from mediastead.events.wake import Wake
from mediastead.libraries.models import Library, LibraryKind, Scan
from mediastead.scanning.scans import queued_scans
from mediastead.timers.due import forget_old_events, queue_due_scans
from mediastead.timers.ticker import Ticker


@pytest.fixture
async def second_server(database_url: str, database: Database) -> AsyncGenerator[Database]:
    other = Database(database_url)
    yield other
    await other.dispose()


async def add_libraries(database: Database, number: int, due: datetime | None, interval: int | None = 60) -> None:
    async with database.write() as session:
        rows = [
            {
                "name": f"library {each}",
                "root": f"/nowhere/{each}".encode(),
                "kind": LibraryKind.MOVIES,
                "scan_interval_minutes": interval,
                "next_scan_at": due,
                "exclude_patterns": [],
                "created_at": datetime.fromisoformat("2026-01-01T00:00:00Z"),
            }
            for each in range(number)
        ]
        await session.execute(insert(Library), rows)


async def test_a_due_library_is_queued_once_and_is_due_again_one_interval_from_now(
    database: Database, clock: SetClock
) -> None:
    # Missed for days: one scan makes up for all of them.
    await add_libraries(database, 1, clock.now() - timedelta(days=3))
    assert await queue_due_scans(database, clock) == 1
    assert await queue_due_scans(database, clock) == 0
    async with database.read() as session:
        [library] = (await session.execute(select(Library))).scalars()
        [scan] = (await session.execute(select(Scan))).scalars()
    assert library.next_scan_at == clock.now() + timedelta(minutes=60)
    assert (scan.trigger, scan.requested_by) == ("schedule", "schedule")


@pytest.mark.parametrize(("late", "interval"), [(-1, 60), (None, None)])
async def test_what_is_not_due_is_not_queued(
    database: Database, clock: SetClock, late: int | None, interval: int | None
) -> None:
    await add_libraries(database, 1, None if late is None else clock.now() - timedelta(minutes=late), interval)
    assert await queue_due_scans(database, clock) == 0


@pytest.mark.threads
async def test_two_servers_queue_each_due_scan_once(
    database: Database, second_server: Database, clock: SetClock
) -> None:
    await add_libraries(database, 40, clock.now())
    queued = await asyncio.gather(
        *(queue_due_scans(each, clock) for each in (database, second_server) for _ in range(2))
    )
    assert sum(queued) == 40
    async with database.read() as session:
        assert len(await queued_scans(session)) == 40


async def test_old_events_are_forgotten(database: Database, clock: SetClock) -> None:
    async with database.write() as session:
        rows = [{"at": clock.now() - timedelta(days=days), "kind": "x", "data": {}} for days in (0, 29, 31, 400)]
        await session.execute(insert(Event), rows)
        assert await forget_old_events(session, clock.now()) == 2
    async with database.read() as session:
        assert (await session.execute(select(func.count()).select_from(Event))).scalar_one() == 2


async def test_a_ticker_does_what_is_due_at_once_and_outlives_a_hook_that_fails(
    database: Database, clock: SetClock
) -> None:
    await add_libraries(database, 1, clock.now())
    called = asyncio.Event()

    async def fails() -> None:
        called.set()
        raise RuntimeError("the provider is away")

    wake, stop = Wake(), asyncio.Event()
    ticker = asyncio.create_task(Ticker(database, clock, wake, {"refresh": (timedelta(hours=1), fails)}).run(stop))
    await asyncio.wait_for(called.wait(), 10)
    await asyncio.wait_for(wake.scans.wait(), 10)
    assert not ticker.done()
    stop.set()
    await asyncio.wait_for(ticker, 10)
    async with database.read() as session:
        assert len(await queued_scans(session)) == 1


@pytest.mark.parametrize(("works_for", "how"), [(0.0, "done"), (60.0, "cancelled")])
async def test_a_ticker_that_is_stopped_at_its_very_beginning_says_nothing(
    database: Database, clock: SetClock, caplog: pytest.LogCaptureFixture, works_for: float, how: str
) -> None:
    """After each number of turns of the loop: before a tick is submitted, before it begins, and while it works."""
    ends: list[str] = []

    async def works() -> None:
        try:
            await asyncio.sleep(works_for)
            ends.append("done")
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise

    begun: set[bool] = set()
    for turns in range(8):
        ends.clear()
        stop = asyncio.Event()
        timers = Ticker(database, clock, Wake(), {"work": (timedelta(hours=1), works)}, patience=0.5)
        ticker = asyncio.create_task(timers.run(stop))
        for _ in range(turns):
            await asyncio.sleep(0)
        stop.set()
        await asyncio.wait_for(ticker, 10)
        assert ends in ([], [how])
        begun.add(bool(ends))
    assert begun == {False, True}
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
