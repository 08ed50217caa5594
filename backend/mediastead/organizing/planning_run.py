"""One plan in the making: title by title, so that a large library is neither one transaction nor in memory.

Files that get in each other's way across titles (a swap of two names, two films that would be called the same) must be
planned together. So all paths are gone through twice: first only to learn which are wanted or held by two, of which 8 bytes
each are remembered; then to plan, the few contested ones all at once at the end.
"""

import asyncio
import os
from array import array
from collections.abc import AsyncGenerator, Callable, Collection, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import NamedTuple, TypeVar

from ..clock import Clock
from ..db.engine import Database
from ..db.text import shown
from ..disk.moving import open_tree
from ..libraries.models import BringHow
from ..libraries.patterns import exclude_patterns
from ..scanning.mounts import mounts_beneath
from . import plan_queries as queries
from . import storing
from .bringing import brought, not_to_bring
from .drafting import Draft, draft
from .models import OrganizingState
from .mounted import without_those_refused
from .moves import Group, Move, Plan, Reason, Refused, Way
from .naming import Unnamed
from .places import Places, Subject
from .plan_queries import PlannedLibrary, Selection
from .planner import Wish, plan_of
from .presets import preset_of
from .replace_queries import items_of, known_at
from .replacing import is_same_title, lying_at, replaceable_of
from .sidecars import stem_of
from .spelling import path_key
from .surroundings import Surroundings
from .trees import Trees

T = TypeVar("T")

MOST_CONTESTED = 50_000
"""Files that are planned at once because they get in each other's way; of more, the rest is refused."""


class Bring(NamedTuple):
    """Whence files are brought in, and how."""

    source: PlannedLibrary
    how: BringHow


class Asked(NamedTuple):
    """A plan that was opened, to be filled."""

    organizing_id: int
    library: PlannedLibrary
    """Where files go."""
    selection: Selection
    bring: Bring | None = None
    """Whence, if they lie in another library."""
    replace: bool = False
    """What lies at a new path goes to the trash."""


class Discarded(Exception):
    """Somebody discarded the plan while it was made."""


