"""Stages that a script or a person did by hand and marked move the item on, and nothing else does."""

import asyncio
import errno
import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from mediastead.clock import SetClock, SystemClock
from mediastead.db.engine import Database
from mediastead.events.queries import events_between
from mediastead.pipeline import flow
from mediastead.pipeline.items.locking import lock_item
from mediastead.pipeline.items.models import ItemState, PipelineItem
from mediastead.pipeline.items.service import NewItem
from mediastead.pipeline.jobs.models import JobState, Stage
from mediastead.pipeline.jobs.roots import prepare_roots
from mediastead.pipeline.marked import MarkerLook
from mediastead.pipeline.marking import mark_item

from .making import FILM, SEASON, a_disc, an_item, change_title, item_of, titles_of, transitions
from .working import RULES, end, open_jobs, settle_all, take

CLOCK = SystemClock()


class Workbench:
    """A film with one disc, and its folder."""

    def __init__(self, database: Database, root: Path) -> None:
        self.database, self.root = database, root
        self.faults: dict[str, str] = {}
        self.errors: set[str] = set()
        self.marks = MarkerLook(database, CLOCK, lambda: RULES, verify=self._verify)
        self.item_id = 0
        self.folder = root

    async def make(self, new: NewItem = FILM, *, titles: int = 1, discs: int = 1, **other: Any) -> None:
        self.item_id = await an_item(self.database, CLOCK, new, root=self.root)
        for number in range(1, discs + 1):
            await a_disc(self.database, CLOCK, self.item_id, titles=titles, number=number, **other)
        self.folder = Path(os.fsdecode((await item_of(self.database, self.item_id)).folder))

    def file(self, name: str, content: bytes = b"film") -> bytes:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return bytes(path)

    def mark(self, name: str, text: str = "", *, ago: timedelta = timedelta(0)) -> Path:
        marker = self.folder / ".pipeline" / f"{name}.done"
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(text)
        written = (CLOCK.now() - ago).timestamp()
        os.utime(marker, (written, written))
        return marker

    async def look(self) -> bool:
        return bool(await self.marks.look({self.item_id: bytes(self.folder)}))

    async def state(self) -> ItemState:
        return (await item_of(self.database, self.item_id)).state

    async def begin(self) -> None:
        """What is ready."""
        async with self.database.write() as session:
            item = await lock_item(session, self.item_id)
            found = await flow.advance(session, CLOCK.now(), RULES, self.item_id)
            assert found is not None
            await flow.begin(session, CLOCK.now(), RULES, item, "anna", found.ready)

    async def _verify(self, path: bytes, *_: object) -> str | None:
        name = Path(os.fsdecode(path)).name
        if name in self.errors:
            raise OSError(errno.EIO, "Input/output error", name)
        return self.faults.get(name)


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Workbench:
    return Workbench(database, tmp_path)


async def test_a_script_that_was_started_by_hand_moves_the_item_on_stage_by_stage(bench: Workbench) -> None:
    await bench.make()
    ripped = bench.file("title_t01.mkv")
    bench.mark("rip")
    assert await bench.look()
    (title,) = await titles_of(bench.database)
    assert (title.done, title.file) == ("rip", ripped)
    remuxed = bench.file("out/Alien.mkv")
    bench.mark("remux", "by my script")
    assert await bench.look()
    assert not await bench.look()
    (title,) = await titles_of(bench.database)
    assert (title.done, title.file) == ("remux", remuxed)
    bench.mark("filebot")
    assert await bench.look()
    assert [(old, new, how, by) for old, new, how, by in await transitions(bench.database, bench.item_id)] == [
        (None, "new", "manual", "local"),
        ("new", "ripped", "manual", "marker"),
        ("ripped", "remuxed", "manual", "marker"),
        ("remuxed", "transcoded", "manual", "marker"),
        ("transcoded", "in_library", "manual", "marker"),
    ]
    assert (bench.folder / ".pipeline" / "state").read_text() == "in_library\n"


