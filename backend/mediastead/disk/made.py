"""Folders that we made in a root that is in no library: what was needed on the way goes again, and nothing else there."""

import contextlib
import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager

from .calls import CALLS, Calls
from .folders import FOLDER, delete_folder


class NotThere(Exception):
    """The root has not its marker: another disk is mounted there, or none. Nothing was touched."""


def size_of_made(root: bytes, path: bytes, marker: bytes) -> int | None:
    """Bytes of the files in the folder `path`, relative to `root`; None where it is not there. Raises as `delete_made`."""
    with _above(root, path, marker) as above:
        if above is None:
            return None
        return _size(path.rpartition(b"/")[2], above)


def delete_made(root: bytes, path: bytes, marker: bytes, calls: Calls = CALLS) -> None:
    """Delete the folder `path`, relative to `root`, with what is in it, and the one above where nothing else is in that.

    One that is not there is as good as deleted. Blocks. Raises `NotThere`, `NotAsExpected` where something is mounted in it,
    and OSError: ELOOP or ENOTDIR where a part of the path is a link, EINVAL for a path that would leave the root.
    """
    with _above(root, path, marker) as above:
        if above is None:
            return
        try:
            delete_folder(path.rpartition(b"/")[2], above, calls)
        except FileNotFoundError:
            return
    folder = path.rpartition(b"/")[0]
    with _above(root, folder, marker) as above:
        if above is not None:
            with contextlib.suppress(OSError):  # something else is in it
                calls.remove_folder(folder.rpartition(b"/")[2], above)


@contextmanager
def _above(root: bytes, path: bytes, marker: bytes) -> Generator[int | None]:
    """The folder in which the last part of `path` lies, opened step by step; None where it is not there."""
    parts = path.split(b"/")
    if any(part in (b"", b".", b"..") for part in parts):
        raise OSError(errno.EINVAL, "no path beneath a root", os.fsdecode(path))
    try:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotThere from None
    try:
        if not _is_file(marker, descriptor):
            raise NotThere
        for part in parts[:-1]:
            try:
                below = os.open(part, FOLDER, dir_fd=descriptor)
            except FileNotFoundError:
                yield None
                return
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)


def _is_file(name: bytes, folder: int) -> bool:
    try:
        return stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _size(name: bytes, above: int) -> int | None:
    try:
        folder = os.open(name, FOLDER, dir_fd=above)
    except FileNotFoundError:
        return None
    try:
        size = 0
        with os.scandir(folder) as entries:
            found = [(os.fsencode(entry.name), entry.is_dir(follow_symlinks=False)) for entry in entries]
        for inner, is_folder in found:
            if is_folder:
                size += _size(inner, folder) or 0
            else:
                size += os.stat(inner, dir_fd=folder, follow_symlinks=False).st_size
        return size
    finally:
        os.close(folder)
