"""Who runs a scan, and what happens when he dies."""
# ruff: noqa: ASYNC110 - tests may poll

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import select

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.libraries.lock import library_lock
from mediastead.libraries.models import Scan, ScanOutcome
from mediastead.scanning.runner import ScanRunner
from mediastead.scanning.service import begin_scan, request_scan

from ...flow.commands import run_command
from .shelf import COMPLETED, Shelf, make_shelf


@pytest.fixture
async def second_server(database_url: str, database: Database) -> AsyncGenerator[Database]:
    other = Database(database_url)
    yield other
    await other.dispose()


async def is_free(shelf: Shelf) -> bool:
    """Whether nobody has the library's lock."""
    async with library_lock(shelf.database, shelf.library_id).hold() as held:
        return held


async def queue(shelf: Shelf) -> int:
    async with shelf.database.write() as session:
        return (await request_scan(session, shelf.clock.now(), shelf.library_id, "test")).id


async def all_scans(database: Database) -> list[Scan]:
    async with database.read() as session:
        return list((await session.execute(select(Scan).order_by(Scan.id))).scalars())


async def test_queued_scans_of_several_libraries_are_run(shelf: Shelf, other_shelf: Shelf) -> None:
    shelf.put("a.mkv")
    other_shelf.put("b.mkv")
    wake = Wake()
    for each in (shelf, other_shelf):
        await queue(each)
    await ScanRunner(shelf.database, shelf.clock, wake).run_queued()
    assert [scan.outcome for scan in await all_scans(shelf.database)] == [COMPLETED, COMPLETED]
    assert wake.identify.is_set()
    assert len(await shelf.present()) == len(await other_shelf.present()) == 1


async def test_two_servers_run_every_scan_once(
    database: Database, second_server: Database, clock: SetClock, tmp_path: Path
) -> None:
    shelves = [await make_shelf(database, clock, tmp_path / f"library{number}") for number in range(8)]
    for shelf in shelves:
        shelf.put("a.mkv")
        await queue(shelf)
    stop = asyncio.Event()
    runners = [asyncio.create_task(ScanRunner(each, clock, Wake()).run(stop)) for each in (database, second_server)]
    async with asyncio.timeout(60):
        while any(scan.outcome is None for scan in await all_scans(database)):
            await asyncio.sleep(0.1)
    stop.set()
    await asyncio.gather(*runners)
    assert [scan.outcome for scan in await all_scans(database)] == [COMPLETED] * 8
    assert len(await shelves[0].events("scan.started")) == 8
    for shelf in shelves:
        assert len(await shelf.rows()) == 1


async def test_a_scan_waits_in_the_queue_while_somebody_else_holds_the_library(
    shelf: Shelf, second_server: Database
) -> None:
    await queue(shelf)
    stop = asyncio.Event()
    async with library_lock(second_server, shelf.library_id).hold() as held:
        assert held
        runner = asyncio.create_task(ScanRunner(shelf.database, shelf.clock, Wake()).run(stop))
        await asyncio.sleep(0.5)
        assert [scan.phase.value for scan in await all_scans(shelf.database)] == ["queued"]
    async with asyncio.timeout(30):
        while (await all_scans(shelf.database))[0].outcome is None:
            await asyncio.sleep(0.1)
    stop.set()
    await runner


async def test_a_scan_whose_process_died_is_interrupted_and_run_again_at_once(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    scan_id = await queue(shelf)
    async with shelf.database.write() as session:
        await begin_scan(session, shelf.clock.now(), scan_id)
    await ScanRunner(shelf.database, shelf.clock, Wake()).run_queued()
    first, second = await all_scans(shelf.database)
    assert (first.outcome, second.outcome, second.trigger) == (ScanOutcome.INTERRUPTED, COMPLETED, "retry")


async def test_a_scan_that_runs_elsewhere_is_not_taken_for_dead(shelf: Shelf, second_server: Database) -> None:
    scan_id = await queue(shelf)
    async with library_lock(second_server, shelf.library_id).hold():
        async with shelf.database.write() as session:
            await begin_scan(session, shelf.clock.now(), scan_id)
        await ScanRunner(shelf.database, shelf.clock, Wake()).run_queued()
        assert [scan.outcome for scan in await all_scans(shelf.database)] == [None]


async def test_an_error_fails_the_scan_and_says_which(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr("mediastead.scanning.inventory.compare", broken)
    await queue(shelf)
    await ScanRunner(shelf.database, shelf.clock, Wake()).run_queued()
    [scan] = await all_scans(shelf.database)
    assert (scan.outcome, scan.error) == (ScanOutcome.FAILED, "ZeroDivisionError: of all things")


async def test_after_kill_9_at_any_commit_the_next_scan_loses_and_doubles_nothing(
    shelf: Shelf, database_url: str
) -> None:
    for folder in "abc":
        shelf.put(f"{folder}/{folder}.mkv")
    shelf.put("gone.mkv")
    await shelf.scan()
    ids = {os.path.basename(path): file_id for path, file_id in (await shelf.present()).items()}
    kills = 0
    for commit in range(0, 20, 2):
        # Every round turns the three files round, adds one, and takes one away.
        shelf.move("a/a.mkv", "held")
        shelf.move("b/b.mkv", "a/a.mkv")
        shelf.move("c/c.mkv", "b/b.mkv")
        shelf.move("held", "c/c.mkv")
        shelf.put(f"n{commit}/new{commit}.mkv")
        ids[b"a.mkv"], ids[b"b.mkv"], ids[b"c.mkv"] = ids[b"b.mkv"], ids[b"c.mkv"], ids[b"a.mkv"]
        await queue(shelf)
        ended = run_command([database_url, str(commit)], env=os.environ, module="tests.db.scanning.killed")
        # The server may not have noticed yet that it is dead.
        while not await is_free(shelf):
            await asyncio.sleep(0.01)
        await ScanRunner(shelf.database, shelf.clock, Wake()).run_queued()
        present = await shelf.present()
        assert {os.path.basename(path): each for path, each in present.items() if path[1:2] == b"/"} == {
            name: each for name, each in ids.items() if len(name) == 5
        }
        assert len(present) == len(await shelf.rows())
        assert f"n{commit}/new{commit}.mkv".encode() in present
        assert all(scan.outcome is not None for scan in await all_scans(shelf.database))
        if ended.returncode != -signal.SIGKILL:
            break
        kills += 1
    assert kills >= 3
