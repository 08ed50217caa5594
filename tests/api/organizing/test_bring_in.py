"""Inboxes over HTTP: which library they are for, what would come from them, and what cannot be one."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

PATH = "/v1/libraries"


async def ask(client: httpx.AsyncClient, method: str, path: str, status: int, body: Any = None) -> dict[str, Any]:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else {}


async def library(client: httpx.AsyncClient, root: Path, **more: Any) -> dict[str, Any]:
    await asyncio.to_thread(root.mkdir)
    return await ask(client, "POST", PATH, 201, {"root": str(root), "kind": "movies", "name": root.name, **more})


async def test_an_inbox_is_for_one_library_and_is_none_when_that_goes(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    films = await library(client, tmp_path / "films")
    assert (films["bring_into_id"], films["bring_how"]) == (None, None)
    inbox = await library(client, tmp_path / "inbox", bring_into_id=films["id"])
    assert (inbox["bring_into_id"], inbox["bring_how"]) == (films["id"], "link")
    changed = await ask(client, "PATCH", f"{PATH}/{inbox['id']}", 200, {"bring_how": "move"})
    assert (changed["bring_into_id"], changed["bring_how"]) == (films["id"], "move")
    planned = await ask(client, "POST", "/v1/organizings/bring-in", 202, {"inbox_id": inbox["id"]})
    assert (planned["library_id"], planned["from_library_id"], planned["bring_how"]) == (
        films["id"],
        inbox["id"],
        "move",
    )
    while planned["state"] == "planning":
        await asyncio.sleep(0.01)
        planned = await ask(client, "GET", f"/v1/organizings/{planned['id']}", 200)
    assert (planned["state"], planned["counts"]["moves"]) == ("ended", 0)
    listed = await ask(client, "GET", f"/v1/organizings?library={inbox['id']}", 200)
    assert [each["id"] for each in listed["items"]] == [planned["id"]]
    await ask(client, "DELETE", f"{PATH}/{films['id']}", 202)
    left = await ask(client, "GET", f"{PATH}/{inbox['id']}", 200)
    assert (left["bring_into_id"], left["bring_how"]) == (None, None)
    refused = await ask(client, "POST", "/v1/organizings/bring-in", 400, {"inbox_id": inbox["id"]})
    assert "--inbox-for" in refused["detail"]


async def test_files_of_an_inbox_may_be_planned_into_another_library_and_into_none_that_is_an_inbox(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    films, series = await library(client, tmp_path / "films"), await library(client, tmp_path / "series")
    inbox = await library(client, tmp_path / "inbox", bring_into_id=films["id"])
    second = await library(client, tmp_path / "second", bring_into_id=films["id"])
    asked = {"inbox_id": inbox["id"], "into_id": series["id"]}
    planned = await ask(client, "POST", "/v1/organizings/bring-in", 202, asked)
    assert (planned["library_id"], planned["from_library_id"]) == (series["id"], inbox["id"])
    for wrong in (inbox, second):
        refused = await ask(client, "POST", "/v1/organizings/bring-in", 400, asked | {"into_id": wrong["id"]})
        assert "is an inbox itself" in refused["detail"]
    await ask(client, "POST", "/v1/organizings/bring-in", 404, asked | {"into_id": 99})
    no_inbox = {"inbox_id": films["id"], "into_id": series["id"]}
    assert "is no inbox" in (await ask(client, "POST", "/v1/organizings/bring-in", 400, no_inbox))["detail"]


async def test_what_cannot_be_an_inbox_is_refused(client: httpx.AsyncClient, tmp_path: Path) -> None:
    films = await library(client, tmp_path / "films")
    inbox = await library(client, tmp_path / "inbox", bring_into_id=films["id"], bring_how="copy")
    other = await library(client, tmp_path / "other")
    for library_id, change in (
        (films["id"], {"bring_into_id": films["id"]}),
        (films["id"], {"bring_into_id": other["id"]}),
        (other["id"], {"bring_into_id": inbox["id"]}),
        (other["id"], {"bring_into_id": 99}),
    ):
        refused = await ask(client, "PATCH", f"{PATH}/{library_id}", 400, change)
        assert refused["type"].endswith("no-inbox")
    none = await ask(client, "PATCH", f"{PATH}/{inbox['id']}", 200, {"bring_into_id": None})
    assert (none["bring_into_id"], none["bring_how"]) == (None, None)
    await ask(client, "POST", "/v1/organizings/bring-in", 404, {"inbox_id": 99})
