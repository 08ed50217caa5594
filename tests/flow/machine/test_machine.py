"""Scans, moves, deaths, answers and unplugged disks in any order: no file, no answer, no id and no count is ever lost.

The suite tries a few orders on each database, `.ci/run` 200 of 50 steps over both (MEDIASTEAD_TEST_FAULTS=part), always the
same ones; `make faults` tries 2,000 others each time (MEDIASTEAD_TEST_FAULTS=all). Fewer on PostgreSQL, where each takes longer.
"""

import asyncio
import json
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from structlog.testing import capture_logs

from mediastead.db.engine import Database
from mediastead.scanning import absence, inventory, pump, root
from mediastead.scanning.mounts import mounts_beneath

from ...conftest import Emptying
from ...one_thread import stay_in_one_thread
from .books import Reader
from .deaths import Deaths
from .disk import BATCH_FOLDERS
from .looks import ALWAYS_BELIEVED
from .machine import Machine
from .world import World

FAULTS = os.environ.get("MEDIASTEAD_TEST_FAULTS")
RUNS = {None: {"sqlite": [4], "postgresql": [4]}, "part": {"sqlite": [35] * 4, "postgresql": [20] * 3}}.get(
    FAULTS, {"sqlite": [350] * 4, "postgresql": [200] * 3}
)
"""By database. One test has so many, that several workers share them."""
STEPS = 50

WORK = (
    "put", "moved by hand", "moved to another library", "swapped", "moved with their folder", "deleted", "changed in place",
    "another put in its place", "unmounted", "mounted again", "scan completed", "new", "moved", "missing", "died in a scan",
    "identified", "matched", "dismissed", "answers undone", "organized", "moved back",
)  # fmt: skip
"""What has to have happened at least once on each database, or the tests would show less than they say."""
IN_MORE_RUNS = (
    "scan completed_with_gaps", "scan of folders completed", "scan needs_confirmation", "scan root_unavailable",
    "scan waits for moves", "confirmed", "discarded", "unknown", "died in a scan that had written",
    "matched by a bulk answer", "restored", "brought in by link", "brought in by copy", "brought in by move", "brought back",
    "died while organizing", "brought to an end",
)  # fmt: skip
"""The same for more runs than the suite has."""


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, sqlite_template: Path) -> Iterator[str]:
    """Of a database that is emptied before each run. SQLite's lies in memory where that is possible: no power fails here."""
    if kind == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        emptying: Emptying = request.getfixturevalue("emptying")
        yield url
        emptying.run()
        return
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as folder:
        path = shutil.copy(sqlite_template, Path(folder) / "mediastead.db")
        yield f"sqlite+aiosqlite:///{path}?check_same_thread=false"


@pytest.fixture
def make(
    url: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], World]]:
    """Gives two empty libraries in an empty database, again and again at the same address."""
    database, reader, deaths = Database(url), Reader(url), Deaths()
    base = tmp_path / "media"
    stay_in_one_thread(monkeypatch)
    monkeypatch.setattr(absence, "ALWAYS_BELIEVED", ALWAYS_BELIEVED)
    monkeypatch.setattr(pump, "BATCH_FOLDERS", BATCH_FOLDERS)
    monkeypatch.setattr(pump, "BATCH_SECONDS", 1000)  # however busy the machine is
    for module in (inventory, root):
        monkeypatch.setattr(module, "mounts_beneath", lambda path: mounts_beneath(path, str(base / "mountinfo")))
    with asyncio.Runner() as runner, capture_logs():

        def made() -> World:
            if database.sqlite_path is None:
                emptying: Emptying = request.getfixturevalue("emptying")
                emptying.run()
            else:
                runner.run(database.dispose())
                reader.close()
                for path in database.sqlite_path.parent.glob("mediastead.db*"):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                shutil.copy(request.getfixturevalue("sqlite_template"), database.sqlite_path)
            shutil.rmtree(base, ignore_errors=True)
            base.mkdir()
            return World(database, reader, base, deaths)

        Machine.runner = runner
        yield made
        runner.run(database.dispose())
        reader.close()
        deaths.stop_listening()


@pytest.mark.timeout(36000 if FAULTS == "all" else 3600 if FAULTS else 400)
@pytest.mark.parametrize(("kind", "share"), [(kind, share) for kind in RUNS for share in range(len(RUNS[kind]))])
def test_nothing_is_lost_whatever_happens_in_whatever_order(
    kind: str, share: int, make: Callable[[], World], counted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Machine.made = staticmethod(make)
    Machine.ran = ran = Counter()
    asked = RUNS[kind][share]
    Machine.enough = staticmethod(lambda: ran["runs"] >= asked and ran["steps"] - ran["runs"] >= asked * STEPS)
    seed = random.SystemRandom().getrandbits(32) if FAULTS == "all" else share
    cast(Any, Machine)._hypothesis_internal_use_seed = seed
    began = time.process_time(), time.monotonic()
    try:
        run_state_machine_as_test(
            cast(Any, Machine),
            settings=settings(
                max_examples=asked + asked // 5 + 1,  # a few runs are some steps shorter: Hypothesis ends them
                stateful_step_count=STEPS + 1,  # the first one fills the libraries
                deadline=None,
                database=None,
                print_blob=False,
                report_multiple_bugs=False,
                suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
                # A run that fails tells what it did; to find a shorter one takes minutes, which the suite does not have.
                phases=(Phase.generate, Phase.shrink) if FAULTS == "all" else (Phase.generate,),
            ),
        )
    except BaseException as error:
        error.add_note(f"seed {seed}")
        raise
    finally:
        runs, steps = ran["runs"], ran["steps"] - ran["runs"]
        took = f"{time.process_time() - began[0]:.0f} s of computing, {time.monotonic() - began[1]:.0f} s"
        did = {what: count for what, count in sorted(ran.items()) if what not in ("runs", "steps")}
        with capsys.disabled():
            print(f"\n{kind} {share}, seed {seed}: {runs} runs, {steps} steps, {took}, {did}")
    assert runs >= asked
    assert steps >= asked * STEPS
    (counted / f"{kind}-{share}.new").write_text(json.dumps(did))
    (counted / f"{kind}-{share}.new").rename(counted / f"{kind}-{share}")
    _look_whether_all_happened(counted, kind)


@pytest.fixture
def counted(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Path:
    """A folder that the workers share, of this run of tests."""
    folder = tmp_path_factory.getbasetemp().parent / f"machine-{testrun_uid}"
    folder.mkdir(exist_ok=True)
    return folder


def _look_whether_all_happened(counted: Path, kind: str) -> None:
    """Whichever share of a database ends last finds those of the others."""
    shares = [counted / f"{kind}-{share}" for share in range(len(RUNS[kind]))]
    if all(share.exists() for share in shares):
        ran = sum((Counter(json.loads(share.read_text())) for share in shares), Counter[str]())
        never = [each for each in (*WORK, *(IN_MORE_RUNS if FAULTS else ())) if not ran[each]]
        assert not never, f"never happened on {kind}: {never}"
