# ruff: noqa: PTH104, PTH116, ASYNC230 - paths are bytes here
"""Whole files are read again, and what is no longer what it was is told."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from mediastead.browsing.story import file_story
from mediastead.contents.queries import left_to_verify, verified_since
from mediastead.contents.verifier import Verifier, ask_all, slot_after
from mediastead.files.contents import ContentFilter
from mediastead.files.counts import counts_by_library
from mediastead.files.duplicates import same_content
from mediastead.files.listing import FileFilter, files_page
from mediastead.files.models import Folder, MediaFileState
from mediastead.probing import Hasher, Piece
from mediastead.probing.hashing import PIECE, hash_piece

from ..scanning.shelf import Shelf
from ..scanning.test_content_moves import noise


class Here(Hasher):
    """Reads in this process."""

    async def piece(self, path: bytes, offset: int) -> Piece:
        return hash_piece(path, offset)


class Noting(Here):
    """Notes which files are begun."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    async def piece(self, path: bytes, offset: int) -> Piece:
        if offset == 0:
            self.read.append(os.path.basename(path).decode())
        await asyncio.sleep(0)
        return await super().piece(path, offset)


def verifier(shelf: Shelf, days: int = 0, hasher: Hasher | None = None) -> Verifier:
    return Verifier(shelf.database, shelf.clock, hasher or Here(), days=lambda: days, pace=lambda: 10**12)


async def verify(shelf: Shelf, days: int = 0) -> int:
    """How many files were read."""
    stop, files = asyncio.Event(), 0
    one = verifier(shelf, days)
    await one.schedule(stop)
    while await one.step(stop):
        files += 1
    return files


async def ask(shelf: Shelf) -> int:
    shelf.clock.advance(timedelta(minutes=1))
    asked, away = await ask_all(shelf.database, shelf.clock, shelf.library_id, None)
    assert away == 0
    return asked


async def state(shelf: Shelf, path: str) -> MediaFileState:
    file_id = await shelf.id_of(path)
    async with shelf.database.read() as session:
        return (await session.execute(select(MediaFileState).where(MediaFileState.file_id == file_id))).scalar_one()


async def rotted(shelf: Shelf) -> list[str]:
    async with shelf.database.read() as session:
        return [file.path for file in (await files_page(session, FileFilter(rotted=True))).items]


