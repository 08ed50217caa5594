"""Killed or refused at any call of an organizing, of its recovery and of its being taken back: no file is lost or doubled.

The suite goes through every fifth of a part of the points, `.ci/run` through that part (MEDIASTEAD_TEST_FAULTS=part), and
`make faults` through all (MEDIASTEAD_TEST_FAULTS=all).
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mediastead.db import migrate
from mediastead.db.engine import Database

from ...conftest import SERVER_URL
from ...postgres import drop_database, make_database
from .faults import KINDS, OF_COMMITS
from .rooms import GROUPS, OVER, build, contents, furnish, looks

REPOSITORY = Path(__file__).parents[3]
ALL = os.environ.get("MEDIASTEAD_TEST_FAULTS") == "all"
EACH = 1 if "MEDIASTEAD_TEST_FAULTS" in os.environ else 5
"""Of the points of the part."""


class Victim:
    """The fork server of `victim.py`, with the library and the database that it works on."""

    def __init__(self, url: str, root: Path) -> None:
        home = {path.decode(): look.inode for path, look in looks(root).items()}
        self._order = {"url": url, "root": str(root), "home": home, "said": contents(root), "hours": 0, "killed": False}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.flow.organizing.victim"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.on_sqlite = url.startswith("sqlite")
        self.kills = 0

    def run(self, points: list[dict[str, Any]], *, here: bool = False) -> dict[int, list[str]]:
        """All of them, in as many processes as it takes; by point the calls that were seen, but for those that killed."""
        left = {point["id"]: point for point in points}
        calls: dict[int, list[str]] = {}
        while True:
            begun = None
            for said in self._one(list(left.values()), here):
                if said.get("failed"):
                    raise AssertionError(
                        f"after {points[0]['id'] if begun is None else left.get(begun, begun)}: {said['failed']}"
                    )
                if "begun" in said:
                    begun = said["begun"]
                elif "point" in said:
                    calls[said["point"]] = said["calls"]
                    del left[said["point"]]
                elif said.get("killed"):
                    self.kills += 1
                    assert begun in left, "killed where nothing was to happen"
                    assert left[begun]["kind"] in ("kill", "kill-after"), left[begun]
                    del left[begun]
                elif "killed" in said:
                    return calls

    def _one(self, points: list[dict[str, Any]], here: bool) -> Iterator[dict[str, Any]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._order["hours"] += 10_000
        self._process.stdin.write(json.dumps({**self._order, "points": points, "here": here}) + "\n")
        self._process.stdin.flush()
        while True:
            said = json.loads(self._process.stdout.readline())
            yield said
            if "killed" in said:
                self._order["killed"] = said["killed"]
                return

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(30)


class Stage(NamedTuple):
    """One thing that is done, of which every call is a place where something can happen."""

    op: str
    group: str
    before: dict[int, str]
    """For a recovery: what had happened."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def victim(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Any:
    name = f"mediastead_faults_{os.getpid()}"
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'mediastead.db')}"
    else:
        url = make_database(os.environ[SERVER_URL], name)
        migrate.upgrade(url)
    root = tmp_path / "disk"
    build(root)
    database = Database(url)
    await furnish(database, root)
    await database.dispose()
    victim = Victim(url, root)
    yield victim
    victim.close()
    if request.param == "postgresql":
        drop_database(os.environ[SERVER_URL], name)


@pytest.mark.timeout(3600 if "MEDIASTEAD_TEST_FAULTS" in os.environ else 400)
def test_whatever_happens_at_any_call_no_file_is_lost_and_the_journal_closes(
    victim: Victim, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    stages, undisturbed = _stages(victim)
    # In the suite a call has one thing befall it on each database, death on one of the two: mostly on SQLite, where a new
    # process costs less.
    errors = cycle(KINDS[2:])
    deaths = cycle((True, True, False) if victim.on_sqlite else (False, False, True))
    points: list[dict[str, Any]] = []
    for stage, calls in zip(stages, undisturbed, strict=True):
        for number, call in enumerate(calls, 1):
            if ALL:
                chosen = OF_COMMITS if call == "commit" else KINDS
            else:
                chosen = (
                    ("kill-after", "refused") if call == "commit" else ("kill",) if next(deaths) else (next(errors),)
                )
            points += [_point(len(points) + index, stage, number, kind) for index, kind in enumerate(chosen)]
    assert {call for calls in undisturbed for call in calls} >= {
        "commit",
        "move",
        "fsync",
        "make_folder",
        "remove_folder",
        "link",
        "write",
    }
    points = points[::EACH]
    victim.run(points)
    by_kind = Counter(point["kind"] for point in points)
    by_op = Counter(point["op"] for point in points)
    assert victim.kills == by_kind["kill"] + by_kind["kill-after"]
    assert len(points) >= (2000 if ALL else 450 // EACH)
    with capsys.disabled():
        print(f"\n{request.node.name}: {len(points)} points, {dict(by_op)}, {dict(by_kind)}")


def _stages(victim: Victim) -> tuple[list[Stage], list[list[str]]]:
    """Everything that is done, and the calls of each when nothing happens."""
    stages = [Stage(op, group, {}) for group in GROUPS for op in ("apply", "undo")]
    calls = victim.run([_point(number, stage, None, None) for number, stage in enumerate(stages)], here=True)
    recoveries: list[Stage] = []
    for number, stage in enumerate(stages):
        if stage.op == "apply" and (ALL or stage.group != "a disc"):
            begun = calls[number].index("commit") + 1
            moves = [
                position
                for position, call in enumerate(calls[number], 1)
                if call in ("move", "link") and position > begun
            ]
            recoveries += [
                Stage("settle", stage.group, {at: "gone"}) for at in _broken_off(calls[number], moves, begun)
            ]
            # The last move that can be taken back fails, and the process dies at the first call of taking back.
            last = moves[len(moves) // 2 - 1] if stage.group in OVER else moves[-1]
            recoveries.append(Stage("settle-back", stage.group, {last: "EIO", last + 2: "gone"}))
    first = len(stages)
    recoveries.append(Stage("first", "a disc", {}))
    more = victim.run([_point(first + number, stage, None, None) for number, stage in enumerate(recoveries)], here=True)
    seen = [calls[number] for number in range(first)] + [more[first + number] for number in range(len(recoveries))]
    tried = seen[-1].index("commit")
    seen[-1] = seen[-1][:tried]  # what comes behind is as in `apply`
    return stages + recoveries, seen


def _broken_off(calls: list[str], moves: list[int], begun: int) -> list[int]:
    """Where a recovery begins: in the middle of the moves; with `all`, at every call behind the first commit."""
    return list(range(begun + 1, len(calls) + 1)) if ALL else [moves[len(moves) // 2]]


def _point(number: int, stage: Stage, at: int | None, kind: str | None) -> dict[str, Any]:
    return {"id": number, "op": stage.op, "group": stage.group, "before": stage.before, "at": at, "kind": kind}
