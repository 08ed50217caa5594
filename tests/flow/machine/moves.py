"""Files are put where their identity says, brought in and put back; a process that dies at that is followed by the next one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from mediastead.disk.marker import TRASH_NAME
from mediastead.history.errors import CannotBeTakenBack
from mediastead.history.service import undo
from mediastead.http.permissions import LOCAL
from mediastead.libraries.models import BringHow
from mediastead.organizing import service
from mediastead.organizing.errors import LibraryAway, OrganizingDoesNotAllow
from mediastead.organizing.organizer import Organizer
from mediastead.organizing.planning import Planner
from mediastead.organizing.planning_run import Asked
from mediastead.organizing.schemas import BringInRequest, OrganizeRequest

from .books import Look, Row
from .deaths import Died
from .disk import FILMS, INBOX, LIBRARIES, Place
from .world import World

OPEN = ("doing", "taking_back", "waiting")
DEATHS = 2
"""At one group: after three tries without an end it is stuck."""


class Step(NamedTuple):
    """One move of a group, as the journal has it."""

    file_id: int | None
    made_file_id: int | None
    source: Place
    target: Place
    way: str
    media: bool


class Group(NamedTuple):
    id: int
    organizing_id: int
    state: str
    said: str | None
    steps: list[Step]


class Moves:
    def __init__(self, world: World) -> None:
        self._world = world
        self._followed: set[int] = set()
        """Groups of which the end is known."""
        self._left: dict[tuple[Place, int], Look] = {}
        """By place and group, the file that it put there."""
        self._originals: dict[tuple[Place, int], Look] = {}
        """By place and group, the file that it linked or copied."""
        self.deaths = 0
        """Since something was left open."""

    @property
    def is_applying(self) -> bool:
        return bool(self._world.reader.ask("SELECT 1 FROM organizing WHERE state = 'applying' LIMIT 1"))

    async def organize(self, library: str, at: int | None) -> None:
        world = self._world
        request = OrganizeRequest(library_id=world.ids[library])
        async with world.database.write() as session:
            begun = await service.open_plan(session, world.later(), "anna", request)
        await self._plan_and_apply(begun, at, "organized")

    async def bring_in(self, how: BringHow, at: int | None, *, replace: bool) -> None:
        world = self._world
        request = BringInRequest(inbox_id=world.ids[INBOX], how=how, replace=replace)
        async with world.database.write() as session:
            begun = await service.open_bring_in(session, world.later(), "anna", request)
        await self._plan_and_apply(begun, at, f"brought in by {how.value}")

    async def undo(self, operation_id: int, at: int | None) -> None:
        world = self._world
        groups = [each for each in self._groups(f"o.operation_id = {operation_id}") if each.state == "done"]
        # What is still being applied, or taken back, comes to its end first: a death may have left it so, with no group begun.
        as_left = bool(groups) and not self.is_applying and all(self._is_as_left(group) for group in groups)
        try:
            done = await undo(world.database, world.clock, LOCAL, operation_id, dry_run=False, those_that_can=False)
        except LibraryAway as error:
            assert not all(world.disk.is_there(library) for library in LIBRARIES), f"it is there: {error}"
            world.tell(f"  not moved back: {error}")
            world.done["organizing not undone, since its disk is away"] += 1
            return
        except (OrganizingDoesNotAllow, CannotBeTakenBack) as error:
            assert not as_left, f"nothing happened since, and yet: {error}"
            world.tell(f"  not moved back: {error}")
            world.done["organizing not undone"] += 1
            return
        assert done.organizing_id is not None
        await self._apply(done.organizing_id, at, "moved back")
        if as_left and not world.open_groups and not self.is_applying:
            back = self._groups(f"g.organizing_id = {done.organizing_id}")
            assert {group.state for group in back} == {"done"}, f"nothing happened since, and yet: {back}"

    def _is_as_left(self, group: Group) -> bool:
        """Whether what it moved lies where it put it, as it was, and may go back."""
        world = self._world
        for step in group.steps:
            there = world.disk.lying.get(step.target)
            row = world.rows.get(step.made_file_id or step.file_id or 0)
            if there is None or there.look != self._left[step.target, group.id]:
                return False
            if row and (row.place, row.look, row.present, row.holds_path) != (step.target, there.look, True, True):
                return False
            if step.way == "rename" and not world.disk.is_free(step.source):
                return False
            if step.way in ("link", "copy") and step.source not in world.disk.lying:
                return False
            if any(world.disk.is_hidden(place) for place in (step.source, step.target)):
                return False
            original = world.rows.get(step.file_id or 0)
            as_it_was = (step.source, self._originals.get((step.source, group.id)), True)
            if (
                step.way in ("link", "copy")
                and original
                and (original.place, original.look, original.present) != as_it_was
            ):
                return False  # what was made of it may be the only one
        return True

    async def begin_again(self, at: int | None) -> None:
        """What the next start does. With `at`, it dies at that call."""
        world = self._world
        was_open = bool(world.open_groups) and not self._is_waiting()
        organizer = self._organizer()
        try:
            with world.deaths.dying_at(at):
                for _ in range(30):
                    world.later(hours=1)
                    worked = await organizer.step()
                    if self._is_waiting() or (not worked and not self._open()):
                        break
                else:
                    raise AssertionError(f"it does not come to an end: {self._open()}")
        except Died:
            self._died("recovering")
            return
        self._follow("brought to an end" if was_open else "done later")
        if not self._is_waiting():
            assert not world.open_groups, "moves are left open"
        if not world.disk.away:
            assert not self.is_applying, "a plan is left half applied"
        self.deaths = self.deaths if world.open_groups else 0

    async def _plan_and_apply(self, begun: Asked, at: int | None, what: str) -> None:
        world = self._world
        planner = Planner(world.database, world.clock)
        planner.begin(begun)
        await planner.finish()
        planned = [
            group for group in self._groups(f"g.organizing_id = {begun.organizing_id}") if group.state == "planned"
        ]
        self._check_plan(planned)
        if not planned:
            query = f"SELECT state FROM organizing WHERE id = {begun.organizing_id}"
            assert world.reader.ask(query) == [("ended",)], "a plan without a step stays"
            world.tell("  nothing to do")
            return
        async with world.database.write() as session:
            await service.apply(session, world.later(), begun.organizing_id)
        await self._apply(begun.organizing_id, at, what)

    async def _apply(self, organizing_id: int, at: int | None, what: str) -> None:
        world = self._world
        world.later(minutes=1)
        try:
            with world.deaths.dying_at(at):
                await self._organizer().apply(organizing_id)
        except Died:
            self._died("organizing")
        self._follow(what)

    def _died(self, at_what: str) -> None:
        self._world.tell("  it died")
        self._world.done[f"died while {at_what}"] += 1
        self.deaths += 1
        self._follow("done before a death")

    def _follow(self, what: str) -> None:
        """Do in the model what the journal says is done; the disk and the books have to agree."""
        world = self._world
        groups = self._groups("o.state IN ('applying', 'ended')")
        for group in groups:
            if group.id in self._followed or group.state in ("planned", *OPEN):
                continue
            self._followed.add(group.id)
            assert group.state in ("done", "refused", "taken_back"), f"a group is {group.state}: {group}"
            world.tell(f"  group {group.id} is {group.state}" + (f": {group.said}" if group.said else ""))
            if group.state == "done":
                for step in group.steps:
                    world.tell(f"    {step.way} {_shown(step.source)} -> {_shown(step.target)}")
                self._move(group)
                world.done[what] += len(group.steps)
            else:
                world.done[f"group {group.state}"] += 1
        unfinished = [group for group in groups if group.state in OPEN]
        world.open_groups = {
            group.id: tuple(sorted({place[0] for step in group.steps for place in (step.source, step.target)}))
            for group in unfinished
        }
        world.limbo = {place for group in unfinished for step in group.steps for place in (step.source, step.target)}

    def _move(self, group: Group) -> None:
        world = self._world
        media = [step for step in group.steps if step.media and step.file_id is not None]
        world.disk.was_moved([(step.source, step.target, step.way) for step in group.steps])
        self._originals |= {
            (step.source, group.id): world.rows[step.file_id].look
            for step in media
            if step.way in ("link", "copy") and step.file_id is not None
        }
        self._left |= {(step.target, group.id): world.disk.lying[step.target].look for step in group.steps}
        arriving = {step.target: step for step in media if step.way != "trash"}
        ours = {step.file_id for step in media}
        for row in list(world.rows.values()):
            if row.holds_path and row.place in arriving and row.id not in ours:
                assert not row.present, f"{row} was there, and something was moved over it"
                world.rows[row.id] = replace(row, holds_path=False)
        for step in media:
            look = world.disk.lying[step.target].look
            if step.way in ("link", "copy"):
                self._add_made(step, look)
            elif step.file_id is not None and step.way == "trash":
                row = replace(world.rows[step.file_id], present=False)
                if step.source in arriving:  # nobody misses what another one replaced
                    row = replace(row, hidden=True, holds_path=False)
                    world.done["replaced"] += 1
                world.rows[step.file_id] = row
            elif step.file_id is not None:
                row = replace(world.rows[step.file_id], library=step.target[0], path=step.target[1], look=look)
                world.rows[step.file_id] = replace(row, holds_path=True, present=True, hidden=False)

    def _add_made(self, step: Step, look: Look) -> None:
        """What is linked or copied is what its original is."""
        world = self._world
        if step.made_file_id is None or step.file_id is None:
            return
        original = world.rows[step.file_id]
        library, path = step.target
        world.rows[step.made_file_id] = Row(
            step.made_file_id, library, path, True, False, True, look, "matched", original.tmdb_id, 1, 0
        )

    def _check_plan(self, groups: Sequence[Group]) -> None:
        """Only what is known to be there and matched is moved, and no two go to one place; only what is that as well, or nothing
        known, makes room for it."""
        rows = self._world.rows
        steps = [step for group in groups for step in group.steps if step.way != "trash"]
        coming = {step.target: rows[step.file_id].tmdb_id for step in steps if step.file_id is not None}
        for step in (step for group in groups for step in group.steps if step.way == "trash"):
            assert step.source in coming or not step.media, f"it goes to the trash for nothing: {step}"
            assert step.file_id is None or rows[step.file_id].tmdb_id in (None, coming[step.source]), step
        for step in steps:
            assert not step.target[1].startswith((b"/", b".", TRASH_NAME)), step
            if step.media and step.file_id is not None:
                row = rows[step.file_id]
                assert (row.place, row.present, row.identification) == (step.source, True, "matched"), (row, step)
        assert len({step.target for step in steps}) == len(steps)
        assert len({step.source for step in steps}) == len(steps)

    def _groups(self, where: str) -> list[Group]:
        world = self._world
        query = (
            "SELECT g.id, o.id, g.state, g.said, o.library_id, o.from_library_id, s.role, s.way, s.file_id, s.made_file_id, "
            "s.source, s.source_abroad, s.target, s.target_abroad FROM organizing_group g "
            "JOIN organizing o ON o.id = g.organizing_id JOIN organizing_step s ON s.group_id = g.id "
            f"WHERE s.action = 'move' AND {where} ORDER BY g.ended_at, g.id, s.id"
        )
        names = {library_id: name for name, library_id in world.ids.items()}
        found: dict[int, Group] = {}
        for row in world.reader.ask(query):
            group_id, organizing_id, state, said, to, of, role, way, file_id, made, source, abroad, target, far = row
            if target is None:
                continue  # refused, because there is no name for it
            group = found.setdefault(group_id, Group(group_id, organizing_id, state, said, []))
            places = (names[of if abroad else to], bytes(source)), (names[of if far else to], bytes(target))
            group.steps.append(Step(file_id, made, *places, way or "rename", role == "media"))
        return list(found.values())

    def _open(self) -> list[Group]:
        return [group for group in self._groups("o.state = 'applying'") if group.state in OPEN]

    def _is_waiting(self) -> bool:
        """Whether what is open waits for a disk that is not mounted."""
        libraries = {place[0] for group in self._open() for step in group.steps for place in (step.source, step.target)}
        return any(not self._world.disk.is_there(library) for library in libraries)

    def _organizer(self) -> Organizer:
        """One that has found out before that the disk is capable."""
        world = self._world
        organizer = Organizer(world.database, world.clock, calls=world.deaths)
        organizer._capable.add(world.disk.root_of(FILMS).stat().st_dev)
        return organizer


def _shown(place: Place) -> str:
    return f"{place[0]}:{place[1].decode()}"
