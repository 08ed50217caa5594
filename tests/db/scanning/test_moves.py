# ruff: noqa: PTH116 - paths are bytes here, and tests may block
"""A file keeps its id wherever it goes."""

import os
import shutil

import pytest

from mediastead.scanning import pump

from .shelf import COMPLETED, Shelf


async def test_a_first_scan_finds_every_file_once(shelf: Shelf) -> None:
    for name in ("a.mkv", "Film (2010)/Film (2010).mkv", "Show/Season 01/Show S01E01.mkv"):
        shelf.put(name)
    shelf.put("Film (2010)/Film (2010).nfo")
    scan = await shelf.scan()
    assert scan.outcome is COMPLETED
    assert (scan.counts["files"], scan.counts["new"], scan.counts["others"]) == (3, 3, 2)
    assert set(await shelf.present()) == {b"a.mkv", b"Film (2010)/Film (2010).mkv", b"Show/Season 01/Show S01E01.mkv"}
    assert set(await shelf.folders()) == {b"", b"Film (2010)", b"Show/Season 01"}
    assert (await shelf.events("files.found"))[0]["count"] == 3


async def test_a_renamed_file_keeps_its_id(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    await shelf.scan()
    before = await shelf.id_of("a.mkv")
    shelf.move("a.mkv", "Film/b.mkv")
    scan = await shelf.scan()
    assert (scan.counts["moved"], scan.counts["new"], scan.counts["missing"]) == (1, 0, 0)
    assert await shelf.present() == {b"Film/b.mkv": before}
    assert (await shelf.events("files.moved"))[0]["file_ids"] == [before]


async def test_a_renamed_folder_keeps_the_ids_of_its_files(shelf: Shelf) -> None:
    for number in range(30):
        shelf.put(f"Show/Season 01/e{number:02}.mkv")
    await shelf.scan()
    before = {path.replace(b"Show", b"The Show"): file_id for path, file_id in (await shelf.present()).items()}
    shelf.move("Show", "The Show")
    await shelf.scan()
    assert await shelf.present() == before
    assert b"Show/Season 01" not in await shelf.folders()


async def test_swapped_names_swap_ids(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    shelf.put("b.mkv")
    await shelf.scan()
    a, b = await shelf.id_of("a.mkv"), await shelf.id_of("b.mkv")
    swap(shelf, "a.mkv", "b.mkv")
    scan = await shelf.scan()
    assert await shelf.present() == {b"a.mkv": b, b"b.mkv": a}
    assert (scan.counts["moved"], scan.counts["changed"]) == (2, 0)


async def test_cycles_and_chains_across_batches_keep_ids(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    # One file a folder and one folder a batch: every step of the cycle is in another transaction.
    for name in "abcdefg":
        shelf.put(f"{name}/{name}.mkv")
    await shelf.scan()
    ids = {path[:1]: file_id for path, file_id in (await shelf.present()).items()}
    shelf.move("c/c.mkv", "hold.mkv")
    shelf.move("b/b.mkv", "c/c.mkv")
    shelf.move("a/a.mkv", "b/b.mkv")
    shelf.move("hold.mkv", "a/a.mkv")
    shelf.move("f/f.mkv", "g/g2.mkv")
    shelf.move("e/e.mkv", "f/f.mkv")
    shelf.move("d/d.mkv", "e/e.mkv")
    monkeypatch.setattr(pump, "BATCH_FOLDERS", 1)
    await shelf.scan()
    assert await shelf.present() == {
        b"a/a.mkv": ids[b"c"],
        b"b/b.mkv": ids[b"a"],
        b"c/c.mkv": ids[b"b"],
        b"e/e.mkv": ids[b"d"],
        b"f/f.mkv": ids[b"e"],
        b"g/g2.mkv": ids[b"f"],
        b"g/g.mkv": ids[b"g"],
    }


async def test_a_new_file_at_the_old_path_of_a_moved_one_is_new(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    await shelf.scan()
    moved = await shelf.id_of("a.mkv")
    shelf.move("a.mkv", "z/z.mkv")
    shelf.put("a.mkv")
    scan = await shelf.scan()
    present = await shelf.present()
    assert present[b"z/z.mkv"] == moved
    assert present[b"a.mkv"] != moved
    assert (scan.counts["new"], scan.counts["changed"], scan.counts["moved"]) == (1, 0, 1)


async def test_a_file_moved_over_another_takes_its_path(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    shelf.put("b.mkv")
    await shelf.scan()
    a, b = await shelf.id_of("a.mkv"), await shelf.id_of("b.mkv")
    shelf.move("a.mkv", "b.mkv")
    await shelf.scan()
    assert await shelf.present() == {b"b.mkv": a}
    assert await shelf.missing() == {b: b"b.mkv"}


async def test_a_file_copied_elsewhere_keeps_its_id_though_another_known_one_took_its_place(shelf: Shelf) -> None:
    shelf.put("a/a.mkv")
    shelf.put("b/b.mkv")
    await shelf.scan()
    a, b = await shelf.id_of("a/a.mkv"), await shelf.id_of("b/b.mkv")
    (shelf.root / "z").mkdir()
    shutil.copy2(shelf.root / "a/a.mkv", shelf.root / "z/a.mkv")
    shelf.remove("a/a.mkv")
    shelf.move("b/b.mkv", "a/a.mkv")
    scan = await shelf.scan()
    assert await shelf.present() == {b"z/a.mkv": a, b"a/a.mkv": b}
    assert (scan.counts["moved"], scan.counts["new"], scan.counts["missing"]) == (2, 0, 0)


async def test_a_replaced_file_is_the_same_file_changed(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    await shelf.scan()
    before = await shelf.id_of("a.mkv")
    shelf.put("new.tmp", b"better quality")
    shelf.move("new.tmp", "a.mkv")
    scan = await shelf.scan()
    [row] = await shelf.rows()
    assert (row.id, row.changed, row.size) == (before, True, 14)
    assert scan.counts["changed"] == 1


async def test_a_hard_link_is_a_file_of_its_own(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    await shelf.scan()
    before = await shelf.id_of("a.mkv")
    os.link(shelf.at("a.mkv"), shelf.at("b.mkv"))
    await shelf.scan()
    present = await shelf.present()
    assert present[b"a.mkv"] == before
    assert len(present) == 2


async def test_a_file_that_moves_to_another_library_keeps_its_id(shelf: Shelf, other_shelf: Shelf) -> None:
    for name in ("a.mkv", "b.mkv"):
        shelf.put(name)
    await shelf.scan()
    ids = await shelf.present()
    shelf.move("a.mkv", "x/a.mkv", other_shelf)
    await other_shelf.scan()
    assert await other_shelf.present() == {b"x/a.mkv": ids[b"a.mkv"]}
    assert await shelf.present() == {b"b.mkv": ids[b"b.mkv"]}
    # The other way round: gone here first, then found there.
    shelf.move("b.mkv", "y/c.mkv", other_shelf)
    await shelf.scan()
    assert await shelf.missing() == {ids[b"b.mkv"]: b"b.mkv"}
    await other_shelf.scan()
    assert (await other_shelf.present())[b"y/c.mkv"] == ids[b"b.mkv"]
    assert await shelf.rows() == []


async def test_a_file_copied_to_another_disk_and_deleted_keeps_its_id(shelf: Shelf, other_shelf: Shelf) -> None:
    shelf.put("a.mkv", b"content")
    await shelf.scan()
    before = await shelf.id_of("a.mkv")
    status = os.stat(shelf.at("a.mkv"))
    other_shelf.put("a.mkv", b"content")
    os.utime(other_shelf.at("a.mkv"), ns=(status.st_mtime_ns, status.st_mtime_ns))
    shelf.remove("a.mkv")
    await other_shelf.scan()
    assert await other_shelf.present() == {b"a.mkv": before}


async def test_a_copy_is_new_while_the_original_is_there(shelf: Shelf, other_shelf: Shelf) -> None:
    shelf.put("a.mkv", b"content")
    await shelf.scan()
    status = os.stat(shelf.at("a.mkv"))
    other_shelf.put("a.mkv", b"content")
    os.utime(other_shelf.at("a.mkv"), ns=(status.st_mtime_ns, status.st_mtime_ns))
    await other_shelf.scan()
    assert len(await shelf.present()) == len(await other_shelf.present()) == 1


async def test_an_inode_that_is_used_again_proves_nothing(shelf: Shelf) -> None:
    inode = shelf.put("a.mkv")
    await shelf.scan()
    before = await shelf.id_of("a.mkv")
    shelf.remove("a.mkv")
    for attempt in range(50):
        if shelf.put(f"b{attempt}.mkv") == inode:
            break
    await shelf.scan()
    assert before not in (await shelf.present()).values()
    assert await shelf.missing() == {before: b"a.mkv"}


async def test_an_unmatched_file_under_a_new_name_is_asked_about_again(shelf: Shelf) -> None:
    shelf.put("a.mkv")
    await shelf.scan()
    await shelf.set_files(identification="unmatched")
    shelf.move("a.mkv", "The Film (1999).mkv")
    await shelf.scan()
    [row] = await shelf.rows()
    assert row.identification == "pending"
    assert (await shelf.events("file.pending"))[0]["file_id"] == row.id


async def test_names_that_are_no_utf_8_hold_newlines_or_are_255_bytes_long_are_names(shelf: Shelf) -> None:
    names = [b"caf\xe9 \xff.mkv", b"two\nlines.mkv", b"x" * 251 + b".mkv", "日本語.mkv".encode()]
    for name in names:
        shelf.put(name)
    scan = await shelf.scan()
    ids = await shelf.present()
    assert set(ids) == set(names)
    shelf.move(names[0], b"d\xe9/" + names[0])
    again = await shelf.scan()
    assert (await shelf.present())[b"d\xe9/" + names[0]] == ids[names[0]]
    assert (scan.counts["files"], again.counts["files"], again.counts["new"]) == (4, 4, 0)


def swap(shelf: Shelf, one: str, other: str) -> None:
    shelf.move(one, "hold.tmp")
    shelf.move(other, one)
    shelf.move("hold.tmp", other)
