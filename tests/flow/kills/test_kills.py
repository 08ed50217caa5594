"""kill -9 at every commit of both phases, and at random moments of the real command: nothing is lost, nothing is doubled."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import create_engine, insert, make_url
from sqlalchemy.pool import NullPool

from mediastead.libraries.models import Library, LibraryKind

from ...conftest import Emptying
from ...generators.tree import Expected, make_tree
from ...memory import memory_folder
from ..commands import Command, run_command
from ..servers import environment_for
from .state import State, state_of

WHOLE = "MEDIASTEAD_TEST_FAULTS" in os.environ
FILES = 50
"""A tree has a folder of each sort, however few they are."""
SUITE = 8
"""One in so many commits is the suite's, the others are those of the rest of `.ci/run`."""
KILLS = 5 if WHOLE else 1
"""At random moments, for each seed and database."""
SUNDAY = ("S02E12.mkv", *(f"Breaking Bad S02E{number:02}.mkv" for number in range(1, 9)), "S02E13.mkv")
"""Two files that only those between them tell, which are identified at another time."""
SEED = 20
REPOSITORY = Path(__file__).parents[3]

SEEDS = 3 if WHOLE else 1

Fresh = Callable[[], str]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Expected]:
    root = tmp_path_factory.mktemp("kills") / "media"
    expected = make_tree(root, seed=SEED, files=FILES)
    beside = root / "Sunday box"
    beside.mkdir()
    for name in SUNDAY:
        (beside / name).write_bytes(name.encode())
    for path in root.rglob("*"):  # nothing is still written to them
        os.utime(path, (1_600_000_000, 1_600_000_000), follow_symlinks=False)
    media = expected.media | {b"Sunday box/" + name.encode() for name in SUNDAY}
    return root, structs.replace(expected, media=media, files=expected.files + len(SUNDAY))


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tree: tuple[Path, Expected]) -> Iterator[Fresh]:
    """Gives the address of a database that knows the library and nothing else, whatever it knew before."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        with TemporaryDirectory(prefix="mediastead-test-", dir=memory_folder()) as folder:
            path = Path(folder) / "run" / "mediastead.db"

            def copy() -> str:
                shutil.rmtree(path.parent, ignore_errors=True)
                path.parent.mkdir()
                shutil.copy(template, path)
                return _with_library(f"sqlite+aiosqlite:///{path}", tree[0])

            yield copy
        return
    url: str = request.getfixturevalue("postgres_url")
    emptying: Emptying = request.getfixturevalue("emptying")

    def emptied() -> str:
        emptying.run()
        return _with_library(url, tree[0])

    yield emptied
    emptying.run()


def _with_library(url: str, root: Path) -> str:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        address = address.set(drivername="sqlite")
    library = {"name": "All", "root": os.fsencode(root), "kind": LibraryKind.MIXED, "exclude_patterns": []}
    with create_engine(address, poolclass=NullPool).begin() as connection:
        connection.execute(insert(Library).values(**library, created_at=datetime.now(UTC)))
    return url


class Victim:
    """The fork server of `victim.py`. After a run that did not end as it should, the next one gets a new server: the old one
    may be at work still, and its answer would be taken for that to another order."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(
        self,
        url: str,
        kill_at: int | None = None,
        when: str = "after",
        *,
        paths: list[str] | None = None,
        warm: bool = False,
    ) -> Any:
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        order = {"url": url, "kill_at": kill_at, "when": when, "paths": paths or [], "warm": warm}
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            result = json.loads(process.stdout.readline())
            assert not result["failed"]
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # with the child that it waits for
            self.close()
            raise
        return result

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait(30)

    def _started(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.flow.kills.victim"]
        return subprocess.Popen(
            command,
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


@pytest.fixture(scope="module")
def victim(tree: tuple[Path, Expected]) -> Iterator[Victim]:
    victim = Victim()
    yield victim
    victim.close()


def test_after_an_order_that_fails_the_next_one_is_answered(
    victim: Victim, fresh: Fresh, tree: tuple[Path, Expected]
) -> None:
    with pytest.raises(AssertionError):
        victim.run("sqlite+aiosqlite:////nowhere/mediastead.db")
    assert victim.run(fresh(), kill_at=1)["killed"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("when", "first"), [("before", 1), ("after", 2)])
def test_a_kill_at_any_commit_loses_and_doubles_nothing(
    victim: Victim, fresh: Fresh, tree: tuple[Path, Expected], when: str, first: int
) -> None:
    """Before and after a commit are the two sides of each boundary; taken in turns, every boundary is met."""
    _, expected = tree
    paths = [path.decode("utf-8", "replace") for path in expected.media]
    victim.run(fresh(), paths=paths, warm=True)
    url = fresh()
    undisturbed = victim.run(url)
    wanted: State = state_of(url, expected)
    assert undisturbed["commits"] >= 10
    for turn, number in enumerate(range(first, undisturbed["commits"] + 1, 2)):
        if (turn % SUITE == 0) == WHOLE:
            continue
        url = fresh()
        assert victim.run(url, kill_at=number, when=when)["killed"], f"there was no commit {number}"
        again = victim.run(url)
        assert not again["killed"]
        assert state_of(url, expected) == wanted, f"killed {when} commit {number}"


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_kills_at_random_moments_of_the_command_lose_and_double_nothing(
    fresh: Fresh, tree: tuple[Path, Expected], tmp_path: Path, seed: int
) -> None:
    """A database is killed up to three times before a run gets through; 30 kills in all of `.ci/run`."""
    _, expected = tree
    url = fresh()
    environment = environment_for(url, tmp_path / "data")
    chance = random.Random(seed)
    begun = time.monotonic()
    run_command(["scan"], env=environment, check=True)
    whole = time.monotonic() - begun
    wanted = state_of(url, expected)
    kills = 0
    attempts = 0
    while kills < KILLS:
        url = fresh()
        for number in range(3):
            attempts += 1
            assert attempts <= 20, f"only {kills} of {attempts} runs were still going when their moment came"
            begun = time.monotonic()
            command = Command(["scan"], env=environment, stdout=subprocess.DEVNULL)
            try:
                command.wait(chance.uniform(0.2, 0.9) * whole)
            except subprocess.TimeoutExpired:
                command.kill()
                command.wait()
                kills += 1
            else:
                # The machine has become less busy since the whole was measured.
                whole = min(whole, time.monotonic() - begun) if number == 0 else whole
                break
        run_command(["scan"], env=environment, check=True)
        assert state_of(url, expected) == wanted
