# ruff: noqa: PTH104, PTH108, PTH116, ASYNC240 - paths are bytes here, and tests may block
"""A library on a real disk and in a database, for tests of scans."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.disk.marker import write_marker
from mediastead.events.models import Event
from mediastead.files.models import Folder, MediaFile, MediaFileState
from mediastead.files.paths import joined
from mediastead.libraries.models import Library, LibraryKind, ScanOutcome
from mediastead.scanning.found import FileSystem
from mediastead.scanning.inventory import Inventory
from mediastead.scanning.scans import open_scan, scan_view
from mediastead.scanning.schemas import ScanView
from mediastead.scanning.scope import Scope, ScopeFolder
from mediastead.scanning.service import begin_scan, end_scan, request_look, request_scan

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Row(NamedTuple):
    """What is known of one file."""

    id: int
    path: bytes
    library_id: int
    holds_path: bool
    presence: str
    size: int
    inode: int
    identification: str
    unsettled: bool
    changed: bool


class Shelf:
    """One library: files are made and moved on the disk, `scan` looks at it, `rows` tells what is known."""

    def __init__(self, database: Database, clock: SetClock, root: Path, library_id: int) -> None:
        self.database, self.clock, self.root, self.library_id = database, clock, root, library_id
        self._written = 0

    def put(self, path: str | bytes, content: bytes | None = None) -> int:
        """Write a file with a content and a time that no other file has; its inode."""
        full = self.at(path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        self._written += 1
        with open(full, "wb") as file:
            file.write(content if content is not None else b"x" * self._written)
        self.age(full, self._written)
        return os.stat(full).st_ino

    def age(self, full: bytes, seconds: int) -> None:
        moment = int(LONG_AGO.timestamp()) * 10**9 + self.library_id * 10**15 + seconds * 10**9
        os.utime(full, ns=(moment, moment))

    def move(self, old: str | bytes, new: str | bytes, shelf: "Shelf | None" = None) -> None:
        target = (shelf or self).at(new)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.rename(self.at(old), target)

    def remove(self, path: str | bytes) -> None:
        os.unlink(self.at(path))

    def at(self, path: str | bytes) -> bytes:
        return os.path.join(os.fsencode(self.root), os.fsencode(path))

    async def look(self, *deep: str | bytes, shallow: tuple[str | bytes, ...] = ()) -> ScanView:
        """A scan of some folders with all beneath them, and of others alone."""
        folders = [ScopeFolder(os.fsencode(path), True) for path in deep]
        folders += [ScopeFolder(os.fsencode(path), False) for path in shallow]
        self.clock.advance(timedelta(hours=1))
        async with self.database.write() as session:
            assert await request_look(session, self.clock.now(), self.library_id, Scope(folders))
            queued = await open_scan(session, self.library_id)
        assert queued is not None
        return await self.run(queued)

    async def scan(self, *, file_system: FileSystem | None = None, without_limit: bool = False) -> ScanView:
        """One whole scan, an hour after the last."""
        self.clock.advance(timedelta(hours=1))
        async with self.database.write() as session:
            queued = await request_scan(session, self.clock.now(), self.library_id, "test", without_limit=without_limit)
        return await self.run(queued.id, file_system=file_system)

    async def run(self, scan_id: int, *, file_system: FileSystem | None = None) -> ScanView:
        async with self.database.write() as session:
            task = await begin_scan(session, self.clock.now(), scan_id)
        assert task is not None
        ending = await Inventory(self.database, self.clock, task, file_system=file_system).run()
        async with self.database.write() as session:
            await end_scan(session, self.clock.now(), task, ending)
        async with self.database.read() as session:
            view = await scan_view(session, scan_id)
        assert view is not None
        return view

    async def rows(self) -> list[Row]:
        query = (
            select(MediaFile, MediaFileState, Folder.path)
            .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
            .join(Folder, Folder.id == MediaFile.folder_id)
            .where(MediaFile.library_id == self.library_id)
            .order_by(MediaFile.id)
        )
        async with self.database.read() as session:
            return [
                Row(
                    file.id,
                    joined(path, file.name),
                    file.library_id,
                    file.holds_path,
                    state.presence.value,
                    state.size,
                    state.inode,
                    file.identification.value,
                    state.unsettled_since is not None,
                    state.changed_at is not None,
                )
                for file, state, path in await session.execute(query)
            ]

    async def present(self) -> dict[bytes, int]:
        """Path to id of all present files."""
        rows = [row for row in await self.rows() if row.presence == "present"]
        assert all(row.holds_path for row in rows), rows
        assert len({row.path for row in rows}) == len(rows), rows
        return {row.path: row.id for row in rows}

    async def missing(self) -> dict[int, bytes]:
        return {row.id: row.path for row in await self.rows() if row.presence == "missing"}

    async def id_of(self, path: str | bytes) -> int:
        return (await self.present())[os.fsencode(path)]

    async def folders(self) -> dict[bytes, Folder]:
        async with self.database.read() as session:
            query = select(Folder).where(Folder.library_id == self.library_id)
            return {folder.path: folder for folder in (await session.execute(query)).scalars()}

    async def events(self, kind: str) -> list[dict[str, Any]]:
        async with self.database.read() as session:
            query = select(Event.data).where(Event.kind == kind).order_by(Event.id)
            return list((await session.execute(query)).scalars())

    async def set_files(self, **values: Any) -> None:
        async with self.database.write() as session:
            await session.execute(update(MediaFile).where(MediaFile.library_id == self.library_id).values(**values))

    async def library(self) -> Library:
        async with self.database.read() as session:
            return (await session.execute(select(Library).where(Library.id == self.library_id))).scalar_one()


async def make_shelf(
    database: Database,
    clock: SetClock,
    root: Path,
    *,
    marked: bool = True,
    patterns: tuple[str, ...] = (),
    kind: LibraryKind = LibraryKind.MIXED,
) -> Shelf:
    root.mkdir(parents=True, exist_ok=True)
    marker = f"marker-of-{root.name}" if marked else None
    if marker:
        write_marker(os.fsencode(root), marker)
    async with database.write() as session:
        inserting = insert(Library).values(
            name=root.name,
            root=os.fsencode(root),
            kind=kind,
            exclude_patterns=list(patterns),
            root_marker=marker,
            created_at=clock.now(),
        )
        library_id = (await session.execute(inserting.returning(Library.id))).scalar_one()
    return Shelf(database, clock, root, library_id)


COMPLETED = ScanOutcome.COMPLETED
WITH_GAPS = ScanOutcome.COMPLETED_WITH_GAPS
