"""What every request gets or is refused before a route sees it; health; the document."""

import json
from typing import Any, cast

import httpx
import pytest
from litestar.connection import ASGIConnection
from sqlalchemy import text

from mediastead.app import document
from mediastead.db.engine import Database
from mediastead.http.errors import NotPermitted, NotSignedIn
from mediastead.http.permissions import (
    LOCAL,
    Permission,
    PermissionGuard,
    Person,
    requires,
)
from mediastead.http.problems import problem_of


@pytest.mark.parametrize("host", ["localhost", "localhost:8484", "127.0.0.1:1", "[::1]:8484", "LOCALHOST:80"])
async def test_this_machine_is_answered_by_its_own_names(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/healthz", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8484", "192.168.1.2:8484", "localhost.evil.example"])
async def test_a_name_that_was_rebound_to_this_machine_is_refused(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/v1/libraries", headers={"host": host})
    assert answer.status_code == 421
    assert answer.json()["type"] == "urn:mediastead:problem:wrong-host"


@pytest.mark.parametrize("host", ["", ":", "[::1", "a b"])
async def test_a_host_that_cannot_be_read_is_refused(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/v1/libraries", headers={"host": host})).status_code in (400, 421)


async def test_a_page_from_elsewhere_may_not_change_anything(client: httpx.AsyncClient) -> None:
    for origin in ("https://evil.example", "null", "http://localhost:3000"):
        answer = await client.post("/v1/libraries", json={}, headers={"origin": origin})
        assert answer.status_code == 403, origin
    ours = await client.patch("/v1/settings", json={}, headers={"origin": "http://localhost:8484"})
    assert ours.status_code == 200
    assert not any(name.startswith("access-control") for name in ours.headers)


async def test_every_answer_carries_a_request_id(client: httpx.AsyncClient) -> None:
    given = await client.get("/nowhere", headers={"x-request-id": "abc-1.2_3"})
    assert given.headers["x-request-id"] == "abc-1.2_3"
    assert given.json()["instance"] == "urn:mediastead:request:abc-1.2_3"
    for strange in ("", "a b", "x" * 65, "<script>"):
        made = (await client.get("/healthz", headers={"x-request-id": strange})).headers["x-request-id"]
        assert made != strange and len(made) == 32


async def test_a_guard_lets_only_those_through_who_hold_the_permission() -> None:
    guard = requires(Permission.SCAN)
    assert isinstance(guard, PermissionGuard)

    async def asked_by(user: object) -> None:
        scope: Any = {"type": "http", "user": user}
        await guard(cast("ASGIConnection[Any, Any, Any, Any]", ASGIConnection(scope)), cast(Any, None))

    await asked_by(LOCAL)
    await asked_by(Person(name="ada", permissions=frozenset({Permission.SCAN})))
    with pytest.raises(NotPermitted):
        await asked_by(Person(name="bob", permissions=frozenset(Permission) - {Permission.SCAN}))
    for nobody in (None, "ada", object()):
        with pytest.raises(NotSignedIn):
            await asked_by(nobody)


def test_what_a_full_disk_says_is_unavailable_and_a_mistaken_statement_is_ours() -> None:
    from sqlalchemy.exc import OperationalError

    scope: Any = {"type": "http", "path": "/x", "method": "GET", "state": {"request_id": "1"}}
    full = OperationalError("INSERT", {}, Exception("database or disk is full"))
    mistaken = OperationalError("SELECT", {}, Exception("no such function: concat"))
    assert [problem_of(error, scope).status for error in (full, mistaken)] == [503, 500]


async def test_it_is_ready_only_with_the_schema_of_this_version(client: httpx.AsyncClient, database: Database) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.get("/readyz")).json() == {"status": "ok"}
    async with database.write() as session:
        before = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
        await session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert "mediastead db upgrade" in answer.json()["detail"]
        assert (await client.get("/healthz")).status_code == 200
    finally:
        async with database.write() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})


async def test_the_document_is_served_as_it_is_committed_and_answers_problems(client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi.json")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.text == document()
    described = json.loads(answer.text)
    assert described["info"]["title"] == "Mediastead" and not described.get("servers")
    operations = [
        each
        for path in described["paths"].values()
        for each in path.values()
        if isinstance(each, dict) and "responses" in each
    ]
    problem = {"$ref": "#/components/schemas/Problem"}
    for operation in operations:
        assert operation["responses"]["default"]["content"]["application/problem+json"]["schema"] == problem
        assert all(status < "4" for status in operation["responses"] if status != "default")
        assert operation["summary"]
