"""A folder beneath a root, opened step by step so that no link leads out of the root, and the files in it, changed safely.

What is in a folder is never overwritten: a new file takes a free name only, and a file is replaced or removed only while its
content is what the caller knows. Each change is on the disk for certain when the call returns, and is whole or not there at
all after a crash; what a crash may leave is a hidden file, which `clean_up` takes away.
"""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager

from .calls import CALLS, CANNOT, Calls

TEMPORARY = b".mediastead-tmp-"
"""Begins the names of files that are being written. Scans pass over them: they begin with a dot."""
SWAPPED = b".mediastead-swap-"
"""Begins the names of files that were taken out of their place, until it is certain that they were ours to take."""


class NotAsExpected(Exception):
    """What was to be replaced or removed is not what the caller knew of it; it was left as it is."""


class OpenFolder:
    """A folder that is open; names are single names in it. All methods block, and raise OSError where the disk refuses."""

    def __init__(self, descriptor: int, calls: Calls) -> None:
        self._folder = descriptor
        self._calls = calls

    def status(self, name: bytes) -> os.stat_result:
        """Of what is there, links not followed."""
        return os.stat(name, dir_fd=self._folder, follow_symlinks=False)

    def read(self, name: bytes, limit: int) -> bytes | None:
        """The content of a regular file, at most `limit` bytes; None where there is none. Anything else raises."""
        try:
            file = os.open(name, _READ, dir_fd=self._folder)
        except FileNotFoundError:
            return None
        with _closing(file):
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise OSError(errno.EINVAL, "no regular file", os.fsdecode(name))
            return os.read(file, limit)

    def create(self, name: bytes, content: bytes) -> None:
        """Put a new file there, whole. Raises FileExistsError where there is anything of that name, whosever it is."""
        temporary = self._written(content)
        try:
            self._move_to_free(temporary, name)
            self._sync()
        except BaseException:
            self._discard(temporary)
            raise

    def replace(self, name: bytes, content: bytes, expected: bytes) -> None:
        """Put other content in a file's place. Raises `NotAsExpected` where it is not `expected`, also when it became
        something else in this very moment: then that is put back."""
        if self._content(name) != expected:
            raise NotAsExpected(os.fsdecode(name))
        temporary = self._written(content)
        swap = temporary.replace(TEMPORARY, SWAPPED)
        try:
            self._calls.rename(temporary, swap, self._folder)
        except BaseException:
            self._discard(temporary)
            raise
        try:
            self._calls.exchange(swap, name, self._folder)
        except OSError as error:
            if error.errno not in CANNOT or self._content(name) != expected:
                self._discard(swap)
                raise
            try:
                self._calls.rename(swap, name, self._folder)
            except BaseException:
                self._discard(swap)
                raise
        else:
            if self._content(swap) != expected:
                self._calls.exchange(swap, name, self._folder)
                self._discard(swap)
                raise NotAsExpected(os.fsdecode(name))
            self._calls.unlink(swap, self._folder)
        self._sync()

    def remove(self, name: bytes, expected: bytes) -> None:
        """Take a file away. Raises `NotAsExpected` as `replace` does; a file that is not there is as good as removed."""
        found = self._content(name)
        if found is None:
            return
        if found != expected:
            raise NotAsExpected(os.fsdecode(name))
        swap = SWAPPED + secrets.token_hex(8).encode()
        self._calls.rename(name, swap, self._folder)
        if self._content(swap) != expected:
            self._move_to_free(swap, name)
            raise NotAsExpected(os.fsdecode(name))
        self._calls.unlink(swap, self._folder)
        self._sync()

    def clean_up(self, is_ours: Callable[[bytes], bool]) -> int:
        """Take away what a crash left here; how many files. Nobody else may be writing in this library meanwhile.

        A file that was taken out of its place goes only if `is_ours` says so of its content.
        """
        removed = 0
        for entry in os.listdir(self._folder):
            name = os.fsencode(entry)
            if name.startswith(TEMPORARY) or (name.startswith(SWAPPED) and is_ours(self._content(name) or b"")):
                self._calls.unlink(name, self._folder)
                removed += 1
        return removed

    def attribute(self, name: bytes, attribute: str) -> bytes | None:
        """An extended attribute of a file or folder; None where it has none, or the file system has no attributes."""
        with self._opened(name) as file:
            try:
                return os.getxattr(file, attribute)
            except OSError as error:
                if error.errno in (errno.ENODATA, errno.ENOTSUP, errno.EOPNOTSUPP):
                    return None
                raise

    def set_attribute(self, name: bytes, attribute: str, value: bytes | None) -> None:
        """Set or (None) remove an extended attribute. Content and mtime stay; the ctime changes."""
        with self._opened(name) as file:
            if value is None:
                self._calls.remove_attribute(file, attribute)
            else:
                self._calls.set_attribute(file, attribute, value)
            self._calls.fsync(file)

    @contextmanager
    def _opened(self, name: bytes) -> Generator[int]:
        file = os.open(name, _READ, dir_fd=self._folder)
        with _closing(file):
            yield file

    def _content(self, name: bytes) -> bytes | None:
        return self.read(name, LARGEST + 1)

    def _written(self, content: bytes) -> bytes:
        """A hidden file with this content, which is on the disk; with the folder's owner, and its mode without the right to
        execute."""
        if len(content) > LARGEST:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        name = TEMPORARY + secrets.token_hex(8).encode()
        file = self._calls.create(name, self._folder)
        try:
            with _closing(file):
                folder = os.fstat(self._folder)
                with contextlib.suppress(PermissionError):  # only root may give files away
                    self._calls.chown(file, folder.st_uid, folder.st_gid)
                with contextlib.suppress(PermissionError):  # file systems without modes
                    self._calls.chmod(file, stat.S_IMODE(folder.st_mode) & 0o666)
                left = memoryview(content)
                while left:
                    left = left[self._calls.write(file, bytes(left)) :]
                self._calls.fsync(file)
        except BaseException:
            self._discard(name)
            raise
        return name

    def _move_to_free(self, old: bytes, new: bytes) -> None:
        try:
            self._calls.rename_to_free(old, new, self._folder)
        except OSError as error:
            if error.errno not in CANNOT:
                raise
            self._calls.link(old, new, self._folder)
            self._calls.unlink(old, self._folder)

    def _discard(self, name: bytes) -> None:
        # What cannot be removed now is removed by `clean_up`; the error that led here is the one to tell.
        with contextlib.suppress(OSError):
            self._calls.unlink(name, self._folder)

    def _sync(self) -> None:
        try:
            self._calls.fsync(self._folder)
        except OSError as error:
            # Some network and FUSE file systems have no fsync for folders; there is nothing more that could be done.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise


