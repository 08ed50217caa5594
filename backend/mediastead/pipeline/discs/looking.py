"""What a disc says of itself without any tool: kind, label, by what it is known again. Read in a process that can be killed.

A scratched disc can hold a read for minutes, and a process that waits for a drive cannot be ended before the drive answers:
so nobody waits for that process longer than the limit.
"""

import asyncio
import errno
import fcntl
import hashlib
import os
import re
import stat
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from pebble import ProcessExpired, ProcessPool

from ...processes import end_with_parent, warm_context
from .facts import MOST_TITLES, TitleFacts
from .fingerprint import of_files
from .ifo import Cells, cells_of_titles
from .image import NoDisc, Tree, open_tree
from .models import DiscKind
from .mpls import BrokenPlaylist, title_of_playlist

S = TypeVar("S")
T = TypeVar("T")

DRIVE_STATUS = 0x5326
"""CDROM_DRIVE_STATUS of linux/cdrom.h; 4 is a disc that can be read."""
CURRENT_SLOT = 0x7FFFFFFF
DISC_OK = 4
NO_MEDIUM = (errno.ENOMEDIUM, errno.ENXIO) if hasattr(errno, "ENOMEDIUM") else (errno.ENXIO,)
GONE = (errno.ENOENT, errno.ENOTDIR)


class Structure(Struct, frozen=True, kw_only=True):
    """What its own files say of a disc."""

    kind: DiscKind | None = None
    """None where it is no ISO 9660, as images and drives of Blu-ray discs."""
    label: str | None = None
    fingerprint: bytes | None = None
    cells: dict[int, Cells] = {}
    """Of a DVD, by title."""
    playlists: tuple[TitleFacts, ...] = ()
    """Of a Blu-ray."""
    empty: bool = False
    """A drive without a disc, or nothing at all."""
    error: str | None = None
    """Why it cannot be read, and what to do."""


def look_at(source: bytes) -> Structure:
    """Never raises for what lies there."""
    try:
        tree = open_tree(source)
    except NoDisc:
        return Structure()
    except OSError as error:
        return Structure(empty=error.errno in (*NO_MEDIUM, *GONE), error=in_words(source, error))
    try:
        return _structure(tree)
    except OSError as error:
        return Structure(error=in_words(source, error))
    finally:
        tree.close()


def mark_of_drive(drive: bytes) -> bytes | None:
    """Another for another disc, so that a disc is read once; None for a drive that is empty or not there."""
    try:
        descriptor = os.open(drive, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if (
            stat.S_ISBLK(os.fstat(descriptor).st_mode)
            and fcntl.ioctl(descriptor, DRIVE_STATUS, CURRENT_SLOT) != DISC_OK
        ):
            return None
        # Of both file systems the first sectors, where their names and times are.
        said = os.pread(descriptor, 4 * 2048, 16 * 2048) + os.pread(descriptor, 2048, 256 * 2048)
        return hashlib.blake2b(said, digest_size=16).digest()
    except OSError as error:
        return None if error.errno in NO_MEDIUM else b"unreadable"
    finally:
        os.close(descriptor)


def those_there(sources: list[bytes]) -> list[bytes]:
    """Without those that certainly lie there no more."""
    return [
        source
        for source in sources
        if (mark_of_drive(source) is not None if source.startswith(b"/dev/") else not is_gone(source))
    ]


def is_gone(path: bytes) -> bool:
    """Whether nothing is there; not where that cannot be told."""
    try:
        Path(os.fsdecode(path)).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def in_words(source: bytes, error: OSError) -> str:
    """What went wrong, and what to do."""
    shown = os.fsdecode(source).encode("utf-8", "replace").decode()
    if error.errno in NO_MEDIUM:
        return f"There is no disc in {shown}."
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"{shown} may not be read by the user that Mediastead runs as: let it read the file, or put it into the group "
            "that owns the drive (`usermod -aG cdrom USER`), and start again."
        )
    if error.errno in GONE:
        return f"{shown} is not there any more."
    if error.errno == errno.EIO:
        return f"{shown} cannot be read: clean the disc, or try another drive, then `mediastead discs again`."
    return f"{shown} cannot be read: {error.strerror}. Look at it, then `mediastead discs again`."


