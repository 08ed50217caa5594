"""A library with a disk in it that goes, or over which another disk is mounted: a process in a namespace of its own.

python -m tests.flow.presence.covering <url> <folder>
"""

import asyncio
import json
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.scanning.disks import accept_disk

from ...db.organizing.house import House, make_house
from ...db.organizing.test_recovery import Died, dying_at
from ...db.scanning.shelf import Shelf, make_shelf
from .unmounting import mount, unmount

FILES = 30


async def both(url: str, folder: Path) -> dict[str, Any]:
    """In one process, since its start takes longer than they do."""
    database = Database(url)
    told = {
        "covered": await covered(database, folder / "covered"),
        "organized": await organized(database, folder / "organized"),
    }
    await database.dispose()
    return told


async def covered(database: Database, folder: Path) -> dict[str, Any]:
    shelf = await make_shelf(database, SetClock(datetime(2026, 3, 1, tzinfo=UTC)), folder)
    disk = folder / "disk"
    disk.mkdir()
    tmpfs(disk)
    for number in range(FILES):
        shelf.put(f"disk/{number}.mkv")
    shelf.put("film.mkv")
    told: dict[str, Any] = {"first": (await shelf.scan()).outcome}
    before = await shelf.present()
    tmpfs(disk)
    looked = await shelf.scan(without_limit=True)
    told["covered"] = looked.outcome, [gap["reason"] for gap in looked.gaps], await counted(shelf)
    unmount(disk)
    told["uncovered"] = (await shelf.scan()).outcome, await shelf.present() == before
    unmount(disk)
    tmpfs(disk)
    shelf.put("disk/new.mkv")
    async with database.write() as session:
        await accept_disk(session, shelf.clock.now(), "anna", shelf.library_id, "disk")
    told["accepted, with the limit"] = (await shelf.scan()).outcome, await counted(shelf)
    told["accepted, without"] = (await shelf.scan(without_limit=True)).outcome, await counted(shelf)
    told["again"] = (await shelf.scan()).outcome, await counted(shelf)
    return told


async def organized(database: Database, folder: Path) -> dict[str, Any]:
    """A group of moves on a disk of the library (a bind mount, which has no device number of its own), broken off."""
    (folder / "elsewhere").mkdir(parents=True)
    house = await make_house(database, SetClock(datetime(2026, 3, 1, tzinfo=UTC)), folder / "films")
    disk = house.shelf.root / "disk"
    disk.mkdir()
    mount(folder / "elsewhere", disk)
    house.put("disk/a/1.mkv", "disk/a/2.mkv")
    await house.shelf.scan()
    with suppress(Died):
        await house.organize(("disk/a/1.mkv", "disk/b/1.mkv"), ("disk/a/2.mkv", "disk/b/2.mkv"), calls=dying_at(2))
    told: dict[str, Any] = {"broken off": sorted(house.disk())}
    unmount(disk)
    told["off"] = await settled(house)
    mount(folder / "elsewhere", disk)
    tmpfs(disk / "a")
    told["partly covered"] = await settled(house)
    unmount(disk / "a")
    told["on"] = await settled(house)
    return told


async def settled(house: House) -> tuple[list[str], str | None, list[str]]:
    """How it is now, what is said, and what is on the disk."""
    house.clock.advance(timedelta(minutes=2))
    states = [state.value for state in (await house.settle()).values()]
    return states, (await house.groups())[0].said, sorted(house.disk())


def tmpfs(target: Path) -> None:
    mount(Path("none"), target, b"tmpfs", 0)


async def counted(shelf: Shelf) -> tuple[int, int]:
    """Present and missing."""
    return len(await shelf.present()), len(await shelf.missing())


if __name__ == "__main__":
    print(json.dumps(asyncio.run(both(sys.argv[1], Path(sys.argv[2])))))
