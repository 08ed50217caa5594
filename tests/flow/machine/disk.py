"""The disk, and the model of it: what lies where, kept beside every change and compared with what is found there.

Two libraries; `films/disk` is a folder on which another disk is mounted. A mount that goes is an empty folder in its place, and
the mount table that the product reads is ours: real mounts are tried in `tests.flow.presence`.
"""
# ruff: noqa: PTH102, PTH104, PTH106, PTH108 - paths are bytes here

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from mediastead.disk.capable import PROBE
from mediastead.disk.marker import MARKER_NAME, TRASH_NAME, write_marker
from mediastead.files.paths import is_beneath
from mediastead.scanning.rules import is_video

FILMS, INBOX = "films", "inbox"
LIBRARIES = (FILMS, INBOX)
BEGUN = 1_500_000_000

Place = tuple[str, bytes]
"""Library, and a path relative to its root."""
BATCH_FOLDERS = 2
"""In a scan's batch."""
MOUNTS: tuple[Place, ...] = ((FILMS, b""), (FILMS, b"disk"), (INBOX, b""))


class Look(NamedTuple):
    size: int
    mtime_ns: int
    inode: int


class Lying(NamedTuple):
    """A file on the disk. No two that were written have a content, or size and time, in common; links and copies have."""

    content: bytes
    look: Look


