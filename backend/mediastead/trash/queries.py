"""What is asked of the trash."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from ..files.models import Folder, MediaFile, MediaFileState
from ..files.paths import joined
from ..files.types import Presence
from ..http.paging import Page, decode_cursor, page_of
from ..libraries.models import Library
from .models import Trashed, TrashState
from .places import place_of
from .schemas import TrashedView

AT_ONCE = 400
"""Values in one IN list."""


class Entry(NamedTuple):
    """One thing in the trash, with the root that it lies beneath."""

    id: int
    library_id: int
    file_id: int | None
    root: bytes
    marker: str | None
    name: bytes
    path: bytes
    size: int
    mtime_ns: int
    inode: int
    state: TrashState
    mode: int | None
    gid: int | None

    @property
    def place(self) -> bytes:
        """Relative to the root."""
        return place_of(self.name)

    @property
    def look(self) -> tuple[int, int, int]:
        return self.size, self.mtime_ns, self.inode

    @property
    def had(self) -> tuple[int, int] | None:
        """Mode and group where it lay."""
        return (self.mode, self.gid) if self.mode is not None and self.gid is not None else None


async def entry(session: AsyncSession, trashed_id: int) -> Entry | None:
    row = (await session.execute(_entries().where(Trashed.id == trashed_id))).one_or_none()
    return Entry(*row) if row else None


async def due(session: AsyncSession, before: datetime, after: int, limit: int) -> list[int]:
    """What was put into the trash before that moment, and what is being deleted."""
    query = (
        select(Trashed.id)
        .where(
            Trashed.id > after,
            or_((Trashed.state == TrashState.IN_TRASH) & (Trashed.at <= before), Trashed.state == TrashState.DELETING),
        )
        .order_by(Trashed.id)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def there(session: AsyncSession, library_id: int | None, ids: Collection[int] | None) -> list[int]:
    """What lies in the trash, of these."""
    query = select(Trashed.id).where(Trashed.state.in_((TrashState.IN_TRASH, TrashState.DELETING))).order_by(Trashed.id)
    if library_id is not None:
        query = query.where(Trashed.library_id == library_id)
    if ids is not None:
        query = query.where(Trashed.id.in_(sorted(ids)))
    return list((await session.execute(query)).scalars())


async def of_steps(session: AsyncSession, step_ids: Sequence[int]) -> dict[int, Entry]:
    """What these steps of the journal moved into the trash and lies there still, by step."""
    found: dict[int, Entry] = {}
    for start in range(0, len(step_ids), AT_ONCE):
        some = step_ids[start : start + AT_ONCE]
        query = _entries(Trashed.step_id).where(Trashed.step_id.in_(some), Trashed.state == TrashState.IN_TRASH)
        for *row, step_id in await session.execute(query):
            found[step_id] = Entry(*row)
    return found


async def missing_at(session: AsyncSession, file_id: int, path: bytes) -> bool:
    """Whether this file is known as missing at its last path, which is this one."""
    query = (
        select(Folder.path, MediaFile.name)
        .join(MediaFile, MediaFile.folder_id == Folder.id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(MediaFile.id == file_id, MediaFile.holds_path, MediaFileState.presence == Presence.MISSING)
    )
    row = (await session.execute(query)).one_or_none()
    return row is not None and joined(row[0], row[1]) == path


async def trashed_page(
    session: AsyncSession,
    library_id: int | None,
    states: Collection[TrashState],
    kept: timedelta,
    *,
    cursor: str | None,
    limit: int,
) -> Page[TrashedView]:
    """Newest first."""
    query = _views().where(Trashed.state.in_(states)).order_by(Trashed.id.desc()).limit(limit + 1)
    if library_id is not None:
        query = query.where(Trashed.library_id == library_id)
    if cursor is not None:
        query = query.where(Trashed.id < decode_cursor(cursor, int)[0])
    rows = (await session.execute(query)).all()
    return page_of([_view(row, kept) for row in rows], limit, lambda view: (view.id,))


async def trashed_view(session: AsyncSession, trashed_id: int, kept: timedelta) -> TrashedView | None:
    row = (await session.execute(_views().where(Trashed.id == trashed_id))).one_or_none()
    return _view(row, kept) if row else None


def _entries(*more: Any) -> Any:
    return select(
        Trashed.id,
        Trashed.library_id,
        Trashed.file_id,
        Library.root,
        Library.root_marker,
        Trashed.name,
        Trashed.path,
        Trashed.size,
        Trashed.mtime_ns,
        Trashed.inode,
        Trashed.state,
        Trashed.mode,
        Trashed.gid,
        *more,
    ).join(Library, Library.id == Trashed.library_id)


def _views() -> Any:
    return select(Trashed, Library.name.label("library")).join(Library, Library.id == Trashed.library_id)


def _view(row: Any, kept: timedelta) -> TrashedView:
    one: Trashed = row.Trashed
    return TrashedView(
        id=one.id,
        library_id=one.library_id,
        library=row.library,
        file_id=one.file_id,
        path=shown(one.path),
        path_in_trash=shown(place_of(one.name)),
        size=one.size,
        reason=one.reason,
        at=one.at,
        keep_until=one.at + kept if one.state is TrashState.IN_TRASH else None,
        state=one.state,
        said=one.said,
        ended_at=one.ended_at,
    )
