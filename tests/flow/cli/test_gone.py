"""Titles that TMDB deleted or merged, from the command line: they are listed with what they may be now, and remapped."""

import json
import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mediastead.cli import main

from ...standin import KEY, StandIn


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]
MATRIX = "The Matrix (1999).mkv"
THRONES = "Game of Thrones (2011)/Game of Thrones S01E0{}.mkv"
ROBIN = "Robin Hood ({}).mkv"
SPIRITED = "Spirited Away (2001).mkv"


@pytest.fixture
def tmdb() -> Generator[StandIn]:
    with StandIn() as standin:
        yield standin


@pytest.fixture
def run(
    environ: dict[str, str], tmdb: StandIn, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    """Commands in this process, which ask the stand-in."""
    for key in [key for key in os.environ if key.startswith("MEDIASTEAD_")]:
        monkeypatch.delenv(key)
    asked = {
        "MEDIASTEAD_METADATA": "tmdb",
        "MEDIASTEAD_TMDB_BASE_URL": tmdb.base_url,
        "MEDIASTEAD_TMDB_API_KEY": KEY,
        "MEDIASTEAD_PARSER_WORKERS": "1",
    }
    for key, value in (environ | asked).items():
        monkeypatch.setenv(key, value)

    def run(*arguments: str) -> Done:
        capfd.readouterr()
        code = main.run(list(arguments))
        printed = capfd.readouterr()
        return Done(code, str(printed.out), str(printed.err))

    return run


@pytest.fixture
def root(run: Run, tmp_path: Path) -> None:
    """A scanned library with two episodes, two films, and two more films of one name."""
    root = tmp_path / "media"
    for name in (MATRIX, THRONES.format(1), THRONES.format(2), ROBIN.format(2010), ROBIN.format(2018), SPIRITED):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (1_600_000_000, 1_600_000_000))
    assert run("library", "add", str(root), "--kind", "mixed").returncode == 0
    done = run("scan")
    assert done.returncode == 0, done.stderr


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def held(run: Run) -> dict[str, tuple[int, int, list[tuple[int, int]]]]:
    """Item, TMDB id and episodes of every file."""
    tmdb_ids = {item["id"]: item["tmdb_id"] for item in lines(run("items", "list", "--json").stdout)}
    return {
        file["path"]: (
            file["item"]["id"],
            tmdb_ids[file["item"]["id"]],
            [(each["season"], each["number"]) for each in file["episodes"]],
        )
        for file in lines(run("files", "list", "--json").stdout)
    }


def refreshed(run: Run, *item_ids: int) -> None:
    for item_id in item_ids:
        done = run("items", "refresh", str(item_id))
        assert done.returncode == 1 and "mediastead items remap" in done.stderr, done


@pytest.mark.usefixtures("root")
def test_titles_that_are_gone_are_listed_with_their_successors_and_remapped_with_all_their_files(
    run: Run, tmdb: StandIn, tmp_path: Path
) -> None:
    before = held(run)
    film = before[MATRIX][0]
    assert run("items", "gone").stdout == "The provider has every film and series under its id.\n"
    assert run("items", "refresh", str(film)).stdout == f"Item {film}, The Matrix: nothing new.\n"
    tmdb.merge("movie", 603, 9603)
    refreshed(run, film)
    assert held(run) == before
    listed = run("items", "gone").stdout
    assert "deleted" in listed and "movie:9603 The Matrix (1999) by imdb" in listed
    [gone] = lines(run("items", "gone", "--json").stdout)
    assert (gone["id"], gone["tmdb_id"], gone["gone"]["successors"][0]["tmdb_id"]) == (film, 603, 9603)

    seen = run("items", "remap", f"{film}=movie:9603", "--preview")
    assert (seen.returncode, seen.stderr) == (0, "") and "would be" in seen.stdout and "changed" in seen.stdout
    assert held(run) == before and len(lines(run("items", "gone", "--json").stdout)) == 1
    done = run("items", "remap", f"{film}=movie:9603")
    assert (done.returncode, done.stderr) == (0, "") and "changed" in done.stdout
    assert held(run) == before | {MATRIX: (film, 9603, [])}
    assert lines(run("items", "gone", "--json").stdout) == []

    # Many at once, by a table: one that is refused keeps its file.
    before = held(run)
    names = (THRONES.format(1), ROBIN.format(2018), ROBIN.format(2010), SPIRITED)
    series, twin, its_twin, spirited = (before[name][0] for name in names)
    tmdb.merge("tv", 1399, 91399)
    tmdb.delete("movie", 375588)
    tmdb.delete("movie", 129)
    refreshed(run, series, twin, spirited)
    gone = {item["id"]: item["gone"]["successors"] for item in lines(run("items", "gone", "--json").stdout)}
    assert [each["tmdb_id"] for each in gone[series]] == [91399] and gone[spirited] == []
    table = tmp_path / "became.csv"
    table.write_text(
        f"item,type,tmdb_id\n{series},series,91399\n{twin},movie,20662\n{spirited},movie,999999\n", encoding="utf-8-sig"
    )
    done = run("items", "remap", "--from", str(table), "--json")
    assert done.returncode == 1 and "1 of 3 items were refused" in done.stderr
    assert f"Item {spirited}: tmdb has no movie with the id 999999." in done.stderr
    outcomes = {row["item_id"]: (row["outcome"], row["into_item_id"], row["files"]) for row in lines(done.stdout)}
    assert outcomes == {series: ("changed", series, 2), twin: ("merged", its_twin, 1), spirited: ("refused", None, 1)}
    assert held(run) == before | {
        THRONES.format(1): (series, 91399, [(1, 1)]),
        THRONES.format(2): (series, 91399, [(1, 2)]),
        ROBIN.format(2018): (its_twin, 20662, []),
    }
    assert [item["id"] for item in lines(run("items", "gone", "--json").stdout)] == [spirited]


@pytest.mark.parametrize(
    ("table", "words"),
    [("item,type\n1,movie\n", "1=movie:None"), ("item,type,tmdb_id\n1,film,603\n", "1=film:603"), ("", "at least one")],
)
def test_a_table_that_cannot_be_read_is_refused_before_anything_is_done(
    run: Run, tmp_path: Path, table: str, words: str
) -> None:
    path = tmp_path / "became.csv"
    path.write_text(table, "utf-8")
    done = run("items", "remap", "--from", str(path))
    assert done.returncode == 2 and words in done.stderr
