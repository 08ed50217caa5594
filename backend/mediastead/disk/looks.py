"""What the file system says of one media file or sidecar: what it is known by, also after it was renamed."""

import errno
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple


class Look(NamedTuple):
    """What tells a file from another, and from itself after a change."""

    size: int
    """Bytes; of a disc folder the sum."""
    mtime_ns: int
    """Of a disc folder the newest."""
    ctime_ns: int
    inode: int
    device: int


def status_of(path: bytes, *, follow: bool = True) -> os.stat_result:
    """As `os.stat`, also of a path that is longer than the system takes in one piece (PATH_MAX, 4,096 bytes on Linux)."""
    try:
        return os.stat(path, follow_symlinks=follow)  # noqa: PTH116 - paths are bytes here
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG or len(path) < _LONG:
            raise
    folder = os.open(b"/" if path.startswith(b"/") else b".", _FOLDER)
    try:
        *above, name = [part for part in path.split(b"/") if part]
        for part in above:
            below = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.stat(name, dir_fd=folder, follow_symlinks=follow)
    finally:
        os.close(folder)


_LONG = 1024
"""Bytes; the least that any system takes in one piece (PATH_MAX of macOS)."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def look_of(status: os.stat_result) -> Look:
    return Look(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)


def look_at_disc(folder: int) -> Look:
    """The disc folder open as `folder`, as one file. Raises OSError where any part of it cannot be listed."""
    status = os.fstat(folder)
    files = list(_files_in(folder))
    return Look(
        size=sum(file.st_size for file in files),
        mtime_ns=max((file.st_mtime_ns for file in files), default=status.st_mtime_ns),
        ctime_ns=max((file.st_ctime_ns for file in files), default=status.st_ctime_ns),
        inode=status.st_ino,
        device=status.st_dev,
    )


def _files_in(folder: int) -> Iterator[os.stat_result]:
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(status.st_mode):
                    yield status
                elif stat.S_ISDIR(status.st_mode):
                    inner = os.open(
                        entry.name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder
                    )
                    try:
                        yield from _files_in(inner)
                    finally:
                        os.close(inner)
            except FileNotFoundError:
                continue
