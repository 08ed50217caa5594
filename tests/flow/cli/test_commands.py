"""What a person types, and what comes of it."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from .conftest import COMMAND, Run


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_help_lists_all_commands_and_imports_nothing_heavy(environ: dict[str, str]) -> None:
    check = (
        "import sys\nfrom mediastead.cli.main import run\nassert run(['--help']) == 0\n"
        "heavy = {'litestar', 'sqlalchemy', 'msgspec', 'httpx', 'rich', 'yaml', 'guessit', 'structlog', 'asyncio'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [COMMAND[0], "-c", check], env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    assert "HEAVY []" in done.stdout
    for command in ("serve", "demo", "library", "scan", "items", "files", "unmatched", "imports", "parse", "doctor"):
        assert f"\n  {command} " in done.stdout


def test_help_takes_at_most_three_tenths_of_a_second(environ: dict[str, str]) -> None:
    # The time that the processor worked: the clock on the wall also measures whoever else uses the machine.
    before = os.times()
    subprocess.run([*COMMAND, "--help"], env=environ, capture_output=True, timeout=60, check=True)
    after = os.times()
    used = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    assert used <= 0.3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serv"], "No such command"),
        (["library", "add"], "Missing argument"),
        (["library", "add", "/x", "--kind", "music"], "'music' is not one of"),
        (["unmatched", "match", "1"], "--tmdb-id"),
        (["files", "match", "1", "--tmdb-id", "5", "--type", "series", "--episode", "one"], "S01E02"),
        (["scan", "--confirm", "--discard"], "--confirm or --discard"),
        (["matching", "accept", "1"], "--kind, or --change, or --all"),
        (["files", "show", "0"], "0 is not in the range"),
        (["files", "list", "--presence", "gone"], "'gone' is not one of"),
        (["unmatched", "list", "--reason", "tired"], "'tired' is not one of"),
    ],
)
def test_wrong_use_is_one_line_on_standard_error_and_exit_2(run: Run, arguments: list[str], words: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr and done.stderr.count("\n") == 1
    assert "--help" in done.stderr


def test_a_wrong_setting_is_wrong_use_and_names_the_right_one(run: Run) -> None:
    done = run("library", "list", env={"MEDIASTEAD_PROT": "80"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "MEDIASTEAD_PORT?" in done.stderr and done.stderr.count("\n") == 1


def test_parse_reads_names_and_prints_a_line_for_each_in_order(run: Run) -> None:
    done = run("parse", "--json", "-", input="The.Matrix.1999.mkv\nLost.S01E01-E02.mkv\n")
    assert done.returncode == 0, done.stderr
    told = lines(done.stdout)
    for line in told:
        said = set(line) - {"name", "sources", "confidence"}
        assert set(line.pop("sources")) == set(confidence := line.pop("confidence")) == said
        assert all(0 < sure <= 1 for sure in confidence.values())
    assert told == [
        {"name": "The.Matrix.1999.mkv", "type": "movie", "title": "The Matrix", "year": 1999},
        {"name": "Lost.S01E01-E02.mkv", "type": "episode", "title": "Lost", "season": 1, "episodes": [1, 2]},
    ]


def test_a_library_is_added_scanned_answered_and_forgotten(run: Run, films: Path) -> None:
    assert run("scan").returncode == 1
    added = run("library", "add", str(films), "--kind", "movies", "--json")
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout)["name"] == "films"

    scanned = run("scan", "films")
    assert scanned.returncode == 0, scanned.stderr
    assert "films: completed; 2 files" in scanned.stdout
    assert scanned.stdout.endswith("\n1 matched, 1 unmatched. `mediastead unmatched groups` shows the questions.\n")

    files = lines(run("files", "list", "--json").stdout)
    assert [set(file) for file in files] == [
        {"id", "library", "path", "identification", "presence", "role", "item", "episodes", "waiting_for", "content"}
    ] * 2
    by_path = {file["path"]: file for file in files}
    matrix = by_path["The.Matrix.1999.mkv"]
    assert (matrix["identification"], matrix["presence"], matrix["role"]) == ("matched", "present", "feature")
    assert matrix["item"] | {"id": 0} == {"id": 0, "type": "movie", "tmdb_id": 603, "title": "The Matrix", "year": 1999}
    assert by_path["qwertz uiop.mkv"]["identification"] == "unmatched"
    decided = lines(run("files", "list", "--json", "--decision").stdout)
    assert {file["decision"]["outcome"] for file in decided} == {"match", "no_match"}

    (group,) = lines(run("unmatched", "groups", "--json").stdout)
    assert set(group) == {"group", "files", "shared", "title", "year", "count", "ready", "left"}
    question = group["files"][0]["id"]
    answered = run("unmatched", "match", str(question), "--tmdb-id", "603", "--type", "movie")
    assert answered.returncode == 0, answered.stderr
    again = run("unmatched", "dismiss", str(question))
    assert again.returncode == 1 and again.stderr.startswith("mediastead: 1 of 1 could not be answered")

    assert run("library", "remove", "films", "--yes").returncode == 0
    assert run("files", "list", "--json").stdout == ""
    assert sorted(path.name for path in films.glob("*.mkv")) == sorted(by_path)


def test_a_library_is_told_by_the_name_that_it_has(run: Run, films: Path) -> None:
    added = run("library", "add", str(films), "--kind", "movies", "--name", "Bob's films")
    assert added.stdout == "Added Bob's films; `mediastead scan \"Bob's films\"` looks at it now.\n", added.stderr


def test_a_root_that_is_gone_is_exit_1_and_says_what_to_do(run: Run, films: Path) -> None:
    assert run("library", "add", str(films), "--kind", "movies").returncode == 0
    films.rename(films.with_name("elsewhere"))
    done = run("scan")
    assert done.returncode == 1
    assert "films: its root cannot be looked at" in done.stderr and "scan again" in done.stderr


def test_a_reader_that_has_enough_is_no_failure(environ: dict[str, str], tmp_path: Path) -> None:
    names = "\n".join(f"Metropolis.{year}.mkv" for year in range(1900, 2020))
    command = " ".join(f"'{part}'" for part in [*COMMAND, "parse", "--json", "-"])
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 1"],
        env=environ, cwd=tmp_path, input=names, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["title"] == "Metropolis"


def test_db_goes_up_and_down_and_says_where_it_is(run: Run, nothing: dict[str, str]) -> None:
    assert run("db", "check", env=nothing).returncode == 1
    assert run("db", "upgrade", env=nothing).returncode == 0
    assert run("db", "check", env=nothing).returncode == 0
    assert run("db", "downgrade", "base", "--yes", env=nothing).returncode == 0
    unknown = run("db", "upgrade", "nonsense", env=nothing)
    assert unknown.returncode == 1 and unknown.stderr.count("\n") == 1


def test_doctor_names_what_is_wrong_and_tells_no_secret(run: Run) -> None:
    env = {"MEDIASTEAD_METADATA": "tmdb", "MEDIASTEAD_DATABASE_URL": "postgresql://ada:hunter2@127.0.0.1:1/none"}
    done = run("doctor", "--json", env=env)
    assert done.returncode == 1
    checks = {check["check"]: check for check in lines(done.stdout)}
    assert checks["database"]["state"] == "bad" and "***" in checks["database"]["detail"]
    assert checks["provider"]["state"] == "bad" and "MEDIASTEAD_TMDB_API_KEY" in checks["provider"]["detail"]
    assert "hunter2" not in done.stdout + done.stderr


def test_identify_says_why_and_makes_nothing(run: Run, nothing: dict[str, str], tmp_path: Path) -> None:
    done = run("identify", "films/The Matrix (1999).mkv", "--json", env=nothing)
    assert done.returncode == 0, done.stderr
    decision = json.loads(done.stdout)["decision"]
    assert (decision["outcome"], decision["item"]["tmdb_id"]) == ("match", 603)
    assert decision["item"]["evidence"]
    assert not (tmp_path / "nothing").exists()


def test_the_committed_document_is_the_one_that_the_code_makes(run: Run) -> None:
    committed = Path(__file__).parents[3] / "openapi" / "openapi.json"
    done = run("openapi", str(committed), "--check")
    assert done.returncode == 0, done.stderr


def test_a_server_serves_commands_and_stops_soon_with_an_open_stream(
    run: Run, environ: dict[str, str], films: Path
) -> None:
    import httpx

    server = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], env=environ, cwd=films.parent, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip().removeprefix("Mediastead listens on ")
        assert run("--server", address, "library", "add", str(films), "--kind", "movies").returncode == 0
        scanned = run("scan", "--json", env={"MEDIASTEAD_SERVER": address})
        assert scanned.returncode == 0, scanned.stderr
        assert json.loads(scanned.stdout)["outcome"] == "completed"
        with httpx.stream("GET", f"{address}/v1/events", params={"after": 0}, timeout=20) as events:
            assert next(events.iter_lines())
            asked = time.monotonic()
            server.send_signal(signal.SIGTERM)
            assert server.wait(20) == 0
            assert time.monotonic() - asked < 10
    finally:
        server.kill()
        server.wait()
        assert server.stdout is not None
        server.stdout.close()


def test_a_port_that_is_taken_is_told_in_one_line(run: Run) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("mediastead: cannot listen on 127.0.0.1")


def test_listening_beyond_this_machine_is_refused(run: Run) -> None:
    done = run("serve", "--host", "0.0.0.0")
    assert done.returncode == 2
    assert "no accounts yet" in done.stderr


def test_a_server_that_is_not_there_is_told_with_what_to_do(run: Run) -> None:
    done = run("--server", "http://127.0.0.1:1", "library", "list")
    assert done.returncode == 1
    assert "mediastead serve" in done.stderr and done.stderr.count("\n") == 1


def test_parse_gives_a_line_for_an_empty_one_too(run: Run) -> None:
    done = run("parse", "--json", "-", input="A (2000).mkv\n\nB.mkv\n")
    assert [line["name"] for line in lines(done.stdout)] == ["A (2000).mkv", "", "B.mkv"]


def test_a_database_that_cannot_be_reached_is_told_as_that(run: Run) -> None:
    done = run("library", "list", env={"MEDIASTEAD_DATABASE_URL": "postgresql+psycopg://u:secret@127.0.0.1:1/x"})
    assert done.returncode == 1
    assert "doctor" in done.stderr and "secret" not in done.stderr and "mistake" not in done.stderr


def test_identify_knows_what_was_rejected_and_what_a_scan_leaves_out(run: Run, tmp_path: Path) -> None:
    film = tmp_path / "films" / "The Matrix (1999)" / "The Matrix (1999).mkv"
    film.parent.mkdir(parents=True)
    film.write_bytes(b"x")
    os.utime(film, (1_600_000_000, 1_600_000_000))  # nothing is still written to it
    assert run("library", "add", str(tmp_path / "films"), "--kind", "movies").returncode == 0
    assert run("scan").returncode == 0
    [file] = lines(run("files", "list", "--json", "--decision").stdout)
    assert file["decision"]["outcome"] == "match" and file["decision"]["episodes"] == []
    assert run("files", "unmatch", str(file["id"])).returncode == 0
    [told] = lines(run("identify", str(film), "--json").stdout)
    assert told["decision"]["outcome"] == "no_match"
    assert file["item"]["tmdb_id"] not in [each["tmdb_id"] for each in told["decision"]["suggestions"]]
    [hidden] = lines(run("identify", str(film.parent / "@eaDir" / "x.mkv"), "--json").stdout)
    assert "@eaDir" in hidden["left_out"]
    [text] = lines(run("identify", str(film.parent / "notes.txt"), "--json").stdout)
    assert text["left_out"]
