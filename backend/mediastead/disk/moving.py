"""Renames within one root and one file system that never overwrite anything, and the folders that they need.

A `Tree` stays in the file system that it was opened on, whatever is mounted over its path meanwhile. Every folder is opened
step by step beneath it, no link is followed, and each change is on the disk for certain when the call returns. All block.
"""

import errno
import os
import stat
from collections import defaultdict
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import NamedTuple

from .access import AS_ABOVE, Access, give
from .beneath import NotAsExpected
from .calls import CALLS, Calls
from .capable import can_rename_between, why_not, why_not_known_again
from .folders import odd_one_in
from .looks import look_at_disc
from .marker import read_marker_in


class RootGone(Exception):
    """What is at the root's path is not that library, or nothing: a disk that is not mounted. Nothing was touched."""


class Occupied(Exception):
    """Something lies where a file or folder was to be put; both are where they were."""


class Kind(StrEnum):
    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"
    """A link, a socket, a device: nothing that is moved."""


class There(NamedTuple):
    """What lies at a path."""

    size: int
    """Bytes; of a folder the sum of its files."""
    mtime_ns: int
    """Of a folder the newest of its files, if it has any."""
    inode: int
    kind: Kind
    links: int
    mode: int = 0
    """The bits of who may do what, and the group's number."""
    group: int = 0

    @property
    def look(self) -> tuple[int, int, int]:
        """By which it is known again after a rename: size, mtime and inode."""
        return self.size, self.mtime_ns, self.inode


