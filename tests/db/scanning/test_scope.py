# ruff: noqa: PTH104, PTH211, ASYNC240 - paths are bytes here, and tests may block
"""A scan of some folders says the truth of these, and nothing of the others."""

import json
import os
import random
import shutil

import pytest

from mediastead.browsing.queries import last_scans
from mediastead.libraries.models import ScanOutcome
from mediastead.scanning import scope as scopes
from mediastead.scanning.inventory import Inventory
from mediastead.scanning.scans import open_scan, scan_view
from mediastead.scanning.scope import Scope, ScopeFolder, first_paths, from_stored, to_stored
from mediastead.scanning.service import begin_scan, confirm_scan, end_scan, request_look, request_scan

from .shelf import COMPLETED, WITH_GAPS, Shelf


async def test_only_the_named_folders_are_looked_at(shelf: Shelf) -> None:
    shelf.put("a/one.mkv")
    shelf.put("b/two.mkv")
    await shelf.scan()
    shelf.put("a/three.mkv")
    shelf.put("b/four.mkv")
    shelf.remove("b/two.mkv")
    ended = await shelf.look("a")
    assert ended.outcome is COMPLETED
    assert ended.scope == ["a"]
    assert ended.counts["folders"] == 1
    assert set(await shelf.present()) == {b"a/one.mkv", b"a/three.mkv", b"b/two.mkv"}
    await shelf.scan()
    assert set(await shelf.present()) == {b"a/one.mkv", b"a/three.mkv", b"b/four.mkv"}


async def test_a_folder_alone_says_nothing_of_what_is_beneath_it(shelf: Shelf) -> None:
    shelf.put("Show/loose.mkv")
    shelf.put("Show/Season 1/one.mkv")
    await shelf.scan()
    shelf.remove("Show/loose.mkv")
    shelf.remove("Show/Season 1/one.mkv")
    await shelf.look(shallow=("Show",))
    assert set(await shelf.present()) == {b"Show/Season 1/one.mkv"}
    await shelf.look("Show")
    assert await shelf.present() == {}


async def test_folders_that_are_gone_take_their_files_along(shelf: Shelf) -> None:
    shelf.put("Show/Season 1/one.mkv")
    shelf.put("Show/Season 2/two.mkv")
    shelf.put("Shows/other.mkv")
    await shelf.scan()
    shutil.rmtree(shelf.at("Show"))
    await shelf.look("Show/Season 1")
    assert set(await shelf.present()) == {b"Show/Season 2/two.mkv", b"Shows/other.mkv"}
    await shelf.look("Show", shallow=("",))
    assert set(await shelf.present()) == {b"Shows/other.mkv"}


async def test_a_renamed_folder_is_the_same_files(shelf: Shelf) -> None:
    shelf.put("Old/one.mkv")
    await shelf.scan()
    before = await shelf.id_of("Old/one.mkv")
    shelf.move("Old", "New")
    ended = await shelf.look("Old", "New", shallow=("",))
    assert (ended.counts["moved"], ended.counts["missing"], ended.counts["new"]) == (1, 0, 0)
    assert await shelf.present() == {b"New/one.mkv": before}


async def test_what_moved_from_a_folder_that_is_not_looked_at_is_known_again(shelf: Shelf) -> None:
    shelf.put("a/one.mkv")
    await shelf.scan()
    before = await shelf.id_of("a/one.mkv")
    shelf.move("a/one.mkv", "b/one.mkv")
    await shelf.look("b")
    assert await shelf.present() == {b"b/one.mkv": before}


async def test_rules_of_the_folders_above_hold(shelf: Shelf) -> None:
    shelf.put("a/b/one.mkv")
    shelf.put("c/.hidden/two.mkv")
    shelf.put("c/d/three.mkv", b"three")
    (shelf.root / "a" / ".nomedia").touch()
    (shelf.root / "c" / ".plexignore").write_text("d/\n")
    ended = await shelf.look("a/b", "c/.hidden", "c/d")
    assert ended.outcome is COMPLETED
    assert await shelf.present() == {}