def keeps_attributes(path: bytes) -> bool:
    """Whether the file system of a file or folder keeps extended attributes of users. Raises OSError where that cannot be
    told."""
    if not hasattr(os, "getxattr"):
        return False
    try:
        os.getxattr(path, "user.mediastead")
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.EOPNOTSUPP):
            return False
        if error.errno != errno.ENODATA:
            raise
    return True


LARGEST = 1 << 18
"""Bytes of a file that this room writes whole; larger ones are not its own."""

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def open_folder(root: bytes, path: bytes, calls: Calls = CALLS) -> Generator[OpenFolder]:
    """The folder `path`, relative to `root` (`b""` is the root itself), open. Only the root itself may be a link.

    Raises OSError: ELOOP or ENOTDIR where a part of the path is a link, ENOENT where it is not there, EINVAL for a path that
    would leave the root.
    """
    parts = path.split(b"/") if path else []
    if any(part in (b"", b".", b"..") for part in parts):
        raise OSError(errno.EINVAL, "no path beneath a root", os.fsdecode(path))
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    descriptor = os.open(root, flags)
    try:
        for part in parts:
            below = os.open(part, flags | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        yield OpenFolder(descriptor, calls)
    finally:
        os.close(descriptor)


@contextmanager
def _closing(descriptor: int) -> Generator[None]:
    try:
        yield
    finally:
        os.close(descriptor)