class Looker:
    """Looks in processes that are killed when it takes too long. One for an application; they start with the first look."""

    def __init__(self, limit_seconds: float = 60.0, at_once: int = 4) -> None:
        self._limit = limit_seconds
        self._at_once = at_once
        self._pool: ProcessPool | None = None

    async def structure(self, source: bytes) -> Structure:
        looked = await self._within_limit(look_at, source)
        return Structure(error=looked) if isinstance(looked, str) else looked

    async def mark(self, drive: bytes) -> bytes | None:
        marked = await self._within_limit(mark_of_drive, drive)
        return b"unreadable" if isinstance(marked, str) else marked

    async def those_there(self, sources: list[bytes]) -> list[bytes]:
        """Without those that certainly lie there no more; all of them where that takes too long to tell."""
        found = await self._within_limit(those_there, sources) if sources else sources
        return sources if isinstance(found, str) else found

    async def stop(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()
            await asyncio.to_thread(pool.join)

    async def _within_limit(self, look: Callable[[S], T], source: S) -> T | str:
        if self._pool is None:
            self._pool = ProcessPool(max_workers=self._at_once, initializer=end_with_parent, context=warm_context())
        future = self._pool.schedule(look, args=[source], timeout=self._limit)
        shown = (
            os.fsdecode(source).encode("utf-8", "replace").decode() if isinstance(source, bytes) else "what lies there"
        )
        try:
            return await asyncio.wrap_future(future)
        except (FutureTimeout, TimeoutError):
            return (
                f"{shown} could not be read within {self._limit:.0f} seconds: clean the disc, or try another drive, then "
                "`mediastead discs again`."
            )
        except ProcessExpired:
            return f"What reads {shown} ended without a word; try another drive, then `mediastead discs again`."


def _structure(tree: Tree) -> Structure:
    names = tree.names("VIDEO_TS")
    if any(re.fullmatch(r"(VIDEO_TS|VTS_\d\d_0)\.(IFO|BUP)", name) for name in names):
        return _dvd(tree, names)
    playlists = tree.names("BDMV/PLAYLIST")
    if playlists:
        return _bluray(tree, sorted(playlists))
    return Structure(label=tree.label)


def _dvd(tree: Tree, names: dict[str, int]) -> Structure:
    infos: dict[str, bytes] = {}
    for name in sorted({re.sub(r"\.BUP$", ".IFO", each) for each in names if each.endswith((".IFO", ".BUP"))}):
        for form in (name, name.replace(".IFO", ".BUP")):
            try:
                content = tree.read("VIDEO_TS", form) if form in names else b""
            except OSError:
                continue  # the backup is there for that
            if content:
                infos[name] = content
                break
    titlesets = {int(name[4:6]): content for name, content in infos.items() if re.fullmatch(r"VTS_\d\d_0\.IFO", name)}
    return Structure(
        kind=DiscKind.DVD,
        label=tree.label,
        fingerprint=of_files(infos),
        cells=cells_of_titles(infos.get("VIDEO_TS.IFO", b""), titlesets),
    )


def _bluray(tree: Tree, names: list[str]) -> Structure:
    clips = {name.removesuffix(".M2TS"): size for name, size in tree.names("BDMV/STREAM").items()}
    contents: dict[str, bytes] = {}
    titles: list[TitleFacts] = []
    for name in names[:MOST_TITLES]:
        if not re.fullmatch(r"\d{5}\.MPLS", name):
            continue
        contents[name] = tree.read("BDMV/PLAYLIST", name)
        try:
            titles.append(title_of_playlist(int(name[:5]), contents[name], clips))
        except BrokenPlaylist:
            continue  # the others may be whole
    return Structure(kind=DiscKind.BLURAY, label=tree.label, fingerprint=of_files(contents), playlists=tuple(titles))
