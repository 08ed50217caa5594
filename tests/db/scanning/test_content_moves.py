# ruff: noqa: ASYNC240 - paths are bytes here, and tests may block
"""Files whose inode and time say nothing are known again by what they contain."""

import os
import random
import shutil
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from mediastead.files.models import MediaFile, MediaFileImport, MediaFileState
from mediastead.libraries.models import ScanOutcome
from mediastead.probing import read_fingerprint
from mediastead.scanning import content_moves
from mediastead.scanning.content_queries import twins
from mediastead.scanning.reunion import reunite

from .shelf import Shelf


def noise(seed: int, size: int = 1000) -> bytes:
    return random.Random(seed).randbytes(size)


async def know(*shelves: Shelf) -> None:
    """What is read in the background otherwise: fingerprints of all present files."""
    for shelf in shelves:
        for path, file_id in (await shelf.present()).items():
            taken = read_fingerprint(shelf.at(path))
            async with shelf.database.write() as session:
                which = update(MediaFileState).where(MediaFileState.file_id == file_id)
                await session.execute(which.values(fingerprint=taken.value, fingerprinted_at=shelf.clock.now()))


def carry(shelf: Shelf, old: str, new: str, other: Shelf | None = None) -> None:
    """Copy to another name, inode and time; then delete."""
    copy(shelf, old, new, other)
    shelf.remove(old)


def copy(shelf: Shelf, old: str, new: str, other: Shelf | None = None) -> None:
    target = (other or shelf).at(new)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(shelf.at(old), target)
    shelf.age(target, 10**7 + len(os.listdir(os.path.dirname(target))))


async def test_a_file_copied_under_another_name_with_another_time_and_deleted_is_the_same_file(shelf: Shelf) -> None:
    for number in range(3):
        shelf.put(f"{number}.mkv", noise(number))
    await shelf.scan()
    await know(shelf)
    before = await shelf.present()
    carry(shelf, "1.mkv", "Film/one.mkv")
    scan = await shelf.scan()
    assert (await shelf.present())[b"Film/one.mkv"] == before[b"1.mkv"]
    assert (scan.counts["moved"], scan.counts["new"], scan.counts["missing"]) == (1, 0, 0)


async def test_without_a_fingerprint_it_is_another_file(shelf: Shelf) -> None:
    shelf.put("a.mkv", noise(1))
    await shelf.scan()
    before = await shelf.id_of("a.mkv")
    carry(shelf, "a.mkv", "b.mkv")
    await shelf.scan()
    assert await shelf.missing() == {before: b"a.mkv"}


async def test_equal_size_with_other_content_is_another_file(shelf: Shelf) -> None:
    shelf.put("a.mkv", noise(1))
    await shelf.scan()
    await know(shelf)
    before = await shelf.id_of("a.mkv")
    shelf.remove("a.mkv")
    shelf.put("b.mkv", noise(2))
    await shelf.scan()
    assert await shelf.missing() == {before: b"a.mkv"}


async def test_what_several_files_hold_proves_nothing(shelf: Shelf) -> None:
    for name in ("a.mkv", "b.mkv"):
        shelf.put(name, noise(1))
    await shelf.scan()
    await know(shelf)
    before = await shelf.present()
    carry(shelf, "a.mkv", "c.mkv")
    await shelf.scan()
    assert await shelf.missing() == {before[b"a.mkv"]: b"a.mkv"}
    assert (await shelf.present())[b"b.mkv"] == before[b"b.mkv"]


async def test_a_copy_is_a_file_of_its_own_while_the_original_is_there(shelf: Shelf) -> None:
    shelf.put("a.mkv", noise(1))
    await shelf.scan()
    await know(shelf)
    before = await shelf.id_of("a.mkv")
    copy(shelf, "a.mkv", "b.mkv")
    await shelf.scan()
    present = await shelf.present()
    assert present[b"a.mkv"] == before
    assert len(present) == 2


@pytest.mark.parametrize("size", [1000, 1001], ids=["equal sizes", "other sizes"])
@pytest.mark.parametrize("in_place", [True, False], ids=["same inodes", "new inodes"])
async def test_names_that_were_swapped_by_copying_swap_ids(shelf: Shelf, size: int, in_place: bool) -> None:
    shelf.put("a.mkv", noise(1))
    shelf.put("b.mkv", noise(2, size))
    await shelf.scan()
    await know(shelf)
    a, b = await shelf.id_of("a.mkv"), await shelf.id_of("b.mkv")
    contents = {name: Path(os.fsdecode(shelf.at(name))).read_bytes() for name in ("a.mkv", "b.mkv")}
    for name, other in (("a.mkv", "b.mkv"), ("b.mkv", "a.mkv")):
        if not in_place:
            shelf.move(name, name + ".old")
        shelf.put(name, contents[other])
    await shelf.scan()
    assert await shelf.present() == {b"a.mkv": b, b"b.mkv": a}


async def test_a_file_carried_to_another_library_keeps_its_id_whichever_is_scanned_first(
    shelf: Shelf, other_shelf: Shelf
) -> None:
    for number in range(2):
        shelf.put(f"{number}.mkv", noise(number))
    await shelf.scan()
    await know(shelf)
    ids = await shelf.present()
    carry(shelf, "0.mkv", "x/zero.mkv", other_shelf)
    await other_shelf.scan()
    assert await other_shelf.present() == {b"x/zero.mkv": ids[b"0.mkv"]}
    carry(shelf, "1.mkv", "x/one.mkv", other_shelf)
    await shelf.scan()
    await other_shelf.scan()
    assert (await other_shelf.present())[b"x/one.mkv"] == ids[b"1.mkv"]


