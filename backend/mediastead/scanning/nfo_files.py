"""Reads the NFO files that lie beside media files. Reading only: nothing here changes a user's folder."""

import errno
import os
import stat
from collections.abc import Iterable

import structlog

from ..db.text import shown
from ..parsing.nfo import LARGEST_NFO, NfoFacts, nfo_names, read_nfo

log = structlog.stdlib.get_logger(__name__)


def nfo_beside(root: bytes, paths: Iterable[bytes]) -> dict[bytes, tuple[NfoFacts, ...]]:
    """What the NFO files of each of these media files say, the nearest first. `paths` are relative to `root`. Blocking.

    A file whose NFO files cannot be read now, or that is no longer there itself (a drive that went away takes both), is
    left out: nothing may be decided about it as if it had none.
    """
    read: dict[bytes, NfoFacts | None] = {}

    def facts(path: bytes) -> NfoFacts | None:
        if path not in read:
            content = _content(path)
            read[path] = read_nfo(content) if content is not None else None
        return read[path]

    found: dict[bytes, tuple[NfoFacts, ...]] = {}
    for path in paths:
        try:
            said = tuple(fact for nfo in _names(root, path) if (fact := facts(nfo)) is not None)
            os.lstat(os.path.join(root, path))
        except OSError as error:
            log.info("a file cannot be looked at now, it stays pending", path=shown(path), error=error.strerror)
        else:
            found[path] = said
    return found


def _names(root: bytes, path: bytes) -> list[bytes]:
    folder, _, name = path.rpartition(b"/")
    above = tuple(os.fsdecode(part) for part in folder.split(b"/")) if folder else ()
    names = [os.fsencode(nfo) for nfo in nfo_names(os.fsdecode(name), above)]
    return [os.path.normpath(os.path.join(root, folder, name)) for name in names]


def _content(path: bytes) -> bytes | None:
    """The first bytes of a regular file; None where there is none. A link is not followed: it may lead out of the root."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise
    try:
        return os.read(descriptor, LARGEST_NFO) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    finally:
        os.close(descriptor)


_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO, errno.EACCES, errno.EPERM)
"""Not there, a link, a socket, or not ours to read: as good as none. Anything else is trouble of the disk."""
