"""What is being made, on the command line."""

import json
from pathlib import Path

import pytest

from .conftest import RunHere


def test_a_film_is_added_changed_given_up_and_what_was_lost_is_taken_up_again(
    run_here: RunHere, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MEDIASTEAD_METADATA", "bundled")

    def run(*arguments: str, code: int = 0) -> str:
        done = run_here(*arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    assert "pipeline add" in run("pipeline", "list")
    assert "--type" in run("pipeline", "add", "X", code=2)
    said = run("pipeline", "add", "--type", "movie", "--tmdb-id", "603", "--preset", "h265")
    assert said.startswith("Item 1: The Matrix (1999), new. Nothing belongs to it yet: add a disc")
    assert "is being made already, as item 1" in run(
        "pipeline", "add", "The Matrix", "--type", "movie", "--year", "1999", code=1
    )
    (row,) = [json.loads(line) for line in run("pipeline", "list", "--json").splitlines()]
    assert (row["name"], row["state"], row["progress"]) == ("The Matrix", "new", 0.0)
    shown = run("pipeline", "show", "1")
    assert "The Matrix (1999)" in shown and "local (manual)" in shown
    assert "There is nothing to start for item 1: add a disc to it first" in run("pipeline", "start", "1", code=1)
    assert "only remux and transcode can" in run("pipeline", "skip", "1", "rip", code=1)
    assert "Item 1" in run("pipeline", "skip", "1", "transcode")
    assert json.loads(run("pipeline", "auto", "1", "--json"))["item"]["automatic"] is True
    assert "Nothing was at work" in run("pipeline", "cancel", "1")
    assert "see mediastead pipeline set --help" in run("pipeline", "set", "1", code=1)
    changed = run("pipeline", "set", "1", "--approval", "organize_confirm", "--json")
    assert json.loads(changed)["item"]["approvals"] == ["organize_confirm"]
    assert "It was given up" in run("pipeline", "give-up", "1", "--why", "changed my mind")
    assert "given up" in run("pipeline", "list", "--all")
    assert "add a new one" in run("pipeline", "start", "1", code=1)
    assert "The database knows all that lies there" in run("pipeline", "recover", "--dry-run")
    ripped = tmp_path / "data" / "staging" / "Alien (1979)" / ".rip" / "3-1"
    ripped.mkdir(parents=True)
    (ripped / "Alien.mkv").write_bytes(b"film")
    assert "say it without --dry-run" in run("pipeline", "recover", "--dry-run")
    assert "1 discs, 1 titles with files" in run("pipeline", "recover")
    assert "its files were found in the staging folder" in run("pipeline", "show", "2")
    assert "There is nothing to clear away" in run("pipeline", "clear", "--dry-run")
    assert "still needed" in run("pipeline", "clear", "2")


def test_what_waits_for_an_answer_is_listed_and_no_answer_goes_nowhere(run_here: RunHere) -> None:
    assert run_here("approvals", "list").stdout == "Nothing waits for an answer.\n"
    assert "`mediastead approvals list` lists what there is" in run_here("approvals", "show", "7").stderr
    assert run_here("approvals", "reject", "7").returncode == 2
    assert "is no JSON" in run_here("approvals", "approve", "7", "--changes", "{").stderr
