"""An inbox and the library that it is for, for tests of what comes from one to the other."""

from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.disk.calls import CALLS, Calls
from mediastead.files.models import MediaFileImport
from mediastead.libraries.models import BringHow, Library, LibraryKind
from mediastead.organizing import service
from mediastead.organizing.models import GroupState
from mediastead.organizing.planning import Planner
from mediastead.organizing.schemas import BringInRequest, OrganizingView

from ..scanning.shelf import Shelf, make_shelf
from .house import House
from .titles import Titles

FILM, WORDS = "Alien (2000)/Alien (2000).mkv", "Alien (2000)/Alien (2000).srt"


class Gate:
    """An inbox with one matched film that has subtitles, and the library that it is for."""

    def __init__(self, inbox: House, films: Shelf) -> None:
        self.inbox, self.films = inbox, House(films)
        self.titles = Titles(inbox)
        self.database, self.clock = inbox.database, inbox.clock

    async def plan(self, how: str, **what: Any) -> OrganizingView:
        request = BringInRequest(inbox_id=self.inbox.shelf.library_id, how=BringHow(how), **what)
        async with self.database.write() as session:
            begun = await service.open_bring_in(session, self.clock.now(), "test", request)
        planner = Planner(self.database, self.clock)
        planner.begin(begun)
        await planner.finish()
        return await self.titles.view(begun.organizing_id)

    async def bring(self, how: str, calls: Calls = CALLS, **what: Any) -> OrganizingView:
        return await self.do((await self.plan(how, **what)).id, calls)

    async def do(self, organizing_id: int, calls: Calls = CALLS) -> OrganizingView:
        await self.inbox.allow(organizing_id)
        await self.inbox.organizer(calls).apply(organizing_id)
        return await self.titles.view(organizing_id)

    async def undo(self, organizing_id: int, calls: Calls = CALLS) -> OrganizingView:
        async with self.database.write() as session:
            planned = await service.plan_undo(session, self.clock.now(), "test", organizing_id)
        return await self.do(planned.id, calls)

    async def imports(self) -> list[tuple[str, bool]]:
        async with self.database.read() as session:
            rows = await session.execute(select(MediaFileImport).order_by(MediaFileImport.id))
            return [(row.method.value, row.success) for row in rows.scalars()]

    async def why_refused(self, view: OrganizingView) -> list[str | None]:
        return [group.reason for group in await self.titles.groups(view.id, GroupState.REFUSED)]

    async def settled(self) -> None:
        """Both libraries are free, and the books say what the disk shows; a scan of each finds nothing to write."""
        for house in (self.inbox, self.films):
            assert await house.unfinished() is None
            there = house.disk().items()
            media = {path: inode for path, inode in there if path.endswith(".mkv") and "/." not in f"/{path}"}
            assert await house.known() == media
            scan = await house.shelf.scan()
            counts = {name: scan.counts[name] for name in ("new", "changed", "moved", "missing", "back")}
            assert counts == dict.fromkeys(counts, 0)


async def make_gate(database: Database, clock: SetClock, inbox_root: Path, films_root: Path) -> Gate:
    inbox = await make_shelf(database, clock, inbox_root)
    films = await make_shelf(database, clock, films_root, kind=LibraryKind.MOVIES)
    async with database.write() as session:
        setting = update(Library).where(Library.id == inbox.library_id)
        await session.execute(setting.values(bring_into_id=films.library_id, bring_how="link"))
    gate = Gate(House(inbox), films)
    inbox.put("new/alien.mkv", b"the film")
    inbox.put("new/alien.srt", b"the words")
    inbox.put("unknown.mkv")
    await inbox.scan()
    await films.scan()
    await gate.titles.film("Alien", "new/alien.mkv")
    return gate
