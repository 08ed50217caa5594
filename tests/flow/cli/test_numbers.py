"""A series whose files count otherwise, settled from the command line: by a table, by an offset, and by accepting."""

import json
import os
from pathlib import Path

import pytest

from .conftest import RunHere


@pytest.fixture
def run(run_here: RunHere, monkeypatch: pytest.MonkeyPatch) -> RunHere:
    """Commands in this process, which ask the bundled catalogue."""
    monkeypatch.setenv("MEDIASTEAD_METADATA", "bundled")
    return run_here


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def shows(tmp_path: Path) -> Path:
    """Game of Thrones as nobody counts it: a season 9, which has the episodes of season 8."""
    root = tmp_path / "shows"
    folder = root / "Game of Thrones (2011)"
    folder.mkdir(parents=True)
    for number in (1, 2, 3, 9):
        path = folder / f"Game of Thrones - S09E{number:02}.mkv"
        path.touch()
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return root


def test_a_group_is_looked_at_and_matched_with_an_offset_and_a_table(run: RunHere, shows: Path, tmp_path: Path) -> None:
    assert run("library", "add", str(shows), "--kind", "series").returncode == 0
    assert run("scan").returncode == 0
    ids = [str(each["id"]) for each in lines(run("unmatched", "list", "--json").stdout)]
    wrong = run("unmatched", "match", *ids, "--type", "series", "--tmdb-id", "1399")
    assert wrong.returncode == 1 and wrong.stderr.count("--episode S01E02") == 1 and "match-group" in wrong.stderr
    [group] = lines(run("unmatched", "groups", "--json").stdout)
    assert group["count"] == group["ready"] + group["left"] == 4
    title = ("--type", "series", "--tmdb-id", "1399")
    offset = ("--season", "9", "--to-season", "8")
    seen = run("unmatched", "match-group", group["group"], *title, *offset, "--preview")
    assert seen.returncode == 0, seen.stderr
    assert "settles 3 files, 1 stay" in seen.stdout and "S09E02\tS08E02" in seen.stdout
    table = tmp_path / "table.csv"
    table.write_text("says,is\nS09E09,S08E05-E06\n", "utf-8")
    done = run("unmatched", "match-group", group["group"], *title, *offset, "--table", str(table))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("4 files were matched.")
    files = {file["path"]: file for file in lines(run("files", "list", "--json").stdout)}
    held = files["Game of Thrones (2011)/Game of Thrones - S09E09.mkv"]["episodes"]
    assert [(each["season"], each["number"]) for each in held] == [(8, 5), (8, 6)]
    # The answer is remembered: a later file of the series is counted the same.
    later = shows / "Game of Thrones (2011)" / "Game of Thrones - S09E04.mkv"
    later.touch()
    os.utime(later, (1_600_000_000, 1_600_000_000))
    assert run("scan").returncode == 0
    [file] = [each for each in lines(run("files", "list", "--json").stdout) if each["path"].endswith("S09E04.mkv")]
    assert [(each["season"], each["number"]) for each in file["episodes"]] == [(8, 4)]
    told = run("identify", str(later)).stdout
    assert "It would be matched to" in told and "S08E04" in told and "remembered answer 1" in told
    held = run("remembered", "show", "1").stdout
    assert "season 9 counts in season 8" in held
    by_person, by_identification = held.split("Matched with it by a person")[1].split("Matched by it")
    assert by_person.count(".mkv") == 4 and by_identification.count(".mkv") == 1
    [remembered] = lines(run("remembered", "list", "--json").stdout)
    assert (remembered["by_person"], remembered["held"]) == (4, {"matched": 1})
    refused = run("items", "set-order", str(file["item"]["id"]), "abc", "--preview")
    assert refused.returncode == 1 and "offers no order" in refused.stderr


def test_a_table_that_cannot_be_read_is_told_with_its_line(run: RunHere, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("says,is\nS01E01,x\n", "utf-8")
    title = ("--type", "series", "--tmdb-id", "1399")
    done = run("unmatched", "match-group", "0123456789abcdef", *title, "--table", str(table))
    assert done.returncode == 2 and "line 2" in done.stderr


def test_what_is_proposed_for_a_group_is_accepted(run: RunHere, tmp_path: Path) -> None:
    root = tmp_path / "films"
    root.mkdir()
    for name in ("Robin Hood.mkv", "qwertz uiop.mkv"):
        (root / name).touch()
        os.utime(root / name, (1_600_000_000, 1_600_000_000))
    assert run("library", "add", str(root), "--kind", "movies").returncode == 0
    assert run("scan").returncode == 0
    groups = {group["files"][0]["path"]: group for group in lines(run("unmatched", "groups", "--json").stdout)}
    robin = groups["Robin Hood.mkv"]
    assert (robin["title"], robin["ready"], robin["left"]) == ("Robin Hood", 1, 0)
    done = run("unmatched", "accept-group", robin["group"])
    assert (done.returncode, done.stdout) == (0, "1 files were matched.\n"), done.stderr
    refused = run("unmatched", "accept-group", groups["qwertz uiop.mkv"]["group"])
    assert refused.returncode == 1 and "match-group" in refused.stderr
