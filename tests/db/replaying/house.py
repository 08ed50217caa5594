"""A library on a disk that was scanned and identified with the bundled catalogue, and replays of what was decided."""

from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.files.models import MediaFile, MediaFileDecision
from mediastead.matching.decide import decide
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.parsing.parser import Parser
from mediastead.replaying.accepting import accept, select_changes, titles_named
from mediastead.replaying.again import Matcher
from mediastead.replaying.models import ChangeKind
from mediastead.replaying.queries import changes_page, replay_view
from mediastead.replaying.runner import ReplayRunner
from mediastead.replaying.schemas import AcceptRequest, AcceptResult, ChangeShown, ReplayRequest, ReplayView
from mediastead.replaying.service import request_replay
from mediastead.scanning.identify import Identifier
from mediastead.unmatched.titles import prepare

from ..scanning.shelf import make_shelf

THRESHOLD = 0.95


class House:
    def __init__(self, database: Database, clock: SetClock, parser: Parser, root: Path) -> None:
        self.database, self.clock, self.parser, self.root = database, clock, parser, root
        self.provider = BundledCatalogue()

    async def identified(self) -> int:
        """Scan what lies in the root, and identify all of it; how many files were decided about."""
        self.clock.moment = self.clock.moment.replace(year=2027)  # long after the files were written
        shelf = await make_shelf(self.database, self.clock, self.root)
        await shelf.scan()
        await self.identify()
        async with self.database.read() as session:
            return (await session.execute(select(func.count()).select_from(MediaFileDecision))).scalar_one()

    async def identify(self) -> None:
        identifier = Identifier(
            self.database, self.clock, self.parser, self.provider, Wake(), threshold=THRESHOLD, batch_size=500
        )
        while await identifier.batch(1):
            pass

    async def replay(self, *, threshold: float = THRESHOLD, matcher: Matcher = decide, **how: Any) -> ReplayView:
        """One replay from its beginning to its end."""
        async with self.database.write() as session:
            asked = await request_replay(session, self.clock.now(), "anna", ReplayRequest(), threshold)
        return await self.run(asked.id, matcher=matcher, **how)

    async def run(self, replay_id: int, *, matcher: Matcher = decide, batch_size: int = 40) -> ReplayView:
        runner = ReplayRunner(self.database, self.clock, self.parser, Wake(), matcher=matcher, batch_size=batch_size)
        await runner.run_queued()
        return await self.view(replay_id)

    async def view(self, replay_id: int) -> ReplayView:
        async with self.database.read() as session:
            view = await replay_view(session, replay_id)
        assert view is not None
        return view

    async def changes(self, replay: ReplayView, kind: ChangeKind | None = None) -> list[ChangeShown]:
        found: list[ChangeShown] = []
        cursor: str | None = None
        while True:
            async with self.database.read() as session:
                page = await changes_page(session, replay.id, kind, cursor=cursor, limit=7)
            found += page.items
            cursor = page.next
            if cursor is None:
                return found

    async def accept(self, replay: ReplayView, **which: Any) -> AcceptResult:
        async with self.database.read() as session:
            selection = await select_changes(session, replay.id, AcceptRequest(**which))
        prepared = await prepare(self.database, self.provider, titles_named(selection))
        async with self.database.write() as session:
            return await accept(session, self.clock.now(), "anna", selection, prepared)

    async def files(self) -> dict[int, MediaFile]:
        async with self.database.read() as session:
            return {file.id: file for file in (await session.execute(select(MediaFile))).scalars()}
