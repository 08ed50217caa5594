"""Past decisions made again from the command line: shown, and applied where a person says so."""

from pathlib import Path

from .conftest import Run
from .test_commands import lines


def test_a_replay_is_shown_listed_and_accepted(run: Run, films: Path) -> None:
    assert run("library", "add", str(films), "--kind", "movies").returncode == 0
    assert run("scan").returncode == 0

    shown = run("matching", "replay", "--library", "films", "--threshold", "1")
    assert shown.returncode == 0, shown.stderr
    assert "1 would become questions (would_queue)" in shown.stdout
    assert "The Matrix (1999), 0.99" in shown.stdout and "low_confidence: The Matrix (1999)" in shown.stdout
    assert "Nothing was changed." in shown.stdout
    (change,) = lines(run("matching", "changes", "1", "--json").stdout)
    assert (change["kind"], change["before"]["tmdb_id"], change["accepted_by"]) == ("would_queue", 603, None)

    accepted = run("matching", "accept", "1", "--kind", "would_queue")
    assert (accepted.returncode, accepted.stdout) == (0, "1 changes were applied.\n"), accepted.stderr
    states = {file["identification"] for file in lines(run("files", "list", "--json").stdout)}
    assert states == {"unmatched"}
    again = run("matching", "accept", "1", "--change", str(change["id"]))
    assert again.returncode == 1 and "was accepted before" in again.stderr
