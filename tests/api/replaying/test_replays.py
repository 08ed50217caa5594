"""Replays over HTTP: asked for, followed, stopped, resumed, refused."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.parsing.parser import Parser
from mediastead.replaying.models import ChangeKind, Replay, ReplayChange, ReplayState
from mediastead.replaying.runner import ReplayRunner
from mediastead.replaying.service import KEPT, forget_old_replays

from ...db.files.shelf import Shelf, unsure


async def ask(client: httpx.AsyncClient, method: str, path: str, status: int, body: Any = None) -> dict[str, Any]:
    answer = await client.request(method, f"/v1/replays{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
async def runner(database: Database, clock: SetClock) -> ReplayRunner:
    """No names are read: there are no inputs in what the shelf decides, so no process is started."""
    return ReplayRunner(database, clock, Parser(workers=1), Wake())


async def test_one_that_is_open_is_given_instead_of_a_second(client: httpx.AsyncClient, database: Database) -> None:
    first = await ask(client, "POST", "", 202, {})
    assert (first["state"], first["library_id"], first["threshold"], first["asked_by"]) == (
        "queued", None, 0.95, "local",
    )  # fmt: skip
    assert (await ask(client, "POST", "", 202, {}))["id"] == first["id"]
    library = await Shelf(database).library()
    other = await ask(client, "POST", "", 202, {"library_id": library, "threshold": 0.9})
    assert (other["library"], other["threshold"]) == ("Films", 0.9)
    assert [each["id"] for each in (await ask(client, "GET", "", 200))["items"]] == [other["id"], first["id"]]
    assert [each["id"] for each in (await ask(client, "GET", f"?library={library}", 200))["items"]] == [other["id"]]


async def test_it_runs_in_the_background_and_decisions_without_inputs_are_counted(
    client: httpx.AsyncClient, database: Database, runner: ReplayRunner
) -> None:
    shelf = Shelf(database)
    await shelf.question(await shelf.file(await shelf.library(), "Signs.mkv"), unsure())
    replay = await ask(client, "POST", "", 202, {})
    await runner.run_queued()
    done = await ask(client, "GET", f"/{replay['id']}", 200)
    assert (done["state"], done["counts"]) == ("completed", {"total": 1, "looked_at": 1, "without_inputs": 1})
    assert (await ask(client, "GET", f"/{replay['id']}/changes", 200)) == {"items": [], "next": None}


async def test_one_that_waits_is_stopped_at_once_and_can_be_resumed(client: httpx.AsyncClient) -> None:
    replay = await ask(client, "POST", "", 202, {})
    assert (await ask(client, "POST", f"/{replay['id']}/cancel", 202))["state"] == "stopped"
    refused = await ask(client, "POST", f"/{replay['id']}/cancel", 409)
    assert refused["state"] == "stopped"
    assert (await ask(client, "POST", f"/{replay['id']}/resume", 202))["state"] == "queued"
    assert (await ask(client, "POST", f"/{replay['id']}/resume", 409))["state"] == "queued"


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({}, "accept-what"),
        ({"all": True, "kind": "would_match"}, "accept-what"),
        ({"kind": "unanswerable"}, "accept-what"),
    ],
)
async def test_what_is_accepted_must_be_said_in_one_way(
    client: httpx.AsyncClient, body: dict[str, Any], slug: str
) -> None:
    replay = await ask(client, "POST", "", 202, {})
    refused = await ask(client, "POST", f"/{replay['id']}/accept", 400, body)
    assert refused["type"].endswith(slug)


async def test_what_does_not_exist_is_told(client: httpx.AsyncClient) -> None:
    for method, path, body in (
        ("GET", "/7", None),
        ("GET", "/7/changes", None),
        ("POST", "/7/cancel", None),
        ("POST", "/7/resume", None),
        ("POST", "/7/accept", {"all": True}),
    ):
        assert (await ask(client, method, path, 404, body))["type"].endswith("replay-not-found")
    assert (await ask(client, "POST", "", 404, {"library_id": 7}))["type"].endswith("library-not-found")


async def test_what_ended_long_ago_is_forgotten_with_its_changes(
    client: httpx.AsyncClient, database: Database, clock: SetClock
) -> None:
    shelf = Shelf(database)
    file = await shelf.file(await shelf.library(), "Signs.mkv")
    old = (await ask(client, "POST", "", 202, {}))["id"]
    async with database.write() as session:
        ended = update(Replay).values(state=ReplayState.COMPLETED, ended_at=clock.now())
        await session.execute(ended)
        row = {"version": 1, "kind": ChangeKind.WOULD_MATCH, "before": {}, "after": {}}
        await session.execute(insert(ReplayChange), [{"replay_id": old, "file_id": file, **row}] * 3)
    clock.advance(KEPT + timedelta(hours=1))
    new = (await ask(client, "POST", "", 202, {}))["id"]
    assert await forget_old_replays(database, clock) == 1
    assert [each["id"] for each in (await ask(client, "GET", "", 200))["items"]] == [new]
