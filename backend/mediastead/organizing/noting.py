"""What a group that is done leaves in the books beside its files: the trash, the operation, its steps, folders that are gone."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from ..operations.service import UNDONE, mark_taken_back, record_operation
from ..scanning.gone import forget_folders
from ..scanning.queries import folders_without_files, known_folders
from ..trash.places import name_at
from ..trash.service import Arrival, note_arrivals, note_put_back
from . import journal_queries as queries
from .journal_queries import Written
from .models import Organizing, OrganizingKind, OrganizingStep
from .moves import MoveRole, Spot, Way
from .root_queries import name_of
from .trees import Sites

ORGANIZE = "organize"
"""Kind of the operation."""


async def note_trash(session: AsyncSession, now: datetime, sites: Sites, group: Written, row: Organizing) -> None:
    """What went into the trash, and what came out of it."""
    arrivals: dict[tuple[int, bool], list[Arrival]] = defaultdict(list)
    out: dict[int, list[bytes]] = defaultdict(list)
    copied = {move.origin for move in group.moves if move.stays}
    for move, step_id in zip(group.moves, group.step_ids, strict=True):
        library_id = sites.at(move.source_abroad).library_id
        if move.way is Way.TRASH:
            name = name_at(move.target)
            arrivals[library_id, move.origin in copied].append(
                Arrival(
                    step_id=step_id, file_id=move.file_id, name=name, path=move.source, look=move.look, had=move.had
                )
            )
        elif move.way is Way.PUT_BACK:
            out[library_id].append(name_at(move.source))
    for (library_id, is_copied), several in arrivals.items():
        await note_arrivals(session, now, library_id, several, _reason(row, is_copied=is_copied))
    for library_id, names in out.items():
        await note_put_back(session, now, library_id, names)


def _reason(row: Organizing, *, is_copied: bool) -> str:
    if row.kind is OrganizingKind.UNDO:
        return f"organizing {row.undo_of} was taken back"
    return f"{'moved to another disk' if is_copied else 'replaced'} by organizing {row.id}"


async def note_steps(session: AsyncSession, group: Written, folders_done: Collection[int]) -> None:
    ids = sorted({*group.step_ids, *folders_done})
    for start in range(0, len(ids), queries.AT_ONCE):
        some = ids[start : start + queries.AT_ONCE]
        await session.execute(update(OrganizingStep).where(OrganizingStep.id.in_(some)).values(done=True))


async def forget(session: AsyncSession, sites: Sites, removed: Sequence[Spot]) -> None:
    """Folders that are no more, where no missing file has its last path."""
    for place in sites.places:
        paths = [spot.path for spot in removed if sites.at(spot.abroad) == place]
        folders = await known_folders(session, place.library_id, paths)
        await forget_folders(session, await folders_without_files(session, [folder.id for folder in folders.values()]))


async def note_operation(
    session: AsyncSession, now: datetime, group: Written, row: Organizing, *, replacing: bool
) -> None:
    """One operation for the whole organizing, with its first group."""
    if row.operation_id is not None:
        return
    back = row.kind is OrganizingKind.UNDO
    did = "Renamed files of" if row.bring_how is None else "Brought files into"
    name = await name_of(session, row.library_id)
    did = f"{did} {name}" + (", replacing what lay there" if replacing else "")
    summary = f"Took back organizing {row.undo_of}" if back else did
    if group.staged is not None and not back:
        summary = _of_staged(group, name)
    before = {"organizing_id": row.id, "library_id": row.library_id, "undo_of": row.undo_of}
    former = select(Organizing.operation_id).where(Organizing.id == row.undo_of)
    undone = [each for each in (await session.execute(former)).scalars() if each is not None] if back else []
    after = {UNDONE: undone} if undone else {}
    operation_id = await record_operation(session, now, row.actor, ORGANIZE, summary, before, after)
    row.operation_id = operation_id
    await mark_taken_back(session, undone, operation_id)


def _of_staged(group: Written, library: str) -> str:
    """What was done with a file that comes from a folder in no library."""
    path = next((move.target for move in group.moves if move.role is MoveRole.MEDIA and move.way is not Way.TRASH), b"")
    if group.staged is not None and group.staged.file_id is not None:
        return f"Replaced the content of {shown(path)}"
    return f"Brought {shown(path)} into {library}"
