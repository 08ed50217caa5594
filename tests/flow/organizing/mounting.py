"""Inboxes and libraries with something mounted in them, and what is brought in and taken back there: a process in a namespace of
its own, which ends in an error where that goes otherwise than it should.

    python -m tests.flow.organizing.mounting <url> <folder>
"""

import asyncio
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import String, cast, select, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.libraries.models import Library
from mediastead.organizing.models import GroupState
from mediastead.trash.emptying import empty, put_back, would_empty
from mediastead.trash.errors import CannotPutBack
from mediastead.trash.models import Trashed

from ...db.organizing.gate import FILM, WORDS, Gate, make_gate
from ...db.organizing.test_disks import LinksOnce
from ...db.organizing.test_recovery import Died
from ...db.organizing.titles import Titles
from ..presence.covering import tmpfs
from ..presence.unmounting import mount, unmount

HOURS = timedelta(hours=1)
TRASH = ".mediastead-trash"


async def all_of_it(url: str, folder: Path) -> None:
    database = Database(url)
    for name, work in WORK.items():
        try:
            await work(database, folder / name)
        except Exception as error:
            raise AssertionError(name) from error
    await database.dispose()


async def another_disk_in_the_inbox(database: Database, folder: Path) -> None:
    """It is only read."""
    tmpfs(made(folder / "inbox" / "new"))
    gate = await gate_in(database, folder)
    before = gate.inbox.disk()
    for how in ("link", "copy"):
        view = await gate.plan(how)
        assert (view.counts["moves"], view.counts["refused"]) == (2, 0), view.counts
        done = await gate.do(view.id)
        assert done.groups == {"done": 1}, [group.said for group in await gate.inbox.groups()]
        assert gate.films.disk().keys() == {FILM, WORDS}
        assert (gate.films.shelf.root / FILM).read_bytes() == b"the film"
        assert await gate.imports() == [("copy", True)] * (1 if how == "link" else 2)
        assert gate.inbox.disk() == before
        await gate.settled()
        assert (await gate.undo(done.id)).groups == {"done": 1}
        assert gate.inbox.disk() == before
        await gate.settled()
        await empty(database, gate.clock, gate.films.shelf.library_id, None)
    view = await gate.plan("move")
    assert (view.counts["moves"], await gate.why_refused(view)) == (0, ["other_disk"])
    (group,) = await gate.titles.groups(view.id, GroupState.REFUSED)
    assert "--how copy" in (group.said or ""), group.said


async def a_disk_of_the_inbox_that_goes_away_in_between(database: Database, folder: Path) -> None:
    disk = made(folder / "inbox" / "new")
    kept = made(folder / "elsewhere")
    tmpfs(kept)
    mount(kept, disk)
    gate = await gate_in(database, folder)
    before = gate.inbox.disk()
    await broken_off(gate)
    for away in (lambda: unmount(disk), lambda: tmpfs(disk)):
        away()
        for _ in range(4):
            gate.clock.advance(HOURS)
            assert [state.value for state in (await gate.inbox.settle()).values()] == ["waiting"]
        said = (await gate.inbox.groups())[-1].said or ""
        assert "mount" in said, said
    unmount(disk)
    mount(kept, disk)
    gate.clock.advance(HOURS)
    assert [state.value for state in (await gate.inbox.settle()).values()] == ["done"]
    assert gate.films.disk().keys() == {FILM, WORDS}
    assert gate.inbox.disk() == before
    await gate.settled()


async def a_disk_of_the_inbox_that_is_covered_in_between(database: Database, folder: Path) -> None:
    """By one that is mounted over a folder that was none."""
    disk = made(folder / "inbox")
    tmpfs(disk)
    gate = await gate_in(database, folder)
    before = gate.inbox.disk()
    await broken_off(gate)
    tmpfs(disk / "new")
    gate.clock.advance(HOURS)
    assert [state.value for state in (await gate.inbox.settle()).values()] == ["waiting"]
    assert "Another disk was mounted over new" in ((await gate.inbox.groups())[-1].said or "")
    unmount(disk / "new")
    gate.clock.advance(HOURS)
    assert [state.value for state in (await gate.inbox.settle()).values()] == ["done"]
    assert gate.inbox.disk() == before
    await gate.settled()


