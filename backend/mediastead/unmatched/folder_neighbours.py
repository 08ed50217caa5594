"""What is known of the other files in a folder: the series of most of them, as evidence for those whose names do not do.

A *neighbour* is a matched feature or episode that rests on nothing of its own neighbours: a person, a record, a remembered
answer or its names alone decided. So what the neighbours of a folder are follows from decisions that no neighbour had a part
in, and comes out the same in whatever order files are decided.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import MediaItem
from ..catalog.types import ItemType
from ..db.text import shown
from ..files.folder_changes import note_changed
from ..files.models import Folder, MediaFile, MediaFileDecision, MediaFileRecord
from ..files.paths import path_hash
from ..files.types import Identification, Role
from ..matching.decision import Neighbour
from ..matching.neighbours import neighbours_in
from ..parsing.folders import FolderUse, folder_of
from .models import RememberedAnswer, SeriesOrder

Neighbours = tuple[Neighbour, ...]
Counts = dict[tuple[ItemType, int] | None, int]


async def neighbours_at(
    session: AsyncSession, folders: Collection[tuple[int, bytes]], *, but: Sequence[int]
) -> dict[tuple[int, bytes], Neighbours]:
    """By library and folder (relative to its root): the series of most of its files, those with the ids `but` left out.

    Folders without any are left out, as are all that are no title's own.
    """
    own = {(library_id, path) for library_id, path in folders if is_a_titles_own(path)}
    here = and_(
        Folder.library_id.in_({library_id for library_id, _ in own}),
        Folder.path_hash.in_({path_hash(path) for _, path in own}),
    )
    found = await _neighbours(session, here, but) if own else {}
    return {at: neighbours for at, neighbours in found.values() if at in own}


async def neighbours_by_folder(session: AsyncSession, folder_ids: Collection[int]) -> dict[int, Neighbours]:
    """By folder id, as `neighbours_at`."""
    found = await _neighbours(session, Folder.id.in_(folder_ids), ())
    return {folder_id: neighbours for folder_id, ((_, path), neighbours) in found.items() if is_a_titles_own(path)}


def is_a_titles_own(folder: bytes) -> bool:
    """Whether a folder has the name of a title or of a season; in others, and in the root, anything may lie beside anything."""
    name = folder.rpartition(b"/")[2]
    return bool(name) and folder_of(shown(name)).use in (FolderUse.TITLE, FolderUse.SEASON)


async def stand_by_themselves(session: AsyncSession, now: datetime, file_ids: Sequence[int]) -> None:
    """A person said what these locked files are, or are not: from now on they lean on no neighbours."""
    leaning = (MediaFileDecision.file_id.in_(file_ids), MediaFileDecision.neighbours.is_not(None))
    folders = select(MediaFile.folder_id).join(MediaFileDecision, MediaFileDecision.file_id == MediaFile.id)
    changed = (await session.execute(folders.where(*leaning))).scalars().all()
    if changed:
        # What lies beside such a file says that it leans on them: it is to be written again.
        leans = select(MediaFileDecision.file_id).where(*leaning)
        await session.execute(update(MediaFileRecord).where(MediaFileRecord.file_id.in_(leans)).values(version=0))
        await session.execute(update(MediaFileDecision).where(*leaning).values(neighbours=None))
        await note_changed(session, now, changed)


async def note_counted_otherwise(session: AsyncSession, now: datetime, item_ids: Collection[int]) -> None:
    """How the episodes of these series are counted has changed: to be called in the same transaction."""
    folders = select(MediaFile.folder_id).where(MediaFile.media_item_id.in_(item_ids)).distinct()
    await note_changed(session, now, (await session.execute(folders)).scalars())


async def _neighbours(
    session: AsyncSession, where: ColumnElement[bool], but: Sequence[int]
) -> dict[int, tuple[tuple[int, bytes], Neighbours]]:
    """By folder id: its library and path, and its neighbours. Folders without any are left out."""
    query = (
        select(
            MediaFile.folder_id,
            Folder.library_id,
            Folder.path,
            MediaItem.type,
            MediaItem.tmdb_id,
            _counted_otherwise(),
            func.count(),
        )
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(MediaItem, MediaItem.id == MediaFile.media_item_id)
        .outerjoin(MediaFileDecision, MediaFileDecision.file_id == MediaFile.id)
        .where(
            where,
            MediaFile.identification == Identification.MATCHED,
            MediaFile.holds_path,
            ~MediaFile.hidden,
            MediaFile.role.in_([Role.FEATURE, Role.EPISODE]),
            MediaFileDecision.neighbours.is_(None),
            MediaFile.id.not_in(but),
        )
        .group_by(MediaFile.folder_id, Folder.library_id, Folder.path, MediaItem.id)
    )
    places: dict[int, tuple[int, bytes]] = {}
    counts: dict[int, Counts] = defaultdict(dict)
    for folder_id, library_id, path, item_type, tmdb_id, otherwise, count in await session.execute(query):
        places[folder_id] = library_id, path
        key = None if tmdb_id is None or otherwise else (item_type, tmdb_id)
        counts[folder_id][key] = counts[folder_id].get(key, 0) + count
    return _those_with_any(places, counts)


def _those_with_any(
    places: Mapping[int, tuple[int, bytes]], counts: Mapping[int, Counts]
) -> dict[int, tuple[tuple[int, bytes], Neighbours]]:
    found = {folder_id: neighbours_in(count) for folder_id, count in counts.items()}
    return {folder_id: (places[folder_id], neighbours) for folder_id, neighbours in found.items() if neighbours}


def _counted_otherwise() -> ColumnElement[bool]:
    """Whether a person said that files count a series' episodes in another way than the provider: then it cannot be told how one
    more file counts them."""
    answered = and_(
        RememberedAnswer.item_id == MediaItem.id,
        RememberedAnswer.library_id == Folder.library_id,
        RememberedAnswer.numbering.is_not(None),
        RememberedAnswer.revoked_at.is_(None),
    )
    ordered = exists(select(SeriesOrder.item_id).where(SeriesOrder.item_id == MediaItem.id))
    return or_(ordered, exists(select(RememberedAnswer.id).where(answered)))
