"""Keeps the records of libraries up to date in the background, where their setting says so.

At its start, after a change of a library, and every hour it goes through all files of a library for what is due; between, only
through those that events tell of. So nothing is polled file by file, and whatever was missed is found within the hour.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from ..clock import Clock
from ..db.engine import Database
from ..events.queries import events_between, latest_event_id
from ..files.types import RecordForm
from . import queries
from .errors import LibraryInUse
from .queries import RecordedLibrary
from .writer import BATCH, RecordWriter

LOOK_AGAIN = 2.0
"""Seconds between two looks for work."""
WHOLE_AGAIN = timedelta(hours=1)
AFTER_TROUBLE = timedelta(minutes=5)
"""Until a library whose disk cannot be written to is tried again."""
EVENTS = ("file.", "files.moved", "files.back", "item.changed", "library.changed")
MANY = 1000

log = structlog.stdlib.get_logger(__name__)


class Recorder:
    """One a process. Several servers may run one each: the library's lock keeps them from the same files."""

    def __init__(self, database: Database, clock: Clock, writer: RecordWriter | None = None) -> None:
        self._database = database
        self._clock = clock
        self._writer = writer or RecordWriter(database, clock)
        self._seen: int | None = None
        """The last event that was taken note of."""
        self._walks: dict[int, tuple[RecordForm, int]] = {}
        """By library, the file behind which going through it goes on."""
        self._whole_due: dict[int, datetime] = {}
        self._paused: dict[int, datetime] = {}
        self._told: dict[int, set[int]] = {}
        """By library, files that events told of."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a batch that has begun is finished."""
        while not stop.is_set():
            try:
                worked = await self.step()
            except Exception:
                # The loop must outlive what one batch ran into (a database that restarts, a bug); it is tried again.
                log.exception("records could not be written, will try again")
                worked = False
            if not worked:
                try:
                    await asyncio.wait_for(stop.wait(), LOOK_AGAIN)
                except TimeoutError:
                    continue

    async def step(self) -> bool:
        """One batch for each library that has something to do; False where nothing was done."""
        async with self._database.read() as session:
            libraries = await queries.recorded_libraries(session)
        if not libraries:
            self._seen = None
            return False
        await self._listen(libraries)
        worked = False
        for library in libraries:
            if self._paused.get(library.id, self._clock.now()) > self._clock.now():
                continue
            worked = await self._step_of(library) or worked
        return worked

    async def _listen(self, libraries: list[RecordedLibrary]) -> None:
        async with self._database.read() as session:
            latest = await latest_event_id(session)
            if self._seen is None:
                self._seen, self._whole_due, self._walks = latest, {}, {}
            events = await events_between(session, self._seen, latest, EVENTS, MANY)
            items = [each.data["item_id"] for each in events if each.kind == "item.changed" and "item_id" in each.data]
            touched = await queries.files_of_items(session, items) if items else []
        self._seen = events[-1].id if len(events) == MANY else latest
        for each in events:
            if each.kind.startswith("file."):
                touched.append((each.data["library_id"], each.data["file_id"]))
            elif each.kind != "item.changed":
                self._whole_due.pop(each.data.get("library_id", 0), None)
                self._paused.pop(each.data.get("library_id", 0), None)
        recorded = {library.id for library in libraries}
        for library_id, file_id in touched:
            if library_id in recorded:
                self._told.setdefault(library_id, set()).add(file_id)

    async def _step_of(self, library: RecordedLibrary) -> bool:
        form = library.form
        if form is None or library.unavailable:
            return False
        now = self._clock.now()
        walk = self._walks.get(library.id)
        if walk is not None and walk[0] is not form:
            walk = (form, 0)
        if walk is None and self._whole_due.get(library.id, now) <= now:
            walk = (form, 0)
        try:
            if walk is not None:
                batch = await self._writer.batch(library.id, form, after=walk[1])
                self._whole_due[library.id] = now + WHOLE_AGAIN
                self._walks.pop(library.id, None)
                if batch.next is not None:
                    self._walks[library.id] = (form, batch.next)
            else:
                told = sorted(self._told.get(library.id, ()))[:BATCH]
                if not told:
                    return False
                batch = await self._writer.batch(library.id, form, among=told)
                self._told[library.id] -= set(told)
        except LibraryInUse:
            return False
        if batch.trouble is not None:
            log.warning("records of a library cannot be written", library_id=library.id, trouble=batch.trouble)
            self._paused[library.id] = now + AFTER_TROUBLE
            self._whole_due.pop(library.id, None)
            self._walks.pop(library.id, None)
        return True
