"""The main job through a real server process: add a library, scan, answer the queue, correct, follow the events."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .servers import ServerProcess, environment_for, running_server, wait_until
from .stages.media import film

FILES = (
    "The Matrix (1999)/The Matrix (1999).mkv",
    "The Matrix (1999)/The Matrix (1999)-trailer.mkv",
    "Inception.2010.1080p.BluRay.x264-GROUP/Inception.2010.1080p.BluRay.x264-GROUP.mkv",
    "Breaking Bad/Season 01/Breaking Bad - S01E01.mkv",
    "Breaking Bad/Season 01/Breaking Bad - S01E02-E03.mkv",
    "Holiday/DSC_0001.mp4",
    "Holiday/DSC_0002.mp4",
    "qwerty uiop asdf.avi",
)


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[ServerProcess]:
    with running_server(environment_for(database_url, tmp_path / "data")) as server:
        yield server


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "media"
    for name in FILES:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 100)
        os.utime(path, (1_600_000_000, 1_600_000_000))  # nothing is still written to it
    return root


def test_a_library_is_added_scanned_answered_corrected_and_scanned_again(
    server: ServerProcess, root: Path, database_url: str
) -> None:
    library = server.post("/libraries", {"root": str(root), "kind": "mixed", "name": "All"})
    scan = server.scan(library["id"])
    assert scan["outcome"] == "completed"
    assert scan["counts"]["new"] == len(FILES)

    files = {file["path"]: file for file in server.every("/media-files")}
    assert set(files) == set(FILES)
    assert files[FILES[0]]["item"]["tmdb_id"] == 603
    assert files[FILES[1]]["role"] == "extra"
    assert files[FILES[4]]["episodes"] == [{"season": 1, "number": 2}, {"season": 1, "number": 3}]
    matched = [path for path, file in files.items() if file["identification"] == "matched"]
    assert len(matched) == 5

    questions = server.every("/unmatched-files")
    assert len(questions) == 3
    assert all(question["reason"] and question["would_match_if"] for question in questions)
    by_path = {question["path"]: question for question in questions}

    # One answer each way: a match, a dismissal of two at once, and both taken back.
    answered = server.post(f"/unmatched-files/{by_path[FILES[7]]['id']}/match", {"type": "movie", "tmdb_id": 550})
    assert (answered["status"], answered["resolved_by"]) == ("matched", "local")
    assert server.get(f"/media-files/{answered['file_id']}")["item"]["title"] == "Fight Club"
    results = server.post(
        "/unmatched-files/dismiss", {"answers": [{"id": by_path[FILES[5]]["id"]}, {"id": by_path[FILES[6]]["id"]}]}
    )
    assert len(results["results"]) == 2
    assert server.every("/unmatched-files") == []
    refused = server.client.post(f"/v1/unmatched-files/{by_path[FILES[7]]['id']}/dismiss")
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert "local" in refused.text
    server.post(f"/unmatched-files/{by_path[FILES[5]]['id']}/restore")
    assert [question["path"] for question in server.every("/unmatched-files")] == [FILES[5]]

    # A wrong match is put back into the queue, and is not suggested again.
    matrix = server.get(f"/media-files/{files[FILES[0]]['id']}")
    server.post(f"/media-files/{matrix['id']}/unmatch", {"version": matrix["version"]})
    stale = server.client.post(f"/v1/media-files/{matrix['id']}/unmatch", json={"version": matrix["version"]})
    assert stale.status_code == 409
    question = next(question for question in server.every("/unmatched-files") if question["reason"] == "rejected")
    server.post(f"/unmatched-files/{question['id']}/refresh")
    wait_until(lambda: server.get(f"/media-files/{matrix['id']}")["identification"] == "unmatched")
    shown = server.get(f"/unmatched-files/{question['id']}")
    assert ("movie", 603) not in [(each["type"], each["tmdb_id"]) for each in shown["suggestions"]]

    again = server.scan(library["id"])
    assert again["outcome"] == "completed"
    assert (again["counts"]["new"], again["counts"]["changed"], again["counts"]["missing"]) == (0, 0, 0)
    counts = server.get(f"/libraries/{library['id']}")["counts"]
    assert sum(counts["by_identification"].values()) == counts["by_presence"]["present"] == len(FILES)

    imports = server.every("/imports", library=library["id"])
    assert Counter((each["method"], each["success"]) for each in imports)["manual_match", True] == 1
    assert imports == sorted(imports, key=lambda each: -each["id"])
    if database_url.startswith("sqlite") and shutil.which("ffmpeg") is not None:
        a_file_is_made_anew(server, root, library["id"])


def a_file_is_made_anew(server: ServerProcess, root: Path, library_id: int) -> None:
    """It keeps its id and what it is; what it was lies in the trash, and comes back from there. (PostgreSQL needs a host.)"""
    path = root / "Fight Club (1999)" / "Fight Club (1999).mkv"
    path.parent.mkdir()
    film(path, seconds=3, size="320x240", codec=("-c:v", "mpeg2video", "-q:v", "1"))
    was = path.stat().st_size
    server.scan(library_id)
    (file,) = [each for each in server.every("/media-files") if each["path"] == str(path.relative_to(root))]
    wanted = {"library_id": library_id, "preset": "h264", "file_ids": [file["id"]], "automatic": True}
    (item,) = server.post("/pipeline-items/from-files", wanted)["items"]
    wait_until(lambda: server.get(f"/pipeline-items/{item['id']}")["item"]["state"] == "in_library")
    now = server.get(f"/media-files/{file['id']}")
    assert (now["path"], now["identification"], now["item"]["tmdb_id"]) == (file["path"], "matched", 550)
    assert now["size"] == path.stat().st_size < was
    (trashed,) = (root / ".mediastead-trash").iterdir()
    assert trashed.stat().st_size == was


def test_events_are_followed_from_any_id_without_a_gap(server: ServerProcess, root: Path) -> None:
    library = server.post("/libraries", {"root": str(root), "kind": "mixed"})
    server.scan(library["id"])
    events = read_events(server, after=0, until="scan.finished")
    kinds = [event["kind"] for event in events]
    assert kinds.index("library.added") < kinds.index("scan.queued") < kinds.index("scan.started")
    assert [event["id"] for event in events] == sorted({event["id"] for event in events})
    middle = events[len(events) // 2]["id"]
    later = read_events(server, after=middle, until="scan.finished")
    assert later == [event for event in events if event["id"] > middle]


def read_events(server: ServerProcess, *, after: int, until: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    with httpx.stream("GET", f"{server.url}/v1/events", headers={"Last-Event-ID": str(after)}, timeout=30) as response:
        for line in response.iter_lines():
            if line.startswith("data: {"):
                events.append(json.loads(line.removeprefix("data: ")))
                if events[-1]["kind"] == until:
                    return events
    raise AssertionError("the stream ended")


def test_a_server_that_is_told_to_stop_ends_at_once_also_with_an_open_stream(server: ServerProcess) -> None:
    with httpx.stream("GET", f"{server.url}/v1/events", timeout=30):
        assert server.stop() == 0
