"""The folders of the server, for choosing a root from. Looks at the disk; blocks."""

import os
from collections.abc import Collection

from ..db.text import raw, shown
from .errors import RootRefused
from .schemas import FoldersToChoose, FolderToChoose


def folders_in(path: str, library_roots: Collection[bytes], after: str | None, limit: int) -> FoldersToChoose:
    """Up to `limit` folders in `path`, by name, from the one after `after` on. Raises `RootRefused`."""
    if "\0" in path or not path.startswith("/"):
        raise RootRefused(f"{path[:200]!r} is no absolute path; begin with a slash.")
    here = os.path.normpath(raw(path))
    try:
        with os.scandir(here) as entries:
            names = sorted(entry.name for entry in entries if _is_folder(entry))
    except (FileNotFoundError, NotADirectoryError):
        raise RootRefused(f"There is no folder {shown(here)} on the server.") from None
    except OSError as error:
        raise RootRefused(f"{shown(here)} cannot be read ({error.strerror}).") from None
    if after is not None:
        names = [name for name in names if name > raw(after)]
    real_roots = {os.path.realpath(root) for root in library_roots}
    items = [_shown(os.path.join(here, name), real_roots) for name in names[:limit]]
    return FoldersToChoose(
        path=shown(here),
        parent=None if here == b"/" else shown(os.path.dirname(here)),
        items=items,
        next=os.fsdecode(names[limit - 1]) if len(names) > limit else None,
    )


def _is_folder(entry: os.DirEntry[bytes]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _shown(path: bytes, real_roots: Collection[bytes]) -> FolderToChoose:
    return FolderToChoose(
        name=shown(os.path.basename(path)),
        path=shown(path),
        readable=os.access(path, os.R_OK | os.X_OK),
        is_library=os.path.realpath(path) in real_roots,
    )
