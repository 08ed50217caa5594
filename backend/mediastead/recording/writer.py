"""Writes records in batches, one library at a time, each batch under the library's lock: read, write to disk, note.

The disk and the database cannot change in one step, so the order makes a crash harmless: what was written to disk and not
yet noted is found to lie there already by the next batch.
"""

import asyncio
import errno
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from msgspec import Struct
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..db.text import shown
from ..disk.beneath import NotAsExpected, open_folder
from ..disk.calls import CALLS, Calls
from ..disk.marker import read_marker
from ..files.models import MediaFileRecord
from ..files.types import RecordForm
from ..libraries.errors import LibraryNotFound
from ..libraries.lock import library_lock
from ..parsing.nfo import LARGEST_NFO, NfoFacts, read_nfo
from . import queries
from .errors import LibraryInUse
from .nfo_form import is_ours
from .placing import DiskTrouble, Done, Placed, in_words, orphan_of, place, take_away_orphan
from .queries import RecordedLibrary, Target
from .wanted import Wanted, wanted_records

BATCH = 100
"""Files under one hold of the library's lock: some seconds on a slow disk, so that a scan need not wait for long."""
TRIED_AGAIN = timedelta(hours=6)
"""After which a file is tried again whose record could not be written."""

_PLACED = (Done.WRITTEN, Done.SAME, Done.REMOVED)

log = structlog.stdlib.get_logger(__name__)


class Batch(Struct, frozen=True):
    placed: list[Placed]
    next: int | None
    """The id behind which the next batch begins; None at the end."""
    trouble: str | None = None
    """What keeps everything from being written, in words. The batch ended there."""


class RecordWriter:
    def __init__(self, database: Database, clock: Clock, *, calls: Calls = CALLS) -> None:
        self._database = database
        self._clock = clock
        self._calls = calls

    async def batch(
        self,
        library_id: int,
        form: RecordForm,
        *,
        after: int = 0,
        limit: int = BATCH,
        among: Sequence[int] | None = None,
        preview: bool = False,
    ) -> Batch:
        """Write the records of the next files that are due, or of those `among` that are not as they should be.

        Raises `LibraryNotFound`, and `LibraryInUse` where somebody else holds the library's lock.
        """
        async with library_lock(self._database, library_id).hold() as held:
            if not held:
                raise LibraryInUse(f"Library {library_id} is being scanned or changed; try again when that has ended.")
            async with self._database.read() as session:
                library = await queries.library_of(session, library_id)
                if library is None:
                    raise LibraryNotFound(library_id)
                targets = await self._targets(session, library, form, after, limit, among)
                wanted = await wanted_records(session, targets, form)
            if among is not None:
                wanted = [one for one in wanted if _is_due(one, form)]
            placed, trouble = await asyncio.to_thread(self._place_all, library, wanted, form, preview)
            if not preview:
                await self._note(placed, form)
        more = among is None and len(targets) == limit and trouble is None
        return Batch(placed, targets[-1].id if more else None, trouble)

    async def _targets(
        self,
        session: AsyncSession,
        library: RecordedLibrary,
        form: RecordForm,
        after: int,
        limit: int,
        among: Sequence[int] | None,
    ) -> list[Target]:
        if library.unavailable:
            return []
        if among is not None:
            return await queries.targets_among(session, library.id, among, limit)
        tried_before = self._clock.now() - TRIED_AGAIN
        return await queries.due_targets(session, library.id, form, after, limit, tried_before)

    def _place_all(
        self, library: RecordedLibrary, wanted: Sequence[Wanted], form: RecordForm, preview: bool
    ) -> tuple[list[Placed], str | None]:
        """Folder by folder. What keeps everything from being written ends it, and is noted with the file it befell."""
        placed: list[Placed] = []
        if not wanted:
            return placed, None
        try:
            if library.root_marker is not None and read_marker(library.root) != library.root_marker:
                return placed, "what lies in the root is not the library (is the disk mounted?): nothing was written."
            by_folder: dict[bytes, list[Wanted]] = {}
            for one in wanted:
                by_folder.setdefault(one.target.folder, []).append(one)
            for path, those in by_folder.items():
                try:
                    self._place_in(library.root, path, those, form, preview, placed)
                except OSError as error:
                    if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES):
                        raise
                    gone = error.errno == errno.ENOENT
                    done = Done.SKIPPED if gone else Done.FAILED
                    placed += [Placed(one, done, None if gone else in_words(error)) for one in those]
        except OSError as error:
            return placed, in_words(error)
        except DiskTrouble as trouble:
            return placed, str(trouble)
        return placed, None

    def _place_in(
        self,
        root: bytes,
        path: bytes,
        wanted: Sequence[Wanted],
        form: RecordForm,
        preview: bool,
        placed: list[Placed],
    ) -> None:
        with open_folder(root, path, self._calls) as folder:
            if form is RecordForm.NFO and not preview:
                folder.clean_up(is_ours)
            for one in wanted:
                try:
                    placed.append(place(folder, one, form, lambda: _series_at(root, path), preview=preview))
                except DiskTrouble as trouble:
                    placed.append(Placed(one, Done.FAILED, str(trouble)))
                    raise
                if not preview and placed[-1].done in _PLACED:
                    self._take_away_orphan(root, one.target)

    def _take_away_orphan(self, root: bytes, target: Target) -> None:
        """What cannot be removed stays: it says of no other file what that is, as it names the file that it is about."""
        if (orphan := orphan_of(target)) is None:
            return
        path, name = orphan
        try:
            with open_folder(root, path, self._calls) as folder:
                take_away_orphan(folder, name, target)
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, NotAsExpected) as error:
            log.info("a record could not follow its file", path=shown(path + b"/" + name), error=str(error))

    async def _note(self, placed: Sequence[Placed], form: RecordForm) -> None:
        now = self._clock.now()
        rows = [_row(one, form, now) for one in placed if one.done is not Done.SKIPPED]
        if not rows:
            return
        async with self._database.write() as session:
            ids = [row["file_id"] for row in rows]
            await session.execute(delete(MediaFileRecord).where(MediaFileRecord.file_id.in_(ids)))
            await session.execute(insert(MediaFileRecord), rows)
        for one in placed:
            if one.done is Done.FAILED:
                log.warning("a record could not be written", file_id=one.wanted.target.id, error=one.error)


def _series_at(root: bytes, path: bytes) -> NfoFacts | None:
    """What the nearest `tvshow.nfo` says, in this folder or the two above."""
    for _ in range(3):
        with open_folder(root, path) as folder:
            content = folder.read(b"tvshow.nfo", LARGEST_NFO)
        if content is not None:
            return read_nfo(content)
        if not path:
            break
        path = path.rpartition(b"/")[0]
    return None


def _is_due(wanted: Wanted, form: RecordForm) -> bool:
    target = wanted.target
    if target.known is None:
        return wanted.content is not None
    return not target.is_as_known(form) or (target.known.error is None and target.known.digest != wanted.digest)


def _row(placed: Placed, form: RecordForm, now: datetime) -> dict[str, object]:
    target = placed.wanted.target
    failed = placed.done in (Done.THEIRS, Done.FAILED)
    return {
        "file_id": target.id,
        "version": target.version,
        "form": form,
        "folder_id": target.folder_id,
        "name": target.name,
        "digest": None if failed else placed.wanted.digest,
        "tried_at": now,
        "written_at": None if failed else now,
        "error": placed.error if failed else None,
    }
