"""Schema upgrades: Alembic, run on one connection in one transaction.

On SQLite foreign keys are off meanwhile: Alembic's batch mode drops and makes tables anew, which would delete the rows of
their children. What is left is checked with `PRAGMA foreign_key_check` before the commit (`migrations/env.py`).
"""

from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

T = TypeVar("T")

UPGRADE_LOCK = 0x4D45_4449_4155_5047
"""Advisory lock on PostgreSQL: two servers must not upgrade at once."""


def scripts() -> Path:
    """The folder of the migrations: beside the package in an installed wheel, at the top of a checkout."""
    installed = Path(__file__).parent / "migrations"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "migrations"


@cache
def head() -> str:
    """The revision that this version of the code needs. Read once a process: all migrations are, for it."""
    revision = ScriptDirectory(str(scripts())).get_current_head()
    if revision is None:
        raise RuntimeError(f"no migrations in {scripts()}")
    return revision


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to `revision`; the SQLite file and its folder are made where absent. Blocking."""
    path = make_url(url).database
    if make_url(url).get_backend_name() == "sqlite" and path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    with_connection(url, lambda connection: command.upgrade(_config(connection), revision))


def downgrade(url: str, revision: str) -> None:
    """Take the schema back to `revision` (`base` removes all tables). Blocking."""
    with_connection(url, lambda connection: command.downgrade(_config(connection), revision))


def current(url: str) -> str | None:
    """The revision that the database is at; None for a database without our tables. Makes nothing."""
    path = make_url(url).database
    if make_url(url).get_backend_name() == "sqlite" and not (path and Path(path).exists()):
        return None
    # No lock: this is asked by a health check, which must not wait behind a writer or an upgrade.
    with _asking(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@lru_cache(maxsize=4)
def _asking(url: str) -> Engine:
    """Keeps no connection, but what SQLAlchemy asks a server on its first one."""
    return create_engine(_synchronous(make_url(url)), poolclass=NullPool)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def with_connection(url: str, work: Callable[[Connection], T]) -> T:
    """Run `work` on one connection in one transaction, with SQLite's foreign keys off. Blocking."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        engine = create_engine(address, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            return work(connection)
    engine = create_engine(_synchronous(address), poolclass=NullPool)
    event.listen(engine, "connect", _without_foreign_keys)
    event.listen(engine, "begin", _begin_immediately)
    with engine.begin() as connection:
        return work(connection)


def _synchronous(address: URL) -> URL:
    """SQLite by the plain driver of the standard library: a schema change has no use for an event loop."""
    return address.set(drivername="sqlite") if address.get_backend_name() == "sqlite" else address


def _begin_immediately(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _without_foreign_keys(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    driver: Any = connection
    driver.isolation_level = None
    driver.execute("PRAGMA journal_mode = WAL")
    driver.execute("PRAGMA busy_timeout = 30000")
    driver.execute("PRAGMA foreign_keys = OFF")
