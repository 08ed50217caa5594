"""A disk that goes away at any moment of a scan costs nothing: no file is taken to be missing, and all keep their ids."""

import json
import os
from pathlib import Path

import pytest

from ..commands import own_namespace, run_command

TIMES = 100 if "MEDIASTEAD_TEST_FAULTS" in os.environ else 10
SEED = 12 if "MEDIASTEAD_TEST_FAULTS" in os.environ else 11


@pytest.mark.timeout(300)
@pytest.mark.parametrize("marked", ["marked", "unmarked"])
def test_no_file_is_missing_where_a_disk_goes_away_while_its_library_is_scanned(
    database_url: str, tmp_path: Path, marked: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """With real mounts; where they are not allowed, or PostgreSQL cannot be reached from there, with folders that are swapped."""
    namespace = own_namespace()
    if namespace == "user" and database_url.startswith("postgresql"):
        namespace = None
    how = "mounts" if namespace else "swaps"
    done = run_command(
        [how, database_url, str(tmp_path / "disks"), str(SEED), str(TIMES), marked],
        env=os.environ,
        module="tests.flow.presence.unmounting",
        namespace=namespace,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["times"] == TIMES
    assert told["moments"] > 30
    with capsys.disabled():
        print(f"\n{request.node.name}: {TIMES} by {how}, {told['outcomes']}")


def test_another_disk_in_a_library_is_not_believed_and_moves_wait_for_one_that_is_away(
    database_url: str, tmp_path: Path
) -> None:
    """An empty disk was mounted over a full one before the scan began, which is asked to look without the limit; and a disk was
    taken off while files were moved on it."""
    namespace = own_namespace()
    if namespace is None or (namespace == "user" and database_url.startswith("postgresql")):
        pytest.skip("nothing can be mounted here, or the database cannot be reached from there")
    done = run_command(
        [database_url, str(tmp_path)], env=os.environ, module="tests.flow.presence.covering", namespace=namespace
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["covered"] == {
        "first": "completed",
        "covered": ["completed_with_gaps", ["another disk is mounted here, with none of the known files"], [31, 0]],
        "uncovered": ["completed", True],
        "accepted, with the limit": ["needs_confirmation", [32, 0]],
        "accepted, without": ["completed", [2, 30]],
        "again": ["completed", [2, 30]],
    }
    organized = told["organized"]
    assert organized["broken off"] == ["disk/a/2.mkv", "disk/b/1.mkv"]
    state, said, there = organized["off"]
    assert (state, there) == (["waiting"], [])
    assert said.startswith("The disk that was mounted at disk is not there: mount it.")
    state, said, _ = organized["partly covered"]
    assert state == ["waiting"]
    assert said.startswith("Another disk was mounted over disk/a or a folder above it: take it off.")
    assert organized["on"] == [["done"], None, ["disk/b/1.mkv", "disk/b/2.mkv"]]
