"""Libraries with their counts, items with files and gaps, files with their story."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, update

from mediastead.catalog.types import ItemType
from mediastead.db.engine import Database
from mediastead.files.duplicates import note_alike
from mediastead.files.models import MediaFileState
from mediastead.files.types import Presence, Role, StreamKind
from mediastead.libraries.models import Scan, ScanOutcome, ScanPhase
from mediastead.metadata.facts import EpisodeFacts, ItemFacts, SeasonFacts
from mediastead.probing import Content, Stream
from mediastead.scanning.probes import Seen, keep_probes

from ...db.files.shelf import MATRIX, MOMENT, SIGNS, Shelf, ignored, series, sure, unsure


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


class Api:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, /, expected: Any = 200, **query: Any) -> dict[str, Any]:
        response = await self.client.get(path, params=query)
        assert response.status_code == expected, response.text
        return response.json()


@pytest.fixture
def api(client: httpx.AsyncClient) -> Api:
    return Api(client)


async def test_a_library_is_shown_with_counts_that_add_up(api: Api, shelf: Shelf, database: Database) -> None:
    films, empty = await shelf.library("Films"), await shelf.library("Empty")
    await shelf.folder(films, b"locked", gap_since=MOMENT, gap_reason="permission denied")
    await shelf.decide(await shelf.file(films, "a.mkv"), sure(SIGNS), SIGNS)
    await shelf.decide(await shelf.file(films, "gone.mkv", presence=Presence.MISSING), sure(SIGNS), SIGNS)
    locked = await shelf.file(films, "locked/b.mkv")
    await shelf.question(locked)
    await shelf.decide(await shelf.file(films, "c/d.mkv"), ignored(Role.EXTRA))
    await shelf.file(films, "new.mkv")
    await shelf.file(films, "growing.mkv", unsettled_since=MOMENT)
    await shelf.file(films, "forgotten.mkv", presence=Presence.MISSING, hidden=True)
    await a_scan(database, films)
    listed = await api.get("/v1/libraries")
    assert [each["name"] for each in listed["items"]] == ["Empty", "Films"]
    library = await api.get(f"/v1/libraries/{films}")
    assert library == listed["items"][1]
    counts = library["counts"]
    assert counts["by_presence"] == {"present": 4, "missing": 1, "unknown": 1}
    assert counts["by_identification"] == {"pending": 2, "matched": 1, "unmatched": 1, "dismissed": 0, "ignored": 1}
    assert sum(counts["by_identification"].values()) == 4 + 1
    assert counts["missing_by_identification"]["matched"] == 1
    assert counts["pending"] == {"total": 2, "settling": 1, "out_of_reach": 0, "waiting_for": None}
    assert library["last_scan"]["outcome"] == "completed_with_gaps"
    assert (library["root"], library["kind"]) == ("/media/Films", "mixed")
    nothing = await api.get(f"/v1/libraries/{empty}")
    assert nothing["counts"]["by_presence"] == {"present": 0, "missing": 0, "unknown": 0}
    assert nothing["last_scan"] is None
    unknown = await api.get(f"/v1/media-files/{locked}")
    assert (unknown["presence"], unknown["state"]["unknown_reason"]) == ("unknown", "permission denied")
    assert unknown["state"]["unknown_since"] is not None


async def a_scan(database: Database, library_id: int) -> None:
    asked = {"library_id": library_id, "trigger": "manual", "requested_by": "local", "requested_at": MOMENT}
    ended = {"phase": ScanPhase.FINISHED, "finished_at": MOMENT, "counts": {}, "gaps": [], "hidden": []}
    async with database.write() as session:
        for outcome in (ScanOutcome.COMPLETED, ScanOutcome.COMPLETED_WITH_GAPS):
            await session.execute(insert(Scan), asked | ended | {"outcome": outcome})


async def test_what_does_not_exist_is_not_found(api: Api) -> None:
    for path in ("libraries/{}", "items/{}", "items/{}/seasons", "media-files/{}"):
        await api.get("/v1/" + path.format(4711), expected=404)
        await api.get("/v1/" + path.format(2**63 - 1), expected=404)
        for absurd in (0, -1, 2**63, 2**70, "x", "1.5"):
            response = await api.client.get("/v1/" + path.format(absurd))
            assert response.status_code in (400, 404)
            assert response.headers["content-type"] == "application/problem+json"


async def test_senseless_queries_are_refused(api: Api) -> None:
    for path, query in (
        ("media-files", {"library": 2**70}),
        ("media-files", {"folder": -1}),
        ("media-files", {"item": "x"}),
        ("media-files", {"identification": "x"}),
        ("media-files", {"presence": "x"}),
        ("media-files", {"role": "x"}),
        ("media-files", {"sort": "x"}),
        ("media-files", {"limit": 0}),
        ("media-files", {"limit": 2**70}),
        ("media-files", {"cursor": "x"}),
        ("media-files", {"words": "x" * 201}),
        ("items", {"type": "book"}),
        ("items", {"sort": "size"}),
        ("items", {"library": 2**63}),
        ("imports", {"file": 2**63}),
        ("imports", {"method": "x"}),
        ("imports", {"success": "maybe"}),
        ("imports", {"cursor": "WzFd", "limit": 501}),
    ):
        response = await api.client.get(f"/v1/{path}", params=query)
        assert (response.status_code, response.json()["status"]) == (400, 400), (path, query)
    for words in ("\0", "%00", "\ud83d".encode("utf-8", "surrogatepass"), b"\xff\xfe", "'); DROP TABLE media_file;--"):
        for path in ("media-files", "items", "unmatched-files"):
            assert (await api.client.get(f"/v1/{path}", params={"words": words})).status_code in (200, 400)


async def test_imports_are_listed_newest_first_by_all_filters(api: Api, shelf: Shelf) -> None:
    library, other = await shelf.library("Films"), await shelf.library("Other")
    a, b = await shelf.file(library, "a.mkv"), await shelf.file(other, "b.mkv")
    await shelf.question(a)
    await shelf.decide(b, sure(SIGNS), SIGNS)
    await api.client.post(f"/v1/media-files/{a}/match", json={"type": "movie", "tmdb_id": 603, "version": 2})

    async def files(**query: Any) -> list[int]:
        return [each["file_id"] for each in (await api.get("/v1/imports", **query))["items"]]

    assert await files() == [a, b, a]
    assert await files(success="true") == [a, b]
    assert await files(success="false") == [a]
    assert await files(method="manual_match") == [a]
    assert await files(file=b) == [b]
    assert await files(library=library) == [a, a]
    page = await api.get("/v1/imports", limit=2)
    rest = await api.get("/v1/imports", limit=2, cursor=page["next"])
    assert ([each["file_id"] for each in rest["items"]], rest["next"]) == ([a], None)
    newest = page["items"][0]
    assert (newest["actor"], newest["source_path"]) == ("local", "/media/Films/a.mkv")
    assert newest["evidence"]["tmdb_id"] == 603


async def test_a_film_is_shown_with_versions_parts_and_extras(api: Api, shelf: Shelf) -> None:
    library = await shelf.library()
    for path, values in (
        ("Signs/Signs.mkv", {}),
        ("Signs/Signs.cd1.avi", {"part": 1}),
        ("Signs/Signs.cd1.mkv", {"part": 1}),
        ("Signs/Signs.cd3.avi", {"part": 3}),
        ("Signs/Signs.uncut.1.avi", {"part": 1, "edition": "Uncut"}),
        ("Signs/talk.mkv", {"role": Role.EXTRA}),
    ):
        await shelf.decide(await shelf.file(library, path), sure(SIGNS, **values), SIGNS)
    item = (await shelf.item_by_tmdb(2675)).id
    shown = await api.get(f"/v1/items/{item}")
    versions = [(v["edition"], [p["path"] for p in v["parts"]], v["missing_parts"]) for v in shown["versions"]]
    assert versions == [
        (None, ["Signs/Signs.cd1.avi", "Signs/Signs.cd3.avi"], [2]),
        (None, ["Signs/Signs.cd1.mkv"], []),
        (None, ["Signs/Signs.mkv"], []),
        ("Uncut", ["Signs/Signs.uncut.1.avi"], []),
    ]
    assert [each["path"] for each in shown["extras"]] == ["Signs/talk.mkv"]
    assert (shown["missing"], shown["episodes"], shown["title"]) == (False, None, "Signs")


def half_aired(today: date) -> ItemFacts:
    """Two seasons and a special: of the second season only the first two episodes have been aired."""

    def episodes(*days: int | None) -> tuple[EpisodeFacts, ...]:
        return tuple(
            EpisodeFacts(number=number, air_date=today + timedelta(days) if days is not None else None)
            for number, days in enumerate(days, 1)
        )

    seasons = (
        SeasonFacts(number=0, episodes=episodes(-300)),
        SeasonFacts(number=1, episodes=episodes(-200, -193, -186)),
        SeasonFacts(number=2, episodes=episodes(-7, 0, 7, None)),
    )
    return ItemFacts(type=ItemType.SERIES, tmdb_id=1399, title="Long Winter", year=2025, seasons=seasons)


async def test_a_series_is_shown_with_what_is_there_and_what_is_missed(api: Api, shelf: Shelf, clock: Any) -> None:
    library, facts = await shelf.library(), half_aired(clock.now().date())
    await shelf.folder(library, b"locked", gap_since=MOMENT, gap_reason="permission denied")
    await shelf.decide(await shelf.file(library, "S01E01-E02.mkv"), sure(facts, (1, 1), (1, 2)), facts)
    await shelf.decide(await shelf.file(library, "S01E01.avi"), sure(facts, (1, 1)), facts)
    gone = await shelf.file(library, "S01E03.mkv", presence=Presence.MISSING)
    await shelf.decide(gone, sure(facts, (1, 3)), facts)
    await shelf.decide(await shelf.file(library, "locked/S02E01.mkv"), sure(facts, (2, 1)), facts)
    await shelf.decide(await shelf.file(library, "early.mkv"), sure(facts, (2, 3)), facts)
    item = (await shelf.item_by_tmdb(1399)).id
    seasons = await api.get(f"/v1/items/{item}/seasons")
    told = {
        (season["number"], episode["number"]): (episode["status"], [file["path"] for file in episode["files"]])
        for season in seasons["seasons"]
        for episode in season["episodes"]
    }
    assert told == {
        (1, 1): ("present", ["S01E01-E02.mkv", "S01E01.avi"]),
        (1, 2): ("present", ["S01E01-E02.mkv"]),
        (1, 3): ("missing", ["S01E03.mkv"]),
        (2, 1): ("unknown", ["locked/S02E01.mkv"]),
        (2, 2): ("missing", []),
        (2, 3): ("present", ["early.mkv"]),
        (2, 4): ("unaired", []),
    }
    assert [season["counts"] for season in seasons["seasons"]] == [
        {"total": 3, "aired": 3, "present": 2, "missing": 1},
        {"total": 4, "aired": 2, "present": 2, "missing": 1},
    ]
    assert seasons["specials"]["episodes"][0]["status"] == "missing"
    shown = await api.get(f"/v1/items/{item}")
    assert shown["missing_episodes"] == [{"season": 1, "number": 3}, {"season": 2, "number": 2}]
    assert shown["episodes"] == {"total": 7, "aired": 5, "present": 4, "missing": 2}
    assert shown["missing"]
    (listed,) = (await api.get("/v1/items"))["items"]
    assert listed["episodes"] == shown["episodes"]
    assert listed["files"] == 4


async def test_items_are_filtered_and_sorted(api: Api, shelf: Shelf) -> None:
    films, shows = await shelf.library("Films"), await shelf.library("Shows")
    whole = series(tmdb_id=7, episodes=1, title="A Short Winter")
    await shelf.decide(await shelf.file(films, "Signs.mkv"), sure(SIGNS), SIGNS)
    await shelf.decide(await shelf.file(films, "Matrix.mkv", presence=Presence.MISSING), sure(MATRIX), MATRIX)
    await shelf.decide(await shelf.file(shows, "S01E01.mkv"), sure(whole, (1, 1)), whole)
    await shelf.item(series())

    async def titles(**query: Any) -> list[str]:
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = await api.get("/v1/items", limit=1, **query, **cursor)
            found += [each["title"] for each in page["items"]]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    assert await titles() == ["Long Winter", "The Matrix", "A Short Winter", "Signs"]
    assert await titles(descending=True) == ["Signs", "A Short Winter", "The Matrix", "Long Winter"]
    assert await titles(sort="added") == ["Signs", "The Matrix", "A Short Winter", "Long Winter"]
    assert (await titles(sort="year"))[:2] == ["The Matrix", "Signs"]
    assert await titles(type="series") == ["Long Winter", "A Short Winter"]
    assert await titles(library=films) == ["The Matrix", "Signs"]
    assert await titles(words="wint") == ["Long Winter", "A Short Winter"]
    assert await titles(words="short wi") == ["A Short Winter"]
    assert await titles(words="inter") == []
    assert await titles(missing=True) == ["Long Winter", "The Matrix"]
    assert await titles(missing=False) == ["A Short Winter", "Signs"]


async def test_a_film_has_no_seasons(api: Api, shelf: Shelf) -> None:
    item = await shelf.item(SIGNS)
    assert await api.get(f"/v1/items/{item}/seasons") == {"seasons": [], "specials": None}


async def test_a_file_is_shown_with_its_story(api: Api, shelf: Shelf) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv", mtime_ns=-(2**63))
    await shelf.decide(file, sure(SIGNS), SIGNS)
    shown = await api.get(f"/v1/media-files/{file}")
    assert set(shown["state"].values()) == {None}
    assert (shown["question_id"], shown["rejected"], shown["mtime"]) == (None, [], "1677-09-21T00:12:43.145224Z")
    assert shown["decision"]["item"]["tmdb_id"] == 2675
    assert [each["method"] for each in shown["imports"]] == ["scan"]
    found, matched = (await api.get(f"/v1/media-files/{file}/story"))["entries"]
    assert (found["what"], found["by"], found["says"]) == ("found", "scan", "Found at Films: Signs.mkv.")
    assert (matched["what"], matched["by"], matched["import_id"]) == ("matched", "scan", shown["imports"][0]["id"])
    assert matched["says"].startswith("Taken for Signs (2002), 99")
    assert matched["evidence"] == shown["imports"][0]["evidence"]
    answer = await api.client.post(f"/v1/media-files/{file}/unmatch", json={"version": shown["version"]})
    assert answer.status_code == 200, answer.text
    *_, last = (await api.get(f"/v1/media-files/{file}/story"))["entries"]
    assert (last["what"], last["by"], "Signs" in last["says"]) == ("unmatch", "local", True)
    operation = await api.get(f"/v1/operations/{last['operation_id']}")
    assert last["says"] == f"{operation['summary']}."
    problem = await api.get("/v1/media-files/999/story", expected=404)
    assert problem["detail"] == "There is no file 999; list /v1/media-files."
    (listed,) = (await api.get("/v1/media-files"))["items"]
    assert "decision" not in listed
    (listed,) = (await api.get("/v1/media-files", decision=True))["items"]
    assert listed["decision"] == shown["decision"]


async def test_files_are_listed_and_shown_with_what_they_contain(api: Api, shelf: Shelf, database: Database) -> None:
    films = await shelf.library("Films")
    uhd, unread = await shelf.file(films, "uhd.mkv"), await shelf.file(films, "unread.mkv")
    picture = Stream(kind=StreamKind.VIDEO, codec="hevc", width=3840, height=2160, hdr="HDR10", frame_rate=23.976)
    sound = Stream(kind=StreamKind.AUDIO, codec="eac3", language="de", channels=6, default=True)
    async with database.write() as session:
        await keep_probes(session, MOMENT, [(Seen(uhd, 1, 1), Content(duration_ms=60_500, streams=(picture, sound)))])
    for query in ({"resolution": "2160p"}, {"hdr": True}, {"video_codec": "hevc"}, {"audio_language": "de"}):
        listed = await api.get("/v1/media-files", **query)
        assert [each["id"] for each in listed["items"]] == [uhd], query
    assert (await api.get("/v1/media-files", subtitle_language="de"))["items"] == []
    file = await api.get(f"/v1/media-files/{uhd}")
    content = file["content"]
    assert (content["duration"], content["resolution"], content["hdr"]) == (60.5, "2160p", "HDR10")
    assert [(each["kind"], each["channels"], each["frame_rate"]) for each in file["streams"]] == [
        ("video", None, 23.976),
        ("audio", 6, None),
    ]
    nothing = await api.get(f"/v1/media-files/{unread}")
    assert (nothing["content"], nothing["streams"]) == (None, [])


async def test_one_import_is_shown_with_its_evidence_and_what_came_after(api: Api, shelf: Shelf) -> None:
    films = await shelf.library("Films")
    file = await shelf.file(films, "a/matrix.mkv")
    await shelf.question(file, unsure(MATRIX))
    [failed] = await shelf.imports(file)
    told = await api.get(f"/v1/imports/{failed.id}")
    assert (told["success"], told["source_path"], told["library"]) == (False, "/media/matrix.mkv", "Films")
    assert told["error"] == "There is a best title, but it is not sure enough. A year in the folder name decides."
    assert (told["evidence"]["title"], told["evidence"]["evidence"][0]["name"]) == ("The Matrix", "title")
    assert (told["now_at"], told["superseded_by"]) == ("Films: a/matrix.mkv", None)
    version = (await shelf.row(file)).version
    body = {"type": "movie", "tmdb_id": 603, "version": version}
    await shelf.item(MATRIX)
    done = await api.client.post(f"/v1/media-files/{file}/match", json=body)
    assert done.status_code == 200, done.text
    assert (await api.get(f"/v1/imports/{failed.id}"))["superseded_by"] == (await shelf.imports(file))[-1].id
    unknown = await api.client.get("/v1/imports/999")
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "There is no import 999; list /v1/imports.")


async def test_what_is_there_twice_is_told(api: Api, shelf: Shelf, database: Database) -> None:
    films = await shelf.library("Films")
    one, other = await shelf.file(films, "a/matrix.mkv"), await shelf.file(films, "b/matrix.mkv")
    gone = await shelf.file(films, "c/matrix.mkv", presence=Presence.MISSING)
    for file_id in (one, other, gone):
        await shelf.decide(file_id, sure(MATRIX), MATRIX)
    await shelf.decide(await shelf.file(films, "signs.mkv"), sure(SIGNS), SIGNS)
    async with database.write() as session:
        same = update(MediaFileState).where(MediaFileState.file_id.in_((one, other)))
        await session.execute(same.values(size=7, fingerprint=b"0123456789abcdef"))
        await note_alike(session, [other])
    assert [each["title"] for each in (await api.get("/v1/items", doubled=True))["items"]] == ["The Matrix"]
    assert [each["doubled"] for each in (await api.get("/v1/items", doubled=False))["items"]] == [False]
    listed = (await api.get("/v1/media-files", duplicates=True))["items"]
    assert [(each["id"], each["duplicate"]) for each in listed] == [(one, "probably"), (other, "probably")]
    assert "duplicate" not in (await api.get("/v1/media-files"))["items"][0]
    assert (await api.get(f"/v1/media-files/{one}"))["others"] == [
        {"id": other, "library": "Films", "path": "b/matrix.mkv", "same_content": "probably", "same_title": True}
    ]
    left = (await api.get(f"/v1/media-files/{gone}"))["others"]
    assert [(each["id"], each["same_content"], each["same_title"]) for each in left] == [
        (one, None, True),
        (other, None, True),
    ]


async def test_files_that_were_read_whole_are_certainly_the_same_or_not_at_all(
    api: Api, shelf: Shelf, database: Database
) -> None:
    films = await shelf.library("Films")
    ids = [await shelf.file(films, f"{number}.mkv", size=7) for number in range(5)]
    sampled, proven, also_proven, other, rotted = ids

    async def is_known(file_id: int, content_hash: bytes | None, **values: Any) -> None:
        known = update(MediaFileState).where(MediaFileState.file_id == file_id)
        async with database.write() as session:
            await session.execute(known.values(fingerprint=b"0123456789abcdef", content_hash=content_hash, **values))
            await note_alike(session, [file_id])

    await is_known(sampled, None)
    await is_known(proven, b"a" * 16)
    await is_known(also_proven, b"a" * 16)
    await is_known(other, b"b" * 16)
    await is_known(rotted, b"a" * 16, rotted_at=MOMENT)
    sure = {each["id"]: each["duplicate"] for each in (await api.get("/v1/media-files", duplicates=True))["items"]}
    assert sure == dict(zip(ids, ("probably", "certainly", "certainly", "probably", "probably"), strict=True))
    others = (await api.get(f"/v1/media-files/{proven}"))["others"]
    assert {each["id"]: each["same_content"] for each in others} == {
        sampled: "probably",
        also_proven: "certainly",
        rotted: "probably",
    }
    # Read whole, it is another one, though all samples are the same.
    for file_id in (sampled, rotted):
        await is_known(file_id, b"c" * 16 if file_id == sampled else b"d" * 16, rotted_at=None)
    listed = (await api.get("/v1/media-files", duplicates=True))["items"]
    assert [each["id"] for each in listed] == [proven, also_proven]


async def test_missing_files_are_listed_with_what_they_were_and_what_is_left(api: Api, shelf: Shelf) -> None:
    library = await shelf.library("Series")
    facts = series()
    gone = await shelf.file(library, "gone.mkv", presence=Presence.MISSING)
    lost = await shelf.file(library, "lost.mkv", presence=Presence.MISSING)
    there = await shelf.file(library, "there.mkv")
    unknown = await shelf.file(library, "unknown.mkv", presence=Presence.MISSING)
    await shelf.decide(gone, sure(facts, (1, 1), (1, 2)), facts)
    await shelf.decide(lost, sure(facts, (1, 3)), facts)
    await shelf.decide(there, sure(facts, (1, 2)), facts)
    listed = (await api.get("/v1/media-files/missing"))["items"]
    assert [each["id"] for each in listed] == [gone, lost, unknown]
    first, second, third = listed
    assert (first["item"]["title"], first["missing_since"] is not None) == ("Long Winter", True)
    assert first["episodes"] == [{"season": 1, "number": 1}, {"season": 1, "number": 2}]
    assert [(each["id"], each["same_title"]) for each in first["others"]] == [(there, True)]
    assert (second["others"], third["item"], third["others"]) == ([], None, [])
    page = await api.get("/v1/media-files/missing", limit=2)
    [last] = (await api.get("/v1/media-files/missing", limit=2, cursor=page["next"]))["items"]
    assert last["id"] == unknown
    assert [each["id"] for each in (await api.get("/v1/media-files/missing", words="lost"))["items"]] == [lost]


async def test_episodes_that_several_files_hold_are_told_and_parts_of_one_are_none(api: Api, shelf: Shelf) -> None:
    library = await shelf.library("Series")
    facts = series()
    for name, numbers, part in (("a", (1,), None), ("b", (1, 2), None), ("c1", (3,), 1), ("c2", (3,), 2)):
        found = sure(facts, *((1, number) for number in numbers), part=part)
        await shelf.decide(await shelf.file(library, f"{name}.mkv"), found, facts)
    [item] = (await api.get("/v1/items", doubled=True))["items"]
    shown = await api.get(f"/v1/items/{item['id']}")
    assert (shown["doubled"], shown["doubled_episodes"]) == (True, [{"season": 1, "number": 1}])


async def test_a_missing_file_is_forgotten_and_one_that_is_there_is_not(api: Api, shelf: Shelf) -> None:
    films = await shelf.library("Films")
    there = await shelf.file(films, "there.mkv")
    gone = await shelf.file(films, "gone.mkv", presence=Presence.MISSING)
    refused = await api.client.post("/v1/media-files/forget", json={"file_ids": [gone, there]})
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "file-not-missing")
    unknown = await api.client.post("/v1/media-files/forget", json={"file_ids": [gone, 999]})
    assert unknown.status_code == 404
    for forgotten in (1, 0):
        answer = await api.client.post("/v1/media-files/forget", json={"file_ids": [gone]})
        assert (answer.status_code, answer.json()) == (200, {"forgotten": forgotten})
    assert [each["id"] for each in (await api.get("/v1/media-files"))["items"]] == [there]
