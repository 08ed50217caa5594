"""What changes beneath a running server is known within seconds, without anybody asking."""

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ..servers import ServerProcess, environment_for, running_server, wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")

WITHIN = 40.0
"""Seconds. On an idle machine about five: two of quiet, two until a file is known to stand still."""


def files(server: ServerProcess) -> dict[str, dict[str, Any]]:
    return {file["path"]: file for file in server.every("/media-files")}


def test_what_changes_is_known_within_seconds(database_url: str, tmp_path: Path) -> None:
    root = tmp_path / "films"
    (root / "Up (2009)").mkdir(parents=True)
    (root / "Up (2009)" / "Up (2009).mkv").write_bytes(b"up")
    with running_server(environment_for(database_url, tmp_path / "data", MEDIASTEAD_WATCH="true")) as server:
        library = server.post("/libraries", {"root": str(root), "kind": "movies"})["id"]
        server.scan(library)
        wait_until(lambda: server.get(f"/libraries/{library}")["watching"] == "watched")
        first = server.get("/scans")["items"][0]["id"]
        up = files(server)["Up (2009)/Up (2009).mkv"]["id"]

        # A new film, written in two goes.
        film = root / "The Matrix (1999)" / "The Matrix (1999).mkv"
        film.parent.mkdir()
        with film.open("wb") as writing:
            writing.write(b"matrix")
            writing.flush()
            time.sleep(0.3)
            writing.write(b" reloaded")
        wait_until(lambda: is_matched(server, "The Matrix (1999)/The Matrix (1999).mkv"), WITHIN)
        assert files(server)["The Matrix (1999)/The Matrix (1999).mkv"]["size"] == 15

        # A renamed folder is the same film, and one that is gone is missing.
        (root / "Up (2009)").rename(root / "Up")
        wait_until(lambda: "Up/Up (2009).mkv" in files(server), WITHIN)
        assert files(server)["Up/Up (2009).mkv"]["id"] == up
        film.unlink()
        wait_until(lambda: files(server)["The Matrix (1999)/The Matrix (1999).mkv"]["presence"] == "missing", WITHIN)

        heard = [scan for scan in server.every("/scans") if scan["id"] > first]
        assert {scan["trigger"] for scan in heard} == {"watch"}
        assert all(scan["scope"] for scan in heard)

        # A disk that is unplugged takes nothing along, and what came onto it meanwhile is known once it is back.
        root.rename(tmp_path / "unplugged")
        root.mkdir()
        (tmp_path / "unplugged" / "Heat (1995).mkv").write_bytes(b"heat")
        wait_until(lambda: server.get(f"/libraries/{library}")["unavailable_reason"], WITHIN)
        assert files(server)["Up/Up (2009).mkv"]["presence"] != "missing"
        root.rmdir()
        (tmp_path / "unplugged").rename(root)
        wait_until(lambda: "Heat (1995).mkv" in files(server), WITHIN)
        wait_until(lambda: files(server)["Up/Up (2009).mkv"]["presence"] == "present", WITHIN)


def is_matched(server: ServerProcess, path: str) -> bool:
    file = files(server).get(path)
    return file is not None and file["identification"] == "matched"
