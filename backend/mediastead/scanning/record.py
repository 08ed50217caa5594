"""Writes what a batch of listings says, in one transaction: first every path is released, then taken, then the new files."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import folded, shown
from ..events.outbox import record
from ..files.folder_changes import note_changed
from ..files.identification import Verdict, take_for
from ..files.models import Folder, MediaFile, MediaFileState
from ..files.paths import path_hash
from ..files.queries import locked_files, within
from ..files.story import places_of, tell, tell_moved
from ..files.types import Happened, Identification, Presence
from .comparison import Same, Sighting
from .look import Look
from .moves import Move
from .queries import KnownFile, KnownFolder, chunks, ids_of_new, known_folders, last_file_id, locked_known_files

FRESH = timedelta(seconds=10)
"""A file that was written to so short a time ago may still be growing."""

NAMED_IN_EVENTS = 50
"""Ids in one event; the rest is in the lists."""


SCAN = "scan"
"""By whom what a scan saw has happened, as far as anybody knows."""
HAPPENED = {"files.changed": Happened.CHANGED, "files.back": Happened.BACK}


class KnownChanged(Exception):
    """What was read is no longer so: somebody else wrote in between. The batch has to be compared again."""


@dataclass(kw_only=True)
class Batch:
    """What is to be written about a batch of listings."""

    library_id: int
    moves: list[Move] = field(default_factory=list[Move])
    new: list[Sighting] = field(default_factory=list[Sighting])
    same: list[Same] = field(default_factory=list[Same])
    folders: dict[bytes, KnownFolder] = field(default_factory=dict[bytes, KnownFolder])
    """Known folders by path."""
    mount_points: dict[bytes, bool] = field(default_factory=dict[bytes, bool])
    """Folders whose being a mount point is to be written."""
    gaps_closed: list[int] = field(default_factory=list[int])
    """Folders that were a gap and are none any more."""

    def is_empty(self) -> bool:
        return not (self.moves or self.new or self.same or self.mount_points or self.gaps_closed)

    def displaced(self) -> list[KnownFile]:
        """Files whose path a file takes that moved there."""
        movers = {move.donor.file.id for move in self.moves}
        known = (move.stranger.known for move in self.moves)
        return [file for file in known if file is not None and file.id not in movers]


async def write_batch(session: AsyncSession, now: datetime, scan_id: int, batch: Batch) -> int:
    """Write it all; how many of the files may still be growing. Raises `KnownChanged`."""
    displaced = batch.displaced()
    moved = [move.donor.file for move in batch.moves]
    await _unchanged(session, batch, moved, displaced)
    folder_ids = await _folder_ids(session, batch)
    if batch.gaps_closed:
        for some in chunks(batch.gaps_closed):
            await session.execute(update(Folder).where(Folder.id.in_(some)).values(gap_since=None, gap_reason=None))
    places = await places_of(session, [file.id for file in moved])
    await _release(session, [file.id for file in (*moved, *displaced) if file.holds_path])
    await _take(session, batch, folder_ids)
    await tell_moved(session, now, places, SCAN, scan_id=scan_id)
    unsettled = await _update_same(session, now, batch.same)
    unsettled += await _insert_new(session, now, scan_id, batch, folder_ids)
    await ask_again(session, now, [move.donor.file.id for move in batch.moves])
    here = [folder_ids[move.stranger.sighting.folder] for move in batch.moves]
    back = [same.known for same in batch.same if same.is_back]
    await note_changed(session, now, [*here, *(file.folder_id for file in (*moved, *displaced, *back))])
    await _note(session, now, scan_id, batch)
    return unsettled


async def _unchanged(
    session: AsyncSession, batch: Batch, moved: Iterable[KnownFile], displaced: Iterable[KnownFile]
) -> None:
    homes = {move.donor.file.id: move.donor.library_id for move in batch.moves}
    read = {file.id: file for file in (*moved, *displaced, *(same.known for same in batch.same))}
    now = await locked_known_files(session, read)
    for file_id, file in read.items():
        if now.get(file_id) != (file, homes.get(file_id, batch.library_id)):
            raise KnownChanged


async def _folder_ids(session: AsyncSession, batch: Batch) -> dict[bytes, int]:
    """Ids of all folders that files are to be put into, made where they are not known yet."""
    wanted = {sighting.folder for sighting in batch.new} | {move.stranger.sighting.folder for move in batch.moves}
    others = sorted((wanted | set(batch.mount_points)) - set(batch.folders))
    # A file that turned up elsewhere leaves what lies at its path to be new in a folder of an earlier batch.
    folders = batch.folders | await known_folders(session, batch.library_id, others)
    if missing := [path for path in others if path not in folders]:
        await insert_folders(session, batch.library_id, missing, batch.mount_points)
        folders |= await known_folders(session, batch.library_id, missing)
    for path, mounted in batch.mount_points.items():
        if folders[path].mount_point != mounted:
            await session.execute(update(Folder).where(Folder.id == folders[path].id).values(mount_point=mounted))
    return {path: folder.id for path, folder in folders.items()}


async def insert_folders(
    session: AsyncSession, library_id: int, paths: Iterable[bytes], mount_points: Mapping[bytes, bool]
) -> None:
    await session.execute(
        insert(Folder),
        [
            {
                "library_id": library_id,
                "path": path,
                "path_hash": path_hash(path),
                "search_text": folded(shown(path)),
                "mount_point": mount_points.get(path, False),
            }
            for path in paths
        ],
    )


async def _release(session: AsyncSession, file_ids: Sequence[int]) -> None:
    for some in chunks(file_ids):
        await session.execute(update(MediaFile).where(MediaFile.id.in_(some)).values(holds_path=False))


async def _take(session: AsyncSession, batch: Batch, folder_ids: Mapping[bytes, int]) -> None:
    if not batch.moves:
        return
    taken = [(move.donor.file.id, move.stranger.sighting) for move in batch.moves]
    rows = [
        {
            "id": file_id,
            "library_id": batch.library_id,
            "folder_id": folder_ids[sighting.folder],
            "name": sighting.name,
            "search_text": folded(shown(sighting.name)),
            "holds_path": True,
            "hidden": False,
        }
        for file_id, sighting in taken
    ]
    await session.execute(update(MediaFile), rows)
    await update_states(session, [(file_id, sighting.look) for file_id, sighting in taken])


async def _update_same(session: AsyncSession, now: datetime, same: Sequence[Same]) -> int:
    """Files at their old path that are back, changed, or on another device or inode."""
    quiet = [(one.known.id, one.sighting.look) for one in same if not one.has_changed]
    changed = [one for one in same if one.has_changed]
    await update_states(session, quiet)
    await update_states(session, [(one.known.id, one.sighting.look) for one in changed], changed_at=now)
    fresh = [one.known.id for one in changed if is_fresh(one.sighting.look, now)]
    for some in chunks(fresh):
        await session.execute(
            update(MediaFileState).where(MediaFileState.file_id.in_(some)).values(unsettled_since=now)
        )
    for some in chunks([one.known.id for one in same if one.is_back]):
        await session.execute(update(MediaFile).where(MediaFile.id.in_(some), MediaFile.hidden).values(hidden=False))
    return len(fresh)


async def update_states(
    session: AsyncSession, looks: Sequence[tuple[int, Look]], *, changed_at: datetime | None = None
) -> None:
    """Present, and as it was seen. A fingerprint of other content is dropped."""
    if not looks:
        return
    values: dict[str, object] = {"presence": Presence.PRESENT, "missing_since": None, "missing_scan_id": None}
    if changed_at is not None:
        values |= {
            "changed_at": changed_at,
            "fingerprint": None,
            "fingerprinted_at": None,
            "read_due_at": changed_at,
            "read_tries": 0,
            "content_hash": None,
            "verified_at": None,
            "rotted_at": None,
        }
    await session.execute(
        update(MediaFileState), [{"file_id": file_id, **_state_of(look), **values} for file_id, look in looks]
    )


async def _insert_new(
    session: AsyncSession, now: datetime, scan_id: int, batch: Batch, folder_ids: Mapping[bytes, int]
) -> int:
    unsettled = 0
    first_ids: list[int] = []
    for sightings in chunks(batch.new, 1000):
        # No RETURNING: on SQLite it would cost a statement a row.
        last = await last_file_id(session)
        await session.execute(
            insert(MediaFile),
            [_new_row(now, batch.library_id, folder_ids, sighting) for sighting in sightings],
        )
        new_ids = await ids_of_new(session, sorted({folder_ids[sighting.folder] for sighting in sightings}), last)
        ids = [new_ids[folder_ids[sighting.folder], sighting.name] for sighting in sightings]
        states = [
            {
                "file_id": file_id,
                "presence": Presence.PRESENT,
                "unsettled_since": now if is_fresh(sighting.look, now) else None,
                "read_due_at": now,
                "read_tries": 0,
                **_state_of(sighting.look),
            }
            for file_id, sighting in zip(ids, sightings, strict=True)
        ]
        await session.execute(insert(MediaFileState), states)
        unsettled += sum(state["unsettled_since"] is not None for state in states)
        first_ids += ids[: NAMED_IN_EVENTS - len(first_ids)]
    if batch.new:
        record(
            session,
            now,
            "files.found",
            library_id=batch.library_id,
            scan_id=scan_id,
            count=len(batch.new),
            file_ids=first_ids,
        )
    return unsettled


def _new_row(now: datetime, library_id: int, folder_ids: Mapping[bytes, int], sighting: Sighting) -> dict[str, object]:
    return {
        "library_id": library_id,
        "folder_id": folder_ids[sighting.folder],
        "name": sighting.name,
        "search_text": folded(shown(sighting.name)),
        "identification": Identification.PENDING,
        "holds_path": True,
        "hidden": False,
        "rule_lifted": False,
        "version": 1,
        "created_at": now,
    }


def _state_of(look: Look) -> dict[str, object]:
    return {"size": look.size, "mtime_ns": look.mtime_ns, "inode": look.inode, "device": look.device}


def is_fresh(look: Look, now: datetime) -> bool:
    """Whether the file was changed within `FRESH` of now; clocks of file servers may run a little ahead."""
    now_ns, fresh_ns = int(now.timestamp() * 1e9), int(FRESH.total_seconds() * 1e9)
    return abs(now_ns - look.mtime_ns) <= fresh_ns or abs(now_ns - look.ctime_ns) <= fresh_ns


async def ask_again(session: AsyncSession, now: datetime, file_ids: Sequence[int]) -> None:
    """A question or a rule hangs on the path: under a new one, the file is asked about again."""
    if not file_ids:
        return
    files = await locked_files(session, file_ids)
    verdicts = [
        Verdict(file=file, to=Identification.PENDING)
        for file in files.values()
        if file.identification in (Identification.UNMATCHED, Identification.IGNORED)
    ]
    await take_for(session, now, "scan", verdicts)


async def _note(session: AsyncSession, now: datetime, scan_id: int, batch: Batch) -> None:
    kinds = {
        "files.moved": [move.donor.file.id for move in batch.moves],
        "files.changed": [one.known.id for one in batch.same if one.has_changed and not one.is_back],
        "files.back": [one.known.id for one in batch.same if one.is_back],
    }
    for kind, ids in kinds.items():
        if ids and (what := HAPPENED.get(kind)):
            await tell(session, now, what, ids, SCAN, scan_id=scan_id)
        if ids:
            record(
                session,
                now,
                kind,
                library_id=batch.library_id,
                scan_id=scan_id,
                count=len(ids),
                file_ids=ids[:NAMED_IN_EVENTS],
            )


async def write_missing(
    session: AsyncSession, now: datetime, scan_id: int, library_id: int, file_ids: Sequence[int]
) -> None:
    """The files are gone. `file_ids`: present files of the library, read in this transaction."""
    await session.execute(
        update(MediaFileState)
        .where(MediaFileState.file_id.in_(file_ids))
        .values(presence=Presence.MISSING, missing_since=now, missing_scan_id=scan_id, unsettled_since=None)
    )
    await tell(session, now, Happened.MISSING, file_ids, SCAN, scan_id=scan_id)
    record(
        session,
        now,
        "files.missing",
        library_id=library_id,
        scan_id=scan_id,
        count=len(file_ids),
        file_ids=list(file_ids[:NAMED_IN_EVENTS]),
    )


async def write_gaps(session: AsyncSession, now: datetime, library_id: int, gaps: Mapping[bytes, str]) -> None:
    """Mark every known folder that is one of `gaps` or lies beneath one. A gap that stands already keeps its time."""
    known = await known_folders(session, library_id, sorted(gaps))
    missing = sorted(set(gaps) - set(known))
    if missing:
        await insert_folders(session, library_id, missing, {})
    for path, reason in gaps.items():
        await session.execute(
            update(Folder)
            .where(within(library_id, path), Folder.gap_since.is_(None))
            .values(gap_since=now, gap_reason=reason)
        )


async def forget_folders(session: AsyncSession, folder_ids: Collection[int]) -> None:
    """Folders that are gone and hold no file's last path. `folder_ids`: read in this transaction."""
    for some in chunks(sorted(folder_ids)):
        await session.execute(delete(Folder).where(Folder.id.in_(some)))
