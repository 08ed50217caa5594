"""Discs over HTTP: read, listed, corrected, declared, rejected, begun again; and what makes no sense is refused."""

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from mediastead.db.engine import Database
from mediastead.pipeline.discs.models import DiscState

from ...db.pipeline.discs.disc_shelf import DiscShelf, a_disc
from ...db.pipeline.discs.test_discs import FIREFLY
from ...generators.dvd import MISSING, authored_once


@pytest.fixture
def shelf(database: Database) -> DiscShelf:
    return DiscShelf(database)


async def placed(shelf: DiscShelf) -> int:
    disc_id = await shelf.see(await shelf.host(), a_disc("one", 44, 44, 12, label="FIREFLY_S1_D1"))
    assert disc_id is not None
    await shelf.place(disc_id, await shelf.item(), FIREFLY, 1)
    return disc_id


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
async def test_an_image_is_read_when_a_person_asks(
    client: httpx.AsyncClient, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = tmp_path_factory.getbasetemp()
    dvd = authored_once(base.parent if base.name.startswith("popen-") else base, "dvd")
    shutil.copy(dvd / "disc.iso", tmp_path / "Game of Thrones S1 D1.iso")
    path = str(tmp_path / "Game of Thrones S1 D1.iso")
    shown: dict[str, Any] = (await client.post("/v1/discs/read", json={"path": path})).raise_for_status().json()
    assert (shown["disc"]["label"], shown["disc"]["source"], shown["disc"]["state"]) == (
        "FIREFLY_S1_D1",
        path,
        "pending",
    )
    assert [title["duration"] for title in shown["titles"]] == [12.0, 14.0, 26.0, 5.0]
    assert shown["titles"][0]["audio"] == ["en ac3 1", "de ac3 1 commentary"]
    # The catalogue that comes along has no Firefly, but what the file is called.
    assert shown["disc"]["guess"]["candidates"][0]["title"] == "Game of Thrones"
    assert shown["disc"]["guess"]["season"] == 1 and shown["disc"]["guess"]["number"] == 1
    again = (await client.post("/v1/discs/read", json={"path": path})).json()
    assert again["disc"]["id"] == shown["disc"]["id"]
    listed = (await client.get("/v1/discs", params={"inserted": True, "state": "pending"})).json()
    assert [disc["id"] for disc in listed["items"]] == [shown["disc"]["id"]]


async def test_what_is_no_disc_is_a_failed_one_that_says_what_to_do(client: httpx.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "film.iso").write_bytes(b"x" * 40_000)
    shown = (await client.post("/v1/discs/read", json={"path": str(tmp_path / "film.iso")})).json()
    assert shown["disc"]["state"] == "failed" and "install it" in shown["disc"]["error"]
    assert (await client.post("/v1/discs/read", json={"path": "film.iso"})).status_code == 400
    assert (await client.post("/v1/discs/read", json={"path": "/a\0b"})).status_code == 400


async def test_titles_are_corrected_and_the_rest_follows(client: httpx.AsyncClient, shelf: DiscShelf) -> None:
    disc_id = await placed(shelf)
    titles = (await client.get(f"/v1/discs/{disc_id}/titles")).json()
    assert [title["episodes"] for title in titles] == [[1], [2], []]
    changes = {"titles": [{"number": 1, "episodes": [5]}, {"number": 3, "selected": True}]}
    shown = (await client.patch(f"/v1/discs/{disc_id}/titles", json=changes)).raise_for_status().json()
    assert [title["episodes"] for title in shown["titles"]] == [[5], [6], []]
    assert [title["selected"] for title in shown["titles"]] == [True, True, True]
    for wrong in (
        {"titles": []},
        {"titles": [{"number": 1, "role": "hero"}]},
        {"titles": [{"number": 1, "colour": "red"}]},
        {"titles": [{"number": 1, "episodes": [2, 2]}]},
    ):
        assert (await client.patch(f"/v1/discs/{disc_id}/titles", json=wrong)).status_code == 400
    missing = await client.patch(f"/v1/discs/{disc_id}/titles", json={"titles": [{"number": 77, "selected": True}]})
    assert missing.status_code == 404 and missing.json()["type"].endswith("no-such-disc-title")


async def test_a_disc_is_rejected_and_begun_again(client: httpx.AsyncClient, shelf: DiscShelf) -> None:
    disc_id = await placed(shelf)
    rejected = (await client.post(f"/v1/discs/{disc_id}/reject", json={"words": "wrong"})).json()
    assert rejected["disc"]["state"] == "rejected" and rejected["disc"]["error"] == "rejected by local: wrong"
    again = (await client.post(f"/v1/discs/{disc_id}/again")).json()
    assert (again["disc"]["state"], again["disc"]["error"]) == ("pending", None)
    await shelf.set_disc(disc_id, state=DiscState.RIPPING)
    ejected = await client.post(f"/v1/discs/{disc_id}/eject")
    assert ejected.status_code == 409 and "being ripped" in ejected.json()["detail"]


async def test_a_label_is_one_line_whoever_wrote_it(client: httpx.AsyncClient, shelf: DiscShelf) -> None:
    item = await shelf.item()
    for number, label, kept in ((1, "FIREFLY\n S1\x1b[2J\t D1 ", "FIREFLY S1 [2J D1"), (2, "\r\n", None)):
        declared = await client.post("/v1/discs", json={"item_id": item, "number": number, "label": label})
        assert (declared.status_code, declared.json()["disc"]["label"]) == (201, kept)
    disc_id = await shelf.see(None, a_disc("one", 44, label="FIREFLY\nS1"))
    assert (await client.get(f"/v1/discs/{disc_id}")).json()["disc"]["label"] == "FIREFLY S1"


async def test_discs_are_declared_one_an_item_and_number(client: httpx.AsyncClient, shelf: DiscShelf) -> None:
    item = await shelf.item()
    declared = await client.post("/v1/discs", json={"item_id": item, "number": 2, "state": "ripped"})
    assert declared.status_code == 201 and declared.json()["disc"]["state"] == "ripped"
    assert declared.json()["notes"] == []
    twice = await client.post("/v1/discs", json={"item_id": item, "number": 2})
    disc_id = declared.json()["disc"]["id"]
    assert twice.status_code == 409 and f"mediastead discs reject {disc_id}" in twice.json()["detail"]
    ripped = await client.post(f"/v1/discs/{disc_id}/reject", json={})
    assert ripped.status_code == 409 and f"`mediastead discs again {disc_id}` first" in ripped.json()["detail"]
    assert (await client.post("/v1/discs", json={"item_id": item, "number": 3, "state": "ripping"})).status_code == 400
    assert (await client.post("/v1/discs", json={"item_id": 99, "number": 1})).status_code == 404
    eject = await client.post(f"/v1/discs/{declared.json()['disc']['id']}/eject")
    assert eject.status_code == 409 and "no drive" in eject.json()["detail"]


async def test_a_disc_gets_the_number_that_a_person_says(client: httpx.AsyncClient, shelf: DiscShelf) -> None:
    disc_id = await shelf.see(await shelf.host(), a_disc("one", 44, 44, 44))
    assert disc_id is not None
    assert (await client.patch(f"/v1/discs/{disc_id}", json={"number": 2})).status_code == 409
    await shelf.place(disc_id, await shelf.item(), FIREFLY)
    shown = (await client.patch(f"/v1/discs/{disc_id}", json={"number": 2})).raise_for_status().json()
    assert shown["disc"]["number"] == 2 and shown["titles"][0]["episodes"] == [4]


async def test_a_disc_that_is_not_there(client: httpx.AsyncClient) -> None:
    for method, path in (("GET", ""), ("GET", "/titles"), ("POST", "/again"), ("POST", "/eject")):
        answer = await client.request(method, f"/v1/discs/4{path}")
        assert answer.status_code == 404 and "list /v1/discs" in answer.json()["detail"]
