"""The changes of the disk that a group consists of, each made only while this process still is the one to make it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog

from ..clock import Clock
from ..db.engine import Database
from ..db.text import shown
from ..disk.beneath import NotAsExpected
from ..disk.copying import CannotLink, Copied, part_name
from ..disk.moving import Occupied
from ..files.paths import joined
from ..libraries.lock import OrganizingLock
from . import journal, words
from . import journal_queries as queries
from .journal import Lost
from .journal_queries import Written
from .moves import Move, Seen, Spot, Way
from .steps import makes_room, replaces
from .trees import Sites, Trees, seen
from .unbroken import unbroken

T = TypeVar("T")

log = structlog.stdlib.get_logger(__name__)

REFUSED_BY_DISK = (OSError, Occupied, NotAsExpected)
LOOK_EVERY = 5.0
"""Seconds, while a file is copied, between two looks whether it is still this process's to do."""


class Doing:
    """One group, while its roots are open. Everything raises `Lost` where another process has taken the group over."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sites: Sites,
        lock: OrganizingLock,
        trees: Trees,
        group: Written,
        epoch: int,
        stopping: Callable[[], bool],
    ) -> None:
        self._database = database
        self._clock = clock
        self._sites = sites
        self._lock = lock
        self._trees = trees
        self._group = group
        self._epoch = epoch
        self._stopping = stopping
        self._made: dict[int, Seen] = {number: move.made for number, move in enumerate(group.moves) if move.made}
        """What copies look like that are whole, by their moves."""
        self.kept = 0
        """Files that could not be given mode and group of their folders."""

    async def forward(self, done: int) -> str | None:
        """Do what is not done yet; why that failed, None where it did not. Raises `Stopped` where a file is being copied when
        the server is to end."""
        group = self._group
        try:
            if done < len(group.renames):
                for _, folder in group.made:
                    await self.step(lambda folder=folder: self._trees.make_folder(folder))
                if makes_room(group.moves):
                    await self._copy_beforehand(done)
            for rename in group.renames[done:]:
                move = group.moves[rename.move]
                if move.stays:
                    await self._make_beside(rename.move)
                    continue
                if replaces(group.moves, rename):
                    async with self._database.write(durable=True) as session:
                        await journal.note_at_target(session, group.id, self._epoch)
                await self._move(rename.source, rename.target, move.look)
            await self._give_access()
        except REFUSED_BY_DISK as error:
            return words.trouble(error)
        return None

    async def back(self, done: int) -> None:
        """Everything to where it was; raises what the disk raises."""
        group = self._group
        for rename in reversed(group.renames[:done]):
            move = group.moves[rename.move]
            if move.stays:
                part = self._part(rename.move)
                await self.step(lambda move=move, part=part: self._trees.withdraw(move, part))
            else:
                await self._move(rename.target, rename.source, move.look)
        for number, move in enumerate(group.moves):
            if move.stays:
                part = self._part(number)
                await self.step(lambda part=part: self._trees.drop_part(part))
            elif move.had is not None:
                await self.step(lambda move=move: self._trees.take_access_back(move))
        for _, folder in reversed(group.made):
            await self.step(lambda folder=folder: self._trees.remove_folder(folder))

    async def drop_parts(self) -> list[Spot]:
        """Take away what a group that is given up has under hidden names, where its source is as it was or it is a copy that is
        not whole; what is left, since nobody else may have it."""
        left: list[Spot] = []
        for number, move in enumerate(self._group.moves):
            if not move.stays:
                continue
            part = self._part(number)
            found = await asyncio.to_thread(self._trees.snapshot, [part, move.origin])
            there = found[part]
            if there is None:
                continue
            # Of a link the part may be the last name that its source has.
            unfinished = move.made is None and (move.way is Way.COPY or there.inode != move.look.inode)
            try:
                if unfinished or seen(found[move.origin]) == move.look:
                    await self.step(lambda part=part: self._trees.drop_part(part))
                else:
                    left.append(part)
            except REFUSED_BY_DISK:
                left.append(part)
        return left

    async def clear_away(self) -> dict[int, Spot]:
        """The folders that became empty; those that went, by step."""
        removed: dict[int, Spot] = {}
        for step_id, folder in self._group.left:
            if await self.step(lambda folder=folder: self._trees.remove_folder(folder)):
                removed[step_id] = folder
        return removed

    async def step(self, change: Callable[[], T]) -> T:
        """One change of the disk."""
        if not await self._is_mine():
            raise Lost
        return await unbroken(asyncio.to_thread(change))

    async def _give_access(self) -> None:
        """Once all is in its place, because it can be done twice. Links share mode and group with their sources; copies were made
        with theirs."""
        for move in self._group.moves:
            if not move.stays and not move.is_disc:
                self.kept += not await self.step(lambda move=move: self._trees.give_access(move))

    async def _make_beside(self, number: int) -> None:
        """A link, or a copy where the disk can make no link; a copy that was whole already only gets its name."""
        move = self._group.moves[number]
        if move.way is Way.LINK and not move.is_disc and number not in self._made:
            try:
                await self.step(lambda: self._trees.link(move))
                return
            except CannotLink as reason:
                log.info("a file is copied, because no link can be made of it", step=number, reason=str(reason))
        await self._move(self._part(number), move.destination, await self._copied(number))

    async def _copy_beforehand(self, done: int) -> None:
        """Copies that take the place of something are made before that goes, since they may take hours and fail."""
        for rename in self._group.renames[done:]:
            move, part = self._group.moves[rename.move], self._part(rename.move)
            if not move.stays or rename.move in self._made:
                continue
            if move.way is Way.LINK and not move.is_disc:
                try:
                    await self.step(lambda move=move, part=part: self._trees.try_link(move, part))
                    continue
                except CannotLink as reason:
                    log.info("a file is copied, because no link can be made of it", reason=str(reason))
            await self._copied(rename.move)

    async def _copied(self, number: int) -> Seen:
        """What the copy looks like, which is whole, under the name of its step."""
        group, part = self._group, self._part(number)
        made = self._made.get(number)
        if made is None or seen((await asyncio.to_thread(self._trees.snapshot, [part]))[part]) != made:
            copied = await unbroken(self._copy(group.moves[number], part))
            async with self._database.write(durable=True) as session:
                await journal.note_copy(session, group.id, self._epoch, group.step_ids[number], copied)
            made = self._made[number] = Seen(*copied.look)
        return made

    async def _copy(self, move: Move, part: Spot) -> Copied:
        if not await self._is_mine():
            raise Lost
        done = 0
        lost = False

        def go_on(copied: int) -> bool:
            nonlocal done
            done = copied
            return not (lost or self._stopping())

        thread = asyncio.ensure_future(asyncio.to_thread(self._trees.copy, move, part, go_on))
        while not (await asyncio.wait([thread], timeout=LOOK_EVERY))[0]:
            lost = lost or not await self._is_mine()
            async with self._database.write() as session:
                now, target = self._clock.now(), shown(move.target)
                journal.tell_progress(session, now, self._sites, self._group, target, done, move.look.size)
        if lost:
            thread.exception()  # seen, so that nobody is told of it as forgotten
            raise Lost
        return thread.result()

    async def _move(self, source: Spot, target: Spot, look: Seen) -> None:
        await self.step(lambda: self._trees.move(source, target, look))

    async def _is_mine(self) -> bool:
        if not await self._lock.is_kept():
            return False
        async with self._database.read() as session:
            return await queries.epoch_of(session, self._group.id) == self._epoch

    def _part(self, number: int) -> Spot:
        """Where a copy is made: beside its target."""
        abroad, target = self._group.moves[number].destination
        return Spot(abroad, joined(target.rpartition(b"/")[0], part_name(self._group.step_ids[number])))
