"""Files that were made in a folder that is in no library come into one, or take the place of a file's content.

What such a file is, is known beforehand. It is done as everything that is organized, by a plan and its journal; but nobody
looks at the plan, which is applied at once.
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal, NamedTuple

from msgspec import Struct, to_builtins
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.types import ItemType
from ..clock import Clock
from ..db.engine import Database
from ..db.text import shown
from ..disk.moving import Kind, RootGone, There, open_tree
from ..files.paths import joined
from ..files.types import Role
from ..libraries.models import BringHow
from ..libraries.patterns import exclude_patterns
from ..scanning.rules import is_disc_folder
from . import journal, plan_queries, staged_queries, storing
from .bringing import brought
from .errors import NothingStaged, StagedDiskAway, StagedInTheWay, StagedNotUsable
from .journal_queries import next_planned, sites_of, written_group
from .moves import Group, Move, MoveRole, Plan, Reason, Seen, Way
from .naming import Facts, Unnamed
from .places import LEAST_RESERVE, Places, Subject
from .plan_queries import PlannedLibrary
from .planner import Wish, plan_of
from .planning_run import read_start
from .presets import DEFAULT, preset_of
from .replace_queries import Old, known_at
from .replacing import lying_at, to_trash
from .safe import safe_name
from .sidecars import is_media, stem_of, suffix_of
from .staged_queries import StagedAs
from .steps import Refusal
from .surroundings import Surroundings


class Staged(Struct, frozen=True, kw_only=True):
    """A file that is to come into a library. Nobody may touch it until that has ended."""

    path: bytes
    """Absolute: a media file, or the folder of a disc (`VIDEO_TS`, `BDMV`), which keeps its name."""
    along: tuple[bytes, ...] = ()
    """Absolute, of the same folder: files whose names begin with its name without suffix. They go along."""
    called: str | None = None
    """What an extra is called, without suffix, where its file's name does not say it."""
    how: BringHow = BringHow.MOVE
    """A move over file systems is a copy here: the file stays, and whoever made it clears it away."""
    key: str | None = None
    """There is one organizing a key, for ever; who asks again is given the same one."""
    facts: dict[str, Any] = {}
    """What is to be told of it in the file's story: small, and JSON."""


class StagedEnd(Struct, frozen=True, kw_only=True):
    """What became of it."""

    state: Literal["running", "done", "not_done"]
    """`not_done`: everything is where it was, the staged file as well, but for what `words` say."""
    words: str | None
    """For a person: why it is not done, or not yet, and what to do."""
    file_id: int | None
    path: bytes | None
    """Relative to the library's root."""


async def replace_content(database: Database, clock: Clock, actor: str, file_id: int, staged: Staged) -> int:
    """A file gets other content and stays what it is: its id, title, episodes and history. What it was goes to the trash.

    It keeps its path, but for the suffix, which is that of the staged file. Gives the id of the organizing, which
    `organizer.Organizer` does. Raises `NothingStaged` where there is no such file, and `StagedNotUsable`.
    """
    async with database.read() as session:
        if (given := await staged_queries.by_key(session, staged.key)) is not None:
            return given
        old = await staged_queries.file_to_replace(session, file_id)
        library = await plan_queries.library_to_plan(session, old.library_id) if old is not None else None
    if old is None or library is None:
        raise NothingStaged(f"There is no file {file_id} that is there and at rest: scan its library, and try again.")
    alike = is_disc_folder(old.name) == is_disc_folder(_name(staged.path))

    def place(around: Surroundings, reserve: int) -> bytes:
        if alike:
            return old.path[: len(old.path) - len(old.name)] + stem_of(old.name)
        if old.facts is None:
            raise StagedNotUsable(
                f"It is not known what {shown(old.path)} is, so that its new content has no name: match it."
            )
        return _placed(library, old.facts, old.role or Role.FEATURE, _name(staged.path), around, reserve)

    def against(path: bytes, other: Old) -> str | None:
        return (
            None
            if other.id == old.id
            else f'"{shown(path)}" is another file: move it away, or bring this one in beside it.'
        )

    seen = await asyncio.to_thread(_look, library, staged, place, old)
    what = StagedAs(file_id=old.id, facts=staged.facts)
    return await _do(database, clock, actor, library, staged, seen, what, against)


