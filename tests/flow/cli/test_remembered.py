"""Remembered answers from the command line."""

import json
import os
from pathlib import Path

from .conftest import Run


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
        os.utime(path, (1_600_000_000, 1_600_000_000))


def test_an_answer_is_remembered_shown_and_revoked(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "series"
    put(root, "Brekin Med/Brekin Med S01E01.mkv")
    assert run("library", "add", str(root), "--kind", "series").returncode == 0
    assert run("scan").returncode == 0
    answered = run("unmatched", "match", "1", "--type", "series", "--tmdb-id", "1396", "--episode", "S01E01")
    assert 'read as "Brekin Med" in this library are "Breaking Bad"' in answered.stdout
    told = run("identify", str(root / "Brekin Med" / "Brekin Med S01E04.mkv")).stdout
    assert "answered: remembered answer 1, by local" in told
    assert "Brekin Med/Brekin Med S01E01.mkv" in run("remembered", "show", "1").stdout
    revoked = run("remembered", "revoke", "1", "--also-files")
    assert revoked.returncode == 0 and '"Brekin Med" is no longer taken for Breaking Bad (2008)' in revoked.stdout
    (listed,) = (json.loads(line) for line in run("remembered", "list", "--json").stdout.splitlines())
    assert (listed["title"], listed["revoked_by"]) == ("Brekin Med", "local")