class Tree:
    """Paths are relative to the root, parts joined by `/`, `b""` for the root itself. Raises OSError where the disk refuses.

    `over_disks`: what is mounted beneath the root belongs to it as well. Of a tree that is only read.
    """

    def __init__(self, root: int, calls: Calls, access: Access = AS_ABOVE, *, over_disks: bool = False) -> None:
        self._root = root
        self.access = access
        self.over_disks = over_disks
        status = os.fstat(root)
        self.device, self.inode = status.st_dev, status.st_ino
        self.calls = calls

    def why_not_capable(self) -> str | None:
        """Why files cannot be moved safely on this file system (`disk.capable`)."""
        return why_not(self._root, self.calls)

    def why_not_known_again(self, folder: bytes = b"") -> str | None:
        """Why files on the file system of a folder cannot be known again by their numbers. Nothing is written."""
        with self.opened(folder) as opened:
            return why_not_known_again(opened)

    def can_rename_into(self, other: "Tree") -> bool:
        return can_rename_between(self._root, other._root, self.calls)

    def room(self) -> int:
        """Bytes that are free on its file system."""
        there = os.fstatvfs(self._root)
        return there.f_bavail * there.f_frsize

    def snapshot(self, paths: Iterable[bytes]) -> dict[bytes, There | None]:
        """What lies at each of the paths, None where there is nothing.

        Only what is spelled so on the disk counts, in every part: where case does not count, `film.mkv` still opens after it
        was renamed to `Film.mkv`. What lies behind a link or on another file system is nothing.
        """
        spelled = self._spelled_folders(paths)
        by_folder: dict[bytes, list[bytes]] = defaultdict(list)
        for path in paths:
            by_folder[_parent(path)].append(path)
        found: dict[bytes, There | None] = {}
        for folder, those in by_folder.items():
            found.update(self._look_in(folder, those, spelled))
        return found

    def names(self, folder: bytes) -> frozenset[bytes] | None:
        """The names in a folder; None where there is no such folder, spelled so, that can be reached without a link."""
        try:
            with self.opened(folder) as opened:
                return frozenset(os.fsencode(name) for name in os.listdir(opened))
        except OSError as error:
            if error.errno in _NOTHING:
                return None
            raise

    def why_unreachable(self, folder: bytes) -> int | None:
        """The error number with which a folder cannot be entered (EXDEV: another file system is mounted on the way, ELOOP or
        ENOTDIR: a link is in the way); None where it can."""
        try:
            with self.opened(folder):
                return None
        except OSError as error:
            return error.errno

    def is_on_disk_of(self, folder: bytes, other: bytes) -> bool:
        """Whether both folders lie on one file system; so does one that cannot be entered."""
        try:
            with self.opened(folder) as one, self.opened(other) as two:
                return os.fstat(one).st_dev == os.fstat(two).st_dev
        except OSError:
            return True

    def mount_of(self, path: bytes) -> int | None:
        """The number of the mount on which the folder of a path lies, or the nearest one above it that is there; None where
        nothing tells it. A folder of the same disk that is mounted beneath the root has the root's device number, and yet
        nothing is renamed into it or out of it."""
        for folder in reversed(folders_above(path)):
            with suppress(OSError), self.opened(folder) as opened:
                return self.calls.mount_of(opened)
        return None

    def odd_one_in(self, path: bytes) -> bytes | None:
        """What in a disc's folder is neither file nor folder, or on another file system; None where there is nothing so."""
        folder, name = _split(path)
        with self.opened(folder) as opened:
            return odd_one_in(name, opened)

    def move(self, source: bytes, target: bytes, look: tuple[int, int, int], into: "Tree | None" = None) -> None:
        """Rename the file or folder at `source`, which must look so (size, mtime, inode), to the free path `target` (of the
        tree `into`, if that is another one).

        Raises `Occupied`, and `NotAsExpected` where another file lies at `source`, also where that came there in this very
        moment: then it was put back. After an OSError only a look tells which of the two paths holds it.
        """
        (folder, name), (new_folder, new_name) = _split(source), _split(target)
        there = into or self
        with self.opened(folder) as old, there.opened(new_folder) as new:
            if self._seen(name, old) != look:
                raise NotAsExpected(os.fsdecode(source))
            try:
                self.calls.move_to_free(name, old, new_name, new)
            except FileExistsError:
                raise Occupied(os.fsdecode(target)) from None
            except FileNotFoundError:
                raise NotAsExpected(os.fsdecode(source)) from None
            if not there._lies_at(new_folder, new_name, new, look):
                self.calls.move_to_free(new_name, new, name, old)
                raise NotAsExpected(os.fsdecode(target))
            self.sync(new)
            if there is not self or folder != new_folder:
                self.sync(old)

    def make_folder(self, path: bytes) -> bool:
        """A folder with the mode and group of the one above; whether it was made now. What is above it must be there.

        One that is there and empty gets them too: it may be what a crash left behind. Raises `Occupied` where something else is
        there.
        """
        above, name = _split(path)
        with self.opened(above) as parent:
            made = True
            try:
                self.calls.make_folder(name, parent)
            except FileExistsError:
                if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
                    raise Occupied(os.fsdecode(path)) from None
                made = False
            folder = os.open(name, _FOLDER, dir_fd=parent)
            try:
                if made or not os.listdir(folder):
                    self.as_above(folder, parent)
                    self.sync(folder)
            finally:
                os.close(folder)
            self.sync(parent)
        return made

    def remove_folder(self, path: bytes) -> bool:
        """Take a folder away if it is empty; whether it was. Never the root, nor what another file system is mounted on."""
        if not path:
            return False
        try:
            above, name = _split(path)
            with self.opened(above) as parent:
                self.calls.remove_folder(name, parent)
                self.sync(parent)
        except OSError:
            return False  # whatever keeps it: an empty folder harms nobody
        return True

    @contextmanager
    def opened(self, path: bytes) -> Generator[int]:
        """A folder, reached without a link and on the root's own file system, unless the tree goes over disks."""
        descriptor = self._open(path)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _open(self, path: bytes) -> int:
        parts = _parts(path)
        descriptor = os.open(b".", _FOLDER, dir_fd=self._root)
        try:
            for part in parts:
                below = os.open(part, _FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
                if not self.over_disks and os.fstat(descriptor).st_dev != self.device:
                    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), os.fsdecode(path))
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _spelled_folders(self, paths: Iterable[bytes]) -> dict[bytes, frozenset[bytes]]:
        """The names in every folder on the way to the paths, as far as folders are spelled so."""
        spelled: dict[bytes, frozenset[bytes]] = {}
        for folder in sorted({above for path in paths for above in folders_above(path)}):
            above, name = _split(folder)
            if folder and name not in spelled.get(above, ()):
                continue
            names = self.names(folder)
            if names is not None:
                spelled[folder] = names
        return spelled

    def _look_in(
        self, folder: bytes, paths: Iterable[bytes], spelled: dict[bytes, frozenset[bytes]]
    ) -> dict[bytes, There | None]:
        nothing: dict[bytes, There | None] = dict.fromkeys(paths)
        if folder not in spelled:
            return nothing
        names = {path: _split(path)[1] for path in paths}
        with self.opened(folder) as opened:
            return nothing | {path: self.there(name, opened) for path, name in names.items() if name in spelled[folder]}

    def _lies_at(self, folder: bytes, name: bytes, opened: int, look: tuple[int, int, int]) -> bool:
        """Whether what was moved is reached by its path, and is what was to be moved."""
        try:
            with self.opened(folder) as anew:
                if not os.path.sameopenfile(anew, opened):
                    return False
                return self._seen(name, anew) == look
        except OSError:
            return False

    def _seen(self, name: bytes, folder: int) -> tuple[int, int, int] | None:
        there = self.there(name, folder)
        return there.look if there is not None and there.kind is not Kind.OTHER else None

    def there(self, name: bytes, folder: int) -> There | None:
        """What has this name in a folder that is open."""
        try:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                opened = os.open(name, _FOLDER, dir_fd=folder)
                try:
                    whole = look_at_disc(opened)
                finally:
                    os.close(opened)
                return There(
                    whole.size, whole.mtime_ns, whole.inode, Kind.FOLDER, 1, stat.S_IMODE(status.st_mode), status.st_gid
                )
        except FileNotFoundError:
            return None
        kind = Kind.FILE if stat.S_ISREG(status.st_mode) else Kind.OTHER
        return There(*_look(status), kind, status.st_nlink, stat.S_IMODE(status.st_mode), status.st_gid)

    def as_above(self, folder: int, parent: int) -> None:
        """Mode and group of a folder that was made, both being open, as set for the root or as those of the folder above."""
        mode, group = self.access.folder_mode, self.access.group
        give(folder, mode, group, os.fstat(parent), self.calls, owner=True)

    def give_access(
        self,
        path: bytes,
        look: tuple[int, int, int],
        had: tuple[int, int] | None,
        *,
        asked: bool,
        at_most: tuple[int, int] | None = None,
    ) -> bool:
        """Mode and group of a file that came to lie at a path, as set for the root or as those of its folder; `had`: mode and
        group that it is to have instead. Whether it has them now.

        A file with other names besides keeps its own, which are those of all its names; so does one that looks otherwise than
        it should. `asked`: what was set for the root must be, and raises OSError where it cannot. `at_most`: as of `access.give`.
        """
        folder, name = _split(path)
        mode, group = had or (self.access.file_mode, self.access.group)
        with self.opened(folder) as parent:
            try:
                file = os.open(name, _FILE, dir_fd=parent)
            except PermissionError:
                return False
            try:
                status = os.fstat(file)
                if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1 or _look(status) != look:
                    return True
                return give(file, mode, group, os.fstat(parent), self.calls, owner=False, at_most=at_most)
            except OSError:
                if asked and had is None:
                    raise
                return False
            finally:
                os.close(file)

    def sync(self, folder: int) -> None:
        """What was changed in a folder that is open is on the disk when this returns."""
        try:
            self.calls.fsync(folder)
        except OSError as error:
            # Some network and FUSE file systems have no fsync for folders; there is nothing more that could be done.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise


