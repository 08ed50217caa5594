"""The hash of a whole file, taken piece by piece, so that whoever asks for the pieces sets the pace and can stop at any time."""

import asyncio
import hashlib
import multiprocessing
import os
import stat
from concurrent.futures import TimeoutError as FutureTimeout

from msgspec import Struct
from pebble import ProcessExpired, ProcessPool

from ..processes import end_with_parent

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
    size: int
    mtime_ns: int
    read: int
    taken: "hashlib.blake2b"


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
        content = os.pread(_open.descriptor, PIECE, offset)
        _open.taken.update(content)
        if hasattr(os, "posix_fadvise"):
            # What is read once must not push out of memory what somebody watches.
            os.posix_fadvise(_open.descriptor, offset, len(content), os.POSIX_FADV_DONTNEED)
        _open.read += len(content)
        one = _open
        if content and one.read < one.size:
            return Piece(read=one.read, size=one.size, mtime_ns=one.mtime_ns)
        status = os.fstat(one.descriptor)
        _close()
        if (status.st_size, status.st_mtime_ns, one.read) != (one.size, one.mtime_ns, one.size):
            return Piece(error="it changed while it was read")
        return Piece(read=one.read, size=one.size, mtime_ns=one.mtime_ns, digest=one.taken.digest())
    except OSError as error:
        return Piece(error=f"{error.strerror or error}")


def _opened(path: bytes) -> _Open:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise OSError("the folder of a disc is not verified as a whole")
    return _Open(path, descriptor, status.st_size, status.st_mtime_ns, 0, hashlib.blake2b(digest_size=DIGEST))


def _close() -> None:
    global _open
    if _open is not None:
        os.close(_open.descriptor)
        _open = None


def _begin() -> None:
    os.nice(10)
    end_with_parent()
