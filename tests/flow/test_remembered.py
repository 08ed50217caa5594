"""An answer through the real product: siblings, later files, a renamed folder, a restart, and its end."""

import os
import time
from pathlib import Path

from .servers import ServerProcess, environment_for, running_server, wait_until


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 100)
        os.utime(path, (time.time() - 3600, time.time() - 3600))


def item_of(server: ServerProcess, path: str) -> str | None:
    (file,) = [file for file in server.every("/media-files") if file["path"] == path]
    return file["item"] and file["item"]["title"]


def test_an_answer_holds_for_siblings_and_later_files_until_it_is_revoked(database_url: str, tmp_path: Path) -> None:
    environment, root = environment_for(database_url, tmp_path / "data"), tmp_path / "media"
    put(root, *(f"Brekin Med/Season 01/Brekin Med S01E0{number}.mkv" for number in (1, 2, 3)))
    put(root, "Robbin Hod/Robbin Hod.mkv")
    with running_server(environment) as server:
        library = server.post("/libraries", {"root": str(root), "kind": "mixed"})["id"]
        server.scan(library)
        asked = {question["path"]: question["id"] for question in server.every("/unmatched-files")}
        assert len(asked) == 4
        first = asked["Brekin Med/Season 01/Brekin Med S01E01.mkv"]
        answer = {"type": "series", "tmdb_id": 1396, "episodes": [{"season": 1, "number": 1}]}
        (held,) = server.post(f"/unmatched-files/{first}/match", answer)["remembered"]
        assert held["asked_again"] == 2
        server.post(f"/unmatched-files/{asked['Robbin Hod/Robbin Hod.mkv']}/match", {"type": "movie", "tmdb_id": 603})
        wait_until(lambda: server.every("/unmatched-files") == [])
        assert item_of(server, "Brekin Med/Season 01/Brekin Med S01E03.mkv") == "Breaking Bad"

        put(root, "brekin.med.s01e04.720p.mkv")
        (root / "Robbin Hod").rename(root / "Kept")
        put(root, "Kept/Robbin.Hod.avi")
        server.scan(library)
        assert item_of(server, "brekin.med.s01e04.720p.mkv") == "Breaking Bad"
        assert item_of(server, "Kept/Robbin.Hod.avi") == "The Matrix"
        assert server.stop() == 0

    with running_server(environment) as server:
        put(root, "Brekin Med/Season 02/S02E01.mkv")
        server.scan(library)
        assert item_of(server, "Brekin Med/Season 02/S02E01.mkv") == "Breaking Bad"
        shown = server.get(f"/remembered-answers/{held['id']}")
        assert shown["held"] == {"matched": 4}

        server.post(f"/remembered-answers/{held['id']}/revoke", {"also_files": True})
        wait_until(lambda: len(server.every("/unmatched-files")) == 4)
        wait_until(lambda: not any(each["refreshing"] for each in server.every("/unmatched-files")))
        assert item_of(server, "Brekin Med/Season 01/Brekin Med S01E01.mkv") == "Breaking Bad"
        put(root, "Brekin Med/Season 02/S02E02.mkv")
        server.scan(library)
        assert item_of(server, "Brekin Med/Season 02/S02E02.mkv") is None
