"""Brings one group to its end: done, or everything back where it was. The same for a first try, an error and a crash.

The disk is asked how far the group is, and the journal only what was to be done. So it does not matter where a process died.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import structlog

from ..clock import Clock
from ..db.engine import Database
from ..disk.beneath import NotAsExpected
from ..disk.calls import CALLS, Calls
from ..disk.moving import Occupied, RootGone
from ..libraries.lock import OrganizingLock
from . import journal, words
from . import journal_queries as queries
from .checking import disk_refuses, rows_refuse
from .journal import Lost
from .journal_queries import Written
from .models import GroupState
from .moves import Move, Reason, Seen, Spot
from .recording import record_moves
from .steps import Refusal, Rename, folders_left, folders_to_make, in_order, spots_of, where, why_not
from .trees import Sites, Trees, open_trees, seen
from .unbroken import unbroken

T = TypeVar("T")

log = structlog.stdlib.get_logger(__name__)

REFUSED_BY_DISK = (OSError, Occupied, NotAsExpected)


class Carrier:
    """Whoever calls holds the library's lock, `lock`, and keeps it until the call has returned."""

    def __init__(
        self, database: Database, clock: Clock, sites: Sites, lock: OrganizingLock, calls: Calls = CALLS
    ) -> None:
        self._database = database
        self._clock = clock
        self._sites = sites
        self._lock = lock
        self._calls = calls

    async def begin(self, group_id: int) -> GroupState:
        """Do a planned group, if it still can be done as planned; how it ended. Raises `Lost`, and `RootGone` where the library
        is not there."""
        group = await self._written(group_id)
        refusal = why_not(group.moves) or await self._look_beforehand(group)
        if isinstance(refusal, Refusal):
            return await self._refuse(group, refusal)
        made = refusal
        group = journal.with_names_in_trash(group)
        renames = in_order(group.moves, lambda number: journal.held_name(group.step_ids[number]))
        async with self._database.write(durable=True) as session:
            against = await rows_refuse(session, self._sites, group.moves, lock=True)
            if against is None:
                await journal.begin(
                    session, self._clock.now(), self._sites, group, renames, made, folders_left(group.moves)
                )
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

    async def _look_beforehand(self, group: Written) -> Refusal | list[Spot]:
        """The folders that have to be made, or why the disk does not allow it."""

        def look() -> Refusal | list[Spot]:
            with open_trees(self._sites, self._calls) as trees:
                refusal = disk_refuses(trees, group.moves)
                if refusal is not None:
                    return refusal
                folders = folders_to_make(group.moves)
                return [folder for folder in folders if trees.at(folder.abroad).names(folder.path) is None]

        try:
            return await asyncio.to_thread(look)
        except OSError as error:
            return Refusal(Reason.NOT_THERE, f"{words.trouble(error)}. Then make a new plan.")

    async def _carry(self, group: Written, *, epoch: int, attempts: int, backwards: bool) -> GroupState:
        async with AsyncExitStack() as stack:
            try:
                trees = await asyncio.to_thread(stack.enter_context, open_trees(self._sites, self._calls))
            except RootGone as gone:
                said = f"The library is not there: {gone}. Mount its disk; then it is gone on with by itself."
                # No crash: however often it is looked for, it does not count.
                return await self._put_off(group, epoch, said, GroupState.WAITING, 0)
            state = GroupState.TAKING_BACK if backwards else GroupState.DOING
            cause: str | None = group.said if backwards else None
            try:
                done = await self._how_far(trees, group)
                if done is None:
                    return await self._give_up(trees, group, epoch)
                if not backwards:
                    cause = await self._forward(trees, group, epoch, done)
                    if cause is None:
                        return await self._done(trees, group, epoch)
                    async with self._database.write(durable=True) as session:
                        await journal.turn_back(session, group.id, epoch, cause)
                    state = GroupState.TAKING_BACK
                    done = await self._how_far(trees, group)
                    if done is None:
                        return await self._give_up(trees, group, epoch)
                await self._back(trees, group, epoch, done)
            except REFUSED_BY_DISK as error:
                said = words.cannot_be_taken_back(cause, error)
                return await self._put_off(group, epoch, said, state, attempts)
            return await self._close(group, epoch, GroupState.TAKEN_BACK, words.taken_back(cause), look_again=True)

    async def _forward(self, trees: Trees, group: Written, epoch: int, done: int) -> str | None:
        """Do what is not done yet; why that failed, None where it did not."""
        try:
            if done < len(group.renames):
                for _, folder in group.made:
                    await self._step(group, epoch, lambda folder=folder: trees.make_folder(folder))
            for rename in group.renames[done:]:
                await self._move(trees, group, epoch, rename.source, rename.target, group.moves[rename.move])
        except REFUSED_BY_DISK as error:
            return words.trouble(error)
        return None

    async def _back(self, trees: Trees, group: Written, epoch: int, done: int) -> None:
        for rename in reversed(group.renames[:done]):
            await self._move(trees, group, epoch, rename.target, rename.source, group.moves[rename.move])
        for _, folder in reversed(group.made):
            await self._step(group, epoch, lambda folder=folder: trees.remove_folder(folder))

    async def _done(self, trees: Trees, group: Written, epoch: int) -> GroupState:
        """Everything is at its target: clear away what became empty, and write it into the books."""
        removed: dict[int, Spot] = {}
        for step_id, folder in group.left:
            if await self._step(group, epoch, lambda folder=folder: trees.remove_folder(folder)):
                removed[step_id] = folder
        folders_done = [step_id for step_id, _ in group.made] + list(removed)
        async with self._database.write(durable=True) as session:
            now = self._clock.now()
            as_planned = await record_moves(session, now, self._sites, group, folders_done, list(removed.values()))
            await journal.close(
                session, now, self._sites, group, epoch, GroupState.DONE, None, look_again=not as_planned
            )
        return GroupState.DONE

    async def _give_up(self, trees: Trees, group: Written, epoch: int) -> GroupState:
        found = await asyncio.to_thread(_shown, trees, group.renames)
        said = words.given_up(group.moves, group.renames, found)
        log.error("a group of moves was given up", group_id=group.id, said=said)
        return await self._close(group, epoch, GroupState.GIVEN_UP, said, look_again=True)

    async def _move(self, trees: Trees, group: Written, epoch: int, source: Spot, target: Spot, move: Move) -> None:
        await self._step(group, epoch, lambda: trees.move(source, target, move.look))

    async def _step(self, group: Written, epoch: int, change: Callable[[], T]) -> T:
        """One change of the disk, if this process still is the one to make it. Raises `Lost`."""
        if not await self._lock.is_kept():
            raise Lost
        async with self._database.read() as session:
            if await queries.epoch_of(session, group.id) != epoch:
                raise Lost
        return await unbroken(asyncio.to_thread(change))

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
            await journal.refuse(session, self._clock.now(), self._sites.own.library_id, group, refusal)
        return GroupState.REFUSED

    async def _put_off(self, group: Written, epoch: int, said: str, state: GroupState, attempts: int) -> GroupState:
        log.warning("a group of moves is not at its end", group_id=group.id, said=said)
        async with self._database.write(durable=True) as session:
            now = self._clock.now()
            await journal.put_off(session, now, group.id, epoch, said, state=state, attempts=attempts)
        return state

    async def _close(self, group: Written, epoch: int, state: GroupState, said: str | None, **more: Any) -> GroupState:
        async with self._database.write(durable=True) as session:
            now = self._clock.now()
            await journal.close(session, now, self._sites, group, epoch, state, said, **more)
        return state


def _shown(trees: Trees, renames: tuple[Rename, ...]) -> dict[Spot, Seen | None]:
    return {spot: seen(there) for spot, there in trees.snapshot(spots_of(renames)).items()}
