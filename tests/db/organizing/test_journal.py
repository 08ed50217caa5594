"""Groups of moves are done on the disk and in the books, or neither."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from mediastead.db.engine import Database
from mediastead.disk.calls import Calls
from mediastead.files.models import MediaFileState
from mediastead.libraries.errors import LibraryBusy
from mediastead.libraries.lock import library_lock
from mediastead.libraries.models import Library
from mediastead.libraries.service import begin_removal

from .house import House


async def test_a_file_goes_with_its_sidecar_into_a_folder_that_is_made_and_the_emptied_one_goes(house: House) -> None:
    house.put("old/matrix.mkv", "old/matrix.en.srt", "other.mkv")
    await house.shelf.scan()
    before, ids = house.disk(), await house.shelf.present()
    organizing_id = await house.organize(
        ("old/matrix.mkv", "The Matrix (1999)/The Matrix (1999).mkv"),
        ("old/matrix.en.srt", "The Matrix (1999)/The Matrix (1999).en.srt"),
    )
    assert await house.states() == ["done"]
    assert (await house.organizing(organizing_id)).state == "ended"
    assert house.disk() == {
        "The Matrix (1999)/The Matrix (1999).mkv": before["old/matrix.mkv"],
        "The Matrix (1999)/The Matrix (1999).en.srt": before["old/matrix.en.srt"],
        "other.mkv": before["other.mkv"],
    }
    after = await house.shelf.present()
    assert after == {
        b"The Matrix (1999)/The Matrix (1999).mkv": ids[b"old/matrix.mkv"],
        b"other.mkv": ids[b"other.mkv"],
    }
    assert not (house.shelf.root / "old").exists()
    assert set(await house.shelf.folders()) == {b"", b"The Matrix (1999)"}
    assert await house.unfinished() is None


async def test_files_change_places_in_a_circle_and_one_only_its_letters(house: House) -> None:
    house.put("a.mkv", "b.mkv", "c.mkv", "film.mkv", "x/swap.mkv", "swap.mkv")
    await house.shelf.scan()
    before = house.disk()
    await house.organize(
        ("a.mkv", "b.mkv"),
        ("b.mkv", "c.mkv"),
        ("c.mkv", "a.mkv"),
        ("film.mkv", "Film.mkv"),
        ("x/swap.mkv", "swap.mkv"),
        ("swap.mkv", "x/swap.mkv"),
    )
    assert await house.states() == ["done"]
    assert house.disk() == {
        "b.mkv": before["a.mkv"],
        "c.mkv": before["b.mkv"],
        "a.mkv": before["c.mkv"],
        "Film.mkv": before["film.mkv"],
        "swap.mkv": before["x/swap.mkv"],
        "x/swap.mkv": before["swap.mkv"],
    }
    assert await house.known() == house.disk()


async def test_what_was_done_is_taken_back_as_one_and_folders_are_made_again(house: House) -> None:
    house.put("old/deep/a.mkv", "old/deep/b.mkv", "old/deep/a.srt")
    await house.shelf.scan()
    before = house.disk()
    organizing_id = await house.organize(
        ("old/deep/a.mkv", "new/b.mkv"), ("old/deep/a.srt", "new/b.srt"), ("old/deep/b.mkv", "new/a.mkv")
    )
    assert not (house.shelf.root / "old").exists()
    undo = await house.plan_undo(organizing_id)
    await house.allow(undo)
    await house.organizer().apply(undo)
    assert await house.states() == ["done", "done"]
    assert house.disk() == before
    assert await house.known() == {path: inode for path, inode in before.items() if path.endswith("mkv")}
    assert not (house.shelf.root / "new").exists()


async def test_what_lies_at_a_target_is_not_overwritten_and_nothing_of_the_group_is_done(house: House) -> None:
    house.put("a.mkv", "b.mkv", "sub/C.srt")
    await house.shelf.scan()
    before = house.disk()
    await house.organize(("a.mkv", "sub/a.mkv"), ("b.mkv", "sub/c.srt"))
    (group,) = await house.groups()
    assert (group.state, group.reason) == ("refused", "target_exists")
    assert group.said is not None
    assert "sub/c.srt" in group.said
    assert house.disk() == before


async def test_a_file_that_was_changed_since_the_plan_is_left(house: House) -> None:
    house.put("a.mkv")
    await house.shelf.scan()
    group = await house.group(("a.mkv", "b.mkv"))
    house.shelf.put("a.mkv", b"something else, longer")
    organizing_id = await house.plan(group)
    await house.allow(organizing_id)
    await house.organizer().apply(organizing_id)
    assert await house.states() == ["refused"]
    assert list(house.disk()) == ["a.mkv"]


async def test_a_library_with_an_open_group_is_neither_scanned_nor_removed(house: House, database: Database) -> None:
    house.put("a.mkv")
    await house.shelf.scan()
    organizing_id = await house.plan(await house.group(("a.mkv", "b.mkv")))
    await house.allow(organizing_id)
    (house.shelf.root / ".mediastead-library").rename(house.shelf.root / "away")
    await house.organizer().apply(organizing_id)
    assert await house.states() == ["planned"], "a library that is not there is not begun with"
    (house.shelf.root / "away").rename(house.shelf.root / ".mediastead-library")

    class Unplugged(Exception):
        """In the place of a death: nothing handles it."""

    class Dying(Calls):
        def fsync(self, file: int) -> None:
            raise Unplugged

    calls = Dying()
    with pytest.raises(Unplugged):
        await house.organizer(calls).apply(organizing_id)
    assert await house.unfinished() is not None
    async with library_lock(database, house.shelf.library_id).hold() as held:
        assert not held
    with pytest.raises(LibraryBusy):
        async with database.write() as session:
            await begin_removal(session, house.clock.now(), "test", house.shelf.library_id)
    (house.shelf.root / ".mediastead-library").rename(house.shelf.root / "away")
    assert list((await house.settle()).values()) == ["waiting"]
    (house.shelf.root / "away").rename(house.shelf.root / ".mediastead-library")
    assert await house.settle() == {}, "not before its time"
    house.clock.advance(timedelta(minutes=2))
    assert list((await house.settle()).values()) == ["done"]
    assert await house.known() == house.disk()
    async with library_lock(database, house.shelf.library_id).hold() as held:
        assert held


async def test_what_lies_behind_a_link_is_refused_with_the_reason(house: House) -> None:
    house.put("a/1.mkv", "2.mkv", "real/3.mkv")
    await house.shelf.scan()
    (house.shelf.root / "link").symlink_to("real")
    organizing_id = await house.plan(
        await house.group(("a/1.mkv", "b/1.mkv")), await house.group(("2.mkv", "link/2.mkv"))
    )
    (house.shelf.root / "a").rename(house.shelf.root / "away")
    (house.shelf.root / "a").symlink_to("away")
    before = house.disk()
    await house.allow(organizing_id)
    await house.organizer().apply(organizing_id)
    assert [group.reason for group in await house.groups()] == ["linked", "linked"]
    assert house.disk() == before


async def test_a_library_without_a_marker_is_not_organized(house: House, database: Database) -> None:
    house.put("a.mkv")
    await house.shelf.scan()
    async with database.write() as session:
        await session.execute(update(Library).values(root_marker=None))
    await house.organize(("a.mkv", "b.mkv"))
    (group,) = await house.groups()
    assert (group.state, group.reason) == ("refused", "not_marked")


async def test_many_groups_are_done_one_after_the_other_and_one_that_cannot_be_is_left_out(house: House) -> None:
    house.put(*(f"{number}.mkv" for number in range(12)), "taken.mkv")
    await house.shelf.scan()
    groups = [await house.group((f"{number}.mkv", f"new/{number}.mkv")) for number in range(11)]
    groups.insert(5, await house.group(("11.mkv", "taken.mkv")))
    organizing_id = await house.plan(*groups)
    await house.allow(organizing_id)
    await house.organizer().apply(organizing_id)
    assert await house.states() == ["done"] * 5 + ["refused"] + ["done"] * 6
    assert (await house.organizing(organizing_id)).state == "ended"
    assert await house.known() == house.disk()
    undo = await house.plan_undo(organizing_id)
    await house.allow(undo)
    await house.organizer().apply(undo)
    assert sorted(house.disk()) == sorted([*(f"{number}.mkv" for number in range(12)), "taken.mkv"])


async def test_the_row_of_a_missing_file_gives_its_path_up_to_the_file_that_is_moved_there(house: House) -> None:
    house.put("a.mkv", "b.mkv")
    await house.shelf.scan()
    house.shelf.remove("b.mkv")
    await house.shelf.scan()
    await house.organize(("a.mkv", "b.mkv"))
    assert await house.states() == ["done"]
    assert await house.known() == house.disk()
    rows = [(row.presence, row.holds_path) for row in await house.shelf.rows()]
    assert sorted(rows) == [("missing", False), ("present", True)]


async def test_a_file_that_may_still_be_growing_is_left(house: House, database: Database) -> None:
    house.put("a.mkv")
    await house.shelf.scan()
    async with database.write() as session:
        await session.execute(update(MediaFileState).values(unsettled_since=house.clock.now()))
    await house.organize(("a.mkv", "b.mkv"))
    (group,) = await house.groups()
    assert (group.state, group.reason) == ("refused", "changed")
    assert list(house.disk()) == ["a.mkv"]
