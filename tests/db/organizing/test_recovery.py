"""What becomes of a group that was broken off, when more went wrong than that."""

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import ORMExecuteState, Session

from mediastead.db.engine import Database
from mediastead.disk.calls import Calls
from mediastead.libraries.models import Scan
from mediastead.organizing import journal
from mediastead.organizing.errors import OrganizingDoesNotAllow, OrganizingNotFound
from mediastead.organizing.models import OrganizingGroup
from mediastead.organizing.settling import settle

from ..scanning.shelf import make_shelf
from .house import House


class Died(Exception):
    """In the place of a death: nothing handles it."""


class Failing(Calls):
    """`fails` says what is raised at a rename, by its number from 1 on."""

    def __init__(self, fails: Callable[[int], Exception | None]) -> None:
        self._fails, self._renames = fails, 0

    def move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
        self._renames += 1
        if (error := self._fails(self._renames)) is not None and folder != new_folder:
            raise error
        super().move_to_free(old, folder, new, new_folder)


PROBES = 2
"""Renames by which the disk is tried."""


def dying_at(rename: int) -> Failing:
    return Failing(lambda number: Died() if number == PROBES + rename else None)


async def broken_off(house: House, rename: int = 2) -> None:
    """Three files on their way from `a` to `b`; the process died before this rename."""
    house.put("a/1.mkv", "a/2.mkv", "a/3.mkv")
    await house.shelf.scan()
    with pytest.raises(Died):
        await house.organize(
            ("a/1.mkv", "b/1.mkv"), ("a/2.mkv", "b/2.mkv"), ("a/3.mkv", "b/3.mkv"), calls=dying_at(rename)
        )
    assert await house.states() == ["doing"]


async def only_group(house: House) -> OrganizingGroup:
    (group,) = await house.groups()
    return group


async def scans_asked_for(house: House) -> int:
    async with house.database.read() as session:
        return len((await session.execute(select(Scan.id).where(Scan.requested_by == "organizing"))).all())


async def test_what_is_in_the_way_meanwhile_lets_all_be_taken_back_and_stays(house: House) -> None:
    await broken_off(house)
    (house.shelf.root / "b" / "3.mkv").write_text("a person's own")
    assert list((await house.settle()).values()) == ["taken_back"]
    group = await only_group(house)
    assert group.said is not None
    assert "Something new lies at b/3.mkv" in group.said
    assert sorted(house.disk()) == ["a/1.mkv", "a/2.mkv", "a/3.mkv", "b/3.mkv"]
    assert (house.shelf.root / "b" / "3.mkv").read_text() == "a person's own"
    assert await scans_asked_for(house) == 1
    await house.shelf.scan()
    assert await house.known() == house.disk()


async def test_a_file_that_somebody_took_makes_the_group_given_up_and_nothing_is_touched(house: House) -> None:
    await broken_off(house)
    (house.shelf.root / "b" / "1.mkv").rename(house.shelf.root / "mine.mkv")
    before = house.disk()
    assert list((await house.settle()).values()) == ["given_up"]
    assert house.disk() == before
    group = await only_group(house)
    assert group.said is not None
    assert "a/1.mkv is at none of its places" in group.said
    assert await house.unfinished() is None
    await house.shelf.scan()
    assert await house.known() == house.disk(), "the scan finds each where it lies"
    assert len(await house.shelf.rows()) == 3


async def test_a_file_that_is_there_twice_is_not_guessed_at(house: House) -> None:
    await broken_off(house, rename=1)
    os.link(house.shelf.root / "a" / "1.mkv", house.shelf.root / "b" / "1.mkv")
    os.link(house.shelf.root / "a" / "2.mkv", house.shelf.root / "b" / "2.mkv")
    os.link(house.shelf.root / "a" / "3.mkv", house.shelf.root / "b" / "3.mkv")
    before = house.disk()
    assert list((await house.settle()).values()) == ["given_up"]
    assert house.disk() == before


async def test_a_group_that_ends_its_process_each_time_is_stuck_and_the_library_is_free(house: House) -> None:
    await broken_off(house)
    for _ in range(journal.ATTEMPTS - 1):
        assert await house.settle(Failing(lambda _: Died())) == {}
        house.clock.advance(timedelta(hours=1))
    assert list((await house.settle()).values()) == ["stuck"]
    group = await only_group(house)
    assert group.state == "stuck"
    assert group.said is not None
    assert f"mediastead organize settle {group.organizing_id}" in group.said
    assert await house.unfinished() is None
    assert await house.settle() == {}, "not by itself"
    await house.shelf.scan()
    assert await house.known() == house.disk(), "scans go on"
    async with house.database.write() as session:
        await settle(session, group.organizing_id)
    assert list((await house.settle()).values()) == ["done"]
    assert sorted(house.disk()) == ["b/1.mkv", "b/2.mkv", "b/3.mkv"]
    assert await house.known() == house.disk()
    async with house.database.write() as session:
        with pytest.raises(OrganizingDoesNotAllow, match="nothing to settle"):
            await settle(session, group.organizing_id)
        with pytest.raises(OrganizingNotFound):
            await settle(session, 999)


