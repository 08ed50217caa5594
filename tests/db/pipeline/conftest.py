"""Jobs and engines for tests of the pipeline."""

import pytest

from mediastead.db.engine import Database
from mediastead.pipeline.engine.choose import make_engine
from mediastead.pipeline.engine.interface import Engine
from mediastead.pipeline.jobs.queries import board

from .jobs_shelf import JobShelf


@pytest.fixture
def shelf(database: Database) -> JobShelf:
    return JobShelf(database)


@pytest.fixture
def engine(database: Database) -> Engine:
    """The one of this database."""
    return make_engine(database, board)
