"""Jobs and engines for tests of the pipeline."""

from pathlib import Path

import pytest

from mediastead.db.engine import Database
from mediastead.pipeline.engine.choose import make_engine
from mediastead.pipeline.engine.interface import Engine
from mediastead.pipeline.jobs.queries import board

from .jobs_shelf import JobShelf
from .running import Plant


@pytest.fixture
def shelf(database: Database) -> JobShelf:
    return JobShelf(database)


@pytest.fixture
def engine(database: Database) -> Engine:
    """The one of this database."""
    return make_engine(database, board)


@pytest.fixture
def plant(shelf: JobShelf, engine: Engine, tmp_path: Path) -> Plant:
    return Plant(shelf, engine, tmp_path)
