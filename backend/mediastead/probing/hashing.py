"""The hash of a file, or of all files in a disc's folder, taken piece by piece: whoever asks for the pieces sets the pace."""

import asyncio
import hashlib
import multiprocessing
import os
import stat
from concurrent.futures import TimeoutError as FutureTimeout

from msgspec import Struct
from pebble import ProcessExpired, ProcessPool

from ..disk.looks import look_at_disc, look_of
from ..processes import end_with_parent
from .discs import files_of_disc
from .fingerprint import read_fingerprint

PIECE = 8 * 1024 * 1024
"""Bytes."""
DIGEST = 16
"""Bytes of a hash: BLAKE2b, which the standard library has, and which is faster than the disks that it waits for."""
LIMIT_SECONDS = 60.0
"""For one piece."""


class Piece(Struct, frozen=True, kw_only=True):
    """How far a file was read; or why no further. That is data, not an exception."""

    read: int = 0
    """Bytes from its beginning."""
    size: int = 0
    mtime_ns: int = 0
    digest: bytes | None = None
    """Once it was read to its end, and did not change meanwhile."""
    fingerprint: bytes | None = None
    """With the digest, of the same content (`fingerprint.py`)."""
    error: str | None = None


class Hasher:
    """`await hasher.piece(path, offset)`, from 0 on until the piece has a digest or an error. Reads one file at a time."""

    def __init__(self) -> None:
        self._pool: ProcessPool | None = None

    async def piece(self, path: bytes, offset: int) -> Piece:
        if self._pool is None:
            # Never renewed: what was read so far is in its memory.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPool(max_workers=1, max_tasks=0, initializer=_begin, context=context)
        future = self._pool.schedule(hash_piece, args=[path, offset], timeout=LIMIT_SECONDS)
        try:
            return await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeout):
            return Piece(error=f"reading it took longer than {LIMIT_SECONDS:g} s")
        except ProcessExpired:
            return Piece(error="reading it crashed")

    async def stop(self) -> None:
        """Kills the process and waits until it is gone."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()
            await asyncio.to_thread(pool.join)


class _Open(Struct):
    path: bytes
    descriptor: int
    """Of the file, or of the folder of a disc."""
    size: int
    """Bytes; of a disc folder the sum."""
    mtime_ns: int
    taken: "hashlib.blake2b"
    read: int = 0
    parts: list[tuple[bytes, int]] | None = None
    """Of a disc folder: its files in the order of their names, relative to it, with their sizes."""
    part: int = 0
    """The one that is read now."""
    part_read: int = 0


_open: _Open | None = None


def hash_piece(path: bytes, offset: int) -> Piece:
    """Reads the next piece of `path`, of which the first `offset` bytes were read by the last call. Blocks."""
    global _open  # lives as long as the process, which is what this is for
    try:
        if offset == 0:
            _close()
            _open = _opened(path)
        if _open is None or (_open.path, _open.read) != (path, offset):
            return Piece(error="it was not read from its beginning")
        one = _open
        read = _read_of_file(one) if one.parts is None else _read_of_disc(one, one.parts)
        one.read += read
        if read and one.read < one.size:
            return Piece(read=one.read, size=one.size, mtime_ns=one.mtime_ns)
        now = _size_and_time(one.descriptor)
        _close()
        if (*now, one.read) != (one.size, one.mtime_ns, one.size):
            return Piece(error="it changed while it was read")
        samples = read_fingerprint(path)
        same = (samples.size, samples.mtime_ns) == (one.size, one.mtime_ns)
        return Piece(
            read=one.read,
            size=one.size,
            mtime_ns=one.mtime_ns,
            digest=one.taken.digest(),
            fingerprint=samples.value if same else None,
        )
    except OSError as error:
        _close()
        return Piece(error=f"{error.strerror or error}")


def _opened(path: bytes) -> _Open:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        disc = stat.S_ISDIR(status.st_mode)
        if not disc and not stat.S_ISREG(status.st_mode):
            raise OSError("it is no regular file")
        size, mtime_ns = _size_and_time(descriptor)
        taken = hashlib.blake2b(digest_size=DIGEST)
        parts = sorted(files_of_disc(path)) if disc else None
        # Which files there are is a part of the content: an empty one may vanish, and two change their names.
        taken.update(repr(parts).encode() if disc else b"")
        return _Open(path, descriptor, size, mtime_ns, taken, parts=parts)
    except BaseException:
        os.close(descriptor)
        raise


def _size_and_time(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    look = look_at_disc(descriptor) if stat.S_ISDIR(status.st_mode) else look_of(status)
    return look.size, look.mtime_ns


def _read_of_file(one: _Open) -> int:
    return _take(one.taken, one.descriptor, one.read)


def _read_of_disc(one: _Open, parts: list[tuple[bytes, int]]) -> int:
    """The next piece of a disc's files, one after the other in the order of their names."""
    read = 0
    while not read and one.part < len(parts):
        name, size = parts[one.part]
        inner = os.open(os.path.join(one.path, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            read = _take(one.taken, inner, one.part_read)
        finally:
            os.close(inner)
        one.part_read += read
        if not read or one.part_read >= size:
            one.part, one.part_read = one.part + 1, 0
    return read


def _take(taken: "hashlib.blake2b", descriptor: int, offset: int) -> int:
    content = os.pread(descriptor, PIECE, offset)
    taken.update(content)
    if hasattr(os, "posix_fadvise"):
        # What is read once must not push out of memory what somebody watches.
        os.posix_fadvise(descriptor, offset, len(content), os.POSIX_FADV_DONTNEED)
    return len(content)


def _close() -> None:
    global _open
    if _open is not None:
        os.close(_open.descriptor)
        _open = None


def _begin() -> None:
    os.nice(10)
    end_with_parent()
