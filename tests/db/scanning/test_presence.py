# ruff: noqa: PTH102, PTH104 - paths are bytes here, and tests may block
"""The word missing means it: absence is not proof."""

import asyncio
import os
import shutil
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from mediastead.db.base import Base
from mediastead.db.engine import Database
from mediastead.disk.marker import write_marker
from mediastead.events.models import Event
from mediastead.files.models import Folder
from mediastead.libraries.models import ScanOutcome
from mediastead.scanning import pump
from mediastead.scanning.found import FileSystem
from mediastead.scanning.inventory import Inventory
from mediastead.scanning.scans import scan_view
from mediastead.scanning.service import begin_scan, cancel_scan, confirm_scan, discard_scan, end_scan, request_scan

from .shelf import COMPLETED, WITH_GAPS, Shelf, make_shelf


class Refusing(FileSystem):
    """A file system in which some names cannot be opened or looked at."""

    def __init__(self, *names: bytes, error: int = 13) -> None:
        self._names, self._error = names, error

    def open_folder(self, name: bytes, parent: int | None) -> int:
        self._refuse(name)
        return super().open_folder(name, parent)

    def stat(self, name: bytes, folder: int, *, follow: bool = False) -> os.stat_result:
        self._refuse(name)
        return super().stat(name, folder, follow=follow)

    def _refuse(self, name: bytes) -> None:
        if name in self._names:
            raise OSError(self._error, os.strerror(self._error))


async def test_an_unchanged_rescan_writes_nothing_but_its_own_record(shelf: Shelf) -> None:
    for number in range(20):
        shelf.put(f"Show/e{number}.mkv")
    await shelf.scan()
    before = await contents(shelf.database)
    await shelf.scan()
    after = await contents(shelf.database)
    assert {name for name in before if before[name] != after[name]} == {"scan", "event"}
    assert after["event"] - before["event"] == 3  # queued, started, finished


