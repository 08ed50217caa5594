"""Scans, moves, deaths, answers and unplugged disks in any order: no file, no answer, no id and no count is ever lost.

The suite tries some orders on each database, `.ci/run` 100 of 50 steps (MEDIASTEAD_TEST_FAULTS=part), always the same ones;
`make faults` tries 1,000 others each time (MEDIASTEAD_TEST_FAULTS=all).
"""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, cast

import aiosqlite
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from structlog.testing import capture_logs

from mediastead.db.engine import Database
from mediastead.libraries.models import BringHow
from mediastead.scanning import absence, inventory, pump, root
from mediastead.scanning.mounts import mounts_beneath
from mediastead.scanning.scope import Scope, ScopeFolder

from ...conftest import empty_database
from .books import Reader, Row
from .deaths import Deaths
from .disk import FILMS, INBOX, LIBRARIES, MOUNTS, Place, is_media, is_on_disk
from .looks import ALWAYS_BELIEVED, Looks
from .moves import DEATHS, Moves
from .people import ORGANIZE, People
from .world import World

FAULTS = os.environ.get("MEDIASTEAD_TEST_FAULTS")
RUNS, STEPS = {None: (12, 50), "part": (100, 50)}.get(FAULTS, (1000, 50))
FOLDERS = (b"", b"new/", b"b/c/", b"disk/", b"disk/d/")
NAMES = (
    b"The Matrix (1999).mkv",
    b"Fight Club (1999).mkv",
    b"Alien (1979).mkv",
    b"Gladiator (2000).mkv",
    b"Inception.2010.1080p.mkv",
    b"Pulp Fiction (1994).mkv",
    b"Forrest Gump (1994).mkv",
    b"Titanic (1997).mkv",
    b"qwertz.mkv",
    b"clip 7.mkv",
    b"Breaking Bad S01E02.mkv",
    b"Alien (1979)-trailer.mkv",
)
PLACES: list[Place] = [(library, folder + name) for library in LIBRARIES for folder in FOLDERS for name in NAMES]
TOPS = (b"x", b"y", b"new", b"b")
"""Names that folders are given."""
TITLES = (603, 550, 348, 98, 27205)
"""TMDB ids of the films."""

WORK = (
    "put", "moved by hand", "moved to another library", "swapped", "folder renamed", "deleted", "changed in place",
    "unmounted", "mounted again", "scan completed", "scan completed_with_gaps", "scan of folders completed",
    "scan needs_confirmation", "scan root_unavailable", "confirmed", "discarded", "new", "moved", "missing", "back", "unknown",
    "died in a scan", "died in a scan that had written", "identified", "matched", "matched by a bulk answer", "dismissed",
    "restored", "answers undone", "not undone, since something depends on it", "organized", "brought in by link",
    "brought in by copy", "brought in by move", "moved back", "died while organizing", "brought to an end",
    "scan waits for moves", "died in identification",
)  # fmt: skip
"""What has to happen in so many runs at least once, or the test shows less than it says."""

Make = Callable[[], World]
NUMBER = st.integers(0, 63)
LATE = st.none() | st.integers(1, 14)


