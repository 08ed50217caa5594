"""What a person said of a file stays, whatever happens to the file, to its folder and to the server."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .servers import ServerProcess, environment_for, running_server, wait_until

pytestmark = pytest.mark.timeout(300)

FIGHT_CLUB, CINDERELLA_1997, UP, MATRIX = 550, 42884, 14160, 603

ANSWERED = "Evening 4/qwerty uiop.avi"
CHOSEN = "Evening 4/Cinderella.mkv"
CORRECTED = "Evening 4/The Matrix (1999).mkv"
DISMISSED = "Evening 4/DSC_0001.mp4"
EPISODE = "Evening 4/zxcv 7.mkv"
FILES = (ANSWERED, CHOSEN, CORRECTED, DISMISSED, EPISODE)


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[ServerProcess]:
    with running_server(environment_for(database_url, tmp_path / "data")) as server:
        yield server


def put(root: Path, name: str, content: str | None = None) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((content or name).encode() * 100)
    os.utime(path, (1_600_000_000 + len(content or name), 1_600_000_000))


def answers(server: ServerProcess) -> dict[int, Any]:
    """By file id, what each file is taken for, of those that are there; where it lies is left out."""
    files = [server.get(f"/media-files/{file['id']}") for file in server.every("/media-files")]
    return {
        file["id"]: (
            file["identification"],
            file["item"] and file["item"]["tmdb_id"],
            file["role"],
            [(each["season"], each["number"]) for each in file["episodes"]],
        )
        for file in files
        if file["presence"] == "present"
    }


def by_path(server: ServerProcess) -> dict[str, Any]:
    """What each file is taken for, without the ids that a database gives."""
    return {
        file["path"]: (
            file["identification"],
            file["item"] and (file["item"]["tmdb_id"], file["item"]["title"]),
            file["role"],
            file["part"],
            file["edition"],
            [(each["season"], each["number"]) for each in file["episodes"]],
        )
        for file in (server.get(f"/media-files/{file['id']}") for file in server.every("/media-files"))
    }


def test_answers_survive_rescan_rename_restart_replacement_and_a_move_between_libraries(
    server: ServerProcess, tmp_path: Path
) -> None:
    root, elsewhere = tmp_path / "media", tmp_path / "other media"
    elsewhere.mkdir()
    for name in FILES:
        put(root, name)
    library = server.post("/libraries", {"root": str(root), "kind": "mixed", "name": "First"})
    second = server.post("/libraries", {"root": str(elsewhere), "kind": "mixed", "name": "Second"})
    server.scan(library["id"])

    files = {file["path"]: file for file in server.every("/media-files")}
    questions = {question["path"]: question["id"] for question in server.every("/unmatched-files")}
    assert set(questions) == {ANSWERED, CHOSEN, DISMISSED, EPISODE}
    server.post(f"/unmatched-files/{questions[ANSWERED]}/match", {"type": "movie", "tmdb_id": FIGHT_CLUB})
    server.post(f"/unmatched-files/{questions[CHOSEN]}/match", {"type": "movie", "tmdb_id": CINDERELLA_1997})
    server.post(
        f"/unmatched-files/{questions[EPISODE]}/match",
        {"type": "series", "tmdb_id": 1396, "episodes": [{"season": 2, "number": 3}, {"season": 2, "number": 4}]},
    )
    server.post(f"/unmatched-files/{questions[DISMISSED]}/dismiss")
    matrix = server.get(f"/media-files/{files[CORRECTED]['id']}")
    assert matrix["item"]["tmdb_id"] == MATRIX
    server.post(f"/media-files/{matrix['id']}/match", {"version": matrix["version"], "type": "movie", "tmdb_id": UP})
    said = answers(server)
    assert said == {
        files[ANSWERED]["id"]: ("matched", FIGHT_CLUB, "feature", []),
        files[CHOSEN]["id"]: ("matched", CINDERELLA_1997, "feature", []),
        files[CORRECTED]["id"]: ("matched", UP, "feature", []),
        files[DISMISSED]["id"]: ("dismissed", None, files[DISMISSED]["role"], []),
        files[EPISODE]["id"]: ("matched", 1396, "episode", [(2, 3), (2, 4)]),
    }

    def hold() -> None:
        wait_until(lambda: all(each["counts"]["pending"]["total"] == 0 for each in server.every("/libraries")))
        assert answers(server) == said
        assert server.every("/unmatched-files") == []

    server.scan(library["id"])
    hold()

    (root / "Evening 4").rename(root / "Cinderella (1950)")
    server.scan(library["id"])
    hold()
    assert {file["path"].split("/")[0] for file in server.every("/media-files")} == {"Cinderella (1950)"}

    server.kill()
    server.start()
    hold()
    server.scan(library["id"])
    hold()

    # One is renamed to what another film is called, one is replaced by a better copy
    (root / "Cinderella (1950)/qwerty uiop.avi").rename(root / "Cinderella (1950)/Inception (2010).avi")
    put(root, "Cinderella (1950)/The Matrix (1999).mkv", "a better copy")
    server.scan(library["id"])
    hold()

    # Gone for a while
    (root / "Cinderella (1950)").rename(tmp_path / "away")
    scan = server.post(f"/libraries/{library['id']}/scans")
    wait_until(lambda: server.get(f"/scans/{scan['id']}")["outcome"] is not None)
    if server.get(f"/scans/{scan['id']}")["outcome"] == "needs_confirmation":
        confirmed = server.post(f"/scans/{scan['id']}/confirm")
        wait_until(lambda: server.get(f"/scans/{confirmed['id']}")["outcome"] is not None)
    assert answers(server) == {}
    (tmp_path / "away").rename(root / "Back again")
    server.scan(library["id"])
    hold()

    # To another library
    (root / "Back again").rename(elsewhere / "Evening 5")
    server.scan(second["id"])
    server.post(f"/libraries/{library['id']}/scans")
    wait_until(lambda: all(file["library_id"] == second["id"] for file in server.every("/media-files")))
    hold()


def test_what_a_file_is_not_is_remembered_through_rename_and_restart(server: ServerProcess, tmp_path: Path) -> None:
    root = tmp_path / "media"
    put(root, "Some evening/The Matrix (1999).mkv")
    library = server.post("/libraries", {"root": str(root), "kind": "mixed"})
    server.scan(library["id"])
    (file,) = server.every("/media-files")
    assert file["item"]["tmdb_id"] == MATRIX
    server.post(f"/media-files/{file['id']}/unmatch", {"version": server.get(f"/media-files/{file['id']}")["version"]})

    def still_not_the_matrix() -> None:
        (question,) = server.every("/unmatched-files")
        server.post(f"/unmatched-files/{question['id']}/refresh")
        wait_until(lambda: server.get(f"/media-files/{file['id']}")["identification"] != "pending")
        assert server.get(f"/media-files/{file['id']}")["identification"] == "unmatched"
        shown = server.get(f"/unmatched-files/{question['id']}")
        assert MATRIX not in [each["tmdb_id"] for each in shown["suggestions"]]

    still_not_the_matrix()
    (root / "Some evening").rename(root / "The Matrix (1999)")
    server.scan(library["id"])
    still_not_the_matrix()
    server.kill()
    server.start()
    server.scan(library["id"])
    still_not_the_matrix()


def test_an_answer_for_one_file_holds_for_its_siblings_now_and_for_those_that_come_later(
    server: ServerProcess, tmp_path: Path
) -> None:
    root = tmp_path / "media"

    def episode(folder: str, number: int) -> None:
        put(root, f"{folder}/Season 1/The Village Choir - S01E{number:02}.mkv")

    def taken_for() -> dict[str, Any]:
        return {file["path"]: file["item"] and file["item"]["tmdb_id"] for file in server.every("/media-files")}

    for number in (1, 2, 3):
        episode("The Village Choir", number)
    library = server.post("/libraries", {"root": str(root), "kind": "mixed"})
    server.scan(library["id"])
    questions = server.every("/unmatched-files")
    assert len(questions) == 3
    # The person knows it under another name.
    server.post(
        f"/unmatched-files/{questions[0]['id']}/match",
        {"type": "series", "tmdb_id": 1396, "episodes": [{"season": 1, "number": 1}]},
    )
    wait_until(lambda: server.every("/unmatched-files") == [])
    assert set(taken_for().values()) == {1396}

    (root / "The Village Choir").rename(root / "From the old disk")
    episode("From the old disk", 4)
    server.scan(library["id"])
    assert set(taken_for().values()) == {1396}
    server.kill()
    server.start()
    episode("From the old disk", 5)
    server.scan(library["id"])
    assert server.every("/unmatched-files") == []
    assert len(taken_for()) == 5
    assert set(taken_for().values()) == {1396}


def test_a_new_database_takes_recorded_files_for_what_the_old_one_knew(server: ServerProcess, tmp_path: Path) -> None:
    root = tmp_path / "media"
    for name in (
        *FILES,
        "Breaking Bad/Season 1/Breaking Bad - S01E02-E03.mkv",
        "Up (2009)/trailer.mp4",
        "Up (2009)/Up.mkv",
    ):
        put(root, name)
    library = server.post("/libraries", {"root": str(root), "kind": "mixed"})
    server.scan(library["id"])
    questions = {question["path"]: question["id"] for question in server.every("/unmatched-files")}
    server.post(
        f"/unmatched-files/{questions[ANSWERED]}/match", {"type": "movie", "tmdb_id": FIGHT_CLUB, "edition": "Ours"}
    )
    server.post(f"/unmatched-files/{questions[CHOSEN]}/match", {"type": "movie", "tmdb_id": CINDERELLA_1997})
    server.post(f"/unmatched-files/{questions[DISMISSED]}/dismiss")
    mine = server.post("/items", {"type": "movie", "title": "Summer at the lake", "year": 2016})
    server.post(f"/unmatched-files/{questions[EPISODE]}/match", {"item_id": mine["id"], "part": 2})
    server.client.patch(f"/v1/libraries/{library['id']}", json={"record_form": "nfo"}).raise_for_status()
    known = by_path(server)
    wait_until(
        lambda: server.get(f"/libraries/{library['id']}")["records"] == {"written": 8, "waiting": 0, "failed": 0}
    )
    assert server.stop() == 0

    new = environment_for(f"sqlite+aiosqlite:///{tmp_path}/new.db", tmp_path / "new data")
    with running_server(new) as rebuilt:
        again = rebuilt.post("/libraries", {"root": str(root), "kind": "mixed"})
        rebuilt.scan(again["id"])
        assert by_path(rebuilt) == known
        assert rebuilt.every("/unmatched-files") == []
