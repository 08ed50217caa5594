"""Whether files can be renamed safely on a file system, found out by trying with files of our own."""

import contextlib
import errno
import os

from .calls import CANNOT, Calls

PROBE = b".mediastead-probe"
"""A hidden folder in the root while it is tried out. Only one process at a time tries (it holds the library's lock)."""

NUMBERS_CHANGE = frozenset({b"vfat", b"msdos", b"exfat"})
"""Linux invents inode numbers for these, and other ones after a while."""


def why_not(root: int, calls: Calls) -> str | None:
    """Why files beneath the folder that is open as `root` cannot be moved safely, in words; None where they can.

    Raises OSError where it cannot be told, as where the disk is full or cannot be written to. What a crash left of an earlier
    try is taken away.
    """
    if why := why_not_known_again(root):
        return why
    _remove(root, calls)
    calls.make_folder(PROBE, root)
    try:
        folder = os.open(PROBE, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=root)
        try:
            return _try(folder, root, calls)
        finally:
            os.close(folder)
    finally:
        _remove(root, calls)


def why_not_known_again(root: int) -> str | None:
    """Why files beneath a folder cannot be known again later, in words; None where they can. Nothing is written."""
    kind = _kind(os.fstat(root).st_dev)
    return f"On {kind.decode()} a file cannot be known again after a while" if kind in NUMBERS_CHANGE else None


def can_rename_between(root: int, other: int, calls: Calls) -> bool:
    """Whether files can be renamed from beneath one root to beneath the other: two mounts of one file system have one device
    number, and yet nothing can. Raises OSError."""
    if os.fstat(root).st_dev != os.fstat(other).st_dev:
        return False
    _drop_moved(root, other, calls)
    try:
        os.close(calls.create(_MOVED, root))
        calls.move_to_free(_MOVED, root, _MOVED, other)
    except OSError as error:
        if error.errno == errno.EXDEV:
            return False
        raise
    finally:
        # Also where the disk said that nothing was made: it may have been.
        _drop_moved(root, other, calls)
    return True


def _drop_moved(root: int, other: int, calls: Calls) -> None:
    for each in (root, other):
        with contextlib.suppress(FileNotFoundError):
            calls.unlink(_MOVED, each)


_ONE, _TWO, _MOVED = "é-1".encode(), "é-2".encode(), PROBE + "-é".encode()
"""Composed letters: some file systems spell them otherwise."""


def _try(folder: int, root: int, calls: Calls) -> str | None:
    for name in (_ONE, _TWO):
        os.close(calls.create(name, folder))
    if _ONE not in {os.fsencode(name) for name in os.listdir(folder)}:
        return "The file system writes names in other letters than it is given"
    before = os.stat(_ONE, dir_fd=folder, follow_symlinks=False)
    try:
        calls.move_to_free(_ONE, folder, _TWO, folder)
    except FileExistsError:
        pass
    except OSError as error:
        if error.errno in CANNOT:
            return "The file system cannot rename a file without overwriting another one"
        raise
    else:
        return "The file system overwrites files though it is told not to"
    calls.move_to_free(_ONE, folder, _MOVED, root)
    after = os.stat(_MOVED, dir_fd=root, follow_symlinks=False)
    if (before.st_ino, before.st_mtime_ns, before.st_size) != (after.st_ino, after.st_mtime_ns, after.st_size):
        return "The file system gives a file another number or time when it is renamed"
    return None


def _remove(root: int, calls: Calls) -> None:
    """Our own files only, by their names."""
    with contextlib.suppress(FileNotFoundError):
        calls.unlink(_MOVED, root)
    try:
        folder = os.open(PROBE, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=root)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return
        raise
    try:
        for name in (_ONE, _TWO):
            with contextlib.suppress(FileNotFoundError):
                calls.unlink(name, folder)
    finally:
        os.close(folder)
    calls.remove_folder(PROBE, root)


def _kind(device: int) -> bytes | None:
    """The file system's type, as far as Linux tells it by the device number (proc_pid_mountinfo(5))."""
    number = f"{os.major(device)}:{os.minor(device)}".encode()
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return None
    for line in lines:
        before, _, after = line.partition(b" - ")
        if before.split(b" ")[2:3] == [number] and after:
            return after.split(b" ", 1)[0]
    return None