async def test_what_waits_for_a_host_is_not_done_twice(bench: Workbench) -> None:
    await bench.make()
    await change_title(bench.database, 1, done="rip", file=bench.file(".rip/1-1/Alien.mkv"))
    await bench.begin()
    assert len(await open_jobs(bench.database)) == 1
    bench.file("Alien.mkv")
    bench.mark("remux")
    assert await bench.look()
    assert await open_jobs(bench.database) == []
    assert await bench.state() is ItemState.REMUXED


async def test_a_marker_that_the_script_of_a_job_writes_waits_for_the_end_of_the_job(bench: Workbench) -> None:
    await bench.make()
    await change_title(bench.database, 1, done="rip", file=bench.file(".rip/1-1/Alien.mkv"))
    await bench.begin()
    (job,) = await open_jobs(bench.database)
    await take(bench.database, CLOCK, job.id)
    bench.file("Alien.mkv")
    bench.mark("remux")
    assert not await bench.look()
    await end(bench.database, CLOCK, job.id)
    assert not await bench.look()
    await settle_all(bench.database, CLOCK)
    assert await bench.state() is ItemState.REMUXED
    assert (await titles_of(bench.database))[0].file == b"%s/.remux/1-1/1.mkv" % bytes(bench.folder)


@pytest.mark.parametrize("why", ["stale", "unreadable", "no file", "unsound", "two files", "one of two", "later file"])
async def test_a_marker_that_nothing_bears_out_moves_nothing(bench: Workbench, why: str) -> None:
    await bench.make(titles=2 if why == "one of two" else 1)
    if why != "no file":
        path = bench.file("title_t01.mkv")
        if why == "later file":
            later = CLOCK.now().timestamp() + 60
            os.utime(path, (later, later))
    if why == "two files":
        bench.file("extras/title_t01.mkv")
    if why == "unsound":
        bench.faults["title_t01.mkv"] = "It is truncated."
    text = "x" * 1_000_000 if why == "unreadable" else ""
    bench.mark("rip", text, ago=timedelta(hours=1) if why == "stale" else timedelta(0))
    assert not await bench.look()
    assert await bench.state() is ItemState.NEW
    assert {(title.done, title.file) for title in await titles_of(bench.database)} == {(None, None)}


async def test_what_went_back_is_not_moved_on_by_the_marker_that_was_left(bench: Workbench) -> None:
    await bench.make()
    bench.file("title_t01.mkv")
    marker = bench.mark("rip")
    assert await bench.look()
    await asyncio.sleep(0.02)
    async with bench.database.write() as session:
        item = await lock_item(session, bench.item_id)
        assert await flow.go_back(session, CLOCK.now(), item, "anna", Stage.RIP) == 1
    assert not await bench.look()
    os.utime(bench.folder / "title_t01.mkv")
    assert not await MarkerLook(bench.database, CLOCK, lambda: RULES).look({bench.item_id: bytes(bench.folder)})
    assert await bench.state() is ItemState.NEW
    # And it is taken away with the next thing that is written there, so that no script takes it for done.
    await mark_item(bench.database, bench.item_id, ())
    assert not marker.exists()


async def test_an_item_without_a_disc_gets_what_was_ripped_by_hand_as_its_titles(bench: Workbench) -> None:
    await bench.make(discs=0)
    ripped = bench.file("Alien.mkv")
    bench.mark("rip")
    assert await bench.look()
    (title,) = await titles_of(bench.database)
    assert (title.done, title.file, title.selected) == ("rip", ripped, True)
    assert await bench.state() is ItemState.RIPPED


async def test_a_marker_that_was_set_too_soon_does_not_hide_the_one_before_it(bench: Workbench) -> None:
    await bench.make(discs=0)
    ripped = bench.file("title_t01.mkv")
    bench.mark("transcode")
    bench.mark("rip")
    assert await bench.look()
    (title,) = await titles_of(bench.database)
    assert (title.done, title.file, await bench.state()) == ("rip", ripped, ItemState.RIPPED)


