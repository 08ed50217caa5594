"""Migration 0020 changes CHECKs in the text of SQLite's own table: what a death in the middle leaves, and who sees it when."""

import shutil
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool

from mediastead.db import migrate
from mediastead.schema import metadata_of_all_tables

from .rows import fill

EVENT = """INSERT INTO file_event (file_id, at, what, by, library_id, path)
    SELECT id, '2026-01-01', ?, 'scan', library_id, x'61' FROM media_file"""
BEFORE, AFTER = "0019", "0020"


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made once") / "old.db"
    migrate.upgrade(f"sqlite:///{path}")
    with create_engine(f"sqlite:///{path}", poolclass=NullPool).begin() as connection:
        fill(connection, metadata_of_all_tables)
    migrate.downgrade(f"sqlite:///{path}", BEFORE)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(EVENT, [("moved",)] * 500)
    return path


@pytest.fixture
def old(made_once: Path, tmp_path: Path) -> Path:
    """A database of the version before, with rows in the table that is changed."""
    return Path(shutil.copy(made_once, tmp_path))


class Stop(Exception):
    """In the place of an error in the middle."""


@contextmanager
def at_each_statement(act: Any) -> Generator[None]:
    """`act(number, statement)` before each of the upgrade, which keeps next to nothing in memory: its pages are on the disk
    before it commits."""

    def spill(driver: sqlite3.Connection, _entry: object) -> None:
        driver.execute("PRAGMA cache_size = 1")

    def before(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)
        act(len(seen), statement)

    seen: list[str] = []
    event.listen(Engine, "connect", spill)
    event.listen(Engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        event.remove(Engine, "connect", spill)
        event.remove(Engine, "before_cursor_execute", before)


def test_a_death_at_any_statement_leaves_the_database_whole_and_as_it_was(old: Path, tmp_path: Path) -> None:
    """What lies on the disk before a statement is what a death there leaves."""
    left: dict[str, Path] = {}

    def copy(number: int, statement: str) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        for suffix in ("", "-wal"):
            if (there := old.with_name(old.name + suffix)).exists():
                shutil.copy(there, folder / there.name)
        left[f"{number}: {statement}"] = folder / old.name

    schema = schema_of(old)
    with at_each_statement(copy):
        migrate.upgrade(f"sqlite:///{old}", AFTER)
    assert sum("UPDATE sqlite_master" in statement for statement in left) == 2
    assert any((path.parent / "old.db-wal").stat().st_size > 0 for path in left.values() if path.parent.name > "1")
    for statement, path in left.items():
        assert (whole(path), schema_of(path), revision_of(path)) == (["ok"], schema, BEFORE), statement
    for statement, path in left.items():
        if "writable_schema" in statement or "UPDATE sqlite_master" in statement:
            migrate.upgrade(f"sqlite:///{path}", AFTER)
            assert (whole(path), schema_of(path)) == (["ok"], schema_of(old)), statement


def test_an_error_in_the_middle_takes_all_back(old: Path) -> None:
    schema = schema_of(old)

    def stop(_number: int, statement: str) -> None:
        if statement.startswith("ALTER TABLE file_event ADD"):
            raise Stop

    with at_each_statement(stop), pytest.raises(Stop):
        migrate.upgrade(f"sqlite:///{old}", AFTER)
    assert (whole(old), schema_of(old), revision_of(old)) == (["ok"], schema, BEFORE)
    with closing(sqlite3.connect(old)) as connection, pytest.raises(sqlite3.IntegrityError, match="ck_file_event_what"):
        connection.execute(EVENT, ("replaced",))


def test_a_connection_from_before_sees_the_new_words_and_the_old_ones_after_the_way_back(old: Path) -> None:
    with closing(sqlite3.connect(old, isolation_level=None)) as other:
        other.execute(EVENT, ("moved",))
        migrate.upgrade(f"sqlite:///{old}", AFTER)
        other.execute(EVENT, ("replaced",))
        with pytest.raises(sqlite3.IntegrityError, match="ck_file_event_what"):
            other.execute(EVENT, ("eaten",))
        assert whole(old) == ["ok"]
        migrate.downgrade(f"sqlite:///{old}", BEFORE)
        with pytest.raises(sqlite3.IntegrityError, match="ck_file_event_what"):
            other.execute(EVENT, ("replaced",))
        other.execute(EVENT, ("changed",))
    assert whole(old) == ["ok"]


def whole(path: Path) -> list[str]:
    """Also whether each row keeps the CHECKs."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("PRAGMA integrity_check")]


def schema_of(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()


def revision_of(path: Path) -> str | None:
    return migrate.current(f"sqlite:///{path}")
