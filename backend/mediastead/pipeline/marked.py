"""Stages that a script or a person did by hand, and marked: the item moves on, as if a job had done them.

    .pipeline/remux.done      was set after the item came as far as it is; what it made lies in the item's folder

What a marker says is believed only where the files bear it out: one for each title, newer than what it was made of, and played
to its end. A marker that we wrote, or that was there before the item went back, says nothing new. That one is taken away means
nothing.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import structlog
from msgspec import Struct
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..db.locks import ProcessLock
from ..db.text import readable
from ..events import outbox
from .discs.models import Disc, DiscState, DiscTitle
from .discs.stored import title_facts
from .engine.nudges import first_of
from .facts import Known, TheTitle, known_of
from .flow import advance
from .items import queries
from .items import service as items
from .items.locking import lock_item
from .items.models import PipelineItem, Trigger
from .items.states import STAGES, STATES, is_behind, state_after, went_back_at
from .jobs.models import JobState, Stage
from .jobs.states import OPEN
from .jobs.work import StageFailed
from .marked_files import Found, files_of
from .marking import mark_item
from .placing import lead_disc
from .recovering import disc_of_files
from .rules import Rules
from .service import cancel_jobs
from .stages.markers import Marker, Snapshot, read_markers, snapshot_of
from .stages.parameters import Limits
from .stages.scripts import Wanted, pair
from .stages.verifying import verify_made

LOOK_EVERY = 15.0
"""Seconds between two looks where nothing is heard: on a share what other machines write is not."""
AGAIN_AFTER = 60.0
"""Seconds until a marker is looked at again that could not be followed: its files may come, a job may end."""
MARKER = "marker"
"""Who moved an item on."""

Verify: TypeAlias = Callable[[bytes, float | None, Limits], Awaitable[str | None]]
"""`stages.verifying.verify_made`."""

log = structlog.stdlib.get_logger(__name__)


class NotBorneOut(Exception):
    """Why a marker is not followed, in words."""


class Plan(Struct, frozen=True, kw_only=True):
    """What a marker leads to, as long as the item is what it was."""

    marker: Marker
    titles: Mapping[int, bytes | None]
    """By title that has the stage behind it then: its file, None where it stays."""
    new: Sequence[Found] = ()
    """Files of an item without any disc: they are its titles."""
    stands: tuple[object, ...]


class MarkerLook:
    """`run` until `stop` is set. Any number of servers may: what follows from a marker is one guarded transaction."""

    def __init__(
        self, database: Database, clock: Clock, rules: Callable[[], Rules], *, verify: Verify = verify_made
    ) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._verify = verify
        self._seen: dict[int, Snapshot] = {}
        self._again: dict[int, float] = {}

    async def run(self, stop: asyncio.Event, *, listen: bool) -> None:
        """`listen`: also between two looks, where the system can."""
        if not listen or not sys.platform.startswith("linux"):
            await self._run(stop, asyncio.Event(), lambda _: None)
            return
        from .marker_ears import Ears  # its library is there on Linux only

        try:
            ears = Ears()
        except OSError as error:
            log.warning("markers are not listened for, they are looked for now and then", error=str(error))
            await self._run(stop, asyncio.Event(), lambda _: None)
            return
        with ears:
            hearing = asyncio.create_task(ears.listen(stop))
            try:
                await self._run(stop, ears.heard, ears.follow)
            finally:
                hearing.cancel()
                await asyncio.gather(hearing, return_exceptions=True)

    async def _run(
        self, stop: asyncio.Event, heard: asyncio.Event, follow: Callable[[Collection[bytes]], None]
    ) -> None:
        while not stop.is_set():
            heard.clear()
            try:
                async with self._database.read() as session:
                    folders = await queries.active_folders(session)
                await asyncio.to_thread(follow, list(folders.values()))
                await self.look(folders)
            except Exception:
                log.exception("markers cannot be looked at now, will try again")
            await first_of(LOOK_EVERY, heard, stop)

    async def look(self, folders: Mapping[int, bytes]) -> list[int]:
        """Look at the folders of these items once; the items that moved on."""
        now = asyncio.get_running_loop().time()
        snapshots = await asyncio.to_thread(lambda: {each: snapshot_of(folder) for each, folder in folders.items()})
        self._seen = {each: seen for each, seen in self._seen.items() if each in folders}
        moved: list[int] = []
        for item_id, snapshot in snapshots.items():
            if not snapshot or (snapshot == self._seen.get(item_id) and now < self._again.get(item_id, float("inf"))):
                continue
            async with ProcessLock(self._database, "markers").hold() as mine:
                if not mine:
                    continue
                anew = snapshot != self._seen.get(item_id)
                self._seen[item_id] = snapshot
                self._again[item_id] = now + AGAIN_AFTER
                try:
                    if await self._follow(item_id, folders[item_id]):
                        moved.append(item_id)  # and again: a marker of a later stage may be borne out by then
                    else:
                        del self._again[item_id]
                except NotBorneOut as why:
                    if anew:
                        await self._tell(item_id, readable(str(why)))
                except Exception:
                    # The database was away, or this one cannot be dealt with; the others can.
                    log.exception(
                        "markers of an item cannot be looked at now, will try again", pipeline_item_id=item_id
                    )
        return moved

    async def _follow(self, item_id: int, folder: bytes) -> bool:
        markers = (await asyncio.to_thread(read_markers, folder)).done
        async with self._database.read() as session:
            item = await queries.item(session, item_id)
            fresh = await _fresh(session, item, markers) if item is not None else []
            if item is None or not fresh:
                return False
            known = await known_of(session, item)
        plan = await asyncio.to_thread(_furthest, item, known, fresh, markers)
        await self._must_be_sound(known, plan)
        async with self._database.write() as session:
            item = await lock_item(session, item_id)
            known = await known_of(session, item)
            if item.ended_at is not None or _stands(known) != plan.stands:
                raise NotBorneOut("the item changed at this moment")
            await self._apply(session, item, known, plan)
        await mark_item(self._database, item_id, self._rules().staging_roots)
        log.info("a stage was done by hand", pipeline_item_id=item_id, stage=plan.marker.stage.value)
        return True

    async def _must_be_sound(self, known: Known, plan: Plan) -> None:
        limits = self._rules().limits
        limits = Limits(shorter=limits.shorter * (STAGES.index(plan.marker.stage) + 1))
        for title_id, file in plan.titles.items():
            if file is not None:
                seconds = title_facts(known.title_rows[title_id]).duration or None
                if (fault := await self._verify(file, seconds, limits)) is not None:
                    raise NotBorneOut(f"{os.fsdecode(file)}: {fault}")
        for found in plan.new:
            if (fault := await self._verify(found.path, None, limits)) is not None:
                raise NotBorneOut(f"{os.fsdecode(found.path)}: {fault}")

    async def _apply(self, session: AsyncSession, item: PipelineItem, known: Known, plan: Plan) -> None:
        now, stage = self._clock.now(), plan.marker.stage
        passed = STAGES[: STAGES.index(stage) + 1]
        await cancel_jobs(session, now, MARKER, item.id, passed)
        notes = f"{stage.value}.done was set at {plan.marker.at:%Y-%m-%d %H:%M:%S} UTC"
        for each in passed:
            if STATES.index(state_after(each)) > STATES.index(item.state):
                await items.set_begun(session, now, item, each, Trigger.MANUAL, MARKER, notes=notes)
        for title_id, file in plan.titles.items():
            values = {"done": stage.value} | ({"file": file} if file is not None else {})
            await session.execute(update(DiscTitle).where(DiscTitle.id == title_id).values(values))
        for disc_id in {known.title_rows[title_id].disc_id for title_id in plan.titles}:
            if known.title_rows and stage is Stage.RIP:
                await lead_disc(session, now, known.disc_rows[disc_id], DiscState.RIPPED)
        if plan.new:
            row, titles = disc_of_files(1, [(found.path, found.size) for found in plan.new])
            added = insert(Disc).returning(Disc.id).values({**row, "item_id": item.id, "created_at": now})
            disc_id = (await session.execute(added)).scalar_one()
            await session.execute(insert(DiscTitle), [{**title, "disc_id": disc_id} for title in titles])
        outbox.record(session, now, "pipeline_item.marked", item_id=item.id, stage=stage.value)
        await advance(session, now, self._rules(), item.id)

    async def _tell(self, item_id: int, why: str) -> None:
        log.warning("a marker is not followed", pipeline_item_id=item_id, why=why)
        async with self._database.write() as session:
            outbox.record(session, self._clock.now(), "pipeline_item.marker_refused", item_id=item_id, why=why)


async def _fresh(session: AsyncSession, item: PipelineItem, markers: Mapping[Stage, Marker]) -> list[Marker]:
    """The markers of stages that the item has not behind it, set since it went back to where it is; the last stage first."""
    if item.ended_at is not None:
        return []
    since = went_back_at(await queries.transitions_of(session, item.id)) or item.created_at
    fresh = [
        marker
        for stage, marker in markers.items()
        if STATES.index(state_after(stage)) > STATES.index(item.state)
        and marker.written >= since
        and marker.text is not None
    ]
    return sorted(fresh, key=lambda marker: STAGES.index(marker.stage), reverse=True)


def _furthest(item: PipelineItem, known: Known, fresh: Sequence[Marker], markers: Mapping[Stage, Marker]) -> Plan:
    """As far as the files bear the markers out: one that was set too soon must not hide those before it.

    Blocks. Raises `NotBorneOut`.
    """
    faults: list[NotBorneOut] = []
    for marker in fresh:
        try:
            return _plan(item, known, marker, markers)
        except NotBorneOut as fault:
            faults.append(fault)
    raise faults[0]


def _plan(item: PipelineItem, known: Known, marker: Marker, markers: Mapping[Stage, Marker]) -> Plan:
    """Blocks. Raises `NotBorneOut`."""
    stage = marker.stage
    at_work = [job for job in known.jobs if job.stage is stage and (job.state is JobState.RUNNING or not job.settled)]
    if at_work:
        raise NotBorneOut(f"job {at_work[0].id} is at this {stage.value}")
    titles = [each for each in _wanted(known) if not is_behind(each.done, stage)]
    found = files_of(item.folder, marker.written)
    if not titles and not known.discs and stage is Stage.RIP:
        if not found:
            raise NotBorneOut(f"{stage.value}.done was set, and no media file lies in {os.fsdecode(item.folder)}")
        return Plan(marker=marker, titles={}, new=found, stands=_stands(known))
    if not titles:
        raise NotBorneOut(f"{stage.value}.done was set, and no title of the item is known that it could be of")
    if stage is Stage.ORGANIZE:
        if any(each.done is None for each in titles):
            raise NotBorneOut("organize.done was set, and not all titles of the item are ripped")
        return Plan(marker=marker, titles={each.id: None for each in titles}, stands=_stands(known))
    former = markers.get(STAGES[STAGES.index(stage) - 1]) if stage is not Stage.RIP else None
    made = [each for each in found if _is_new(each, titles, former)]
    try:
        paired = pair([_asked(known, each) for each in titles], [Path(os.fsdecode(each.path)) for each in made])
    except StageFailed as failed:
        raise NotBorneOut(f"{stage.value}.done was set: {failed.reason}") from None
    by_number = {one.number: os.fsencode(file) for one, file in paired}
    return Plan(marker=marker, titles={each.id: by_number[each.number] for each in titles}, stands=_stands(known))


def _is_new(found: Found, titles: Collection[TheTitle], former: Marker | None) -> bool:
    """Whether a file was made of what the titles have now. One that a script wrote in its place was written since then."""
    for title in titles:
        if title.file is None:
            continue
        if found.path == title.file:
            return former is not None and found.written > former.written
        try:
            if os.stat(title.file).st_mtime > found.written.timestamp():  # noqa: PTH116 - paths are bytes here
                return False
        except OSError:
            continue  # the script took it away
    return True


def _asked(known: Known, title: TheTitle) -> Wanted:
    return Wanted(number=title.number, name=known.title_rows[title.id].name or "", seconds=None)


def _wanted(known: Known) -> list[TheTitle]:
    live = {disc.id for disc in known.discs if disc.state is not DiscState.REJECTED}
    return [title for title in known.titles if title.selected and title.disc_id in live]


def _stands(known: Known) -> tuple[object, ...]:
    """What must still be so when a marker is followed."""
    jobs = tuple((job.id, job.state) for job in known.jobs if job.state in OPEN or not job.settled)
    return known.item.state, tuple((title.id, title.done, title.file) for title in _wanted(known)), jobs
