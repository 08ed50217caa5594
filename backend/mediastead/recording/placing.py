"""Puts one record where it belongs, without ever touching what is a person's own."""

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from ..catalog.types import ItemType
from ..db.text import shown
from ..disk.beneath import NotAsExpected, OpenFolder
from ..files.types import RecordForm, Role
from ..parsing.nfo import LARGEST_NFO, NfoFacts, NfoKind, read_nfo
from .beside import ATTRIBUTE
from .nfo_form import LARGEST, is_ours, nfo_name, record_in
from .queries import Target
from .record import Record, decoded
from .wanted import Wanted


class Done(StrEnum):
    """What became of one record."""

    WRITTEN = "written"
    SAME = "same"
    """It lay there already, or a person's own NFO says as much."""
    REMOVED = "removed"
    """What was written before no longer holds."""
    SKIPPED = "skipped"
    """The file is not as the last scan saw it; after the next scan it has its turn."""
    THEIRS = "theirs"
    """A person's own NFO is in the way, and says otherwise. It is left as it is."""
    FAILED = "failed"


class Placed(Struct, frozen=True):
    wanted: Wanted
    done: Done
    error: str | None = None
    """For `theirs` and `failed`: why, and what to do."""


class DiskTrouble(Exception):
    """Nothing can be written in this library now, whichever file it is for."""


def place(
    folder: OpenFolder,
    wanted: Wanted,
    form: RecordForm,
    series: Callable[[], NfoFacts | None],
    *,
    preview: bool = False,
) -> Placed:
    """Write, replace or remove the record of one file in its open folder; with `preview` only say what would be done.

    `series` reads the series' NFO of this folder, where it is needed.

    Raises `DiskTrouble` for what concerns the whole disk; what concerns one file is its result.
    """
    target = wanted.target
    if wanted.error is not None:
        return Placed(wanted, Done.FAILED, wanted.error)
    try:
        status = folder.status(target.name)
        if stat.S_ISLNK(status.st_mode):
            return Placed(wanted, Done.FAILED, f"{shown(target.name)} is a link: nothing is written behind it.")
        if stat.S_ISREG(status.st_mode) and (status.st_size, status.st_mtime_ns) != (target.size, target.mtime_ns):
            return Placed(wanted, Done.SKIPPED)
        put = _put_nfo if form is RecordForm.NFO else _put_attribute
        placed = put(folder, wanted, series, preview)
        if (
            placed.done is not Done.THEIRS
            and target.known is not None
            and target.known.form is not form
            and not preview
        ):
            _take_away_other(folder, target.name, form)
    except FileNotFoundError:
        return Placed(wanted, Done.SKIPPED)
    except NotAsExpected:
        return Placed(wanted, Done.SKIPPED)  # somebody is at it in this very moment
    except OSError as error:
        if error.errno in _OF_THE_DISK:
            raise DiskTrouble(in_words(error)) from error
        return Placed(wanted, Done.FAILED, in_words(error))
    return placed


def orphan_of(target: Target) -> tuple[bytes, bytes] | None:
    """The folder (relative to the root) and name of the NFO that was written for a file before it was moved or renamed; None
    where there is none, or the one that is written now takes its place."""
    known = target.known
    if known is None or known.form is not RecordForm.NFO or known.folder is None or known.digest is None:
        return None
    was, now = (known.folder, nfo_name(known.name)), (target.folder, nfo_name(target.name))
    return was if was != now else None


def take_away_orphan(folder: OpenFolder, name: bytes, target: Target) -> None:
    """Remove it, where it is to the last byte what was written then, and no file of its former name lies there again.

    Raises OSError, and `NotAsExpected` where somebody is at it in this very moment.
    """
    known = target.known
    if known is None or _exists(folder, shown(known.name)):
        return
    there = folder.read(name, LARGEST + 1)
    if there is not None and hashlib.blake2b(there, digest_size=16).digest() == known.digest:
        folder.remove(name, there)


