"""Whatever is asked, of whichever route: the answer is a problem that says what is wrong, and never a 500.

The routes, their parameters and bodies are taken from the OpenAPI document, so that those of tomorrow are tried as well.
"""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from mediastead.app import document
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.http.limits import MAX_BODY_BYTES
from mediastead.http.permissions import declared_permission, handlers_of
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.scanning.identify import Identifier
from mediastead.scanning.runner import ScanRunner

from ..conftest import ParserWithoutWorkers

METHODS = ("get", "post", "put", "patch", "delete")
STRANGE_IDS = [
    "0",
    "-1",
    "999999999",
    str(2**63 - 1),
    str(2**63),
    "9" * 30,
    "9" * 5000,
    "x",
    "1.5",
    "%00",
    "%ff",
    "1%2F2",
]
STRANGE_WORDS = [
    "",
    "x",
    "-1",
    "0",
    str(2**63),
    "9" * 5000,
    "1.5",
    "%00",
    "%ff%fe",
    "%ED%A0%80",
    "a" * 5000,
    "null",
    "%F0%9F%8E%AC",
]
STRANGE_VALUES: list[Any] = [
    None, True, "", "\0", "a" * 20_000, "🎬 %s {}", -1, 2**31, 2**63 - 1, 10**30, 1.5, [None], {},
]  # fmt: skip


@cache
def described() -> dict[str, Any]:
    """The document. Not made when this is imported: each worker would do that, and it takes a second."""
    return json.loads(document())


@cache
def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of all that can be asked."""
    return [
        (method, path, operation)
        for path, possible in described()["paths"].items()
        for method, operation in possible.items()
        if method in METHODS
    ]


class Complaints:
    """All that is wrong with the answers to many requests, told at once."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def look_at(self, answer: httpx.Response, asked: str, *, status: Collection[int] = range(200, 500)) -> None:
        """An answer must be one of `status`, and a proper problem where it is none of success."""
        wrong = None
        if answer.status_code not in status:
            wrong = "unexpected status"
        elif answer.status_code >= 400:
            wrong = _no_problem(answer)
        if wrong:
            self.heard.append(f"{asked[:160]}: {wrong}: {answer.status_code} {answer.text[:300]}")


def _no_problem(answer: httpx.Response) -> str | None:
    if answer.headers["content-type"] != "application/problem+json":
        return "no problem"
    problem = answer.json()
    if problem["status"] != answer.status_code or not problem["type"].startswith("urn:mediastead:problem:"):
        return "wrong status or type inside"
    if not (problem["title"] and problem["detail"]):
        return "no title or detail"
    return None if problem["instance"].endswith(answer.headers["x-request-id"]) else "another request's id"


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    complaints = Complaints()
    yield complaints
    assert not complaints.heard, f"{len(complaints.heard)} complaints:\n" + "\n".join(complaints.heard[:40])


@pytest.fixture
async def lived_in(
    app: Litestar, client: httpx.AsyncClient, database: Database, clock: SetClock, tmp_path: Path
) -> None:
    """Something under id 1 of everything, so that strange values reach more than the look for what they are about."""
    app.state.running.stopping.set()  # so that streams of events end at once
    root = tmp_path / "films"
    root.mkdir()
    for name in ("The.Matrix.1999.mkv", "Nothing that anybody knows.mkv"):
        (root / name).touch()
    added = await client.post("/v1/libraries", json={"root": str(root), "name": "films", "kind": "movies"})
    assert added.status_code == 201, added.text
    assert (await client.post("/v1/libraries/1/scans")).status_code == 202
    await ScanRunner(database, clock, Wake()).run_queued()
    clock.moment = clock.moment.replace(year=2027)
    identifier = Identifier(database, clock, ParserWithoutWorkers(), BundledCatalogue(), Wake(), threshold=0.9)
    await identifier.batch(1)
    assert len((await client.get("/v1/unmatched-files")).json()["items"]) == 1
    assert len((await client.get("/v1/items")).json()["items"]) == 1
    assert (await client.post("/v1/replays", json={})).status_code == 202
    assert (await client.post("/v1/organizings", json={"library_id": 1})).status_code == 202


def with_ids(path: str, given: str = "1") -> str:
    parts = path.split("/")
    return "/".join(given if part.startswith("{") else part for part in parts)


def example(schema: dict[str, Any]) -> Any:
    """A body that a schema allows, with all that it may have."""
    if "$ref" in schema:
        return example(described()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return example(next(one for one in schema[several] if one.get("type") != "null"))
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: example(one) for name, one in schema.get("properties", {}).items()}
        case "array" if "prefixItems" in schema:
            return [example(one) for one in schema["prefixItems"]]
        case "array":
            return [example(schema["items"])]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string" if schema.get("format") == "date":
            return "2020-01-01"
        case _:
            return "words"