def rot(shelf: Shelf, path: str, content: bytes) -> None:
    """Other content of the same size, and nothing says so."""
    status = os.stat(shelf.at(path))
    with open(shelf.at(path), "r+b") as file:
        file.write(content)
    os.utime(shelf.at(path), ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.fixture
async def films(shelf: Shelf) -> AsyncGenerator[Shelf]:
    for number in range(3):
        shelf.put(f"{number}.mkv", noise(number))
    await shelf.scan()
    yield shelf


class Endless(Here):
    """Never comes to the end of a file."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def piece(self, path: bytes, offset: int) -> Piece:
        self.begun.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_what_was_being_read_when_a_process_ended_is_read_again_within_minutes(films: Shelf) -> None:
    await ask(films)
    hasher = Endless()
    killed = asyncio.create_task(verifier(films, hasher=hasher).step(asyncio.Event()))
    await hasher.begun.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    assert await verify(films) == 2
    films.clock.advance(timedelta(minutes=6))
    assert await verify(films) == 1


async def test_nobody_else_begins_a_file_that_is_read_for_longer_than_a_claim_holds(films: Shelf) -> None:
    await ask(films)
    hasher, stop = Endless(), asyncio.Event()
    slow = Verifier(
        films.database, films.clock, hasher, days=lambda: 0, pace=lambda: 10**12, claimed=timedelta(seconds=0.3)
    )
    reading = asyncio.create_task(slow.step(stop))
    await hasher.begun.wait()
    assert await verify(films) == 2
    for _ in range(4):
        films.clock.advance(timedelta(seconds=0.2))
        await asyncio.sleep(0.5)
        assert await verify(films) == 0
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_files_that_were_read_whole_are_known_to_hold_the_same_though_nothing_else_read_them(
    shelf: Shelf,
) -> None:
    for name in ("one.mkv", "again.mkv"):
        shelf.put(name, noise(1))
    shelf.put("other.mkv", noise(2))
    await shelf.scan()
    assert (await ask(shelf), await verify(shelf)) == (3, 3)
    one, again = await shelf.id_of("one.mkv"), await shelf.id_of("again.mkv")
    async with shelf.database.read() as session:
        found = (await files_page(session, FileFilter(content=ContentFilter(duplicates=True)))).items
        assert sorted(file.path for file in found) == ["again.mkv", "one.mkv"]
        assert await same_content(session, [one]) == {one: {again: "certainly"}}
    assert (await state(shelf, "one.mkv")).read_due_at is not None, "its streams are still to be read"


async def test_content_that_changed_while_size_and_time_did_not_has_rotted(films: Shelf) -> None:
    assert (await ask(films), await verify(films)) == (3, 3)
    assert await verify(films) == 0
    first = (await state(films, "1.mkv")).content_hash
    rot(films, "1.mkv", noise(9))
    began = films.clock.now() + timedelta(minutes=1)
    assert (await ask(films), await verify(films)) == (3, 3)
    assert await rotted(films) == ["1.mkv"]
    found = await state(films, "1.mkv")
    assert (found.content_hash, found.rotted_at, found.verified_at) == (first, began, began - timedelta(minutes=1))
    assert [each["file_id"] for each in await films.events("file.rotted")] == [await films.id_of("1.mkv")]
    async with films.database.read() as session:
        assert await verified_since(session, began, films.library_id, None) == (3, 0, 1)
    rot(films, "1.mkv", noise(1))  # from a backup
    await ask(films)
    await verify(films)
    assert await rotted(films) == []


async def test_a_file_that_was_changed_has_not_rotted(films: Shelf) -> None:
    await ask(films)
    await verify(films)
    rot(films, "1.mkv", noise(9))
    await ask(films)
    await verify(films)
    films.put("1.mkv", noise(10))
    await films.scan()
    assert await rotted(films) == []
    await ask(films)
    await verify(films)
    assert await rotted(films) == []
    assert (await state(films, "1.mkv")).verified_at == films.clock.now()


async def test_files_are_spread_over_the_days_that_are_set_and_read_again_after_them(films: Shelf) -> None:
    assert await verify(films) == 0
    assert (await state(films, "1.mkv")).verify_due_at is None
    assert await verify(films, days=30) == 0
    due = [(await state(films, f"{number}.mkv")).verify_due_at for number in range(3)]
    assert len(set(due)) == 3
    assert all(each and films.clock.now() < each <= films.clock.now() + timedelta(days=30) for each in due)
    films.clock.advance(timedelta(days=31))
    assert await verify(films, days=30) == 3
    films.clock.advance(timedelta(days=14))
    assert await verify(films, days=30) == 0
    films.clock.advance(timedelta(days=31))
    assert await verify(films, days=30) == 3
    assert await verify(films, days=0) == 0
    assert (await state(films, "1.mkv")).verify_due_at is None


async def test_there_is_about_as_much_to_read_on_each_day_whatever_was_asked_for(shelf: Shelf) -> None:
    """600 files in rounds of 30 days: 20 a day would be even; 200 of them are read together first, on demand."""
    for number in range(600):
        shelf.put(f"{number // 100}/{number}.mkv", b"")
    await shelf.scan()
    ids = list((await shelf.present()).values())
    start = shelf.clock.now()
    dues = {file_id: slot_after(file_id, start, 30) for file_id in ids}
    assert max(_a_day(dues.values(), start).values()) <= 30
    # All were read on one day, and then their turns come as before: none within the next 15 days, all within 45.
    later = {file_id: slot_after(file_id, start + timedelta(days=15), 30) for file_id in ids}
    assert all(timedelta(days=15) < due - start <= timedelta(days=45) for due in later.values())
    assert max(_a_day(later.values(), start).values()) <= 30
    # What is overdue when rounds become shorter is spread over a round as well.
    async with shelf.database.write() as session:
        long_ago = start - timedelta(days=80)
        await session.execute(update(MediaFileState).values(verified_at=long_ago, verify_due_at=None))
    await verifier(shelf, 10).schedule(asyncio.Event())
    async with shelf.database.read() as session:
        found = list((await session.execute(select(MediaFileState.verify_due_at))).scalars())
    assert all(due and start < due <= start + timedelta(days=10) for due in found)
    assert max(_a_day([due for due in found if due], start).values()) <= 75


def _a_day(dues: Iterable[datetime], start: datetime) -> Counter[int]:
    return Counter((due - start).days for due in dues)


async def test_what_is_due_first_is_read_first(films: Shelf) -> None:
    order = ["2.mkv", "0.mkv", "1.mkv"]
    for hours, path in enumerate(order):
        file_id = await films.id_of(path)
        async with films.database.write() as session:
            due = films.clock.now() - timedelta(hours=10 - hours)
            await session.execute(
                update(MediaFileState).where(MediaFileState.file_id == file_id).values(verify_due_at=due)
            )
    hasher = Noting()
    one = verifier(films, hasher=hasher)
    while await one.step(asyncio.Event()):
        pass
    assert hasher.read == order


async def test_two_servers_read_every_file_once_in_a_round(shelf: Shelf) -> None:
    for number in range(12):
        shelf.put(f"{number}.mkv", noise(number))
    await shelf.scan()
    await ask(shelf)
    hashers = Noting(), Noting()

    async def serve(hasher: Hasher) -> None:
        one = verifier(shelf, hasher=hasher)
        while await one.step(asyncio.Event()):
            pass

    await asyncio.gather(*map(serve, hashers))
    assert sorted(hashers[0].read + hashers[1].read) == sorted(f"{number}.mkv" for number in range(12))


async def test_the_folder_of_a_disc_is_read_file_by_file_in_the_order_of_their_names(shelf: Shelf) -> None:
    shelf.put("Disc/VIDEO_TS/VTS_01_1.VOB", noise(1, PIECE + 5))
    shelf.put("Disc/VIDEO_TS/VTS_01_0.IFO", b"")
    shelf.put("Disc/VIDEO_TS/VIDEO_TS.IFO", noise(2))
    await shelf.scan()
    assert (await ask(shelf), await verify(shelf)) == (1, 1)
    found = await state(shelf, "Disc/VIDEO_TS")
    assert (found.verify_error, found.verified_at) == (None, shelf.clock.now())
    first = found.content_hash
    await ask(shelf)
    await verify(shelf)
    assert (await state(shelf, "Disc/VIDEO_TS")).content_hash == first
    rot(shelf, "Disc/VIDEO_TS/VTS_01_1.VOB", noise(3, 100))
    await ask(shelf)
    await verify(shelf)
    assert await rotted(shelf) == ["Disc/VIDEO_TS"]


async def test_a_file_that_was_put_in_anothers_place_has_not_rotted_though_size_and_time_are_the_same(
    films: Shelf,
) -> None:
    await ask(films)
    await verify(films)
    await put_in_place(films, "1.mkv", noise(9))
    await ask(films)
    await verify(films)
    assert await rotted(films) == []
    assert [entry for entry in await told(films, "1.mkv") if entry.startswith("Replaced")] == [
        "Replaced at films: 1.mkv: another content of the same size and time."
    ]
    assert (await state(films, "1.mkv")).read_due_at is not None
    rot(films, "1.mkv", noise(10))
    await ask(films)
    await verify(films)
    assert await rotted(films) == ["1.mkv"]


async def test_a_rotted_file_is_counted_and_its_story_tells_until_it_is_sound_again(films: Shelf) -> None:
    await ask(films)
    await verify(films)
    rot(films, "1.mkv", noise(9))
    for _ in range(2):
        await ask(films)
        await verify(films)
    async with films.database.read() as session:
        assert (await counts_by_library(session))[films.library_id].rotted == 1
    await put_in_place(films, "1.mkv", noise(1))  # from a backup
    await ask(films)
    await verify(films)
    async with films.database.read() as session:
        assert (await counts_by_library(session))[films.library_id].rotted == 0
    assert (await told(films, "1.mkv"))[1:] == [
        "Rotted at films: 1.mkv: its content is another, though size and time are the same.",
        "Its content is again what it was, at films: 1.mkv.",
    ]


async def put_in_place(shelf: Shelf, path: str, content: bytes) -> None:
    """Another file of the same size and time, as a copy has it; then a scan."""
    status = os.stat(shelf.at(path))
    new = shelf.at(f"{path}.new")
    with open(new, "wb") as file:
        file.write(content)
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.rename(new, shelf.at(path))
    await shelf.scan()


async def told(shelf: Shelf, path: str) -> list[str]:
    file_id = await shelf.id_of(path)
    async with shelf.database.read() as session:
        return [entry.says for entry in (await file_story(session, file_id)).entries]


async def test_a_file_that_cannot_be_read_says_why_and_is_tried_a_day_later(films: Shelf) -> None:
    films.remove("1.mkv")
    await ask(films)
    await verify(films)
    found = await state(films, "1.mkv")
    assert found.verify_error == "No such file or directory"
    assert found.verify_due_at == films.clock.now() + timedelta(days=1)


class Overtaken(Here):
    """While it reads a file for the first time, a scan finds another content there."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self._shelf: Shelf | None = shelf

    async def piece(self, path: bytes, offset: int) -> Piece:
        read = await super().piece(path, offset)
        if (shelf := self._shelf) is not None:
            self._shelf = None
            shelf.put(os.path.basename(path).decode(), noise(10, 3000))
            await shelf.scan()
        return read


async def test_a_file_that_a_scan_finds_changed_while_it_is_read_is_read_again_at_once(films: Shelf) -> None:
    since = films.clock.now() + timedelta(minutes=1)
    await ask(films)
    # At this pace nobody else would read the file for the next hours.
    one, read = Verifier(films.database, films.clock, Overtaken(films), days=lambda: 0, pace=lambda: 1), 0
    while await one.step(asyncio.Event()):
        read += 1
    assert read == 4
    assert await left(films, since) == 0
    async with films.database.read() as session:
        assert await verified_since(session, since, films.library_id, None) == (3, 0, 0)


async def test_a_file_is_read_piece_by_piece_in_a_process_of_its_own(films: Shelf) -> None:
    films.put("large.mkv", noise(5, PIECE + 7))
    hasher = Hasher()
    try:
        first = await hasher.piece(films.at("large.mkv"), 0)
        assert (first.read, first.digest, first.error) == (PIECE, None, None)
        last = await hasher.piece(films.at("large.mkv"), PIECE)
        assert last.digest and last.read == PIECE + 7
        assert (await hasher.piece(films.at("large.mkv"), PIECE)).error == "it was not read from its beginning"
    finally:
        await hasher.stop()


async def test_what_is_out_of_reach_is_told_and_not_waited_for(shelf: Shelf) -> None:
    shelf.put("here.mkv")
    shelf.put("there/far.mkv")
    shelf.put("there/gone.mkv")
    await shelf.scan()
    since = shelf.clock.now()
    assert await ask_all(shelf.database, shelf.clock, None, None) == (3, 0)
    assert await left(shelf, since) == 3
    shelf.remove("there/gone.mkv")
    await shelf.scan()
    assert await left(shelf, since) == 2
    async with shelf.database.write() as session:
        away = update(Folder).where(Folder.path == b"there").values(gap_since=since, gap_reason="cannot be listed")
        await session.execute(away)
    assert await left(shelf, since) == 1
    assert await ask_all(shelf.database, shelf.clock, shelf.library_id, None) == (1, 1)
    assert await verify(shelf) == 1
    assert await left(shelf, since) == 0


async def test_files_of_a_library_that_is_away_are_not_tried_though_no_scan_has_noticed_it(films: Shelf) -> None:
    away = films.root.with_name("away")
    films.root.rename(away)
    assert await ask_all(films.database, films.clock, None, None) == (0, 3)
    assert await ask_all(films.database, films.clock, films.library_id, None) == (0, 3)
    assert await ask_all(films.database, films.clock, None, await films.id_of("1.mkv")) == (0, 1)
    assert await verify(films) == 0
    away.rename(films.root)
    assert await ask_all(films.database, films.clock, None, None) == (3, 0)


async def left(shelf: Shelf, since: datetime) -> int:
    async with shelf.database.read() as session:
        return await left_to_verify(session, since, shelf.library_id, None)
