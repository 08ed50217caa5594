"""Adding, changing and removing libraries. The root was looked at before (`roots.py`); here it is only recorded."""

from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET, UnsetType, to_builtins
from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from ..events.outbox import record
from ..operations.service import record_operation
from . import queries
from .access import access_of
from .errors import LibraryBusy, LibraryNotFound, NameTaken, NoInbox
from .models import BringHow, Library
from .patterns import check_pattern
from .roots import MarkedRoot
from .schemas import LibraryChange, LibraryView, NewLibrary


async def add_library(
    session: AsyncSession, now: datetime, actor: str, new: NewLibrary, root: MarkedRoot, default_interval: int
) -> LibraryView:
    """Raises `NameTaken`, `InvalidPattern` and `NoInbox`. Nothing is scanned yet; the first scan is due after one interval."""
    name = (new.name or shown(root.path.rsplit(b"/", 1)[-1]) or "/").strip()[:100]
    await _name_is_free(session, name, None)
    for pattern in new.exclude_patterns:
        check_pattern(pattern)
    into, how = await _inbox(session, None, new.bring_into_id, new.bring_how)
    interval = default_interval if isinstance(new.scan_interval_minutes, UnsetType) else new.scan_interval_minutes
    row = {
        "name": name,
        "root": root.path,
        "kind": new.kind,
        "scan_interval_minutes": interval,
        "next_scan_at": _due(now, interval),
        "exclude_patterns": new.exclude_patterns,
        "root_marker": root.marker,
        "bring_into_id": into,
        "bring_how": how,
        "created_at": now,
    }
    library_id = (await session.execute(insert(Library).returning(Library.id), row)).scalar_one()
    view = await _view(session, library_id, root.note)
    await record_operation(
        session, now, actor, "library_added", f"Added the library {name}", {}, {"library": to_builtins(view)}
    )
    record(session, now, "library.added", library_id=library_id, name=name, actor=actor)
    return view


async def change_library(
    session: AsyncSession,
    now: datetime,
    actor: str,
    library_id: int,
    change: LibraryChange,
    root: MarkedRoot | None = None,
) -> LibraryView:
    """`root`: given where it is changed or accepted anew. Raises `LibraryNotFound`, `NameTaken` and `InvalidPattern`."""
    library = await queries.library_row(session, library_id)
    if library is None:
        raise LibraryNotFound(library_id)
    before = to_builtins(queries.view_of(library))
    for column, value in (await _values(session, now, library_id, change, root)).items():
        setattr(library, column, value)
    await session.flush()
    view = queries.view_of(library, root.note if root else None)
    await record_operation(
        session,
        now,
        actor,
        "library_changed",
        f"Changed the library {view.name}",
        {"library": before},
        {"library": to_builtins(view)},
    )
    record(session, now, "library.changed", library_id=library_id, name=view.name, actor=actor)
    return view


async def set_naming(session: AsyncSession, now: datetime, actor: str, library_id: int, naming: str | None) -> None:
    """How its files are to be called: a preset or template that was found to be one. Raises `LibraryNotFound`."""
    library = await queries.library_row(session, library_id)
    if library is None:
        raise LibraryNotFound(library_id)
    before, library.naming_template = library.naming_template, naming
    await session.flush()
    await record_operation(
        session,
        now,
        actor,
        "library_changed",
        f"Changed the naming of the library {library.name}",
        {"library": {"id": library_id, "naming_template": before}},
        {"library": {"id": library_id, "naming_template": naming}},
    )
    record(session, now, "library.changed", library_id=library_id, name=library.name, actor=actor)


async def begin_removal(session: AsyncSession, now: datetime, actor: str, library_id: int) -> LibraryView:
    """Mark a library as one that is to be forgotten with all that is known of its files. The caller holds its lock.

    Raises `LibraryNotFound`, and `LibraryBusy` while a scan of it runs or files of it are between two places.
    """
    view = await _view(session, library_id)
    if view.removing_since is not None:
        return view
    await refuse_while_scanned(session, library_id)
    if await queries.is_held(session, library_id):
        raise LibraryBusy(
            f"Files of library {library_id} are between two places: bring that to its end first (`mediastead organize list`)."
        )
    inbox = update(Library).where(Library.bring_into_id == library_id)
    await session.execute(inbox.values(bring_into_id=None, bring_how=None))
    leaving = update(Library).where(Library.id == library_id)
    await session.execute(leaving.values(removing_since=now, removed_by=actor, next_scan_at=None))
    return await _view(session, library_id)


