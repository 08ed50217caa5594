"""Phase A: what is there is compared with what is known, in one pass, and the difference is written.

    Walk -> Listing -> compare -> Stranger -> resolve -> Move | new | (at the end) replaced
                               -> Same     -> changed in place, back
                               -> vanished -> (at the end) missing

Each batch of listings is one transaction. Two decisions wait for the end of the walk, because only then everything was
seen: a file whose path shows another inode (if it turns up elsewhere, what lies at its path is new; else it was replaced),
and a file that is not at its path (if it turns up nowhere, it is missing).
"""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..events.outbox import record
from ..libraries.models import Scan, ScanOutcome
from ..libraries.patterns import exclude_patterns
from ..probing import read_fingerprint
from .absence import Absences
from .batch import Batch
from .comparison import Comparison, Same, Sighting, Stranger, compare
from .content_moves import ContentMoves
from .content_queries import files_of_sizes
from .disks import note_disks
from .found import MOUNTED_MEANWHILE, NO_LONGER_MOUNTED, FileSystem, Gap, Listing
from .mounts import mounted_folders, mounts_beneath
from .moves import Resolved, resolve
from .pump import BATCH_FILES, Pump
from .queries import (
    KnownFile,
    KnownFolder,
    KnownPath,
    ScannedLibrary,
    chunks,
    donors,
    homes_of,
    known_files,
    known_folders,
    locked_known_files,
    present_sample,
    scanned_library,
)
from .record import KnownChanged, write_batch
from .root import no_longer_mounted, strange_disks, why_unavailable
from .scans import is_cancelled
from .scope import Scope
from .settle import settle_library
from .tally import Tally
from .walk import Walk

PROGRESS_SECONDS = 1.0
ATTEMPTS = 5
"""At a batch that somebody else's write came in between."""


class ScanTask(NamedTuple):
    scan_id: int
    library_id: int
    without_limit: bool
    scope: Scope | None = None
    """None: the whole library."""


class Ending(NamedTuple):
    outcome: ScanOutcome
    error: str | None
    columns: dict[str, object]
    """`counts`, `gaps` and `hidden` of the scan's row."""


class _Stop(Exception):
    def __init__(self, outcome: ScanOutcome, error: str | None = None) -> None:
        self.outcome, self.error = outcome, error


