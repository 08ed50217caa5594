# ruff: noqa: ASYNC240 - tests may block
"""Setting libraries up over HTTP."""

import asyncio
import grp
import os
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.files.removing import remove_all
from mediastead.libraries.lock import library_lock, watcher_lock
from mediastead.libraries.models import Library
from mediastead.scanning.scans import queued_scans
from mediastead.scanning.service import begin_scan
from mediastead.watching.watcher import Watcher

MARKER = ".mediastead-library"


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "Films"
    folder.mkdir()
    return folder


async def add(client: httpx.AsyncClient, root: Path | str, **more: object) -> httpx.Response:
    return await client.post("/v1/libraries", json={"root": str(root), "kind": "movies", **more})


async def test_a_library_is_added_with_its_folders_name_and_the_settings_interval(
    client: httpx.AsyncClient, films: Path
) -> None:
    answer = await add(client, f"{films}/")
    assert answer.status_code == 201
    library = answer.json()
    assert (library["name"], library["root"], library["kind"]) == ("Films", str(films), "movies")
    assert (library["scan_interval_minutes"], library["marked"]) == (360, True)
    assert (films / MARKER).read_text().count("\n") == 2
    listed = await client.get(f"/v1/libraries/{library['id']}")
    assert listed.json()["name"] == "Films"


async def test_a_library_without_an_interval_is_never_due(client: httpx.AsyncClient, films: Path) -> None:
    library = (await add(client, films, scan_interval_minutes=None)).json()
    assert library["next_scan_at"] is None


@pytest.mark.parametrize("root", ["/no/such/folder", "relative/folder", "file.mkv", "x" * 4000])
async def test_a_root_that_cannot_be_one_is_refused(client: httpx.AsyncClient, tmp_path: Path, root: str) -> None:
    (tmp_path / "file.mkv").touch()
    given = str(tmp_path / root) if root == "file.mkv" else root
    answer = await add(client, given)
    assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[-1]) == (400, "root-refused")
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("other", [".", "inner", "..", "../link"])
async def test_libraries_cannot_share_folders(client: httpx.AsyncClient, films: Path, other: str) -> None:
    (films / "inner").mkdir()
    (films.parent / "link").symlink_to(films / "inner")
    await add(client, films)
    answer = await add(client, films / other, name="Other")
    assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[-1]) == (409, "root-taken")


async def test_names_are_unique(client: httpx.AsyncClient, films: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    await add(client, films)
    answer = await add(client, tmp_path / "other", name="Films")
    assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[-1]) == (409, "name-taken")
    assert not (tmp_path / "other" / MARKER).exists()


@pytest.mark.parametrize("pattern", ["[z-a]", "!", " ", "a\nb"])
async def test_a_pattern_that_is_none_is_refused(client: httpx.AsyncClient, films: Path, pattern: str) -> None:
    answer = await add(client, films, exclude_patterns=[pattern])
    assert answer.status_code == 400
    assert not (films / MARKER).exists()


