"""Takes things out of the trash: back to where they were, or for good. Under the library's lock, and outside any transaction."""

import asyncio
import errno
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from enum import StrEnum

import structlog

from ..clock import Clock
from ..db.engine import Database
from ..db.text import shown
from ..disk.beneath import NotAsExpected
from ..disk.calls import CALLS, Calls
from ..disk.marker import TRASH_NAME
from ..disk.moving import Occupied, RootGone, There, Tree, folders_above, open_tree
from ..disk.trash import delete, expect_mounted, is_as_put
from ..libraries.desk import nobody_else
from ..libraries.lock import library_lock
from . import queries, service
from .errors import CannotPutBack, NotInTrash
from .models import TrashState
from .queries import Entry
from .schemas import Emptied

AT_ONCE = 100
PATIENCE_SECONDS = 10.0
"""For a scan, or for moves of some seconds, to come to their end."""

log = structlog.stdlib.get_logger(__name__)


class Found(StrEnum):
    """How something lies in the trash."""

    AS_PUT = "as_put"
    AT_HOME = "at_home"
    """It is back where it was already."""
    GONE = "gone"
    OTHER = "other"
    """Something else lies there."""


async def put_back(database: Database, clock: Clock, trashed_id: int, calls: Calls = CALLS) -> None:
    """Raises `NotInTrash`, `CannotPutBack`, and `LibraryBusy` where the library is scanned or its files are moved."""
    entry = await _entry(database, trashed_id)
    async with nobody_else(database, entry.library_id, patience=PATIENCE_SECONDS):
        entry = await _entry_in_trash(database, trashed_id)
        try:
            with _told_why(entry):
                found = await asyncio.to_thread(_take_home, entry, calls)
        except NotAsExpected:
            found = Found.OTHER
        async with database.write() as session:
            if found is Found.AT_HOME:
                await service.came_back(session, clock.now(), entry)
            else:
                await service.set_state(session, clock.now(), entry.id, TrashState.LOST, _lost(found))
        if found is not Found.AT_HOME:
            raise CannotPutBack(_lost(found))


async def refuse_to_put_back(database: Database, trashed_id: int, calls: Calls = CALLS) -> None:
    """Raises what `put_back` would raise now, but for `LibraryBusy`; nothing is touched."""
    entry = await _entry_in_trash(database, trashed_id)
    with _told_why(entry):
        found = await asyncio.to_thread(_found, entry, calls)
        if found is Found.AS_PUT:
            await asyncio.to_thread(_look_at_home, entry, calls)
    if found not in (Found.AS_PUT, Found.AT_HOME):
        raise CannotPutBack(_lost(found))


async def empty(
    database: Database, clock: Clock, library_id: int | None, ids: Sequence[int] | None, calls: Calls = CALLS
) -> Emptied:
    """Delete at once what lies in the trash, of these. May be asked for again: what is gone already is passed over."""
    return await _delete(database, clock, await _wanted(database, library_id, ids), calls)


async def would_empty(
    database: Database, library_id: int | None, ids: Sequence[int] | None, calls: Calls = CALLS
) -> Emptied:
    """What `empty` would delete now; nothing is touched."""
    wanted = await _wanted(database, library_id, ids)
    deleted = size = 0
    for trashed_id in wanted:
        async with database.read() as session:
            entry = await queries.entry(session, trashed_id)
        with suppress(RootGone, OSError):
            if entry is not None and _is_deleted(entry, await asyncio.to_thread(_found, entry, calls)):
                deleted += 1
                size += entry.size
    return Emptied(deleted=deleted, bytes=size, left=len(wanted) - deleted)


async def refuse_unknown(database: Database, library_id: int | None, ids: Sequence[int] | None) -> None:
    """Raises `NotInTrash` where things are named, and none of them is there."""
    if ids and not await _wanted(database, library_id, ids):
        raise NotInTrash(ids[0])


async def _wanted(database: Database, library_id: int | None, ids: Sequence[int] | None) -> list[int]:
    async with database.read() as session:
        return await queries.there(session, library_id, ids)


async def delete_due(database: Database, clock: Clock, kept: timedelta, calls: Calls = CALLS) -> None:
    """Delete what lay in the trash for so long, and what was being deleted when a process ended."""
    before, after = clock.now() - kept, 0
    while True:
        async with database.read() as session:
            due = await queries.due(session, before, after, AT_ONCE)
        if not due:
            return
        after = due[-1]
        emptied = await _delete(database, clock, due, calls)
        log.info("the trash was emptied of what was due", deleted=emptied.deleted, left=emptied.left)


async def _delete(database: Database, clock: Clock, ids: Sequence[int], calls: Calls) -> Emptied:
    deleted = size = 0
    for trashed_id in ids:
        async with database.read() as session:
            entry = await queries.entry(session, trashed_id)
        if entry is None:
            continue
        async with library_lock(database, entry.library_id).hold() as held:
            if held and await _delete_one(database, clock, entry, calls):
                deleted += 1
                size += entry.size
    return Emptied(deleted=deleted, bytes=size, left=len(ids) - deleted)