class Machine(RuleBasedStateMachine):
    """One run. A rule that finds nothing to work on does nothing."""

    ran: Counter[str]
    made: Make
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.world = self.made()
        self.looks, self.people, self.moves = Looks(self.world), People(self.world), Moves(self.world)
        self.do("two libraries", self.world.make())

    def do(self, what: str, work: Coroutine[Any, Any, Any] | None = None) -> None:
        self.world.tell(what)
        try:
            if work is not None:
                self.runner.run(work)
        except BaseException as error:
            error.add_note("\n".join(self.world.story))
            raise

    # The disk

    def _files(self) -> list[Place]:
        """Those that a person can get at, and nothing of ours is moving."""
        world = self.world
        return sorted(
            place
            for place in world.disk.lying
            if is_media(place[1]) and place[0] not in world.locked and not world.disk.is_hidden(place)
        )

    def _free(self, library: str | None = None) -> list[Place]:
        world = self.world
        return [
            place
            for place in PLACES
            if place[0] not in world.locked
            and library in (None, place[0])
            and not world.disk.is_hidden(place)
            and (place[0] == FILMS or not place[1].startswith(b"disk/"))
            and world.disk.is_free(place)
        ]

    @initialize(numbers=st.lists(NUMBER, min_size=8, max_size=8))
    def fill(self, numbers: list[int]) -> None:
        for number in numbers:
            self.put(number)
        for library in LIBRARIES:
            self.do(f"scan {library}", self.looks.scan(library))
        self.do("identify", self.people.identify())

    @rule(number=NUMBER)
    def put(self, number: int) -> None:
        if place := _one_of(self._free(), number * 7):
            self.do(f"put {place}")
            self.world.disk.put(place)
            subtitles = place[0], place[1][:-4] + b".en.srt"
            if number % 3 == 0 and self.world.disk.is_free(subtitles):
                self.world.disk.put(subtitles)
            self.world.done["put"] += 1

    @rule(number=NUMBER, to=NUMBER, other_library=st.booleans())
    def move(self, number: int, to: int, other_library: bool) -> None:
        if old := _one_of(self._files(), number):
            library = next(each for each in LIBRARIES if (each != old[0]) == other_library)
            if new := _one_of(self._free(library), to):
                self.do(f"move by hand {old} -> {new}")
                self.world.disk.move(old, new)
                self.world.done["moved to another library" if other_library else "moved by hand"] += 1

    @rule(kind=st.sampled_from(("swap", "folder", "delete", "delete many", "change")), number=NUMBER, other=NUMBER)
    def disturb(self, kind: str, number: int, other: int) -> None:
        files = self._files()
        place = _one_of(files, number)
        if place is None:
            return
        if kind == "swap":
            self._swap(place, _one_of(files, other))
        elif kind == "folder":
            self._rename_folder(number, other)
        elif kind == "change":
            self.do(f"change {place}")
            self.world.disk.change(place)
            self.world.done["changed in place"] += 1
        elif len(files) > 3:
            gone = [each for each in files if each[0] == place[0]][:6] if kind == "delete many" else [place]
            self.do(f"delete {gone}")
            self.world.disk.delete(gone)
            self.world.done["deleted"] += len(gone)

    def _swap(self, one: Place, two: Place) -> None:
        if one != two and one[0] == two[0] and is_on_disk(one) == is_on_disk(two):
            self.do(f"swap {one} and {two}")
            self.world.disk.swap(one, two)
            self.world.done["swapped"] += 1

    def _rename_folder(self, number: int, to: int) -> None:
        tops = sorted({(library, path.partition(b"/")[0]) for library, path in self._files() if b"/" in path})
        folder = _one_of([top for top in tops if top[1] != b"disk"], number)
        free = [name for name in TOPS if folder and self.world.disk.is_free((folder[0], name))]
        if folder and free:
            new = free[to % len(free)]
            self.do(f"rename folder {folder} to {new!r}")
            self.world.disk.move_folder(*folder, new)
            self.world.done["folder renamed"] += 1

    @precondition(lambda self: not self.world.disk.away)
    @rule(number=NUMBER)
    def unmount(self, number: int) -> None:
        disk = self.world.disk
        there = [mount for mount in MOUNTS if mount not in disk.away and disk.is_there(mount[0])]
        # A group of moves waits for its library's disk; for one in a folder of it, it does not know to.
        there = [mount for mount in there if not mount[1] or mount[0] not in self.world.locked]
        if mount := _one_of(there, number):
            self.do(f"unmount {mount}")
            disk.unmount(mount)
            self.world.done["unmounted"] += 1

    @precondition(lambda self: self.world.disk.away)
    @rule(number=NUMBER)
    def mount(self, number: int) -> None:
        disk = self.world.disk
        away = [each for each in sorted(disk.away) if not each[1] or disk.is_there(each[0])]
        if mount := _one_of(away, number):
            self.do(f"mount {mount} again")
            disk.mount(mount)
            self.world.done["mounted again"] += 1

    # The product

    @rule(library=st.sampled_from(LIBRARIES))
    def scan(self, library: str) -> None:
        self.do(f"scan {library}", self.looks.scan(library))

    @rule(library=st.sampled_from(LIBRARIES))
    def scan_and_identify(self, library: str) -> None:
        self.scan(library)
        self.do("identify", self.people.identify())

    @rule(library=st.sampled_from(LIBRARIES), number=NUMBER, deep=st.booleans())
    def scan_folders(self, library: str, number: int, deep: bool) -> None:
        folders = {path.rpartition(b"/")[0] for of, path in self.world.disk.lying if of == library}
        folders |= {row.path.rpartition(b"/")[0] for row in self.world.rows.values() if row.library == library}
        folder = sorted(folders | {b""})[number % (len(folders | {b""}))]
        if folder == b"" and deep:
            return
        scope = Scope([ScopeFolder(folder, deep)])
        self.do(f"scan {library} in {folder!r}, deep: {deep}", self.looks.scan(library, scope))

    @rule(library=st.sampled_from(LIBRARIES), at=st.integers(1, 6))
    def die_in_a_scan(self, library: str, at: int) -> None:
        self.do(f"scan {library}, dying at commit {at}", self.looks.scan(library, at=at))

    @precondition(lambda self: set(self.looks.waiting) - self.world.locked)
    @rule(confirm=st.booleans())
    def answer_a_scan(self, confirm: bool) -> None:
        library = min(set(self.looks.waiting) - self.world.locked)
        if confirm:
            self.do(f"confirm the scan of {library}", self.looks.confirm(library))
        else:
            self.do(f"discard the scan of {library}", self.looks.discard(library))

    @rule(at=st.none() | st.none() | st.integers(1, 6))
    def identify(self, at: int | None) -> None:
        self.do(f"identify{_dying(at)}", self.people.identify(at))

    @rule(number=NUMBER, tmdb_id=st.sampled_from(TITLES), remember=st.booleans())
    def match(self, number: int, tmdb_id: int, remember: bool) -> None:
        if row := _one_of(list(self.world.rows.values()), number):
            also = ", and its like" if remember else ""
            self.do(f"match {_named(row)} to {tmdb_id}{also}", self.people.match(row, tmdb_id, remember=remember))

    @rule(titles=st.dictionaries(NUMBER, st.sampled_from(TITLES), min_size=1, max_size=4), remember=st.booleans())
    def match_many(self, titles: dict[int, int], remember: bool) -> None:
        if asked := self._asked():
            chosen = {asked[number % len(asked)].id: tmdb_id for number, tmdb_id in titles.items()}
            self.do(f"match {chosen}, for their like: {remember}", self.people.match_many(chosen, remember=remember))

    @rule(numbers=st.sets(NUMBER, min_size=1, max_size=3))
    def dismiss(self, numbers: set[int]) -> None:
        if asked := self._asked():
            chosen = sorted({asked[number % len(asked)].id for number in numbers})
            self.do(f"dismiss {chosen}", self.people.dismiss(chosen))

    @rule(number=NUMBER)
    def restore(self, number: int) -> None:
        rows = [row for row in self.world.rows.values() if row.identification in ("dismissed", "ignored")]
        if row := _one_of(rows, number):
            self.do(f"restore {_named(row)}", self.people.restore(row))

    def _asked(self) -> list[Row]:
        return [row for row in self.world.rows.values() if row.asked]

    @precondition(lambda self: not self.world.open_groups)
    @rule(library=st.sampled_from(LIBRARIES), at=LATE)
    def organize(self, library: str, at: int | None) -> None:
        self.do(f"organize {library}{_dying(at)}", self.moves.organize(library, at))

    @precondition(lambda self: not self.world.open_groups)
    @rule(how=st.sampled_from(BringHow), at=LATE)
    def bring_in(self, how: BringHow, at: int | None) -> None:
        self.do(f"bring in by {how.value}{_dying(at)}", self.moves.bring_in(how, at))

    @precondition(lambda self: not self.world.open_groups)
    @rule(also_undos=st.booleans(), at=LATE)
    def undo(self, also_undos: bool, at: int | None) -> None:
        newest = self.people.newest(also_undos=also_undos)
        if newest is None:
            return
        operation_id, kind = newest
        if kind == ORGANIZE:
            self.do(f"undo organizing (operation {operation_id}){_dying(at)}", self.moves.undo(operation_id, at))
        elif self.people.is_known(operation_id):
            self.do(f"undo {kind} (operation {operation_id})", self.people.undo(operation_id))

    @precondition(lambda self: self.world.open_groups or self.moves.is_applying)
    @rule(at=LATE)
    def begin_again(self, at: int | None) -> None:
        at = at if self.moves.deaths < DEATHS else None
        self.do(f"begin again{_dying(at)}", self.moves.begin_again(at))

    @invariant()
    def holds(self) -> None:
        try:
            self.world.check()
        except BaseException as error:
            error.add_note("\n".join(self.world.story))
            raise

    def teardown(self) -> None:
        self.ran.update(self.world.done)
        self.ran["runs"] += 1
        if "MACHINE_TIMES" in os.environ:
            print(f"{time.process_time():.2f} {time.monotonic():.2f} {len(self.world.story)}", file=sys.stderr)