class Inventory:
    """One scan's phase A, run once. Whoever runs it holds the library's lock."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        task: ScanTask,
        *,
        stopping: Callable[[], bool] = lambda: False,
        file_system: FileSystem | None = None,
        batch_files: int = BATCH_FILES,
    ) -> None:
        self._database = database
        self._clock = clock
        self._task = task
        self._stopping = stopping
        self._fs = file_system
        self._batch_files = batch_files
        self._tally = Tally()
        self._absences = Absences(database, clock, task.scan_id, task.library_id, self._tally, task.scope)
        self._replaced: dict[int, tuple[KnownFile, Sighting]] = {}
        self._mounts: dict[bytes, int] = {}
        self._root = b""
        self._contents = ContentMoves(read_fingerprint)
        self._progress_at = time.monotonic()

    async def run(self) -> Ending:
        """Look at the library, or at the folders in the task's scope, write what changed, and say how it ended."""
        try:
            outcome, error = await self._run(), None
        except _Stop as stop:
            outcome, error = stop.outcome, stop.error
        return Ending(outcome, error, self.columns)

    @property
    def columns(self) -> dict[str, object]:
        """`counts`, `gaps` and `hidden` of the scan's row so far."""
        return self._tally.as_columns()

    async def _run(self) -> ScanOutcome:
        async with self._database.read() as session:
            library = await scanned_library(session, self._task.library_id)
            # A root with a marker needs no further proof.
            sample = [] if library.root_marker else await present_sample(session, self._task.library_id)
            samples = {
                path: await present_sample(session, self._task.library_id, path) for path in library.mount_points
            }
        walk = await asyncio.to_thread(self._enter, library, sample, samples)
        async with Pump(walk, batch_files=self._batch_files) as pump:
            try:
                async for batch in pump.batches():
                    await self._look_at(batch, pump)
            except OSError as error:
                raise _Stop(ScanOutcome.ROOT_UNAVAILABLE, f"The root cannot be read: {error}.") from None
            await pump.look(lambda: self._check_after(library, sample))
        self._absences.pass_over(walk.passed_over)
        await note_disks(self._database, self._task.library_id, self._root, self._tally)
        await self._write_replaced()
        outcome = await self._absences.write(without_limit=self._task.without_limit)
        await settle_library(self._database, self._clock, self._task.library_id)
        return outcome

    def _enter(
        self, library: ScannedLibrary, sample: Sequence[KnownPath], samples: dict[bytes, list[KnownPath]]
    ) -> Walk:
        self._check_root(library, sample)
        root = self._root = os.path.realpath(library.root)
        folders = mounted_folders(root, mounts_beneath(root))
        self._mounts = mounts_beneath(root)
        gone = no_longer_mounted(root, library.mount_points, samples)
        return Walk(
            root,
            excluded=exclude_patterns(library.exclude_patterns),
            mounts=self._mounts.keys(),
            mounted_folders=folders,
            expected_mounts=gone,
            strange_disks=strange_disks(
                root, {path: disk for path, disk in library.disks.items() if path not in gone}, samples
            ),
            file_system=self._fs,
            scope=self._task.scope,
        )

    def _check_after(self, library: ScannedLibrary, sample: Sequence[KnownPath]) -> None:
        """The root must still be there, and what was unmounted (or mounted anew) while the walk ran is a gap."""
        self._check_root(library, sample)
        now = mounts_beneath(os.path.realpath(library.root))
        lost = {path for path, mount in self._mounts.items() if path and now.get(path) != mount}
        gaps = [Gap(path, NO_LONGER_MOUNTED) for path in sorted(lost)]
        gaps += [Gap(path, MOUNTED_MEANWHILE) for path in sorted(now.keys() - self._mounts.keys()) if path]
        self._tally.gaps(gaps)
        self._absences.add_gaps(gaps)

    def _check_root(self, library: ScannedLibrary, sample: Sequence[KnownPath]) -> None:
        if reason := why_unavailable(library.root, library.root_marker, sample):
            raise _Stop(ScanOutcome.ROOT_UNAVAILABLE, reason)

    async def _look_at(self, batch: Sequence[Listing | Gap], pump: Pump) -> None:
        listings = [one for one in batch if isinstance(one, Listing)]
        gaps = [one for one in batch if isinstance(one, Gap)]
        for gap in gaps:
            if not gap.path:
                raise _Stop(ScanOutcome.ROOT_UNAVAILABLE, f"The root cannot be listed: {gap.reason}.")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._compare_and_write(listings, pump)
                break
            except (KnownChanged, IntegrityError, OperationalError):
                if attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(0.05 * attempt)
        for listing in listings:
            self._tally.listed(listing)
            self._absences.listed(listing)
        self._tally.gaps(gaps)
        self._absences.add_gaps(gaps)

    async def _compare_and_write(self, listings: Sequence[Listing], pump: Pump) -> None:
        async with self._database.read() as session:
            if await is_cancelled(session, self._task.scan_id):
                raise _Stop(ScanOutcome.STOPPED)
            if self._stopping():
                raise _Stop(ScanOutcome.INTERRUPTED, "The server was stopped while the scan ran.")
            folders = await known_folders(session, self._task.library_id, [listing.path for listing in listings])
            known = await known_files(session, [folder.id for folder in folders.values()])
            comparison = compare(listings, folders, known)
            resolved = await self._resolve(session, comparison, pump)
        batch = self._batch_of(listings, folders, comparison, resolved)
        if batch.is_empty() and not self._progress_is_due():
            unsettled = 0
        else:
            async with self._database.write() as session:
                unsettled = await write_batch(session, self._clock.now(), self._task.scan_id, batch)
                await self._progress(session)
        self._remember(batch, comparison, resolved, unsettled)

    async def _resolve(self, session: AsyncSession, comparison: Comparison, pump: Pump) -> Resolved:
        looks = [stranger.sighting.look for stranger in comparison.strangers]
        candidates = await donors(
            session,
            {(look.mtime_ns, look.size) for look in looks},
            {look.inode for look in looks},
            {stranger.sighting.name for stranger in comparison.strangers},
        )
        resolved = Resolved([], comparison.strangers)
        if candidates:
            homes = await homes_of(session, {donor.library_id for donor in candidates})
            await session.rollback()  # no transaction stays open while the disk is asked
            resolved = await pump.look(lambda: resolve(comparison.strangers, candidates, homes))
        return await self._resolve_by_content(session, comparison, resolved, pump)

    async def _resolve_by_content(
        self, session: AsyncSession, comparison: Comparison, resolved: Resolved, pump: Pump
    ) -> Resolved:
        """Also files that changed in place may hold what another one held."""
        changed = [Stranger(same.sighting, same.known) for same in comparison.same if same.has_changed]
        movers = {move.donor.file.id for move in resolved.moves}
        strangers = [*resolved.others, *changed]
        kin = await files_of_sizes(session, {stranger.sighting.look.size for stranger in strangers})
        kin = [each for each in kin if each.donor.file.id not in movers]
        if not kin:
            return resolved
        homes = await homes_of(session, {each.donor.library_id for each in kin})
        await session.rollback()
        more = await pump.look(lambda: self._contents.resolve(self._root, strangers, kin, homes))
        found = {move.stranger.sighting for move in more}
        return Resolved([*resolved.moves, *more], [one for one in resolved.others if one.sighting not in found])

    def _batch_of(
        self,
        listings: Sequence[Listing],
        folders: dict[bytes, KnownFolder],
        comparison: Comparison,
        resolved: Resolved,
    ) -> Batch:
        movers = {move.donor.file.id for move in resolved.moves}
        taken = {move.stranger.sighting for move in resolved.moves}
        same = [one for one in comparison.same if one.known.id not in movers and one.sighting not in taken]
        batch = Batch(library_id=self._task.library_id, moves=resolved.moves, same=same, folders=folders)
        batch.new += [one.sighting for one in comparison.same if one.known.id in movers and one.sighting not in taken]
        batch.new += [
            stranger.sighting for stranger in resolved.others if stranger.known is None or stranger.known.id in movers
        ]
        # What lay at the path of a file that turned up elsewhere only now is new after all.
        batch.new += [self._replaced[file_id][1] for file_id in sorted(movers) if file_id in self._replaced]
        for listing in listings:
            folder = folders.get(listing.path)
            if folder and folder.gap:
                batch.gaps_closed.append(folder.id)
            was_mounted = bool(folder and folder.mount_point)
            if listing.mount_point != was_mounted and not (was_mounted and listing.path in self._mounts):
                batch.mount_points[listing.path] = listing.mount_point
        return batch

    def _remember(self, batch: Batch, comparison: Comparison, resolved: Resolved, unsettled: int) -> None:
        movers = {move.donor.file.id for move in resolved.moves}
        for file_id in movers:
            self._replaced.pop(file_id, None)
        for stranger in resolved.others:
            if stranger.known is not None and stranger.known.id not in movers:
                self._replaced[stranger.known.id] = (stranger.known, stranger.sighting)
        displaced = {file.id for file in batch.displaced() if file.present}
        self._absences.vanished |= comparison.vanished | displaced
        self._absences.vanished -= movers
        self._tally.add(
            new=len(batch.new),
            moved=len(batch.moves),
            changed=sum(same.has_changed for same in batch.same),
            back=sum(same.is_back for same in batch.same),
            unsettled=unsettled,
        )

    async def _write_replaced(self) -> None:
        """Files whose path shows another inode and that turned up nowhere else: each is what lies at its path now."""
        for some in chunks(sorted(self._replaced), 1000):
            async with self._database.write() as session:
                now_known = await locked_known_files(session, some)
                same: list[Same] = []
                for file_id in some:
                    read, sighting = self._replaced[file_id]
                    known, library_id = now_known.get(file_id, (None, None))
                    # Another library's scan may have taken it over meanwhile; then the next scan sees what is new here.
                    if known and library_id == self._task.library_id and _place(known) == _place(read):
                        same.append(Same(sighting, known))
                batch = Batch(library_id=self._task.library_id, same=same)
                unsettled = await write_batch(session, self._clock.now(), self._task.scan_id, batch)
                await self._progress(session)
            self._remember(batch, Comparison([], [], set(), 0), Resolved([], []), unsettled)

    def _progress_is_due(self) -> bool:
        return time.monotonic() - self._progress_at >= PROGRESS_SECONDS

    async def _progress(self, session: AsyncSession) -> None:
        if not self._progress_is_due():
            return
        self._progress_at = time.monotonic()
        columns = self._tally.as_columns()
        await session.execute(
            update(Scan).where(Scan.id == self._task.scan_id).values(**columns, updated_at=self._clock.now())
        )
        record(
            session,
            self._clock.now(),
            "scan.progress",
            scan_id=self._task.scan_id,
            library_id=self._task.library_id,
            counts=columns["counts"],
        )


def _place(file: KnownFile) -> tuple[int, bytes, bool]:
    return file.folder_id, file.name, file.holds_path
