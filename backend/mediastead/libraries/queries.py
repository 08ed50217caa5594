"""What is asked about libraries as they are set up."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.base import Base
from ..db.text import shown
from .models import BringHow, Library, Scan, ScanPhase
from .schemas import LibraryView, RecordForm


async def library_row(session: AsyncSession, library_id: int) -> Library | None:
    """Locked until the transaction ends."""
    query = select(Library).where(Library.id == library_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def library_view(session: AsyncSession, library_id: int, note: str | None = None) -> LibraryView | None:
    row = (await session.execute(select(Library).where(Library.id == library_id))).scalar_one_or_none()
    return view_of(row, note) if row else None


async def roots(session: AsyncSession) -> list[tuple[int, str, bytes, str | None]]:
    """(id, name, root, marker) of all libraries."""
    query = select(Library.id, Library.name, Library.root, Library.root_marker).order_by(Library.id)
    return [(row[0], row[1], row[2], row[3]) for row in await session.execute(query)]


async def names(session: AsyncSession, except_id: int | None) -> Sequence[str]:
    query = select(Library.name).where(Library.id != (except_id or 0))
    return (await session.execute(query)).scalars().all()


async def inboxes_of(session: AsyncSession, library_id: int) -> list[int]:
    """Libraries of which the files are to be brought into this one."""
    query = select(Library.id).where(Library.bring_into_id == library_id).order_by(Library.id)
    return list((await session.execute(query)).scalars())


async def is_held(session: AsyncSession, library_id: int) -> bool:
    """Whether rows of another table keep it from being removed: moves in it that are not at their end."""
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column is Library.__table__.c.id and key.ondelete == "RESTRICT":
                query = select(key.parent).where(key.parent == library_id).limit(1)
                if (await session.execute(query)).first() is not None:
                    return True
    return False


async def is_nobodys(session: AsyncSession, library_id: int) -> bool:
    """Whether a group of moves was begun in it and is not at its end, or it is being removed."""
    query = select(Library.id).where(
        Library.id == library_id,
        or_(Library.organizing_group_id.is_not(None), Library.removing_since.is_not(None)),
    )
    return (await session.execute(query)).scalar_one_or_none() is not None


async def leaving_libraries(session: AsyncSession) -> Sequence[int]:
    """Those that are being removed, the longest first."""
    query = select(Library.id).where(Library.removing_since.is_not(None)).order_by(Library.removing_since, Library.id)
    return (await session.execute(query)).scalars().all()


async def uncancelled_scan(session: AsyncSession, library_id: int) -> int | None:
    """A scan that runs and that nobody has cancelled."""
    query = select(Scan.id).where(
        Scan.library_id == library_id, Scan.phase == ScanPhase.INVENTORY, ~Scan.cancel_requested
    )
    return (await session.execute(query)).scalar_one_or_none()


def view_of(library: Library, note: str | None = None) -> LibraryView:
    return LibraryView(
        id=library.id,
        name=library.name,
        root=shown(library.root),
        kind=library.kind,
        scan_interval_minutes=library.scan_interval_minutes,
        next_scan_at=library.next_scan_at,
        exclude_patterns=library.exclude_patterns,
        naming_template=library.naming_template,
        record_form=cast("RecordForm | None", library.record_form),
        bring_into_id=library.bring_into_id,
        bring_how=BringHow(library.bring_how) if library.bring_how else None,
        file_mode=f"{library.file_mode:03o}" if library.file_mode is not None else None,
        folder_mode=f"{library.folder_mode:03o}" if library.folder_mode is not None else None,
        group=library.owner_group,
        marked=library.root_marker is not None,
        unavailable_since=library.unavailable_since,
        unavailable_reason=library.unavailable_reason,
        removing_since=library.removing_since,
        created_at=library.created_at,
        note=note,
    )
