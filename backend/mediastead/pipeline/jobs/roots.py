"""The staging roots, in which items are made: each has a marker, so that one that is not mounted is told from one that is empty.

Only the server makes markers, and only in a root in which nothing was begun that is still on its way, and that is no empty
folder which is there for a disk. Else it would mark the folder that a disk is to be mounted on, and what lies on the disk
would be taken for gone, or what is made would fill another disk, unseen once the right one is there.
"""

import os
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from ...db.text import shown

MARKER = ".mediastead-staging"
FSTAB = "/etc/fstab"
FOR_DISKS = ("/mnt", "/media", "/run/media", "/Volumes")
"""Folders of which those in them are there to be mounted on (the first two: Filesystem Hierarchy Standard 3.0, 3.11 and 3.12)."""


def why_away(roots: Collection[str], path: bytes) -> str | None:
    """Why it proves nothing that something is not at `path`: its root is not mounted here. None where it is, and for what lies in
    no root. Blocks."""
    root = root_of(roots, path)
    if root is None:
        return None
    marker = os.path.join(root, os.fsencode(MARKER))
    try:
        os.stat(marker)  # noqa: PTH116 - paths are bytes here
    except (FileNotFoundError, NotADirectoryError):
        return f"the staging folder {shown(root)} is not mounted here (it has no {MARKER})."
    except OSError as error:
        return f"the staging folder {shown(root)} cannot be read: {error.strerror or error}."
    return None


def why_read_only(folder: bytes) -> str | None:
    """That the disk of a folder can only be read; None where it can be written to, or the folder is not there. Blocks."""
    try:
        can_only_be_read = os.statvfs(folder).f_flag & os.ST_RDONLY
    except OSError:
        return None
    return f"the disk of {shown(folder)} can only be read." if can_only_be_read else None


def why_elsewhere(roots: Collection[str], path: bytes) -> str | None:
    """Why what is at `path`, in one of the roots, is nobody's result: a link, which whoever works there may have laid, leads out
    of all of them, to files of others. None where it does not. Blocks."""
    if root_of(roots, path) is None:
        return None
    real = os.path.realpath(path)
    if root_of([os.path.realpath(root) for root in roots], real) is not None:
        return None
    return f"{shown(path)} lies behind a link that leads out of the staging folders, to {shown(os.path.dirname(real))}."


def root_of(roots: Collection[str], path: bytes) -> bytes | None:
    """That which `path` lies in, of several the innermost."""
    holding = [root for root in map(os.fsencode, roots) if path.startswith(root.rstrip(b"/") + b"/")]
    return max(holding, key=len, default=None)


def prepare_roots(roots: Sequence[str]) -> None:
    """Make those that the server has not yet, each with its marker. Blocks.

    What cannot be made is told by the hosts, which then refuse work.
    """
    for root in roots:
        with suppress(OSError):
            os.makedirs(root, exist_ok=True)
            os.close(os.open(os.path.join(root, MARKER), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))


def may_be_bare(root: str) -> bool:
    """Whether a disk may be missing there: what there is of the path ends in an empty folder that is there for a disk, or in one
    beneath it, and nothing is mounted. For a disk are those that `FSTAB` names, and what lies in `FOR_DISKS`. Blocks."""
    at, above = root, [root, *map(str, Path(root).parents)]
    try:
        while not os.path.lexists(at) and at != os.path.dirname(at):
            at = os.path.dirname(at)
        if os.listdir(at) and at not in FOR_DISKS:
            return False
        named = _named_in(FSTAB)
        for number, folder in enumerate(above):
            if os.path.ismount(folder) and folder != os.sep:
                return False
            if folder in named or (number > 0 and folder in FOR_DISKS):
                return True
        return False
    except OSError:
        return True


def _named_in(table: str) -> set[str]:
    """The mount points of a table like fstab(5); none where there is no such table, as on macOS."""
    try:
        lines = Path(table).read_text(errors="surrogateescape").splitlines()
    except OSError:
        return set()
    points = [line.split()[1] for line in lines if len(line.split()) > 1 and not line.lstrip().startswith("#")]
    return {re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), point).rstrip("/") for point in points}
