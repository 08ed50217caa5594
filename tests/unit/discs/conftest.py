"""What tests of discs share: a DVD that is authored once, and what looks at it."""

import asyncio
from collections.abc import Generator
from pathlib import Path

import pytest

from mediastead.pipeline.discs.looking import Looker

from ...generators.dvd import MISSING, authored_once


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


@pytest.fixture(scope="session")
def dvd(shared: Path) -> Path:
    if MISSING:
        pytest.skip(f"not installed: {', '.join(MISSING)}")
    return authored_once(shared, "dvd")


@pytest.fixture(scope="session")
def other_dvd(shared: Path) -> Path:
    if MISSING:
        pytest.skip(f"not installed: {', '.join(MISSING)}")
    return authored_once(shared, "other-dvd", swapped=True)


@pytest.fixture(scope="session")
def looker() -> Generator[Looker]:
    """One for all: its processes take a second to start."""
    looker = Looker()
    yield looker
    asyncio.run(looker.stop())
