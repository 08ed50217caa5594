"""What was made for an item goes some days after it came into its library, and nothing else does."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.libraries.models import Library, LibraryKind
from mediastead.pipeline.at_work import StageJobs
from mediastead.pipeline.clearing import clear, clear_due, uncleared
from mediastead.pipeline.items.errors import NoSuchPipelineItem
from mediastead.pipeline.items.models import ItemState, PipelineItem
from mediastead.pipeline.jobs.forgetting import forget_old_jobs
from mediastead.pipeline.jobs.models import Outcome, Stage, StageJobAttempt
from mediastead.pipeline.jobs.roots import MARKER
from mediastead.pipeline.rules import Rules
from mediastead.pipeline.schemas import Cleared
from mediastead.settings import Settings

from .jobs_shelf import JobShelf
from .making import FILM, a_disc, an_item, change_title, item_of, transitions

DAYS = 14


class Attic:
    """A film that is in its library, with what two attempts left, and what lies beside that."""

    def __init__(self, database: Database, clock: SetClock, root: Path) -> None:
        self.database, self.clock, self.root = database, clock, root
        self.rules = Rules(staging_roots=(str(root),))
        self.item_id = self.job_id = 0
        self.folder = root

    async def make(self) -> None:
        shelf = JobShelf(self.database)
        host_id = await shelf.host()
        self.item_id = await an_item(self.database, self.clock, FILM, root=self.root)
        self.folder = Path(os.fsdecode((await item_of(self.database, self.item_id)).folder))
        self.job_id = await shelf.job(Stage.RIP, self.clock.now(), item_id=self.item_id, directory=bytes(self.folder))
        for number in (1, 2):
            made = self.folder / ".rip" / f"{self.job_id}-{number}"
            made.mkdir(parents=True)
            (made / "film.mkv").write_bytes(b"x" * 1_000_000)
            row = {"job_id": self.job_id, "number": number, "host_id": host_id, "directory": bytes(made)}
            async with self.database.write() as session:
                ended = {"outcome": Outcome.COMPLETED, "created_at": self.clock.now()}
                await session.execute(insert(StageJobAttempt).values(**row, **ended))
        (self.folder / "mine.mkv").touch()
        (self.folder / ".rip" / "999-1").mkdir()
        (self.root / MARKER).touch()
        await self.set_item(state=ItemState.IN_LIBRARY, ended_at=self.clock.now())

    async def set_item(self, **values: Any) -> None:
        async with self.database.write() as session:
            which = PipelineItem.id == self.item_id
            await session.execute(update(PipelineItem).where(which).values(values))

    async def clear(self, **other: Any) -> Cleared:
        return await clear(self.database, self.clock, self.rules, "anna", days=DAYS, **other)

    def left(self) -> list[str]:
        return sorted(path.name for path in (self.folder / ".rip").iterdir())

    async def told(self) -> list[tuple[str, str]]:
        return [(to, by) for _, to, _, by in await transitions(self.database, self.item_id)]


@pytest.fixture
async def attic(database: Database, clock: SetClock, tmp_path: Path) -> Attic:
    made = Attic(database, clock, tmp_path)
    await made.make()
    return made


async def test_what_was_made_goes_after_its_days_is_told_and_what_nobody_made_stays(attic: Attic) -> None:
    attic.clock.advance(timedelta(days=DAYS - 1))
    assert await clear_due(attic.database, attic.clock, attic.rules, DAYS) == 0
    attic.clock.advance(timedelta(days=2))
    assert await clear_due(attic.database, attic.clock, attic.rules, 0) == 0
    assert await clear_due(attic.database, attic.clock, attic.rules, DAYS) == 1
    assert attic.left() == ["999-1"]
    assert (attic.folder / "mine.mkv").exists()
    assert (await attic.told())[-1] == ("cleared", "pipeline")
    assert await clear_due(attic.database, attic.clock, attic.rules, DAYS) == 0


async def test_a_dry_run_says_what_would_go_and_a_person_may_have_it_at_once(attic: Attic) -> None:
    assert (await attic.clear()).items == []
    told = await attic.clear(item_ids=[attic.item_id], dry_run=True)
    assert [(each.words, each.bytes, len(each.folders)) for each in told.items] == [("2.0 MB would go", 2_000_000, 2)]
    assert len(attic.left()) == 3
    told = await attic.clear(item_ids=[attic.item_id])
    assert [each.words for each in told.items] == ["2.0 MB in 2 folders deleted"]
    assert attic.left() == ["999-1"]
    assert (await attic.told())[-1] == ("cleared", "anna")


async def test_nothing_goes_of_what_is_still_needed(attic: Attic) -> None:
    await attic.set_item(state=ItemState.TRANSCODED, ended_at=None)
    told = await attic.clear(item_ids=[attic.item_id])
    assert "still needed" in told.items[0].words
    await attic.set_item(state=ItemState.IN_LIBRARY, ended_at=attic.clock.now())
    # Another item was made of what the first one left.
    other = await an_item(attic.database, attic.clock, FILM, root=attic.root)
    await a_disc(attic.database, attic.clock, other, titles=1)
    await change_title(attic.database, 1, file=bytes(attic.folder / ".rip" / f"{attic.job_id}-2" / "film.mkv"))
    await attic.clear(item_ids=[attic.item_id])
    assert attic.left() == [f"{attic.job_id}-2", "999-1"]


async def test_nothing_goes_where_the_root_is_away_or_is_a_library_or_is_no_staging_root_any_more(attic: Attic) -> None:
    (attic.root / MARKER).unlink()
    told = await attic.clear(item_ids=[attic.item_id])
    assert "is not mounted here" in told.items[0].words
    (attic.root / MARKER).touch()
    row = {"name": "Films", "root": bytes(attic.folder), "kind": LibraryKind.MOVIES, "exclude_patterns": []}
    async with attic.database.write() as session:
        await session.execute(insert(Library).values(**row, created_at=attic.clock.now()))
    assert (await attic.clear(item_ids=[attic.item_id], dry_run=True)).items == []
    async with attic.database.write() as session:
        await session.execute(update(Library).values(root=b"/media/films"))
    attic.rules = Rules(staging_roots=("/elsewhere",))
    assert (await attic.clear(item_ids=[attic.item_id], dry_run=True)).items == []
    assert len(attic.left()) == 3


async def test_jobs_of_an_item_that_is_on_its_way_are_not_forgotten(attic: Attic) -> None:
    shelf = JobShelf(attic.database)
    await shelf.set_job(attic.job_id, state="failed", settled=True, ended_at=attic.clock.now())
    await attic.set_item(state=ItemState.NEW, ended_at=None)
    attic.clock.advance(timedelta(days=400))
    settings = [Settings(data_dir=attic.root, database_url="", staging_days=days) for days in (0, DAYS)]
    servers = [StageJobs(attic.database, attic.clock, lambda each=each: each, {}) for each in settings]
    assert [await server.forget_old() for server in servers] == [0, 0]
    await attic.set_item(ended_at=attic.clock.now())
    assert await servers[0].forget_old() == 1


async def test_jobs_are_not_forgotten_before_what_they_made_is_cleared(attic: Attic) -> None:
    shelf = JobShelf(attic.database)
    await shelf.set_job(attic.job_id, state="completed", settled=True, ended_at=attic.clock.now())
    later = attic.clock.now() + timedelta(days=400)
    assert await forget_old_jobs(attic.database, later, timedelta(days=90), uncleared()) == 0
    await attic.clear(item_ids=[attic.item_id])
    assert await forget_old_jobs(attic.database, later, timedelta(days=90), uncleared()) == 1


async def test_what_is_no_item_or_was_given_up_is_told_so(database: Database, clock: SetClock, attic: Attic) -> None:
    with pytest.raises(NoSuchPipelineItem):
        await clear(database, clock, attic.rules, "anna", days=DAYS, item_ids=[attic.item_id, 99])
    await attic.set_item(state=ItemState.RIPPED)
    [told] = (await clear(database, clock, attic.rules, "anna", days=DAYS, item_ids=[attic.item_id])).items
    assert "given up" in told.words and str(attic.folder) in told.words