async def test_of_two_servers_that_see_a_marker_one_moves_the_item_on(bench: Workbench) -> None:
    await bench.make()
    bench.file("title_t01.mkv")
    bench.mark("rip")
    other = MarkerLook(bench.database, CLOCK, lambda: RULES, verify=bench.marks._verify)  # pyright: ignore[reportPrivateUsage] - as its own
    folders = {bench.item_id: bytes(bench.folder)}
    await asyncio.gather(bench.marks.look(folders), other.look(folders))
    assert len(await transitions(bench.database, bench.item_id)) == 2


async def test_an_item_that_was_given_up_is_left_alone(bench: Workbench) -> None:
    await bench.make()
    bench.file("title_t01.mkv")
    bench.mark("rip")
    async with bench.database.write() as session:
        await session.execute(update(PipelineItem).values(ended_at=CLOCK.now()))
    assert not await bench.look()


async def test_a_marker_is_heard_at_once_where_the_system_can(bench: Workbench) -> None:
    await bench.make()
    bench.file("title_t01.mkv")
    stop = asyncio.Event()
    running = asyncio.create_task(bench.marks.run(stop, listen=True))
    try:
        await asyncio.sleep(0.3)
        bench.mark("rip")
        async with asyncio.timeout(10):
            while await bench.state() is ItemState.NEW:  # noqa: ASYNC110 - the look every 15 s would be too late
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await running
    assert JobState.QUEUED not in [job.state for job in await open_jobs(bench.database)]


async def test_what_is_said_again_of_an_item_that_ended_is_not_said_of_the_next_one_in_its_folder(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    first = await an_item(database, clock, FILM, root=tmp_path)
    async with database.write() as session:
        ended = update(PipelineItem).where(PipelineItem.id == first)
        await session.execute(ended.values(state=ItemState.IN_LIBRARY, ended_at=clock.now()))
    roots = [str(tmp_path)]
    prepare_roots(roots)
    folder = Path(os.fsdecode((await item_of(database, first)).folder))
    await mark_item(database, first, roots)
    assert (folder / ".pipeline" / "organize.done").exists()
    # The same film once more, made where the first one was; then a server starts, and marks all that moved lately.
    clock.advance(timedelta(seconds=1))
    second = await an_item(database, clock, FILM, root=tmp_path)
    assert (await item_of(database, second)).folder == os.fsencode(folder)
    shutil.rmtree(folder / ".pipeline")
    await mark_item(database, first, roots)
    assert not (folder / ".pipeline").exists()


async def test_names_that_are_no_utf_8_keep_no_marker_from_being_followed_and_no_event_from_being_read(
    bench: Workbench,
) -> None:
    await bench.make(discs=0)
    odd = bench.file(os.fsdecode(b"Am\xe9lie.mkv"))
    bench.faults = {os.fsdecode(b"Am\xe9lie.mkv"): f"{os.fsdecode(odd)} has no picture."}
    bench.mark("rip")
    assert not await bench.look()
    async with bench.database.read() as session:
        events = await events_between(session, 0, 1000, ["pipeline_item.marker_refused"], 10)
    assert b"has no picture" in msgspec.json.encode(events)
    bench.faults = {}
    bench.mark("rip", "again")
    assert await bench.look()
    (title,) = await titles_of(bench.database)
    assert (title.file, title.name) == (odd, "Am\ufffdlie")


async def test_a_marker_that_cannot_be_looked_at_keeps_no_other_from_it(bench: Workbench) -> None:
    await bench.make()
    first, folder = bench.item_id, bench.folder
    bench.file("title_t01.mkv")
    bench.mark("rip")
    await bench.make(SEASON)
    bench.file("title_t02.mkv")
    bench.mark("rip")
    bench.errors = {"title_t01.mkv"}
    assert await bench.marks.look({first: bytes(folder), bench.item_id: bytes(bench.folder)}) == [bench.item_id]