@pytest.mark.parametrize(
    "body",
    [{}, {"root": 1, "kind": "movies"}, {"root": "/", "kind": "songs"}, {"root": "/", "kind": "movies", "x": 1}, []],
)
async def test_a_body_of_another_shape_is_refused(client: httpx.AsyncClient, body: object) -> None:
    answer = await client.post("/v1/libraries", json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_a_library_is_changed_in_what_is_given(client: httpx.AsyncClient, films: Path) -> None:
    library = (await add(client, films)).json()
    path = f"/v1/libraries/{library['id']}"
    changed = (
        await client.patch(path, json={"name": "Cinema", "kind": "mixed", "exclude_patterns": ["Extras/"]})
    ).json()
    assert (changed["name"], changed["kind"], changed["exclude_patterns"]) == ("Cinema", "mixed", ["Extras/"])
    assert (changed["root"], changed["scan_interval_minutes"]) == (str(films), 360)
    assert (await client.patch(path, json={"scan_interval_minutes": None})).json()["next_scan_at"] is None
    assert (await client.patch(path, json={"scan_interval_minutes": 4})).status_code == 400
    assert (await client.patch("/v1/libraries/999", json={"name": "x"})).status_code == 404


async def test_what_is_put_into_a_library_gets_a_mode_and_a_group_if_somebody_says_so(
    client: httpx.AsyncClient, films: Path
) -> None:
    library = (await add(client, films)).json()
    assert (library["file_mode"], library["folder_mode"], library["group"]) == (None, None, None)
    path = f"/v1/libraries/{library['id']}"
    group = grp.getgrgid(os.getgid()).gr_name
    said = {"file_mode": "0664", "folder_mode": "2775", "group": group}
    changed = (await client.patch(path, json=said)).json()
    assert {name: changed[name] for name in said} == said | {"file_mode": "664"}
    for wrong in ({"file_mode": "888"}, {"file_mode": "4755"}, {"folder_mode": "rwx"}, {"group": "nobody knows it"}):
        assert (await client.patch(path, json=wrong)).status_code == 400, wrong
    changed = (await client.patch(path, json={"folder_mode": None, "group": None})).json()
    assert (changed["file_mode"], changed["folder_mode"], changed["group"]) == ("664", None, None)


async def test_a_library_that_moved_gets_its_new_root(client: httpx.AsyncClient, films: Path) -> None:
    library = (await add(client, films)).json()
    moved = films.rename(films.parent / "Movies")
    answer = await client.patch(f"/v1/libraries/{library['id']}", json={"root": str(moved)})
    assert answer.json()["root"] == str(moved)
    assert (moved / MARKER).exists()


async def test_a_root_whose_marker_is_lost_is_accepted_anew(client: httpx.AsyncClient, films: Path) -> None:
    library = (await add(client, films)).json()
    (films / MARKER).unlink()
    answer = await client.patch(f"/v1/libraries/{library['id']}", json={"accept_root": True})
    assert answer.json()["marked"]
    assert (films / MARKER).exists()


async def test_a_root_with_a_file_of_the_markers_name_that_is_not_ours_is_refused(
    client: httpx.AsyncClient, films: Path
) -> None:
    (films / MARKER).write_text("something of the user's\n")
    assert (await add(client, films)).status_code == 400
    assert (films / MARKER).read_text() == "something of the user's\n"


async def test_a_copied_root_that_carries_another_librarys_marker_is_refused(
    client: httpx.AsyncClient, films: Path, tmp_path: Path
) -> None:
    await add(client, films)
    copy = tmp_path / "Copy"
    copy.mkdir()
    (copy / MARKER).write_bytes((films / MARKER).read_bytes())
    answer = await add(client, copy)
    assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[-1]) == (409, "root-taken")


async def test_removing_a_library_leaves_its_files(
    client: httpx.AsyncClient, films: Path, database: Database, clock: SetClock
) -> None:
    (films / "a.mkv").write_bytes(b"film")
    library = (await add(client, films)).json()
    answer = await client.delete(f"/v1/libraries/{library['id']}")
    assert (answer.status_code, answer.json()["id"]) == (202, library["id"])
    since = answer.json()["removing_since"]
    assert since is not None
    assert (await client.get(f"/v1/libraries/{library['id']}")).json()["removing_since"] == since
    assert (await client.delete(f"/v1/libraries/{library['id']}")).json()["removing_since"] == since
    assert await remove_all(database, clock, library["id"], asyncio.Event())
    assert os.listdir(films) == ["a.mkv"]
    assert (await client.get(f"/v1/libraries/{library['id']}")).status_code == 404
    assert (await client.delete(f"/v1/libraries/{library['id']}")).status_code == 404


async def test_a_library_that_is_being_scanned_is_not_removed_until_the_scan_is_cancelled(
    client: httpx.AsyncClient, films: Path, database: Database, clock: SetClock
) -> None:
    library_id = (await add(client, films)).json()["id"]
    scan_id = (await client.post(f"/v1/libraries/{library_id}/scans")).json()["id"]
    async with library_lock(database, library_id).hold() as held:
        assert held
        async with database.write() as session:
            await begin_scan(session, clock.now(), scan_id)
        refused = await client.delete(f"/v1/libraries/{library_id}")
        assert (refused.status_code, refused.json()["scan_id"]) == (409, scan_id)
        assert (await client.post(f"/v1/scans/{scan_id}/cancel")).json()["cancel_requested"]
    assert (await client.delete(f"/v1/libraries/{library_id}")).status_code == 202


async def test_a_second_scan_is_not_queued_while_one_is_open(
    client: httpx.AsyncClient, films: Path, database: Database
) -> None:
    library_id = (await add(client, films)).json()["id"]
    first = await client.post(f"/v1/libraries/{library_id}/scans")
    second = await client.post(f"/v1/libraries/{library_id}/scans")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    async with database.read() as session:
        assert len(await queued_scans(session)) == 1
    listed = (await client.get("/v1/scans", params={"library": library_id})).json()
    assert [scan["id"] for scan in listed["items"]] == [first.json()["id"]]
    assert (await client.post("/v1/libraries/999/scans")).status_code == 404


