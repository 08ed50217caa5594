"""The migrations: up, down and up again with rows in every table, and the same schema as the models'."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, make_url, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import NullPool

from mediastead.db import migrate
from mediastead.schema import differences, metadata_of_all_tables

from ...conftest import SERVER_URL
from ...postgres import drop_database, make_database
from .rows import fill


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'new folder' / 'mediastead.db'}"
        return
    name = f"mediastead_schema_{os.getpid()}"
    yield make_database(os.environ[SERVER_URL], name)
    drop_database(os.environ[SERVER_URL], name)


def engine_of(url: str) -> Engine:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address.set(drivername="sqlite"), poolclass=NullPool)
        event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys = ON"))
        return engine
    return create_engine(address, poolclass=NullPool)


def all_rows(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table.name: [tuple(row) for row in connection.execute(select(table))]
        for table in metadata_of_all_tables.sorted_tables
    }


def test_migrations_run_up_down_and_up_again_with_rows_in_every_table(empty_url: str) -> None:
    assert migrate.current(empty_url) is None
    migrate.upgrade(empty_url)
    assert migrate.current(empty_url) == migrate.head()
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        fill(connection, metadata_of_all_tables)
        before = all_rows(connection)
    assert all(len(rows) == 1 for rows in before.values())
    migrate.upgrade(empty_url)
    with engine.connect() as connection:
        assert all_rows(connection) == before
    migrate.downgrade(empty_url, "base")
    assert migrate.current(empty_url) is None
    migrate.upgrade(empty_url)
    with engine.begin() as connection:
        fill(connection, metadata_of_all_tables)
        assert all_rows(connection) == before


def test_the_migrated_schema_has_no_difference_that_alembic_sees(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    assert differences(empty_url) == []


def test_the_migrated_schema_has_the_checks_and_partial_indexes_of_the_models(empty_url: str, tmp_path: Path) -> None:
    migrate.upgrade(empty_url)
    sqlite = make_url(empty_url).get_backend_name() == "sqlite"
    name = f"mediastead_models_{os.getpid()}"
    models = f"sqlite:///{tmp_path / 'models.db'}" if sqlite else make_database(os.environ[SERVER_URL], name)
    try:
        with engine_of(models).begin() as connection:
            metadata_of_all_tables.create_all(connection)
            wanted = definitions(connection)
        with engine_of(empty_url).connect() as connection:
            assert definitions(connection) == wanted
        assert any("identification" in definition for definition in wanted)
    finally:
        if not sqlite:
            drop_database(os.environ[SERVER_URL], name)


def test_imports_of_removed_libraries_go_with_the_way_back_only(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    engine = engine_of(empty_url)
    orphan = """INSERT INTO media_file_import (file_id, library_id, method, source_path, success, evidence, actor, at)
        SELECT {}, {}, method, source_path, success, evidence, actor, at FROM media_file_import WHERE id = 1"""
    with engine.begin() as connection:
        fill(connection, metadata_of_all_tables)
        for of in (("77", "1"), ("1", "77"), ("NULL", "77"), ("NULL", "1")):
            connection.execute(text(orphan.format(*of)))
    migrate.downgrade(empty_url, "0028")
    with engine.begin() as connection:
        kept = connection.execute(text("SELECT file_id, library_id FROM media_file_import ORDER BY id")).all()
        assert [tuple(row) for row in kept] == [(1, 1), (None, 1)]
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text(orphan.format("77", "1")))


def definitions(connection: Connection) -> list[str]:
    """Every constraint and index as the database itself tells it, but for the search tables and Alembic's own."""
    if connection.dialect.name == "postgresql":
        statement = """
            SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version' AND contype <> 'n'
            UNION ALL
            SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
            AND indexname NOT LIKE '%\\_search'"""
        return sorted(connection.execute(text(statement)).scalars())
    statement = """
        SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'index')
        AND tbl_name NOT LIKE '%\\_search%' ESCAPE '\\' AND tbl_name NOT IN ('alembic_version', 'sqlite_sequence')"""
    return sorted(_normal(sql) for sql in connection.execute(text(statement)).scalars())


def _normal(sql: str) -> str:
    """One table as a sorted list of its columns and constraints: their order means nothing, and a column that was added later
    stands on the line of another."""
    head, _, body = " ".join(sql.split()).partition("(")
    parts, depth = [""], 0
    for character in body.rpartition(")")[0]:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return "\n".join([head.rstrip(), *sorted(part.strip() for part in parts), body.rpartition(")")[2].strip()])
