"""One run of the state machine: at each step something of what is possible now is done, then all must hold."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar, NamedTuple, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mediastead.history.undoable import ORGANIZE
from mediastead.libraries.models import BringHow
from mediastead.scanning.scope import Scope, ScopeFolder

from .books import Row
from .disk import LIBRARIES, MOUNTS, Place, is_media, is_on_disk
from .looks import Looks
from .moves import DEATHS, Moves
from .people import People
from .places import PLACES, TITLES, TOPS

T = TypeVar("T")

MANY = 6
"""Files that are deleted at once: more than a scan believes (`looks.ALWAYS_BELIEVED`)."""

NUMBER = st.integers(0, 2**16)


class Chance(NamedTuple):
    """The numbers of one step, by which it chooses."""

    number: int
    other: int
    at: int | None
    """The call at which the process dies."""

    def of(self, things: Sequence[T]) -> T:
        return things[self.number % len(things)]

    def other_of(self, things: Sequence[T]) -> T:
        return things[self.other % len(things)]


class Machine(RuleBasedStateMachine):
    """`made`, `runner`, `ran` and `enough` are set by the test: what makes a new world, what runs it, what was done in all runs,
    and whether that is enough."""

    ran: Counter[str]
    made: ClassVar[Any]
    runner: asyncio.Runner
    enough: ClassVar[Any]

    def __init__(self) -> None:
        super().__init__()
        # What is asked for beyond that is drawn and not done: Hypothesis cannot be told to stop.
        self.idle = self.enough()
        if self.idle:
            return
        self.world = self.made()
        self.looks, self.people, self.moves = Looks(self.world), People(self.world), Moves(self.world)
        self.do("two libraries", self.world.make())

    def do(self, what: str, work: Coroutine[Any, Any, Any] | None = None) -> None:
        self.world.tell(what)
        if work is not None:
            self.with_story(lambda: self.runner.run(work))

    def with_story(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except BaseException as error:
            error.add_note("\n".join(self.world.story))
            raise

    @initialize(numbers=st.lists(NUMBER, min_size=8, max_size=8, unique=True))
    def fill(self, numbers: list[int]) -> None:
        if self.idle:
            return
        for number in numbers:
            self.put(Chance(number, number, None))
        for library in LIBRARIES:
            self.do(f"scan {library}", self.looks.scan(library))
        self.do("identify", self.people.identify())

    # One rule for all: Hypothesis leaves some of several out in each run, and without scans there is little to see.
    @rule(which=NUMBER, number=NUMBER, other=NUMBER, at=st.integers(1, 14) | st.none())
    def step(self, which: int, number: int, other: int, at: int | None) -> None:
        if self.idle:
            return
        possible = [act for act, weight, can in self._acts() if can for _ in range(weight)]
        possible[which % len(possible)](Chance(number, other, at))

    @invariant()
    def holds(self) -> None:
        if self.idle:
            return
        self.ran["steps"] += 1
        self.with_story(self.world.check)

    def teardown(self) -> None:
        if self.idle:
            return
        self.ran.update(self.world.done)
        self.ran["runs"] += 1

    def _acts(self) -> list[tuple[Callable[[Chance], None], int, bool]]:
        """What can be done, how often of all, and whether now."""
        world = self.world
        files, free, asked = bool(self._files()), bool(self._free()), bool(self._asked())
        closed = not world.open_groups
        return [
            (self.put, 4, free),
            (self.move, 5, files),
            (self.swap, 2, files),
            (self.rename_folder, 3, files),
            (self.delete, 2, len(self._files()) > 5),
            (self.delete_many, 1, len(self._files()) > 5),
            (self.bring_back, 2, bool(self._deleted())),
            (self.change, 2, files),
            (self.put_in_place, 2, files),
            (self.unmount, 2, not world.disk.away),
            (self.mount, 4, bool(world.disk.away)),
            (self.scan, 5, True),
            (self.scan_folder, 3, True),
            (self.die_in_a_scan, 3, True),
            (self.answer_a_scan, 6, bool(set(self.looks.waiting) - world.locked)),
            (self.identify, 5, any(row.identification == "pending" for row in world.rows.values())),
            (self.match, 3, bool(self._known())),
            (self.unmatch, 2, bool(self._decided())),
            (self.match_many, 2, asked),
            (self.dismiss, 2, asked),
            (self.dismiss_folder, 1, bool(self._asked_in_folders())),
            (self.restore, 2, bool(self._dismissed())),
            (self.organize, 4, closed),
            (self.bring_in, 4, closed),
            (self.undo, 5, closed),
            (self.begin_again, 12, bool(world.open_groups) or self.moves.is_applying),
        ]

    # The disk

    def _files(self) -> list[Place]:
        """Those that a person can get at, and that nothing of ours is moving."""
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
            and world.disk.is_free(place)
        ]

    def put(self, chance: Chance) -> None:
        place = chance.of(self._free())
        self.do(f"put {place}")
        self.world.disk.put(place)
        subtitles = place[0], place[1][:-4] + b".en.srt"
        if chance.other % 3 == 0 and self.world.disk.is_free(subtitles):
            self.world.disk.put(subtitles)
        self.world.done["put"] += 1

    def move(self, chance: Chance) -> None:
        old = chance.of(self._files())
        far = chance.at is not None
        if free := self._free(next(each for each in LIBRARIES if (each != old[0]) == far)):
            new = chance.other_of(free)
            self.do(f"move by hand {old} -> {new}")
            self.world.disk.move(old, new)
            self.world.done["moved to another library" if far else "moved by hand"] += 1

    def put_in_place(self, chance: Chance) -> None:
        """A file goes elsewhere, and another one comes to where it was."""
        place = chance.of(self._files())
        if free := self._free(place[0]):
            new = chance.other_of(free)
            self.do(f"move by hand {place} -> {new}, and put another in its place")
            self.world.disk.move(place, new)
            self.world.disk.put(place)
            self.world.done["another put in its place"] += 1

    def swap(self, chance: Chance) -> None:
        one = chance.of(self._files())
        others = [each for each in self._files() if each[0] == one[0] and is_on_disk(each) == is_on_disk(one)]
        two = chance.other_of(others)
        if one != two:
            self.do(f"swap {one} and {two}")
            self.world.disk.swap(one, two)
            self.world.done["swapped"] += 1

    def rename_folder(self, chance: Chance) -> None:
        tops = sorted({(library, path.partition(b"/")[0]) for library, path in self._files() if b"/" in path})
        if tops := [top for top in tops if top[1] != b"disk"]:
            library, old = chance.of(tops)
            if free := [name for name in TOPS if self.world.disk.is_free((library, name))]:
                new = chance.other_of(free)
                self.do(f"rename folder {library}:{old.decode()} to {new.decode()}")
                self.world.done["moved with their folder"] += self.world.disk.move_folder(library, old, new)

    def delete(self, chance: Chance) -> None:
        self._delete([chance.of(self._files())])

    def delete_many(self, chance: Chance) -> None:
        library = chance.of(self._files())[0]
        self._delete([each for each in self._files() if each[0] == library][:MANY])

    def _delete(self, gone: list[Place]) -> None:
        self.do(f"delete {gone}")
        self.world.disk.delete(gone)
        self.world.done["deleted"] += len(gone)

    def bring_back(self, chance: Chance) -> None:
        place = chance.of(self._deleted())
        self.do(f"bring back {place}")
        self.world.disk.bring_back(place)
        self.world.done["brought back"] += 1

    def _deleted(self) -> list[Place]:
        disk = self.world.disk
        return [
            place
            for place in sorted(disk.deleted)
            if place[0] not in self.world.locked and not disk.is_hidden(place) and disk.is_free(place)
        ]

    def change(self, chance: Chance) -> None:
        world = self.world
        # What is being moved has other names, by links, under which a person would change it as well.
        moving = {world.disk.lying[place].look.inode for place in world.limbo if place in world.disk.lying}
        places = [place for place in self._files() if world.disk.lying[place].look.inode not in moving]
        if not places:
            self.do("change nothing, since all is being moved")
            return
        place = chance.of(places)
        self.do(f"change {place}")
        self.world.disk.change(place)
        self.world.done["changed in place"] += 1

    def unmount(self, chance: Chance) -> None:
        # A group of moves waits for its library's disk; for one in a folder of it, it does not know to.
        mount = chance.of([mount for mount in MOUNTS if not mount[1] or mount[0] not in self.world.locked])
        self.do(f"unmount {mount}")
        self.world.disk.unmount(mount)
        self.world.done["unmounted"] += 1

    def mount(self, chance: Chance) -> None:
        mount = chance.of(sorted(self.world.disk.away))
        self.do(f"mount {mount} again")
        self.world.disk.mount(mount)
        self.world.done["mounted again"] += 1

    # The product

    def scan(self, chance: Chance) -> None:
        library = chance.of(LIBRARIES)
        self.do(f"scan {library}", self.looks.scan(library))
        if chance.other % 2:
            self.do("identify", self.people.identify())

    def scan_folder(self, chance: Chance) -> None:
        library, deep = chance.of(LIBRARIES), chance.at is not None
        places = [*self.world.disk.lying, *(row.place for row in self.world.rows.values())]
        folder = chance.other_of(sorted({b"", *(path.rpartition(b"/")[0] for of, path in places if of == library)}))
        scope = Scope([ScopeFolder(folder, deep and folder != b"")])
        self.do(f"scan {library} in {folder!r}, deep: {deep}", self.looks.scan(library, scope))

    def die_in_a_scan(self, chance: Chance) -> None:
        library, at = chance.of(LIBRARIES), chance.other % 6 + 1
        self.do(f"scan {library}, dying at commit {at}", self.looks.scan(library, at=at))

    def answer_a_scan(self, chance: Chance) -> None:
        library = chance.of(sorted(set(self.looks.waiting) - self.world.locked))
        if chance.other % 2:
            self.do(f"confirm the scan of {library}", self.looks.confirm(library))
        else:
            self.do(f"discard the scan of {library}", self.looks.discard(library))

    def identify(self, chance: Chance) -> None:
        at = chance.at if chance.other % 3 == 0 else None
        self.do(f"identify{_dying(at)}", self.people.identify(at))

    def match(self, chance: Chance) -> None:
        row, tmdb_id, alike = chance.of(self._known()), chance.other_of(TITLES), chance.at is None
        what = f"match {_named(row)} to {tmdb_id}{', and its like' if alike else ''}"
        self.do(what, self.people.match(row, tmdb_id, remember=alike))

    def match_many(self, chance: Chance) -> None:
        asked = self._some_asked(chance)
        titles = {row.id: TITLES[(chance.other + index) % len(TITLES)] for index, row in enumerate(asked)}
        alike = chance.at is None
        self.do(f"match {titles}, and their like: {alike}", self.people.match_many(titles, remember=alike))

    def dismiss(self, chance: Chance) -> None:
        chosen = [row.id for row in self._some_asked(chance)]
        self.do(f"dismiss {chosen}", self.people.dismiss(chosen))

    def dismiss_folder(self, chance: Chance) -> None:
        row = chance.of(self._asked_in_folders())
        self.do(f"dismiss the folder of {_named(row)}", self.people.dismiss_folder(row))

    def unmatch(self, chance: Chance) -> None:
        row = chance.of(self._decided())
        self.do(f"unmatch {_named(row)}", self.people.unmatch(row))

    def restore(self, chance: Chance) -> None:
        row = chance.of(self._dismissed())
        self.do(f"restore {_named(row)}", self.people.restore(row))

    def _known(self) -> list[Row]:
        """But those that another one replaced, which nobody misses."""
        return [row for row in self.world.rows.values() if not row.hidden]

    def _decided(self) -> list[Row]:
        return [row for row in self._known() if row.identification in ("matched", "dismissed", "ignored")]

    def _asked(self) -> list[Row]:
        return [row for row in self._known() if row.asked]

    def _asked_in_folders(self) -> list[Row]:
        """But those in folders that are dismissed already."""
        return [row for row in self._asked() if b"/" in row.path and not self.people.is_dismissed(row)]

    def _some_asked(self, chance: Chance) -> list[Row]:
        first = chance.number % len(self._asked())
        return self._asked()[first : first + 1 + chance.other % 3]

    def _dismissed(self) -> list[Row]:
        return [row for row in self._known() if row.identification in ("dismissed", "ignored")]

    def organize(self, chance: Chance) -> None:
        library, at = chance.of(LIBRARIES), chance.at if chance.other % 2 else None
        self.do(f"organize {library}{_dying(at)}", self.moves.organize(library, at))

    def bring_in(self, chance: Chance) -> None:
        how, at = chance.of(list(BringHow)), chance.at if chance.other % 2 else None
        replace = chance.number // 3 % 2 == 0
        what = f"bring in by {how.value}{', replacing what lies there' if replace else ''}{_dying(at)}"
        self.do(what, self.moves.bring_in(how, at, replace=replace))

    def undo(self, chance: Chance) -> None:
        newest = self.people.newest(also_undos=chance.number % 3 == 0)
        if newest is None:
            return
        operation_id, kind = newest
        if kind == ORGANIZE:
            at = chance.at if chance.other % 2 else None
            self.do(f"undo organizing (operation {operation_id}){_dying(at)}", self.moves.undo(operation_id, at))
        elif self.people.is_known(operation_id):
            self.do(f"undo {kind} (operation {operation_id})", self.people.undo(operation_id))

    def begin_again(self, chance: Chance) -> None:
        at = chance.at if self.moves.deaths < DEATHS and chance.other % 2 else None
        self.do(f"begin again{_dying(at)}", self.moves.begin_again(at))


def _named(row: Row) -> str:
    return f"file {row.id} ({row.library}:{row.path.decode()}, {row.identification})"


def _dying(at: int | None) -> str:
    return "" if at is None else f", dying at call {at}"