def _one_of(things: list[Any], number: int) -> Any:
    return things[number % len(things)] if things else None


def _named(row: Row) -> str:
    return f"file {row.id} ({row.library}:{row.path.decode()}, {row.identification})"


def _dying(at: int | None) -> str:
    return "" if at is None else f", dying at call {at}"


@pytest.fixture
def url(request: pytest.FixtureRequest, sqlite_template: Path) -> Iterator[str]:
    """Of a database that is emptied before each run. SQLite's lies in memory where that is possible: no power fails here."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        yield url
        empty_database(url)
        return
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as folder:
        yield f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, Path(folder) / 'mediastead.db')}?check_same_thread=false"


@pytest.fixture
def make(url: str, tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Gives two empty libraries in an empty database, again and again at the same address."""
    database, reader, deaths = Database(url), Reader(url), Deaths()
    base = tmp_path / "media"
    monkeypatch.setattr(aiosqlite.Connection, "_connect", _connect_here)
    monkeypatch.setattr(aiosqlite.Connection, "_execute", _execute_here)
    monkeypatch.setattr(absence, "ALWAYS_BELIEVED", ALWAYS_BELIEVED)
    monkeypatch.setattr(pump, "BATCH_FOLDERS", 2)
    table = base / "mountinfo"
    for module in (inventory, root):
        monkeypatch.setattr(module, "mounts_beneath", lambda path: mounts_beneath(path, str(table)))
    with asyncio.Runner() as runner, capture_logs():

        def made() -> World:
            if database.sqlite_path is None:
                empty_database(url)
            else:
                runner.run(database.dispose())
                reader.close()
                for path in database.sqlite_path.parent.glob("mediastead.db*"):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                shutil.copy(sqlite_template, database.sqlite_path)
            shutil.rmtree(base, ignore_errors=True)
            base.mkdir()
            return World(database, reader, base, deaths)

        Machine.runner = runner
        yield made
        runner.run(database.dispose())
        reader.close()
        deaths.stop_listening()


