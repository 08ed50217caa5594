"""The folders of discs are linked, copied and moved over file systems as one file each; and go back."""

import errno
import os
from pathlib import Path

import pytest

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.disk.calls import CALLS, Calls
from mediastead.organizing.models import GroupState

from .gate import Gate, make_gate
from .test_replacing import read

DISC = "The Disc (2000)/VIDEO_TS"


async def with_disc(gate: Gate) -> Path:
    folder = gate.inbox.shelf.root / "d" / "VIDEO_TS"
    gate.inbox.shelf.put("d/VIDEO_TS/VIDEO_TS.IFO", b"index")
    gate.inbox.shelf.put("d/VIDEO_TS/VTS_01_1.VOB", b"film")
    gate.inbox.shelf.put("d/VIDEO_TS/EXTRA/VTS_02_1.VOB", b"more")
    await gate.inbox.shelf.scan()
    await gate.titles.film("The Disc", "d/VIDEO_TS")
    return folder


async def nothing_new(gate: Gate) -> None:
    for house in (gate.inbox, gate.films):
        assert await house.unfinished() is None
        scan = await house.shelf.scan()
        counts = {name: scan.counts[name] for name in ("new", "changed", "moved", "missing", "back")}
        assert counts == dict.fromkeys(counts, 0)


class NoLinks(Calls):
    """The second link fails, so that some are there already."""

    def __init__(self) -> None:
        self.links = 0

    def link_to(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
        self.links += 1
        if self.links > 1:
            raise OSError(errno.EMLINK, os.strerror(errno.EMLINK))
        super().link_to(old, folder, new, new_folder)


@pytest.mark.parametrize(("how", "calls"), [("link", CALLS), ("copy", CALLS), ("link", NoLinks()), ("move", CALLS)])
async def test_the_folder_of_a_disc_comes_as_one_file_and_goes_back(gate: Gate, how: str, calls: Calls) -> None:
    folder = await with_disc(gate)
    before = read(folder)
    inodes = {path.name: path.stat().st_ino for path in folder.rglob("*.VOB")}
    planned = await gate.plan(how, path="d")
    view = await gate.do(planned.id, calls)
    assert view.groups == {"done": 1}
    there = gate.films.shelf.root / DISC
    assert read(there) == before
    same = {path.name: path.stat().st_ino for path in there.rglob("*.VOB")} == inodes
    assert same is (how != "copy" and calls is CALLS)
    assert folder.exists() is (how != "move")
    (group,) = await gate.titles.groups(view.id, GroupState.DONE)
    assert [move.copied for move in group.moves] == [how == "copy" or calls is not CALLS]
    method = {"move": "move", "copy": "copy"}.get(how, "hardlink" if calls is CALLS else "copy")
    assert await gate.imports() == [(method, True)]
    assert list(await gate.films.shelf.present()) == [DISC.encode()]
    await nothing_new(gate)
    back = await gate.undo(view.id)
    assert back.groups == {"done": 1}
    assert read(folder) == before
    assert not there.exists()
    await nothing_new(gate)


async def test_the_folder_of_a_disc_moves_over_file_systems_and_back(
    database: Database, clock: SetClock, tmp_path: Path, other_disk: Path
) -> None:
    gate = await make_gate(database, clock, other_disk / "inbox", tmp_path / "films")
    folder = await with_disc(gate)
    before, file_id = read(folder), await gate.inbox.shelf.id_of("d/VIDEO_TS")
    view = await gate.do((await gate.plan("move", path="d")).id)
    assert view.groups == {"done": 1}
    assert read(gate.films.shelf.root / DISC) == before
    assert not folder.exists()
    assert await gate.films.shelf.id_of(DISC) == file_id
    await nothing_new(gate)
    assert (await gate.undo(view.id)).groups == {"done": 1}
    assert read(folder) == before
    assert await gate.inbox.shelf.id_of("d/VIDEO_TS") == file_id
    await nothing_new(gate)


async def test_half_a_disc_is_never_seen_and_nothing_of_it_is_left(gate: Gate) -> None:
    folder = await with_disc(gate)
    seen: set[str] = set()

    class Full(Calls):
        def write(self, file: int, data: bytes) -> int:
            seen.update(read(gate.films.shelf.root))
            if data == b"film":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(file, data)

    view = await gate.do((await gate.plan("copy", path="d")).id, Full())
    assert view.groups == {"taken_back": 1}
    assert all(path.startswith((".mediastead", "The Disc (2000)/.mediastead-part-")) for path in seen)
    assert os.listdir(gate.films.shelf.root) == [".mediastead-library"]
    assert len(read(folder)) == 3


async def test_a_disc_with_a_link_in_it_is_refused(gate: Gate) -> None:
    folder = await with_disc(gate)
    (folder / "EXTRA" / "elsewhere").symlink_to("/")
    await gate.inbox.shelf.scan()
    view = await gate.do((await gate.plan("copy", path="d")).id)
    assert view.groups == {"refused": 1}
    (group,) = await gate.titles.groups(view.id, GroupState.REFUSED)
    assert "VIDEO_TS/EXTRA/elsewhere" in str(group.said)


async def test_what_users_attached_to_a_file_comes_along_in_a_copy(gate: Gate) -> None:
    source = gate.inbox.shelf.root / "new" / "alien.mkv"
    try:
        os.setxattr(source, "user.rating", b"5")
    except OSError:
        pytest.skip("the file system keeps no extended attributes")
    view = await gate.do((await gate.plan("copy")).id)
    assert view.groups == {"done": 1}
    made = gate.films.shelf.root / "Alien (2000)" / "Alien (2000).mkv"
    assert os.getxattr(made, "user.rating") == b"5"
    assert made.stat().st_mtime_ns == source.stat().st_mtime_ns


async def test_a_copy_of_which_the_original_is_gone_is_named_when_its_group_is_given_up(gate: Gate) -> None:
    source = gate.inbox.shelf.root / "new" / "alien.mkv"

    class Vanishing(Calls):
        def move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
            if old.startswith(b".mediastead-part-") and source.exists():
                source.unlink()
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            super().move_to_free(old, folder, new, new_folder)

    view = await gate.do((await gate.plan("copy")).id, Vanishing())
    assert view.groups == {"given_up": 1}
    (part,) = [path for path in gate.films.disk() if path.startswith("Alien (2000)/.mediastead-part-")]
    assert (gate.films.shelf.root / part).read_bytes() == b"the film"
    (group,) = await gate.titles.groups(view.id, GroupState.GIVEN_UP)
    assert part in str(group.said)
