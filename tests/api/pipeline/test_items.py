"""Pipeline items and approvals over HTTP."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import structs
from sqlalchemy import insert, update

from mediastead.catalog.types import ItemType as MediaType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.libraries.models import Library, LibraryKind
from mediastead.pipeline.discs.guess import Candidate, Guess
from mediastead.pipeline.discs.models import Disc, DiscState
from mediastead.pipeline.discs.stored import as_json
from mediastead.pipeline.flow import advance
from mediastead.pipeline.items.models import ItemState, PipelineItem
from mediastead.pipeline.jobs.models import JobState, Stage
from mediastead.pipeline.jobs.roots import prepare_roots

from ...db.organizing.house import make_house
from ...db.pipeline.firefly import look
from ...db.pipeline.making import a_disc, change_title, titles_of
from ...db.pipeline.working import RULES, end, open_jobs, set_job, settle_all, take

ITEMS, APPROVALS = "/v1/pipeline-items", "/v1/approvals"
MATRIX = {"type": "movie", "tmdb_id": 603}


@pytest.fixture
async def library_id(database: Database, clock: SetClock) -> int:
    row = {
        "name": "Films",
        "root": b"/media/films",
        "kind": LibraryKind.MOVIES,
        "exclude_patterns": [],
        "created_at": clock.now(),
    }
    async with database.write() as session:
        return (await session.execute(insert(Library).returning(Library.id), row)).scalar_one()


async def ask(client: httpx.AsyncClient, method: str, path: str, status: int, body: Any = None) -> Any:
    answer = await client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_an_item_is_made_of_a_title_of_the_provider_and_linked_to_it(
    client: httpx.AsyncClient, library_id: int, tmp_path: Path
) -> None:
    made = await ask(client, "POST", ITEMS, 201, {**MATRIX, "library_id": library_id, "preset": "h265"})
    item = made["item"]
    assert (item["name"], item["year"], item["state"], item["library"]) == ("The Matrix", 1999, "new", "Films")
    assert item["approvals"] == ["disc_preview"]
    assert item["folder"] == str(tmp_path / "data" / "staging" / "The Matrix (1999)")
    title = await ask(client, "GET", f"/v1/items/{item['media_item_id']}", 200)
    assert title["tmdb_id"] == 603
    twice = await ask(client, "POST", ITEMS, 409, MATRIX)
    assert twice["type"].endswith("pipeline-item-exists") and twice["item_id"] == item["id"]
    assert [row["id"] for row in (await ask(client, "GET", ITEMS, 200))["items"]] == [item["id"]]


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"name": "X"}, 400, "invalid-pipeline-item"),
        ({"type": "movie"}, 400, "invalid-pipeline-item"),
        ({"tmdb_id": 603}, 400, "invalid-pipeline-item"),
        ({"item_id": 99}, 400, "invalid-pipeline-item"),
        ({"type": "series", "name": "X", "library_id": 1}, 400, "invalid-pipeline-item"),
        ({"type": "movie", "name": "X", "library_id": 99}, 400, "invalid-pipeline-item"),
        ({"type": "movie", "name": "X", "preset": "no such"}, 404, "no-such-preset"),
        ({"type": "movie", "name": "X", "disc_id": 99}, 404, "no-such-disc"),
        ({"type": "movie", "name": "X", "tmdb": 1}, 400, "invalid-request"),
        ({"type": "movie", "name": "X", "disc_number": 2}, 400, "invalid-pipeline-item"),
        ({"disc_id": 99}, 404, "no-such-disc"),
    ],
)
async def test_what_no_item_can_be_made_of_is_refused_and_nothing_is_left_of_it(
    client: httpx.AsyncClient, library_id: int, body: dict[str, Any], status: int, slug: str
) -> None:
    problem = await ask(client, "POST", ITEMS, status, body)
    assert problem["type"].endswith(slug), problem
    assert (await ask(client, "GET", f"{ITEMS}?all=true", 200))["items"] == []


async def test_an_item_is_made_of_a_disc_that_is_surely_known_and_else_is_told_what_it_may_be(
    client: httpx.AsyncClient, database: Database, clock: SetClock
) -> None:
    matrix = Candidate(type=MediaType.MOVIE, tmdb_id=603, title="The Matrix", year=1999, probability=0.97)
    other = Candidate(type=MediaType.MOVIE, tmdb_id=604, title="The Matrix Reloaded", year=2003, probability=0.001)
    unsure = Guess(type=MediaType.MOVIE, title="The Matrix", candidates=(matrix, other), guessed=True)
    disc_id = await a_disc(database, clock, None, number=None, guess=as_json(unsure))
    refused = await ask(client, "POST", ITEMS, 400, {"disc_id": disc_id})
    assert "The Matrix (1999) (type movie, tmdb_id 603)" in refused["detail"]
    assert "Reloaded" not in refused["detail"]
    async with database.write() as session:
        await session.execute(update(Disc).values(guess=as_json(structs.replace(unsure, sure=True))))
    made = await ask(client, "POST", ITEMS, 201, {"disc_id": disc_id})
    assert (made["item"]["name"], made["item"]["year"], made["discs"][0]["id"]) == ("The Matrix", 1999, disc_id)


async def test_who_makes_it_twice_is_told_which_season_and_edition_that_is_and_a_name_is_one_line(
    client: httpx.AsyncClient,
) -> None:
    body = {"type": "series", "name": "Fire\nfly", "season": 1, "edition": "Uncut"}
    assert (await ask(client, "POST", ITEMS, 201, body))["item"]["name"] == "Fire fly"
    again = await ask(client, "POST", ITEMS, 409, {**body, "name": "Fire fly"})
    assert "Fire fly, season 1, Uncut is being made already" in again["detail"]


async def test_a_disc_is_previewed_changed_and_approved_then_started_skipped_cancelled_and_given_up(
    client: httpx.AsyncClient, database: Database, clock: SetClock, library_id: int
) -> None:
    disc_id = await a_disc(database, clock, None, number=None)
    made = await ask(client, "POST", ITEMS, 201, {**MATRIX, "library_id": library_id, "disc_id": disc_id})
    item_id = made["item"]["id"]
    path = f"{ITEMS}/{item_id}"
    (question,) = (await ask(client, "GET", APPROVALS, 200))["items"]
    assert (question["kind"], question["item_id"], question["prompt"]["disc"]["number"]) == ("disc_preview", item_id, 1)
    assert made["item"]["pending_approvals"] == [question["id"]]
    refused = await ask(client, "POST", f"{path}/start", 409, {})
    assert "preview of disc 1 is to be approved" in refused["detail"]

    answer = f"{APPROVALS}/{question['id']}/answer"
    await ask(client, "POST", answer, 400, {"decision": "reject"})
    await ask(client, "POST", answer, 404, {"decision": "approve", "changes": {"titles": [{"number": 9}]}})
    changes = {"titles": [{"number": 1, "role": "feature"}, {"number": 2, "selected": False}]}
    answered = await ask(client, "POST", answer, 200, {"decision": "approve", "changes": changes})
    assert (answered["state"], answered["actor"], answered["response"]) == ("approved", "local", changes)
    twice = await ask(client, "POST", answer, 409, {"decision": "approve"})
    assert twice["type"].endswith("approval-answered")

    begun = await ask(client, "POST", f"{path}/start", 200, {})
    assert [(job["stage"], job["state"]) for job in begun["item"]["jobs"]] == [("rip", "queued")]
    await ask(client, "POST", f"{path}/skip", 409, {"stage": "organize"})
    skipped = await ask(client, "POST", f"{path}/skip", 200, {"stage": "transcode"})
    assert skipped["item"]["skips"] == ["transcode"]
    cancelled = await ask(client, "POST", f"{path}/cancel", 200)
    assert cancelled["jobs"] == begun["jobs"]
    changed = await ask(client, "PATCH", path, 200, {"automatic": True, "approvals": []})
    assert (changed["item"]["automatic"], changed["item"]["approvals"]) == (True, [])
    over = await ask(client, "POST", f"{path}/give-up", 200, {"words": "scratched"})
    assert (over["item"]["given_up"], over["transitions"][-1]["notes"]) == (True, "scratched")
    await ask(client, "POST", f"{path}/start", 409, {})
    assert (await ask(client, "GET", ITEMS, 200))["items"] == []
    assert len((await ask(client, "GET", f"{ITEMS}?all=true&states=new", 200))["items"]) == 1
    await ask(client, "GET", f"{ITEMS}/99", 404)
    await ask(client, "GET", f"{APPROVALS}/99", 404)


async def test_what_is_said_of_a_disc_shows_in_what_its_item_asks_at_once(
    client: httpx.AsyncClient, database: Database, clock: SetClock
) -> None:
    disc_id = await a_disc(database, clock, None, number=None)
    await ask(client, "POST", ITEMS, 201, {"type": "movie", "name": "Alien", "disc_id": disc_id})

    async def asked() -> list[Any]:
        prompts = [row["prompt"] for row in (await ask(client, "GET", APPROVALS, 200))["items"]]
        return [[title["selected"] for title in prompt["titles"]] for prompt in prompts]

    assert len(await asked()) == 1
    await ask(client, "PATCH", f"/v1/discs/{disc_id}/titles", 200, {"titles": [{"number": 1, "selected": True}]})
    await ask(client, "PATCH", f"/v1/discs/{disc_id}/titles", 200, {"titles": [{"number": 2, "selected": False}]})
    assert await asked() == [[True, False]]
    await ask(client, "POST", f"/v1/discs/{disc_id}/reject", 200, {"words": "the wrong one"})
    assert await asked() == []
    await ask(client, "POST", f"/v1/discs/{disc_id}/again", 200)
    assert await asked() == [[True, False]]
    other = {"type": "movie", "name": "Heat", "disc_id": disc_id}
    taken = await ask(client, "POST", ITEMS, 409, other)
    assert f"discs reject {disc_id}" in taken["detail"]
    await ask(client, "POST", f"/v1/discs/{disc_id}/reject", 200, {})
    made = await ask(client, "POST", ITEMS, 201, other)
    assert [(disc["state"], disc["error"]) for disc in made["discs"]] == [("pending", None)]


async def test_what_is_corrected_of_a_title_stands_in_the_folder_of_its_item_at_once(
    client: httpx.AsyncClient, database: Database, clock: SetClock, tmp_path: Path
) -> None:
    disc_id = await a_disc(database, clock, None, number=None, state=DiscState.RIPPED)
    item = await ask(client, "POST", ITEMS, 201, {"type": "movie", "name": "Alien", "disc_id": disc_id})
    for title_id in (1, 2):
        await change_title(database, title_id, done="rip", file=b"/staging/%d.mkv" % title_id)
    async with database.write() as session:
        await session.execute(update(PipelineItem).values(state=ItemState.RIPPED))
    prepare_roots([str(tmp_path / "data" / "staging")])
    for role in ("extra", "feature"):
        await ask(client, "PATCH", f"/v1/discs/{disc_id}/titles", 200, {"titles": [{"number": 2, "role": role}]})
        kept = Path(item["item"]["folder"], ".pipeline", "metadata.json")
        titles = json.loads(await asyncio.to_thread(kept.read_text))["discs"][0]["titles"]
        assert [title["role"] for title in titles if title["number"] == 2] == [role]
    await ask(client, "PATCH", f"/v1/discs/{disc_id}/titles", 200, {"titles": [{"number": 1, "selected": False}]})
    await ask(client, "PATCH", f"{ITEMS}/{item['item']['id']}", 200, {"approvals": ["organize_confirm"]})
    told = json.loads(await asyncio.to_thread(kept.read_text))
    assert [title["number"] for title in told["discs"][0]["titles"]] == [2]
    assert told["approvals"] == "organize_confirm"


async def test_files_of_a_library_become_items_one_a_film_and_those_that_cannot_say_why(
    client: httpx.AsyncClient, database: Database, clock: SetClock, tmp_path: Path
) -> None:
    house = await make_house(database, clock, tmp_path / "media")
    house.put("matrix.mkv", "other.mkv", "unknown.mkv")
    await house.shelf.scan()
    ids = await house.shelf.present()
    for name, tmdb_id in ((b"matrix.mkv", 603), (b"other.mkv", 550)):
        body = {"type": "movie", "tmdb_id": tmdb_id, "version": 1}
        await ask(client, "POST", f"/v1/media-files/{ids[name]}/match", 200, body)
    wanted = {"library_id": house.shelf.library_id, "preset": "h265", "file_ids": sorted(ids.values())}
    preview = await ask(client, "POST", f"{ITEMS}/from-files", 200, {**wanted, "preview": True})
    assert sorted(group["name"] for group in preview["groups"]) == ["Fight Club", "The Matrix"]
    assert (preview["items"], [each["path"] for each in preview["unused"]]) == ([], ["unknown.mkv"])
    assert (await ask(client, "GET", ITEMS, 200))["items"] == []

    made = await ask(client, "POST", f"{ITEMS}/from-files", 200, {**wanted, "automatic": True})
    assert [item["state"] for item in made["items"]] == ["remuxed", "remuxed"]
    again = await ask(client, "POST", f"{ITEMS}/from-files", 200, wanted)
    reasons = {each["path"]: each["reason"] for each in again["unused"]}
    assert again["items"] == [] and set(reasons) == {"matrix.mkv", "other.mkv", "unknown.mkv"}
    assert "being made anew already" in reasons["matrix.mkv"] and "being made anew already" in reasons["other.mkv"]
    item_id = next(item["id"] for item in made["items"] if item["name"] == "The Matrix")
    shown = await ask(client, "GET", f"{ITEMS}/{item_id}", 200)
    (title,) = shown["discs"][0]["titles"]
    assert (title["media_file_id"], title["done"]) == (ids[b"matrix.mkv"], "remux")
    assert title["file"] == str(tmp_path / "media" / "matrix.mkv")
    assert [job["stage"] for job in shown["jobs"]] == ["transcode"]
    assert [(row["from_state"], row["to_state"], row["notes"]) for row in shown["transitions"]] == [
        (None, "new", None),
        ("new", "ripped", "its files lie in a library"),
        ("ripped", "remuxed", "skipped"),
    ]
    filtered = {"library_id": house.shelf.library_id, "preset": "h265", "video_codec": "mpeg2", "preview": True}
    assert (await ask(client, "POST", f"{ITEMS}/from-files", 200, filtered))["groups"] == []
    await ask(client, "POST", f"{ITEMS}/from-files", 404, {"library_id": 99, "preset": "h265"})
    none = await ask(client, "POST", f"{ITEMS}/from-files", 200, {**wanted, "file_ids": [999]})
    assert [each["file_id"] for each in none["unused"]] == [999]


async def test_a_file_that_is_renamed_before_it_is_made_anew_is_found_where_it_lies_then(
    client: httpx.AsyncClient, database: Database, clock: SetClock, tmp_path: Path
) -> None:
    house = await make_house(database, clock, tmp_path / "media")
    house.put("matrix.mkv")
    await house.shelf.scan()
    ids = await house.shelf.present()
    body = {"type": "movie", "tmdb_id": 603, "version": 1}
    await ask(client, "POST", f"/v1/media-files/{ids[b'matrix.mkv']}/match", 200, body)
    wanted = {"library_id": house.shelf.library_id, "preset": "h265", "file_ids": list(ids.values()), "automatic": True}
    (item_id,) = [item["id"] for item in (await ask(client, "POST", f"{ITEMS}/from-files", 200, wanted))["items"]]
    (tmp_path / "media" / "matrix.mkv").rename(tmp_path / "media" / "The Matrix.mkv")
    await house.shelf.scan()
    assert await house.shelf.present() == {b"The Matrix.mkv": ids[b"matrix.mkv"]}
    async with database.write() as session:
        await advance(session, clock.now(), RULES, item_id)
    shown = await ask(client, "GET", f"{ITEMS}/{item_id}", 200)
    (job,) = shown["jobs"]
    now = str(tmp_path / "media" / "The Matrix.mkv")
    assert shown["discs"][0]["titles"][0]["file"] == now
    assert (await ask(client, "GET", f"/v1/stage-jobs/{job['id']}", 200))["input"] == now


async def test_a_file_that_is_renamed_while_it_is_made_anew_keeps_what_was_made_of_it_and_is_followed_where_that_failed(
    client: httpx.AsyncClient, database: Database, clock: SetClock, tmp_path: Path
) -> None:
    house = await make_house(database, clock, tmp_path / "media")
    house.put("matrix.mkv")
    await house.shelf.scan()
    ids = await house.shelf.present()
    body = {"type": "movie", "tmdb_id": 603, "version": 1}
    await ask(client, "POST", f"/v1/media-files/{ids[b'matrix.mkv']}/match", 200, body)
    wanted = {"library_id": house.shelf.library_id, "preset": "h265", "file_ids": list(ids.values()), "automatic": True}
    (item_id,) = [item["id"] for item in (await ask(client, "POST", f"{ITEMS}/from-files", 200, wanted))["items"]]
    (job,) = await open_jobs(database)
    await take(database, clock, job.id)
    (tmp_path / "media" / "matrix.mkv").rename(tmp_path / "media" / "The Matrix.mkv")
    await house.shelf.scan()
    await look(database, clock, item_id)
    # It is given back: the next try goes by where the file lies.
    await set_job(database, job.id, state=JobState.QUEUED)
    await look(database, clock, item_id)
    now = bytes(tmp_path / "media" / "The Matrix.mkv")
    assert [each.input for each in await open_jobs(database)] == [now]
    await take(database, clock, job.id)
    (tmp_path / "media" / "The Matrix.mkv").rename(tmp_path / "media" / "Matrix.mkv")
    await house.shelf.scan()
    await look(database, clock, item_id)
    await end(database, clock, job.id)
    await look(database, clock, item_id)
    await settle_all(database, clock)
    assert [title.done for title in await titles_of(database)] == [Stage.TRANSCODE]
    assert [each.stage for each in await open_jobs(database)] == [Stage.ORGANIZE]


async def test_what_is_only_looked_at_promises_nothing_that_is_refused_then(
    client: httpx.AsyncClient, database: Database, clock: SetClock, tmp_path: Path
) -> None:
    house = await make_house(database, clock, tmp_path / "media")
    house.put("matrix.mkv")
    await house.shelf.scan()
    ids = await house.shelf.present()
    body = {"type": "movie", "tmdb_id": 603, "version": 1}
    await ask(client, "POST", f"/v1/media-files/{ids[b'matrix.mkv']}/match", 200, body)
    made = await ask(client, "POST", ITEMS, 201, {"type": "movie", "tmdb_id": 603})
    item_id = made["item"]["id"]
    wanted = {"library_id": house.shelf.library_id, "preset": "h265", "file_ids": list(ids.values())}
    seen = await ask(client, "POST", f"{ITEMS}/from-files", 200, {**wanted, "preview": True})
    done = await ask(client, "POST", f"{ITEMS}/from-files", 200, wanted)
    assert seen["groups"] == done["groups"] == done["items"] == []
    assert seen["unused"] == done["unused"]
    assert f"The Matrix (1999) is being made already, as item {item_id}" in seen["unused"][0]["reason"]
    assert f"mediastead pipeline give-up {item_id}" in seen["unused"][0]["reason"]


async def test_of_two_titles_with_one_name_one_is_made_and_the_other_said_to_come_later(
    client: httpx.AsyncClient, database: Database, clock: SetClock, tmp_path: Path
) -> None:
    house = await make_house(database, clock, tmp_path / "media")
    house.put("matrix.mkv", "fan edit.mkv")
    await house.shelf.scan()
    ids = await house.shelf.present()
    by_hand = await ask(client, "POST", "/v1/items", 201, {"type": "movie", "title": "THE MATRIX", "year": 1999})
    for name, which in (
        (b"matrix.mkv", {"type": "movie", "tmdb_id": 603}),
        (b"fan edit.mkv", {"item_id": by_hand["id"]}),
    ):
        await ask(client, "POST", f"/v1/media-files/{ids[name]}/match", 200, {**which, "version": 1})
    wanted = {"library_id": house.shelf.library_id, "preset": "h265", "file_ids": sorted(ids.values())}
    seen = await ask(client, "POST", f"{ITEMS}/from-files", 200, {**wanted, "preview": True})
    done = await ask(client, "POST", f"{ITEMS}/from-files", 200, wanted)
    assert (len(seen["groups"]), len(done["items"])) == (1, 1)
    assert seen["unused"] == done["unused"]
    assert "It has the name of another title here" in done["unused"][0]["reason"]


async def test_what_the_database_lost_is_taken_up_and_what_is_in_its_library_is_cleared_away(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    ripped = tmp_path / "data" / "staging" / "Alien (1979)" / ".rip" / "3-1"
    ripped.mkdir(parents=True)
    (ripped / "Alien.mkv").write_bytes(b"film")
    found = await ask(client, "POST", f"{ITEMS}/recover", 200, {"dry_run": True})
    assert [(each["name"], each["item_id"], each["words"]) for each in found["items"]] == [
        ("Alien", None, "1 discs, 1 titles with files")
    ]
    assert (await ask(client, "GET", ITEMS, 200))["items"] == []
    (taken,) = (await ask(client, "POST", f"{ITEMS}/recover", 200, {}))["items"]
    shown = await ask(client, "GET", f"{ITEMS}/{taken['item_id']}", 200)
    assert (shown["item"]["name"], shown["item"]["year"], shown["item"]["state"]) == ("Alien", 1979, "ripped")
    assert (await ask(client, "POST", f"{ITEMS}/recover", 200, {}))["items"] == []
    refused = await ask(client, "POST", f"{ITEMS}/clear", 200, {"item_ids": [taken["item_id"]]})
    assert "still needed" in refused["items"][0]["words"]
    assert (await ask(client, "POST", f"{ITEMS}/clear", 200, {}))["items"] == []
    assert (ripped / "Alien.mkv").exists()
