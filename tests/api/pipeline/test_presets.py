"""Presets over HTTP: those that came along, and those that people set."""

from typing import Any

import httpx
import msgspec

from mediastead.db.engine import Database
from mediastead.pipeline.stages.presets import BUILT_IN, PresetBody
from mediastead.pipeline.stages.service import preset_for, preset_named

PATH = "/v1/presets"
OWN: dict[str, Any] = {"video": {"codec": "h265", "crf": 26, "bits": 10}, "tracks": {"audio": ["de", "original"]}}


async def ask(client: httpx.AsyncClient, method: str, path: str, status: int, body: Any = None) -> Any:
    answer = await client.request(method, PATH + path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def names(client: httpx.AsyncClient) -> dict[str, bool]:
    return {row["name"]: row["built_in"] for row in (await ask(client, "GET", "", 200))["items"]}


async def test_presets_are_made_changed_and_removed_and_those_that_came_along_stay(client: httpx.AsyncClient) -> None:
    assert await names(client) == dict.fromkeys(BUILT_IN, True)
    made = await ask(client, "PUT", "/tv", 200, OWN)
    assert (made["actor"], made["built_in"], made["body"]["video"]["crf"]) == ("local", False, 26)
    again = await ask(client, "PUT", "/tv", 200, OWN)
    assert again == made
    changed = await ask(client, "PUT", "/tv", 200, OWN | {"subtitles": False})
    assert changed["hash"] != made["hash"]
    assert await ask(client, "GET", "/tv", 200) == changed
    assert await names(client) == {**dict.fromkeys(BUILT_IN, True), "tv": False}
    await ask(client, "DELETE", "/tv", 204)
    assert (await ask(client, "GET", "/tv", 404))["type"].endswith("no-such-preset")
    assert (await ask(client, "DELETE", "/tv", 404))["type"].endswith("no-such-preset")
    assert (await ask(client, "DELETE", "/h264", 409))["type"].endswith("preset-is-built-in")


async def test_a_preset_that_contradicts_itself_is_refused(client: httpx.AsyncClient) -> None:
    contradicts = {"video": {"codec": "h264", "crf": 20, "bitrate_kbps": 1000}}
    assert "leave one of them out" in (await ask(client, "PUT", "/x", 400, contradicts))["detail"]
    await ask(client, "PUT", "/x", 400, {"video": {"codec": "divx"}})
    await ask(client, "PUT", "/x", 400, {"video": {"codec": "h264"}, "speed": 1})
    await ask(client, "PUT", "/-x", 400, OWN)


async def test_whoever_refers_to_a_preset_goes_by_the_version_in_force(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.write() as session:
        told = await preset_named(session, "h264")
        assert await preset_named(session, "h264") == told
        assert await preset_for(session, None) == (told, BUILT_IN["h264"])
    await ask(client, "PUT", "/h264", 200, OWN)
    async with database.read() as session:
        in_force, body = await preset_for(session, told)
        assert (in_force != told, body) == (True, msgspec.convert(OWN, PresetBody))
    await ask(client, "DELETE", "/h264", 204)
    async with database.read() as session:
        assert (await preset_for(session, in_force))[1] == BUILT_IN["h264"]
        assert await preset_for(session, 10_000) == (None, BUILT_IN["h264"])
    await ask(client, "PUT", "/tv", 200, OWN)
    async with database.write() as session:
        own = await preset_named(session, "tv")
    await ask(client, "DELETE", "/tv", 204)
    async with database.read() as session:
        assert await preset_for(session, own) == (own, msgspec.convert(OWN, PresetBody))