async def end_removal(session: AsyncSession, now: datetime, library_id: int) -> tuple[bytes, str | None] | None:
    """Nothing is known of its files any more: forget the library too; its root and marker."""
    library = await queries.library_row(session, library_id)
    if library is None:
        return None
    view, actor = queries.view_of(library), library.removed_by or "?"
    await session.execute(delete(Library).where(Library.id == library_id))
    await record_operation(
        session, now, actor, "library_removed", f"Removed the library {view.name}", {"library": to_builtins(view)}, {}
    )
    record(session, now, "library.removed", library_id=library_id, name=view.name, actor=actor)
    return library.root, library.root_marker


async def refuse_while_scanned(session: AsyncSession, library_id: int) -> None:
    """Raise `LibraryBusy` where a scan runs that nobody has cancelled."""
    scan_id = await queries.uncancelled_scan(session, library_id)
    if scan_id is not None:
        raise LibraryBusy(f"Scan {scan_id} of the library runs; cancel it or wait for its end.", scan_id=scan_id)


async def _values(
    session: AsyncSession, now: datetime, library_id: int, change: LibraryChange, root: MarkedRoot | None
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if change.name is not UNSET:
        values["name"] = change.name.strip()
        await _name_is_free(session, values["name"], library_id)
    if change.kind is not UNSET:
        values["kind"] = change.kind
    if change.scan_interval_minutes is not UNSET:
        values["scan_interval_minutes"] = change.scan_interval_minutes
        values["next_scan_at"] = _due(now, change.scan_interval_minutes)
    if change.exclude_patterns is not UNSET:
        for pattern in change.exclude_patterns:
            check_pattern(pattern)
        values["exclude_patterns"] = change.exclude_patterns
    if change.record_form is not UNSET:
        values["record_form"] = change.record_form
    values |= access_of(change)
    if change.bring_into_id is not UNSET or change.bring_how is not UNSET:
        library = await queries.library_row(session, library_id)
        into = change.bring_into_id if change.bring_into_id is not UNSET else library and library.bring_into_id
        how = change.bring_how if change.bring_how is not UNSET else library and library.bring_how
        values["bring_into_id"], values["bring_how"] = await _inbox(session, library_id, into, how if into else None)
    if root is not None:
        values |= {"root": root.path, "root_marker": root.marker, "unavailable_since": None, "unavailable_reason": None}
    return values


async def _inbox(
    session: AsyncSession, library_id: int | None, into: int | None, how: str | None
) -> tuple[int | None, str | None]:
    """What makes a library an inbox, or none. Raises `NoInbox`."""
    if into is None:
        if how is not None:
            raise NoInbox('Say into which library its files are to be brought: "bring_into_id".')
        return None, None
    target = await queries.library_view(session, into)
    if target is None or target.id == library_id:
        raise NoInbox(f"Files cannot be brought into library {into}: name another library.")
    if target.bring_into_id is not None:
        raise NoInbox(f"{target.name} is an inbox itself: name the library that its files go to.")
    if library_id is not None and await queries.inboxes_of(session, library_id):
        raise NoInbox("Another library is an inbox for this one, so that it cannot be an inbox itself.")
    return into, how or BringHow.LINK.value


async def _name_is_free(session: AsyncSession, name: str, except_id: int | None) -> None:
    if name in await queries.names(session, except_id):
        raise NameTaken(name)


async def _view(session: AsyncSession, library_id: int, note: str | None = None) -> LibraryView:
    view = await queries.library_view(session, library_id, note)
    if view is None:
        raise LibraryNotFound(library_id)
    return view


def _due(now: datetime, interval: int | None) -> datetime | None:
    return None if interval is None else now + timedelta(minutes=interval)
