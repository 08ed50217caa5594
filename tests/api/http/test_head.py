"""HEAD is answered as GET is, without the body."""

import asyncio

import httpx
import pytest


@pytest.mark.parametrize(
    "path", ["/v1/libraries", "/v1/items?limit=1", "/healthz", "/openapi.json", "/v1/items/4711", "/nowhere"]
)
async def test_status_and_headers_are_those_of_get(client: httpx.AsyncClient, path: str):
    asked, told = await client.get(path), await client.head(path)
    assert (told.status_code, told.content) == (asked.status_code, b"")
    assert told.headers["content-type"] == asked.headers["content-type"]
    assert told.headers["content-length"] == asked.headers["content-length"]


async def test_the_head_of_an_endless_stream_ends(client: httpx.AsyncClient):
    told = await asyncio.wait_for(client.head("/v1/events"), 20)
    assert (told.status_code, told.content) == (200, b"")


async def test_what_cannot_be_read_cannot_be_asked_for_its_head(client: httpx.AsyncClient):
    assert (await client.head("/v1/items/remap")).status_code in (404, 405)
