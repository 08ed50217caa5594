"""Records on disks that fail for real: no NFO is ever half there, no person's is touched, and all come in the end."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ..commands import Namespace, own_namespace, run_command
from .records import FILMS

SEED = 7
ALL = dict.fromkeys(FILMS[:-1], "ours") | {FILMS[-1]: "theirs"}


def scenario(*arguments: str, namespace: Namespace | None = None) -> Any:
    done = run_command(arguments, env=os.environ, module="tests.flow.kills.records", namespace=namespace, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.mark.timeout(180)
def test_a_kill_at_any_moment_leaves_no_half_record_and_the_next_one_finishes(
    database_url: str, tmp_path: Path
) -> None:
    told = scenario("killed", database_url, str(tmp_path / "media"), str(SEED))
    assert told["died"] > 0
    for seen in told["seen"]:
        assert "broken" not in seen.values()
        assert seen[FILMS[-1]] == "theirs"
    assert told["after"] == ALL
    assert told["current"] == len(FILMS) - 1


@pytest.mark.timeout(180)
def test_a_full_disk_and_one_that_can_only_be_read_are_told_and_tried_again(tmp_path: Path) -> None:
    """On SQLite alone: in the namespace that may mount, the socket of the tests' PostgreSQL is out of reach."""
    namespace = own_namespace()
    if namespace is None:
        pytest.skip("NOT TRIED: this machine allows no mounts")
    url = f"sqlite+aiosqlite:///{tmp_path}/mediastead.db"
    told = scenario("refused", url, str(tmp_path / "media"), namespace=namespace)
    nothing = {FILMS[-1]: "theirs"}
    assert (told["full"]["written"], told["full"]["disk"]) == (0, nothing)
    assert "No space left on device: make room on it." in told["full"]["errors"]
    assert (told["room again"]["written"], told["room again"]["disk"]) == (len(FILMS) - 1, ALL)
    assert told["read only"]["disk"] == ALL
    assert any(
        "Read-only file system: mount it so that it can be written to" in one for one in told["read only"]["errors"]
    )
    assert (told["writable again"]["written"], told["writable again"]["disk"]) == (len(FILMS) - 1, ALL)
