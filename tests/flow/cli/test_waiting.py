"""What files wait for while TMDB cannot be asked, in every list that has them."""

from pathlib import Path

from ...standin import Refused, StandIn
from .conftest import RunHere


def test_files_that_wait_for_tmdb_say_so_and_what_to_do(run_here: RunHere, tmdb: StandIn, films: Path) -> None:
    tmdb.always = Refused()
    assert run_here("library", "add", str(films), "--kind", "movies").returncode == 0
    scanned = run_here("scan")
    assert "MEDIASTEAD_TMDB_API_KEY" in scanned.stdout + scanned.stderr
    for command in (("library", "list"), ("files", "list")):
        heads, *rows = (line.split("\t") for line in run_here(*command).stdout.splitlines())
        assert rows and all("Check MEDIASTEAD_TMDB_API_KEY" in row[heads.index("waits for")] for row in rows), rows
    assert "MEDIASTEAD_TMDB_API_KEY" in run_here("files", "show", "1").stdout
