"""Reads the NFO files that lie beside media files. Reading only: nothing here changes a user's folder."""

import errno
import os
import stat
from collections.abc import Iterable

import structlog

from ..db.text import shown
from ..disk.looks import status_of
from ..parsing.nfo import LARGEST_NFO, NfoFacts, read_nfo
from ..parsing.nfo_names import NfoName, holds_one_film, nfo_names
from ..recording.nfo_form import is_ours
from .rules import is_disc_folder, is_video, rule_for_name

log = structlog.stdlib.get_logger(__name__)


def nfo_beside(root: bytes, paths: Iterable[bytes]) -> dict[bytes, tuple[NfoFacts, ...]]:
    """What the NFO files of each of these media files say, the nearest first. `paths` are relative to `root`. Blocking.

    A file whose NFO files cannot be read now, or that is no longer there itself (a drive that went away takes both), is
    left out: nothing may be decided about it as if it had none.
    """
    reader = _Reader(root)
    found: dict[bytes, tuple[NfoFacts, ...]] = {}
    for path in paths:
        try:
            said = reader.facts_beside(path)
            status_of(os.path.join(root, path), follow=False)
        except OSError as error:
            log.info("a file cannot be looked at now, it stays pending", path=shown(path), error=error.strerror)
        else:
            found[path] = said
    return found


class _Reader:
    """Reads each NFO, and looks at each folder, once for all files that it belongs to."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._read: dict[bytes, NfoFacts | None] = {}
        self._holds_one: dict[bytes, bool] = {}

    def facts_beside(self, path: bytes) -> tuple[NfoFacts, ...]:
        folder, _, name = path.rpartition(b"/")
        above = tuple(os.fsdecode(part) for part in folder.split(b"/")) if folder else ()
        said: list[NfoFacts] = []
        for nfo in nfo_names(os.fsdecode(name), above):
            facts = self._facts(folder, nfo)
            if facts is not None and (not nfo.of_folder or self._is_of_one_film(folder)):
                said.append(facts)
        return tuple(said)

    def _facts(self, folder: bytes, nfo: NfoName) -> NfoFacts | None:
        path = os.path.normpath(os.path.join(self._root, folder, os.fsencode(nfo.path)))
        if path not in self._read:
            content = _content(path)
            # What we wrote ourselves is a record, or an old one: what was decided once is no evidence for deciding it again.
            self._read[path] = read_nfo(content) if content is not None and not is_ours(content) else None
        return self._read[path]

    def _is_of_one_film(self, folder: bytes) -> bool:
        if folder not in self._holds_one:
            with os.scandir(os.path.join(self._root, folder)) as entries:
                media = (os.fsdecode(entry.name) for entry in entries if _counts(entry.name))
                self._holds_one[folder] = holds_one_film(os.fsdecode(folder), media)
        return self._holds_one[folder]


def _counts(name: bytes) -> bool:
    return rule_for_name(name) is None and (is_video(name) or is_disc_folder(name))


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