async def test_a_stuck_group_waits_while_other_files_of_its_library_are_moved(house: House) -> None:
    await broken_off(house)
    for _ in range(journal.ATTEMPTS - 1):
        await house.settle(Failing(lambda _: Died()))
        house.clock.advance(timedelta(hours=1))
    await house.settle()
    stuck = await only_group(house)
    house.put("c/4.mkv")
    await house.shelf.scan()
    with pytest.raises(Died):
        await house.organize(("c/4.mkv", "d/4.mkv"), calls=dying_at(1))
    async with house.database.write() as session:
        with pytest.raises(OrganizingDoesNotAllow, match="are being moved at this moment"):
            await settle(session, stuck.organizing_id)
    assert sorted((await house.settle()).values()) == ["done"]
    assert await house.states() == ["stuck", "done"]


async def test_a_disk_that_became_read_only_is_tried_again_with_longer_and_longer_waits(house: House) -> None:
    house.put("a/1.mkv", "a/2.mkv")
    await house.shelf.scan()
    before = house.disk()
    read_only = Failing(lambda number: OSError(30, "Read-only file system") if number > PROBES + 1 else None)
    await house.organize(("a/1.mkv", "b/1.mkv"), ("a/2.mkv", "b/2.mkv"), calls=read_only)
    group = await only_group(house)
    assert (group.state, group.backwards) == ("taking_back", True)
    assert group.said is not None
    assert "mount the disk so that it can be written to" in group.said
    assert await house.settle() == {}, "not before its time"
    house.clock.advance(timedelta(minutes=5))
    assert list((await house.settle()).values()) == ["taken_back"]
    assert house.disk() == before
    assert not (house.shelf.root / "b").exists()


async def test_a_library_that_is_unplugged_right_after_its_steps_were_written_down_waits_untouched(
    house: House,
) -> None:
    house.put("a/1.mkv")
    await house.shelf.scan()
    marker, away = house.shelf.root / ".mediastead-library", house.shelf.root.parent / "away"
    unplugged: list[int] = []

    def unplug(session: Session) -> None:
        if marker.exists() and session.info.pop("begun", None):
            marker.rename(away)
            unplugged.append(1)

    def notice(state: ORMExecuteState) -> None:
        if state.is_update and "organizing_group_id" in str(state.statement) and "attempts" not in str(state.statement):
            state.session.info["begun"] = True

    event.listen(Session, "do_orm_execute", notice)
    event.listen(Session, "after_commit", unplug)
    try:
        await house.organize(("a/1.mkv", "b/1.mkv"))
    finally:
        event.remove(Session, "do_orm_execute", notice)
        event.remove(Session, "after_commit", unplug)
    assert unplugged
    assert await house.states() == ["waiting"]
    assert os.listdir(house.shelf.root) == ["a"]
    for _ in range(5):
        house.clock.advance(timedelta(minutes=2))
        assert list((await house.settle()).values()) == ["waiting"], "however long it takes"
    away.rename(marker)
    house.clock.advance(timedelta(minutes=2))
    assert list((await house.settle()).values()) == ["done"]
    assert await house.known() == house.disk()


async def test_whoever_was_overtaken_does_nothing_more(house: House, database: Database) -> None:
    house.put("a/1.mkv", "a/2.mkv")
    await house.shelf.scan()
    loop = asyncio.get_running_loop()

    class Overtaken(Calls):
        def move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
            super().move_to_free(old, folder, new, new_folder)
            if new == b"1.mkv":
                asyncio.run_coroutine_threadsafe(self._overtake(), loop).result(30)

        async def _overtake(self) -> None:
            async with database.write() as session:
                await session.execute(update(OrganizingGroup).values(epoch=OrganizingGroup.epoch + 1))

    await house.organize(("a/1.mkv", "b/1.mkv"), ("a/2.mkv", "b/2.mkv"), calls=Overtaken())
    assert await house.states() == ["doing"], "the one that overtook brings it to its end"
    assert sorted(house.disk()) == ["a/2.mkv", "b/1.mkv"]
    assert list((await house.settle()).values()) == ["done"]


async def test_a_task_that_is_cancelled_leaves_when_its_group_is_at_its_end(house: House) -> None:
    house.put("a/1.mkv", "a/2.mkv")
    await house.shelf.scan()
    organizing_id = await house.plan(await house.group(("a/1.mkv", "b/1.mkv"), ("a/2.mkv", "b/2.mkv")))
    await house.allow(organizing_id)
    loop = asyncio.get_running_loop()
    tasks: list[asyncio.Task[None]] = []

    class Cancelling(Calls):
        def move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
            if new == b"1.mkv":
                loop.call_soon_threadsafe(tasks[0].cancel)
            super().move_to_free(old, folder, new, new_folder)

    tasks.append(asyncio.create_task(house.organizer(Cancelling()).apply(organizing_id)))
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert await house.states() == ["done"]
    assert await house.known() == house.disk()


async def test_a_scan_of_another_library_takes_no_file_of_one_in_which_a_group_is_unfinished(
    house: House, tmp_path: Path
) -> None:
    """That the file is not at the place which its row names proves nothing now."""
    await broken_off(house)
    other = await make_shelf(house.database, house.clock, tmp_path / "other")
    os.link(house.shelf.root / "b" / "1.mkv", other.root / "1.mkv")
    await other.scan()
    assert len(await other.present()) == 1
    assert len(await house.shelf.present()) == 3, "it is a new file there, and nobody's here"
    assert list((await house.settle()).values()) == ["done"]
    assert await house.known() == house.disk()
