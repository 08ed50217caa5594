"""One look at one media file: what the file system says of it."""

import os
import stat

from ..disk.looks import Look, look_at_disc, look_of, status_of
from .rules import is_disc_folder


def look_at(path: bytes) -> Look | None:
    """The media file at `path`; None where there is none. Raises OSError where that cannot be told.

    Symlinks are followed: whoever asks got the path from a walk, which does not follow them out of the root.
    """
    try:
        status = status_of(path)
        if stat.S_ISREG(status.st_mode):
            return look_of(status)
        if stat.S_ISDIR(status.st_mode) and is_disc_folder(os.path.basename(path)):
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                return look_at_disc(folder)
            finally:
                os.close(folder)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return None
