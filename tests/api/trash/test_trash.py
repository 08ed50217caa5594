"""The trash over HTTP: looked at page by page, put back, emptied."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.disk.marker import TRASH_NAME
from mediastead.trash.models import Trashed, TrashState

from ...db.organizing.house import House, make_house

PATH = "/v1/trash"


@pytest.fixture
async def house(database: Database, clock: SetClock, tmp_path: Path) -> House:
    """Three files of one library in the trash."""
    house = await make_house(database, clock, tmp_path / "media")
    house.put("a.mkv", "b.mkv", "c.mkv")
    await house.shelf.scan()
    await house.trash("a.mkv", "b.mkv", "c.mkv")
    return house


async def ask(client: httpx.AsyncClient, method: str, path: str, status: int, body: Any = None) -> dict[str, Any]:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_the_trash_is_looked_at_page_by_page_and_one_thing_put_back(
    client: httpx.AsyncClient, house: House
) -> None:
    first = await ask(client, "GET", f"{PATH}?limit=2", 200)
    rest = await ask(client, "GET", f"{PATH}?limit=2&cursor={first['next']}", 200)
    rows = first["items"] + rest["items"]
    assert [row["path"] for row in rows] == ["c.mkv", "b.mkv", "a.mkv"]
    kept = datetime.fromisoformat(rows[0]["keep_until"]) - datetime.fromisoformat(rows[0]["at"])
    assert kept == timedelta(days=30)
    home = house.shelf.root / "c.mkv"
    home.write_bytes(b"another one")
    occupied = await ask(client, "POST", f"{PATH}/{rows[0]['id']}/put-back?dry_run=true", 409)
    assert occupied["detail"] == (await ask(client, "POST", f"{PATH}/{rows[0]['id']}/put-back", 409))["detail"]
    home.unlink()
    could = await ask(client, "POST", f"{PATH}/{rows[0]['id']}/put-back?dry_run=true", 200)
    assert (could["state"], home.exists()) == ("in_trash", False)
    back = await ask(client, "POST", f"{PATH}/{rows[0]['id']}/put-back", 200)
    assert (back["state"], back["keep_until"]) == ("put_back", None)
    assert "c.mkv" in house.disk()
    twice = await ask(client, "POST", f"{PATH}/{rows[0]['id']}/put-back", 409)
    assert twice["type"].endswith("cannot-put-back")
    assert [row["path"] for row in (await ask(client, "GET", PATH, 200))["items"]] == ["b.mkv", "a.mkv"]
    assert len((await ask(client, "GET", f"{PATH}?all=true&library={house.shelf.library_id}", 200))["items"]) == 3
    await ask(client, "POST", f"{PATH}/99/put-back", 404)
    await ask(client, "POST", f"{PATH}/99/put-back?dry_run=true", 404)


async def test_the_trash_is_emptied_of_some_or_of_all(client: httpx.AsyncClient, house: House) -> None:
    newest, *_ = (await ask(client, "GET", PATH, 200))["items"]
    assert (await ask(client, "POST", f"{PATH}/empty", 200, {"ids": [newest["id"]]})) == {
        "deleted": 1,
        "bytes": newest["size"],
        "left": 0,
    }
    assert (await ask(client, "POST", f"{PATH}/empty", 200, {"library_id": 99}))["deleted"] == 0
    await ask(client, "POST", f"{PATH}/empty", 404, {"ids": [newest["id"]]})
    assert (await ask(client, "POST", f"{PATH}/empty", 200, {"dry_run": True}))["deleted"] == 2
    assert (await ask(client, "POST", f"{PATH}/empty", 200, {}))["deleted"] == 2
    assert house.disk() == {}
    assert (await ask(client, "GET", PATH, 200))["items"] == []


async def test_a_dry_run_counts_what_is_gone_already_as_emptying_does(
    client: httpx.AsyncClient, house: House, database: Database
) -> None:
    """One thing was being deleted when a process ended, one was taken away by somebody else."""
    rows = (await ask(client, "GET", PATH, 200))["items"]
    async with database.write() as session:
        deleting = update(Trashed).where(Trashed.id == rows[0]["id"]).values(state=TrashState.DELETING)
        await session.execute(deleting)
    for name in ("c.mkv", "b.mkv"):
        (lying,) = house.shelf.root.rglob(f"{TRASH_NAME.decode()}/**/*{name}*")
        lying.unlink()
    would = await ask(client, "POST", f"{PATH}/empty", 200, {"dry_run": True})
    assert would == await ask(client, "POST", f"{PATH}/empty", 200, {})
    assert (would["deleted"], would["left"]) == (2, 1)
