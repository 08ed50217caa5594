"""Scans of libraries whose disks are unmounted while they run: a process of its own, which tells as JSON what it saw.

    python -m tests.flow.presence.unmounting mounts|swaps <url> <folder> <seed> <times>

`mounts`: real mounts, in a namespace of its own (`unshare -m`). The root is one, a folder in it is another on the same file
system (a bind mount, which has no device number of its own), a third is on another file system.
`swaps`: where nothing can be mounted, an empty folder takes the root's place.

Each time one of them is taken off at a moment that chance chooses among all calls of the walk and all commits; it stays off,
is mounted again within the same scan, or another disk is mounted over it. The scan has no limit on what may become missing.
"""

import asyncio
import ctypes
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.scanning import pump
from mediastead.scanning.found import FileSystem
from mediastead.schema import metadata_of_all_tables

from ...db.scanning.shelf import make_shelf

LIBC = ctypes.CDLL(None, use_errno=True)
BIND, DETACH = 4096, 2
"""MS_BIND of mount(2), MNT_DETACH of umount2(2)."""
FOLDERS = ("", "a", "b/c", "disk", "disk/d", "disk/e/f", "other", "other/g", "z")


def mount(source: Path, target: Path, kind: bytes = b"none", flags: int = BIND) -> None:
    _check(LIBC.mount(os.fsencode(source), os.fsencode(target), kind, flags, None))


def unmount(target: Path) -> None:
    """At once, also where it is in use: what is open stays open, as in a walk that has entered it."""
    _check(LIBC.umount2(os.fsencode(target), DETACH))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Moments(FileSystem):
    """Every call of the walk is a moment, and every commit since its first; at some of them something is done."""

    def __init__(self) -> None:
        self.seen = 0
        self.due: dict[int, Callable[[], None]] = {}
        self._walking = False
        event.listen(Session, "before_commit", self._commit)

    def open_folder(self, name: bytes, parent: int | None) -> int:
        self._walking = True
        self._pass()
        return super().open_folder(name, parent)

    def entries(self, folder: int) -> list[os.DirEntry[str]]:
        self._pass()
        return super().entries(folder)

    def stat(self, name: bytes, folder: int, *, follow: bool = False) -> os.stat_result:
        self._pass()
        return super().stat(name, folder, follow=follow)

    def begin(self, due: dict[int, Callable[[], None]]) -> None:
        self.seen, self.due, self._walking = 0, due, False

    def finish(self) -> None:
        """What came too late for the scan is done now."""
        for moment in sorted(self.due):
            self.due.pop(moment)()

    def _commit(self, _session: Session) -> None:
        if self._walking:
            self._pass()

    def _pass(self) -> None:
        self.seen += 1
        if (act := self.due.pop(self.seen, None)) is not None:
            act()


class Mounts:
    """A root with two disks in it, and what can happen to them."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir(parents=True)
        self.root.mkdir()
        mount(Path("none"), elsewhere, b"tmpfs", 0)
        for path in ("disk", "other"):
            (folder / "of the root" / path).mkdir(parents=True)
        (folder / "of the disk").mkdir()
        (elsewhere / "of the other").mkdir()
        self._empty = folder / "empty"
        self._empty.mkdir()
        self._sources = {
            self.root: folder / "of the root",
            self.root / "disk": folder / "of the disk",
            self.root / "other": elsewhere / "of the other",
        }
        for target in self._sources:
            self._on(target)

    def chosen(
        self, chance: random.Random, moments: int
    ) -> tuple[str, dict[int, Callable[[], None]], list[Callable[[], None]]]:
        """What happens, at which moments, and what makes it good again after the scan."""
        target = chance.choice([*self._sources, self.root / "b"])
        first, second = sorted(chance.sample(range(1, moments + 1), 2))
        kind = chance.choice(("off", "off and on", "covered")) if target in self._sources else "covered"
        name = f"{'root' if target == self.root else target.name} {kind}"
        if kind == "covered":
            return name, {first: lambda: mount(self._empty, target)}, [lambda: unmount(target)]
        off = {first: lambda: self._off(target)}
        if kind == "off":
            return name, off, [lambda: self._on_again(target)]
        return name, off | {second: lambda: self._on_again(target)}, []

    def _off(self, target: Path) -> None:
        unmount(target)  # with what is mounted in it

    def _on_again(self, target: Path) -> None:
        for each in self._sources:
            if each.is_relative_to(target):
                self._on(each)

    def _on(self, target: Path) -> None:
        mount(self._sources[target], target)


class Swaps:
    """A root that another folder, an empty one, takes the place of."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.root.mkdir(parents=True)
        self._away = folder / "away"

    def chosen(
        self, chance: random.Random, moments: int
    ) -> tuple[str, dict[int, Callable[[], None]], list[Callable[[], None]]]:
        first, second = sorted(chance.sample(range(1, moments + 1), 2))
        if chance.random() < 0.5:
            return "root away", {first: self._swap}, [self._swap_back]
        return "root away and back", {first: self._swap, second: self._swap_back}, []

    def _swap(self) -> None:
        self.root.rename(self._away)
        self.root.mkdir()

    def _swap_back(self) -> None:
        self.root.rmdir()
        self._away.rename(self.root)


async def scans(disks: Mounts | Swaps, url: str, seed: int, times: int, *, marked: bool) -> dict[str, Any]:
    chance, moments = random.Random(seed), Moments()
    database = Database(url)
    shelf = await make_shelf(database, SetClock(datetime(2026, 3, 1, tzinfo=UTC)), disks.root, marked=marked)
    for folder in FOLDERS:
        for number in range(4):
            shelf.put(f"{folder}/{number}.mkv".lstrip("/"))
    await shelf.scan(file_system=moments)
    known = await shelf.present()
    assert len(known) == 4 * len(FOLDERS)
    moments.begin({})
    await shelf.scan(file_system=moments)
    whole = moments.seen
    outcomes: Counter[str] = Counter()
    for number in range(times):
        what, due, remedies = disks.chosen(chance, whole)
        moments.begin(due)
        scan = await shelf.scan(file_system=moments, without_limit=True)
        told = f"{number}: {what}, {scan.outcome}"
        assert scan.outcome is not None
        assert await shelf.missing() == {}, told
        assert await shelf.present() == known, told
        outcomes[f"{what}: {scan.outcome.value}"] += 1
        moments.finish()
        for remedy in remedies:
            remedy()
        moments.begin({})
        scan = await shelf.scan(file_system=moments, without_limit=True)
        assert scan.outcome is not None
        assert scan.outcome.value == "completed", (told, scan.error, scan.gaps)
        assert await shelf.present() == known, f"{told}, and again"
        assert (await shelf.missing(), scan.counts.get("new", 0)) == ({}, 0), f"{told}, and again"
    # What is really gone must show, or the above would prove nothing.
    gone = chance.choice(sorted(known))
    shelf.remove(gone)
    scan = await shelf.scan(file_system=moments)
    assert list((await shelf.missing()).values()) == [gone]
    await database.dispose()
    return {"times": times, "moments": whole, "outcomes": dict(outcomes)}


def main() -> None:
    assert metadata_of_all_tables, "every model is imported, as in the application"
    how, url, folder, seed, times, marked = sys.argv[1:]
    pump.BATCH_FOLDERS = 2  # many batches, and so many commits between two calls
    disks = (Mounts if how == "mounts" else Swaps)(Path(folder).resolve())
    told = asyncio.run(scans(disks, url, int(seed), int(times), marked=marked == "marked"))
    print(json.dumps(told))


if __name__ == "__main__":
    main()
