"""Files that come into being beside others: hard links, and copies that are checked before they get their names.

A copy is written beside its target under the name of its step (`part_name`), read back from the disk, and only then renamed.
So a file of that name is never more than something to be made anew. The source is only read. All block.
"""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from .access import give
from .beneath import NotAsExpected
from .folders import delete_folder
from .moving import Kind, Occupied, Tree

PART = b".mediastead-part-"
"""Begins the names of copies that are being made. Scans pass over them, because they begin with a dot."""
CHUNK = 1 << 20
"""Bytes that are read at once."""
CANNOT_LINK = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""What the disk answers where a file can have no second name there: another file system or mount (also where both have one
device number), one without links, a file that is another's, or one with too many names."""


class CannotLink(Exception):
    """No hard link can be made of the file there; nothing was made."""


class Stopped(Exception):
    """It was to be broken off; what was copied so far is made anew the next time."""


class Copied(NamedTuple):
    look: tuple[int, int, int]
    """Size, mtime in nanoseconds, inode."""
    digest: bytes | None
    """Of the content: BLAKE2b, 32 bytes; None of a disc's folder of which the files are links."""


def part_name(step_id: int) -> bytes:
    return PART + str(step_id).encode()


def link(source: Tree, path: bytes, into: Tree, target: bytes, look: tuple[int, int, int]) -> None:
    """Give the file at `path`, which must look so (size, mtime, inode), a second name at the free path `target`.

    Raises `CannotLink`, `Occupied`, `NotAsExpected` and OSError; after an OSError only a look tells whether it was made.
    """
    (folder, name), (new_folder, new_name) = split(path), split(target)
    with source.opened(folder) as old, into.opened(new_folder) as new:
        _expect(source, name, old, look)
        try:
            into.calls.link_to(name, old, new_name, new)
        except FileExistsError:
            raise Occupied(os.fsdecode(target)) from None
        except FileNotFoundError:
            raise NotAsExpected(os.fsdecode(path)) from None
        except OSError as error:
            if error.errno in CANNOT_LINK:
                raise CannotLink(os.strerror(error.errno or 0)) from None
            raise
        into.sync(new)
        there = into.there(new_name, new)
        if there is None or there.look != look:
            # Another file came to lie at the source in this very moment. It keeps its name there.
            if there is not None and there.kind is Kind.FILE and there.links > 1:
                into.calls.unlink(new_name, new)
            raise NotAsExpected(os.fsdecode(path))


def copy(
    source: Tree, path: bytes, into: Tree, part: bytes, look: tuple[int, int, int], go_on: Callable[[int], bool]
) -> Copied:
    """Copy the file at `path`, which must look so, to the path `part`, where whatever lies is ours and made anew.

    It is on the disk for certain when this returns, and was read back from there. Holes stay holes; the mtime and what users
    attached to it (extended attributes) are kept, mode and group are those of the folder. `go_on` is told the bytes copied so
    far after each chunk, and says whether to go on.

    Raises `NotAsExpected` where the source is another or was changed meanwhile, `Stopped`, and OSError: EIO where something
    else was read back than was written.
    """
    (folder, name), (new_folder, new_name) = split(path), split(part)
    with source.opened(folder) as old, into.opened(new_folder) as new:
        _expect(source, name, old, look)
        drop_part(into, part)
        copied, digest = copy_file(name, old, new_name, new, into, go_on, look)
        _expect(source, name, old, look)
        into.sync(new)
    return Copied(copied, digest)


def copy_file(
    name: bytes,
    old: int,
    new_name: bytes,
    new: int,
    into: Tree,
    go_on: Callable[[int], bool],
    look: tuple[int, int, int] | None = None,
) -> tuple[tuple[int, int, int], bytes]:
    """As `copy`, from one folder that is open into another one of the tree `into`; but that folder is not synced. What the copy
    looks like, and the digest."""
    with _open(name, old) as original:
        status = os.fstat(original)
        before = _look(status)
        if not stat.S_ISREG(status.st_mode) or (look is not None and before != look):
            raise NotAsExpected(os.fsdecode(name))
        _room_for(new, status)
        made = into.calls.create(new_name, new)
        try:
            give(made, into.access.file_mode, into.access.group, os.fstat(new), into.calls, owner=True)
            digest = _copy_content(original, made, before[0], into, go_on)
            copy_attributes(original, made, into)
            if _look(os.fstat(original)) != before:
                raise NotAsExpected(os.fsdecode(name))
            into.calls.set_times(made, status.st_atime_ns, before[1])
            into.calls.fsync(made)
            _forget_cached(made)
            whole = _look(os.fstat(made))
        finally:
            os.close(made)
    with _open(new_name, new) as again:
        if _look(os.fstat(again)) != whole or whole[0] != before[0] or _digest(again, before[0], go_on) != digest:
            raise OSError(errno.EIO, "what was read back is not what was written", os.fsdecode(new_name))
    return whole, digest


