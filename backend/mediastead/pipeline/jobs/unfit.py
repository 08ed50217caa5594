"""What is wrong with a host and not with a job that failed there: its disk is full or cannot be written, or is away."""

import errno
import os

UNFIT = {
    errno.ENOSPC: "Make room there",
    errno.EDQUOT: "Make room there, or raise the quota",
    errno.EROFS: "Mount it so that it can be written",
    errno.ESTALE: "Mount the staging root on this host again",
    errno.ENOTCONN: "Mount the staging root on this host again",
    errno.EHOSTDOWN: "Mount the staging root on this host again",
}
"""Errors of the system that say so, with what to do."""
LEAST_ROOM = 4_000_000
"""Bytes on its disk, below which what failed there failed for want of room, whatever the tool said."""


def why_unfit(item_directory: bytes, least: int = LEAST_ROOM) -> str | None:
    """What is wrong with the disk on which an attempt failed: it is away, can only be read, or is full. Not every tool says so.
    None where nothing is. Blocks."""
    try:
        there = os.statvfs(item_directory)
    except OSError:
        return "The folder of the item is gone: mount the staging root on this host again."
    if there.f_flag & os.ST_RDONLY:
        return "The staging root can only be read: mount it so that it can be written."
    if there.f_bavail * there.f_frsize < least:
        return "The disk of the staging root is full: make room there, or name another staging root."
    return None


def words_of(error: OSError, directory: bytes) -> str:
    """What the system refused, and where, to the attempt that is made in `directory`; with what to do where it is the host's."""
    name = error.filename
    where = os.fsdecode(name) if isinstance(name, str | bytes) else f"in {os.fsdecode(directory)}"
    words = f"{error.strerror or error}: {where}"
    return f"{words}. {UNFIT[error.errno]}." if error.errno in UNFIT else words
