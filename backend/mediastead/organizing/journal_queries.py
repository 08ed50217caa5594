"""What the journal asks: groups, their steps, the library they are in, and what is known of the files that move."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct, convert
from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.models import Folder, MediaFile, MediaFileState
from ..files.paths import joined, path_hash
from ..files.types import Presence
from ..libraries.models import BringHow, Library, Scan, ScanPhase
from .models import GroupState, Organizing, OrganizingGroup, OrganizingKind, OrganizingState, OrganizingStep, StepAction
from .moves import Move, MoveRole, Seen, Spot, Way
from .staged_queries import StagedAs
from .steps import Rename
from .trees import NO_LIBRARY, Place, Sites

AT_ONCE = 400
"""Values in one IN list."""


class Written(Struct, frozen=True):
    """A group as it was written down: everything that whoever carries it out or takes it back has to know."""

    id: int
    organizing_id: int
    state: GroupState
    said: str | None
    at_target: bool
    """All is copied whole: only forward from here."""
    abroad_inode: int | None
    """Of the folder that its files come from, where that has no marker."""
    staged: StagedAs | None
    """What its media file is, where that comes from a folder in no library."""
    moves: tuple[Move, ...]
    step_ids: tuple[int, ...]
    """Of the moves."""
    renames: tuple[Rename, ...]
    """None of a group that was not begun."""
    made: tuple[tuple[int, Spot], ...]
    """Folders that are made first: (step, folder), those above first."""
    left: tuple[tuple[int, Spot], ...]
    """Folders that are removed last where they are empty, those beneath first."""


class KnownMove(NamedTuple):
    """What the rows say of a file that is to be moved."""

    id: int
    library_id: int
    path: bytes
    version: int
    present: bool
    holds_path: bool
    look: Seen
    gap: bool
    settled: bool
    """False while it may still be growing."""


async def sites_of(session: AsyncSession, organizing_id: int) -> Sites | None:
    """None where one of its libraries was removed."""
    head = select(Organizing.library_id, Organizing.from_library_id, Organizing.from_root, Organizing.bring_how).where(
        Organizing.id == organizing_id
    )
    row = (await session.execute(head)).one_or_none()
    if row is None:
        return None
    library_id, from_library_id, from_root, how = row
    ids = [each for each in (library_id, from_library_id) if each]
    query = select(
        Library.id, Library.root, Library.root_marker, Library.file_mode, Library.folder_mode, Library.owner_group
    ).where(Library.id.in_(ids))
    places = {each[0]: Place(*each) for each in await session.execute(query)}
    if any(each not in places for each in ids):
        return None
    abroad = places[from_library_id] if from_library_id is not None else None
    if from_root is not None:
        abroad = Place(NO_LIBRARY, from_root, None)
    return Sites(places[library_id], abroad, stays=how in (BringHow.LINK, BringHow.COPY))


async def written_group(session: AsyncSession, group_id: int) -> Written | None:
    head = (
        await session.execute(
            select(
                OrganizingGroup.organizing_id,
                OrganizingGroup.state,
                OrganizingGroup.said,
                OrganizingGroup.at_target,
                OrganizingGroup.abroad_inode,
                Organizing.staged,
            )
            .join(Organizing, Organizing.id == OrganizingGroup.organizing_id)
            .where(OrganizingGroup.id == group_id)
        )
    ).one_or_none()
    if head is None:
        return None
    rows = (
        (
            await session.execute(
                select(OrganizingStep).where(OrganizingStep.group_id == group_id).order_by(OrganizingStep.id)
            )
        )
        .scalars()
        .all()
    )
    moving = [row for row in rows if row.action is StepAction.MOVE and _move_of(row) is not None]
    moves = tuple(move for row in moving if (move := _move_of(row)) is not None)
    return Written(
        id=group_id,
        organizing_id=head[0],
        state=head[1],
        said=head[2],
        at_target=bool(head[3]),
        abroad_inode=head[4],
        staged=convert(head[5], StagedAs) if head[5] is not None else None,
        moves=moves,
        step_ids=tuple(row.id for row in moving),
        renames=_renames_of(moving),
        made=_folders_of(rows, StepAction.MAKE_FOLDER),
        left=_folders_of(rows, StepAction.REMOVE_FOLDER),
    )


async def known_moves(session: AsyncSession, file_ids: Collection[int], *, lock: bool = False) -> dict[int, KnownMove]:
    """By id. `lock`: until the transaction ends, in the order of the ids."""
    found: dict[int, KnownMove] = {}
    ids = sorted(file_ids)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        if lock:
            locking = select(MediaFile.id).where(MediaFile.id.in_(some)).order_by(MediaFile.id).with_for_update()
            await session.execute(locking)
        query = (
            select(MediaFile, MediaFileState, Folder.path, Folder.gap_since)
            .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
            .join(Folder, Folder.id == MediaFile.folder_id)
            .where(MediaFile.id.in_(some))
            .execution_options(populate_existing=True)
        )
        for file, state, folder, gap in await session.execute(query):
            found[file.id] = KnownMove(
                file.id,
                file.library_id,
                joined(folder, file.name),
                file.version,
                state.presence is Presence.PRESENT,
                file.holds_path,
                Seen(state.size, state.mtime_ns, state.inode),
                gap is not None,
                state.unsettled_since is None,
            )
    return found


async def holders_of(session: AsyncSession, library_id: int, paths: Sequence[bytes]) -> dict[int, bool]:
    """The files that hold one of the paths: id to whether it is present."""
    wanted = {(path_hash(folder), name) for folder, _, name in (path.rpartition(b"/") for path in paths)}
    hashes = sorted({of_folder for of_folder, _ in wanted})
    names = sorted({name for _, name in wanted})
    found: dict[int, bool] = {}
    for start in range(0, len(names), AT_ONCE):
        query = (
            select(MediaFile.id, MediaFile.name, Folder.path_hash, MediaFileState.presence)
            .join(Folder, Folder.id == MediaFile.folder_id)
            .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
            .where(
                Folder.library_id == library_id,
                Folder.path_hash.in_(hashes),
                MediaFile.name.in_(names[start : start + AT_ONCE]),
                MediaFile.holds_path,
            )
        )
        for file_id, name, of_folder, presence in await session.execute(query):
            if (of_folder, name) in wanted:
                found[file_id] = presence is Presence.PRESENT
    return found


async def next_planned(session: AsyncSession, organizing_id: int) -> int | None:
    """The first group that was not begun yet."""
    query = (
        select(OrganizingGroup.id)
        .where(OrganizingGroup.organizing_id == organizing_id, OrganizingGroup.state == GroupState.PLANNED)
        .order_by(OrganizingGroup.id)
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def first_open(session: AsyncSession, organizing_id: int) -> int | None:
    """The first group that was begun and is not at its end."""
    query = (
        select(OrganizingGroup.id)
        .where(OrganizingGroup.organizing_id == organizing_id, OrganizingGroup.open_library_id.is_not(None))
        .order_by(OrganizingGroup.id)
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def has_unended(session: AsyncSession, organizing_id: int) -> bool:
    """Whether a group of it is still to be begun, or to be brought to its end by itself."""
    states = (GroupState.PLANNED, GroupState.DOING, GroupState.TAKING_BACK, GroupState.WAITING)
    query = select(exists().where(OrganizingGroup.organizing_id == organizing_id, OrganizingGroup.state.in_(states)))
    return bool((await session.execute(query)).scalar_one())


async def applying(session: AsyncSession) -> list[tuple[int, int]]:
    """(organizing, library) that have groups to be begun, first come first served, and of each library only the first."""
    query = (
        select(Organizing.id, Organizing.library_id)
        .where(
            Organizing.state == OrganizingState.APPLYING,
            exists().where(OrganizingGroup.organizing_id == Organizing.id, OrganizingGroup.state == GroupState.PLANNED),
        )
        .order_by(Organizing.applied_at, Organizing.id)
    )
    first: dict[int, int] = {}
    for organizing_id, library_id in await session.execute(query):
        first.setdefault(library_id, organizing_id)
    return [(organizing_id, library_id) for library_id, organizing_id in first.items()]


async def to_settle(session: AsyncSession, now: datetime, library_id: int | None = None) -> list[tuple[int, int]]:
    """(group, organizing) of groups that were begun, are not at their end, and whose time to be tried has come."""
    query = (
        select(OrganizingGroup.id, OrganizingGroup.organizing_id)
        .join(
            Library,
            and_(Library.organizing_group_id == OrganizingGroup.id, Library.id == OrganizingGroup.open_library_id),
        )
        .where(or_(OrganizingGroup.next_try_at.is_(None), OrganizingGroup.next_try_at <= now))
        .order_by(OrganizingGroup.id)
    )
    if library_id is not None:
        query = query.where(Library.id == library_id)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def organizing_row(session: AsyncSession, organizing_id: int) -> Organizing | None:
    """Locked until the transaction ends."""
    query = select(Organizing).where(Organizing.id == organizing_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def epoch_of(session: AsyncSession, group_id: int) -> int | None:
    query = select(OrganizingGroup.epoch).where(OrganizingGroup.id == group_id)
    return (await session.execute(query)).scalar_one_or_none()


async def takes_back(session: AsyncSession, organizing_id: int) -> bool:
    query = select(Organizing.kind).where(Organizing.id == organizing_id)
    return (await session.execute(query)).scalar_one_or_none() is OrganizingKind.UNDO


async def scan_is_queued(session: AsyncSession, library_id: int) -> bool:
    query = select(exists().where(Scan.library_id == library_id, Scan.phase == ScanPhase.QUEUED))
    return bool((await session.execute(query)).scalar_one())


class DoneMove(NamedTuple):
    step_id: int
    move: Move
    made_file_id: int | None


async def done_groups(session: AsyncSession, organizing_id: int) -> list[list[DoneMove]]:
    """The moves of the groups that were done, the last group first."""
    query = (
        select(OrganizingStep)
        .join(OrganizingGroup, OrganizingGroup.id == OrganizingStep.group_id)
        .where(
            OrganizingStep.organizing_id == organizing_id,
            OrganizingStep.action == StepAction.MOVE,
            OrganizingGroup.state == GroupState.DONE,
        )
        .order_by(OrganizingStep.group_id.desc(), OrganizingStep.id)
    )
    groups: dict[int, list[DoneMove]] = {}
    for row in (await session.execute(query)).scalars():
        if (move := _move_of(row)) is not None:
            groups.setdefault(row.group_id, []).append(DoneMove(row.id, move, row.made_file_id))
    return list(groups.values())


def _move_of(row: OrganizingStep) -> Move | None:
    """None for a refused one without a target."""
    if row.source is None or row.target is None or row.size is None or row.mtime_ns is None or row.inode is None:
        return None
    look = Seen(row.size, row.mtime_ns, row.inode)
    way = Way(row.way) if row.way else Way.RENAME
    made = None
    if row.made_size is not None and row.made_mtime_ns is not None and row.made_inode is not None:
        made = Seen(row.made_size, row.made_mtime_ns, row.made_inode)
    return Move(
        row.role or MoveRole.SIDECAR,
        row.source,
        row.target,
        look,
        row.file_id,
        row.file_version,
        way,
        made,
        bool(row.source_abroad),
        bool(row.target_abroad),
        _pair(row.mode, row.gid),
        _pair(row.wanted_mode, row.wanted_gid),
        row.digest is not None,
    )


def _pair(mode: int | None, gid: int | None) -> tuple[int, int] | None:
    return (mode, gid) if mode is not None and gid is not None else None


def _renames_of(rows: Sequence[OrganizingStep]) -> tuple[Rename, ...]:
    found: list[tuple[int, Rename]] = []
    for number, row in enumerate(rows):
        if row.position is None or row.source is None or row.target is None:
            continue
        source = Spot(bool(row.source_abroad), row.source)
        if row.held_name is not None and row.held_at is not None:
            held = Spot(source.abroad, joined(row.source.rpartition(b"/")[0], row.held_name))
            found.append((row.held_at, Rename(number, source, held)))
            source = held
        found.append((row.position, Rename(number, source, Spot(bool(row.target_abroad), row.target))))
    return tuple(rename for _, rename in sorted(found))


def _folders_of(rows: Sequence[OrganizingStep], action: StepAction) -> tuple[tuple[int, Spot], ...]:
    those = [(row.position or 0, row.id, _folder_of(row)) for row in rows if row.action is action]
    return tuple((step_id, folder) for _, step_id, folder in sorted(those))


def _folder_of(row: OrganizingStep) -> Spot:
    return Spot(bool(row.target_abroad), row.target or b"")
