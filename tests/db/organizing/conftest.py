import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from mediastead.clock import SetClock
from mediastead.db.engine import Database

from .gate import Gate, make_gate
from .house import House, make_house


@pytest.fixture
async def house(database: Database, clock: SetClock, tmp_path: Path) -> House:
    return await make_house(database, clock, tmp_path / "media")


@pytest.fixture
async def gate(database: Database, clock: SetClock, tmp_path: Path) -> Gate:
    return await make_gate(database, clock, tmp_path / "inbox", tmp_path / "films")


@pytest.fixture
def other_disk(tmp_path: Path) -> Generator[Path]:
    """A folder on another file system."""
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system to try this on")
    with tempfile.TemporaryDirectory(dir=shm) as folder:
        yield Path(folder)
