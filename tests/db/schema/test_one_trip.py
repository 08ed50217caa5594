"""A statement on SQLite costs one trip to the connection's thread, and gives all that four would."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from mediastead.db.engine import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/trips.db")
    async with database.write() as session:
        await session.execute(text("CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT UNIQUE)"))
    yield database
    await database.dispose()


async def trips(session: AsyncSession) -> list[str]:
    """Grows with each trip that is made from now on."""
    made: list[str] = []
    driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    execute = driver._execute

    async def counted(function: Any, *arguments: Any) -> Any:
        made.append(function.__name__)
        return await execute(function, *arguments)

    driver._execute = counted
    return made


async def test_each_statement_is_one_trip(database: Database) -> None:
    async with database.write() as session:
        made = await trips(session)
        for name in ("x", "y", "z"):
            await session.execute(text("INSERT INTO t (b) VALUES (:b)"), {"b": name})
        assert (await session.execute(text("SELECT a, b FROM t ORDER BY a"))).all() == [(1, "x"), (2, "y"), (3, "z")]
        assert len(made) == 4
    assert len(made) == 5, "and one for the commit"


async def test_rows_numbers_and_ids_come_back(database: Database) -> None:
    async with database.write() as session:
        first: Any = await session.execute(text("INSERT INTO t (b) VALUES ('x')"))
        assert first.lastrowid == 1
        several: Any = await session.execute(text("INSERT INTO t (b) VALUES (:b)"), [{"b": "y"}, {"b": "z"}])
        assert several.rowcount == 2
        changed: Any = await session.execute(text("UPDATE t SET b = b || '!' WHERE a > 1"))
        assert changed.rowcount == 2
        gone = await session.execute(text("DELETE FROM t WHERE a < 3 RETURNING b"))
        assert sorted(gone.scalars()) == ["x", "y!"]
        assert (await session.execute(text("SELECT b FROM t"))).scalars().all() == ["z!"]
        assert (await session.execute(text("SELECT b FROM t WHERE a = 9"))).all() == []


async def test_after_a_statement_that_failed_its_transaction_goes_on(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("INSERT INTO t (b) VALUES ('x')"))
        with pytest.raises(IntegrityError, match="UNIQUE"):
            async with session.begin_nested():
                await session.execute(text("INSERT INTO t (b) VALUES ('x')"))
        await session.execute(text("INSERT INTO t (b) VALUES ('y')"))
    async with database.read() as session:
        assert (await session.execute(text("SELECT b FROM t ORDER BY a"))).scalars().all() == ["x", "y"]


async def test_each_transaction_of_a_connection_begins_anew(database: Database) -> None:
    for name in ("x", "y"):
        async with database.write() as session:
            await session.execute(text("INSERT INTO t (b) VALUES (:b)"), {"b": name})
        with pytest.raises(ZeroDivisionError):
            async with database.write() as session:
                await session.execute(text("DELETE FROM t"))
                raise ZeroDivisionError
    async with database.read() as session:
        assert (await session.execute(text("SELECT b FROM t ORDER BY a"))).scalars().all() == ["x", "y"]
