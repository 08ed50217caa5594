"""What a change of the libraries needs around its transaction: looks at the disk before, and locks while it lasts."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import UNSET

from ..clock import Clock
from ..db.engine import Database
from ..db.locks import ProcessLock
from ..db.text import raw
from ..errors import Conflict
from . import queries, service
from .errors import LibraryBusy, LibraryNotFound
from .lock import library_lock
from .roots import MarkedRoot, OtherRoot, check_root, mark_root, refuse_without_attributes, unmark_root
from .schemas import LibraryChange, LibraryView, NewLibrary

PATIENCE_SECONDS = 10.0
"""For a scan that was cancelled to come to an end: it looks up after every batch."""


async def add(database: Database, clock: Clock, actor: str, new: NewLibrary, default_interval: int) -> LibraryView:
    """Raises `RootRefused`, `RootTaken`, `NameTaken` and `InvalidPattern`; then the root is left as it was."""
    async with _one_at_a_time(database):
        others = await _others(database, None)
        path = await asyncio.to_thread(check_root, raw(new.root), others)
        root = await asyncio.to_thread(mark_root, path, others)
        try:
            async with database.write() as session:
                return await service.add_library(session, clock.now(), actor, new, root, default_interval)
        except BaseException:
            if root.written:
                await asyncio.to_thread(unmark_root, root.path, root.marker)
            raise


async def change(database: Database, clock: Clock, actor: str, library_id: int, change: LibraryChange) -> LibraryView:
    """Raises what `add` raises, and `LibraryBusy` where the root is changed while the library is scanned."""
    if change.record_form == "xattr":
        own = await _own_root(database, library_id)
        await asyncio.to_thread(refuse_without_attributes, own.path)
    if change.root is UNSET and not change.accept_root:
        async with database.write() as session:
            return await service.change_library(session, clock.now(), actor, library_id, change)
    async with _one_at_a_time(database), nobody_else(database, library_id, patience=0):
        others = await _others(database, library_id)
        own = await _own_root(database, library_id)
        wanted = own.path if change.root is UNSET else raw(change.root)
        path = await asyncio.to_thread(check_root, wanted, others)
        root = await asyncio.to_thread(mark_root, path, others)
        try:
            async with database.write() as session:
                view = await service.change_library(session, clock.now(), actor, library_id, change, root)
        except BaseException:
            if root.written:
                await asyncio.to_thread(unmark_root, root.path, root.marker)
            raise
        if own.path != root.path and own.marker != root.marker:
            await asyncio.to_thread(unmark_root, own.path, own.marker)
        return view


async def remove(database: Database, clock: Clock, actor: str, library_id: int) -> LibraryView:
    """From now on it is being removed (`files.removing`). Raises `LibraryNotFound`, and `LibraryBusy` while a scan of it runs
    that nobody has cancelled."""
    async with database.read() as session:
        await service.refuse_while_scanned(session, library_id)
    await _own_root(database, library_id)
    async with database.read() as session:
        already = await queries.library_view(session, library_id)
    if already is not None and already.removing_since is not None:
        return already
    async with nobody_else(database, library_id, patience=PATIENCE_SECONDS), database.write() as session:
        return await service.begin_removal(session, clock.now(), actor, library_id)


async def _others(database: Database, library_id: int | None) -> list[OtherRoot]:
    async with database.read() as session:
        return [row for row in await queries.roots(session) if row[0] != library_id]


async def _own_root(database: Database, library_id: int) -> MarkedRoot:
    async with database.read() as session:
        for known_id, _, root, marker in await queries.roots(session):
            if known_id == library_id:
                return MarkedRoot(root, marker, False, None)
    raise LibraryNotFound(library_id)


@asynccontextmanager
async def _one_at_a_time(database: Database) -> AsyncGenerator[None]:
    """Two libraries that are added at once could each miss that they share folders."""
    async with ProcessLock(database, "libraries").hold() as held:
        if not held:
            raise Conflict("Another library is being added or moved at this moment; try again.")
        yield


@asynccontextmanager
async def nobody_else(database: Database, library_id: int, *, patience: float) -> AsyncGenerator[None]:
    """The library's lock, waited for for so many seconds. Raises `LibraryBusy`."""
    until = time.monotonic() + patience
    async with AsyncExitStack() as stack:
        while not await stack.enter_async_context(library_lock(database, library_id).hold()):
            if time.monotonic() >= until:
                raise LibraryBusy(
                    f"Library {library_id} is being scanned or its files are being moved; cancel the scan, or try again later."
                )
            await asyncio.sleep(0.1)
        yield
