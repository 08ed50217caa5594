"""A library with a disk in it, over which another disk is mounted before a scan begins: a process in a namespace of its own.

python -m tests.flow.presence.covering <url> <folder>
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.scanning.disks import accept_disk

from ...db.scanning.shelf import Shelf, make_shelf
from .unmounting import mount, unmount

FILES = 30


async def covered(url: str, folder: Path) -> dict[str, Any]:
    database = Database(url)
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
    await database.dispose()
    return told


def tmpfs(target: Path) -> None:
    mount(Path("none"), target, b"tmpfs", 0)


async def counted(shelf: Shelf) -> tuple[int, int]:
    """Present and missing."""
    return len(await shelf.present()), len(await shelf.missing())


if __name__ == "__main__":
    print(json.dumps(asyncio.run(covered(sys.argv[1], Path(sys.argv[2])))))
