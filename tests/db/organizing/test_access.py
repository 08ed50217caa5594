"""Mode and group of what is put into a library are those of its folder or as set, whatever the umask; and go back."""

import errno
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from mediastead.disk.calls import Calls
from mediastead.libraries.errors import AccessRefused
from mediastead.libraries.models import Library
from mediastead.libraries.schemas import LibraryChange
from mediastead.libraries.service import change_library
from mediastead.organizing.models import GroupState
from mediastead.trash.emptying import put_back

from .gate import FILM, WORDS, Gate


@pytest.fixture(params=[0o000, 0o077])
def umask(request: pytest.FixtureRequest) -> Generator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o7777:o}"


async def set_access(gate: Gate, **values: Any) -> None:
    async with gate.database.write() as session:
        setting = update(Library).where(Library.id == gate.films.shelf.library_id)
        await session.execute(setting.values(**values))


@pytest.mark.parametrize("how", ["copy", "move"])
async def test_mode_follows_the_folder_or_the_setting_and_comes_back(gate: Gate, how: str, umask: int) -> None:
    source, films = gate.inbox.shelf.root / "new", gate.films.shelf.root
    for path, bits in ((source / "alien.mkv", 0o640), (source / "alien.srt", 0o600), (films, 0o2771)):
        path.chmod(bits)
    view = await gate.bring(how)
    assert view.groups == {"done": 1}
    assert [mode(films / "Alien (2000)"), mode(films / FILM), mode(films / WORDS)] == ["2771", "660", "660"]
    await gate.undo(view.id)
    assert [mode(source / "alien.mkv"), mode(source / "alien.srt")] == ["640", "600"]
    await set_access(gate, file_mode=0o604, folder_mode=0o750)
    view = await gate.bring(how)
    assert [mode(films / "Alien (2000)"), mode(films / FILM), mode(films / WORDS)] == ["750", "604", "604"]
    await gate.settled()


async def test_a_link_keeps_mode_and_group_which_are_those_of_its_original(gate: Gate) -> None:
    source = gate.inbox.shelf.root / "new" / "alien.mkv"
    source.chmod(0o640)
    await set_access(gate, file_mode=0o604)
    assert (await gate.bring("link")).groups == {"done": 1}
    assert [mode(source), mode(gate.films.shelf.root / FILM)] == ["640", "640"]


@pytest.mark.parametrize(
    ("root", "had", "wanted"),
    [(0o750, 0o644, "640"), (0o750, 0o600, "600"), (0o1777, 0o644, "644"), (0o1777, 0o640, "640")],
)
async def test_what_lies_in_the_trash_gets_no_right_that_it_had_not_and_comes_back_with_its_own(
    gate: Gate, root: int, had: int, wanted: str
) -> None:
    gate.films.shelf.root.chmod(root)
    gate.films.shelf.put("old.mkv")
    old = gate.films.shelf.root / "old.mkv"
    old.chmod(had)
    await gate.films.shelf.scan()
    await gate.films.trash("old.mkv")
    trash = gate.films.shelf.root / ".mediastead-trash"
    (there,) = trash.iterdir()
    assert [mode(trash), mode(there)] == [f"{root:o}", wanted]
    await put_back(gate.database, gate.clock, 1)
    assert mode(old) == f"{had:o}"


async def test_a_group_to_which_something_in_the_trash_was_closed_cannot_read_it_there(gate: Gate) -> None:
    gate.films.shelf.root.chmod(0o775)
    os.chown(gate.films.shelf.root, -1, 12345)
    gate.films.shelf.put("old.mkv")
    old = gate.films.shelf.root / "old.mkv"
    old.chmod(0o660)
    os.chown(old, -1, 23456)
    await gate.films.shelf.scan()
    await gate.films.trash("old.mkv")
    (there,) = (gate.films.shelf.root / ".mediastead-trash").iterdir()
    assert (mode(there), there.stat().st_gid) == ("600", 12345)


async def test_a_group_that_cannot_be_given_is_told_and_no_failure_unless_it_was_asked_for(gate: Gate) -> None:
    class NotMine(Calls):
        def chown(self, file: int, owner: int, group: int) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    gate.films.shelf.root.chmod(0o755)
    os.chown(gate.inbox.shelf.root / "new" / "alien.mkv", -1, 12345)
    before = gate.inbox.disk()
    view = await gate.bring("move", NotMine())
    assert view.groups == {"done": 1}
    (group,) = await gate.titles.groups(view.id, GroupState.DONE)
    assert "could not be set" in str(group.said)
    await gate.undo(view.id)
    await set_access(gate, owner_group="daemon")
    view = await gate.bring("move", NotMine())
    assert view.groups == {"taken_back": 1}
    assert gate.inbox.disk() == before
    await set_access(gate, owner_group="no such group")
    assert (await gate.bring("move")).groups == {"refused": 1}


async def test_modes_that_would_lock_everybody_out_and_unknown_groups_are_refused(gate: Gate) -> None:
    async with gate.database.write() as session:
        for change in (
            LibraryChange(file_mode="044"),
            LibraryChange(folder_mode="655"),
            LibraryChange(group="no such group"),
        ):
            with pytest.raises(AccessRefused):
                await change_library(session, gate.clock.now(), "test", gate.films.shelf.library_id, change)
        right = LibraryChange(file_mode="664", folder_mode="2775", group="daemon")
        view = await change_library(session, gate.clock.now(), "test", gate.films.shelf.library_id, right)
        assert (view.file_mode, view.folder_mode, view.group) == ("664", "2775", "daemon")
        none = LibraryChange(file_mode=None, group=None)
        view = await change_library(session, gate.clock.now(), "test", gate.films.shelf.library_id, none)
        assert (view.file_mode, view.folder_mode, view.group) == (None, "2775", None)


async def test_an_inbox_that_is_read_only_is_linked_and_copied_from(gate: Gate) -> None:
    async with gate.database.write() as session:
        inbox = update(Library).where(Library.id == gate.inbox.shelf.library_id)
        await session.execute(inbox.values(root_marker=None))
    written: list[str] = []

    class ReadOnly(Calls):
        def create(self, name: bytes, folder: int) -> int:
            written.append(str(Path(f"/proc/self/fd/{folder}").readlink()))
            return super().create(name, folder)

        def make_folder(self, name: bytes, folder: int) -> None:
            written.append(str(Path(f"/proc/self/fd/{folder}").readlink()))
            super().make_folder(name, folder)

    for how in ("copy", "link"):
        view = await gate.bring(how, ReadOnly())
        assert view.groups == {"done": 1}
        await gate.undo(view.id)
    assert written
    assert not [path for path in written if path.startswith(str(gate.inbox.shelf.root))]