async def bring_staged(
    database: Database,
    clock: Clock,
    actor: str,
    library_id: int,
    item_id: int,
    staged: Staged,
    *,
    episode_ids: Sequence[int] = (),
    edition: str | None = None,
    part: int | None = None,
    role: Role | None = None,
    replace: bool = False,
) -> int:
    """A file comes into a library where the library's template says, and is matched from its first moment.

    `replace`: what lies there goes to the trash; else it is refused. Gives the id of the organizing, which
    `organizer.Organizer` does. Raises `NothingStaged` where there is no such library, title or episode, and
    `StagedNotUsable`.
    """
    async with database.read() as session:
        if (given := await staged_queries.by_key(session, staged.key)) is not None:
            return given
        library = await plan_queries.library_to_plan(session, library_id)
        facts = await staged_queries.facts_of(session, item_id, episode_ids, edition, part)
    if library is None or facts is None:
        raise NothingStaged(f"There is no library {library_id}, no title {item_id}, or no such episode of it.")
    is_for = role or (Role.FEATURE if facts.type is ItemType.MOVIE else Role.EPISODE)

    def place(around: Surroundings, reserve: int) -> bytes:
        return _placed(library, facts, is_for, _called(staged), around, reserve)

    def against(path: bytes, other: Old) -> str | None:
        if other.item_id in (None, item_id):
            return None
        return f'"{shown(path)}" is taken for another title, so that it is not replaced: match it otherwise.'

    seen = await asyncio.to_thread(_look, library, staged, place, None)
    what = StagedAs(
        item_id=item_id,
        episode_ids=tuple(episode_ids),
        role=is_for,
        edition=edition,
        part=part,
        facts=staged.facts,
    )
    return await _do(database, clock, actor, library, staged, seen, what, against if replace else None)


async def end_of_staged(session: AsyncSession, organizing_id: int) -> StagedEnd:
    """How far it is. Raises `NothingStaged` where there is no such organizing."""
    found = await staged_queries.how_it_went(session, organizing_id)
    if found is None:
        raise NothingStaged(f"There is no organizing {organizing_id} of a staged file; list /v1/organizings.")
    return StagedEnd(state=found.state, words=found.words, file_id=found.file_id, path=found.path)


async def call_off_staged(session: AsyncSession, now: datetime, organizing_id: int) -> bool:
    """Nothing of it is begun any more: whether that was possible. What was begun is brought to its end."""
    sites, group_id = await sites_of(session, organizing_id), await next_planned(session, organizing_id)
    group = await written_group(session, group_id) if group_id is not None else None
    if sites is None or group is None:
        return False
    refusal = Refusal(Reason.CALLED_OFF, "A person called it off before it was begun.")
    try:
        await journal.refuse(session, now, sites.own.library_id, group, refusal)
    except journal.Lost:
        return False
    return True


class _Looked(NamedTuple):
    """What the disk shows."""

    root: bytes
    """The folder that the staged file lies in."""
    wish: Wish
    there: Mapping[bytes, Sequence[bytes]]
    """What is in the way (`Surroundings.in_the_way`)."""
    lying: dict[bytes, int | None]
    looks: dict[bytes, There | None]
    """Of what is in the way, and of the old content."""
    old: bytes | None
    """Path of the old content."""


def _look(
    library: PlannedLibrary,
    staged: Staged,
    place: Callable[[Surroundings, int], bytes],
    old: staged_queries.ToReplace | None,
) -> _Looked:
    """Blocks. Raises `StagedNotUsable`."""
    root, name = os.path.split(os.path.normpath(staged.path))
    if not staged.path.startswith(b"/") or not is_media(name):
        raise StagedNotUsable(f"{shown(staged.path)} is no absolute path of a media file or of a disc's folder.")
    names = [name, *(_name(path) for path in staged.along)]
    stem = stem_of(name)
    if any(os.path.dirname(path) != root or not _name(path).startswith(stem) for path in staged.along):
        raise StagedNotUsable("What goes along must lie beside the file and begin with its name: name only such files.")
    try:
        with open_tree(root, None) as tree:
            looks = tree.snapshot(names)
        for each in names:
            there = looks[each]
            if there is None or there.kind is Kind.OTHER or (there.kind is Kind.FOLDER) != is_disc_folder(each):
                raise StagedNotUsable(f"{shown(joined(root, each))} is not there, or is no file: make it anew.")
        with open_tree(library.root, library.root_marker or "") as own:
            patterns = exclude_patterns(library.exclude_patterns)
            around = Surroundings(own, partial(read_start, library.root), patterns)
            reserve = max([LEAST_RESERVE, *(len(each) - len(stem) for each in names)])
            to = place(around, reserve)
            role = MoveRole.MEDIA
            moves: list[Move] = []
            for each in names:
                there = looks[each]
                assert there is not None
                is_it, role = role is MoveRole.MEDIA, MoveRole.SIDECAR
                target = to + (suffix_of(name) if is_it else each[len(stem) :])
                moves.append(
                    Move(
                        MoveRole.MEDIA if is_it else role,
                        each,
                        target,
                        Seen(*there.look),
                        old.id if old is not None and is_it else None,
                        old.version if old is not None and is_it else None,
                    )
                )
            rule = around.rule_that_hides(moves[0].target)
            if rule is not None:
                raise StagedNotUsable(
                    f"Scans would not see it as {shown(moves[0].target)} ({rule}): change the naming template or the rule."
                )
            wish = Wish(tuple(moves), to)
            there_now = around.in_the_way([move.target for move in moves])
            lying = lying_at([wish], there_now)
            before = [old.path] if old is not None else []
            return _Looked(
                root, wish, there_now, lying, around.looks([*lying, *before]), old.path if old is not None else None
            )
    except RootGone as gone:
        raise StagedDiskAway(f"{gone}: mount its disk and try again.") from None
    except OSError as error:
        raise StagedNotUsable(f"The disk refused ({error.strerror or error}): mend that and try again.") from None