async def test_a_file_that_is_gone_is_missing_and_comes_back_as_the_same_file(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    shelf.put("b.mkv")
    await shelf.scan()
    a = await shelf.id_of("a.mkv")
    hidden = shelf.at("../hidden.mkv")
    os.rename(shelf.at("a.mkv"), hidden)
    scan = await shelf.scan()
    assert (scan.outcome, scan.counts["missing"]) == (COMPLETED, 1)
    assert await shelf.missing() == {a: b"a.mkv"}
    assert (await shelf.events("files.missing"))[0]["file_ids"] == [a]
    os.rename(hidden, shelf.at("a.mkv"))
    scan = await shelf.scan()
    assert (scan.counts["back"], scan.counts["changed"], scan.counts["new"]) == (1, 0, 0)
    assert (await shelf.present())[b"a.mkv"] == a
    assert (await shelf.events("files.back"))[0]["file_ids"] == [a]


async def test_an_unknown_file_at_a_missing_files_path_is_that_file_changed(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    shelf.put("b.mkv")
    await shelf.scan()
    a = await shelf.id_of("a.mkv")
    shelf.remove("a.mkv")
    await shelf.scan()
    shelf.put("b2.mkv")  # takes the free inode, so that the next file has another
    shelf.put("a.mkv", b"something else")
    await shelf.scan()
    assert (await shelf.present())[b"a.mkv"] == a


async def test_a_missing_file_gives_its_path_up_to_one_that_moved_there(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    shelf.put("b.mkv")
    await shelf.scan()
    ids = await shelf.present()
    kept = shelf.at("../kept.mkv")
    os.rename(shelf.at("a.mkv"), kept)
    await shelf.scan()
    shelf.move("b.mkv", "a.mkv")
    await shelf.scan()
    assert await shelf.present() == {b"a.mkv": ids[b"b.mkv"]}
    [gone] = [row for row in await shelf.rows() if row.id == ids[b"a.mkv"]]
    assert (gone.presence, gone.holds_path, gone.path) == ("missing", False, b"a.mkv")
    os.rename(kept, shelf.at("c.mkv"))
    await shelf.scan()
    assert await shelf.present() == {b"a.mkv": ids[b"b.mkv"], b"c.mkv": ids[b"a.mkv"]}


@pytest.mark.parametrize("error", [13, 5, 116])
async def test_nothing_beneath_a_folder_that_cannot_be_listed_becomes_missing(shelf: Shelf, error: int) -> None:
    for name in ("Good/a.mkv", "Bad/b.mkv", "Bad/Deep/c.mkv"):
        shelf.put(name)
    await shelf.scan()
    before = await shelf.present()
    shutil.rmtree(shelf.at("Bad/Deep"))
    shelf.remove("Good/a.mkv")
    scan = await shelf.scan(file_system=Refusing(b"Bad", error=error))
    assert scan.outcome is WITH_GAPS
    assert scan.gaps == [{"path": "Bad", "reason": scan.gaps[0]["reason"]}]
    assert os.strerror(error) in scan.gaps[0]["reason"]
    assert set(await shelf.missing()) == {before[b"Good/a.mkv"]}
    folders = await shelf.folders()
    assert all(folders[path].gap_since == shelf.clock.now() for path in (b"Bad", b"Bad/Deep"))
    await shelf.scan(file_system=Refusing(b"Bad", error=error))
    assert (await shelf.folders())[b"Bad"].gap_since == shelf.clock.now() - timedelta(hours=1)
    scan = await shelf.scan()
    assert (scan.outcome, scan.counts["missing"]) == (COMPLETED, 1)
    assert all(folder.gap_since is None for folder in (await shelf.folders()).values())


async def test_a_file_that_cannot_be_looked_at_keeps_its_state(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    shelf.put("b.mkv")
    await shelf.scan()
    before = await shelf.present()
    scan = await shelf.scan(file_system=Refusing(b"a.mkv"))
    assert (scan.outcome, [gap["path"] for gap in scan.gaps]) == (WITH_GAPS, ["a.mkv"])
    assert await shelf.present() == before


async def test_a_root_without_its_marker_changes_nothing(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    await shelf.scan()
    before = await shelf.present()
    away = shelf.root.with_name("away")
    shelf.root.rename(away)
    for put_back in (lambda: None, shelf.root.mkdir):
        put_back()
        scan = await shelf.scan()
        assert scan.outcome is ScanOutcome.ROOT_UNAVAILABLE
        assert scan.error
        assert await shelf.present() == before
    library = await shelf.library()
    assert library.unavailable_reason == scan.error
    assert library.unavailable_since == shelf.clock.now() - timedelta(hours=1)
    write_marker(os.fsencode(shelf.root), "another-library")
    assert (await shelf.scan()).outcome is ScanOutcome.ROOT_UNAVAILABLE
    shutil.rmtree(shelf.root)
    away.rename(shelf.root)
    assert (await shelf.scan()).outcome is COMPLETED
    library = await shelf.library()
    assert (library.unavailable_since, library.unavailable_reason) == (None, None)


async def test_a_root_that_vanishes_during_the_walk_makes_nothing_missing(shelf: Shelf) -> None:
    for number in range(30):
        shelf.put(f"d{number}/f.mkv")
    await shelf.scan()
    before = await shelf.present()

    class Vanishing(FileSystem):
        def open_folder(self, name: bytes, parent: int | None) -> int:
            if name == b"d3":
                shelf.root.rename(shelf.root.with_name("away"))
                shelf.root.mkdir()
            return super().open_folder(name, parent)

    scan = await shelf.scan(file_system=Vanishing())
    assert scan.outcome is ScanOutcome.ROOT_UNAVAILABLE
    assert await shelf.present() == before


async def test_a_root_without_marker_is_known_by_its_files(shelf: Shelf) -> None:
    plain = await make_shelf(shelf.database, shelf.clock, shelf.root.with_name("plain"), marked=False)
    assert (await plain.scan()).outcome is COMPLETED
    for number in range(5):
        plain.put(f"{number}.mkv")
    await plain.scan()
    for number in range(4):
        plain.remove(f"{number}.mkv")
    assert (await plain.scan()).counts["missing"] == 4
    plain.remove("4.mkv")
    scan = await plain.scan()
    assert scan.outcome is ScanOutcome.ROOT_UNAVAILABLE
    assert set(await plain.present()) == {b"4.mkv"}


async def test_a_mount_point_where_nothing_is_mounted_any_more_is_a_gap(shelf: Shelf) -> None:
    shelf.put("disk/Show/a.mkv")
    shelf.put("b.mkv")
    await shelf.scan()
    before = await shelf.present()
    async with shelf.database.write() as session:
        await session.execute(update(Folder).where(Folder.path == b"disk/Show").values(mount_point=True))
    shutil.rmtree(shelf.at("disk/Show"))
    for remains in (False, True):
        if remains:
            os.mkdir(shelf.at("disk/Show"))
        scan = await shelf.scan()
        assert (scan.outcome, [gap["path"] for gap in scan.gaps]) == (WITH_GAPS, ["disk/Show"])
        assert await shelf.present() == before
    assert (await shelf.folders())[b"disk/Show"].mount_point


async def test_a_disk_whose_files_were_copied_into_its_folder_is_a_folder(shelf: Shelf) -> None:
    shelf.put("disk/a.mkv")
    await shelf.scan()
    async with shelf.database.write() as session:
        await session.execute(update(Folder).where(Folder.path == b"disk").values(mount_point=True))
    scan = await shelf.scan()
    assert scan.outcome is COMPLETED
    assert not (await shelf.folders())[b"disk"].mount_point


async def test_too_much_at_once_is_asked_about_and_confirmed(shelf: Shelf) -> None:
    for number in range(30):
        shelf.put(f"{number}.mkv")
    await shelf.scan()
    for number in range(21):
        shelf.remove(f"{number}.mkv")
    scan = await shelf.scan()
    assert (scan.outcome, scan.counts["would_miss"]) == (ScanOutcome.NEEDS_CONFIRMATION, 21)
    assert len(await shelf.present()) == 30
    async with shelf.database.write() as session:
        again = await confirm_scan(session, shelf.clock.now(), scan.id, "anna")
    assert (again.trigger, again.without_limit) == ("confirmation", True)
    done = await shelf.run(again.id)
    assert (done.outcome, done.counts["missing"]) == (COMPLETED, 21)
    async with shelf.database.read() as session:
        answered = await scan_view(session, scan.id)
    assert answered is not None
    assert (answered.outcome, answered.answered_by) == (ScanOutcome.CONFIRMED, "anna")


async def test_what_is_confirmed_while_the_library_is_scanned_is_not_asked_again(shelf: Shelf) -> None:
    for number in range(30):
        shelf.put(f"{number}.mkv")
    await shelf.scan()
    for number in range(21):
        shelf.remove(f"{number}.mkv")
    asking = await shelf.scan()
    async with shelf.database.write() as session:
        running = await request_scan(session, shelf.clock.now(), shelf.library_id, "test")
        task = await begin_scan(session, shelf.clock.now(), running.id)
    assert task is not None
    async with shelf.database.write() as session:
        assert (await confirm_scan(session, shelf.clock.now(), asking.id, "anna")).id == running.id
    ending = await Inventory(shelf.database, shelf.clock, task).run()
    assert ending.outcome is ScanOutcome.NEEDS_CONFIRMATION
    async with shelf.database.write() as session:
        await end_scan(session, shelf.clock.now(), task, ending)
    done = await shelf.run(running.id)
    assert (done.outcome, done.counts["missing"]) == (COMPLETED, 21)


async def test_up_to_twenty_files_are_believed_in_a_small_library(shelf: Shelf) -> None:
    for number in range(30):
        shelf.put(f"{number}.mkv")
    await shelf.scan()
    for number in range(20):
        shelf.remove(f"{number}.mkv")
    assert (await shelf.scan()).counts["missing"] == 20


async def test_an_unanswered_question_is_superseded_by_the_next_whole_look(shelf: Shelf) -> None:
    for number in range(30):
        shelf.put(f"{number}.mkv")
    await shelf.scan()
    for number in range(25):
        os.rename(shelf.at(f"{number}.mkv"), shelf.at(f"../{number}.mkv"))
    first = await shelf.scan()
    second = await shelf.scan()
    assert first.outcome is second.outcome is ScanOutcome.NEEDS_CONFIRMATION
    async with shelf.database.write() as session:
        assert (await discard_scan(session, shelf.clock.now(), second.id, "anna")).outcome is ScanOutcome.DISCARDED
        superseded = await scan_view(session, first.id)
    assert superseded is not None
    assert superseded.outcome is ScanOutcome.SUPERSEDED


async def test_a_cancelled_scan_keeps_what_it_wrote_and_marks_nothing_missing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a/a.mkv", "m/m.mkv", "z/z.mkv"):
        shelf.put(name)
    await shelf.scan()
    shelf.remove("a/a.mkv")
    shelf.put("b/b.mkv")
    shelf.put("z/new.mkv")
    monkeypatch.setattr(pump, "BATCH_FOLDERS", 1)
    async with shelf.database.write() as session:
        queued = await request_scan(session, shelf.clock.now(), shelf.library_id, "test")

    async def cancel() -> None:
        async with shelf.database.write() as session:
            await cancel_scan(session, shelf.clock.now(), queued.id, "anna")

    loop = asyncio.get_running_loop()

    class Cancelling(FileSystem):
        def open_folder(self, name: bytes, parent: int | None) -> int:
            if name == b"z":
                asyncio.run_coroutine_threadsafe(cancel(), loop).result(10)
            return super().open_folder(name, parent)

    scan = await shelf.run(queued.id, file_system=Cancelling())
    assert (scan.outcome, scan.cancel_requested) == (ScanOutcome.STOPPED, True)
    assert set(await shelf.present()) == {b"a/a.mkv", b"b/b.mkv", b"m/m.mkv", b"z/z.mkv"}
    assert (await shelf.scan()).counts["missing"] == 1


async def contents(database: Database) -> dict[str, Any]:
    """All rows of all tables; of events only their number."""
    found: dict[str, Any] = {}
    async with database.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.name == "event":
                found["event"] = (await session.execute(select(func.count()).select_from(Event))).scalar_one()
            else:
                found[table.name] = [tuple(row) for row in await session.execute(select(table))]
    return found