def _put_nfo(folder: OpenFolder, wanted: Wanted, series: Callable[[], NfoFacts | None], preview: bool) -> Placed:
    name = nfo_name(wanted.target.name)
    there = folder.read(name, LARGEST_NFO)
    if wanted.content is None or wanted.record is None:
        if there is None or not _is_of(there, wanted.target.name):
            return Placed(wanted, Done.SAME)
        if not preview:
            folder.remove(name, there)
        return Placed(wanted, Done.REMOVED)
    if there == wanted.content:
        return Placed(wanted, Done.SAME)
    if there is None:
        if not preview:
            folder.create(name, wanted.content)
        return Placed(wanted, Done.WRITTEN)
    if not is_ours(there):
        if _says_as_much(there, wanted.record, series):
            return Placed(wanted, Done.SAME)
        return Placed(
            wanted,
            Done.THEIRS,
            f"{shown(name)} is a person's own and does not say the same, so it was left as it is: record into extended "
            "attributes instead (`--record xattr`), or move it away.",
        )
    before = record_in(there)
    if before is None:
        newer = f"{shown(name)} was written by a newer version of Mediastead: run that one, or move the file away."
        return Placed(wanted, Done.THEIRS, newer)
    if before.file != shown(wanted.target.name) and _exists(folder, before.file):
        shared = (
            f"{shown(name)} records {before.file}, which has the same name but for its suffix: record into extended "
            "attributes instead (`--record xattr`), or rename one of the two."
        )
        return Placed(wanted, Done.THEIRS, shared)
    if not preview:
        folder.replace(name, wanted.content, there)
    return Placed(wanted, Done.WRITTEN)


def _put_attribute(folder: OpenFolder, wanted: Wanted, _series: Callable[[], NfoFacts | None], preview: bool) -> Placed:
    if not hasattr(os, "setxattr"):
        raise DiskTrouble("Mediastead writes extended attributes on Linux only: record into NFO files instead.")
    name = wanted.target.name
    there = folder.attribute(name, ATTRIBUTE)
    if there == wanted.content:
        return Placed(wanted, Done.SAME)
    if there is not None and decoded(there, RecordForm.XATTR) is None:
        newer = f"its attribute {ATTRIBUTE} was written by a newer version of Mediastead: run that one, or remove it."
        return Placed(wanted, Done.THEIRS, newer)
    if not preview:
        folder.set_attribute(name, ATTRIBUTE, wanted.content)
    return Placed(wanted, Done.REMOVED if wanted.content is None else Done.WRITTEN)


def _take_away_other(folder: OpenFolder, name: bytes, form: RecordForm) -> None:
    """The record in the former form, which from now on would grow old. A person's own NFO is none."""
    if form is RecordForm.XATTR:
        there = folder.read(nfo_name(name), LARGEST + 1)
        if there is not None and _is_of(there, name):
            folder.remove(nfo_name(name), there)
    elif hasattr(os, "setxattr") and folder.attribute(name, ATTRIBUTE) is not None:
        folder.set_attribute(name, ATTRIBUTE, None)


def _is_of(nfo: bytes, media_name: bytes) -> bool:
    record = record_in(nfo)
    return record is not None and record.file == shown(media_name)


def _exists(folder: OpenFolder, name: str) -> bool:
    try:
        folder.status(os.fsencode(name))
    except OSError:
        return False
    return True


def _says_as_much(nfo: bytes, record: Record, series: Callable[[], NfoFacts | None]) -> bool:
    """Whether a person's NFO would give the same again: the film's id; or the numbers, with the series' id in `tvshow.nfo`."""
    facts, said = read_nfo(nfo), record.said
    if facts is None or said.tmdb_id is None or said.part is not None or said.edition is not None:
        return False
    if said.type is ItemType.MOVIE:
        return said.role is Role.FEATURE and facts.kind is NfoKind.MOVIE and _names(facts, said.tmdb_id)
    numbers = tuple((each.season, each.number) for each in said.episodes)
    if facts.kind is not NfoKind.EPISODE or tuple((facts.season, number) for number in facts.episodes) != numbers:
        return False
    of_series = series()
    return of_series is not None and of_series.kind is NfoKind.SERIES and _names(of_series, said.tmdb_id)


def _names(facts: NfoFacts, tmdb_id: int) -> bool:
    return facts.ids.get("tmdb") == str(tmdb_id)


_OF_THE_DISK = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EIO,
    errno.ENODEV,
    errno.ENXIO,
    errno.ESTALE,
    errno.ENOTCONN,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ETIMEDOUT,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
)
"""What one file has in common with all others of its disk."""

_ADVICE = {
    errno.ENOSPC: "make room on it",
    errno.EDQUOT: "raise the quota or make room",
    errno.EROFS: "mount it so that it can be written to, or record nothing (`--record off`)",
    errno.EACCES: "give the account that Mediastead runs under the right to write there",
    errno.EPERM: "give the account that Mediastead runs under the right to write there",
    errno.ENOTSUP: "this file system has no extended attributes: record into NFO files instead (`--record nfo`)",
    errno.ENAMETOOLONG: "shorten the file's name, or record into extended attributes (`--record xattr`)",
    errno.ELOOP: "a link is in the way: nothing is written behind links",
}


def in_words(error: OSError) -> str:
    """`No space left on device: make room on it.`"""
    advice = _ADVICE.get(error.errno or 0, "it will be tried again later")
    return f"{error.strerror or error}: {advice}."
