"""A newer version takes the path of an older one, which goes to the trash; and both go back as one thing."""

import errno
import os
from pathlib import Path

import pytest
from sqlalchemy import select

from mediastead.browsing.story import file_story
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.disk.calls import Calls
from mediastead.files.models import MediaFile
from mediastead.operations.models import Operation
from mediastead.organizing import service
from mediastead.organizing.errors import OrganizeWhat, OrganizingDoesNotAllow
from mediastead.organizing.models import GroupState
from mediastead.organizing.replace_queries import items_of
from mediastead.trash.emptying import empty
from mediastead.trash.models import Trashed

from .gate import FILM, WORDS, Gate, make_gate
from .house import House
from .titles import Titles

OLD_WORDS = "Alien (2000)/Alien (2000).de.srt"


async def older(gate: Gate) -> int:
    """An older version in the library, with subtitles of which one has the name of a new one; the id of its file."""
    gate.films.shelf.put(FILM, b"the film, on tape")
    gate.films.shelf.put(WORDS, b"the words, on tape")
    gate.films.shelf.put(OLD_WORDS, b"Worte")
    await gate.films.shelf.scan()
    return await film_of_the_inbox(gate, FILM)


async def film_of_the_inbox(gate: Gate, path: str) -> int:
    """The file is taken for what that of the inbox is taken for; its id."""
    await Titles(gate.films).film("Alien", path)
    file_id = await gate.films.shelf.id_of(path)
    async with gate.database.write() as session:
        new = await gate.inbox.shelf.id_of("new/alien.mkv")
        item = (await session.execute(select(MediaFile.media_item_id).where(MediaFile.id == new))).scalar_one()
        row = (await session.execute(select(MediaFile).where(MediaFile.id == file_id))).scalar_one()
        row.media_item_id = item
    return file_id


