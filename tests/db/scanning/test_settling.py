"""Files that are still being written."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from mediastead.scanning import settle
from mediastead.scanning.settle import settle_due

from .shelf import Shelf


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "SETTLE_AFTER", timedelta(milliseconds=50))


async def look_at_fresh(shelf: Shelf, **options: object) -> object:
    """A scan at the very time at which the files were written."""
    shelf.clock.moment = datetime.now(UTC) - timedelta(hours=1)
    return await shelf.scan()


async def test_a_just_written_file_that_stands_still_is_settled_when_the_scan_ends(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    scan = await look_at_fresh(shelf)
    assert scan.counts["unsettled"] == 1  # type: ignore[attr-defined] - a scan's view
    assert [row.unsettled for row in await shelf.rows()] == [False]


async def test_a_file_that_grows_stays_unsettled_until_it_stands_still(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put("a.mkv", b"one")
    looks = settle._looks

    def growing(files: object) -> object:
        with open(shelf.at("a.mkv"), "ab") as file:
            file.write(b"more")
        return looks(files)  # type: ignore[arg-type] - passed on

    monkeypatch.setattr(settle, "_looks", growing)
    await look_at_fresh(shelf)
    [row] = await shelf.rows()
    assert (row.unsettled, row.size) == (True, 7)
    monkeypatch.setattr(settle, "_looks", looks)
    assert await settle_due(shelf.database, shelf.clock) == 0  # looked at just now
    shelf.clock.advance(timedelta(seconds=2))
    assert await settle_due(shelf.database, shelf.clock) == 1
    assert [row.unsettled for row in await shelf.rows()] == [False]
    scan = await shelf.scan()
    assert scan.counts["changed"] == 0


async def test_an_old_file_is_not_looked_at_twice(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    scan = await shelf.scan()
    assert scan.counts["unsettled"] == 0
    assert await settle_due(shelf.database, shelf.clock) == 0


async def test_a_file_from_the_far_future_is_not_being_written(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    future = (datetime.now(UTC) + timedelta(days=400)).timestamp()
    os.utime(shelf.at("a.mkv"), (future, future))
    assert (await shelf.scan()).counts["unsettled"] == 0


async def test_a_file_that_is_gone_before_its_second_look_is_left_to_the_next_scan(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    shelf.put("b.mkv")
    await look_at_fresh(shelf)
    from sqlalchemy import update

    from mediastead.files.models import MediaFileState

    async with shelf.database.write() as session:
        await session.execute(update(MediaFileState).values(unsettled_since=shelf.clock.now()))
    shelf.remove("a.mkv")
    shelf.clock.advance(timedelta(seconds=5))
    assert await settle_due(shelf.database, shelf.clock) == 1
    await shelf.scan()
    assert len(await shelf.missing()) == 1
    assert not any(row.unsettled for row in await shelf.rows())


async def test_more_fresh_files_than_are_looked_at_together_are_all_settled(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "BATCH", 2)
    for number in range(5):
        shelf.put(f"{number}.mkv")
    await look_at_fresh(shelf)
    assert [row.unsettled for row in await shelf.rows()] == [False] * 5
