"""Files that come in from elsewhere: how they came is written into their story, and what is new gets a row."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import MediaItem
from ..db.text import folded, shown
from ..files.models import MediaFile, MediaFileEpisode, MediaFileImport, MediaFileRecord, MediaFileState
from ..files.types import Identification, ImportMethod, Presence
from ..libraries.models import Library
from . import journal_queries as queries
from .journal_queries import Written
from .models import Organizing, OrganizingKind, OrganizingStep
from .moves import Move, MoveRole, Way
from .staged_queries import StagedAs
from .steps import new_contents
from .trees import Sites


class Newcomer(NamedTuple):
    """A link or a copy of a media file, to be given a row."""

    step_id: int
    move: Move
    folder_id: int
    device: int


async def add_beside(
    session: AsyncSession, now: datetime, library_id: int, newcomers: Sequence[Newcomer], staged: StagedAs | None
) -> dict[int, int]:
    """Rows for links and copies, which are what their sources are, and for the `staged` file; their ids, by the steps that
    made them. One of which the source was forgotten meanwhile is left to a scan."""
    ids = sorted({each.move.file_id for each in newcomers if each.move.file_id is not None})
    originals = await _originals(session, ids)
    made: dict[int, int] = {}
    for step_id, move, folder_id, device in newcomers:
        what = originals.get(move.file_id) if move.file_id is not None else staged
        if what is None:
            continue
        name = move.target.rpartition(b"/")[2]
        row = {
            "library_id": library_id,
            "folder_id": folder_id,
            "name": name,
            "holds_path": True,
            "hidden": False,
            "search_text": folded(shown(name)),
            "media_item_id": what.item_id,
            "identification": Identification.MATCHED,
            "rule_lifted": False,
            "role": what.role,
            "part": what.part,
            "edition": what.edition,
            "version": 1,
            "created_at": now,
        }
        file_id = (await session.execute(insert(MediaFile).returning(MediaFile.id), row)).scalar_one()
        look = move.at_target or move.look
        state = {
            "file_id": file_id,
            "presence": Presence.PRESENT,
            "device": device,
            "read_due_at": now,
            **look._asdict(),
        }
        await session.execute(insert(MediaFileState), state)
        if what.episode_ids:
            episodes = [{"file_id": file_id, "episode_id": episode_id} for episode_id in what.episode_ids]
            await session.execute(insert(MediaFileEpisode), episodes)
        step = update(OrganizingStep).where(OrganizingStep.id == step_id)
        await session.execute(step.values(made_file_id=file_id))
        made[step_id] = file_id
    return made


async def note_other_content(session: AsyncSession, now: datetime, file_ids: Sequence[int]) -> None:
    """Nothing that was read of what these files held before is true any more; they are read anew, and what is written beside or
    into them is written again."""
    for start in range(0, len(file_ids), queries.AT_ONCE):
        some = file_ids[start : start + queries.AT_ONCE]
        values = {
            "changed_at": now,
            "fingerprint": None,
            "fingerprinted_at": None,
            "read_due_at": now,
            "read_tries": 0,
            "content_hash": None,
            "verified_at": None,
            "rotted_at": None,
        }
        await session.execute(update(MediaFileState).where(MediaFileState.file_id.in_(some)).values(**values))
        await session.execute(delete(MediaFileRecord).where(MediaFileRecord.file_id.in_(some)))


async def _originals(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, StagedAs]:
    """What the files are of which links or copies were made."""
    query = select(MediaFile).where(MediaFile.id.in_(file_ids), MediaFile.identification == Identification.MATCHED)
    files = (await session.execute(query)).scalars().all()
    held: dict[int, list[int]] = defaultdict(list)
    episodes = select(MediaFileEpisode.file_id, MediaFileEpisode.episode_id)
    for file_id, episode_id in await session.execute(episodes.where(MediaFileEpisode.file_id.in_(file_ids))):
        held[file_id].append(episode_id)
    return {
        file.id: StagedAs(
            item_id=file.media_item_id,
            episode_ids=tuple(held[file.id]),
            role=file.role,
            edition=file.edition,
            part=file.part,
        )
        for file in files
    }


async def record_imports(
    session: AsyncSession, now: datetime, sites: Sites, group: Written, row: Organizing, made: Mapping[int, int]
) -> None:
    """How the media files of a group came in. `made`: ids of new rows, by step."""
    if row.bring_how is None or row.kind is OrganizingKind.UNDO:
        return
    steps = zip(group.step_ids, group.moves, strict=True)
    trashed = {move.origin for move in group.moves if move.way is Way.TRASH}
    contents = new_contents(group.moves)
    rows: list[dict[str, Any]] = []
    for step_id, move in steps:
        if move.role is not MoveRole.MEDIA or move.way is Way.TRASH:
            continue
        same = not move.stays or move.origin in trashed or move.file_id in contents
        file_id = move.file_id if same and move.file_id is not None else made.get(step_id)
        method = ImportMethod.PIPELINE if group.staged is not None else _method(move, moved=move.origin in trashed)
        facts = await _facts(session, row, file_id) | (group.staged.facts if group.staged is not None else {})
        rows.append(_import(now, sites, row, move, file_id, method, facts, None))
    if rows:
        await session.execute(insert(MediaFileImport), rows)


async def record_failure(session: AsyncSession, now: datetime, sites: Sites, group: Written, said: str) -> None:
    """That the media files of a group did not come in, and why; only of what comes from another library."""
    if sites.abroad is None:
        return
    row = await queries.organizing_row(session, group.organizing_id)
    if row is None or row.bring_how is None or row.kind is OrganizingKind.UNDO:
        return
    method = ImportMethod.PIPELINE if group.staged is not None else ImportMethod(_METHODS[row.bring_how])
    facts = group.staged.facts if group.staged is not None else {}
    rows = [
        _import(now, sites, row, move, move.file_id, method, facts, said)
        for move in group.moves
        if move.role is MoveRole.MEDIA and move.way is not Way.TRASH
    ]
    if rows:
        await session.execute(insert(MediaFileImport), rows)


async def record_not_staged(
    session: AsyncSession,
    now: datetime,
    actor: str,
    path: bytes,
    said: str,
    facts: Mapping[str, Any],
    *,
    library_id: int | None,
    file_id: int | None = None,
) -> None:
    """That a file from a folder in no library did not come in, and why, though nothing was begun. `file_id`: of which it was to
    become the content; else there is none yet."""
    if file_id is not None:
        where = select(MediaFile.library_id).where(MediaFile.id == file_id)
        library_id = (await session.execute(where)).scalar_one_or_none()
        file_id = file_id if library_id is not None else None
    known = select(Library.id).where(Library.id == library_id)
    library_id = (await session.execute(known)).scalar_one_or_none() if library_id is not None else None
    await session.execute(
        insert(MediaFileImport).values(
            file_id=file_id,
            library_id=library_id,
            method=ImportMethod.PIPELINE,
            source_path=path,
            success=False,
            error=said,
            evidence=dict(facts),
            actor=actor,
            at=now,
        )
    )


_METHODS = {"link": "hardlink", "copy": "copy", "move": "move"}


def _method(move: Move, *, moved: bool) -> ImportMethod:
    if moved or not move.stays:
        return ImportMethod.MOVE
    return ImportMethod.HARDLINK if move.way is Way.LINK and not move.copied else ImportMethod.COPY


async def _facts(session: AsyncSession, row: Organizing, file_id: int | None) -> dict[str, Any]:
    query = (
        select(MediaItem.type, MediaItem.tmdb_id, MediaItem.title, MediaItem.year)
        .join(MediaFile, MediaFile.media_item_id == MediaItem.id)
        .where(MediaFile.id == file_id)
    )
    item = (await session.execute(query)).one_or_none()
    facts: dict[str, Any] = {"organizing_id": row.id, "asked_for": row.bring_how}
    if item is not None:
        facts |= {"type": item.type.value, "tmdb_id": item.tmdb_id, "title": item.title, "year": item.year}
    return facts


def _import(
    now: datetime,
    sites: Sites,
    row: Organizing,
    move: Move,
    file_id: int | None,
    method: ImportMethod,
    evidence: dict[str, Any],
    error: str | None,
) -> dict[str, Any]:
    return {
        "file_id": file_id,
        "library_id": sites.own.library_id,
        "method": method,
        "source_path": os.path.join(sites.at(move.source_abroad).root, move.source),
        "success": error is None,
        "error": error,
        "evidence": evidence,
        "actor": row.actor,
        "at": now,
    }
