# ruff: noqa: ASYNC110 - tests look again and again
"""A host whose tools end with exit code 0 and give empty and truncated files: what it makes counts for nothing, the work is done
elsewhere, and the item ends in its library once."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.pipeline.hosts.models import Host
from mediastead.pipeline.jobs.models import Outcome, StageJobAttempt

from .actors import PATIENCE, lying_mark
from .chaos import World
from .processes import Zygote, kill

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def world(database: Database, clock: SetClock, tmp_path: Path) -> AsyncGenerator[World]:
    world = await World.make(database, clock, tmp_path, tmp_path / "library", seasons=1, hosts=2)
    yield world
    await world.close()


async def test_what_a_host_lies_about_is_made_elsewhere_and_comes_into_the_library_once(
    world: World, database: Database, tmp_path: Path
) -> None:
    (item_id,) = world.items
    liar, honest = world.hosts
    async with database.write() as session:
        # It gets each job first, for as long as it is believed.
        await session.execute(update(Host).where(Host.id == liar).values(priority=9, name="attic"))
    lying_mark(world.staging, liar).touch()
    zygote = Zygote(database.url.render_as_string(hide_password=False), "actors", tmp_path / "said.log")
    pids = [zygote.start("server", liar), zygote.start("host", liar, url=world.hosts[liar])]
    try:
        await world.begin(item_id)
        async with asyncio.timeout(PATIENCE):
            while not await lies(database, liar):
                await asyncio.sleep(0.1)
        pids.append(zygote.start("host", honest, url=world.hosts[honest]))
        await world.until_in_library(item_id, PATIENCE)
    finally:
        for pid in pids:
            await kill(pid)
        await asyncio.to_thread(zygote.end)
    await world.check(item_id)
    assert sorted(name[-10:-4] for name in world.look_through()) == ["s01e01", "s01e02"]
    # What each lie was stands with its attempt; after two of them nobody asks this host any more, and that says why.
    rip, *others = await lies(database, liar)
    assert rip.startswith("attic said that it is done, but: ")
    assert "it has 0 bytes and not" in rip
    assert others
    async with database.read() as session:
        host = await session.get(Host, liar)
    assert host is not None
    assert "jobs that they were done, and they were not" in (host.set_aside_reason or "")


async def lies(database: Database, host_id: int) -> list[str]:
    """How its attempts failed, the first one first."""
    query = select(StageJobAttempt.error).where(
        StageJobAttempt.host_id == host_id, StageJobAttempt.outcome == Outcome.FAILED
    )
    async with database.read() as session:
        return [error or "" for error in (await session.execute(query.order_by(StageJobAttempt.id))).scalars()]
