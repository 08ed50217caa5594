"""Drives are opened on whichever host a disc lies: at once or not at all, once, and never while somebody works in them."""

import asyncio
import stat
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.models import Event
from mediastead.pipeline.discs.ejecting import eject, settle_orders
from mediastead.pipeline.discs.errors import CannotEject
from mediastead.pipeline.discs.tools import Tools
from mediastead.pipeline.engine.choose import make_engine
from mediastead.pipeline.engine.nudges import DRIVES, nudge
from mediastead.pipeline.host_drives import HostDrives
from mediastead.pipeline.jobs import drives
from mediastead.pipeline.jobs.dispatching import dispatch
from mediastead.pipeline.jobs.drives import drive_resource
from mediastead.pipeline.jobs.models import DriveOrder, JobState, Stage
from mediastead.pipeline.jobs.queries import board
from mediastead.pipeline.jobs.work import Handlers, Result, Work

from ..jobs_shelf import JobShelf
from .disc_shelf import DiscShelf, a_disc

DRIVE = b"/dev/sr0"


class Drive:
    """A program in the place of `eject`, and what it was told."""

    def __init__(self, folder: Path, complaint: str = "") -> None:
        self._told = folder / "opened"
        program = folder / "eject"
        program.write_text(
            f'#!/bin/sh\necho "$1" >> {self._told}\n' + (f"echo '{complaint}' >&2; exit 1\n" if complaint else "")
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.tools = Tools(eject=(str(program), "{source}"))

    @property
    def opened(self) -> list[str]:
        return self._told.read_text().splitlines() if self._told.exists() else []


@pytest.fixture
def shelf(database: Database) -> DiscShelf:
    return DiscShelf(database)


@pytest.fixture
def drive(tmp_path: Path) -> Drive:
    return Drive(tmp_path)


async def elsewhere(shelf: DiscShelf, clock: SetClock, name: str = "attic") -> tuple[int, int]:
    """A host on another machine, heard of just now, with a disc in its drive: (host, disc)."""
    jobs = JobShelf(shelf.database)
    host_id = await jobs.host(name, "rip:dvd", seen=clock.now(), role_name=f"mediastead_host_{name}")
    disc_id = await shelf.see(host_id, a_disc(name, 42, 43, source=DRIVE))
    assert disc_id is not None
    return host_id, disc_id


def obeys(database: Database, host_id: int, drive: Drive, *, forget: list[bytes] | None = None) -> HostDrives:
    def find(_: Sequence[bytes]) -> list[bytes]:
        return [DRIVE]

    forgotten = forget if forget is not None else []
    return HostDrives(database, host_id, [], forgotten.extend, tools=drive.tools, find=find)


@asynccontextmanager
async def at_work(host: HostDrives) -> AsyncGenerator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(host.run(stop))
    yield
    stop.set()
    await running


async def press(database: Database, clock: SetClock, disc_id: int, drive: Drive | None = None) -> str | None:
    """Press eject; the words with which it was refused."""
    forgotten: list[bytes] = []
    try:
        tools = drive.tools if drive else Tools()
        await eject(database, clock, "anna", disc_id, tools, [DRIVE], forgotten.extend)
    except CannotEject as refused:
        return str(refused)
    return None


async def told(database: Database) -> list[dict[str, Any]]:
    async with database.read() as session:
        query = (
            select(Event).where(Event.kind.in_(("disc.ejected", "disc.not_ejected", "disc.gone"))).order_by(Event.id)
        )
        return [{"kind": each.kind, **each.data} for each in (await session.execute(query)).scalars()]


async def order(database: Database, clock: SetClock, host_id: int, disc_id: int) -> int:
    resource = drive_resource(host_id, DRIVE)
    assert resource is not None
    async with database.write() as session:
        return await drives.order(
            session, clock.now(), host_id=host_id, disc_id=disc_id, source=DRIVE, resource=resource, actor="anna"
        )


async def make_late(database: Database, **columns: timedelta) -> None:
    """Let orders be older by so much."""
    async with database.write() as session:
        for row in (await session.execute(select(DriveOrder))).scalars():
            for name, by in columns.items():
                setattr(row, name, getattr(row, name) - by)
        await nudge(session, DRIVES)


async def until_ordered(database: Database) -> None:
    async with asyncio.timeout(10):
        while True:
            async with database.read() as session:
                if (await session.execute(select(func.count()).select_from(DriveOrder))).scalar_one():
                    return
            await asyncio.sleep(0.01)


async def test_the_host_in_whose_drive_a_disc_lies_opens_it_and_the_disc_is_out(
    database: Database, clock: SetClock, shelf: DiscShelf, drive: Drive
) -> None:
    host_id, disc_id = await elsewhere(shelf, clock)
    forgotten: list[bytes] = []
    async with at_work(obeys(database, host_id, drive, forget=forgotten)):
        assert await press(database, clock, disc_id) is None
    assert drive.opened == ["/dev/sr0"] and forgotten == [DRIVE]
    assert not (await shelf.the_disc(disc_id)).inserted
    about = {"disc_id": disc_id, "host_id": host_id}
    assert await told(database) == [
        {"kind": "disc.ejected", **about, "actor": "anna"},
        {"kind": "disc.gone", **about},
    ]
    assert "lies in no drive" in (await press(database, clock, disc_id) or "")


async def test_what_a_drive_says_that_does_not_open_is_told(
    database: Database, clock: SetClock, shelf: DiscShelf, tmp_path: Path
) -> None:
    host_id, disc_id = await elsewhere(shelf, clock)
    async with at_work(obeys(database, host_id, Drive(tmp_path, complaint="tray is locked"))):
        assert "/dev/sr0 of attic did not open: tray is locked" in (await press(database, clock, disc_id) or "")
    assert (await shelf.the_disc(disc_id)).inserted
    assert [(each["kind"], each["why"]) for each in await told(database)] == [
        ("disc.not_ejected", "tray is locked. Press its button.")
    ]


async def test_the_server_opens_none_but_its_own_drives(
    database: Database, clock: SetClock, shelf: DiscShelf, drive: Drive
) -> None:
    own = await shelf.host("this-machine")
    disc_id = await shelf.see(own, a_disc("one", 42, source=b"/dev/sr1"))
    assert disc_id is not None
    refused = await press(database, clock, disc_id, drive)
    assert (
        refused is not None
        and "/dev/sr1 is none of the drives of this server: see the setting `disc_drives`" in refused
    )
    assert drive.opened == [] and (await shelf.the_disc(disc_id)).inserted


async def test_a_host_that_is_off_is_not_asked_and_that_is_said_at_once(
    database: Database, clock: SetClock, shelf: DiscShelf, drive: Drive
) -> None:
    host_id, disc_id = await elsewhere(shelf, clock)
    since = clock.now()
    clock.advance(timedelta(minutes=1))
    refused = await press(database, clock, disc_id) or ""
    assert f"attic, which was not heard of since {since:%Y-%m-%d %H:%M}" in refused and "press the button" in refused
    # When it is back, nothing waits for it.
    await obeys(database, host_id, drive).look(wait=True)
    assert drive.opened == []


async def test_an_order_that_nobody_takes_up_is_over_and_the_drive_does_not_open_later(
    database: Database, clock: SetClock, shelf: DiscShelf, drive: Drive
) -> None:
    host_id, disc_id = await elsewhere(shelf, clock)
    pressed = asyncio.create_task(press(database, clock, disc_id))
    await until_ordered(database)
    await make_late(database, until=timedelta(minutes=1))
    assert "attic did not take that up within 10 seconds" in (await pressed or "")
    await obeys(database, host_id, drive).look(wait=True)
    assert drive.opened == [] and (await shelf.the_disc(disc_id)).inserted


async def test_a_host_that_was_killed_over_an_order_does_not_carry_it_out_again(
    database: Database, clock: SetClock, shelf: DiscShelf, drive: Drive
) -> None:
    host_id, disc_id = await elsewhere(shelf, clock)
    order_id = await order(database, clock, host_id, disc_id)
    async with database.write() as session:
        assert await drives.take(session, order_id)
    # It is killed here, and starts again.
    await obeys(database, host_id, drive).look(wait=True)
    assert "it is being opened already" in (await press(database, clock, disc_id) or "")
    await make_late(database, taken_at=timedelta(minutes=1))
    # The server was killed as well: whoever looks next draws the consequences, once.
    await asyncio.gather(*(settle_orders(database, clock) for _ in range(3)))
    [said] = await told(database)
    assert said["kind"] == "disc.not_ejected" and "began to open it, and has said nothing since" in said["why"]
    assert drive.opened == []


async def test_an_order_ends_whatever_its_host_says_of_when_it_took_it_up(
    database: Database, clock: SetClock, shelf: DiscShelf
) -> None:
    host_id, disc_id = await elsewhere(shelf, clock)
    order_id = await order(database, clock, host_id, disc_id)
    async with database.write() as session:
        assert await drives.take(session, order_id)
    await make_late(database, until=timedelta(minutes=1), taken_at=timedelta(days=-300))
    await settle_orders(database, clock)
    assert [each["kind"] for each in await told(database)] == ["disc.not_ejected"]


async def test_what_a_host_did_while_the_server_was_killed_is_told_afterwards(
    database: Database, clock: SetClock, shelf: DiscShelf, drive: Drive
) -> None:
    host_id, disc_id = await elsewhere(shelf, clock)
    await order(database, clock, host_id, disc_id)
    hosts = [obeys(database, host_id, drive) for _ in range(3)]
    await asyncio.gather(*(host.look(wait=True) for host in hosts))
    assert drive.opened == ["/dev/sr0"]
    await settle_orders(database, clock)
    assert not (await shelf.the_disc(disc_id)).inserted
    assert [each["kind"] for each in await told(database)] == ["disc.ejected", "disc.gone"]


async def test_a_drive_in_which_a_job_rips_stays_shut_and_one_that_is_being_opened_gets_no_job(
    database: Database, clock: SetClock, shelf: DiscShelf, drive: Drive
) -> None:
    host_id, disc_id = await elsewhere(shelf, clock)
    resource = drive_resource(host_id, DRIVE)
    jobs = JobShelf(database)
    first = await jobs.job(now=clock.now(), stage=Stage.RIP, capability="rip:dvd", resource=resource)

    async def given_out() -> None:
        async with database.write() as session:
            await dispatch(session, clock.now(), make_engine(database, board), 30)

    order_id = await order(database, clock, host_id, disc_id)
    await given_out()
    assert (await jobs.the_job(first)).state is JobState.QUEUED
    async with database.write() as session:
        await drives.end(session, order_id, None)
    await given_out()
    assert (await jobs.the_job(first)).state is JobState.RUNNING
    assert f"job {first} rips in it: cancel that first" in (await press(database, clock, disc_id) or "")
    assert drive.opened == []


async def test_a_host_opens_no_drive_at_which_a_rip_of_its_own_still_is_nor_one_that_is_none_of_its(
    database: Database, clock: SetClock, shelf: DiscShelf, drive: Drive
) -> None:
    host_id, disc_id = await elsewhere(shelf, clock)
    host = obeys(database, host_id, drive)
    asked: list[str | None] = []

    async def rip(_work: Work, _report: Any) -> Result:
        # The server took the job from it, and this has not heard of that.
        async with at_work(host):
            asked.append(await press(database, clock, disc_id))
        return Result()

    handlers: Handlers = host.watching({Stage.RIP: rip})
    work = Work(job_id=1, attempt=1, stage=Stage.RIP, input=DRIVE, directory=b"/s", item_directory=b"/s", parameters={})
    await handlers[Stage.RIP](work, None)  # pyright: ignore[reportArgumentType] - this rip says nothing
    assert "a rip is still at it" in (asked[0] or "")
    await shelf.set_disc(disc_id, source=b"/dev/sr7")
    async with at_work(host):
        assert "none of the drives of this host" in (await press(database, clock, disc_id) or "")
    assert drive.opened == []


async def test_the_server_opens_its_own_drive_itself(
    database: Database, clock: SetClock, shelf: DiscShelf, drive: Drive
) -> None:
    disc_id = await shelf.see(await shelf.host("this-machine"), a_disc("one", 42, source=DRIVE))
    assert disc_id is not None
    assert await press(database, clock, disc_id, drive) is None
    assert drive.opened == ["/dev/sr0"] and not (await shelf.the_disc(disc_id)).inserted
