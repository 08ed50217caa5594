"""How many files there are of what: the invariant, as numbers."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, field
from sqlalchemy import ColumnElement, String, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from ..libraries.models import Library
from .models import Folder, MediaFile, MediaFileState
from .types import Identification, Presence


def _no_presence() -> dict[str, int]:
    return dict.fromkeys((presence.value for presence in Presence), 0)


def _no_identification() -> dict[str, int]:
    return dict.fromkeys((identification.value for identification in Identification), 0)


class FileCounts(Struct, kw_only=True):
    """Files of a library, without those that a person had forgotten."""

    by_presence: dict[str, int] = field(default_factory=_no_presence)
    """`present`, `missing`, `unknown`: adds up to all files."""
    by_identification: dict[str, int] = field(default_factory=_no_identification)
    """Of the files that are present or unknown: adds up to those two."""
    missing_by_identification: dict[str, int] = field(default_factory=_no_identification)
    """What the missing ones were: adds up to `by_presence.missing`."""
    settling: int = 0
    """Of the pending ones: just written to, and looked at again when they stop growing."""
    out_of_reach: int = 0
    """Of the pending ones: behind a gap, or in a library that is not there."""
    rotted: int = 0
    """Of those that are not missing: no longer what they were, though nobody changed them."""
    doubted: int = 0
    """Of those that are not missing: replaced since they were matched, by what hardly is the same."""


async def counts_by_library(session: AsyncSession, library_ids: Sequence[int] | None = None) -> dict[int, FileCounts]:
    """The counts of libraries (of all, where none are named); those without any file are left out.

    All files are counted along an index alone; then those are looked up that are not simply there, which are few, each kind by
    its own index. As one statement over four tables that took seconds for a million files.
    """
    counts: dict[int, FileCounts] = {}
    all_of_them = [MediaFile.library_id.in_(library_ids)] if library_ids is not None else []
    for library_id, identification, count in await _counted(session, *all_of_them):
        library = counts.setdefault(library_id, FileCounts())
        library.by_presence[Presence.PRESENT] += count
        library.by_identification[identification] += count
    # Of all libraries, and picked out here: asked for some, SQLite would go through all of their files.
    for library_id, identification, count in await _counted(session, _is_missing()):
        if library := counts.get(library_id):
            library.by_presence[Presence.PRESENT] -= count
            library.by_presence[Presence.MISSING] += count
            library.by_identification[identification] -= count
            library.missing_by_identification[identification] += count
    for library_id, identification, count in await _counted(session, _is_behind_gap(), _is_present()):
        if library := counts.get(library_id):
            library.by_presence[Presence.PRESENT] -= count
            library.by_presence[Presence.UNKNOWN] += count
            library.out_of_reach += count if identification is Identification.PENDING else 0
    for library_id in await _unavailable(session):
        if library := counts.get(library_id):
            library.by_presence[Presence.UNKNOWN] += library.by_presence[Presence.PRESENT]
            library.by_presence[Presence.PRESENT] = 0
            library.out_of_reach = library.by_identification[Identification.PENDING]
    for library_id, identification, count in await _counted(session, _is_unsettled(), _is_present()):
        if identification is Identification.PENDING and (library := counts.get(library_id)):
            library.settling += count
    for library_id, _, count in await _counted(session, _is_noted(MediaFileState.rotted_at), _is_present()):
        if library := counts.get(library_id):
            library.rotted += count
    for library_id, _, count in await _counted(session, _is_noted(MediaFileState.doubted_at), _is_present()):
        if library := counts.get(library_id):
            library.doubted += count
    return counts


async def _counted(session: AsyncSession, *which: ColumnElement[bool]) -> Sequence[tuple[int, Identification, int]]:
    """(library, identification, files) of the files that are not forgotten, and for which all of `which` holds."""
    columns = MediaFile.library_id, MediaFile.identification
    query = select(*columns, func.count()).where(~MediaFile.hidden, *which).group_by(*columns)
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


def _is_missing() -> ColumnElement[bool]:
    # Written out: with a parameter SQLite does not see that its index of missing files fits.
    missing = MediaFileState.presence == literal_column("'missing'", String)
    return MediaFile.id.in_(select(MediaFileState.file_id).where(missing))


def _is_present() -> ColumnElement[bool]:
    # Looked up for each: for those that are not among the missing ones, PostgreSQL goes through all files.
    presence = select(MediaFileState.presence).where(MediaFileState.file_id == MediaFile.id).scalar_subquery()
    return presence == Presence.PRESENT


def _is_behind_gap() -> ColumnElement[bool]:
    return MediaFile.folder_id.in_(select(Folder.id).where(Folder.gap_since.is_not(None)))


def _is_unsettled() -> ColumnElement[bool]:
    return MediaFile.id.in_(select(MediaFileState.file_id).where(MediaFileState.unsettled_since.is_not(None)))


def _is_noted(since: InstrumentedAttribute[datetime | None]) -> ColumnElement[bool]:
    return MediaFile.id.in_(select(MediaFileState.file_id).where(since.is_not(None)))


async def _unavailable(session: AsyncSession) -> Sequence[int]:
    return (await session.execute(select(Library.id).where(Library.unavailable_since.is_not(None)))).scalars().all()


async def pending_counts(session: AsyncSession) -> tuple[int, int]:
    """Pending files that are not missing, in all libraries; and how many of them are still being written."""
    query = (
        select(func.count(), func.count(MediaFileState.unsettled_since))
        .select_from(MediaFile)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(
            MediaFile.identification == Identification.PENDING,
            MediaFileState.presence == Presence.PRESENT,
            ~MediaFile.hidden,
        )
    )
    total, settling = (await session.execute(query)).one()
    return total, settling
