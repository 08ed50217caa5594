"""What holds for every route, also one that is not written yet: tried with some that are added."""

import httpx
import pytest
from litestar import Litestar, get

from mediastead.app import make_routes
from mediastead.http.permissions import public, refuse_undeclared, undeclared_routes
from mediastead.http.problems import SafeResponse


@pytest.fixture
def routes() -> Litestar:
    """Of its own: the tests here add to them."""
    return make_routes()


async def test_a_mistake_of_ours_is_a_500_without_internals(app: Litestar, client: httpx.AsyncClient) -> None:
    @get("/broken", guards=[public])
    async def broken() -> None:
        raise ValueError("the password is hunter2")

    app.register(broken)
    answer = await client.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "hunter2" not in answer.text and "ValueError" not in answer.text
    assert answer.json()["instance"].endswith(answer.headers["x-request-id"])


async def test_half_a_character_in_a_name_becomes_a_replacement_character(
    app: Litestar, client: httpx.AsyncClient
) -> None:
    @get("/names", guards=[public])
    async def names() -> list[str]:
        return ["caf\udce9.mkv"]

    app.register(names)
    answer = await client.get("/names")
    assert (answer.status_code, answer.json()) == (200, ["caf\ufffd.mkv"])
    assert isinstance(app.response_class, type) and issubclass(app.response_class, SafeResponse)


async def test_a_route_that_declares_nothing_answers_nobody(app: Litestar, client: httpx.AsyncClient) -> None:
    @get("/forgotten")
    async def forgotten() -> str:
        return "secret"

    app.register(forgotten)
    answer = await client.get("/forgotten")
    assert answer.status_code == 403 and "secret" not in answer.text
    assert list(undeclared_routes(app)) == ["GET /forgotten"]
    assert refuse_undeclared in app.guards
