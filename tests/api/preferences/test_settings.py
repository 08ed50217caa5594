"""Settings over HTTP: seen by all means but the secret ones, changed where that is possible."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from mediastead.app import create_app
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.preferences.live import LiveSettings
from mediastead.preferences.service import effective
from mediastead.settings import SETTINGS, Settings, Source
from mediastead.settings_read import load_settings

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """A test that changes the level of the logs does so for the process."""
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)


async def seen(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    answer = await client.get("/v1/settings")
    assert answer.status_code == 200
    return {setting["key"]: setting for setting in answer.json()["settings"]}


async def test_every_setting_is_shown_with_value_source_and_description(client: httpx.AsyncClient) -> None:
    settings = await seen(client)
    assert list(settings) == list(SETTINGS)
    assert settings["port"] | {"description": ""} == {
        "key": "port", "value": 8484, "source": "default", "editable": False, "allowed": "a whole number from 0 to 65535",
        "description": "",
    }  # fmt: skip
    assert settings["data_dir"]["source"] == "environment"
    assert all(setting["description"] for setting in settings.values())


async def test_a_secret_is_shown_as_set_or_not_and_never_itself(client: httpx.AsyncClient) -> None:
    before = (await seen(client))["tmdb_api_key"]
    assert before["set"] is False and "value" not in before
    answer = await client.patch("/v1/settings", json={"tmdb_api_key": KEY})
    assert answer.status_code == 200
    assert KEY not in answer.text
    after = (await seen(client))["tmdb_api_key"]
    assert (after["set"], after["source"]) == (True, "app") and "value" not in after


async def test_the_password_of_the_database_is_masked(client: httpx.AsyncClient, settings: Settings) -> None:
    shown = (await seen(client))["database_url"]["value"]
    assert ":***@" in shown if "@" in settings.database_url else shown == settings.database_url


async def test_a_change_holds_at_once_and_null_takes_it_back(client: httpx.AsyncClient) -> None:
    await client.patch("/v1/settings", json={"language": "de-DE", "auto_match_threshold": 0.9})
    changed = await seen(client)
    assert (changed["language"]["value"], changed["language"]["source"]) == ("de-DE", "app")
    assert changed["auto_match_threshold"]["value"] == 0.9
    await client.patch("/v1/settings", json={"language": None})
    back = await seen(client)
    assert (back["language"]["value"], back["language"]["source"]) == ("en-US", "default")
    assert back["auto_match_threshold"]["value"] == 0.9


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"langauge": "de"}, 400, "'language'"),
        ({"language": "german"}, 400, "such as en-US or de"),
        ({"auto_match_threshold": 97}, 400, "from 0.5 to 1"),
        ({"tmdb_api_key": 7}, 400, "a key of 32 digits"),
        ({"port": 9999}, 409, "MEDIASTEAD_PORT"),
        ({"port": None}, 409, "MEDIASTEAD_PORT"),
    ],
)
async def test_what_cannot_be_changed_so_is_refused_and_nothing_of_it_is_stored(
    client: httpx.AsyncClient, change: dict[str, Any], status: int, words: str
) -> None:
    answer = await client.patch("/v1/settings", json={"scan_interval_minutes": 99} | change)
    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert (await seen(client))["scan_interval_minutes"]["source"] == "default"


async def test_what_environment_or_file_say_is_not_changed_here(
    tmp_path: Path, database: Database, database_url: str, clock: SetClock
) -> None:
    file = tmp_path / "mediastead.yaml"
    file.write_text("auto_match_threshold: 0.8\n")
    environ = {
        "MEDIASTEAD_DATA_DIR": str(tmp_path),
        "MEDIASTEAD_DATABASE_URL": database_url,
        "MEDIASTEAD_LANGUAGE": "fr",
        "MEDIASTEAD_METADATA": "bundled",
    }
    app = create_app(load_settings(environ, file), database=database, clock=clock, background="none")
    transport = httpx.ASGITransport(cast(Any, app))
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        by_environment = await client.patch("/v1/settings", json={"language": "de"})
        assert by_environment.status_code == 409
        assert "MEDIASTEAD_LANGUAGE" in by_environment.json()["detail"]
        by_file = await client.patch("/v1/settings", json={"auto_match_threshold": 0.9})
        assert by_file.status_code == 409
        assert "file" in by_file.json()["detail"]


async def test_environment_and_file_come_before_what_was_changed(
    client: httpx.AsyncClient, database: Database, settings: Settings
) -> None:
    await client.patch("/v1/settings", json={"language": "de", "scan_interval_minutes": 60})
    said = load_settings({"MEDIASTEAD_LANGUAGE": "fr"})
    async with database.read() as session:
        merged = await effective(session, said)
    assert (merged.language, merged.source("language")) == ("fr", Source.ENVIRONMENT)
    assert (merged.scan_interval_minutes, merged.source("scan_interval_minutes")) == (60, Source.APP)


async def test_a_stored_value_that_this_version_does_not_take_is_ignored(
    client: httpx.AsyncClient, database: Database
) -> None:
    await client.patch("/v1/settings", json={"language": "de"})
    async with database.write() as session:
        await session.execute(text("UPDATE app_setting SET value = '\"klingon\"'"))
        await session.execute(
            text("INSERT INTO app_setting (key, value, updated_at) SELECT 'gone', value, updated_at FROM app_setting")
        )
    async with database.read() as session:
        merged = await effective(session, load_settings({}))
    assert (merged.language, merged.source("language")) == ("en-US", Source.DEFAULT)


async def test_a_change_is_told_to_others_without_its_value(client: httpx.AsyncClient, database: Database) -> None:
    await client.patch("/v1/settings", json={"tmdb_api_key": KEY})
    async with database.read() as session:
        events = (await session.execute(text("SELECT kind, data FROM event WHERE kind = 'setting.changed'"))).all()
    assert len(events) == 1
    assert "tmdb_api_key" in str(events[0]) and KEY not in str(events[0])


async def test_a_new_key_reaches_the_provider_that_runs(
    settings: Settings, database: Database, clock: SetClock
) -> None:
    app = create_app(settings, database=database, clock=clock, background="none")
    running = app.state.running
    async with app.lifespan():
        before = running.provider
        transport = httpx.ASGITransport(cast(Any, app))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await client.patch("/v1/settings", json={"tmdb_api_key": KEY})
        assert running.provider is not before
        assert running.settings.tmdb_api_key.reveal() == KEY


async def test_what_is_changed_on_another_server_is_noticed(
    client: httpx.AsyncClient, settings: Settings, database: Database
) -> None:
    other = LiveSettings(settings, database)
    heard: list[Settings] = []

    async def listen(now_in_force: Settings) -> None:
        heard.append(now_in_force)

    other.on_change(listen)
    await client.patch("/v1/settings", json={"language": "ja"})
    await other.reload()
    await other.reload()
    assert [each.language for each in heard] == ["ja"]


async def test_watching_ends_at_once_when_the_server_stops(settings: Settings, database: Database) -> None:
    stop = asyncio.Event()
    watching = asyncio.create_task(LiveSettings(settings, database).watch(stop))
    await asyncio.sleep(0)
    stop.set()
    async with asyncio.timeout(1):
        await watching


def test_the_application_refuses_to_listen_beyond_this_machine(app: Litestar, settings: Settings) -> None:
    from mediastead.settings import InvalidSetting

    environ = {"MEDIASTEAD_HOST": "0.0.0.0", "MEDIASTEAD_DATABASE_URL": settings.database_url}
    with pytest.raises(InvalidSetting, match="no accounts yet"):
        create_app(load_settings(environ))