async def _delete_one(database: Database, clock: Clock, entry: Entry, calls: Calls) -> bool:
    """Whether it is gone now and was as it was put there."""
    try:
        # The first look keeps what lies on a disk that is not mounted from standing as being deleted.
        found = await asyncio.to_thread(_found, entry, calls)
        if found is Found.AS_PUT:
            async with database.write(durable=True) as session:
                if not await service.set_state(session, clock.now(), entry.id, TrashState.DELETING, None):
                    return False
            await asyncio.to_thread(_delete_from, entry, calls)
    except (RootGone, NotAsExpected, OSError) as error:
        log.warning("something stays in the trash", trashed_id=entry.id, reason=str(error))
        return False
    async with database.write() as session:
        if found is Found.AT_HOME:
            await service.came_back(session, clock.now(), entry)
        elif _is_deleted(entry, found):
            return await service.set_state(session, clock.now(), entry.id, TrashState.DELETED, None)
        else:
            await service.set_state(session, clock.now(), entry.id, TrashState.LOST, _lost(found))
    return False


def _is_deleted(entry: Entry, found: Found) -> bool:
    """Whether it counts as deleted, by what was found before: also what a process that ended had deleted."""
    return found is Found.AS_PUT or (found is Found.GONE and entry.state is TrashState.DELETING)


@contextmanager
def _told_why(entry: Entry) -> Generator[None]:
    """What a disk says against putting it back, in words that say what to do: `CannotPutBack`."""
    try:
        yield
    except RootGone as gone:
        raise CannotPutBack(f"It cannot be reached: {gone}. Mount its disk and try again.") from None
    except Occupied as other:
        where = shown(os.fsencode(str(other)))
        raise CannotPutBack(f"Something else lies at {where} now: move it away, then put this one back.") from None
    except OSError as error:
        if error.errno == errno.EXDEV:
            raise CannotPutBack(
                f"Another disk is mounted where it lay, or over the trash: take that off, or move {shown(entry.place)} there by "
                "hand."
            ) from None
        raise CannotPutBack(f"The disk refused ({error.strerror or error}): mend that and try again.") from None


def _take_home(entry: Entry, calls: Calls) -> Found:
    with open_tree(entry.root, entry.marker or "", calls) as tree:
        expect_mounted(tree, entry.place.rpartition(b"/")[0])
        shown_now = tree.snapshot([entry.place, entry.path])
        there, home = shown_now[entry.place], shown_now[entry.path]
        if there is None:
            return _elsewhere(tree, entry, home)
        for folder in folders_above(entry.path):
            if folder and tree.names(folder) is None:
                tree.make_folder(folder)
        tree.move(entry.place, entry.path, entry.look)
        if entry.had is not None:
            tree.give_access(entry.path, entry.look, entry.had, asked=False)
        return Found.AT_HOME


def _found(entry: Entry, calls: Calls) -> Found:
    with open_tree(entry.root, entry.marker or "", calls) as tree:
        expect_mounted(tree, entry.place.rpartition(b"/")[0])
        shown_now = tree.snapshot([entry.place, entry.path])
        there, home = shown_now[entry.place], shown_now[entry.path]
        if there is None:
            return _elsewhere(tree, entry, home)
    begun = entry.state is TrashState.DELETING
    return Found.AS_PUT if is_as_put(there, entry.look, begun=begun) else Found.OTHER


def _elsewhere(tree: Tree, entry: Entry, home: There | None) -> Found:
    """Where nothing is seen at its place. Raises OSError where the trash cannot be looked into, which is no proof of anything."""
    why = tree.why_unreachable(TRASH_NAME)
    if why is not None and why != errno.ENOENT:
        raise OSError(why, os.strerror(why), os.fsdecode(TRASH_NAME))
    return Found.AT_HOME if home is not None and home.look == entry.look else Found.GONE


def _look_at_home(entry: Entry, calls: Calls) -> None:
    """Raises what would keep it from being moved there."""
    with open_tree(entry.root, entry.marker or "", calls) as tree:
        for folder in folders_above(entry.path):
            why = tree.why_unreachable(folder)
            if why in (errno.ENOTDIR, errno.ELOOP):
                raise Occupied(os.fsdecode(folder))
            if why is not None and why != errno.ENOENT:
                raise OSError(why, os.strerror(why))
        if tree.mount_of(entry.place) != tree.mount_of(entry.path):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        if tree.snapshot([entry.path])[entry.path] is not None:
            raise Occupied(os.fsdecode(entry.path))


def _delete_from(entry: Entry, calls: Calls) -> None:
    with open_tree(entry.root, entry.marker or "", calls) as tree:
        delete(tree, entry.place, entry.look, begun=entry.state is TrashState.DELETING)


def _lost(found: Found) -> str:
    if found is Found.OTHER:
        return "Something else lies at its place in the trash, which is left as it is."
    return "It is not in the trash any more: somebody else took it away."


async def _entry_in_trash(database: Database, trashed_id: int) -> Entry:
    entry = await _entry(database, trashed_id)
    if entry.state is not TrashState.IN_TRASH:
        raise CannotPutBack(f"{shown(entry.path)} is not in the trash any more ({entry.state.value}).")
    return entry


async def _entry(database: Database, trashed_id: int) -> Entry:
    async with database.read() as session:
        entry = await queries.entry(session, trashed_id)
    if entry is None:
        raise NotInTrash(trashed_id)
    return entry