async def test_a_symlink_on_the_way_leaves_what_is_behind_it_to_a_whole_scan(shelf: Shelf) -> None:
    shelf.put("real/one.mkv")
    os.symlink("../.kept", shelf.at("real/link"))
    shelf.put(".kept/two.mkv")
    await shelf.scan()
    assert set(await shelf.present()) == {b"real/one.mkv", b"real/link/two.mkv"}
    await shelf.look("real")
    await shelf.look("real/link")
    await shelf.look(shallow=("real/link", ".kept"))
    assert set(await shelf.present()) == {b"real/one.mkv", b"real/link/two.mkv"}


async def test_a_folder_that_cannot_be_listed_is_a_gap(shelf: Shelf) -> None:
    shelf.put("a/one.mkv")
    await shelf.scan()
    # Too deep: whoever runs this as root could list any other folder.
    os.makedirs(shelf.at("a/" + "/".join(["d"] * 205)))
    ended = await shelf.look("a")
    assert ended.outcome is WITH_GAPS
    assert set(await shelf.present()) == {b"a/one.mkv"}


async def test_a_lost_root_is_no_reason_to_miss_anything(shelf: Shelf) -> None:
    shelf.put("a/one.mkv")
    await shelf.scan()
    os.rename(shelf.root, shelf.root.with_name("away"))
    shelf.root.mkdir()
    ended = await shelf.look("a")
    assert ended.outcome is ScanOutcome.ROOT_UNAVAILABLE
    assert set(await shelf.present()) == {b"a/one.mkv"}


async def test_too_many_at_once_are_asked_about_and_the_answer_looks_at_the_whole(shelf: Shelf) -> None:
    for number in range(30):
        shelf.put(f"a/{number}.mkv")
    await shelf.scan()
    shutil.rmtree(shelf.at("a"))
    asked = await shelf.look("a")
    assert asked.outcome is ScanOutcome.NEEDS_CONFIRMATION
    assert len(await shelf.present()) == 30
    await shelf.look(shallow=("b",))
    async with shelf.database.write() as session:
        again = await confirm_scan(session, shelf.clock.now(), asked.id, "somebody")
    assert again.scope is None
    await shelf.run(again.id)
    assert await shelf.present() == {}


async def test_a_running_scan_that_is_asked_for_more_is_queued_again(shelf: Shelf) -> None:
    shelf.put("a/one.mkv")
    async with shelf.database.write() as session:
        assert await request_look(session, shelf.clock.now(), shelf.library_id, Scope([ScopeFolder(b"b", True)]))
        scan_id = await open_scan(session, shelf.library_id)
        assert scan_id is not None
        task = await begin_scan(session, shelf.clock.now(), scan_id)
        assert task is not None and task.scope is not None
        # A change while a scan runs is asked about again when it has ended.
        assert not await request_look(session, shelf.clock.now(), shelf.library_id, Scope([ScopeFolder(b"a", True)]))
        whole = await request_scan(session, shelf.clock.now(), shelf.library_id, "somebody")
        assert (whole.id, whole.scope) == (scan_id, None)
    ending = await Inventory(shelf.database, shelf.clock, task).run()
    async with shelf.database.write() as session:
        await end_scan(session, shelf.clock.now(), task, ending)
        view = await scan_view(session, scan_id)
    assert view is not None
    assert (view.phase, view.outcome) == ("queued", None)
    assert (await shelf.run(scan_id)).outcome is COMPLETED
    assert set(await shelf.present()) == {b"a/one.mkv"}


async def test_a_queued_scan_of_some_folders_takes_more_and_one_of_the_library_takes_none(shelf: Shelf) -> None:
    async with shelf.database.write() as session:
        for path in (b"a", b"b"):
            await request_look(session, shelf.clock.now(), shelf.library_id, Scope([ScopeFolder(path, True)]))
        queued = await request_scan(
            session, shelf.clock.now(), shelf.library_id, "x", scope=Scope([ScopeFolder(b"c", False)])
        )
        assert queued.scope == ["a", "b", "c"]
        assert (await request_scan(session, shelf.clock.now(), shelf.library_id, "x")).scope is None
        await request_look(session, shelf.clock.now(), shelf.library_id, Scope([ScopeFolder(b"d", True)]))
        scan_id = await open_scan(session, shelf.library_id)
        assert scan_id == queued.id
        view = await scan_view(session, queued.id)
    assert view is not None and view.scope is None


