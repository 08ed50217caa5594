"""What every room stands on: transactions, the outbox, locks between processes."""

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.db.locks import ProcessLock
from mediastead.events.models import Event
from mediastead.events.outbox import OUTBOX_LOCK, record
from mediastead.preferences.models import AppSetting

# Writers that wait for each other, and are cancelled at it, as in a server.
pytestmark = pytest.mark.threads

NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def kinds(database: Database) -> list[str]:
    async with database.read() as session:
        return list((await session.execute(select(Event.kind).order_by(Event.id))).scalars())


async def test_an_event_is_written_with_its_transaction_and_only_then(database: Database, clock: SetClock) -> None:
    async with database.write() as session:
        record(session, clock.now(), "a.happened", x=1)
    async with database.read() as session:
        rows = (await session.execute(select(Event.id, Event.kind, Event.data, Event.at))).all()
    assert [tuple(row) for row in rows] == [(1, "a.happened", {"x": 1}, clock.now())]
    with pytest.raises(ValueError, match="after the event"):
        async with database.write() as session:
            record(session, clock.now(), "a.rolled_back")
            raise ValueError("after the event")
    assert await kinds(database) == ["a.happened"]


async def test_events_of_a_transaction_stand_in_their_order_and_hold_what_no_column_of_text_may(
    database: Database, clock: SetClock
) -> None:
    said = [{"number": number, "name": 'a\0 "b" \\ \udcff ä\n'} for number in range(300)]
    async with database.write() as session:
        for each in said:
            record(session, clock.now(), f"a.{each['number']}", **each)
    async with database.read() as session:
        rows = (await session.execute(select(Event.kind, Event.data, Event.at).order_by(Event.id))).all()
    assert [tuple(row) for row in rows] == [(f"a.{each['number']}", each, clock.now()) for each in said]


async def test_an_event_of_a_savepoint_that_is_rolled_back_is_forgotten_and_no_other(database: Database) -> None:
    async with database.write() as session:
        record(session, NOW, "before")
        with pytest.raises(ValueError, match="inside"):
            async with session.begin_nested():
                record(session, NOW, "inside")
                raise ValueError("inside")
        async with session.begin_nested():
            record(session, NOW, "kept")
        record(session, NOW, "after")
    assert await kinds(database) == ["before", "kept", "after"]


async def test_event_ids_become_visible_in_their_order(database: Database) -> None:
    """A slow transaction that began first must not show a lower id after a reader went past it."""
    seen: list[int] = []
    done = asyncio.Event()

    async def write(number: int) -> None:
        async with database.write() as session:
            record(session, NOW, "some", number=number)
            await asyncio.sleep(0.02 if number % 2 else 0)

    async def follow() -> None:
        while True:
            finished = done.is_set()
            async with database.read() as session:
                query = select(Event.id).where(Event.id > (seen[-1] if seen else 0)).order_by(Event.id)
                seen.extend((await session.execute(query)).scalars())
            if finished:
                return
            await asyncio.sleep(0.001)

    follower = asyncio.create_task(follow())
    await asyncio.gather(*(write(number) for number in range(40)))
    done.set()
    await follower
    assert len(seen) == 40
    assert seen == sorted(seen)


async def test_who_stands_still_in_the_middle_of_a_transaction_keeps_nobody_waiting_for_long(
    database: Database, clock: SetClock
) -> None:
    if database.is_sqlite:
        pytest.skip("who writes to the file has it until it goes on or is ended")
    asleep = Database(database.url.render_as_string(hide_password=False), stands_still=0.2)
    try:
        with pytest.raises(OperationalError, match="idle-in-transaction"):
            async with asleep.write() as session:
                await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": OUTBOX_LOCK})
                async with asyncio.timeout(10), database.write() as other:
                    record(other, clock.now(), "said")
                await session.execute(text("SELECT 1"))
        async with asleep.read() as session:
            assert (await session.execute(select(Event.kind))).scalars().all() == ["said"]
    finally:
        await asleep.dispose()


async def test_reading_sees_one_moment_and_cannot_write(database: Database) -> None:
    async with database.read() as reading:
        assert (await reading.execute(select(AppSetting.key))).scalars().all() == []
        async with database.write() as writing:
            await writing.execute(insert(AppSetting).values(key="a", value=1, updated_at=NOW))
        assert (await reading.execute(select(AppSetting.key))).scalars().all() == []
    async with database.read() as reading:
        with pytest.raises(DBAPIError):
            await reading.execute(insert(AppSetting).values(key="b", value=1, updated_at=NOW))


async def test_a_writer_that_is_cancelled_in_the_middle_of_a_statement_leaves_no_lock(database: Database) -> None:
    slow = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n"
        if database.is_sqlite
        else "SELECT pg_sleep(1)"
    )
    begun = asyncio.Event()

    async def write() -> None:
        async with database.write() as session:
            await session.execute(insert(AppSetting).values(key="a", value=1, updated_at=NOW))
            begun.set()
            await session.execute(text(slow))

    task = asyncio.create_task(write())
    await begun.wait()
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):
        async with database.write() as session:
            await session.execute(insert(AppSetting).values(key="a", value=2, updated_at=NOW))
    async with database.read() as session:
        assert (await session.execute(select(AppSetting.value))).scalars().all() == [2]


async def test_many_slow_readers_keep_no_writer_waiting_on_sqlite(tmp_path: Path, sqlite_template: Path) -> None:
    path = shutil.copy(sqlite_template, tmp_path / "m.db")
    database = Database(f"sqlite+aiosqlite:///{path}", pool_size=2)
    release = asyncio.Event()

    async def read() -> None:
        async with database.read() as session:
            await session.execute(select(AppSetting.key))
            await release.wait()

    readers = [asyncio.create_task(read()) for _ in range(6)]
    await asyncio.sleep(0.05)
    async with asyncio.timeout(2):
        async with database.write() as session:
            await session.execute(insert(AppSetting).values(key="a", value=1, updated_at=NOW))
    release.set()
    await asyncio.gather(*readers)
    await database.dispose()


async def test_a_lock_excludes_a_second_holder_of_the_same_name_only(database: Database) -> None:
    lock = ProcessLock(database, "library-1")
    async with lock.hold() as held:
        assert held
        assert await ProcessLock(database, "library-1").is_held()
        assert not await ProcessLock(database, "library-2").is_held()
    assert not await lock.is_held()


async def test_a_database_that_is_reached_by_a_link_has_the_same_locks(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    real = Database(f"sqlite+aiosqlite:///{tmp_path / 'real' / 'm.db'}")
    link = Database(f"sqlite+aiosqlite:///{tmp_path / 'link' / 'm.db'}")
    async with ProcessLock(real, "library-1").hold() as held:
        assert held
        assert await ProcessLock(link, "library-1").is_held()
    await real.dispose()
    await link.dispose()
