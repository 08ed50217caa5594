"""What goes to the trash, comes back from it, or is deleted there for good."""

import errno
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from mediastead.disk.calls import Calls
from mediastead.organizing.journal_queries import known_moves
from mediastead.organizing.moves import Group, Way
from mediastead.trash.emptying import delete_due, empty, put_back, refuse_to_put_back
from mediastead.trash.errors import CannotPutBack, NotInTrash
from mediastead.trash.models import Trashed

from ...flow.organizing.faults import is_writing
from .house import House

MONTH = timedelta(days=30)


class Died(Exception):
    """In the place of a death: nothing handles it."""


async def trashed(house: House) -> list[Trashed]:
    async with house.database.read() as session:
        return list((await session.execute(select(Trashed).order_by(Trashed.id))).scalars())


async def filled(house: House) -> int:
    house.put("Film/a.mkv", "Film/a.srt", "b.mkv")
    await house.shelf.scan()
    return await house.trash("Film/a.mkv", "Film/a.srt")


def dying_at_a_commit(which: int) -> Callable[[], None]:
    """From now on; what it gives ends that."""
    seen: list[int] = []

    def die(session: Session) -> None:
        if is_writing(session) and not session.in_nested_transaction():
            seen.append(1)
            if len(seen) == which:
                raise Died

    event.listen(Session, "before_commit", die)
    return lambda: event.remove(Session, "before_commit", die)


async def test_what_is_trashed_lies_on_its_own_disk_and_is_missing_where_it_was(house: House) -> None:
    house.put("Film/a.mkv", "Film/a.srt", "b.mkv")
    await house.shelf.scan()
    before = house.disk()
    await house.trash("Film/a.mkv", "Film/a.srt")
    assert await house.states() == ["done"]
    media, beside = await trashed(house)
    assert (media.path, beside.path, media.state, beside.file_id) == (b"Film/a.mkv", b"Film/a.srt", "in_trash", None)
    assert media.name == f"{media.step_id}-a.mkv".encode()
    assert house.disk() == {
        f".mediastead-trash/{media.name.decode()}": before["Film/a.mkv"],
        f".mediastead-trash/{beside.name.decode()}": before["Film/a.srt"],
        "b.mkv": before["b.mkv"],
    }
    assert not (house.shelf.root / "Film").exists()
    assert await house.shelf.missing() == {media.file_id: b"Film/a.mkv"}
    scan = await house.shelf.scan()
    assert (scan.counts["new"], scan.counts["missing"], scan.counts["moved"]) == (0, 0, 0), "scans pass over the trash"


async def test_taking_back_what_went_to_the_trash_puts_it_where_it_was(house: House) -> None:
    house.put("Film/a.mkv", "Film/a.srt")
    await house.shelf.scan()
    before, known = house.disk(), await house.known()
    organizing_id = await house.trash("Film/a.mkv", "Film/a.srt")
    undo = await house.plan_undo(organizing_id)
    await house.allow(undo)
    await house.organizer().apply(undo)
    assert await house.states() == ["done", "done"]
    assert house.disk() == before
    assert await house.known() == known
    assert [each.state for each in await trashed(house)] == ["put_back", "put_back"]
    again = await house.plan_undo(undo)
    await house.allow(again)
    await house.organizer().apply(again)
    assert [each.state for each in await trashed(house)] == ["put_back", "put_back", "in_trash", "in_trash"]
    assert len(await house.shelf.missing()) == 1


async def test_what_was_deleted_from_the_trash_does_not_come_back(house: House) -> None:
    organizing_id = await filled(house)
    assert (await empty(house.database, house.clock, None, None)).deleted == 2
    undo = await house.plan_undo(organizing_id)
    await house.allow(undo)
    await house.organizer().apply(undo)
    assert await house.states() == ["done", "refused"]
    said = (await house.groups())[-1].said
    assert said is not None
    assert "is not in the trash any more" in said


async def test_a_person_puts_one_thing_back(house: House) -> None:
    await filled(house)
    media, beside = await trashed(house)
    await put_back(house.database, house.clock, media.id)
    assert await house.known() == {path: inode for path, inode in house.disk().items() if path.endswith(".mkv")}
    assert "Film/a.mkv" in house.disk()
    assert await house.shelf.missing() == {}
    assert [each.state for each in await trashed(house)] == ["put_back", "in_trash"]
    with pytest.raises(CannotPutBack, match="not in the trash any more"):
        await put_back(house.database, house.clock, media.id)
    with pytest.raises(NotInTrash):
        await put_back(house.database, house.clock, 999)
    assert beside.path == b"Film/a.srt"


