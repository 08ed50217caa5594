"""Organizing over HTTP: planned, looked at page by page, applied once, discarded, taken back; and how files are called."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.libraries.models import Library
from mediastead.organizing.models import GroupState, OrganizingGroup

from ...db.organizing.house import make_house
from ...db.organizing.titles import Titles

PATH = "/v1/organizings"


@pytest.fixture
async def titles(database: Database, clock: SetClock, tmp_path: Path) -> Titles:
    """Three files of two films, and one of which nobody knows what it is."""
    house = await make_house(database, clock, tmp_path / "media")
    house.put("a.mkv", "a.srt", "b.mkv", "b2.mkv", "c.mkv")
    await house.shelf.scan()
    titles = Titles(house)
    await titles.film("Alien", "a.mkv")
    await titles.film("Brazil", "b.mkv", "b2.mkv")
    return titles


async def ask(client: httpx.AsyncClient, method: str, path: str, status: int, body: Any = None) -> dict[str, Any]:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def planned(client: httpx.AsyncClient, **what: Any) -> dict[str, Any]:
    view = await ask(client, "POST", PATH, 202, what)
    while view["state"] == "planning":
        await asyncio.sleep(0.01)
        view = await ask(client, "GET", f"{PATH}/{view['id']}", 200)
    return view


async def test_a_plan_is_looked_at_page_by_page_then_done_and_taken_back(
    client: httpx.AsyncClient, titles: Titles
) -> None:
    before = titles.house.disk()
    view = await planned(client, library_id=titles.house.shelf.library_id)
    assert (view["state"], view["template"], view["groups"]) == ("planned", "plex", {"planned": 1, "refused": 2})
    first = await ask(client, "GET", f"{PATH}/{view['id']}/groups?limit=2", 200)
    rest = await ask(client, "GET", f"{PATH}/{view['id']}/groups?limit=2&cursor={first['next']}", 200)
    groups = first["items"] + rest["items"]
    assert [group["reason"] for group in groups] == [None, "same_target", "same_target"]
    assert [(move["role"], move["source"], move["target"]) for move in groups[0]["moves"]] == [
        ("media", "a.mkv", "Alien (2000)/Alien (2000).mkv"),
        ("sidecar", "a.srt", "Alien (2000)/Alien (2000).srt"),
    ]
    only = await ask(client, "GET", f"{PATH}/{view['id']}/groups?states=refused", 200)
    assert len(only["items"]) == 2
    assert titles.house.disk() == before

    assert (await ask(client, "POST", f"{PATH}/{view['id']}/apply", 202))["state"] == "applying"
    twice = await ask(client, "POST", f"{PATH}/{view['id']}/apply", 409)
    assert (twice["type"].rpartition(":")[2], twice["state"]) == ("organizing-does-not-allow", "applying")
    await titles.house.organizer().apply(view["id"])
    assert "Alien (2000)/Alien (2000).srt" in titles.house.disk()

    undo = await ask(client, "POST", f"{PATH}/{view['id']}/undo", 201)
    assert (undo["kind"], undo["undo_of"], undo["state"]) == ("undo", view["id"], "planned")
    await ask(client, "POST", f"{PATH}/{undo['id']}/apply", 202)
    await titles.house.organizer().apply(undo["id"])
    assert titles.house.disk() == before
    listed = await ask(client, "GET", f"{PATH}?library={titles.house.shelf.library_id}", 200)
    assert [each["id"] for each in listed["items"]] == [undo["id"], view["id"]]


async def test_moves_are_taken_back_from_the_history_as_well(client: httpx.AsyncClient, titles: Titles) -> None:
    before = titles.house.disk()
    view = await planned(client, file_ids=[await titles.house.shelf.id_of("a.mkv")])
    await ask(client, "POST", f"{PATH}/{view['id']}/apply", 202)
    await titles.house.organizer().apply(view["id"])
    (done,) = (await ask(client, "GET", "/v1/operations?kind=organize", 200))["items"]
    looked = await ask(client, "POST", f"/v1/operations/{done['id']}/undo?dry_run=true", 200)
    assert (looked["organizing_id"], len((await ask(client, "GET", PATH, 200))["items"])) == (None, 1)
    assert looked["also"] == [f"2 files would be moved back; `mediastead organize undo {view['id']} --plan` lists them"]
    assert (await ask(client, "GET", f"/v1/operations/{done['id']}", 200))["organizing_id"] == view["id"]
    assert (done["files"], done["summary"]) == (1, f"Renamed files of {view['library']}")
    of_file = f"/v1/operations?file={await titles.house.shelf.id_of('Alien (2000)/Alien (2000).mkv')}"
    assert [each["id"] for each in (await ask(client, "GET", of_file, 200))["items"]] == [done["id"]]
    undone = await ask(client, "POST", f"/v1/operations/{done['id']}/undo", 200)
    await titles.house.organizer().apply(undone["organizing_id"])
    assert titles.house.disk() == before
    twice = await ask(client, "POST", f"{PATH}/{view['id']}/undo", 409)
    assert f"was taken back already, by organizing {undone['organizing_id']}" in twice["detail"]
    await ask(client, "POST", f"/v1/operations/{done['id']}/undo", 409)


async def test_an_answer_after_which_files_were_named_is_taken_back_after_their_names_are(
    client: httpx.AsyncClient, titles: Titles
) -> None:
    file_id = await titles.house.shelf.id_of("c.mkv")
    file = await ask(client, "GET", f"/v1/media-files/{file_id}", 200)
    item = (await ask(client, "GET", f"/v1/media-files/{await titles.house.shelf.id_of('a.mkv')}", 200))["item"]["id"]
    answer = {"item_id": item, "edition": "Long", "version": file["version"]}
    await ask(client, "POST", f"/v1/media-files/{file_id}/match", 200, answer)
    (answered,) = (await ask(client, "GET", "/v1/operations?kind=match", 200))["items"]
    view = await planned(client, file_ids=[file_id])
    await ask(client, "POST", f"{PATH}/{view['id']}/apply", 202)
    await titles.house.organizer().apply(view["id"])
    (moved,) = (await ask(client, "GET", "/v1/operations?kind=organize", 200))["items"]
    refused = await ask(client, "POST", f"/v1/operations/{answered['id']}/undo", 409)
    assert [each["operation_id"] for each in refused["conflicts"]] == [moved["id"]]
    undone = await ask(client, "POST", f"/v1/operations/{moved['id']}/undo", 200)
    await titles.house.organizer().apply(undone["organizing_id"])
    await ask(client, "POST", f"/v1/operations/{answered['id']}/undo", 200)
    assert (await ask(client, "GET", f"/v1/media-files/{file_id}", 200))["identification"] == file["identification"]


async def test_a_file_that_is_named_replaces_another_version_which_comes_back_with_it(
    client: httpx.AsyncClient, titles: Titles
) -> None:
    house = titles.house
    old, new = await house.shelf.id_of("b.mkv"), await house.shelf.id_of("b2.mkv")
    view = await planned(client, file_ids=[old])
    await ask(client, "POST", f"{PATH}/{view['id']}/apply", 202)
    await house.organizer().apply(view["id"])
    before = house.disk()
    assert "file_ids" in (await ask(client, "POST", PATH, 400, {"library_id": 1, "replace": True}))["detail"]
    refused = await planned(client, file_ids=[new])
    assert (refused["replace"], refused["groups"]) == (False, {"refused": 1})
    (group,) = (await ask(client, "GET", f"{PATH}/{refused['id']}/groups", 200))["items"]
    assert (group["reason"], "--replace" in group["said"]) == ("target_exists", True)

    view = await planned(client, file_ids=[new], replace=True)
    assert (view["replace"], view["counts"]["moves"], view["counts"]["replaced"]) == (True, 2, 1)
    assert house.disk() == before
    await ask(client, "POST", f"{PATH}/{view['id']}/apply", 202)
    await house.organizer().apply(view["id"])
    assert house.disk()["Brazil (2000)/Brazil (2000).mkv"] == before["b2.mkv"]
    (trashed,) = (await ask(client, "GET", "/v1/trash", 200))["items"]
    assert (trashed["file_id"], trashed["reason"]) == (old, f"replaced by organizing {view['id']}")
    undo = await ask(client, "POST", f"{PATH}/{view['id']}/undo", 201)
    await ask(client, "POST", f"{PATH}/{undo['id']}/apply", 202)
    await house.organizer().apply(undo["id"])
    assert house.disk() == before


async def test_where_the_disk_is_away_the_reason_is_said_at_once(client: httpx.AsyncClient, titles: Titles) -> None:
    root, away = titles.house.shelf.root, titles.house.shelf.root.with_name("away")
    view = await planned(client, file_ids=[await titles.house.shelf.id_of("a.mkv")])
    root.rename(away)
    root.mkdir()
    refused = await ask(client, "POST", f"{PATH}/{view['id']}/apply", 409)
    assert (refused["type"].rpartition(":")[2], refused["library"]) == ("library-away", "media")
    assert "Try again when its disk is mounted; nothing was touched." in refused["detail"]
    root.rmdir()
    away.rename(root)
    await ask(client, "POST", f"{PATH}/{view['id']}/apply", 202)
    await titles.house.organizer().apply(view["id"])
    (done,) = (await ask(client, "GET", "/v1/operations?kind=organize", 200))["items"]
    root.rename(away)
    for path in (f"{PATH}/{view['id']}/undo", f"/v1/operations/{done['id']}/undo"):
        refused = await ask(client, "POST", path, 409)
        assert f"{root} cannot be read: No such file or directory (ENOENT)." in refused["detail"]
    assert len((await ask(client, "GET", PATH, 200))["items"]) == 1, "no plan is made"


async def test_no_plan_is_made_for_a_library_whose_disk_is_away(client: httpx.AsyncClient, titles: Titles) -> None:
    shelf = titles.house.shelf
    file_id = await shelf.id_of("a.mkv")
    away = shelf.root.with_name("away")
    shelf.root.rename(away)
    shelf.root.mkdir()
    for body in ({"library_id": shelf.library_id}, {"file_ids": [file_id]}):
        refused = await ask(client, "POST", PATH, 409, body)
        assert (refused["type"].rpartition(":")[2], refused["library"]) == ("library-away", "media")
        assert refused["detail"].endswith("No plan was made: ask for it when its disk is mounted.")
    assert (await ask(client, "GET", PATH, 200))["items"] == []
    shelf.root.rmdir()
    away.rename(shelf.root)
    await planned(client, file_ids=[file_id])


async def test_where_the_disk_goes_before_the_first_move_the_plan_says_what_it_waits_for(
    client: httpx.AsyncClient, titles: Titles
) -> None:
    root, away = titles.house.shelf.root, titles.house.shelf.root.with_name("away")
    view = await planned(client, file_ids=[await titles.house.shelf.id_of("a.mkv")])
    await ask(client, "POST", f"{PATH}/{view['id']}/apply", 202)
    root.rename(away)
    await titles.house.organizer().apply(view["id"])
    (group,) = (await ask(client, "GET", f"{PATH}/{view['id']}/groups?states=planned", 200))["items"]
    assert group["said"].endswith("Mount its disk. Then it is gone on with by itself.")
    away.rename(root)
    titles.house.clock.advance(timedelta(minutes=2))
    await titles.house.organizer().apply(view["id"])
    (group,) = (await ask(client, "GET", f"{PATH}/{view['id']}/groups", 200))["items"]
    assert (group["state"], group["said"]) == ("done", None)


async def test_nothing_else_is_begun_while_a_group_waits_for_a_disk(
    client: httpx.AsyncClient, titles: Titles, database: Database
) -> None:
    first = await planned(client, file_ids=[await titles.house.shelf.id_of("a.mkv")])
    other = await planned(client, file_ids=[await titles.house.shelf.id_of("b.mkv")])
    async with database.write() as session:
        group = update(OrganizingGroup).where(OrganizingGroup.organizing_id == first["id"])
        waits = group.values(state=GroupState.WAITING, said="Mount it.", open_library_id=first["library_id"]).returning(
            OrganizingGroup.id
        )
        group_id = (await session.execute(waits)).scalar_one()
        await session.execute(update(Library).values(organizing_group_id=group_id))
    refused = await ask(client, "POST", f"{PATH}/{other['id']}/apply", 409)
    assert refused["detail"] == f"Nothing can be moved in media now. Organizing {first['id']} waits for it. Mount it."


async def test_a_plan_that_is_discarded_is_not_done(client: httpx.AsyncClient, titles: Titles) -> None:
    file_id = await titles.house.shelf.id_of("a.mkv")
    view = await planned(client, file_ids=[file_id])
    assert (await ask(client, "POST", f"{PATH}/{view['id']}/discard", 200))["state"] == "discarded"
    for what in ("apply", "discard", "undo"):
        await ask(client, "POST", f"{PATH}/{view['id']}/{what}", 409)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"library_id": 99}, 404),
        ({"file_ids": []}, 400),
        ({"file_ids": [1], "item_ids": [1]}, 400),
        ({"file_ids": [10**6]}, 400),
        ({"path": "/"}, 400),
    ],
)
async def test_what_cannot_be_planned_is_refused(
    client: httpx.AsyncClient, titles: Titles, body: dict[str, Any], status: int
) -> None:
    await ask(client, "POST", PATH, status, body)
    assert (await ask(client, "GET", PATH, 200))["items"] == []


async def test_a_naming_is_shown_before_it_is_set_and_refused_with_what_is_wrong(
    client: httpx.AsyncClient, titles: Titles
) -> None:
    library_id = titles.house.shelf.library_id
    path = f"/v1/libraries/{library_id}/naming"
    shown = await ask(client, "PUT", path, 200, {"naming": "kodi", "preview": True})
    assert (shown["naming"], shown["changed"]) == ("kodi", False)
    assert shown["examples"][0] == {"what": "a film", "path": "Blade Runner (1982)/Blade Runner (1982).mkv"}
    wrong = await ask(client, "PUT", path, 400, {"naming": "{{ titel }}"})
    assert "did you mean title?" in wrong["detail"]
    assert (await ask(client, "GET", f"/v1/libraries/{library_id}", 200))["naming_template"] is None
    await ask(client, "PUT", path, 200, {"naming": "{{ title }} ({{ year }}) {{ code }}"})
    view = await planned(client, file_ids=[await titles.house.shelf.id_of("a.mkv")])
    groups = await ask(client, "GET", f"{PATH}/{view['id']}/groups", 200)
    assert groups["items"][0]["moves"][0]["target"] == "Alien (2000).mkv"
    assert (await ask(client, "PUT", path, 200, {"naming": None}))["naming"] == "plex"
    await ask(client, "PUT", "/v1/libraries/99/naming", 404, {"naming": "plex"})
