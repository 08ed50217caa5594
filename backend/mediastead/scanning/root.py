"""Whether a library's root is there, and is still that library."""

import os
import stat
from collections.abc import Collection, Mapping, Sequence

from ..db.text import shown
from ..disk.marker import MARKER_NAME, read_marker
from .found import reason_of
from .look import look_at
from .mounts import identity_of, mounts_beneath
from .queries import KnownPath


def why_unavailable(root: bytes, marker: str | None, sample: Sequence[KnownPath] = ()) -> str | None:
    """Why nothing that `root` shows now may be believed; None where it may.

    `marker`: what the marker file must contain. For a root without one (it was read-only when it was added), one of the
    known files in `sample` must be there; an empty sample asks for nothing.
    """
    try:
        if not stat.S_ISDIR(os.stat(root).st_mode):  # noqa: PTH116 - paths are bytes here
            return f"{shown(root)} is not a folder."
        with os.scandir(root) as entries:
            next(entries, None)
        found = read_marker(root) if marker is not None else None
    except OSError as error:
        return f"{shown(root)} cannot be read: {reason_of(error)}."
    if marker is not None:
        return _why_not_marked(root, marker, found)
    if sample and not any(_is_there(root, known) for known in sample):
        return (
            f"None of {len(sample)} known files is in {shown(root)}: the disk is not mounted, or the folder was replaced. "
            "Mount it; if the files are really gone, accept the root as it is now (`mediastead library set NAME --accept-root`)."
        )
    return None


def _why_not_marked(root: bytes, marker: str, found: str | None) -> str | None:
    name = MARKER_NAME.decode()
    if found is None:
        return (
            f"The marker file {name} is not in {shown(root)}: the disk is not mounted, or the folder was replaced. Mount it; "
            "if the library really is there, accept the root as it is now (`mediastead library set NAME --accept-root`)."
        )
    if found != marker:
        return (
            f"The marker file {name} in {shown(root)} is another library's. Mount the right disk; if the library really is "
            "there, accept the root as it is now (`mediastead library set NAME --accept-root`)."
        )
    return None


def no_longer_mounted(
    root: bytes, recorded: Collection[bytes], samples: Mapping[bytes, Sequence[KnownPath]] | None = None
) -> set[bytes]:
    """Those of the mount points recorded beneath `root` where nothing is mounted now.

    One where a file of its sample lies unchanged is left out: whoever copies a disk's files into the folder that it was
    mounted on has a folder from then on.
    """
    mounted = mounts_beneath(os.path.realpath(root)) if recorded else {}
    gone: set[bytes] = set()
    for path in recorded:
        if path in mounted or _has_own_device(os.path.join(root, path)):
            continue
        if not any(_is_there(root, known) for known in (samples or {}).get(path, ())):
            gone.add(path)
    return gone


def strange_disks(
    root: bytes, disks: Mapping[bytes, str | None], samples: Mapping[bytes, Sequence[KnownPath]] | None = None
) -> set[bytes]:
    """Those of the mount points recorded beneath `root` where something else is mounted now, as far as anybody can tell.

    With samples of what should be there: one file that lies unchanged proves that it is what was there, copied or renumbered; and
    where nothing is known to be there, nothing can be lost. Without samples, whatever is not certainly the same is strange.
    """
    strange: set[bytes] = set()
    for path, known in disks.items():
        if known is not None and known == identity_of(os.path.join(root, path)):
            continue
        sample = (samples or {}).get(path, ())
        if samples is not None and (not sample or any(_is_there(root, file) for file in sample)):
            continue
        strange.add(path)
    return strange


def _has_own_device(path: bytes) -> bool:
    try:
        return os.stat(path).st_dev != os.stat(os.path.dirname(path)).st_dev  # noqa: PTH116 - paths are bytes here
    except OSError:
        return False


def _is_there(root: bytes, known: KnownPath) -> bool:
    folder, name, size, mtime_ns = known
    try:
        look = look_at(os.path.join(root, folder, name))
    except OSError:
        return False
    return look is not None and (look.size, look.mtime_ns) == (size, mtime_ns)