async def test_looking_at_changed_folders_ends_like_looking_at_everything(shelf: Shelf) -> None:
    """Many random changes, each looked at by a scan of its folders: then a whole scan finds nothing to write."""
    chance = random.Random(20_261_121)
    names = [f"{a}/{b}" for a in "abc" for b in "xyz"] + list("abc")
    for number in range(12):
        shelf.put(f"{chance.choice(names)}/f{number}.mkv")
    await shelf.scan()
    for step in range(40):
        present = sorted(await shelf.present())
        touched: set[bytes] = set()
        match chance.choice(["put", "remove", "move"]):
            case "put":
                path = f"{chance.choice(names)}/n{step}.mkv".encode()
                shelf.put(path)
                touched.add(os.path.dirname(path))
            case "remove" if present:
                path = chance.choice(present)
                shelf.remove(path)
                touched.add(os.path.dirname(path))
            case _ if present:
                path = chance.choice(present)
                new = f"{chance.choice(names)}/m{step}.mkv".encode()
                shelf.move(path, new)
                touched |= {os.path.dirname(path), os.path.dirname(new)}
            case _:
                pass
        await shelf.look(shallow=tuple(touched))
        on_disk = {
            os.path.relpath(os.path.join(at, name), shelf.at(""))
            for at, _, files in os.walk(shelf.at(""))
            for name in files
            if name.endswith(b".mkv")
        }
        assert set(await shelf.present()) == on_disk
    ended = await shelf.scan()
    assert [ended.counts[what] for what in ("new", "missing", "moved", "changed", "back")] == [0, 0, 0, 0, 0]


async def test_another_librarys_files_are_left_alone(shelf: Shelf, other_shelf: Shelf) -> None:
    shelf.put("a/one.mkv")
    other_shelf.put("a/two.mkv")
    await shelf.scan()
    await other_shelf.scan()
    other_shelf.remove("a/two.mkv")
    await shelf.look("a")
    assert set(await other_shelf.present()) == {b"a/two.mkv"}


def test_of_a_scope_the_first_folders_are_shown_though_only_its_beginning_is_read() -> None:
    names = [b"", b"a b/\xff", b'c"]/[d', b"e" * 300]
    stored = json.dumps(to_stored(Scope([ScopeFolder(name, False) for name in names])))
    assert first_paths(stored, 100) == ["", "a b/\ufffd", 'c"]/[d', "e" * 300]
    assert first_paths(stored, 2) == ["", "a b/\ufffd"]
    assert first_paths(stored[:60], 100) == ["", "a b/\ufffd", 'c"]/[d'][: stored[:60].count("]")]
    assert first_paths(None, 100) is None


def test_a_scope_is_what_its_folders_are_together() -> None:
    scope = Scope(
        [
            ScopeFolder(b"a/b", True),
            ScopeFolder(b"a/b/c", False),
            ScopeFolder(b"a/b/d", True),
            ScopeFolder(b"e\xff", False),
        ]
    )
    assert (scope.deep, scope.shallow) == ({b"a/b"}, {b"e\xff"})
    assert [scope.holds(path) for path in (b"a/b/c/d", b"e\xff", b"e\xff/f", b"a", b"")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert [scope.leads(path) for path in (b"", b"a", b"a/b", b"e\xff", b"f")] == [True, True, True, True, False]
    stored = from_stored(to_stored(scope))
    assert stored is not None and stored.folders == scope.folders
    assert not scope.is_whole
    assert Scope([ScopeFolder(b"", True)]).is_whole


def test_too_many_folders_are_the_whole_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scopes, "MOST_FOLDERS", 2)
    assert Scope(ScopeFolder(name, False) for name in (b"a", b"b", b"c")).is_whole


async def test_the_last_scan_of_a_library_is_one_of_all_of_it(shelf: Shelf) -> None:
    shelf.put("a/one.mkv")
    whole = await shelf.scan()
    await shelf.look("a")
    async with shelf.database.read() as session:
        assert (await last_scans(session, [shelf.library_id]))[shelf.library_id].id == whole.id
