from pathlib import Path

import pytest

from mediastead.clock import SetClock
from mediastead.db.engine import Database

from ..scanning.shelf import Shelf, make_shelf


@pytest.fixture
async def shelf(database: Database, clock: SetClock, tmp_path: Path) -> Shelf:
    """An empty library with a marked root."""
    return await make_shelf(database, clock, tmp_path / "films")


@pytest.fixture
async def other_shelf(database: Database, clock: SetClock, tmp_path: Path) -> Shelf:
    """A second one beside it."""
    return await make_shelf(database, clock, tmp_path / "series")