def leaves(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(body, dict):
        for key, value in body.items():
            yield from leaves(value, (*path, key))
    elif isinstance(body, list) and body:
        yield from leaves(body[0], (*path, 0))


def replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(body)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


def bodies() -> Iterator[tuple[str, str, Any]]:
    """Method, path and an allowed body of every route that takes one."""
    for method, path, operation in operations():
        if "requestBody" in operation:
            yield method, path, example(operation["requestBody"]["content"]["application/json"]["schema"])


def test_the_document_has_every_route_of_the_api(app: Litestar) -> None:
    told = {(method.upper(), path) for method, path, _ in operations()}
    served = {
        (method, route.path_format)
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/v1")
        for handler in handlers_of(route)
        for method in getattr(handler, "http_methods", ())
    }
    assert served == {(method, path) for method, path in told if path.startswith("/v1")}
    assert len(served) > 30


def test_every_route_declares_its_permission(app: Litestar) -> None:
    for route in app.routes:
        for handler in handlers_of(route):
            assert declared_permission(handler) is not None, route.path


async def test_strange_ids_are_not_found(client: httpx.AsyncClient, lived_in: None, complaints: Complaints) -> None:
    for method, path, operation in operations():
        for strange in STRANGE_IDS if "{" in path else ():
            body = {} if "requestBody" in operation else None
            answer = await client.request(method, with_ids(path, strange), json=body)
            complaints.look_at(answer, f"{method} {with_ids(path, strange)}", status=(400, 404, 409))


async def test_strange_parameters_are_refused_or_find_nothing(
    client: httpx.AsyncClient, lived_in: None, complaints: Complaints
) -> None:
    for method, path, operation in operations():
        for parameter in operation.get("parameters", ()):
            for words in STRANGE_WORDS if parameter["in"] == "query" else ():
                asked = f"{with_ids(path)}?{parameter['name']}={words}"
                complaints.look_at(await client.request(method, asked), f"{method} {asked}")


async def test_unknown_parameters_are_refused(
    client: httpx.AsyncClient, lived_in: None, complaints: Complaints
) -> None:
    for method, path, _ in operations():
        answer = await client.request(method, with_ids(path), params={"limti": "3"})
        complaints.look_at(answer, f"{method} {path}", status=[400])
    assert "did you mean 'limit'?" in (await client.get("/v1/media-files?limti=3")).json()["detail"]


async def test_strange_bodies_are_refused(client: httpx.AsyncClient, lived_in: None, complaints: Complaints) -> None:
    tried = 0
    for method, path, allowed in bodies():
        for leaf in leaves(allowed):
            for value in STRANGE_VALUES:
                answer = await client.request(method, with_ids(path), json=replaced(allowed, leaf, value))
                complaints.look_at(answer, f"{method} {path} with {leaf} = {str(value)[:40]!r}")
                tried += 1
    assert tried > 500


RAW_BODIES = [
    b"", b"{", b"nothing", b'{"a": "\xff\xfe"}', b'{"a": "\\ud800"}', b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b'{"a": ' + b"9" * 5000 + b"}", b"NaN", b'{"a": 1e999}', b"\xef\xbb\xbf{}",
]  # fmt: skip


async def test_bodies_that_are_no_json_are_refused(
    client: httpx.AsyncClient, lived_in: None, complaints: Complaints
) -> None:
    for method, path, _ in bodies():
        for raw in RAW_BODIES:
            answer = await client.request(method, with_ids(path), content=raw)
            complaints.look_at(answer, f"{method} {path} with {raw[:30]!r}", status=[400])


async def test_oversized_bodies_are_refused_with_and_without_a_length(
    client: httpx.AsyncClient, complaints: Complaints
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 65536 + 1):
            await asyncio.sleep(0)
            yield b" " * 65536

    for method, path, _ in bodies():
        for content in (b" " * (MAX_BODY_BYTES + 1), chunks()):
            answer = await client.request(method, with_ids(path), content=content)
            complaints.look_at(answer, f"{method} {path}", status=[413])


async def test_other_methods_are_refused_with_those_that_are_possible(
    client: httpx.AsyncClient, complaints: Complaints
) -> None:
    for path, here in described()["paths"].items():
        possible = {each.upper() for each in here if each in METHODS}
        for method in METHODS:
            if method not in here:
                answer = await client.request(method, with_ids(path))
                complaints.look_at(answer, f"{method} {path}", status=[405])
                assert possible <= set(answer.headers["allow"].split(", "))


async def test_garbage_cursors_are_refused(client: httpx.AsyncClient, lived_in: None, complaints: Complaints) -> None:
    lists = [path for _, path, asks in operations() if any(p["name"] == "cursor" for p in asks.get("parameters", ()))]
    assert len(lists) >= 6
    for path in lists:
        for cursor in ("W10", "WzFd", "WyJhIiwxXQ", "WzFlMzAwLDFd", "WyJcdTAwMDAiLDFd", "%ff"):
            complaints.look_at(await client.get(f"{with_ids(path)}?cursor={cursor}"), f"{path} {cursor[:20]}")
        for cursor in ("x", "W" * 9000):
            answer = await client.get(f"{with_ids(path)}?cursor={cursor}")
            complaints.look_at(answer, f"{path} {cursor[:20]}", status=[400])


async def test_invalid_utf8_in_a_path_is_not_found(client: httpx.AsyncClient, complaints: Complaints) -> None:
    for path in ("/%ff", "/v1/%ff%fe", "/v1/libraries/%c3%28", "/v1/%ED%A0%80"):
        complaints.look_at(await client.get(path), path, status=[404])
