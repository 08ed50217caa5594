"""Writes into the books what a group that is done has done on the disk: first every path is released, then taken."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import folded, shown
from ..events.outbox import record
from ..files.folder_changes import note_changed_around
from ..files.models import MediaFile
from ..operations.service import record_operation
from ..scanning.queries import folders_without_files, known_folders
from ..scanning.record import NAMED_IN_EVENTS, forget_folders, insert_folders
from . import journal_queries as queries
from .journal_queries import Written
from .models import OrganizingKind, OrganizingStep
from .moves import MoveRole

ORGANIZE = "organize"
"""Kind of the operation."""


async def record_moves(
    session: AsyncSession,
    now: datetime,
    library_id: int,
    group: Written,
    folders_done: Collection[int],
    removed: Sequence[bytes],
) -> bool:
    """Give the files their new paths; whether all rows were as the steps say.

    `folders_done`: steps of folders that were really made or removed; `removed`: the paths of those removed. A row that is
    somewhere else meanwhile is left: a scan that saw the file at its new place has written that already, or will.
    """
    media = [move for move in group.moves if move.role is MoveRole.MEDIA and move.file_id is not None]
    targets = {move.file_id: move.target for move in media if move.file_id is not None}
    holders = await queries.holders_of(session, library_id, list(targets.values()))
    known = await queries.known_moves(session, {*targets, *holders}, lock=True)
    sources = {move.file_id: move.source for move in media}
    moving = [
        file_id
        for file_id in targets
        if file_id in known and (known[file_id].library_id, known[file_id].path) == (library_id, sources[file_id])
    ]
    displaced = [file_id for file_id in holders if file_id not in targets]
    for start in range(0, len(moving) + len(displaced), queries.AT_ONCE):
        await note_changed_around(session, now, [*moving, *displaced][start : start + queries.AT_ONCE])
    release = [file_id for file_id in (*moving, *displaced) if file_id in known and known[file_id].holds_path]
    for start in range(0, len(release), queries.AT_ONCE):
        some = release[start : start + queries.AT_ONCE]
        await session.execute(update(MediaFile).where(MediaFile.id.in_(some)).values(holds_path=False))
    if moving:
        await _take(session, library_id, {file_id: targets[file_id] for file_id in moving})
        for start in range(0, len(moving), queries.AT_ONCE):
            await note_changed_around(session, now, moving[start : start + queries.AT_ONCE])
    await _note_steps(session, group, folders_done)
    await _forget(session, library_id, removed)
    record(
        session,
        now,
        "files.moved",
        library_id=library_id,
        organizing_id=group.organizing_id,
        count=len(moving),
        file_ids=moving[:NAMED_IN_EVENTS],
    )
    await _note_operation(session, now, group)
    right = [
        file_id
        for file_id, target in targets.items()
        if file_id in known and known[file_id].present and (file_id in moving or known[file_id].path == target)
    ]
    return len(right) == len(targets)


async def _take(session: AsyncSession, library_id: int, targets: dict[int, bytes]) -> None:
    folders = sorted({target.rpartition(b"/")[0] for target in targets.values()})
    known = await known_folders(session, library_id, folders)
    if missing := [path for path in folders if path not in known]:
        await insert_folders(session, library_id, missing, {})
        known |= await known_folders(session, library_id, missing)
    rows: list[dict[str, object]] = []
    for file_id, target in sorted(targets.items()):
        folder, _, name = target.rpartition(b"/")
        rows.append(
            {
                "id": file_id,
                "library_id": library_id,
                "folder_id": known[folder].id,
                "name": name,
                "search_text": folded(shown(name)),
                "holds_path": True,
            }
        )
    await session.execute(update(MediaFile), rows)


async def _note_steps(session: AsyncSession, group: Written, folders_done: Collection[int]) -> None:
    ids = sorted({*group.step_ids, *folders_done})
    for start in range(0, len(ids), queries.AT_ONCE):
        some = ids[start : start + queries.AT_ONCE]
        await session.execute(update(OrganizingStep).where(OrganizingStep.id.in_(some)).values(done=True))


async def _forget(session: AsyncSession, library_id: int, removed: Sequence[bytes]) -> None:
    """Folders that are no more, where no missing file has its last path."""
    folders = await known_folders(session, library_id, removed)
    await forget_folders(session, await folders_without_files(session, [folder.id for folder in folders.values()]))


async def _note_operation(session: AsyncSession, now: datetime, group: Written) -> None:
    """One operation for the whole organizing, with its first group."""
    row = await queries.organizing_row(session, group.organizing_id)
    if row is None or row.operation_id is not None:
        return
    back = row.kind is OrganizingKind.UNDO
    summary = f"Took back organizing {row.undo_of}" if back else f"Renamed files of library {row.library_id}"
    before = {"organizing_id": row.id, "library_id": row.library_id, "undo_of": row.undo_of}
    row.operation_id = await record_operation(session, now, row.actor, ORGANIZE, summary, before, {})