@contextmanager
def open_tree(
    root: bytes,
    marker: str | None,
    calls: Calls = CALLS,
    *,
    inode: int | None = None,
    access: Access = AS_ABOVE,
    over_disks: bool = False,
) -> Generator[Tree]:
    """A library's root, or another folder, open. Only it itself may be a link. Raises `RootGone`.

    `marker`: what its marker file must contain. One that has none (it is read-only, or no library) is known by the number of
    its folder, `inode`, as far as that is known: where a disk is not mounted, the folder beneath has another one.
    """
    try:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise RootGone(f"{os.fsdecode(root)} cannot be opened: {error.strerror}") from None
    try:
        if marker is None and inode is not None and os.fstat(descriptor).st_ino != inode:
            raise RootGone(f"{os.fsdecode(root)} is another folder than it was")
        try:
            found = read_marker_in(descriptor) if marker is not None else None
        except OSError as error:
            raise RootGone(f"the marker in {os.fsdecode(root)} cannot be read: {error.strerror}") from None
        if found != marker:
            raise RootGone(f"the marker of the library is not in {os.fsdecode(root)}")
        yield Tree(descriptor, calls, access, over_disks=over_disks)
    finally:
        os.close(descriptor)


def folders_above(path: bytes) -> list[bytes]:
    """The folders on the way to a path, the root (`b""`) first."""
    parts = path.split(b"/")[:-1]
    return [b"/".join(parts[:count]) for count in range(len(parts) + 1)]


def _split(path: bytes) -> tuple[bytes, bytes]:
    """Folder and name."""
    parts = _parts(path)
    return b"/".join(parts[:-1]), b"".join(parts[-1:])


def _parts(path: bytes) -> list[bytes]:
    """Raises OSError for a path that would leave the root."""
    parts = path.split(b"/") if path else []
    if any(part in (b"", b".", b"..") for part in parts):
        raise OSError(errno.EINVAL, "no path beneath a root", os.fsdecode(path))
    return parts


def _parent(path: bytes) -> bytes:
    return _split(path)[0]


def _look(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

_NOTHING = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EXDEV)
