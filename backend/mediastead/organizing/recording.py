"""Writes into the books what a group that is done has done on the disk: first every path is released, then taken."""

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import folded, shown
from ..events.outbox import record
from ..files.folder_changes import note_changed_around
from ..files.models import MediaFile, MediaFileState
from ..files.story import places_of, size_change, tell, tell_moved
from ..files.types import Happened, Presence
from ..scanning.queries import known_folders
from ..scanning.record import NAMED_IN_EVENTS, insert_folders
from . import journal_queries as queries
from .importing import Newcomer, add_beside, note_other_content, record_imports
from .journal_queries import KnownMove, Written
from .moves import Move, MoveRole, Spot, Way
from .noting import ORGANIZE, forget, note_operation, note_steps, note_trash
from .steps import new_contents
from .trees import Sites


async def record_moves(
    session: AsyncSession,
    now: datetime,
    sites: Sites,
    group: Written,
    folders_done: Collection[int],
    removed: Sequence[Spot],
    devices: tuple[int, int],
) -> bool:
    """Give the files their new paths; whether all rows were as the steps say.

    `folders_done`: steps of folders that were really made or removed; `removed`: those removed; `devices`: of the two trees
    (`Trees.devices`). A row that is somewhere else meanwhile is left: a scan that saw the file at its new place has written
    that already, or will.
    """
    media = [move for move in group.moves if move.role is MoveRole.MEDIA and move.file_id is not None]
    # By its copy, by other content, or by another file: only the last one leaves.
    replaced = {move.file_id for move in media if move.way is Way.TRASH}
    arriving = {
        move.file_id: move
        for move in media
        if move.file_id is not None and move.way is not Way.TRASH and not (move.stays and move.file_id not in replaced)
    }
    leaving = {
        move.file_id: move
        for move in media
        if move.file_id is not None and move.way is Way.TRASH and move.file_id not in arriving
    }
    beside = {
        step_id: move
        for step_id, move in zip(group.step_ids, group.moves, strict=True)
        if move in media and move.stays and move.file_id not in replaced
    }
    if group.staged is not None and group.staged.item_id is not None:
        beside |= {
            step_id: move
            for step_id, move in zip(group.step_ids, group.moves, strict=True)
            if move.role is MoveRole.MEDIA and move.file_id is None and move.way not in (Way.TRASH, Way.PUT_BACK)
        }
    holders = await _holders(session, sites, [*arriving.values(), *beside.values()])
    known = await queries.known_moves(session, {*arriving, *leaving, *holders}, lock=True)
    # A scan may have seen a copy while its group was stuck: then it is a file of its own in the books, and stays one.
    ours = {*arriving, *leaving}
    seen_before = {
        (known[file_id].library_id, known[file_id].path)
        for file_id in holders
        if file_id not in ours and known[file_id].present
    }
    known_there = {
        file_id
        for file_id, move in arriving.items()
        if (sites.at(move.target_abroad).library_id, move.target) in seen_before
    }
    arriving = {file_id: move for file_id, move in arriving.items() if file_id not in known_there}
    leaving |= {move.file_id: move for move in media if move.file_id in known_there and move.way is Way.TRASH}
    beside = {
        step_id: move
        for step_id, move in beside.items()
        if (sites.at(move.target_abroad).library_id, move.target) not in seen_before
    }
    swapped = {move.file_id for move in media if move.way is Way.TRASH}
    # A file that gets other content is where that goes away from.
    contents = new_contents(media)
    before = arriving | {move.file_id: move for move in media if move.way is Way.TRASH and move.file_id in contents}
    moving = [
        file_id
        for file_id, move in arriving.items()
        if _is_before(known.get(file_id), before[file_id], sites)
        # What replaced it goes to the trash, and is the same file in the books.
        or (move.way is Way.PUT_BACK and file_id in swapped and file_id in known)
    ]
    gone = [file_id for file_id, move in leaving.items() if _is_before(known.get(file_id), move, sites)]
    displaced = [file_id for file_id in holders if file_id not in ours and not known[file_id].present]
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
    folders = await _folders(session, sites, [*(arriving[file_id] for file_id in moving), *beside.values()])
    await _take(session, sites, {file_id: arriving[file_id] for file_id in moving}, folders, devices)
    others = [
        file_id
        for file_id in moving
        if file_id in contents or known[file_id].look[:2] != (arriving[file_id].at_target or arriving[file_id].look)[:2]
    ]
    await note_other_content(session, now, others)
    newcomers = [
        Newcomer(step_id, move, folders[move.target_abroad][move.target.rpartition(b"/")[0]], devices[0])
        for step_id, move in beside.items()
    ]
    made = await add_beside(session, now, sites.own.library_id, newcomers, group.staged)
    await _note_around(session, now, list(made.values()))
    await tell_moved(session, now, places, by)
    put_back = [file_id for file_id in moving if arriving[file_id].way is Way.PUT_BACK]
    await tell(session, now, Happened.PUT_BACK, put_back, by)
    await tell(session, now, Happened.TRASHED, gone, by, details=_successors(sites, group, leaving))
    other = _other_contents(sites, [file_id for file_id in others if file_id in contents], known, arriving)
    await tell(session, now, Happened.REPLACED, other, by, details=other)
    await _note_around(session, now, moving)
    for start in range(0, len(gone), queries.AT_ONCE):
        some = gone[start : start + queries.AT_ONCE]
        away = update(MediaFileState).where(MediaFileState.file_id.in_(some))
        await session.execute(away.values(presence=Presence.MISSING, missing_since=now))
    # What has its path now was to come there: nobody misses the other one.
    given_up = [file_id for file_id in gone if file_id in holders]
    for start in range(0, len(given_up), queries.AT_ONCE):
        some = given_up[start : start + queries.AT_ONCE]
        await session.execute(update(MediaFile).where(MediaFile.id.in_(some)).values(hidden=True))
    if row is not None:
        await record_imports(session, now, sites, group, row, made)
        await note_trash(session, now, sites, group, row)
        await note_operation(session, now, group, row, replacing=bool(gone))
    await note_steps(session, group, folders_done)
    await forget(session, sites, removed)
    for kind, file_ids in (("files.moved", moving), ("files.trashed", gone), ("files.found", list(made.values()))):
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
    return not seen_before and len(right) == len(arriving) and len(gone) == len(leaving) and len(made) == len(beside)