class Disk:
    def __init__(self, base: Path) -> None:
        self.base = os.fsencode(base)
        self.lying: dict[Place, Lying] = {}
        self.away: set[Place] = set()
        """Mounts that are taken off."""
        self.deleted: dict[Place, Lying] = {}
        self._written = 0
        self._mounted = 0
        self._table = os.path.join(self.base, b"mountinfo")
        for library in LIBRARIES:
            os.makedirs(self._root(library))
            write_marker(self._root(library), marker_of(library))
        os.mkdir(os.path.join(self._root(FILMS), b"disk"))
        self._tell_mounts()

    @property
    def mount_table(self) -> str:
        return os.fsdecode(self._table)

    def root_of(self, library: str) -> Path:
        return Path(os.fsdecode(self._root(library)))

    def is_there(self, library: str) -> bool:
        return (library, b"") not in self.away

    def is_hidden(self, place: Place) -> bool:
        """Whether it lies on what is not mounted now."""
        library, path = place
        return any(library == away and is_beneath(path, mount) for away, mount in self.away)

    def gaps(self, library: str) -> list[bytes]:
        return [path for away, path in self.away if away == library and path]

    def seen(self, library: str) -> dict[bytes, Lying]:
        """The media files that a walk comes to, in its order."""
        found = [
            (path, lying)
            for (of, path), lying in self.lying.items()
            if of == library and is_media(path) and not self.is_hidden((of, path))
        ]
        return dict(sorted(found, key=lambda each: walked(each[0])))

    def batch_of(self, library: str, in_scope: Callable[[bytes], bool]) -> dict[bytes, int]:
        """Of each folder of a library, which of a scan's batches lists it."""
        top = self._root(library)
        folders = [os.path.relpath(folder, top).removeprefix(b".").lstrip(b"/") for folder, _, _ in os.walk(top)]
        listed = sorted(
            (folder for folder in folders if b"." not in {part[:1] for part in folder.split(b"/")}),
            key=lambda folder: folder.split(b"/") if folder else [],
        )
        within = [folder for folder in listed if in_scope(folder + b"/any")]
        return {folder: number // BATCH_FOLDERS for number, folder in enumerate(within)}

    # What people do

    def put(self, place: Place) -> None:
        self.lying[place] = self._write(self.at(place))

    def change(self, place: Place) -> None:
        """Other content in the same file."""
        assert self.lying[place].look.inode == self._look(self.at(place)).inode
        changed = self._write(self.at(place))
        self.lying |= {each: changed for each, lying in self.lying.items() if lying.look.inode == changed.look.inode}

    def move(self, old: Place, new: Place) -> None:
        assert new not in self.lying
        os.makedirs(os.path.dirname(self.at(new)), exist_ok=True)
        lying = self.lying.pop(old)
        if is_on_disk(old) == is_on_disk(new):
            os.rename(self.at(old), self.at(new))
        else:
            # As `mv` does it between two disks.
            shutil.copy2(self.at(old), self.at(new))
            os.unlink(self.at(old))
            lying = Lying(lying.content, self._look(self.at(new)))
        self.lying[new] = lying

    def swap(self, one: Place, other: Place) -> None:
        held = os.path.join(self.base, b"held")
        os.rename(self.at(one), held)
        os.rename(self.at(other), self.at(one))
        os.rename(held, self.at(other))
        self.lying[one], self.lying[other] = self.lying[other], self.lying[one]

    def move_folder(self, library: str, old: bytes, new: bytes) -> int:
        os.rename(self.at((library, old)), self.at((library, new)))
        within = [place for place in self.lying if place[0] == library and is_beneath(place[1], old)]
        moved = {(library, new + path[len(old) :]): self.lying.pop((library, path)) for _, path in within}
        self.lying |= moved
        return len(moved)

    def delete(self, places: Iterable[Place]) -> None:
        for place in places:
            os.unlink(self.at(place))
            self.deleted[place] = self.lying.pop(place)

    def bring_back(self, place: Place) -> None:
        """What was deleted, as from a backup: the same in the same place, but for its inode."""
        deleted = self.deleted.pop(place)
        full = self.at(place)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(deleted.content)
        os.utime(full, ns=(deleted.look.mtime_ns, deleted.look.mtime_ns))
        self.lying[place] = Lying(deleted.content, self._look(full))

    def unmount(self, mount: Place) -> None:
        place = self.at(mount)
        os.rename(place, self._kept(mount))
        os.mkdir(place)
        self.away.add(mount)
        self._tell_mounts()

    def mount(self, mount: Place) -> None:
        self.away.discard(mount)
        os.rmdir(self.at(mount))
        os.rename(self._kept(mount), self.at(mount))
        self._tell_mounts()

    # What the product did

    def was_moved(self, done: Iterable[tuple[Place, Place, str]]) -> None:
        """(from, to, way) of moves that happened as one: none may have gone over what lay there."""
        done = list(done)
        from_there = {source: self.lying[source] for source, _, _ in done}
        for source, _, way in done:
            if way not in ("link", "copy"):
                del self.lying[source]
        for source, target, way in done:
            assert target not in self.lying, f"{target} was overwritten"
            lying = from_there[source]
            if way == "copy":
                copied = self._look(self.at(target))
                assert copied.inode != lying.look.inode
                lying = Lying(lying.content, copied)
            self.lying[target] = lying

    def found(self) -> dict[Place, bytes]:
        """Everything that lies in the libraries, mounted or not, but the markers: what each file says. A death in a try of what
        the disk is capable of leaves an empty file of ours, until the next try."""
        found: dict[Place, bytes] = {}
        for library, mount in MOUNTS:
            if mount and (library, mount) not in self.away:
                continue  # found with its library
            top = self.at((library, mount))
            for folder, _, names in os.walk(top):
                for name in names:
                    full = os.path.join(folder, name)
                    if name == MARKER_NAME or PROBE in full:
                        continue
                    path = os.path.join(mount, os.path.relpath(full, top))
                    with open(full, "rb") as file:
                        found[library, path] = file.read()
        return found

    def at(self, place: Place) -> bytes:
        """Where it really lies, mounted or not."""
        library, path = place
        if (library, b"disk") in self.away and is_beneath(path, b"disk"):
            return os.path.join(self._kept((library, b"disk")), path[5:]).rstrip(b"/")
        root = self._root(library) if self.is_there(library) else self._kept((library, b""))
        return os.path.join(root, path).rstrip(b"/")

    def is_free(self, place: Place) -> bool:
        return not os.path.lexists(self.at(place))

    def remove(self) -> None:
        shutil.rmtree(self.base)

    def _write(self, full: bytes) -> Lying:
        self._written += 1
        content = b"%08d" % self._written + b"x" * self._written
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(content)
        moment = (BEGUN + self._written) * 10**9
        os.utime(full, ns=(moment, moment))
        return Lying(content, self._look(full))

    def _look(self, full: bytes) -> Look:
        status = os.lstat(full)
        return Look(status.st_size, status.st_mtime_ns, status.st_ino)

    def _root(self, library: str) -> bytes:
        return os.path.join(self.base, os.fsencode(library))

    def _kept(self, mount: Place) -> bytes:
        return os.path.join(self.base, b"away-" + os.fsencode(mount[0]) + b"-" + mount[1])

    def _tell_mounts(self) -> None:
        """What is mounted again has another number."""
        self._mounted += 1
        there = [os.path.join(self._root(library), path) for library, path in MOUNTS if path and self.is_there(library)]
        there = [path for path in there if (FILMS, b"disk") not in self.away]
        lines = [b"%d 1 8:1 / %s rw - ext4 x rw\n" % (self._mounted, path) for path in there]
        with open(self._table, "wb") as file:
            file.writelines(lines)


def marker_of(library: str) -> str:
    return f"marker-of-{library}"


def is_on_disk(place: Place) -> bool:
    """Whether it lies on the disk that is mounted in a folder, so that nothing can be renamed or linked to it from outside."""
    return place[0] == FILMS and is_beneath(place[1], b"disk")


def is_media(path: bytes) -> bool:
    return is_video(path.rpartition(b"/")[2]) and not path.startswith(TRASH_NAME)


def walked(path: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """By this a walk's order is sorted: a folder before what is beneath it."""
    *folders, name = path.split(b"/")
    return tuple(folders), name
