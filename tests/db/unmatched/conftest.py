from pathlib import Path

import pytest

from mediastead.clock import SetClock
from mediastead.db.engine import Database

from ..scanning.shelf import make_shelf
from .house import House


@pytest.fixture
async def house(database: Database, clock: SetClock, tmp_path: Path) -> House:
    return House(await make_shelf(database, clock, tmp_path / "media"))
