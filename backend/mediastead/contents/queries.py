"""What is asked about contents: which files are to be read."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, String, and_, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from ..files.content_models import MediaFileProbe
from ..files.models import Folder, MediaFile, MediaFileState
from ..files.types import Presence
from ..libraries.models import Library, Scan, ScanPhase
from ..scanning.queries import absolute


class UnreadFile(Struct, frozen=True, kw_only=True):
    """A file that is there and whose content is to be read, as it is known."""

    id: int
    library_id: int
    path: bytes
    """Absolute."""
    size: int
    mtime_ns: int
    tries: int


async def busy_libraries(session: AsyncSession) -> list[int]:
    """Libraries of which nothing is to be read now: they are being scanned, moved in or
    removed, or are not there."""
    scanned = select(Scan.library_id).where(Scan.phase == ScanPhase.INVENTORY)
    query = select(Library.id).where(
        or_(
            Library.unavailable_since.is_not(None),
            Library.organizing_group_id.is_not(None),
            Library.removing_since.is_not(None),
            Library.id.in_(scanned),
        )
    )
    return list((await session.execute(query)).scalars())


async def anything_unread(session: AsyncSession, now: datetime, busy: Sequence[int]) -> bool:
    """Asked first, so that an idle process writes nothing."""
    return await _is_any(session, _due_at(MediaFileState.read_due_at, now, busy))


async def unread_files(session: AsyncSession, now: datetime, busy: Sequence[int], limit: int) -> list[UnreadFile]:
    """Those that are due first; the caller claims them in the same transaction."""
    query = _first_due(MediaFileState.read_due_at, now, busy, limit, MediaFileState.read_tries)
    return [
        UnreadFile(
            id=row[0],
            library_id=row[1],
            path=absolute(row[2], row[3], row[4]),
            size=row[5],
            mtime_ns=row[6],
            tries=row[7],
        )
        for row in await session.execute(query)
    ]


async def existing(session: AsyncSession, file_ids: Sequence[int]) -> set[int]:
    """Those of the files that were not removed with their library meanwhile; they stay until the transaction ends."""
    query = (
        select(MediaFile.id).where(MediaFile.id.in_(file_ids)).order_by(MediaFile.id).with_for_update(key_share=True)
    )
    return set((await session.execute(query)).scalars())


async def reader_versions(session: AsyncSession, after_id: int, limit: int) -> list[tuple[int, int]]:
    """(file, version by which its content was read) from the file after `after_id` on; 0 where it was not."""
    query = (
        select(MediaFileState.file_id, func.coalesce(MediaFileProbe.reader, 0))
        .outerjoin(MediaFileProbe, MediaFileProbe.file_id == MediaFileState.file_id)
        .where(MediaFileState.file_id > after_id)
        .order_by(MediaFileState.file_id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


class DueFile(Struct, frozen=True, kw_only=True):
    """A file that is there and is to be read whole, as it is known."""

    id: int
    library_id: int
    path: bytes
    """Absolute."""
    size: int
    mtime_ns: int
    content_hash: bytes | None
    hash_is_former: bool
    """Of what lay there before another inode did."""
    rotted_at: datetime | None
    has_fingerprint: bool


async def is_any_due(session: AsyncSession, now: datetime, busy: Sequence[int]) -> bool:
    """Asked first, so that an idle process writes nothing."""
    return await _is_any(session, _due_at(MediaFileState.verify_due_at, now, busy))


async def due_files(session: AsyncSession, now: datetime, busy: Sequence[int], limit: int) -> list[DueFile]:
    """Those that are to be read whole first; the caller claims them in the same transaction."""
    state = MediaFileState
    more = state.content_hash, state.hash_is_former, state.rotted_at, state.fingerprint
    return [
        DueFile(
            id=row[0],
            library_id=row[1],
            path=absolute(row[2], row[3], row[4]),
            size=row[5],
            mtime_ns=row[6],
            content_hash=row[7],
            hash_is_former=row[8],
            rotted_at=row[9],
            has_fingerprint=row[10] is not None,
        )
        for row in await session.execute(_first_due(state.verify_due_at, now, busy, limit, *more))
    ]


async def schedules_after(
    session: AsyncSession, after_id: int, limit: int
) -> list[tuple[int, datetime | None, datetime | None]]:
    """(file, when it was verified, when it is due) of present files from the one after `after_id` on."""
    query = (
        select(MediaFileState.file_id, MediaFileState.verified_at, MediaFileState.verify_due_at)
        .where(MediaFileState.file_id > after_id, MediaFileState.presence == Presence.PRESENT)
        .order_by(MediaFileState.file_id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def roots_of(
    session: AsyncSession, library_id: int | None, file_id: int | None
) -> list[tuple[int, bytes, str | None]]:
    """(library, root, marker) of the libraries that these files lie in, but for those that are known to be away."""
    query = select(Library.id, Library.root, Library.root_marker).where(Library.unavailable_since.is_(None))
    if which := _of(library_id, file_id):
        query = query.where(Library.id.in_(select(MediaFile.library_id).where(*which)))
    return [(row[0], row[1], row[2]) for row in await session.execute(query.order_by(Library.id))]


async def present_ids(
    session: AsyncSession,
    library_id: int | None,
    file_id: int | None,
    after_id: int,
    limit: int,
    away: Collection[int],
) -> list[tuple[int, bool]]:
    """Files that are there, from the one after `after_id` on, each with whether it is out of reach now: its library is one of
    `away`, its disk is not mounted, or its folder cannot be listed."""
    query = (
        select(MediaFile.id, ~and_(_in_reach(), MediaFile.library_id.not_in(away)))
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(MediaFile.id > after_id, MediaFileState.presence == Presence.PRESENT, *_of(library_id, file_id))
        .order_by(MediaFile.id)
        .limit(limit)
    )
    return [(row[0], bool(row[1])) for row in await session.execute(query)]


async def left_to_verify(session: AsyncSession, since: datetime, library_id: int | None, file_id: int | None) -> int:
    """Files that were to be read at `since`, were not tried yet, and can be: what is gone, still growing or out of reach now is
    not waited for."""
    state = MediaFileState
    query = (
        select(func.count())
        .select_from(state)
        .join(MediaFile, MediaFile.id == state.file_id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(
            MediaFile.created_at <= since,
            state.verify_due_at.is_not(None),
            or_(state.verify_tried_at.is_(None), state.verify_tried_at < since),
            state.presence == Presence.PRESENT,
            state.unsettled_since.is_(None),
            _in_reach(),
            *_of(library_id, file_id),
        )
    )
    return (await session.execute(query)).scalar_one()


def _in_reach() -> ColumnElement[bool]:
    return and_(Library.unavailable_since.is_(None), Folder.gap_since.is_(None), MediaFile.holds_path.is_(True))


async def verified_since(
    session: AsyncSession, since: datetime, library_id: int | None, file_id: int | None
) -> tuple[int, int, int]:
    """(read, could not be read, rotted) of the files that were tried at `since` or later."""
    query = (
        select(
            func.count(),
            func.count(MediaFileState.verify_error),
            func.count(MediaFileState.rotted_at),
        )
        .select_from(MediaFileState)
        .join(MediaFile, MediaFile.id == MediaFileState.file_id)
        .where(MediaFileState.verify_tried_at >= since, *_of(library_id, file_id))
    )
    tried, failed, rotted = (await session.execute(query)).one()
    return tried, failed, rotted


def _of(library_id: int | None, file_id: int | None) -> list[ColumnElement[bool]]:
    which: list[ColumnElement[bool]] = []
    if library_id is not None:
        which.append(MediaFile.library_id == library_id)
    if file_id is not None:
        which.append(MediaFile.id == file_id)
    return which


def _due_at(
    due: InstrumentedAttribute[datetime | None], now: datetime, busy: Sequence[int]
) -> tuple[ColumnElement[bool], ...]:
    """Files that can be read now and are due, by one of the two clocks."""
    return (
        due.is_not(None),
        due <= now,
        # Written out: with a parameter SQLite does not see that its index of due files fits.
        MediaFileState.presence == literal_column("'present'", String),
        MediaFileState.unsettled_since.is_(None),
        MediaFile.holds_path.is_(True),
        MediaFile.library_id.not_in(busy),
        Folder.gap_since.is_(None),
    )


async def _is_any(session: AsyncSession, which: tuple[ColumnElement[bool], ...]) -> bool:
    query = (
        select(MediaFileState.file_id)
        .join(MediaFile, MediaFile.id == MediaFileState.file_id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .where(*which)
        .limit(1)
    )
    return (await session.execute(query)).first() is not None


def _first_due(
    due: InstrumentedAttribute[datetime | None], now: datetime, busy: Sequence[int], limit: int, *more: Any
) -> Select[*tuple[Any, ...]]:
    """(file, library, root, folder, name, size, mtime, what is asked for more), those that are due first; locked, so that on
    PostgreSQL another server takes others."""
    return (
        select(
            MediaFile.id,
            MediaFile.library_id,
            Library.root,
            Folder.path,
            MediaFile.name,
            MediaFileState.size,
            MediaFileState.mtime_ns,
            *more,
        )
        .select_from(MediaFileState)
        .join(MediaFile, MediaFile.id == MediaFileState.file_id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(*_due_at(due, now, busy))
        .order_by(due, MediaFileState.file_id)
        .limit(limit)
        .with_for_update(of=MediaFileState, skip_locked=True)
    )
