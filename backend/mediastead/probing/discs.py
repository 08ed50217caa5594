"""The files in the folder of a disc (VIDEO_TS, BDMV), which counts as one media file."""

import os
import stat
from collections.abc import Iterator


def files_of_disc(path: bytes) -> Iterator[tuple[bytes, int]]:
    """The files of a disc's folder, relative to it, with their sizes."""
    for folder, _, names in os.walk(path, onerror=_raise):
        for name in names:
            full = os.path.join(folder, name)
            status = os.lstat(full)
            if stat.S_ISREG(status.st_mode):
                yield os.path.relpath(full, path), status.st_size


def _raise(error: OSError) -> None:
    """Else what cannot be listed would not be there."""
    raise error