async def _connect_here(connection: Any) -> Any:
    """In the place of the driver's own, which has a thread for each connection: waiting for those is most of a step's time, and
    here only one task is at work at a time."""
    connection._connection = connection._connection or connection._connector()
    return connection


async def _execute_here(connection: Any, call: Callable[..., Any], *args: Any, **more: Any) -> Any:
    return call(*args, **more)


@pytest.mark.timeout(36000 if FAULTS == "all" else 1800 if FAULTS else 400)
@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
def test_nothing_is_lost_whatever_happens_in_whatever_order(
    make: Make, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    Machine.made = staticmethod(make)
    Machine.ran = Counter()
    began = time.process_time(), time.monotonic()
    run_state_machine_as_test(
        cast(Any, Machine),
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=FAULTS != "all",
            print_blob=False,
            suppress_health_check=tuple(HealthCheck),
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink) if FAULTS and "MACHINE_TIMES" not in os.environ else (Phase.generate,),
        ),
    )
    ran = Machine.ran
    never = [each for each in WORK if not ran[each]]
    took = f"{time.process_time() - began[0]:.0f} s of computing, {time.monotonic() - began[1]:.0f} s"
    with capsys.disabled():
        print(f"\n{request.node.name}: {ran.pop('runs')} runs, {took}, {dict(sorted(ran.items()))}")
    assert not never, f"never happened: {never}"
