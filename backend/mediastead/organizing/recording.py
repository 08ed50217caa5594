"""Writes into the books what a group that is done has done on the disk: first every path is released, then taken."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import folded, shown
from ..events.outbox import record
from ..files.folder_changes import note_changed_around
from ..files.models import MediaFile, MediaFileState
from ..files.story import places_of, tell, tell_moved
from ..files.types import Happened, Presence
from ..operations.service import record_operation
from ..scanning.queries import folders_without_files, known_folders
from ..scanning.record import NAMED_IN_EVENTS, forget_folders, insert_folders
from ..trash.service import Arrival, note_arrivals, note_put_back
from . import journal_queries as queries
from .journal_queries import KnownMove, Written
from .models import Organizing, OrganizingKind, OrganizingStep
from .moves import Move, MoveRole, Spot, Way
from .trees import Place, Sites

ORGANIZE = "organize"
"""Kind of the operation."""


async def record_moves(
    session: AsyncSession,
    now: datetime,
    sites: Sites,
    group: Written,
    folders_done: Collection[int],
    removed: Sequence[Spot],
) -> bool:
    """Give the files their new paths; whether all rows were as the steps say.

    `folders_done`: steps of folders that were really made or removed; `removed`: those removed. A row that is somewhere else
    meanwhile is left: a scan that saw the file at its new place has written that already, or will.
    """
    media = [move for move in group.moves if move.role is MoveRole.MEDIA and move.file_id is not None]
    arriving = {move.file_id: move for move in media if move.file_id is not None and move.way is not Way.TRASH}
    leaving = {
        move.file_id: move
        for move in media
        if move.file_id is not None and move.way is Way.TRASH and move.file_id not in arriving
    }
    holders = await _holders(session, sites, arriving)
    known = await queries.known_moves(session, {*arriving, *leaving, *holders}, lock=True)
    moving = [file_id for file_id, move in arriving.items() if _is_before(known.get(file_id), move, sites)]
    gone = [file_id for file_id, move in leaving.items() if _is_before(known.get(file_id), move, sites)]
    displaced = [file_id for file_id in holders if file_id not in arriving and file_id not in leaving]
    changed = [*moving, *gone, *displaced]
    await _note_around(session, now, changed)
    row = await queries.organizing_row(session, group.organizing_id)
    by = row.actor if row is not None else ORGANIZE
    places = await places_of(session, moving)
    release = [file_id for file_id in (*moving, *displaced) if file_id in known and known[file_id].holds_path]
    release += [file_id for file_id in gone if file_id in holders]
    for start in range(0, len(release), queries.AT_ONCE):
        some = release[start : start + queries.AT_ONCE]
        await session.execute(update(MediaFile).where(MediaFile.id.in_(some)).values(holds_path=False))
    await _take(session, sites, {file_id: arriving[file_id] for file_id in moving})
    await tell_moved(session, now, places, by)
    put_back = [file_id for file_id in moving if arriving[file_id].way is Way.PUT_BACK]
    await tell(session, now, Happened.PUT_BACK, put_back, by)
    await tell(session, now, Happened.TRASHED, gone, by)
    await _note_around(session, now, moving)
    for start in range(0, len(gone), queries.AT_ONCE):
        some = gone[start : start + queries.AT_ONCE]
        away = update(MediaFileState).where(MediaFileState.file_id.in_(some))
        await session.execute(away.values(presence=Presence.MISSING, missing_since=now))
    if row is not None:
        await _note_trash(session, now, sites, group, row)
        await _note_operation(session, now, row)
    await _note_steps(session, group, folders_done)
    await _forget(session, sites, removed)
    for kind, file_ids in (("files.moved", moving), ("files.trashed", gone)):
        if file_ids or kind == "files.moved":
            record(
                session,
                now,
                kind,
                library_id=sites.own.library_id,
                organizing_id=group.organizing_id,
                count=len(file_ids),
                file_ids=file_ids[:NAMED_IN_EVENTS],
            )
    right = [
        file_id
        for file_id, move in arriving.items()
        if file_id in moving or _is_behind(known.get(file_id), move, sites)
    ]
    return len(right) == len(arriving) and len(gone) == len(leaving)


async def _holders(session: AsyncSession, sites: Sites, arriving: Mapping[int, Move]) -> set[int]:
    """Files that hold a path which is to be taken."""
    found: set[int] = set()
    for place, moves in _by_library(sites, arriving).items():
        targets = [move.target for move in moves.values()]
        found |= (await queries.holders_of(session, place.library_id, targets)).keys()
    return found


def _is_before(row: KnownMove | None, move: Move, sites: Sites) -> bool:
    """Whether the row says what was so before the group: a file that comes out of the trash is missing where it lay."""
    if row is None:
        return False
    if move.way is Way.PUT_BACK:
        return not row.present
    return (row.library_id, row.path) == (sites.at(move.source_abroad).library_id, move.source)


def _is_behind(row: KnownMove | None, move: Move, sites: Sites) -> bool:
    at = (sites.at(move.target_abroad).library_id, move.target)
    return row is not None and row.present and (row.library_id, row.path) == at


def _by_library(sites: Sites, arriving: Mapping[int, Move]) -> dict[Place, dict[int, Move]]:
    found: dict[Place, dict[int, Move]] = defaultdict(dict)
    for file_id, move in sorted(arriving.items()):
        found[sites.at(move.target_abroad)][file_id] = move
    return found


async def _take(session: AsyncSession, sites: Sites, arriving: Mapping[int, Move]) -> None:
    for place, moves in _by_library(sites, arriving).items():
        folders = sorted({move.target.rpartition(b"/")[0] for move in moves.values()})
        known = await known_folders(session, place.library_id, folders)
        if missing := [path for path in folders if path not in known]:
            await insert_folders(session, place.library_id, missing, {})
            known |= await known_folders(session, place.library_id, missing)
        rows: list[dict[str, object]] = []
        for file_id, move in moves.items():
            folder, _, name = move.target.rpartition(b"/")
            rows.append(
                {
                    "id": file_id,
                    "library_id": place.library_id,
                    "folder_id": known[folder].id,
                    "name": name,
                    "search_text": folded(shown(name)),
                    "holds_path": True,
                }
            )
        await session.execute(update(MediaFile), rows)
    back = [file_id for file_id, move in arriving.items() if move.way is Way.PUT_BACK]
    for start in range(0, len(back), queries.AT_ONCE):
        there = update(MediaFileState).where(MediaFileState.file_id.in_(back[start : start + queries.AT_ONCE]))
        await session.execute(there.values(presence=Presence.PRESENT, missing_since=None, missing_scan_id=None))
        listed = update(MediaFile).where(MediaFile.id.in_(back[start : start + queries.AT_ONCE]))
        await session.execute(listed.values(hidden=False))


async def _note_around(session: AsyncSession, now: datetime, file_ids: Sequence[int]) -> None:
    for start in range(0, len(file_ids), queries.AT_ONCE):
        await note_changed_around(session, now, file_ids[start : start + queries.AT_ONCE])


async def _note_trash(session: AsyncSession, now: datetime, sites: Sites, group: Written, row: Organizing) -> None:
    """What went into the trash, and what came out of it."""
    arrivals: dict[int, list[Arrival]] = defaultdict(list)
    out: dict[int, list[bytes]] = defaultdict(list)
    for move, step_id in zip(group.moves, group.step_ids, strict=True):
        library_id = sites.at(move.source_abroad).library_id
        if move.way is Way.TRASH:
            name = move.target.rpartition(b"/")[2]
            arrivals[library_id].append(
                Arrival(step_id=step_id, file_id=move.file_id, name=name, path=move.source, look=move.look)
            )
        elif move.way is Way.PUT_BACK:
            out[library_id].append(move.source.rpartition(b"/")[2])
    for library_id, several in arrivals.items():
        await note_arrivals(session, now, library_id, several, _reason(row))
    for library_id, names in out.items():
        await note_put_back(session, now, library_id, names)


def _reason(row: Organizing) -> str:
    if row.kind is OrganizingKind.UNDO:
        return f"organizing {row.undo_of} was taken back"
    return f"organizing {row.id}"


async def _note_steps(session: AsyncSession, group: Written, folders_done: Collection[int]) -> None:
    ids = sorted({*group.step_ids, *folders_done})
    for start in range(0, len(ids), queries.AT_ONCE):
        some = ids[start : start + queries.AT_ONCE]
        await session.execute(update(OrganizingStep).where(OrganizingStep.id.in_(some)).values(done=True))


async def _forget(session: AsyncSession, sites: Sites, removed: Sequence[Spot]) -> None:
    """Folders that are no more, where no missing file has its last path."""
    for place in sites.places:
        paths = [spot.path for spot in removed if sites.at(spot.abroad) == place]
        folders = await known_folders(session, place.library_id, paths)
        await forget_folders(session, await folders_without_files(session, [folder.id for folder in folders.values()]))


async def _note_operation(session: AsyncSession, now: datetime, row: Organizing) -> None:
    """One operation for the whole organizing, with its first group."""
    if row.operation_id is not None:
        return
    back = row.kind is OrganizingKind.UNDO
    summary = f"Took back organizing {row.undo_of}" if back else f"Renamed files of library {row.library_id}"
    before = {"organizing_id": row.id, "library_id": row.library_id, "undo_of": row.undo_of}
    row.operation_id = await record_operation(session, now, row.actor, ORGANIZE, summary, before, {})
