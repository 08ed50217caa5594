# ruff: noqa: PTH106, PTH108, PTH114 - paths are bytes here
"""The private folders of attempts, in the folder of their item: `.rip/12-1` for the first attempt at job 12."""

import os
import re
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress

from ..engine.interface import Ticket
from .models import Stage

KEPT_SUFFIXES = (b".log", b".txt", b".json")
KEPT_BYTES = 1_000_000
"""What is no longer and has one of those suffixes tells why it failed, and stays."""

AN_ATTEMPT = re.compile(rb"(\d{1,15})-\d{1,9}")


def directory_of(item_directory: bytes, stage: Stage, ticket: Ticket) -> bytes:
    return os.path.join(item_directory, f".{stage.value}".encode(), f"{ticket.job_id}-{ticket.attempt}".encode())


def highest_job_in(item_directory: bytes) -> int:
    """The highest number of a job that has a folder there; 0 where none has. Blocks."""
    found = [0]
    for stage in Stage:
        with suppress(OSError):
            names = os.listdir(os.path.join(item_directory, f".{stage.value}".encode()))
            found += [int(match[1]) for name in names if (match := AN_ATTEMPT.fullmatch(name))]
    return max(found)


def make_empty(directory: bytes) -> None:
    """The folder of an attempt, with nothing in it, and what former attempts at the job half made removed: whoever was killed
    could not do that, and none of them can count any more. Raises `OSError`; blocks."""
    with suppress(FileNotFoundError):
        shutil.rmtree(directory)
    job, _, number = directory.rpartition(b"-")
    for former in range(1, int(number)):
        remove_half_made(b"%s-%d" % (job, former))
    os.makedirs(directory)


def remove_half_made(directory: bytes) -> None:
    """All but what tells why, and what is empty then. What cannot be removed stays; blocks."""
    for folder, folders, names in os.walk(directory, topdown=False):
        for name in names:
            path = os.path.join(folder, name)
            with suppress(OSError):
                if not _tells_why(path):
                    os.unlink(path)
        for name in folders:
            with suppress(OSError):
                path = os.path.join(folder, name)
                os.unlink(path) if os.path.islink(path) else os.rmdir(path)
    for folder in (directory, os.path.dirname(directory)):
        with suppress(OSError):
            os.rmdir(folder)


def make_durable(directory: bytes, names: Iterable[bytes]) -> None:
    """What was made outlives a power failure that comes after it was published. Raises `OSError`; blocks."""
    folders = {directory, os.path.dirname(directory)}
    for name in names:
        path = os.path.join(directory, name)
        _sync(path)
        folders.add(os.path.dirname(path))
    for folder in folders:
        _sync(folder)


def _tells_why(path: bytes) -> bool:
    found = os.lstat(path)
    return path.lower().endswith(KEPT_SUFFIXES) and stat.S_ISREG(found.st_mode) and found.st_size <= KEPT_BYTES


def _sync(path: bytes) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
