"""The end of a scan: what was not seen is missing, unless it may be where nobody could look, or it is too much at once."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from sqlalchemy import update

from ..clock import Clock
from ..db.engine import Database
from ..files.models import Folder
from ..libraries.models import ScanOutcome
from .content_queries import twins
from .found import Gap, Listing
from .gone import forget_folders, write_gaps, write_missing
from .queries import (
    KnownFolder,
    chunks,
    folders_after,
    folders_in,
    folders_without_files,
    known_files,
    present_count,
    still_present,
)
from .reunion import reunite, still_there
from .scope import Scope, in_any
from .tally import Tally

ALWAYS_BELIEVED = 20
"""Files. So many may become missing at once in however small a library."""
BELIEVED_SHARE = 0.10
"""Of the present files of a library."""

FOLDERS_AT_ONCE = 1000
SCOPE_FOLDERS_AT_ONCE = 100
"""Each is a condition of its own in the query."""


class Absences:
    """Gathers during the walk what was listed, what could not be, and what was not seen; writes it at the end."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        scan_id: int,
        library_id: int,
        tally: Tally,
        scope: Scope | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._scan_id = scan_id
        self._library_id = library_id
        self._tally = tally
        self._scope = scope
        self._listed: set[bytes] = set()
        self._gaps: dict[bytes, str] = {}
        self.vanished: set[int] = set()
        """Present files that are not at their path."""
        self._passed_over: set[bytes] = set()

    def listed(self, listing: Listing) -> None:
        self._listed.add(listing.path)
        self.add_gaps(listing.gaps)

    def add_gaps(self, gaps: Iterable[Gap]) -> None:
        self._gaps.update({gap.path: gap.reason for gap in gaps if gap.folder})

    def pass_over(self, folders: Iterable[bytes]) -> None:
        """Nothing is said of what is known in these."""
        self._passed_over.update(folders)

    async def write(self, *, without_limit: bool) -> ScanOutcome:
        """Mark gaps, and mark missing what is; or neither of the missing ones if they are too many to be believed."""
        gone = await self._gone_folders()
        missing = await self._not_elsewhere(await self._missing())
        async with self._database.read() as session:
            present = await present_count(session, self._library_id)
        if self._gaps:
            async with self._database.write() as session:
                await write_gaps(session, self._clock.now(), self._library_id, self._gaps)
        if len(missing) > max(ALWAYS_BELIEVED, present * BELIEVED_SHARE) and not without_limit:
            self._tally.add(would_miss=len(missing))
            return ScanOutcome.NEEDS_CONFIRMATION
        for some in chunks(missing, 1000):
            async with self._database.write() as session:
                ids = [file_id for file_id, _, _ in await still_present(session, self._library_id, some)]
                if ids:
                    await write_missing(session, self._clock.now(), self._scan_id, self._library_id, ids)
            self._tally.add(missing=len(ids))
        await self._forget(gone)
        return ScanOutcome.COMPLETED_WITH_GAPS if self._tally.has_gaps else ScanOutcome.COMPLETED

    async def _gone_folders(self) -> list[KnownFolder]:
        """Known folders that the walk did not come to, though nothing was in its way; their files have vanished."""
        gone: list[KnownFolder] = []
        async for folders in self._known_folders():
            async with self._database.read() as session:
                here = [
                    folder
                    for folder in folders
                    if folder.path not in self._listed and not self._is_covered(folder.path)
                ]
                for files in (await known_files(session, [folder.id for folder in here])).values():
                    self.vanished.update(file.id for file in files if file.present)
            gone += here
        return gone

    async def _known_folders(self) -> AsyncIterator[list[KnownFolder]]:
        """Those that the scan was to come to."""
        if self._scope is not None:
            for some in chunks(self._scope.folders, SCOPE_FOLDERS_AT_ONCE):
                async with self._database.read() as session:
                    folders = await folders_in(session, self._library_id, some)
                yield folders
            return
        last = 0
        while True:
            async with self._database.read() as session:
                folders = await folders_after(session, self._library_id, last, FOLDERS_AT_ONCE)
            yield folders
            if len(folders) < FOLDERS_AT_ONCE:
                return
            last = folders[-1].id

    async def _missing(self) -> list[int]:
        """The vanished files that no gap may hold."""
        missing: list[int] = []
        async with self._database.read() as session:
            for some in chunks(sorted(self.vanished)):
                for file_id, folder, name in await still_present(session, self._library_id, some):
                    path = folder + b"/" + name if folder else name
                    if not self._is_covered(path):
                        missing.append(file_id)
        return missing

    def _is_covered(self, path: bytes) -> bool:
        return (
            self._tally.covers(path)
            or path in self._passed_over
            or bool(self._passed_over and in_any(self._passed_over, path))
        )

    async def _not_elsewhere(self, missing: list[int]) -> list[int]:
        """Those that did not turn up elsewhere before it was known that they are gone. The others are that file again, and
        whoever moves a whole library is not asked whether it is lost."""
        left: list[int] = []
        for some in chunks(missing):
            async with self._database.read() as session:
                found = await twins(session, originals=some)
            moved: list[int] = []
            if found:
                there = {each.copy_id for each in await asyncio.to_thread(still_there, found)}
                async with self._database.write() as session:
                    again = [each for each in await twins(session, originals=some) if each.copy_id in there]
                    moved = await reunite(session, self._clock.now(), again)
                self._tally.add(moved=len(moved))
            left += [file_id for file_id in some if file_id not in moved]
        return left

    async def _forget(self, gone: list[KnownFolder]) -> None:
        """Take folders that are gone out of the books where no file has its last path there; close the others' gaps."""
        if not gone:
            return
        async with self._database.read() as session:
            empty = [
                folder_id
                for some in chunks([folder.id for folder in gone])
                for folder_id in await folders_without_files(session, some)
            ]
        closed = sorted({folder.id for folder in gone if folder.gap} - set(empty))
        if not empty and not closed:
            return
        async with self._database.write() as session:
            for some in chunks(empty):
                await forget_folders(session, await folders_without_files(session, some))
            for some in chunks(closed):
                await session.execute(update(Folder).where(Folder.id.in_(some)).values(gap_since=None, gap_reason=None))