def read(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def modes(root: Path) -> dict[str, tuple[int, int, int, int]]:
    return {
        str(path.relative_to(root)): (status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode)
        for path in root.rglob("*")
        if path.is_file() and (status := path.stat())
    }


async def hidden(gate: Gate, file_id: int) -> bool:
    async with gate.database.read() as session:
        return (await session.execute(select(MediaFile.hidden).where(MediaFile.id == file_id))).scalar_one()


@pytest.mark.parametrize("how", ["link", "copy", "move"])
async def test_a_new_version_takes_the_place_of_an_older_one_and_both_go_back(gate: Gate, how: str) -> None:
    old = await older(gate)
    inbox, films = modes(gate.inbox.shelf.root), modes(gate.films.shelf.root)
    refused = await gate.plan(how)
    assert refused.counts["moves"] == 0
    (group,) = await gate.titles.groups(refused.id, GroupState.REFUSED)
    assert group.said is not None
    assert "--replace" in group.said

    planned = await gate.plan(how, replace=True)
    assert (planned.counts["moves"], planned.counts["replaced"], planned.replace) == (4, 2, True)
    view = await gate.do(planned.id)
    assert view.groups == {"done": 1}
    there = read(gate.films.shelf.root)
    assert (there[FILM], there[WORDS], there[OLD_WORDS]) == ("the film", "the words", "Worte")
    trashed = {path: text for path, text in there.items() if path.startswith(".mediastead-trash/")}
    assert sorted(trashed.values()) == ["the film, on tape", "the words, on tape"]
    assert await gate.films.shelf.missing() == {old: FILM.encode()}
    assert await hidden(gate, old), "nobody misses it"
    async with gate.database.read() as session:
        reasons = set((await session.execute(select(Trashed.reason))).scalars())
        (operation,) = (await session.execute(select(Operation))).scalars()
    assert reasons == {f"replaced by organizing {view.id}"}
    assert "replac" in operation.summary
    async with gate.database.read() as session:
        *_, (what, says) = [(each.what, each.says) for each in (await file_story(session, old)).entries]
    assert what == "trashed"
    assert says == f"Put into the trash, from films: {FILM}: {gate.inbox.shelf.root}/new/alien.mkv took its place."
    await gate.settled()

    back = await gate.undo(view.id)
    assert back.groups == {"done": 1}
    assert (await gate.titles.view(view.id)).undone_by == back.id
    assert await taken_back_by(gate) == [1, None], "the first operation by the second"
    assert modes(gate.inbox.shelf.root) == inbox
    now = {path: look for path, look in modes(gate.films.shelf.root).items() if path[0] != "."}
    assert now == {path: look for path, look in films.items() if path[0] != "."}
    assert await gate.films.shelf.id_of(FILM) == old
    assert not await hidden(gate, old)
    await gate.settled()

    await gate.undo(back.id)
    assert (await gate.titles.view(view.id)).undone_by is None
    assert await taken_back_by(gate) == [None, 2, None], "the first is in force again"
    assert read(gate.films.shelf.root)[FILM] == "the film"
    await gate.settled()


async def test_a_version_that_lay_at_the_same_path_of_the_inbox_goes_back_there(gate: Gate) -> None:
    old = await older(gate)
    there = gate.inbox.shelf.root / FILM
    there.parent.mkdir()
    (gate.inbox.shelf.root / "new/alien.mkv").rename(there)
    await gate.inbox.shelf.scan()
    inbox = modes(gate.inbox.shelf.root)
    view = await gate.do((await gate.plan("move", replace=True)).id)
    assert view.groups == {"done": 1}
    back = await gate.undo(view.id)
    assert back.groups == {"done": 1}
    assert modes(gate.inbox.shelf.root) == inbox
    assert await gate.films.shelf.id_of(FILM) == old
    await gate.settled()


async def taken_back_by(gate: Gate) -> list[int | None]:
    """By operation, in their order: the place of the one that took it back."""
    async with gate.database.read() as session:
        done = (await session.execute(select(Operation).order_by(Operation.id))).scalars().all()
    places = {each.id: place for place, each in enumerate(done)}
    return [places[each.undone_by] if each.undone_by else None for each in done]


async def test_a_new_version_comes_over_file_systems(
    database: Database, clock: SetClock, tmp_path: Path, other_disk: Path
) -> None:
    gate = await make_gate(database, clock, other_disk / "inbox", tmp_path / "films")
    old = await older(gate)
    inbox, films = gate.inbox.disk(), gate.films.disk()
    view = await gate.do((await gate.plan("move", replace=True)).id)
    assert view.groups == {"done": 1}
    assert read(gate.films.shelf.root)[FILM] == "the film"
    await gate.settled()
    back = await gate.undo(view.id)
    assert back.groups == {"done": 1}
    assert gate.inbox.disk() == inbox
    assert {path: inode for path, inode in gate.films.disk().items() if path[0] != "."} == films
    assert await gate.films.shelf.id_of(FILM) == old
    await gate.settled()


async def test_the_old_version_stays_until_the_new_one_is_copied_whole(gate: Gate) -> None:
    await older(gate)
    seen: list[str] = []

    class Watching(Calls):
        def write(self, file: int, data: bytes) -> int:
            seen.append(read(gate.films.shelf.root)[FILM])
            return super().write(file, data)

        def link_to(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    for how in ("link", "copy"):
        view = await gate.do((await gate.plan(how, replace=True)).id, Watching())
        assert view.groups == {"done": 1}
        assert read(gate.films.shelf.root)[FILM] == "the film"
        await gate.undo(view.id)
    assert set(seen) == {"the film, on tape"}
    assert len(seen) == 4


async def test_what_cannot_be_copied_leaves_the_old_version_where_it_was(gate: Gate) -> None:
    await older(gate)
    before = gate.films.disk()

    class Full(Calls):
        def write(self, file: int, data: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    view = await gate.do((await gate.plan("copy", replace=True)).id, Full())
    assert view.groups == {"taken_back": 1}
    assert gate.films.disk() == before
    await gate.settled()


async def test_what_was_deleted_from_the_trash_cannot_come_back_and_what_replaced_it_stays(gate: Gate) -> None:
    await older(gate)
    view = await gate.do((await gate.plan("link", replace=True)).id)
    await empty(gate.database, gate.clock, None, None)
    async with gate.database.write() as session:
        with pytest.raises(OrganizingDoesNotAllow, match="deleted from the trash"):
            await service.plan_undo(session, gate.clock.now(), "test", view.id)
    assert read(gate.films.shelf.root)[FILM] == "the film"


@pytest.mark.parametrize("how", ["link", "move"])
async def test_an_older_version_of_another_suffix_is_replaced_as_well(gate: Gate, how: str) -> None:
    tape = FILM.replace(".mkv", ".avi")
    gate.films.shelf.put(tape, b"the film, on tape")
    gate.films.shelf.put(FILM.replace(".mkv", ".mp4"), b"nobody knows what")
    await gate.films.shelf.scan()
    await film_of_the_inbox(gate, tape)
    before = gate.films.disk()
    assert (await gate.plan(how)).counts["moves"] == 2, "beside it, where nobody asks for more"
    view = await gate.bring(how, replace=True)
    assert (view.groups, view.counts["replaced"]) == ({"done": 1}, 1)
    there = {path for path in gate.films.disk() if path[0] != "."}
    assert there == {FILM, WORDS, FILM.replace(".mkv", ".mp4")}
    await gate.undo(view.id)
    assert {path: inode for path, inode in gate.films.disk().items() if path[0] != "."} == before


async def test_a_file_of_another_title_and_the_same_file_are_not_replaced(gate: Gate) -> None:
    old = await older(gate)
    await Titles(gate.films).film("Something else", FILM)
    planned = await gate.plan("copy", replace=True)
    assert planned.counts["moves"] == 0
    (group,) = await gate.titles.groups(planned.id, GroupState.REFUSED)
    assert "another title" in str(group.said)
    assert (await gate.films.shelf.id_of(FILM)) == old

    full = gate.films.shelf.root / FILM
    full.unlink()
    os.link(gate.inbox.shelf.root / "new" / "alien.mkv", full)
    async with gate.database.write() as session:
        row = (await session.execute(select(MediaFile).where(MediaFile.id == old))).scalar_one()
        new = await gate.inbox.shelf.id_of("new/alien.mkv")
        row.media_item_id = (
            await session.execute(select(MediaFile.media_item_id).where(MediaFile.id == new))
        ).scalar_one()
    await gate.films.shelf.scan()
    for how in ("link", "move"):
        planned = await gate.plan(how, replace=True)
        assert await gate.why_refused(planned) == ["linked"]


async def test_one_file_of_a_library_replaces_another_where_it_is_named(house: House) -> None:
    titles = Titles(house)
    house.put("Alien (2000)/Alien (2000).mkv", "new.mkv")
    await house.shelf.scan()
    before = house.disk()
    await titles.film("Alien", "Alien (2000)/Alien (2000).mkv", "new.mkv")
    old, new = await house.shelf.id_of(FILM), await house.shelf.id_of("new.mkv")
    assert (await titles.plan()).counts["moves"] == 0
    with pytest.raises(OrganizeWhat, match="Name the files"):
        await titles.plan(library_id=house.shelf.library_id, replace=True)
    planned = await titles.plan(file_ids=[new], replace=True)
    assert (planned.counts["moves"], planned.counts["replaced"]) == (2, 1)
    done = await titles.do(planned.id)
    assert done.groups == {"done": 1}
    assert await house.shelf.present() == {FILM.encode(): new}
    assert house.disk()[FILM] == before["new.mkv"]
    undo = await house.plan_undo(planned.id)
    await house.allow(undo)
    await house.organizer().apply(undo)
    assert house.disk() == before
    assert await house.shelf.present() == {FILM.encode(): old, b"new.mkv": new}


async def test_what_was_changed_since_the_plan_is_not_replaced(gate: Gate) -> None:
    await older(gate)
    planned = await gate.plan("copy", replace=True)
    (gate.films.shelf.root / FILM).write_text("somebody's own cut")
    view = await gate.do(planned.id)
    assert view.groups == {"refused": 1}
    assert read(gate.films.shelf.root)[FILM] == "somebody's own cut"


async def test_a_file_that_is_no_more_is_taken_for_no_title(database: Database) -> None:
    """Its library may be removed while a plan is made."""
    async with database.read() as session:
        assert await items_of(session, [99]) == {99: None}