async def test_a_queued_scan_that_is_cancelled_is_stopped(client: httpx.AsyncClient, films: Path) -> None:
    library_id = (await add(client, films)).json()["id"]
    scan_id = (await client.post(f"/v1/libraries/{library_id}/scans")).json()["id"]
    stopped = await client.post(f"/v1/scans/{scan_id}/cancel")
    assert (stopped.json()["phase"], stopped.json()["outcome"]) == ("finished", "stopped")
    for answer in ("cancel", "confirm", "discard"):
        again = await client.post(f"/v1/scans/{scan_id}/{answer}")
        assert (again.status_code, again.json()["outcome"]) == (409, "stopped")
        assert (await client.post(f"/v1/scans/999/{answer}")).status_code == 404


async def test_folders_are_shown_to_choose_a_root_from(client: httpx.AsyncClient, films: Path) -> None:
    for name in ("a", "b", "c"):
        (films / name).mkdir()
    (films / "d.mkv").touch()
    await add(client, films / "b")
    first = (await client.get("/v1/filesystem", params={"path": str(films), "limit": 2})).json()
    assert [(each["name"], each["is_library"], each["readable"]) for each in first["items"]] == [
        ("a", False, True),
        ("b", True, True),
    ]
    assert first["parent"] == str(films.parent)
    rest = (await client.get("/v1/filesystem", params={"path": str(films), "limit": 2, "cursor": first["next"]})).json()
    assert ([each["name"] for each in rest["items"]], rest["next"]) == (["c"], None)
    assert (await client.get("/v1/filesystem", params={"path": "/"})).json()["parent"] is None
    for wrong in (films / "d.mkv", films / "nothing", "relative"):
        assert (await client.get("/v1/filesystem", params={"path": str(wrong)})).status_code == 400


async def test_a_preview_of_patterns_that_are_none_is_refused(client: httpx.AsyncClient, films: Path) -> None:
    library_id = (await add(client, films)).json()["id"]
    path = f"/v1/libraries/{library_id}/exclude-preview"
    assert (await client.post(path, json={"exclude_patterns": ["!"]})).status_code == 400
    assert (await client.post(path, json={"exclude_patterns": []})).json() == {"files": 0, "of": 0, "trees": []}
    assert (await client.post("/v1/libraries/999/exclude-preview", json={"exclude_patterns": []})).status_code == 404


async def test_a_server_that_was_killed_watches_no_more(
    client: httpx.AsyncClient, films: Path, database: Database, clock: SetClock
) -> None:
    library_id = (await add(client, films)).json()["id"]
    async with database.write() as session:
        await session.execute(update(Library).values(watching="watched"))

    async def watching() -> list[str | None]:
        listed = (await client.get("/v1/libraries")).json()["items"]
        one = (await client.get(f"/v1/libraries/{library_id}")).json()
        return [*(each["watching"] for each in listed), one["watching"]]

    async with watcher_lock(database).hold() as held:
        assert held
        assert await watching() == ["watched", "watched"]
    assert await watching() == [None, None]
    # The next one writes down what becomes of its own watching, and until then nothing.
    films.rename(films.with_name("gone"))
    stop, said = asyncio.Event(), None
    task = asyncio.create_task(Watcher(database, clock, Wake()).run(stop))
    for _ in range(400):
        if (said := (await watching())[0]) is not None:
            break
        await asyncio.sleep(0.05)
    assert said is not None and said != "watched"
    stop.set()
    await task
    assert await watching() == [None, None]


async def test_a_root_that_is_away_is_told_before_a_scan_has_looked(client: httpx.AsyncClient, tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "films", tmp_path / "elsewhere"
    await asyncio.to_thread(root.mkdir)
    made = await client.post("/v1/libraries", json={"root": str(root), "kind": "movies", "name": "Films"})
    path = f"/v1/libraries/{made.json()['id']}"
    assert (await client.get(path)).json()["away"] is None
    await asyncio.to_thread(root.rename, elsewhere)
    for found in ((await client.get(path)).json(), (await client.get("/v1/libraries")).json()["items"][0]):
        assert (found["unavailable_reason"], str(root) in found["away"]) == (None, True)
    await asyncio.to_thread(root.mkdir)
    assert "The marker file" in (await client.get(path)).json()["away"]
    await asyncio.to_thread(root.rmdir)
    await asyncio.to_thread(elsewhere.rename, root)
    assert (await client.get(path)).json()["away"] is None
