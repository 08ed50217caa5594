"""`mediastead discs`, with a DVD of some seconds."""

import json
import shutil
from pathlib import Path

import pytest

from ...generators.dvd import MISSING, authored_once
from .conftest import RunHere


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_a_disc_is_read_shown_corrected_and_rejected(
    run_here: RunHere, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = tmp_path_factory.getbasetemp()
    dvd = authored_once(base.parent if base.name.startswith("popen-") else base, "dvd")
    shutil.copy(dvd / "disc.iso", tmp_path / "one.iso")
    assert run_here("discs", "list").stdout == "No disc was seen yet.\n"
    added = run_here("discs", "add", str(tmp_path / "one.iso"))
    assert added.returncode == 0, added.stderr
    assert "Disc 1: FIREFLY_S1_D1 (dvd, pending)" in added.stdout and "0:00:26" in added.stdout
    listed = json.loads(run_here("discs", "list", "--json").stdout)
    assert (listed["label"], listed["titles"], listed["inserted"]) == ("FIREFLY_S1_D1", 4, True)
    changed = json.loads(run_here("discs", "set-title", "1", "2", "--role", "extra", "--select", "--json").stdout)
    title = changed["titles"][1]
    assert (title["role"], title["selected"], title["by_hand"]) == ("extra", True, True)
    assert run_here("discs", "set-title", "1", "2").returncode == 2
    assert "rejected" in run_here("discs", "reject", "1", "--words", "scratched").stdout
    assert "pending" in run_here("discs", "again", "1").stdout
    ejected = run_here("discs", "eject", "1")
    assert (ejected.returncode, "lies in no drive" in ejected.stderr) == (1, True)
    missing = run_here("discs", "show", "9")
    assert (missing.returncode, "`mediastead discs list`" in missing.stderr) == (1, True)
