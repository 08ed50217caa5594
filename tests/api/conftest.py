"""What tests of the API share: the application over ASGI, on each database, without anything running beside the requests."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from mediastead.app import make_routes
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.metadata.provider import CatalogProvider
from mediastead.parsing.guess import Guess
from mediastead.parsing.parser import Parser
from mediastead.running import Running
from mediastead.settings import Settings
from mediastead.settings_read import load_settings

from ..unit.parsing.reading_paths import guess


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings as from an environment that names the data folder and the database, and nothing else."""
    return load_settings({"MEDIASTEAD_DATA_DIR": str(tmp_path / "data"), "MEDIASTEAD_DATABASE_URL": database_url})


@pytest.fixture
def provider() -> CatalogProvider:
    """What the application asks about titles; a module of tests may have its own."""
    return BundledCatalogue()


class ParserWithoutWorkers(Parser):
    """Runs guessit in this process, once a name: a worker takes a second to start, which none of these tests is about."""

    async def _guesses(self, names: Sequence[str]) -> dict[str, Guess]:
        return {name: guess(name) for name in names}


@pytest.fixture(scope="session")
def routes() -> Litestar:
    """Made once: that takes longer than most tests. What it runs on is each test's own."""
    return make_routes()


@pytest.fixture
async def app(
    routes: Litestar, settings: Settings, database: Database, clock: SetClock, provider: CatalogProvider
) -> AsyncGenerator[Litestar]:
    """The application with its lifespan begun."""
    parser = ParserWithoutWorkers(workers=1)
    routes.state.running = Running(settings, database, clock, provider, parser, background="none")
    ready, done = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with routes.lifespan():
            ready.set()
            await done.wait()

    # A task of its own: a fixture ends in another one than it began in, and task groups mind that.
    life = asyncio.create_task(live())
    await asyncio.wait([life, asyncio.create_task(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
    if life.done():
        await life
    yield routes
    done.set()
    await life


@pytest.fixture
async def client(app: Litestar) -> AsyncGenerator[httpx.AsyncClient]:
    """Speaks to `app` as a program on this machine does. What goes wrong inside answers 500, as it would for real."""
    transport = httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8484") as client:
        yield client
