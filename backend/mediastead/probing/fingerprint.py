"""What a file is known by wherever it goes: its size, with what stands at its head, in its middle and at its end.

Cheap enough to be taken of every file: three reads, whatever its size. Two films of the same size to the byte that are the
same in all three places are one; two episodes that begin and end with the same titles differ in their middle.
"""

import hashlib
import os
import stat

from msgspec import Struct

from ..disk.looks import look_at_disc
from .discs import files_of_disc

SAMPLE = 64 * 1024
"""Bytes of each of the three."""
DIGEST = 16
"""Bytes of a fingerprint."""


class Fingerprint(Struct, frozen=True, kw_only=True):
    """A file's fingerprint with the size and time that it was taken at, or why there is none. That is data, not an exception."""

    value: bytes | None = None
    """16 bytes; `b""` where the content tells a file from no other (nothing in it, or one byte again and again)."""
    size: int = 0
    mtime_ns: int = 0
    error: str | None = None


def read_fingerprint(path: bytes) -> Fingerprint:
    """Blocks. Of a folder (of a disc): the names and sizes of its files, with samples of the largest."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if stat.S_ISDIR(status.st_mode):
                return _of_folder(path, descriptor)
            if not stat.S_ISREG(status.st_mode):
                return Fingerprint(error="it is no regular file")
            taken = hashlib.blake2b(str(status.st_size).encode(), digest_size=DIGEST)
            says = _add_samples(taken, descriptor, status.st_size)
            return Fingerprint(value=taken.digest() if says else b"", size=status.st_size, mtime_ns=status.st_mtime_ns)
        finally:
            os.close(descriptor)
    except OSError as error:
        return Fingerprint(error=f"{error.strerror or error}")


def _of_folder(path: bytes, descriptor: int) -> Fingerprint:
    look = look_at_disc(descriptor)
    files = sorted(files_of_disc(path))
    taken = hashlib.blake2b(repr(files).encode(), digest_size=DIGEST)
    says = False
    if files:
        largest = max(files, key=lambda file: (file[1], file[0]))
        inner = os.open(os.path.join(path, largest[0]), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            says = _add_samples(taken, inner, largest[1])
        finally:
            os.close(inner)
    return Fingerprint(value=taken.digest() if says else b"", size=look.size, mtime_ns=look.mtime_ns)


def _add_samples(taken: "hashlib.blake2b", descriptor: int, size: int) -> bool:
    """Whether they hold more than one byte again and again, as what was made room for and not yet written does."""
    seen: set[int] = set()
    for start in _starts(size):
        sample = os.pread(descriptor, SAMPLE, start)
        taken.update(sample)
        seen.update(sample[:1], sample if sample.count(sample[:1]) != len(sample) else b"")
    if hasattr(os, "posix_fadvise"):
        # What was looked at once must not push out of memory what somebody watches.
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    return len(seen) > 1


def _starts(size: int) -> list[int]:
    if size <= 3 * SAMPLE:
        return list(range(0, size, SAMPLE))
    return [0, (size - SAMPLE) // 2, size - SAMPLE]
