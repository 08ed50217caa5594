from pathlib import Path

import pytest

from mediastead.clock import SetClock
from mediastead.db.engine import Database

from .house import House, make_house


@pytest.fixture
async def house(database: Database, clock: SetClock, tmp_path: Path) -> House:
    return await make_house(database, clock, tmp_path / "media")
