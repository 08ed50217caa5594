"""`mediastead demo-pipeline`: from a DVD image to a file in a library, with the real programs."""

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from mediastead.cli.demo_disc import NEEDED

from ..commands import run_command

MISSING = [program for program in NEEDED if shutil.which(program) is None]


def environment(tmp_path: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MEDIASTEAD_")}
    return kept | {"XDG_CONFIG_HOME": str(tmp_path)}


@pytest.mark.timeout(600)
@pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")
def test_a_disc_goes_into_the_library_and_every_step_is_told(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    done = run_command(
        ["demo-pipeline", "--data-dir", str(data), "--seconds", "121"],
        env=environment(tmp_path),
        cwd=tmp_path,
        timeout=580,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Detected: ALIEN_1979, a dvd with 2 titles." in done.stdout
    steps = [line.strip() for line in done.stdout.splitlines() if " -> " in line]
    assert steps == [
        "new -> ripped, by local (approval)",
        "ripped -> remuxed, by pipeline (auto)",
        "remuxed -> transcoded, by pipeline (auto)",
        "transcoded -> in_library, by local (approval)",
    ]
    assert "matched to Alien (1979)." in done.stdout
    (film,) = (data / "library").rglob("*.mkv")
    assert film.name == "Alien (1979) {tmdb-348}.mkv"
    folder = data / "staging" / "Alien (1979)"
    assert (folder / ".pipeline" / "state").read_text() == "in_library\n"
    markers = {path.name for path in (folder / ".pipeline").glob("*.done")}
    assert markers == {"rip.done", "remux.done", "transcode.done", "organize.done"}
    assert json.loads((folder / ".pipeline" / "metadata.json").read_text())["tmdb_id"] == 348
    with sqlite3.connect(data / "mediastead.db") as database:
        jobs = database.execute("SELECT stage, state, attempt FROM stage_job ORDER BY id").fetchall()
        methods = database.execute("SELECT method, success FROM media_file_import").fetchall()
    database.close()
    assert jobs == [(stage, "completed", 1) for stage in ("rip", "remux", "transcode", "organize")]
    assert methods == [("pipeline", 1)]


def test_missing_programs_are_named_with_the_way_to_get_them_and_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    without = environment(tmp_path) | {"PATH": str(tmp_path / "bin")}
    done = run_command(["demo-pipeline", "--data-dir", str(tmp_path / "demo")], env=without, cwd=tmp_path)
    assert done.returncode == 1
    assert "sudo apt-get install ffmpeg dvdauthor genisoimage lsdvd dvdbackup mkvtoolnix" in done.stderr
    assert not (tmp_path / "demo").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "keep.txt").touch()
    refused = run_command(
        ["demo-pipeline", "--data-dir", str(tmp_path / "mine")], env=environment(tmp_path), cwd=tmp_path
    )
    assert refused.returncode == 1 and (tmp_path / "mine" / "keep.txt").exists()
