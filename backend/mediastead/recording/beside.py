"""Reads back what was written beside files, by this database or a former one."""

import os
from collections.abc import Iterable

import structlog
from msgspec import Struct

from ..db.text import shown
from ..disk.beneath import OpenFolder, open_folder
from ..files.types import RecordForm
from ..matching.decision import Recorded
from .nfo_form import LARGEST, nfo_name, record_in
from .record import Record, decoded

ATTRIBUTE = "user.mediastead"

log = structlog.stdlib.get_logger(__name__)


class Sized(Struct, frozen=True):
    """A media file: its path relative to the root, and its size in bytes."""

    path: bytes
    size: int


def records_beside(root: bytes, files: Iterable[Sized]) -> dict[bytes, Recorded]:
    """By path, what was written about each file; those without a record are left out. Blocking.

    An NFO comes before an attribute: it is what a person sees. What cannot be read is as good as not there.
    """
    found: dict[bytes, Recorded] = {}
    for file in files:
        folder, _, name = file.path.rpartition(b"/")
        try:
            with open_folder(root, folder) as opened:
                record = record_of(opened, name, file.size)
        except OSError as error:
            log.info("the record beside a file cannot be read", path=shown(file.path), error=error.strerror)
            continue
        if record is not None:
            found[file.path] = record.said
    return found


def record_of(folder: OpenFolder, name: bytes, size: int) -> Record | None:
    """The record of one media file. One that was written for another file, and copied, is none."""
    for read in (_in_nfo, _in_attribute):
        record = read(folder, name)
        if record is not None and record.is_about(shown(name), size):
            return record
    return None


def _in_nfo(folder: OpenFolder, name: bytes) -> Record | None:
    try:
        content = folder.read(nfo_name(name), LARGEST + 1)
    except OSError:
        return None  # a link, a folder, a name that is too long: nothing that we wrote
    return record_in(content) if content is not None else None


def _in_attribute(folder: OpenFolder, name: bytes) -> Record | None:
    if not hasattr(os, "getxattr"):
        return None
    try:
        content = folder.attribute(name, ATTRIBUTE)
    except OSError:
        return None
    return decoded(content, RecordForm.XATTR) if content is not None else None
