"""Folders with all that is in them: the folders of discs, which count as one file."""

import os
import stat

from .beneath import NotAsExpected
from .calls import Calls

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def delete_folder(name: bytes, above: int, calls: Calls) -> None:
    """Delete a folder in the one that is open as `above`, with what is in it. Raises OSError, and `NotAsExpected` where something
    is mounted in it; some files may be gone then."""
    folder = os.open(name, FOLDER, dir_fd=above)
    try:
        if os.fstat(folder).st_dev != os.fstat(above).st_dev:
            raise NotAsExpected(os.fsdecode(name))
        with os.scandir(folder) as entries:
            found = [(os.fsencode(entry.name), entry.is_dir(follow_symlinks=False)) for entry in entries]
        for inner, is_folder in found:
            if is_folder:
                delete_folder(inner, folder, calls)
            else:
                calls.unlink(inner, folder)
    finally:
        os.close(folder)
    calls.remove_folder(name, above)


def odd_one_in(name: bytes, above: int) -> bytes | None:
    """The path of something in a folder that is neither file nor folder, or on another file system; None where there is none.
    Raises OSError."""
    folder = os.open(name, FOLDER, dir_fd=above)
    try:
        if os.fstat(folder).st_dev != os.fstat(above).st_dev:
            return name
        for inner in sorted(os.fsencode(each) for each in os.listdir(folder)):
            kind = os.stat(inner, dir_fd=folder, follow_symlinks=False).st_mode
            odd = odd_one_in(inner, folder) if stat.S_ISDIR(kind) else None if stat.S_ISREG(kind) else inner
            if odd is not None:
                return name + b"/" + odd
    finally:
        os.close(folder)
    return None
