"""What lies in an item's folder for everybody to see: what a script made by hand."""

import os
from datetime import UTC, datetime

from msgspec import Struct

from .stages.markers import FOLDER

MEDIA = (b".mkv", b".mp4", b".m4v", b".vob", b".m2ts", b".ts")
LATER = 2.0
"""Seconds: some file systems count no finer."""


class Found(Struct, frozen=True, kw_only=True):
    path: bytes
    """Absolute."""
    size: int
    written: datetime


def files_of(item_directory: bytes, until: datetime) -> list[Found]:
    """The media files in a folder and beneath it that were written until then, in the order of their paths.

    Folders that are hidden are of attempts, and those with markers of their own are other items. Blocks.
    """
    found: list[Found] = []
    for folder, folders, names in os.walk(item_directory):
        if folder != item_directory and FOLDER in folders:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(b".")]
        for name in names:
            if name.startswith(b".") or not name.lower().endswith(MEDIA):
                continue
            path = os.path.join(folder, name)
            try:
                status = os.lstat(path)
            except OSError:
                continue
            if status.st_mtime <= until.timestamp() + LATER and os.path.isfile(path):
                written = datetime.fromtimestamp(status.st_mtime, UTC)
                found.append(Found(path=path, size=status.st_size, written=written))
    return sorted(found, key=lambda each: each.path)
