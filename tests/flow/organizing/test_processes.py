"""Several processes at the same files: one moves them, the others wait until it has ended or is dead."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.libraries.lock import library_lock
from mediastead.libraries.models import Scan
from mediastead.organizing.models import GroupState, OrganizingGroup
from mediastead.organizing.organizer import Organizer
from mediastead.scanning.runner import ScanRunner
from mediastead.scanning.service import request_scan

from ..commands import Command
from .faults import Faults
from .rooms import GROUPS, Later, build, check, contents, furnish, looks, plan

STOP_AT = 20
"""A call in the middle of a group: behind the trying of the disk and the making of folders."""


class Mover:
    """A process of `mover.py`, which waits for `go`."""

    def __init__(self, *arguments: str) -> None:
        reading, self._line = os.pipe()
        module = "tests.flow.organizing.mover"
        self.process = Command(arguments, env=os.environ, module=module, stdin=reading, stdout=subprocess.PIPE)
        os.close(reading)

    def go(self) -> None:
        os.write(self._line, b"go\n")

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def end(self) -> None:
        self.process.kill()
        self.process.wait(30)
        os.close(self._line)
        assert self.process.stdout is not None
        self.process.stdout.close()


class House:
    def __init__(self, database: Database, url: str, root: Path) -> None:
        self.database, self.url, self.root = database, url, root
        self.home = {path.decode(): look.inode for path, look in looks(root).items()}
        self.said = list(contents(root).values())
        self.movers: list[Mover] = []

    def mover(self, *arguments: str) -> Mover:
        """Started, and waiting for a line."""
        mover = Mover(self.url, *arguments)
        self.movers.append(mover)
        assert mover.says() == "ready\n"
        return mover

    async def plan_all(self) -> None:
        for group in GROUPS:
            await plan(self.database, Later(1).now(), group, looks(self.root), back=False)

    async def states(self) -> list[GroupState]:
        async with self.database.read() as session:
            return list((await session.execute(select(OrganizingGroup.state).order_by(OrganizingGroup.id))).scalars())

    async def check(self) -> None:
        await check(self.database, self.root, self.home, self.said)


@pytest.fixture
async def house(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    root = tmp_path / "disk"
    build(root)
    await furnish(database, root)
    house = House(database, database_url, root)
    yield house
    for mover in house.movers:
        mover.end()


def wait_until_stopped(mover: Mover) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert mover.process.poll() is None, "it ended before it stopped"
        if Path(f"/proc/{mover.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
            return
        time.sleep(0.01)
    raise AssertionError("it did not stop")


async def test_two_processes_that_apply_at_once_do_each_group_once(house: House) -> None:
    await house.plan_all()
    movers = [house.mover(), house.mover()]
    for mover in movers:
        mover.go()
    for mover in movers:
        assert await asyncio.to_thread(mover.says) == "done\n"
    organizer = Organizer(house.database, Later(2), calls=Faults())
    while await organizer.step():
        pass
    assert await house.states() == [GroupState.DONE] * len(GROUPS)
    await house.check()


async def test_a_process_that_is_stopped_in_the_middle_is_waited_for_and_goes_on(house: House) -> None:
    await house.plan_all()
    mover = house.mover(str(STOP_AT))
    mover.go()
    wait_until_stopped(mover)
    other = Organizer(house.database, Later(2), calls=Faults())
    assert await other.settle_due() == {}, "the one that stands still has the lock"
    assert not await other.step()
    async with library_lock(house.database, 1).hold() as held:
        assert not held
    mover.process.send_signal(signal.SIGCONT)
    assert await asyncio.to_thread(mover.says) == "done\n"
    assert await house.states() == [GroupState.DONE] * len(GROUPS)
    await house.check()


async def test_the_group_of_a_process_that_dies_passes_to_another_and_scans_wait_for_it(house: House) -> None:
    await house.plan_all()
    mover = house.mover(str(STOP_AT))
    mover.go()
    wait_until_stopped(mover)
    assert GroupState.DOING in await house.states()
    async with house.database.write() as session:
        await request_scan(session, Later(2).now(), 1, "test")
    scans = ScanRunner(house.database, Later(2), Wake())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(scans.run_queued(), 1.5)
    assert await scan_phases(house) == ["queued"]
    mover.process.kill()
    mover.process.wait(30)
    async with library_lock(house.database, 1).hold() as held:
        assert not held, "nobody has the lock, but the files are between two places"
    organizer = Organizer(house.database, Later(2), calls=Faults())
    deadline = time.monotonic() + 30  # PostgreSQL takes a moment to see that the connection is gone
    while not (ends := await organizer.settle_due()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert list(ends.values()) == [GroupState.DONE]
    await scans.run_queued()
    assert await scan_phases(house) == ["finished"]
    while await organizer.step():
        pass
    assert await house.states() == [GroupState.DONE] * len(GROUPS)
    await house.check()


async def scan_phases(house: House) -> list[str]:
    async with house.database.read() as session:
        return [phase.value for phase in (await session.execute(select(Scan.phase).order_by(Scan.id))).scalars()]