async def a_folder_of_the_same_disk_in_the_inbox(database: Database, folder: Path) -> None:
    """Nothing is renamed out of it, so a move copies; the originals go to the trash of that mount."""
    new = made(folder / "inbox" / "new")
    mount(made(folder / "elsewhere"), new)
    gate = await gate_in(database, folder)
    before = gate.inbox.disk()
    file_id = await gate.inbox.shelf.id_of("new/alien.mkv")
    view = await gate.plan("move")
    assert (view.counts["moves"], view.counts["refused"]) == (2, 0), view.counts
    view = await gate.do(view.id)
    assert view.groups == {"done": 1}, [group.said for group in await gate.inbox.groups()]
    assert gate.films.disk().keys() == {FILM, WORDS}
    assert await gate.films.shelf.id_of(FILM) == file_id
    originals = {path for path in gate.inbox.disk() if path.startswith(f"new/{TRASH}/")}
    assert len(originals) == 2, gate.inbox.disk()
    await gate.settled()
    assert (await gate.undo(view.id)).groups == {"done": 1}
    assert gate.inbox.disk() == before
    assert await gate.inbox.shelf.id_of("new/alien.mkv") == file_id
    await gate.settled()


async def a_folder_of_the_same_disk_in_the_library(database: Database, folder: Path) -> None:
    """What was made there is taken back into the trash of that mount, which is emptied and put back as any, while it is there."""
    top = made(folder / "films" / "Alien (2000)")
    elsewhere = made(folder / "elsewhere")
    mount(elsewhere, top)
    gate = await gate_in(database, folder)
    library_id = gate.films.shelf.library_id
    for how in ("link", "copy"):
        done = await gate.bring(how)
        assert done.groups == {"done": 1}
        back = await gate.undo(done.id)
        assert back.groups == {"done": 1}, [group.said for group in await gate.inbox.groups()]
        trashed = gate.films.disk()
        assert len(trashed) == 2, trashed
        assert all(path.startswith(f"Alien (2000)/{TRASH}/") for path in trashed)
        await gate.settled()
        again = await gate.undo(back.id)
        assert again.groups == {"done": 1}, [group.said for group in await gate.inbox.groups()]
        assert gate.films.disk().keys() == {FILM, WORDS}
        await gate.settled()
        assert (await gate.undo(again.id)).groups == {"done": 1}
        film = await trashed_id(database, FILM)
        unmount(top)
        assert (await would_empty(database, library_id, None)).deleted == 0
        assert (await empty(database, gate.clock, library_id, None)).deleted == 0
        try:
            await put_back(database, gate.clock, film)
        except CannotPutBack as error:
            assert "not mounted" in str(error), error
        else:
            raise AssertionError("it cannot have been put back")
        mount(elsewhere, top)
        await put_back(database, gate.clock, film)
        assert (gate.films.shelf.root / FILM).read_bytes() == b"the film"
        gate.films.shelf.remove(FILM)
        await gate.films.shelf.scan()
        assert (await empty(database, gate.clock, library_id, None)).deleted == 1
        assert gate.films.disk() == {}


async def a_folder_of_the_same_disk_where_files_are_renamed(database: Database, folder: Path) -> None:
    """The plan says that nothing is renamed out of it."""
    mount(made(folder / "elsewhere"), made(folder / "films" / "new"))
    gate = await gate_in(database, folder)
    gate.films.put("new/old.mkv")
    await gate.films.shelf.scan()
    titles = Titles(gate.films)
    await titles.film("Aliens", "new/old.mkv")
    view = await titles.plan()
    assert (view.counts["moves"], await gate.why_refused(view)) == (0, ["other_disk"])


async def broken_off(gate: Gate) -> None:
    """The film was brought in, and the process died before its subtitles were."""
    planned = await gate.plan("link")
    with suppress(Died):
        await gate.do(planned.id, LinksOnce())
    assert gate.films.disk().keys() == {FILM}
    assert await gate.inbox.states() != ["done"]


async def gate_in(database: Database, folder: Path) -> Gate:
    async with database.write() as session:  # so that the names are free
        await session.execute(update(Library).values(name=cast(Library.id, String)))
    return await make_gate(database, SetClock(datetime(2026, 3, 1, tzinfo=UTC)), folder / "inbox", folder / "films")


async def trashed_id(database: Database, path: str) -> int:
    """Of what lay at this path last."""
    query = select(Trashed.id).where(Trashed.path == os.fsencode(path), Trashed.state == "in_trash")
    async with database.read() as session:
        return (await session.execute(query.order_by(Trashed.id.desc()))).scalars().first() or 0


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


WORK = {
    work.__name__: work
    for work in (
        another_disk_in_the_inbox,
        a_disk_of_the_inbox_that_goes_away_in_between,
        a_disk_of_the_inbox_that_is_covered_in_between,
        a_folder_of_the_same_disk_in_the_inbox,
        a_folder_of_the_same_disk_in_the_library,
        a_folder_of_the_same_disk_where_files_are_renamed,
    )
}


if __name__ == "__main__":
    asyncio.run(all_of_it(sys.argv[1], Path(sys.argv[2])))
