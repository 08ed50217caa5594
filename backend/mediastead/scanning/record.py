"""Writes what a batch of listings says, in one transaction: first every path is released, then taken, then the new files."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import folded, shown
from ..events.outbox import record
from ..files.folder_changes import note_changed
from ..files.identification import Verdict, take_for
from ..files.models import Folder, MediaFile, MediaFileState
from ..files.paths import path_hash
from ..files.queries import locked_files
from ..files.story import places_of, size_change, tell, tell_moved
from ..files.types import Happened, Identification, Presence
from .batch import Batch
from .comparison import Same, Sighting
from .look import Look
from .queries import KnownFile, chunks, growing_among, ids_of_new, known_folders, last_file_id, locked_known_files

FRESH = timedelta(seconds=10)
"""A file that was written to so short a time ago may still be growing."""

NAMED_IN_EVENTS = 50
"""Ids in one event; the rest is in the lists."""


SCAN = "scan"
"""By whom what a scan saw has happened, as far as anybody knows."""


class KnownChanged(Exception):
    """What was read is no longer so: somebody else wrote in between. The batch has to be compared again."""


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
    growing = await growing_among(session, [one.known.id for one in batch.changed()])
    unsettled = await _update_same(session, now, batch.same)
    unsettled += await _insert_new(session, now, scan_id, batch, folder_ids)
    await ask_again(session, now, [move.donor.file.id for move in batch.moves])
    await ask_again(session, now, [one.known.id for one in batch.changed()], (Identification.UNMATCHED,))
    here = [folder_ids[move.stranger.sighting.folder] for move in batch.moves]
    back = [same.known for same in batch.same if same.is_back]
    await note_changed(session, now, [*here, *(file.folder_id for file in (*moved, *displaced, *back))])
    await _note(session, now, scan_id, batch, growing)
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
    others = [one.known.id for one in same if one.is_other_inode]
    for some in chunks(others):
        hashed = update(MediaFileState).where(
            MediaFileState.file_id.in_(some), MediaFileState.content_hash.is_not(None)
        )
        await session.execute(hashed.values(hash_is_former=True))
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
            "hash_is_former": False,
            "doubt": None,
            "doubted_at": None,
            "redecide_since": None,
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


HANG_ON_THE_PATH = (Identification.UNMATCHED, Identification.IGNORED)


async def ask_again(
    session: AsyncSession,
    now: datetime,
    file_ids: Sequence[int],
    which: Sequence[Identification] = HANG_ON_THE_PATH,
) -> None:
    """Files that moved are asked about again: a question or a rule hangs on the path. One with other content may be matched now,
    but a rule that ignores it says the same."""
    if not file_ids:
        return
    files = await locked_files(session, file_ids)
    verdicts = [
        Verdict(file=file, to=Identification.PENDING) for file in files.values() if file.identification in which
    ]
    await take_for(session, now, "scan", verdicts)


async def _note(session: AsyncSession, now: datetime, scan_id: int, batch: Batch, growing: Collection[int]) -> None:
    """`growing`: files that were still being written to when they were last looked at: they are not replaced by growing on."""
    changed = batch.changed()
    replaced = {
        one.known.id: size_change(one.known.size, one.sighting.look.size)
        for one in changed
        if one.known.size != one.sighting.look.size and one.known.id not in growing
    }
    back = [one.known.id for one in batch.same if one.is_back]
    quietly = [one.known.id for one in changed if one.known.id not in replaced and not one.is_back]
    await tell(session, now, Happened.BACK, back, SCAN, scan_id=scan_id)
    await tell(session, now, Happened.CHANGED, quietly, SCAN, scan_id=scan_id)
    await tell(session, now, Happened.REPLACED, replaced, SCAN, scan_id=scan_id, details=replaced)
    kinds = {
        "files.moved": [move.donor.file.id for move in batch.moves],
        "files.changed": [one.known.id for one in changed if not one.is_back],
        "files.replaced": sorted(replaced),
        "files.back": back,
    }
    for kind, ids in kinds.items():
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