def _other_contents(
    sites: Sites, file_ids: Sequence[int], known: Mapping[int, KnownMove], arriving: Mapping[int, Move]
) -> dict[int, str]:
    """What is told of files that got other content: how large it was and is, and where it came from."""
    sizes = {
        file_id: size_change(known[file_id].look.size, (arriving[file_id].at_target or arriving[file_id].look).size)
        for file_id in file_ids
    }
    return {file_id: f"{size}, by {_from(sites, arriving[file_id])}" for file_id, size in sizes.items()}


def _successors(sites: Sites, group: Written, leaving: Mapping[int, Move]) -> dict[int, str]:
    """What is told of files that went to the trash so that another one could have their path."""
    coming = {move.destination: move for move in group.moves if move.way not in (Way.TRASH, Way.PUT_BACK)}
    return {
        file_id: f"{_from(sites, coming[move.origin])} took its place"
        for file_id, move in leaving.items()
        if move.origin in coming
    }


def _from(sites: Sites, move: Move) -> str:
    return shown(os.path.join(sites.at(move.source_abroad).root, move.source))


async def _holders(session: AsyncSession, sites: Sites, coming: Sequence[Move]) -> set[int]:
    """Files that hold a path which is to be taken."""
    found: set[int] = set()
    for abroad in (False, True):
        targets = [move.target for move in coming if move.target_abroad == abroad]
        found |= (await queries.holders_of(session, sites.at(abroad).library_id, targets)).keys()
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


async def _folders(session: AsyncSession, sites: Sites, coming: Sequence[Move]) -> dict[bool, dict[bytes, int]]:
    """The ids of the folders that files come into, made where they are not known yet; by tree and path."""
    found: dict[bool, dict[bytes, int]] = {}
    for abroad in (False, True):
        library_id = sites.at(abroad).library_id
        paths = sorted({move.target.rpartition(b"/")[0] for move in coming if move.target_abroad == abroad})
        known = await known_folders(session, library_id, paths)
        if missing := [path for path in paths if path not in known]:
            await insert_folders(session, library_id, missing, {})
            known |= await known_folders(session, library_id, missing)
        found[abroad] = {path: folder.id for path, folder in known.items()}
    return found


async def _take(
    session: AsyncSession,
    sites: Sites,
    arriving: Mapping[int, Move],
    folders: Mapping[bool, Mapping[bytes, int]],
    devices: tuple[int, int],
) -> None:
    rows: list[dict[str, object]] = []
    states: list[dict[str, object]] = []
    for file_id, move in sorted(arriving.items()):
        folder, _, name = move.target.rpartition(b"/")
        rows.append(
            {
                "id": file_id,
                "library_id": sites.at(move.target_abroad).library_id,
                "folder_id": folders[move.target_abroad][folder],
                "name": name,
                "search_text": folded(shown(name)),
                "holds_path": True,
                "hidden": False,
            }
        )
        if move.way is not Way.RENAME or move.source_abroad != move.target_abroad:
            look = move.at_target or move.look
            there = {"presence": Presence.PRESENT, "missing_since": None, "missing_scan_id": None}
            states.append({"file_id": file_id, **look._asdict(), "device": devices[move.target_abroad], **there})
    if rows:
        await session.execute(update(MediaFile), rows)
    if states:
        await session.execute(update(MediaFileState), states)


async def _note_around(session: AsyncSession, now: datetime, file_ids: Sequence[int]) -> None:
    for start in range(0, len(file_ids), queries.AT_ONCE):
        await note_changed_around(session, now, file_ids[start : start + queries.AT_ONCE])
