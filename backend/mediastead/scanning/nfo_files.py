"""Reads the NFO files that lie beside media files. Reading only: nothing here changes a user's folder."""

import os
import stat
from collections.abc import Iterable

from ..parsing.nfo import LARGEST_NFO, NfoFacts, nfo_names, read_nfo


def nfo_beside(root: bytes, paths: Iterable[bytes]) -> dict[bytes, tuple[NfoFacts, ...]]:
    """What the NFO files of each of these media files say, the nearest first. `paths` are relative to `root`. Blocking."""
    read: dict[bytes, NfoFacts | None] = {}

    def facts(path: bytes) -> NfoFacts | None:
        if path not in read:
            content = _content(path)
            read[path] = read_nfo(content) if content is not None else None
        return read[path]

    found: dict[bytes, tuple[NfoFacts, ...]] = {}
    for path in paths:
        folder, _, name = path.rpartition(b"/")
        above = tuple(os.fsdecode(part) for part in folder.split(b"/")) if folder else ()
        beside = [
            os.path.normpath(os.path.join(root, folder, os.fsencode(nfo)))
            for nfo in nfo_names(os.fsdecode(name), above)
        ]
        found[path] = tuple(said for nfo in beside if (said := facts(nfo)) is not None)
    return found


def _content(path: bytes) -> bytes | None:
    """The first bytes of a regular file; None where there is none. A link is not followed: it may lead out of the root."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return os.read(descriptor, LARGEST_NFO)
    except OSError:
        return None
    finally:
        os.close(descriptor)
