"""A server that is stopped while TMDB keeps it waiting ends at once and says nothing."""

import os
import signal
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from ..standin import KEY, Slow, StandIn
from .servers import environment_for, running_server, wait_until


@pytest.fixture
def slow() -> Generator[StandIn]:
    """TMDB, which takes longer for every answer than anybody has patience."""
    with StandIn() as standin:
        standin.always = Slow(20)
        yield standin


def test_a_server_that_waits_for_tmdb_ends_at_once_and_without_an_error(
    database_url: str, tmp_path: Path, slow: StandIn, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = {"MEDIASTEAD_METADATA": "tmdb", "MEDIASTEAD_TMDB_BASE_URL": slow.base_url, "MEDIASTEAD_TMDB_API_KEY": KEY}
    environment = environment_for(database_url, tmp_path / "data", **asked)
    path = tmp_path / "media" / "The Matrix (1999).mkv"
    path.parent.mkdir()
    path.touch()
    os.utime(path, (1_600_000_000, 1_600_000_000))
    with running_server(environment) as server:
        library = server.post("/libraries", {"root": str(path.parent), "kind": "movies"})["id"]
        server.post(f"/libraries/{library}/scans")
        wait_until(slow.was_asked.is_set)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert time.monotonic() - began < 3
        assert server.process.stdout is not None
        said = server.process.stdout.read() + capfd.readouterr().err
        server.stop()
    assert "Traceback" not in said and "error" not in said.lower(), said
