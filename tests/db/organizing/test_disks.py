"""Groups whose files lie on a disk that is mounted in a folder of the library, when that disk is gone in between."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from mediastead.disk.calls import Calls
from mediastead.files.models import Folder
from mediastead.organizing.models import GroupState
from mediastead.scanning.disks import accept_disk

from .gate import Gate
from .house import House
from .test_recovery import Died, Failing, dying_at, only_group


class LinksOnce(Calls):
    """Dies at the link of the subtitles."""

    def link_to(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
        if new.endswith(b".srt"):
            raise Died
        super().link_to(old, folder, new, new_folder)


async def mounted(house: House, path: bytes) -> None:
    """The books say that a disk was mounted there. While files of it lie there, that is believed."""
    async with house.database.write() as session:
        query = update(Folder).where(Folder.library_id == house.shelf.library_id, Folder.path == path)
        changed = await session.execute(query.values(mount_point=True).returning(Folder.id))
        assert len(changed.all()) == 1


def take_off(house: House, path: str) -> Path:
    """What lies at the path is elsewhere, and an empty folder is there; where it went."""
    away = house.shelf.root.parent / "away"
    (house.shelf.root / path).rename(away)
    (house.shelf.root / path).mkdir()
    return away


def put_on(house: House, path: str, away: Path) -> None:
    (house.shelf.root / path).rmdir()
    away.rename(house.shelf.root / path)


async def half_done_on_a_disk(house: House) -> None:
    house.put("disk/a/1.mkv", "disk/a/2.mkv", "disk/old.mkv", "film.mkv")
    await house.shelf.scan()
    await mounted(house, b"disk")
    with pytest.raises(Died):
        await house.organize(("disk/a/1.mkv", "disk/b/1.mkv"), ("disk/a/2.mkv", "disk/b/2.mkv"), calls=dying_at(2))


async def test_a_group_waits_for_the_disk_that_its_files_lie_on_and_is_finished_when_it_is_back(house: House) -> None:
    await half_done_on_a_disk(house)
    away = take_off(house, "disk")
    for _ in range(5):
        house.clock.advance(timedelta(minutes=2))
        assert list((await house.settle()).values()) == [GroupState.WAITING], "however long it takes"
    group = await only_group(house)
    assert group.said == (
        "The disk that was mounted at disk is not there: mount it. If it is gone for good, say so "
        "(`mediastead scan NAME --accept-disk disk`). Then it is gone on with by itself."
    )
    assert sorted(house.disk()) == ["film.mkv"], "nothing is made in the empty folder"
    put_on(house, "disk", away)
    house.clock.advance(timedelta(minutes=2))
    assert list((await house.settle()).values()) == [GroupState.DONE]
    assert await house.known() == house.disk()
    assert sorted(house.disk()) == ["disk/b/1.mkv", "disk/b/2.mkv", "disk/old.mkv", "film.mkv"]


async def test_a_group_that_is_taken_back_waits_for_its_disk_as_well(house: House) -> None:
    await half_done_on_a_disk(house)
    before = house.disk()
    (house.shelf.root / "disk/b/2.mkv").write_text("a person's own")
    dying = Failing(lambda number: Died() if number == 2 else None)
    assert await house.settle(dying) == {}, "it died when the first was to be put back"
    assert (await only_group(house)).backwards
    away = take_off(house, "disk")
    house.clock.advance(timedelta(minutes=2))
    assert list((await house.settle()).values()) == [GroupState.WAITING]
    put_on(house, "disk", away)
    house.clock.advance(timedelta(minutes=2))
    assert list((await house.settle()).values()) == [GroupState.TAKEN_BACK]
    assert sorted(house.disk()) == ["disk/a/1.mkv", "disk/a/2.mkv", "disk/b/2.mkv", "disk/old.mkv", "film.mkv"]
    assert set(before.values()) < set(house.disk().values())
    assert "is not there" not in ((await only_group(house)).said or "")


async def test_a_group_is_given_up_where_a_person_says_that_its_disk_is_gone_for_good(house: House) -> None:
    await half_done_on_a_disk(house)
    take_off(house, "disk")
    assert list((await house.settle()).values()) == [GroupState.WAITING]
    async with house.database.write() as session:
        await accept_disk(session, house.clock.now(), "anna", house.shelf.library_id, "disk")
    house.clock.advance(timedelta(minutes=2))
    assert list((await house.settle()).values()) == [GroupState.GIVEN_UP]
    assert await house.unfinished() is None
    scan = await house.shelf.scan()
    assert scan.counts["missing"] == 3


async def test_a_group_is_not_begun_where_the_disk_that_its_files_would_go_to_is_not_mounted(gate: Gate) -> None:
    """Else they would be made in the folder beneath, which the disk covers when it is back."""
    gate.films.put("Alien (2000)/old.mkv")
    await gate.films.shelf.scan()
    await mounted(gate.films, b"Alien (2000)")
    planned = await gate.plan("link")
    take_off(gate.films, "Alien (2000)")
    done = await gate.do(planned.id)
    assert done.groups == {"refused": 1}
    (group,) = await gate.titles.groups(done.id, GroupState.REFUSED)
    assert group.said is not None
    assert group.said.startswith("The disk that was mounted at Alien (2000) is not there: mount it.")
    assert "--accept-disk 'Alien (2000)'" in group.said
    assert gate.films.disk() == {}


async def test_a_copy_is_not_made_again_beneath_the_disk_that_it_was_made_on(gate: Gate) -> None:
    gate.films.put("Alien (2000)/old.mkv")
    await gate.films.shelf.scan()
    await mounted(gate.films, b"Alien (2000)")
    planned = await gate.plan("link")
    with pytest.raises(Died):
        await gate.do(planned.id, calls=LinksOnce())
    away = take_off(gate.films, "Alien (2000)")
    assert list((await gate.inbox.settle()).values()) == [GroupState.WAITING]
    assert gate.films.disk() == {}
    put_on(gate.films, "Alien (2000)", away)
    gate.clock.advance(timedelta(minutes=2))
    assert list((await gate.inbox.settle()).values()) == [GroupState.DONE]
    assert len(gate.films.disk()) == 3
