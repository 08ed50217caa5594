"""What all tests share: both databases, made by the real migrations.

`database` gives an empty, migrated `Database` twice: on SQLite (a copy of one migrated file, a few milliseconds) and on
PostgreSQL (one database a worker, emptied after each test, so that several transactions at once are possible; an outer
transaction that is rolled back would not allow that). Both have the same address in all tests of a worker, so that an engine
keeps the statements that it compiled; its connections are a test's own.
"""

import gc
import logging
import os
import shutil
from collections import defaultdict
from collections.abc import AsyncGenerator, Generator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import structlog
from sqlalchemy import Engine, create_engine, text

from mediastead.clock import SetClock
from mediastead.db import migrate
from mediastead.db.engine import Database
from mediastead.schema import metadata_of_all_tables

from .kept import Kept
from .memory import memory_folder
from .one_thread import sqlite_in_this_thread
from .postgres import TestServer, drop_database, make_database

SERVER_URL = "MEDIASTEAD_TEST_DATABASE_URL"
USUAL_LIMIT = 120
"""Seconds, as `timeout` in pyproject.toml has it."""


def pytest_configure(config: pytest.Config) -> None:
    """One server for all workers: started by the process that starts them. Skipped when only collecting."""
    gc.disable()  # until all is imported and collected: none of it is garbage
    # As Mediastead logs: what structlog does by itself is to colour the source of each traceback, a tenth of a second each.
    *before, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    # And nothing of what goes well: to write each request down takes as long as to answer a short one.
    structlog.configure(
        processors=[*before, plain], wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING)
    )
    if hasattr(config, "workerinput") or SERVER_URL in os.environ or config.option.collectonly:
        return
    server = TestServer()
    os.environ[SERVER_URL] = server.url
    config.add_cleanup(server.stop)
    config.add_cleanup(lambda: os.environ.__delitem__(SERVER_URL))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that take longest come first with every worker, or one would be busy with them when the others have nothing left.

    xdist gives each worker a stretch of the list, all of one length, and lets those that are done take from the ends of the
    others'. Slow are those that start processes, and those with a longer limit: `@pytest.mark.timeout(400)`.
    """
    slow: dict[str, list[pytest.Item]] = defaultdict(list)
    quick: list[pytest.Item] = []
    for item in items:
        if _limit(item):
            slow[item.nodeid].append(item)
        elif item.nodeid.startswith("tests/flow/"):
            # What a module has made for its tests is made once.
            slow[item.nodeid.partition("::")[0]].append(item)
        else:
            quick.append(item)
    hands: list[list[pytest.Item]] = [[] for _ in range(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))]
    for several in sorted(slow.values(), key=_weight, reverse=True):
        min(hands, key=_weight).extend(several)
    dealt: list[pytest.Item] = []
    rest = iter(quick)
    for left, hand in zip(range(len(hands), 0, -1), hands, strict=True):
        length = (len(items) - len(dealt)) // left
        dealt += [*hand, *islice(rest, max(0, length - len(hand)))]
    items[:] = [*dealt, *rest]


def pytest_collection_finish() -> None:
    """What has been imported stays, and need not be looked through for garbage again and again; nor need what tests make each
    700 objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def no_power_fails() -> Generator[None]:
    """So nothing is waited for that only then would matter, the disk. A file that is not open fails as it always does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: os.fstat(file) and None)
        yield


@pytest.fixture(scope="session")
def postgres_url(worker_id: str) -> Generator[str]:
    """The address of this worker's own PostgreSQL database, migrated and empty."""
    server = os.environ[SERVER_URL]
    name = f"mediastead_test_{worker_id}_{os.getpid()}"
    url = make_database(server, name)
    migrate.upgrade(url)
    yield url
    drop_database(server, name)


class Emptying:
    """Does what `TRUNCATE ... RESTART IDENTITY` does to one database. That takes ten times as long, because it makes new files
    for every table and index, whether or not a row is in it. On one connection, because a new one takes as long again."""

    def __init__(self, url: str) -> None:
        # Those that refer to others come last in the list, and are emptied first.
        tables = [table.name for table in reversed(metadata_of_all_tables.sorted_tables)]
        self._filled = text(
            " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables)
        )
        self._order = {name: place for place, name in enumerate(tables)}
        # Asked whether it still lives: a test may have ended it.
        self._engine = create_engine(url, pool_size=1, pool_pre_ping=True)

    def run(self) -> None:
        with self._engine.begin() as connection:
            for name in sorted(connection.execute(self._filled).scalars(), key=self._order.__getitem__):
                connection.execute(text(f'DELETE FROM "{name}"'))
            connection.execute(_FROM_ONE)
            connection.execute(_NO_TICKETS)

    def close(self) -> None:
        self._engine.dispose()


_FROM_ONE = text(
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) "
    "FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)


_NO_TICKETS = text("DELETE FROM procrastinate.procrastinate_jobs")
"""Its events go with them; its workers say themselves when they end."""


@pytest.fixture(scope="session")
def emptying(postgres_url: str) -> Generator[Emptying]:
    emptying = Emptying(postgres_url)
    yield emptying
    emptying.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "mediastead.db"
    migrate.upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_folder() -> Generator[Path]:
    with TemporaryDirectory(prefix="mediastead-test-", dir=memory_folder()) as folder:
        home = Path(folder) / "database"
        home.mkdir()
        yield home


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Generator[str]:
    """The address of an empty, migrated database; the test runs on both."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        folder: Path = request.getfixturevalue("sqlite_folder")
        # With what lay beside it: logs of transactions, files that are locked.
        shutil.rmtree(folder)
        folder.mkdir()
        yield f"sqlite+aiosqlite:///{shutil.copy(template, folder / 'mediastead.db')}"
        return
    url: str = request.getfixturevalue("postgres_url")
    emptying: Emptying = request.getfixturevalue("emptying")
    yield url
    emptying.run()


@pytest.fixture(scope="session")
def databases() -> dict[str, Database]:
    """By address."""
    return {}


@pytest.fixture(scope="session")
def kept() -> Generator[Kept]:
    kept = Kept()
    yield kept
    kept.close()


@pytest.fixture
async def database(database_url: str, databases: dict[str, Database], kept: Kept) -> AsyncGenerator[Database]:
    database = databases.get(database_url)
    if database is None:
        database = databases[database_url] = Database(database_url)
        if not database.is_sqlite:
            kept.use_in(database.engine)
            kept.use_in(database.lock_engine)
    yield database
    await database.dispose()
    _nobody_listens(database)


def _nobody_listens(database: Database) -> None:
    """Where one test did, all later ones of the process would ask at every statement who does, though he no longer does."""
    for engine in (Engine, *(each.sync_engine for each in (database.engine, database._writing, database._durable))):
        if "_has_events" in vars(engine):
            engine._has_events = False


@pytest.fixture(autouse=True)
def in_one_thread(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite answers in the thread that asks, a third sooner. Others get their turn at every statement all the same; `threads`
    marks the tests of what only threads can do: to wait while another one works."""
    of = getattr(request.node, "callspec", None)
    if of is not None and of.params.get("database_url") == "sqlite" and not request.node.get_closest_marker("threads"):
        sqlite_in_this_thread(monkeypatch)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


def _weight(items: Sequence[pytest.Item]) -> int:
    """About how long they take together."""
    return sum(_limit(item) or 40 for item in items)


def _limit(item: pytest.Item) -> int:
    """Its own, in seconds; 0 where that is no longer than the usual one."""
    mark = item.get_closest_marker("timeout")
    return mark.args[0] if mark is not None and mark.args[0] > USUAL_LIMIT else 0
