"""A library on a disk and in a database in which groups of moves are done, for the tests of the journal."""

import os
from pathlib import Path

from msgspec import structs
from sqlalchemy import select

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.disk.calls import CALLS, Calls
from mediastead.libraries.models import Library
from mediastead.organizing.models import GroupState, Organizing, OrganizingGroup, OrganizingKind
from mediastead.organizing.moves import Group, Move, MoveRole, Plan, Seen, Way
from mediastead.organizing.organizer import Organizer
from mediastead.organizing.storing import let_apply, store_plan
from mediastead.organizing.taking_back import plan_to_take_back

from ..scanning.shelf import Shelf, make_shelf


class House:
    """`put` and `scan` as of a shelf; `group` makes moves of paths; `organize` plans and applies."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.database, self.clock = shelf.database, shelf.clock

    def put(self, *paths: str) -> None:
        for path in paths:
            self.shelf.put(path)

    async def group(self, *moves: tuple[str, str]) -> Group:
        """Source and target; whatever has a row is a media file, the rest goes along."""
        ids = await self.shelf.present()
        return Group(tuple(self._move(os.fsencode(source), os.fsencode(target), ids) for source, target in moves))

    async def plan(self, *groups: Group) -> int:
        async with self.database.write() as session:
            return await store_plan(session, self.clock.now(), self.shelf.library_id, "test", Plan(groups))

    async def allow(self, organizing_id: int) -> None:
        async with self.database.write() as session:
            assert await let_apply(session, self.clock.now(), organizing_id)

    async def organize(self, *moves: tuple[str, str], calls: Calls = CALLS) -> int:
        """Do these moves as one group; the organizing."""
        organizing_id = await self.plan(await self.group(*moves))
        await self.allow(organizing_id)
        await self.organizer(calls).apply(organizing_id)
        return organizing_id

    async def trash(self, *paths: str) -> int:
        """Move these to the trash, as one group; the organizing."""
        group = await self.group(*((path, f".mediastead-trash/{os.path.basename(path)}") for path in paths))
        organizing_id = await self.plan(Group(tuple(structs.replace(move, way=Way.TRASH) for move in group.moves)))
        await self.allow(organizing_id)
        await self.organizer().apply(organizing_id)
        return organizing_id

    async def plan_undo(self, organizing_id: int) -> int:
        async with self.database.write() as session:
            plan = await plan_to_take_back(session, organizing_id)
            now, library_id = self.clock.now(), self.shelf.library_id
            return await store_plan(
                session, now, library_id, "test", plan, kind=OrganizingKind.UNDO, undo_of=organizing_id
            )

    def organizer(self, calls: Calls = CALLS) -> Organizer:
        return Organizer(self.database, self.clock, calls=calls)

    async def settle(self, calls: Calls = CALLS) -> dict[int, GroupState]:
        return await self.organizer(calls).settle_due()

    async def groups(self) -> list[OrganizingGroup]:
        async with self.database.read() as session:
            return list((await session.execute(select(OrganizingGroup).order_by(OrganizingGroup.id))).scalars())

    async def states(self) -> list[str]:
        return [group.state.value for group in await self.groups()]

    async def organizing(self, organizing_id: int) -> Organizing:
        async with self.database.read() as session:
            return (await session.execute(select(Organizing).where(Organizing.id == organizing_id))).scalar_one()

    async def unfinished(self) -> int | None:
        async with self.database.read() as session:
            query = select(Library.organizing_group_id).where(Library.id == self.shelf.library_id)
            return (await session.execute(query)).scalar_one()

    def disk(self) -> dict[str, int]:
        """Path to inode of every file, hidden ones as well; but the marker."""
        found: dict[str, int] = {}
        for folder, _, names in os.walk(self.shelf.root):
            for name in names:
                full = os.path.join(folder, name)
                found[os.path.relpath(full, self.shelf.root)] = os.lstat(full).st_ino
        found.pop(".mediastead-library")
        return found

    async def known(self) -> dict[str, int]:
        """Path to inode of every present row."""
        rows = [row for row in await self.shelf.rows() if row.presence == "present"]
        assert all(row.holds_path for row in rows)
        return {os.fsdecode(row.path): row.inode for row in rows}

    def _move(self, source: bytes, target: bytes, ids: dict[bytes, int]) -> Move:
        status = os.lstat(self.shelf.at(source))
        look = Seen(status.st_size, status.st_mtime_ns, status.st_ino)
        file_id = ids.get(source)
        role = MoveRole.SIDECAR if file_id is None else MoveRole.MEDIA
        return Move(role, source, target, look, file_id, None if file_id is None else 1)


async def make_house(database: Database, clock: SetClock, root: Path) -> House:
    return House(await make_shelf(database, clock, root))
