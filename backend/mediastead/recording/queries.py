"""What is asked of the tables for records: which files are due, and how many have one. What one says: `told_queries.py`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, String, and_, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ..files.models import (
    Folder,
    MediaFile,
    MediaFileRecord,
    MediaFileState,
)
from ..files.types import Identification, Presence, RecordForm, Role
from ..libraries.models import Library
from ..unmatched.models import RejectedMatch

WORTH_RECORDING = (Identification.MATCHED, Identification.DISMISSED)
"""What a rebuild could not know. All else comes of itself: what waits, what is asked about, what a rule ignores. Except for what
such a file is not, as a person said."""


class RecordedLibrary(Struct, frozen=True):
    id: int
    name: str
    root: bytes
    root_marker: str | None
    form: RecordForm | None
    unavailable: bool


class Known(Struct, frozen=True):
    """What `media_file_record` says."""

    version: int
    form: RecordForm
    folder_id: int
    name: bytes
    digest: bytes | None
    error: str | None
    folder: bytes | None
    """The path of that folder, relative to the root; None where it is no longer known."""


class Target(Struct, frozen=True, kw_only=True):
    """A file that is there, with what it is taken for."""

    id: int
    version: int
    identification: Identification
    folder_id: int
    folder: bytes
    name: bytes
    size: int
    mtime_ns: int
    role: Role | None
    part: int | None
    edition: str | None
    item_id: int | None
    known: Known | None

    def is_as_known(self, form: RecordForm) -> bool:
        """Whether what was tried last was tried for the file as it is and lies now."""
        known = self.known
        return known is not None and (known.version, known.form, known.folder_id, known.name) == (
            self.version,
            form,
            self.folder_id,
            self.name,
        )


async def library_of(session: AsyncSession, library_id: int) -> RecordedLibrary | None:
    found = (await session.execute(_libraries().where(Library.id == library_id))).one_or_none()
    return _library(found) if found else None


async def recorded_libraries(session: AsyncSession) -> list[RecordedLibrary]:
    """Those whose setting says that records are to be written."""
    query = _libraries().where(Library.record_form.is_not(None)).order_by(Library.id)
    return [_library(row) for row in await session.execute(query)]


async def due_targets(
    session: AsyncSession, library_id: int, form: RecordForm, after: int, limit: int, tried_before: datetime
) -> list[Target]:
    """The next files, in the order of their ids, whose record is not yet as it should be, or failed before a time."""
    record = MediaFileRecord
    moved_or_changed = or_(
        record.version != MediaFile.version,
        record.form != form,
        record.folder_id != MediaFile.folder_id,
        record.name != MediaFile.name,
    )
    due = or_(
        and_(record.file_id.is_(None), _worth_recording()),
        moved_or_changed,
        and_(record.error.is_not(None), record.tried_at < tried_before),
    )
    conditions = (MediaFile.library_id == library_id, MediaFile.id > after, due)
    return await _targets(session, conditions, limit)


def _worth_recording() -> ColumnElement[bool]:
    return or_(MediaFile.identification.in_(WORTH_RECORDING), MediaFile.id.in_(select(RejectedMatch.file_id)))


async def targets_among(session: AsyncSession, library_id: int, file_ids: Sequence[int], limit: int) -> list[Target]:
    """Those of these files that are there and have been decided about."""
    return await _targets(session, (MediaFile.library_id == library_id, MediaFile.id.in_(file_ids)), limit)


async def _targets(session: AsyncSession, conditions: Sequence[ColumnElement[bool]], limit: int) -> list[Target]:
    was = aliased(Folder)
    query = (
        select(
            MediaFile.id,
            MediaFile.version,
            MediaFile.identification,
            MediaFile.folder_id,
            Folder.path.label("folder"),
            MediaFile.name,
            MediaFileState.size,
            MediaFileState.mtime_ns,
            MediaFile.role,
            MediaFile.part,
            MediaFile.edition,
            MediaFile.media_item_id.label("item_id"),
            MediaFileRecord.version,
            MediaFileRecord.form,
            MediaFileRecord.folder_id,
            MediaFileRecord.name,
            MediaFileRecord.digest,
            MediaFileRecord.error,
            was.path,
        )
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .outerjoin(MediaFileRecord, MediaFileRecord.file_id == MediaFile.id)
        .outerjoin(was, and_(was.id == MediaFileRecord.folder_id, was.library_id == MediaFile.library_id))
        .where(
            *conditions,
            MediaFile.identification != Identification.PENDING,
            MediaFile.holds_path,
            MediaFileState.presence == Presence.PRESENT,
            Folder.gap_since.is_(None),
        )
        .order_by(MediaFile.id)
        .limit(limit)
    )
    names = ("id", "version", "identification", "folder_id", "folder", "name", "size", "mtime_ns", "role", "part")
    names += ("edition", "item_id")
    targets: list[Target] = []
    rows: list[Any] = list((await session.execute(query)).all())
    for row in rows:
        values: dict[str, Any] = dict(zip(names, row, strict=False))
        targets.append(Target(**values, known=Known(*row[len(names) :]) if row[len(names)] is not None else None))
    return targets


async def files_of_items(session: AsyncSession, item_ids: Sequence[int]) -> list[tuple[int, int]]:
    """(library, file) of all files of these items, and of those that a person said are not one of them."""
    rejecting = select(RejectedMatch.file_id).where(RejectedMatch.item_id.in_(item_ids))
    query = select(MediaFile.library_id, MediaFile.id)
    theirs = query.where(MediaFile.media_item_id.in_(item_ids)).union(query.where(MediaFile.id.in_(rejecting)))
    return [(row[0], row[1]) for row in await session.execute(theirs)]


async def files_with_records(session: AsyncSession, file_ids: Sequence[int]) -> set[int]:
    """Those of which this database has noted what lies beside them: it knows better than what lies there."""
    query = select(MediaFileRecord.file_id).where(
        MediaFileRecord.file_id.in_(file_ids), MediaFileRecord.written_at.is_not(None)
    )
    return set((await session.execute(query)).scalars())


async def records_counted(session: AsyncSession, library_ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """By library: files worth a record that have one as they are now, those where that failed, and all of them."""
    if not library_ids:
        return {}  # with an empty list, the databases go through all files to find none
    record = MediaFileRecord
    current = and_(record.version == MediaFile.version, record.form == Library.record_form)
    query = (
        select(
            MediaFile.library_id,
            func.count().filter(current, record.written_at.is_not(None)),
            func.count().filter(current, record.written_at.is_(None)),
            func.count(),
        )
        .join(Library, Library.id == MediaFile.library_id)
        .outerjoin(record, record.file_id == MediaFile.id)
        .where(
            MediaFile.library_id.in_(library_ids),
            _worth_recording(),
            # A list of the few that are missing: to look at the state of each file takes most of the time.
            MediaFile.id.not_in(select(MediaFileState.file_id).where(_is_missing())),
        )
        .group_by(MediaFile.library_id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in await session.execute(query)}


def _is_missing() -> ColumnElement[bool]:
    # Written out: with a parameter SQLite does not see that its index of missing files fits.
    return MediaFileState.presence == literal_column("'missing'", String)


def _libraries() -> Any:
    return select(
        Library.id,
        Library.name,
        Library.root,
        Library.root_marker,
        Library.record_form,
        Library.unavailable_since.is_not(None),
    )


def _library(row: Any) -> RecordedLibrary:
    form = RecordForm(row[4]) if row[4] is not None else None
    return RecordedLibrary(row[0], row[1], row[2], row[3], form, row[5])
