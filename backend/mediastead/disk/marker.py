"""The marker file in a library's root: proof that what is mounted there is still that library.

An empty folder where a disk used to be looks like a library whose files are all gone. The marker tells them apart.
"""

import contextlib
import errno
import os

MARKER_NAME = b".mediastead-library"
TRASH_NAME = b".mediastead-trash"
"""Where replaced files wait; never walked."""

LARGEST_MARKER = 4096
"""Bytes. Ours has about 200; a larger file of that name is not ours."""

_SENTENCE = (
    "Mediastead keeps this file to know the folder again as one of its libraries; without it nothing here is taken to be "
    "missing or new."
)


def write_marker(root: bytes, marker: str) -> None:
    """Put a marker into `root`, on the disk for certain when this returns.

    Raises FileExistsError where there already is one (whosever it is), and OSError where the folder cannot be written to
    (EROFS, EACCES, ENOSPC...); then nothing is left behind.
    """
    path = os.path.join(root, MARKER_NAME)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(f"{marker}\n{_SENTENCE}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        _fsync_folder(root)
    except OSError:
        # A half-written marker would make the root look replaced for ever.
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - paths are bytes here
        raise


def read_marker(root: bytes) -> str | None:
    """The id in the marker of `root`; None where there is no marker. Raises OSError where that cannot be told."""
    return _read(os.path.join(root, MARKER_NAME), None)


def read_marker_in(folder: int) -> str | None:
    """As `read_marker`, of the root that is open as `folder`, whatever is mounted at its path meanwhile."""
    return _read(MARKER_NAME, folder)


def _read(path: bytes, folder: int | None) -> str | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:  # a symlink: not ours
            return ""
        raise
    try:
        content = os.read(descriptor, LARGEST_MARKER)
    except IsADirectoryError:
        return ""
    finally:
        os.close(descriptor)
    return content.split(b"\n", 1)[0].decode("utf-8", "replace").strip()


def remove_marker(root: bytes, marker: str) -> bool:
    """Take the marker away if it is this one; whether it was. Raises OSError where it cannot be read or removed."""
    if read_marker(root) != marker:
        return False
    os.unlink(os.path.join(root, MARKER_NAME))  # noqa: PTH108 - paths are bytes here
    _fsync_folder(root)
    return True


def _fsync_folder(path: bytes) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network and FUSE file systems have no fsync for folders; there is nothing more that could be done.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)
