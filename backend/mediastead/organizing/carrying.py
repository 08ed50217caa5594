"""Brings one group to its end: done, or everything back where it was. The same for a first try, an error and a crash.

The disk is asked how far the group is, and the journal only what was to be done. So it does not matter where a process died.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..disk.calls import CALLS, Calls
from ..disk.copying import Stopped
from ..disk.moving import RootGone
from ..libraries.lock import OrganizingLock
from . import journal, words
from . import journal_queries as queries
from .away import known_disks, why_away
from .checking import as_they_lie, disk_refuses, looks_beside, rows_refuse
from .doing import REFUSED_BY_DISK, Doing
from .importing import record_failure
from .journal import Lost
from .journal_queries import Written
from .models import GroupState
from .mounted import can_be_renamed, into_trash, trash_folders
from .moves import Reason, Seen, Spot, Way
from .recording import record_moves
from .steps import Refusal, Rename, folders_left, folders_to_make, in_order, spots_of, where, why_not
from .trees import Sites, Trees, open_trees, seen

log = structlog.stdlib.get_logger(__name__)


class Carrier:
    """Whoever calls holds the locks of the libraries, `lock`, and keeps them until the call has returned. `stopping`: whether
    the server is to end, which breaks off the copying of a file; asked from a thread."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sites: Sites,
        lock: OrganizingLock,
        calls: Calls = CALLS,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sites = sites
        self._lock = lock
        self._calls = calls
        self._stopping = stopping

    async def begin(self, group_id: int) -> GroupState:
        """Do a planned group, if it still can be done as planned; how it ended. Raises `Lost`, and `RootGone` where the library
        is not there."""
        group = await self._written(group_id)
        found = why_not(group.moves) or await self._look_beforehand(group)
        if isinstance(found, Refusal):
            return await self._refuse(group, found)
        async with self._database.write(durable=True) as session:
            against = await rows_refuse(session, self._sites, group.moves, lock=True)
            if against is None:
                await self._write_down(session, group, found)
        if against is not None:
            return await self._refuse(group, against)
        return await self._carry(await self._written(group_id), epoch=1, attempts=1, backwards=False)

    async def settle(self, group_id: int) -> GroupState:
        """Bring a group to its end that was begun, by whomever; how it ended, or why not yet. Raises `Lost`."""
        async with self._database.write(durable=True) as session:
            epoch, attempts, backwards = await journal.take_over(session, self._clock.now(), group_id)
        group = await self._written(group_id)
        if attempts > journal.ATTEMPTS:
            return await self._close(
                group, epoch, GroupState.STUCK, words.stuck(group.organizing_id, group.said), look_again=True
            )
        log.info("a group of moves that was broken off is brought to its end", group_id=group_id, attempt=attempts)
        return await self._carry(group, epoch=epoch, attempts=attempts, backwards=backwards)

    async def _look_beforehand(self, group: Written) -> "Refusal | _Beforehand":
        """What is to be known of the disk, or why that does not allow it."""
        known = await known_disks(self._database, self._sites, group)
        async with self._database.read() as session:
            takes_back = await queries.takes_back(session, group.organizing_id)

        def look() -> Refusal | _Beforehand:
            with open_trees(self._sites, self._calls) as trees:
                if away := why_away(known, self._sites, trees, group):
                    return Refusal(Reason.NOT_THERE, f"{away} Then {words.then(staged=self._sites.is_staged)}.")
                beside = looks_beside(trees, group) if takes_back else {}
                moves = as_they_lie(group, beside)
                if beside and (no := why_not(moves)):
                    return no
                copied = any(each.way is Way.RENAME and each.source_abroad != each.target_abroad for each in moves)
                copied = copied and not can_be_renamed(trees, moves)
                refusal = disk_refuses(trees, moves, copied=copied, staged=self._sites.is_staged)
                if refusal is not None:
                    return refusal
                trash = trash_folders(trees, moves, copied=copied and not self._sites.is_staged)
                folders = folders_to_make(into_trash(moves, trash))
                needed = {Spot(origin.abroad, folder) for origin, folder in trash.items()}
                folders += sorted(needed.difference(folders))
                missing = [each for each in folders if trees.at(each.abroad).names(each.path) is None]
                abroad = self._sites.abroad
                unmarked = abroad is not None and abroad.marker is None
                there = trees.snapshot([each.origin for each in moves if not each.stays])
                had = {
                    each.origin: (status.mode, status.group)
                    for each in moves
                    if not each.stays and not each.is_disc and (status := there[each.origin]) is not None
                }
                return _Beforehand(missing, copied, trash, trees.abroad.inode if unmarked else None, had, beside)

        try:
            return await asyncio.to_thread(look)
        except OSError as error:
            trouble = words.trouble(error)
            return Refusal(Reason.NOT_THERE, words.refused(trouble, staged=self._sites.is_staged))

    async def _write_down(self, session: AsyncSession, group: Written, found: "_Beforehand") -> None:
        if found.beside:
            await journal.take_as_it_lies(session, found.beside)
            group = await queries.written_group(session, group.id) or group
        if found.copied:
            await journal.copy_instead(session, self._sites, group)
            group = await queries.written_group(session, group.id) or group
        group = journal.with_names_in_trash(group, found.trash)
        renames = in_order(group.moves, lambda number: journal.held_name(group.step_ids[number]))
        left = folders_left(group.moves)
        now = self._clock.now()
        await journal.begin(
            session, now, self._sites, group, renames, found.folders, left, found.abroad_inode, found.had
        )

    async def _carry(self, group: Written, *, epoch: int, attempts: int, backwards: bool) -> GroupState:
        async with AsyncExitStack() as stack:
            try:
                opened = open_trees(self._sites, self._calls, group.abroad_inode)
                trees = await asyncio.to_thread(stack.enter_context, opened)
            except RootGone as gone:
                return await self._wait(group, epoch, words.root_gone(gone))
            state = GroupState.TAKING_BACK if backwards else GroupState.DOING
            # What is said of one that waited is what it waited for.
            cause = group.said if backwards and group.state is not GroupState.WAITING else None
            try:
                if away := await self._why_away(trees, group):
                    return await self._wait(group, epoch, away)
                done = await self._how_far(trees, group)
                if done is None:
                    return await self._give_up(trees, group, epoch)
                if not backwards:
                    doing = self._doing(trees, group, epoch)
                    cause = await doing.forward(done)
                    # What copies look like is known now, and whether all of them are in their places.
                    group = await self._written(group.id)
                    if cause is None:
                        return await self._done(trees, group, epoch, doing.kept)
                    if away := await self._why_away(trees, group):
                        return await self._wait(group, epoch, away)
                    if group.at_target:
                        return await self._put_off(group, epoch, words.cannot_be_finished(cause), state, attempts)
                    async with self._database.write(durable=True) as session:
                        await journal.turn_back(session, group.id, epoch, cause)
                    state = GroupState.TAKING_BACK
                    done = await self._how_far(trees, group)
                    if done is None:
                        return await self._give_up(trees, group, epoch)
                await self._doing(trees, group, epoch).back(done)
            except REFUSED_BY_DISK as error:
                said = words.cannot_be_taken_back(cause, error)
                return await self._put_off(group, epoch, said, state, attempts)
            except Stopped:
                # No crash: however often it is broken off so, it does not count.
                return await self._put_off(group, epoch, words.STOPPED, state, attempts - 1)
            return await self._close(
                group,
                epoch,
                GroupState.TAKEN_BACK,
                words.taken_back(cause, staged=self._sites.is_staged),
                look_again=True,
            )

    async def _done(self, trees: Trees, group: Written, epoch: int, kept: int) -> GroupState:
        """Everything is at its target: clear away what became empty, and write it into the books. `kept`: files that have not the
        mode and group that they should."""
        removed = await self._doing(trees, group, epoch).clear_away()
        folders_done = [step_id for step_id, _ in group.made] + list(removed)
        async with self._database.write(durable=True) as session:
            now, left = self._clock.now(), list(removed.values())
            as_planned = await record_moves(session, now, self._sites, group, folders_done, left, trees.devices)
            said = words.kept_access(kept) if kept else None
            await journal.close(
                session, now, self._sites, group, epoch, GroupState.DONE, said, look_again=not as_planned
            )
        return GroupState.DONE

    async def _give_up(self, trees: Trees, group: Written, epoch: int) -> GroupState:
        found = await asyncio.to_thread(_shown, trees, group.renames)
        left = await self._doing(trees, group, epoch).drop_parts()
        said = words.given_up(group.moves, group.renames, found, left)
        log.error("a group of moves was given up", group_id=group.id, said=said)
        return await self._close(group, epoch, GroupState.GIVEN_UP, said, look_again=True)

    def _doing(self, trees: Trees, group: Written, epoch: int) -> Doing:
        return Doing(self._database, self._clock, self._sites, self._lock, trees, group, epoch, self._stopping)

    async def _how_far(self, trees: Trees, group: Written) -> int | None:
        return where(group.moves, group.renames, await asyncio.to_thread(_shown, trees, group.renames))

    async def _written(self, group_id: int) -> Written:
        async with self._database.read() as session:
            group = await queries.written_group(session, group_id)
        if group is None:
            raise Lost
        return group

    async def _refuse(self, group: Written, refusal: Refusal) -> GroupState:
        async with self._database.write() as session:
            now = self._clock.now()
            await journal.refuse(session, now, self._sites.own.library_id, group, refusal)
            await record_failure(session, now, self._sites, group, refusal.words)
        return GroupState.REFUSED

    async def _why_away(self, trees: Trees, group: Written) -> str | None:
        known = await known_disks(self._database, self._sites, group)
        return await asyncio.to_thread(why_away, known, self._sites, trees, group)

    async def _wait(self, group: Written, epoch: int, why: str) -> GroupState:
        """For a disk. No crash: however often it is looked for, it does not count."""
        return await self._put_off(group, epoch, words.waits(why), GroupState.WAITING, 0)

    async def _put_off(self, group: Written, epoch: int, said: str, state: GroupState, attempts: int) -> GroupState:
        log.warning("a group of moves is not at its end", group_id=group.id, said=said)
        async with self._database.write(durable=True) as session:
            now = self._clock.now()
            await journal.put_off(session, now, group.id, epoch, said, state=state, attempts=attempts)
        return state

    async def _close(self, group: Written, epoch: int, state: GroupState, said: str, **more: Any) -> GroupState:
        async with self._database.write(durable=True) as session:
            now = self._clock.now()
            await journal.close(session, now, self._sites, group, epoch, state, said, **more)
            await record_failure(session, now, self._sites, group, said)
        return state


class _Beforehand(NamedTuple):
    """What the disk shows before a group is begun."""

    folders: list[Spot]
    """To be made."""
    copied: bool
    """The files cannot be renamed to where they go, so they are copied."""
    trash: dict[Spot, bytes]
    """Into which folder that goes which goes to the trash, by where it lies."""
    abroad_inode: int | None
    """Of the folder that they come from, where it has no marker. All of them were there at that moment."""
    had: dict[Spot, tuple[int, int]]
    """Mode and group of the files that are renamed, or that go to the trash once they are copied."""
    beside: dict[int, Seen | None]
    """By step, what goes along back and does not look as it did any more; None where it is gone."""


def _shown(trees: Trees, renames: tuple[Rename, ...]) -> dict[Spot, Seen | None]:
    return {spot: seen(there) for spot, there in trees.snapshot(spots_of(renames)).items()}
