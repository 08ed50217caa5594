"""Whether a folder can be a library's root, and marking it as one. Looks at the disk; blocks."""

import os
import re
import stat
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from ..db.text import shown
from ..disk.beneath import keeps_attributes
from ..disk.marker import MARKER_NAME, read_marker, remove_marker, write_marker
from .errors import FormRefused, RootRefused, RootTaken

OtherRoot = tuple[int, str, bytes, str | None]
"""Id, name, root and marker of another library."""

_MARKER = re.compile(r"[0-9a-f]{32}")


class MarkedRoot(NamedTuple):
    path: bytes
    marker: str | None
    written: bool
    """Whether the marker was written just now."""
    note: str | None


def check_root(path: bytes, others: Sequence[OtherRoot]) -> bytes:
    """The path as it is to be kept. Raises `RootRefused`, or `RootTaken` where it is, holds or lies in another library."""
    root = _listable(path)
    real = os.path.realpath(root)
    for library_id, name, other, _ in others:
        other_real = os.path.realpath(other)
        if real == other_real:
            relation = "is"
        elif _is_within(real, other_real):
            relation = "lies in"
        elif _is_within(other_real, real):
            relation = "holds"
        else:
            continue
        raise RootTaken(
            f"{shown(root)} {relation} the library {name!r} ({shown(other)}). Libraries cannot share folders; choose another "
            "folder, or remove that library first.",
            library_id=library_id,
        )
    return root


def mark_root(root: bytes, others: Sequence[OtherRoot]) -> MarkedRoot:
    """Give a root a marker, or take the one that it has; where neither is possible, say so in the note.

    Raises `RootTaken` where the marker is that of another library: its folder was moved here or copied.
    """
    try:
        found = read_marker(root)
        if found is not None:
            return MarkedRoot(root, _adopted(root, found, others), False, None)
        marker = uuid.uuid4().hex
        write_marker(root, marker)
    except OSError as error:
        reason = error.strerror or str(error)
        return MarkedRoot(
            root,
            None,
            False,
            f"The root could not be marked ({reason}). Whether it is there is told by the files that are known in it; "
            "a folder that can be written to is safer.",
        )
    return MarkedRoot(root, marker, True, None)


def refuse_without_attributes(root: bytes) -> None:
    """Raise `FormRefused` where files beneath a root can have no extended attributes. What cannot be told now is let pass."""
    try:
        if not keeps_attributes(root):
            raise FormRefused(
                f"The file system of {shown(root)} keeps no extended attributes that Mediastead could write (or this is no "
                "Linux); record into NFO files instead."
            )
    except OSError:
        return


def unmark_root(root: bytes, marker: str | None) -> None:
    """Take the marker away, if it is there and this one."""
    try:
        if marker is not None:
            remove_marker(root, marker)
    except OSError:
        # The disk is away or read-only. A marker that stays behind does no harm: it is taken over with the folder.
        return


def _listable(path: bytes) -> bytes:
    if b"\0" in path or not path.startswith(b"/"):
        raise RootRefused(f"{shown(path[:200])!r} is no absolute path; begin with a slash.")
    root = os.path.normpath(path)
    try:
        if not stat.S_ISDIR(os.stat(root).st_mode):  # noqa: PTH116 - paths are bytes here
            raise RootRefused(f"{shown(root)} is a file; give the folder that it lies in.")
        with os.scandir(root) as entries:
            next(entries, None)
        if not os.access(root, os.R_OK | os.X_OK):
            raise PermissionError(13, os.strerror(13))
    except (FileNotFoundError, NotADirectoryError):
        raise RootRefused(f"There is no folder {shown(root)} on the server; create or mount it first.") from None
    except OSError as error:
        raise RootRefused(
            f"{shown(root)} cannot be read ({error.strerror}); give the account that Mediastead runs under the right to."
        ) from None
    return root.replace(b"//", b"/", 1) if root.startswith(b"//") else root


def _adopted(root: bytes, found: str, others: Sequence[OtherRoot]) -> str:
    for library_id, name, _, marker in others:
        if marker == found:
            raise RootTaken(
                f"{shown(root)} carries the marker of the library {name!r}. If that library was moved here, change its root; "
                f"if this is a copy, delete the file {MARKER_NAME.decode()} in it.",
                library_id=library_id,
            )
    if not _MARKER.fullmatch(found):
        raise RootRefused(
            f"{shown(root)} holds a file {MARKER_NAME.decode()} that Mediastead did not write; look at it and delete it."
        )
    return found


def _is_within(path: bytes, folder: bytes) -> bool:
    return path.startswith(folder.rstrip(b"/") + b"/")
