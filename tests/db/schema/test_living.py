"""A connection that died while nobody used it is noticed before it is used; one that lives is not asked each time."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from mediastead.db import living
from mediastead.db.engine import Database
from mediastead.db.locks import ProcessLock


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url)
    yield database
    await database.dispose()


@pytest.fixture
def asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Grows with each connection that is asked."""
    asked: list[object] = []
    ask = database.engine.dialect.do_ping
    monkeypatch.setattr(database.engine.dialect, "do_ping", lambda one: (asked.append(one), ask(one))[1])
    return asked


async def process(database: Database) -> int:
    async with database.read() as session:
        return (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()


async def end_others(database: Database) -> None:
    others = "pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'"
    async with database.lock_engine.connect() as connection:
        await connection.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}"))


async def test_one_that_lives_is_not_asked(database: Database, asked: list[object]) -> None:
    assert len({await process(database) for _ in range(3)}) == 1
    assert not asked


async def test_one_that_was_ended_is_made_anew_without_an_error(database: Database, asked: list[object]) -> None:
    for _ in range(2):
        before = await process(database)
        await end_others(database)
        assert await process(database) != before
    assert len(asked) == 2


async def test_one_that_was_idle_for_long_is_asked(
    database: Database, asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await process(database)
    monkeypatch.setattr(living, "LATELY", -1)
    assert await process(database) == before
    assert len(asked) == 1


async def test_a_lock_whose_connection_was_ended_is_seen_to_be_lost_and_can_be_taken_anew(database: Database) -> None:
    lock = ProcessLock(database, "anything")
    for _ in range(2):
        async with lock.hold() as held:
            assert held and await lock.is_kept()
            await end_others(database)
            assert [await lock.is_kept() for _ in range(2)] == [False, False]
