"""Applies plans group by group, and brings groups to their end that a crash, an error or an unplugged disk left open."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog

from ..clock import Clock
from ..db.engine import Database
from ..disk.access import number_of
from ..disk.calls import CALLS, Calls
from ..disk.moving import RootGone
from ..events.wake import Wake
from ..libraries.lock import OrganizingLock, organizing_lock
from ..libraries.queries import is_nobodys
from . import journal, words
from . import journal_queries as queries
from .carrying import Carrier
from .checking import NOT_MARKED, capable
from .journal import Lost
from .models import GroupState
from .moves import Reason
from .steps import Refusal
from .trees import Sites, open_trees
from .unbroken import unbroken

LOOK_AGAIN = 1.0
"""Seconds between two looks for work."""
LOCK_SECONDS = 5.0
"""Groups are begun for so long under one hold of the library's lock; then scans have their turn."""
OPEN_ENDS = (GroupState.DOING, GroupState.TAKING_BACK, GroupState.WAITING)

log = structlog.stdlib.get_logger(__name__)


class Organizer:
    """One a process. Several servers may run one each: the library's lock keeps them from the same files."""

    def __init__(self, database: Database, clock: Clock, wake: Wake | None = None, *, calls: Calls = CALLS) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
        self._calls = calls
        self._stop: asyncio.Event | None = None
        self._capable: set[int] = set()
        """Devices on which files can be moved safely."""
        self._paused: dict[int, datetime] = {}
        """Libraries that are not there, until when they are looked for again."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a group that has begun is brought to its end."""
        self._stop = stop
        while not stop.is_set():
            try:
                worked = await self.step(stop)
            except Exception:
                # The loop must outlive what one group ran into (a database that restarts, a bug); it is tried again.
                log.exception("groups of moves could not be worked on, will try again")
                worked = False
            if not worked:
                try:
                    await asyncio.wait_for(stop.wait(), LOOK_AGAIN)
                except TimeoutError:
                    continue

    async def step(self, stop: asyncio.Event | None = None) -> bool:
        """Settle what is open and due, then begin groups for some seconds; False where there was nothing to do."""
        settled = await self.settle_due()
        async with self._database.read() as session:
            applying = await queries.applying(session)
        begun = False
        for organizing_id, library_id in applying:
            if self._paused.get(library_id, self._clock.now()) <= self._clock.now():
                begun = await self._apply_some(organizing_id, library_id, stop) or begun
        return bool(settled) or begun

    async def settle_due(self, library_id: int | None = None) -> dict[int, GroupState]:
        """Bring groups to their end that were begun and whose time has come; how far each came."""
        async with self._database.read() as session:
            due = await queries.to_settle(session, self._clock.now(), library_id)
        ends: dict[int, GroupState] = {}
        for group_id, organizing_id in due:
            try:
                state = await unbroken(self._settle(group_id, organizing_id))
            except Lost:
                continue
            except Exception:
                log.exception("a group of moves could not be brought to its end", group_id=group_id)
                continue
            if state is not None:
                ends[group_id] = state
        self._tell_scans(ends.values())
        return ends

    async def apply(self, organizing_id: int) -> None:
        """Begin all groups of one organizing that is to be applied, one after the other, until none is left or its library
        is not to be had."""
        while True:
            async with self._database.read() as session:
                mine = [each for each in await queries.applying(session) if each[0] == organizing_id]
            if not mine or not await self._apply_some(*mine[0], None):
                return

    async def _settle(self, group_id: int, organizing_id: int) -> GroupState | None:
        async with self._libraries_of(organizing_id) as (sites, lock):
            if sites is None:
                return None
            return await self._carrier(sites, lock).settle(group_id)

    async def _apply_some(self, organizing_id: int, library_id: int, stop: asyncio.Event | None) -> bool:
        return await unbroken(self._begin_groups(organizing_id, library_id, stop))

    async def _begin_groups(self, organizing_id: int, library_id: int, stop: asyncio.Event | None) -> bool:
        """A stop is seen between two groups only."""
        async with self._libraries_of(organizing_id) as (sites, lock):
            if sites is None or await self._is_unfinished(sites):
                return False
            until = time.monotonic() + LOCK_SECONDS
            begun = False
            while time.monotonic() < until and not (stop is not None and stop.is_set()):
                async with self._database.read() as session:
                    group_id = await queries.next_planned(session, organizing_id)
                if group_id is None:
                    break
                state = await self._begin(group_id, sites, lock)
                if state is None or state in OPEN_ENDS:
                    break
                begun = True
        async with self._database.read() as session:
            waited_for = begun and await queries.scan_is_queued(session, library_id)
        if waited_for and self._wake is not None:
            self._wake.scans.set()
            await asyncio.sleep(LOOK_AGAIN)
        return begun

    async def _begin(self, group_id: int, sites: Sites, lock: OrganizingLock) -> GroupState | None:
        """None where it could not be begun now."""
        try:
            refusal = await asyncio.to_thread(self._why_not, sites)
            if refusal is not None:
                return await self._refuse(group_id, sites, refusal)
            return await self._carrier(sites, lock).begin(group_id)
        except RootGone as gone:
            log.warning("a library cannot be organized now", library_id=sites.own.library_id, reason=str(gone))
            async with self._database.write() as session:
                await journal.say_why_not_yet(session, group_id, words.waits(words.root_gone(gone)))
            self._paused[sites.own.library_id] = self._clock.now() + timedelta(minutes=1)
        except Lost:
            log.warning("somebody else has a group of moves in hand", group_id=group_id)
        return None

    def _carrier(self, sites: Sites, lock: OrganizingLock) -> Carrier:
        return Carrier(self._database, self._clock, sites, lock, self._calls, self._is_stopping)

    def _is_stopping(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def _why_not(self, sites: Sites) -> Refusal | None:
        """Blocks. Raises `RootGone`."""
        if sites.own.marker is None or any(place.marker is None and not sites.stays for place in sites.places):
            return NOT_MARKED
        if sites.own.group is not None and number_of(sites.own.group) is None:
            return Refusal(
                Reason.NOT_CAPABLE,
                f"This machine knows no group {sites.own.group}, which files are to get: make it, or set another one "
                "(`mediastead library set NAME --group GROUP`).",
            )
        with open_trees(sites, self._calls) as trees:
            if sites.stays and (why := trees.abroad.why_not_known_again()):
                return Refusal(Reason.NOT_CAPABLE, f"{why}: move the files from there by hand.")
            # Nothing is written where what is taken stays: it may be read-only.
            written = (trees.own,) if sites.stays else trees
            for tree in {id(tree): tree for tree in written}.values():
                if tree.device in self._capable:
                    continue
                try:
                    refusal = capable(tree)
                except OSError as error:
                    place = sites.at(tree is not trees.own)
                    trouble = words.trouble(error, place.root)
                    return Refusal(Reason.NOT_CAPABLE, words.refused(trouble, staged=sites.is_staged))
                if refusal is not None:
                    return refusal
                self._capable.add(tree.device)
        return None

    async def _refuse(self, group_id: int, sites: Sites, refusal: Refusal) -> GroupState:
        async with self._database.read() as session:
            group = await queries.written_group(session, group_id)
        if group is None:
            raise Lost
        async with self._database.write() as session:
            await journal.refuse(session, self._clock.now(), sites.own.library_id, group, refusal)
        return GroupState.REFUSED

    @asynccontextmanager
    async def _libraries_of(self, organizing_id: int) -> AsyncGenerator[tuple[Sites | None, OrganizingLock]]:
        """Where its files go to and come from, with the locks of those libraries; None where they are not to be had."""
        sites = await self._sites_of(organizing_id)
        ids = [place.library_id for place in sites.places] if sites is not None else []
        lock = organizing_lock(self._database, *ids)
        async with lock.hold() as held:
            # Asked again, since a root may have been changed until the lock was taken.
            yield (await self._sites_of(organizing_id) if held else None), lock

    async def _sites_of(self, organizing_id: int) -> Sites | None:
        async with self._database.read() as session:
            return await queries.sites_of(session, organizing_id)

    async def _is_unfinished(self, sites: Sites) -> bool:
        async with self._database.read() as session:
            for place in sites.places:
                if await is_nobodys(session, place.library_id):
                    return True
        return False

    def _tell_scans(self, states: Any) -> None:
        if self._wake is not None and any(state not in OPEN_ENDS for state in states):
            self._wake.scans.set()