class Run:
    """`plan`, then it is there to be looked at. Raises `Discarded`, and what the disk raises."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        asked: Asked,
        files_at_once: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._id, self._library, self._selection, self._bring, self._replace = asked
        self._source = asked.bring.source if asked.bring is not None else asked.library
        self._stay = asked.bring is not None and asked.bring.how is not BringHow.MOVE
        self._files_at_once = files_at_once
        self._places = Places(preset_of(asked.library.naming))
        self._counts: dict[str, int] = dict.fromkeys(("groups", "moves", "refused", "unchanged"), 0)
        self._shelves: dict[int, Surroundings] = {}
        """By library."""

    async def plan(self) -> None:
        contested = await self._contested()
        kept: list[Wish] = []
        async for subjects in self._batches():
            made = await self._draft(subjects)
            now = [wish for wish in made.wishes if not contested & _stems_of(wish)]
            later = [wish for wish in made.wishes if contested & _stems_of(wish)]
            room = max(0, MOST_CONTESTED - len(kept))
            kept += later[:room]
            await self._store(await self._planned(now), [*made.refused, *_too_contested(later[room:])])
        await self._store(await self._planned(kept), [])
        async with self._database.write() as session:
            left = await queries.left_out(session, self._selection)
            await storing.close_plan(session, self._clock.now(), self._id, self._counts | left)

    async def give_up(self, words: str) -> None:
        """Nothing of it is to be applied; the plan says why."""
        async with self._database.write() as session:
            await storing.drop_groups(session, self._id)
            plan = Plan((), (Refused(b"", Reason.NOT_THERE, words),))
            await storing.add_to_plan(session, self._clock.now(), self._id, plan)
            await storing.close_plan(session, self._clock.now(), self._id, storing.counts_of(plan))

    async def clean_up(self) -> None:
        async with self._database.write() as session:
            await storing.drop_groups(session, self._id)

    async def _contested(self) -> frozenset[int]:
        """The stems that two files want, or that one wants and another has."""
        wanted, held = array("Q"), array("Q")
        async for subjects in self._batches():
            for each in subjects:
                try:
                    place = self._places.of(each)
                except Unnamed:
                    continue
                source = _short(each.path[: len(each.path) - len(each.name)] + stem_of(each.name))
                target = _short(place.path) if place is not None else source
                wanted.append(target)
                if source != target and self._bring is None:
                    held.append(source)
            await asyncio.sleep(0)
        return await asyncio.to_thread(_shared, wanted, held)

    async def _batches(self) -> AsyncGenerator[list[Subject]]:
        """All files of the selection, title by title."""
        after = 0
        while True:
            async with self._database.read() as session:
                items = await queries.items_to_plan(session, self._selection, after, self._files_at_once)
                chosen: list[int] = []
                files = 0
                for item_id, count in items:
                    if chosen and files + count > self._files_at_once:
                        break
                    chosen.append(item_id)
                    files += count
                if not chosen:
                    return
                subjects = await queries.subjects_of(session, self._selection, chosen[:])
            after = chosen[-1]
            yield subjects

    async def _draft(self, subjects: Sequence[Subject]) -> Draft:
        bring, source = self._bring, self._source
        refused: list[Refused] = []
        async with self._database.read() as session:
            missing = await queries.missing_names(session, source.id, {each.folder for each in subjects})
            there = await queries.brought_in(session, subjects) if bring is not None else {}
        if bring is not None:
            refused = not_to_bring(self._library, subjects, there)
            out = {each.file_id for each in refused}
            subjects = [each for each in subjects if each.id not in out]

        def look(around: Surroundings, beyond: Surroundings) -> Draft:
            return draft(subjects, self._places, around, missing, beyond, stay=self._stay)

        made = await self._look(look)
        return Draft(made.wishes, [*refused, *made.refused])

    async def _planned(self, wishes: Sequence[Wish]) -> Plan:
        if not wishes:
            return Plan(())
        targets = {move.target for wish in wishes for move in wish.moves}
        there = await self._look(lambda _, beyond: beyond.in_the_way(targets))
        if self._replace:
            there = await self._with_other_suffixes(wishes, there)
        replaceable = await self._replaceable(wishes, there) if self._replace else {}
        apart = self._bring is not None
        plan = await asyncio.to_thread(plan_of, wishes, there, apart=apart, replaceable=replaceable)
        whole = brought(plan, self._bring.how) if self._bring is not None else plan
        return await asyncio.to_thread(self._without_those_refused, whole)

    def _without_those_refused(self, plan: Plan) -> Plan:
        roots = {os.path.realpath(library.root) for library in (self._source, self._library)}
        if not any(path for root in roots for path in mounts_beneath(root)):
            return plan  # nearly all libraries: each folder of a million files need not be asked for
        with self._opened() as trees:
            return without_those_refused(plan, trees)

    async def _with_other_suffixes(
        self, wishes: Sequence[Wish], there: Mapping[bytes, Collection[bytes]]
    ) -> Mapping[bytes, Collection[bytes]]:
        """Also the older version of the same title that differs in the suffix: whoever replaces means that as well."""
        coming = {
            move.target: move.file_id
            for wish in wishes
            for move in wish.moves
            if move.file_id is not None and wish.stem
        }
        alike = await self._look(lambda _, beyond: beyond.other_suffixes(coming))
        # Of what is planned now each has a place of its own.
        own = {move.source for wish in wishes for move in wish.moves} if self._bring is None else set[bytes]()
        async with self._database.read() as session:
            known = await known_at(session, self._library.id, {path for paths in alike.values() for path in paths})
            items = await items_of(session, sorted(coming.values()))
        more = {
            path_key(target): [
                path for path in paths if path not in own and is_same_title(known.get(path), items[coming[target]])
            ]
            for target, paths in alike.items()
        }
        return {key: [*there.get(key, ()), *more.get(key, ())] for key in there.keys() | more.keys()}

    async def _replaceable(
        self, wishes: Sequence[Wish], there: Mapping[bytes, Collection[bytes]]
    ) -> dict[bytes, Move | str]:
        lying = lying_at(wishes, there)
        looks = await self._look(lambda _, beyond: beyond.looks(lying))
        async with self._database.read() as session:
            known = await known_at(session, self._library.id, lying)
            items = await items_of(session, sorted({each for each in lying.values() if each is not None}))
        return replaceable_of(lying, looks, known, items)

    async def _look(self, work: Callable[[Surroundings, Surroundings], T]) -> T:
        """`work` is given what lies around where files come from, and around where they go to."""
        return await asyncio.to_thread(self._looked, work)

    def _looked(self, work: Callable[[Surroundings, Surroundings], T]) -> T:
        with self._opened() as trees:
            around: dict[int, Surroundings] = {}
            for library, tree in ((self._source, trees.abroad), (self._library, trees.own)):
                if library.id not in self._shelves:
                    patterns = exclude_patterns(library.exclude_patterns)
                    self._shelves[library.id] = Surroundings(tree, partial(read_start, library.root), patterns)
                around[library.id] = self._shelves[library.id]
                around[library.id].tree = tree
            return work(around[self._source.id], around[self._library.id])

    @contextmanager
    def _opened(self) -> Generator[Trees]:
        """What stays where it is, is only read, also on other disks that are mounted there."""
        with ExitStack() as stack:
            own = stack.enter_context(open_tree(self._library.root, self._library.root_marker))
            abroad, source = own, self._source
            if source.id != self._library.id:
                opened = open_tree(source.root, source.root_marker, over_disks=self._stay)
                abroad = stack.enter_context(opened)
            yield Trees(own, abroad)

    async def _store(self, plan: Plan, refused: Sequence[Refused]) -> None:
        """In transactions of their own, and only while nobody discarded the plan."""
        async with self._database.write() as session:
            if await queries.state_of(session, self._id) is not OrganizingState.PLANNING:
                raise Discarded
            keys = {path_key(move.target): move for group in plan.groups for move in group.moves}
            taken = await queries.taken_targets(session, self._id, list(keys))
            clashing = [group for group in plan.groups if any(path_key(move.target) in taken for move in group.moves)]
            groups = tuple(group for group in plan.groups if group not in clashing)
            whole = Plan(groups, (*plan.refused, *refused, *_clashes(clashing)), plan.unchanged)
            await storing.add_to_plan(session, self._clock.now(), self._id, whole)
        for name, count in storing.counts_of(whole).items():
            self._counts[name] += count
        replaced = sum(move.way is Way.TRASH for group in groups for move in group.moves)
        if replaced:
            self._counts["replaced"] = self._counts.get("replaced", 0) + replaced


def read_start(root: bytes, path: bytes, size: int) -> bytes:
    """The first bytes of a file beneath a root. Raises OSError."""
    descriptor = os.open(os.path.join(root, path), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return os.read(descriptor, size)
    finally:
        os.close(descriptor)


def _short(path: bytes) -> int:
    return int.from_bytes(path_key(path)[:8])


def _stems_of(wish: Wish) -> set[int]:
    paths = [move.source for move in wish.moves if move.file_id is not None]
    return {_short(_stem(path)) for path in paths} | ({_short(wish.stem)} if wish.stem is not None else set())


def _stem(path: bytes) -> bytes:
    folder, slash, name = path.rpartition(b"/")
    return folder + slash + stem_of(name)


def _shared(wanted: "array[int]", held: "array[int]") -> frozenset[int]:
    """What is in `wanted` twice, or in both."""
    shared: set[int] = set()
    last = -1
    for each in sorted(wanted):
        if each == last:
            shared.add(each)
        last = each
    shared |= set(held) & set(wanted)
    return frozenset(shared)


def _too_contested(wishes: Sequence[Wish]) -> list[Refused]:
    words = (
        f"More than {MOST_CONTESTED} files get in each other's way: organize some titles at a time (`mediastead organize plan "
        "--item ID`), or choose a template that tells them apart."
    )
    return [
        Refused(move.source, Reason.TOO_MANY, words, move.target, move.file_id)
        for wish in wishes
        for move in wish.moves
        if move.file_id is not None
    ]


def _clashes(groups: Sequence[Group]) -> list[Refused]:
    return [
        Refused(
            move.source,
            Reason.SAME_TARGET,
            f'Another file, or what goes along with one, is to become "{shown(move.target)}": apply this plan, then plan anew.',
            move.target,
            move.file_id,
        )
        for group in groups
        for move in group.moves
        if move.file_id is not None
    ]
