"""What lies in the drives and folders of a machine, told once when it comes, changes or goes. Knows no database.

A source is read when it looks other than before: a disc by the first sectors of its file systems, a file or folder by size and
times. What still grows is left alone until two looks find it the same. Each source is read by itself, so that a scratched disc
in one drive holds up no other.
"""

import asyncio
import os
import re
import stat
from collections.abc import Awaitable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from .facts import Looked, Seen
from .looking import Looker
from .reading import read_source
from .tools import Tools

DRIVES = "/dev"
IMAGES = (b".iso", b".img")
MOST_SOURCES = 2_000
"""Beneath one folder."""
AT_ONCE = 2
"""Images and folders that are read at the same time; drives have one reader each."""

Mark: TypeAlias = tuple[object, ...]
ANEW: Mark = ()
"""Of what lay there and may be another thing by now: nothing looks so."""


class Observer:
    """One for a machine. `stop` ends what is being read."""

    def __init__(self, tools: Tools, looker: Looker | None = None) -> None:
        self.tools = tools
        self.looker = looker or Looker()
        self._known: dict[bytes, Mark] = {}
        self._growing: dict[bytes, Mark] = {}
        self._reading: dict[bytes, asyncio.Task[Seen]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.looked = Looked(places=(), here=())
        """What the last look found."""

    async def look(self, drives: Sequence[bytes], folders: Sequence[bytes]) -> list[Seen]:
        """What is new since the last look. Reading goes on between looks; what is read by then is told by the next."""
        marks = {drive: mark for drive in drives if (mark := await self._mark_of(drive)) is not None}
        found, unknown = await asyncio.to_thread(_in_folders, folders)
        listed = [folder for folder in map(_named, folders) if folder not in unknown]
        self.looked = Looked(places=(*drives, *listed), here=(*marks, *found, *unknown))
        told: list[Seen] = []
        # A folder that cannot be listed says nothing of what lies in it.
        for source in self.looked.left_out(list(self._known)):
            del self._known[source]
            told.append(Seen(source=source, inserted=False))
        for source, mark in marks.items():
            self._begin(source, mark, read_source(source, self.tools, self.looker))
        for source, mark in found.items():
            if self._known.get(source) != mark and self._growing.get(source) != mark:
                self._growing[source] = mark
                continue
            self._growing.pop(source, None)
            self._begin(source, mark, self._in_turn(source))
        return told + self._read()

    async def finished(self) -> list[Seen]:
        """Waits for what is being read."""
        await asyncio.gather(*self._reading.values(), return_exceptions=True)
        return self._read()

    def read(self, source: bytes) -> None:
        """Read an image or a folder that lies elsewhere; what came of it is told by the next look."""
        if source not in self._reading:
            self._reading[source] = asyncio.ensure_future(self._in_turn(source))

    def look_again_at(self, sources: Iterable[bytes]) -> None:
        """Read these once more, though they look the same; where one is not there any more, that is told."""
        for source in sources:
            if source in self._known:
                self._known[source] = ANEW

    async def stop(self) -> None:
        tasks = list(self._reading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.looker.stop()

    def _begin(self, source: bytes, mark: Mark, reading: "Awaitable[Seen]") -> None:
        if self._known.get(source) == mark or source in self._reading:
            if asyncio.iscoroutine(reading):
                reading.close()
            return
        self._known[source] = mark
        self._reading[source] = asyncio.ensure_future(reading)

    def _read(self) -> list[Seen]:
        done = [source for source, task in self._reading.items() if task.done()]
        read = [self._reading.pop(source).result() for source in done]
        # What was begun before it was to be read anew may be of a disc that was taken out meanwhile.
        return [seen for seen in read if self._known.get(seen.source) != ANEW]

    async def _in_turn(self, source: bytes) -> Seen:
        async with self._turns:
            return await read_source(source, self.tools, self.looker)

    async def _mark_of(self, drive: bytes) -> Mark | None:
        if drive in self._reading:
            return self._known.get(drive)  # asking it now would only make it slower
        mark = await self.looker.mark(drive)
        return (mark,) if mark is not None else None


def paths_of(said: str) -> list[bytes]:
    """Of a setting with paths that are parted by `:`."""
    return [os.fsencode(each) for each in said.split(":") if each]


def drives_here(wanted: Sequence[bytes] = ()) -> list[bytes]:
    """Those that are wished for, else all that Linux calls `sr`."""
    if wanted:
        return list(wanted)
    folder = Path(DRIVES)
    names = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    return [os.fsencode(folder / name) for name in names if re.fullmatch(r"sr\d{1,3}", name)]


def _in_folders(folders: Sequence[bytes]) -> tuple[dict[bytes, Mark], list[bytes]]:
    """(sources with their marks, folders that cannot be listed)"""
    found: dict[bytes, Mark] = {}
    unknown: list[bytes] = []
    for folder in folders:
        folder = _named(folder)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)[:MOST_SOURCES]
        except OSError:
            unknown.append(folder)
            continue
        for entry in entries:
            try:
                mark = _mark(entry)
            except OSError:
                unknown.append(entry.path)
                continue
            if mark is not None:
                found[entry.path] = mark
    return found, unknown


def _named(folder: bytes) -> bytes:
    return folder.rstrip(b"/") or b"/"


def _mark(entry: "os.DirEntry[bytes]") -> Mark | None:
    """None for what is no disc."""
    if entry.is_file():
        looks = entry.stat()
        return (looks.st_size, looks.st_mtime_ns, looks.st_ino) if entry.name.lower().endswith(IMAGES) else None
    if not entry.is_dir():
        return None
    for inner in (b"VIDEO_TS", b"BDMV"):
        for name in (inner, inner.lower()):
            folder = entry.path if entry.name == name else os.path.join(entry.path, name)
            try:
                looks = Path(os.fsdecode(folder)).stat()
            except FileNotFoundError:
                continue
            if stat.S_ISDIR(looks.st_mode):
                return _mark_of_folder(folder)
    return None


def _mark_of_folder(folder: bytes) -> Mark:
    size = count = newest = 0
    for place, _, names in os.walk(folder):
        for name in names[:MOST_SOURCES]:
            looks = Path(os.fsdecode(os.path.join(place, name))).stat()
            size, count, newest = size + looks.st_size, count + 1, max(newest, looks.st_mtime_ns)
    return (size, count, newest)
