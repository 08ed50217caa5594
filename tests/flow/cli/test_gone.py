"""Titles that TMDB deleted or merged, from the command line: they are listed with what they may be now, and remapped."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ...standin import StandIn
from .conftest import RunHere

MATRIX = "The Matrix (1999).mkv"
THRONES = "Game of Thrones (2011)/Game of Thrones S01E0{}.mkv"
ROBIN = "Robin Hood ({}).mkv"
SPIRITED = "Spirited Away (2001).mkv"


@pytest.fixture
def root(run_here: RunHere, tmp_path: Path) -> None:
    """A scanned library with two episodes, two films, and two more films of one name."""
    root = tmp_path / "media"
    for name in (MATRIX, THRONES.format(1), THRONES.format(2), ROBIN.format(2010), ROBIN.format(2018), SPIRITED):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (1_600_000_000, 1_600_000_000))
    assert run_here("library", "add", str(root), "--kind", "mixed").returncode == 0
    done = run_here("scan")
    assert done.returncode == 0, done.stderr


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def held(run_here: RunHere) -> dict[str, tuple[int, int, list[tuple[int, int]]]]:
    """Item, TMDB id and episodes of every file."""
    tmdb_ids = {item["id"]: item["tmdb_id"] for item in lines(run_here("items", "list", "--json").stdout)}
    return {
        file["path"]: (
            file["item"]["id"],
            tmdb_ids[file["item"]["id"]],
            [(each["season"], each["number"]) for each in file["episodes"]],
        )
        for file in lines(run_here("files", "list", "--json").stdout)
    }


def refreshed(run_here: RunHere, *item_ids: int) -> None:
    for item_id in item_ids:
        done = run_here("items", "refresh", str(item_id))
        assert done.returncode == 1 and "mediastead items remap" in done.stderr, done


@pytest.mark.usefixtures("root")
def test_titles_that_are_gone_are_listed_with_their_successors_and_remapped_with_all_their_files(
    run_here: RunHere, tmdb: StandIn, tmp_path: Path
) -> None:
    before = held(run_here)
    film = before[MATRIX][0]
    assert run_here("items", "gone").stdout == "The provider has every film and series under its id.\n"
    assert run_here("items", "refresh", str(film)).stdout == f"Item {film}, The Matrix: nothing new.\n"
    tmdb.merge("movie", 603, 9603)
    refreshed(run_here, film)
    assert held(run_here) == before
    listed = run_here("items", "gone").stdout
    assert "deleted" in listed and "movie:9603 The Matrix (1999) by imdb" in listed
    [gone] = lines(run_here("items", "gone", "--json").stdout)
    assert (gone["id"], gone["tmdb_id"], gone["gone"]["successors"][0]["tmdb_id"]) == (film, 603, 9603)

    seen = run_here("items", "remap", f"{film}=movie:9603", "--preview")
    assert (seen.returncode, seen.stderr) == (0, "") and "would be" in seen.stdout and "changed" in seen.stdout
    assert held(run_here) == before and len(lines(run_here("items", "gone", "--json").stdout)) == 1
    done = run_here("items", "remap", f"{film}=movie:9603")
    assert (done.returncode, done.stderr) == (0, "") and "changed" in done.stdout
    assert held(run_here) == before | {MATRIX: (film, 9603, [])}
    assert lines(run_here("items", "gone", "--json").stdout) == []

    # Many at once, by a table: one that is refused keeps its file.
    before = held(run_here)
    names = (THRONES.format(1), ROBIN.format(2018), ROBIN.format(2010), SPIRITED)
    series, twin, its_twin, spirited = (before[name][0] for name in names)
    tmdb.merge("tv", 1399, 91399)
    tmdb.delete("movie", 375588)
    tmdb.delete("movie", 129)
    refreshed(run_here, series, twin, spirited)
    gone = {item["id"]: item["gone"]["successors"] for item in lines(run_here("items", "gone", "--json").stdout)}
    assert [each["tmdb_id"] for each in gone[series]] == [91399] and gone[spirited] == []
    table = tmp_path / "became.csv"
    table.write_text(
        f"item,type,tmdb_id\n{series},series,91399\n{twin},movie,20662\n{spirited},movie,999999\n", encoding="utf-8-sig"
    )
    done = run_here("items", "remap", "--from", str(table), "--yes", "--json")
    assert done.returncode == 1 and "1 of 3 items were refused" in done.stderr
    assert f"Item {spirited}: tmdb has no movie with the id 999999." in done.stderr
    outcomes = {row["item_id"]: (row["outcome"], row["into_item_id"], row["files"]) for row in lines(done.stdout)}
    assert outcomes == {series: ("changed", series, 2), twin: ("merged", its_twin, 1), spirited: ("refused", None, 1)}
    assert held(run_here) == before | {
        THRONES.format(1): (series, 91399, [(1, 1)]),
        THRONES.format(2): (series, 91399, [(1, 2)]),
        ROBIN.format(2018): (its_twin, 20662, []),
    }
    assert [item["id"] for item in lines(run_here("items", "gone", "--json").stdout)] == [spirited]


@pytest.mark.parametrize(
    ("table", "words"),
    [("item,type\n1,movie\n", "1=movie:None"), ("item,type,tmdb_id\n1,film,603\n", "1=film:603"), ("", "at least one")],
)
def test_a_table_that_cannot_be_read_is_refused_before_anything_is_done(
    run_here: RunHere, tmp_path: Path, table: str, words: str
) -> None:
    path = tmp_path / "became.csv"
    path.write_text(table, "utf-8")
    done = run_here("items", "remap", "--from", str(path))
    assert done.returncode == 2 and words in done.stderr