async def test_nothing_is_put_back_over_something_else(house: House) -> None:
    await filled(house)
    house.put("Film/a.mkv")
    media, _ = await trashed(house)
    before = house.disk()
    with pytest.raises(CannotPutBack, match="move it away, then put this one back"):
        await put_back(house.database, house.clock, media.id)
    assert house.disk() == before
    assert [each.state for each in await trashed(house)] == ["in_trash", "in_trash"]


@pytest.mark.parametrize("is_link", [False, True])
async def test_what_lies_where_a_folder_of_it_was_is_named_also_by_a_dry_run(house: House, is_link: bool) -> None:
    await filled(house)
    media, _ = await trashed(house)
    there = house.shelf.root / "Film"
    there.symlink_to("elsewhere") if is_link else there.write_bytes(b"a file")
    before = house.disk()
    for look_or_do in (
        lambda: refuse_to_put_back(house.database, media.id),
        lambda: put_back(house.database, house.clock, media.id),
    ):
        with pytest.raises(CannotPutBack, match="Something else lies at Film now: move it away"):
            await look_or_do()
    assert house.disk() == before
    there.unlink()
    await refuse_to_put_back(house.database, media.id)
    assert house.disk().keys() == before.keys() - {"Film"}


async def test_what_was_mounted_where_it_lay_is_told_also_by_a_dry_run(house: House) -> None:
    class Mounted(Calls):
        """Another part of the same disk is mounted over the folder."""

        def mount_of(self, folder: int) -> int | None:
            return int(Path(f"/proc/self/fd/{folder}").readlink().name == "Film")

        def move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
            if self.mount_of(folder) != self.mount_of(new_folder):
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            super().move_to_free(old, folder, new, new_folder)

    await filled(house)
    media, _ = await trashed(house)
    (house.shelf.root / "Film").mkdir()
    for look_or_do in (
        lambda: refuse_to_put_back(house.database, media.id, Mounted()),
        lambda: put_back(house.database, house.clock, media.id, Mounted()),
    ):
        with pytest.raises(CannotPutBack, match=rf"move \.mediastead-trash/{media.name.decode()} there by hand"):
            await look_or_do()
    await refuse_to_put_back(house.database, media.id)


async def test_a_death_between_the_disk_and_the_books_is_made_up_for(house: House) -> None:
    await filled(house)
    media, beside = await trashed(house)
    revive = dying_at_a_commit(1)
    with pytest.raises(Died):
        await put_back(house.database, house.clock, media.id)
    revive()
    assert "Film/a.mkv" in house.disk()
    assert (await trashed(house))[0].state == "in_trash", "the books know nothing of it"
    await put_back(house.database, house.clock, media.id)
    assert (await trashed(house))[0].state == "put_back"
    assert await house.shelf.missing() == {}
    for commit in (1, 2):
        revive = dying_at_a_commit(commit)
        with pytest.raises(Died):
            await empty(house.database, house.clock, None, [beside.id])
        revive()
    assert (await trashed(house))[1].state == "deleting"
    await delete_due(house.database, house.clock, MONTH)
    assert (await trashed(house))[1].state == "deleted", "what was begun is finished, though it is not due"
    assert sorted(house.disk()) == ["Film/a.mkv", "b.mkv"]


async def test_what_lay_in_the_trash_long_enough_is_deleted_and_nothing_else(house: House) -> None:
    await filled(house)
    house.clock.advance(timedelta(days=29))
    await house.trash("b.mkv")
    await delete_due(house.database, house.clock, MONTH)
    assert [each.state for each in await trashed(house)] == ["in_trash"] * 3
    house.clock.advance(timedelta(days=2))
    await delete_due(house.database, house.clock, MONTH)
    assert [each.state for each in await trashed(house)] == ["deleted", "deleted", "in_trash"]
    (left,) = house.disk()
    assert left.endswith("-b.mkv")


