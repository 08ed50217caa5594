"""Killed or refused at any call of an organizing, of its recovery, of its being taken back, and of emptying the trash: no file
is lost, torn or doubled, and the journal closes.

A point is a call (a change of the disk, or a commit) with what befalls it. The suite goes through a thirtieth of a part of them,
`.ci/run` through the rest of that part as well (MEDIASTEAD_TEST_FAULTS=part), and `make faults` through all of them
(MEDIASTEAD_TEST_FAULTS=all).
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pytest

from mediastead.db import migrate
from mediastead.db.engine import Database

from ...conftest import SERVER_URL
from ...postgres import drop_database, make_database
from .faults import KINDS, OF_COMMITS
from .rooms import DOUBLED, GROUPS, OVER, REPLACED, build, contents, furnish, looks

REPOSITORY = Path(__file__).parents[3]
FAULTS = os.environ.get("MEDIASTEAD_TEST_FAULTS")
ALL = FAULTS == "all"
SUITE = 30
"""One in so many points of the part is the suite's."""
SHARES = 2 if FAULTS else 1
"""Each database's points are gone through by so many tests, so that two processes end at about the same time."""
AT_LEAST = {None: 500 // SUITE, "part": 245}.get(FAULTS, 5000 // SHARES)
"""Points of one test: of all at least 10,000 over both databases, of the part 1,000 with those of the suite."""
TOLD_EACH = 250

Point: TypeAlias = dict[str, Any]
"""One as `victim.py` reads it."""


class Victim:
    """The fork server of `victim.py`, with the library and the database that it works on."""

    def __init__(self, url: str, root: Path) -> None:
        home = {path.decode(): look.inode for path, look in looks(root).items()}
        self._order = {
            "url": url,
            "root": str(root),
            "home": home,
            "said": list(contents(root).values()),
            "hours": 0,
            "killed": False,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.flow.organizing.victim"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.on_sqlite = url.startswith("sqlite")
        self.kills = 0

    def run(
        self, points: list[Point], *, here: bool = False, tell: Callable[[int], None] = lambda _: None
    ) -> dict[int, list[str]]:
        """All of them, in as many processes as it takes; by point the calls that were seen, but for those that killed.

        `tell` hears after each how many are left.
        """
        left = {point["id"]: point for point in points}
        calls: dict[int, list[str]] = {}
        last: Point | None = None
        while True:
            begun = None
            for said in self._one(list(left.values()), here):
                if said.get("failed"):
                    raise AssertionError(f"after {last}: {said['failed']}")
                if "begun" in said:
                    begun = said["begun"]
                    last = left[begun]
                elif "point" in said:
                    calls[said["point"]] = said["calls"]
                    del left[said["point"]]
                    tell(len(left))
                elif said.get("killed"):
                    self.kills += 1
                    assert begun in left, "killed where nothing was to happen"
                    assert left[begun]["kind"] in ("kill", "kill-after"), left[begun]
                    del left[begun]
                    tell(len(left))
                elif "killed" in said:
                    return calls

    def _one(self, points: list[Point], here: bool) -> Iterator[Point]:
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

    def __hash__(self) -> int:
        return hash((self.op, self.group, *self.before.items()))


Chosen: TypeAlias = tuple[Stage, int, str, str]
"""What is done, the number and name of one of its calls, and what befalls that."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def victim(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path, share: int) -> Any:
    name = f"mediastead_faults_{share}_{os.getpid()}"
    if request.param == "sqlite":
        folder: Path = request.getfixturevalue("sqlite_folder")
        url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, folder / f'{name}.db')}?check_same_thread=false"
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


@pytest.mark.timeout(4 * 3600 if FAULTS else 900)
@pytest.mark.parametrize("share", range(SHARES))
def test_whatever_happens_at_any_call_no_file_is_lost_and_the_journal_closes(
    victim: Victim, share: int, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    stages, undisturbed = _stages(victim)
    seen = {call for calls in undisturbed for call in calls}
    assert seen >= {"commit", "move", "fsync", "make_folder", "remove_folder", "link", "write", "unlink", "truncate"}
    chosen = _all(stages, undisturbed) if ALL else _part(stages, undisturbed, on_sqlite=victim.on_sqlite)
    assert len(set(chosen)) == len(chosen), "each point once"
    points = [_point(number, *each) for number, each in enumerate(chosen) if _is_due(number, share)]
    by_kind = Counter(point["kind"] for point in points)
    by_op = Counter(point["op"] for point in points)
    begun = time.monotonic()

    def tell(left: int) -> None:
        if ALL and left % TOLD_EACH == 0:
            with capsys.disabled():
                print(
                    f"{request.node.name}: {left} of {len(points)} left, {time.monotonic() - begun:.0f} s", flush=True
                )

    outlived = victim.run(points, tell=tell)
    assert victim.kills == by_kind["kill"] + by_kind["kill-after"]
    assert victim.kills + len(outlived) == len(points) >= AT_LEAST
    with capsys.disabled():
        print(f"\n{request.node.name}: {len(points)} points of {len(chosen)}, {dict(by_op)}, {dict(by_kind)}")


def _is_due(number: int, share: int) -> bool:
    """Whether this test visits the point of this number."""
    if FAULTS is None:
        return number % SUITE == 0
    return (ALL or number % SUITE != 0) and number // SUITE % SHARES == share


def _part(stages: list[Stage], undisturbed: list[list[str]], *, on_sqlite: bool) -> list[Chosen]:
    """Over both databases, an error befalls each call, and death each that changes anything (an fsync finds the same as the next
    call). What the two of them are for one call comes on one database each: death mostly on SQLite, where a new process costs
    less."""
    errors = cycle(KINDS[2:])
    deaths_on_sqlite = cycle((True, True, False))
    chosen: list[Chosen] = []
    for stage, calls in zip(stages, undisturbed, strict=True):
        for number, call in enumerate(calls, 1):
            error = "refused" if call == "commit" else next(errors)
            deaths = [] if call == "fsync" else ["kill"]
            if call == "commit" and number == len(calls):
                deaths.append("kill-after")
            kinds = deaths if next(deaths_on_sqlite) == on_sqlite else [error]
            chosen += [(stage, number, call, kind) for kind in kinds]
    return chosen


def _all(stages: list[Stage], undisturbed: list[list[str]]) -> list[Chosen]:
    """Everything befalls each call. Where one recovers from what befell another before: death before it, and one error. (That
    it dies behind it differs only at commits from that it dies before the next.)"""
    errors = cycle(KINDS[2:])
    chosen: list[Chosen] = []
    for stage, calls in zip(stages, undisturbed, strict=True):
        for number, call in enumerate(calls, 1):
            kinds = OF_COMMITS if call == "commit" else (KINDS[0], next(errors)) if stage.before else KINDS
            chosen += [(stage, number, call, kind) for kind in kinds]
    return chosen


def _stages(victim: Victim) -> tuple[list[Stage], list[list[str]]]:
    """Everything that is done, and the calls of each when nothing happens."""
    stages = [Stage(op, group, {}) for group in GROUPS for op in ("apply", "undo")]
    calls = victim.run([_point(number, stage) for number, stage in enumerate(stages)], here=True)
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
            recoveries.append(Stage("settle-back", stage.group, {last: "EIO-then-gone"}))
    first = len(stages)
    recoveries += [Stage("empty", group, {}) for group in DOUBLED if group not in REPLACED]
    recoveries.append(Stage("first", "a disc", {}))
    more = victim.run([_point(first + number, stage) for number, stage in enumerate(recoveries)], here=True)
    seen = [calls[number] for number in range(first)] + [more[first + number] for number in range(len(recoveries))]
    tried = seen[-1].index("commit")
    seen[-1] = seen[-1][:tried]  # what comes behind is as in `apply`
    return stages + recoveries, seen


def _broken_off(calls: list[str], moves: list[int], begun: int) -> list[int]:
    """Where a recovery begins: in the middle of the moves; with `all`, at every call behind the first commit that finds another
    state than the one before it (after an fsync all is as it was)."""
    if not ALL:
        return [moves[len(moves) // 2]]
    return [at for at in range(begun + 1, len(calls) + 1) if calls[at - 2] != "fsync"]


def _point(number: int, stage: Stage, at: int | None = None, call: str | None = None, kind: str | None = None) -> Point:
    more = {"op": stage.op, "group": stage.group, "before": stage.before}
    return {"id": number, **more, "at": at, "call": call, "kind": kind}