def copy_attributes(original: int, made: int, into: Tree) -> None:
    """What users attached to an open file or folder, as far as the other file system keeps such things."""
    if not hasattr(os, "listxattr"):
        return
    try:
        for name in sorted(os.listxattr(original)):
            if name.startswith("user."):
                into.calls.set_attribute(made, name, os.getxattr(original, name))
    except OSError as error:
        if error.errno not in (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENODATA):
            raise


def drop_part(tree: Tree, part: bytes) -> None:
    """Take away what was begun of a copy, or of a link that is taken back. Only a file or folder of our own name."""
    folder, name = split(part)
    if not name.startswith(PART):
        raise NotAsExpected(os.fsdecode(part))
    with tree.opened(folder) as opened:
        there = tree.there(name, opened)
        if there is None or there.kind is Kind.OTHER:
            return
        if there.kind is Kind.FILE:
            tree.calls.unlink(name, opened)
        else:
            delete_folder(name, opened, tree.calls)
        tree.sync(opened)


def _copy_content(original: int, made: int, size: int, into: Tree, go_on: Callable[[int], bool]) -> bytes:
    """Gives the digest of the content, holes read as zeros."""
    digest = hashlib.blake2b(digest_size=32)
    done = 0
    for begin, end in _data(original, size):
        _hash_zeros(digest, begin - done)
        os.lseek(original, begin, os.SEEK_SET)
        os.lseek(made, begin, os.SEEK_SET)
        done = begin
        while done < end:
            chunk = os.read(original, min(CHUNK, end - done))
            if not chunk:
                break  # it was cut short: the look will tell
            digest.update(chunk)
            left = memoryview(chunk)
            while left:
                left = left[into.calls.write(made, bytes(left)) :]
            done += len(chunk)
            if not go_on(done):
                raise Stopped
    _hash_zeros(digest, size - done)
    into.calls.truncate(made, size)
    return digest.digest()


def _data(file: int, size: int) -> Iterator[tuple[int, int]]:
    """Where content lies, without the holes; all of it where the file system does not say."""
    if os.fstat(file).st_blocks * 512 >= size or not hasattr(os, "SEEK_DATA"):
        yield 0, size
        return
    at = 0
    while at < size:
        try:
            begin = os.lseek(file, at, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole
                return
            if at == 0:
                yield 0, size
                return
            raise
        end = os.lseek(file, begin, os.SEEK_HOLE)
        yield begin, end
        at = end


def _digest(file: int, size: int, go_on: Callable[[int], bool]) -> bytes:
    digest = hashlib.blake2b(digest_size=32)
    while chunk := os.read(file, CHUNK):
        digest.update(chunk)
        if not go_on(size):
            raise Stopped
    return digest.digest()


def _hash_zeros(digest: "hashlib.blake2b", count: int) -> None:
    zeros = bytes(min(CHUNK, max(count, 0)))
    while count > 0:
        digest.update(zeros[: min(count, len(zeros))])
        count -= len(zeros)


def _room_for(folder: int, status: os.stat_result) -> None:
    there = os.fstatvfs(folder)
    if there.f_bavail * there.f_frsize < min(status.st_size, status.st_blocks * 512):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _forget_cached(file: int) -> None:
    """So that reading it back asks the disk and not the memory."""
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def _expect(tree: Tree, name: bytes, folder: int, look: tuple[int, int, int]) -> None:
    there = tree.there(name, folder)
    if there is None or there.kind is not Kind.FILE or there.look != look:
        raise NotAsExpected(os.fsdecode(name))


def _look(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def split(path: bytes) -> tuple[bytes, bytes]:
    """Folder and name."""
    folder, _, name = path.rpartition(b"/")
    return folder, name


@contextmanager
def _open(name: bytes, folder: int) -> Generator[int]:
    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        yield file
    finally:
        os.close(file)