async def test_a_trash_that_cannot_be_looked_into_is_no_proof_that_something_is_gone(house: House) -> None:
    await filled(house)
    media, _ = await trashed(house)
    trash = house.shelf.root / ".mediastead-trash"
    moved = trash.rename(house.shelf.root.with_name("moved"))
    trash.symlink_to(moved)
    with pytest.raises(CannotPutBack, match="mend that and try again"):
        await put_back(house.database, house.clock, media.id)
    with pytest.raises(CannotPutBack, match="mend that and try again"):
        await refuse_to_put_back(house.database, media.id)
    house.clock.advance(2 * MONTH)
    await delete_due(house.database, house.clock, MONTH)
    assert [each.state for each in await trashed(house)] == ["in_trash", "in_trash"]
    trash.unlink()
    moved.rename(trash)
    await put_back(house.database, house.clock, media.id)
    assert "Film/a.mkv" in house.disk()


async def test_what_does_not_look_as_it_was_put_there_is_left(house: House) -> None:
    await filled(house)
    media, beside = await trashed(house)
    there = house.shelf.root / ".mediastead-trash"
    (there / media.name.decode()).write_text("somebody else's")
    (there / beside.name.decode()).rename(house.shelf.root / "taken.srt")
    emptied = await empty(house.database, house.clock, house.shelf.library_id, None)
    assert (emptied.deleted, emptied.left) == (0, 2)
    assert (there / media.name.decode()).read_text() == "somebody else's"
    media, beside = await trashed(house)
    assert (media.state, beside.state) == ("lost", "lost")
    assert media.said is not None
    assert "left as it is" in media.said
    assert (house.shelf.root / "taken.srt").exists()


async def test_the_trash_of_a_disk_that_is_not_there_waits(house: House) -> None:
    await filled(house)
    marker = house.shelf.root / ".mediastead-library"
    marker.rename(house.shelf.root.parent / "away")
    emptied = await empty(house.database, house.clock, None, None)
    assert (emptied.deleted, emptied.left) == (0, 2)
    with pytest.raises(CannotPutBack, match="Mount its disk"):
        await put_back(house.database, house.clock, (await trashed(house))[0].id)
    assert [each.state for each in await trashed(house)] == ["in_trash", "in_trash"]
    (house.shelf.root.parent / "away").rename(marker)
    assert (await empty(house.database, house.clock, None, None)).deleted == 2
    assert sorted(house.disk()) == ["b.mkv"]


async def test_the_folder_of_a_disc_goes_and_is_deleted_as_a_whole(house: House) -> None:
    await disc_in_trash(house)
    assert (await empty(house.database, house.clock, None, None)).deleted == 1
    assert house.disk() == {}


class DyingAtTheSecond(Calls):
    """File that is deleted."""

    left = 1

    def unlink(self, name: bytes, folder: int) -> None:
        if not self.left:
            raise Died
        self.left -= 1
        super().unlink(name, folder)


async def test_a_disc_that_was_half_deleted_is_deleted_the_next_time(house: House) -> None:
    await disc_in_trash(house)
    with pytest.raises(Died):
        await empty(house.database, house.clock, None, None, DyingAtTheSecond())
    assert len(house.disk()) == 1
    await delete_due(house.database, house.clock, MONTH)
    assert house.disk() == {}
    assert [each.state for each in await trashed(house)] == ["deleted"]


async def test_a_folder_that_took_the_place_of_one_in_the_trash_is_left(house: House) -> None:
    name = os.fsdecode(await disc_in_trash(house))
    root = house.shelf.root
    (root / ".mediastead-trash" / name).rename(root / "elsewhere")
    house.put(f".mediastead-trash/{name}/VTS_01_1.VOB")
    assert (await empty(house.database, house.clock, None, None)).deleted == 0
    assert [each.state for each in await trashed(house)] == ["lost"]
    assert len(house.disk()) == 3


async def disc_in_trash(house: House) -> bytes:
    """Its name there."""
    house.put("The Disc/VIDEO_TS/VTS_01_1.VOB", "The Disc/VIDEO_TS/VIDEO_TS.IFO")
    await house.shelf.scan()
    (row,) = await house.shelf.rows()
    (move,) = (await house.group((os.fsdecode(row.path), ".mediastead-trash/VIDEO_TS"))).moves
    async with house.database.read() as session:
        look = (await known_moves(session, [row.id]))[row.id].look
    organizing_id = await house.plan(Group((structs.replace(move, way=Way.TRASH, look=look),)))
    await house.allow(organizing_id)
    await house.organizer().apply(organizing_id)
    assert await house.states() == ["done"]
    (there,) = await trashed(house)
    return there.name