async def test_a_scan_reads_no_more_than_it_may(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_moves, "MOST_READ", 2)
    for number in range(4):
        shelf.put(f"{number}.mkv", noise(number))
    await shelf.scan()
    await know(shelf)
    for number in range(4):
        carry(shelf, f"{number}.mkv", f"new/{number}-moved.mkv")
    scan = await shelf.scan()
    assert (scan.counts["moved"], scan.counts["new"]) == (2, 2)


async def test_a_copy_that_was_seen_first_turns_out_to_be_the_file_when_that_is_gone(
    shelf: Shelf, other_shelf: Shelf
) -> None:
    shelf.put("a.mkv", noise(1))
    await shelf.scan()
    await know(shelf)
    original = await shelf.id_of("a.mkv")
    copy(shelf, "a.mkv", "x/film.mkv", other_shelf)
    await other_shelf.scan()
    stand_in = await other_shelf.id_of("x/film.mkv")
    assert stand_in != original
    await know(other_shelf)
    shelf.remove("a.mkv")
    scan = await shelf.scan()
    assert (scan.counts["moved"], scan.counts["missing"]) == (1, 0)
    assert await other_shelf.present() == {b"x/film.mkv": original}
    assert await shelf.rows() == []
    moved = (await shelf.events("files.moved"))[-1]
    assert (moved["file_ids"], moved["known_before_as"]) == ([original], [stand_in])
    # From now on there is one file, wherever it goes.
    again = await other_shelf.scan()
    assert (again.counts["new"], again.counts["missing"], again.counts["changed"]) == (0, 0, 0)
    other_shelf.move("x/film.mkv", "y/film.mkv")
    await other_shelf.scan()
    assert await other_shelf.present() == {b"y/film.mkv": original}


async def test_it_turns_out_also_when_the_content_is_read_only_after_the_original_is_missing(
    shelf: Shelf, other_shelf: Shelf
) -> None:
    shelf.put("a.mkv", noise(1))
    await shelf.scan()
    await know(shelf)
    original = await shelf.id_of("a.mkv")
    copy(shelf, "a.mkv", "x/film.mkv", other_shelf)
    await other_shelf.scan()
    shelf.remove("a.mkv")
    await shelf.scan()
    assert await shelf.missing() == {original: b"a.mkv"}
    await know(other_shelf)
    stand_in = await other_shelf.id_of("x/film.mkv")
    async with shelf.database.write() as session:
        assert await reunite(session, shelf.clock.now(), await twins(session, copies=[stand_in])) == [original]
    assert await other_shelf.present() == {b"x/film.mkv": original}
    async with shelf.database.read() as session:
        row = (await session.execute(select(MediaFile).where(MediaFile.id == stand_in))).scalar_one()
        assert (row.hidden, row.holds_path, row.same_as_id) == (True, False, original)


async def test_a_copy_that_somebody_keeps_stays_one(shelf: Shelf, other_shelf: Shelf) -> None:
    shelf.put("a.mkv", noise(1))
    await shelf.scan()
    original = await shelf.id_of("a.mkv")
    copy(shelf, "a.mkv", "x/film.mkv", other_shelf)
    await other_shelf.scan()
    await shelf.scan()  # both are there
    await know(shelf, other_shelf)
    shelf.remove("a.mkv")
    await shelf.scan()
    assert await shelf.missing() == {original: b"a.mkv"}
    assert await other_shelf.id_of("x/film.mkv") != original


async def test_a_copy_that_a_person_answered_for_stays_what_he_said(shelf: Shelf, other_shelf: Shelf) -> None:
    shelf.put("a.mkv", noise(1))
    await shelf.scan()
    original = await shelf.id_of("a.mkv")
    copy(shelf, "a.mkv", "x/film.mkv", other_shelf)
    await other_shelf.scan()
    await know(shelf, other_shelf)
    stand_in = await other_shelf.id_of("x/film.mkv")
    async with shelf.database.write() as session:
        await session.execute(
            insert(MediaFileImport).values(
                file_id=stand_in,
                library_id=other_shelf.library_id,
                method="manual_match",
                source_path=b"x",
                success=True,
                evidence={},
                actor="ana",
                at=shelf.clock.now(),
            )
        )
    shelf.remove("a.mkv")
    await shelf.scan()
    assert await shelf.missing() == {original: b"a.mkv"}
    assert await other_shelf.present() == {b"x/film.mkv": stand_in}


async def test_a_library_that_was_carried_elsewhere_is_not_taken_for_lost(shelf: Shelf, other_shelf: Shelf) -> None:
    for number in range(30):
        shelf.put(f"{number}.mkv", noise(number))
    await shelf.scan()
    ids = await shelf.present()
    for number in range(30):
        copy(shelf, f"{number}.mkv", f"all/{number}-new.mkv", other_shelf)
    await other_shelf.scan()
    await know(shelf, other_shelf)
    for number in range(30):
        shelf.remove(f"{number}.mkv")
    scan = await shelf.scan()
    assert scan.outcome is ScanOutcome.COMPLETED
    assert set((await other_shelf.present()).values()) == set(ids.values())