async def _do(
    database: Database,
    clock: Clock,
    actor: str,
    library: PlannedLibrary,
    staged: Staged,
    seen: _Looked,
    what: StagedAs,
    against: Callable[[bytes, Old], str | None] | None,
) -> int:
    """`against`: why a file that lies in the way is not replaced; nothing is, where it is None."""
    async with database.read() as session:
        paths = {*seen.lying, *((seen.old,) if seen.old is not None else ())}
        known = await known_at(session, library.id, paths)
        if staged.how is BringHow.MOVE and await staged_queries.is_known(session, staged.path):
            raise StagedNotUsable(
                f"{shown(staged.path)} is a file of a library: link or copy it, or organize it there."
            )
    replaceable = _replaceable(seen, known, against) if against is not None else {}
    plan = plan_of([seen.wish], seen.there, apart=True, replaceable=replaceable)
    if plan.refused:
        refused = plan.refused[0]
        if refused.reason is Reason.TARGET_EXISTS and against is None:
            lie = " and ".join(sorted(f'"{shown(path)}"' for path in seen.lying)) or "Something"
            raise StagedInTheWay(f"{lie} lies there already: look at it, and move or remove it.")
        raise StagedNotUsable(refused.words)
    (group,) = brought(plan, staged.how).groups
    if seen.old is not None and all((move.way, move.source) != (Way.TRASH, seen.old) for move in group.moves):
        old = seen.looks.get(seen.old)
        if old is None or seen.old not in known:
            raise StagedNotUsable(f"{shown(seen.old)} is not there as it was seen last: scan the library.")
        group = Group((*group.moves, to_trash(seen.old, Seen(*old.look), known[seen.old])))
    async with database.write() as session:
        if (given := await staged_queries.by_key(session, staged.key)) is not None:
            return given
        now = clock.now()
        organizing_id = await storing.store_plan(
            session,
            now,
            library.id,
            actor,
            Plan((group,)),
            template=library.naming or DEFAULT,
            bring_how=staged.how.value,
            replace=against is not None,
            staged=storing.FromStaging(seen.root, to_builtins(what), staged.key),
        )
        await storing.let_apply(session, now, organizing_id)
    return organizing_id


def _replaceable(
    seen: _Looked, known: Mapping[bytes, Old], against: Callable[[bytes, Old], str | None]
) -> dict[bytes, Move | str]:
    found: dict[bytes, Move | str] = {}
    for path in seen.lying:
        there, old = seen.looks.get(path), known.get(path)
        why = against(path, old) if old is not None else None
        if why is not None:
            found[path] = why
        elif there is not None and (there.kind is Kind.FILE or (there.kind is Kind.FOLDER and old is not None)):
            found[path] = to_trash(path, Seen(*there.look), old)
    return found


def _placed(
    library: PlannedLibrary, facts: Facts, role: Role, name: bytes, around: Surroundings, reserve: int
) -> bytes:
    """Folder and stem by the library's template."""
    subject = Subject(id=0, version=0, path=name, look=Seen(0, 0, 0), role=role, facts=facts)
    try:
        place = Places(preset_of(library.naming)).of(subject, reserve)
    except Unnamed as error:
        raise StagedNotUsable(f"{error} Say what it is, or change the naming template.") from None
    if place is None:
        raise StagedNotUsable(
            "The naming template makes no folder for a title, so that nothing says where an extra belongs."
        )
    return joined(around.spelled(place.folder), place.stem)


def _called(staged: Staged) -> bytes:
    name = _name(staged.path)
    stem = safe_name(staged.called or "")
    return os.fsencode(stem) + suffix_of(name) if stem and not is_disc_folder(name) else name


def _name(path: bytes) -> bytes:
    return path.rpartition(b"/")[2]
