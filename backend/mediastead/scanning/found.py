"""What a walk finds, folder by folder, and what it asks of the file system."""

import errno
import os
from collections.abc import Sequence
from typing import NamedTuple

from .look import Look

NO_LONGER_MOUNTED = "nothing is mounted here any more"
ANOTHER_DISK = "another disk is mounted here, with none of the known files"
MOUNTED_MEANWHILE = "something was mounted here while the library was looked at"


class FoundFile(NamedTuple):
    name: bytes
    look: Look


class Gap(NamedTuple):
    """What could not be looked at. Nothing at this path or beneath it may be taken to be missing."""

    path: bytes
    reason: str
    folder: bool = True
    """False for a file."""


class Hidden(NamedTuple):
    """A file, or a whole tree, that a rule hides."""

    path: bytes
    rule: str


class Listing(NamedTuple):
    """A folder that was listed to its end."""

    path: bytes
    """Relative to the root, `b""` for the root itself."""
    files: Sequence[FoundFile]
    """In the order of their names; without those in `gaps`, and those that a rule hides."""
    gaps: Sequence[Gap] = ()
    """Files in it that could not be looked at."""
    hidden: Sequence[Hidden] = ()
    others: int = 0
    """Files in it that are no media files."""
    mount_point: bool = False


class FileSystem:
    """What the walk asks of the file system. A test puts one in its place that refuses."""

    def open_folder(self, name: bytes, parent: int | None) -> int:
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)

    def entries(self, folder: int) -> list[os.DirEntry[str]]:
        with os.scandir(folder) as entries:
            return list(entries)

    def stat(self, name: bytes, folder: int, *, follow: bool = False) -> os.stat_result:
        return os.stat(name, dir_fd=folder, follow_symlinks=follow)


def reason_of(error: OSError) -> str:
    """An error of the file system for people: "Permission denied (EACCES)"."""
    code = errno.errorcode.get(error.errno or 0, "?")
    return f"{error.strerror or error} ({code})"
