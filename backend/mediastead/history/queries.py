"""What is asked of the operations: their list, their files, and what was done later to the same."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ..catalog.models import MediaItem
from ..db.text import shown
from ..files.models import Folder, MediaFile, MediaFileDecision
from ..files.paths import joined
from ..files.types import Identification
from ..http.paging import Page, decode_cursor, page_of
from ..operations.models import Operation, OperationFile
from ..organizing.models import Organizing, OrganizingKind, OrganizingStep
from ..organizing.moves import MoveRole, Way
from .schemas import FileBefore, OperationShown
from .undoable import ORGANIZE, can_be_undone


class Whole(Struct, frozen=True, kw_only=True):
    """An operation with what it keeps, but for its files."""

    id: int
    kind: str
    summary: str
    before: dict[str, Any]
    after: dict[str, Any]
    form: int | None
    part_of: int | None
    undone_by: int | None


class ChangedFile(Struct, frozen=True, kw_only=True):
    operation_id: int
    file_id: int
    version_before: int
    version_after: int | None
    before: dict[str, Any]


class Later(Struct, frozen=True):
    operation_id: int
    summary: str
    version_after: int | None


class OperationFilter(Struct, frozen=True, kw_only=True):
    """Which operations; everything that is given must hold."""

    kind: str | None = None
    file_id: int | None = None
    undone: bool | None = None
    parts: bool = False
    """Also those that were done with another one, and are taken back with it."""


async def operations_page(
    session: AsyncSession, which: OperationFilter, *, cursor: str | None, limit: int
) -> Page[OperationShown]:
    """One page of operations, the latest first."""
    conditions: list[ColumnElement[bool]] = [] if which.parts else [Operation.part_of.is_(None)]
    if which.kind is not None:
        conditions.append(Operation.kind == which.kind)
    if which.file_id is not None:
        of_file = select(OperationFile.operation_id).where(OperationFile.file_id == which.file_id)
        moved = select(Organizing.operation_id).join(OrganizingStep, OrganizingStep.organizing_id == Organizing.id)
        moved = moved.where(OrganizingStep.file_id == which.file_id, OrganizingStep.done)
        conditions.append(or_(Operation.id.in_(of_file), Operation.id.in_(moved)))
    if which.undone is not None:
        conditions.append(Operation.undone_by.is_not(None) if which.undone else Operation.undone_by.is_(None))
    if cursor is not None:
        (last,) = decode_cursor(cursor, int)
        conditions.append(Operation.id < last)
    found = await _shown(session, conditions, limit + 1)
    return page_of(found, limit, lambda each: (each.id,))


async def operation_shown(session: AsyncSession, operation_id: int) -> OperationShown | None:
    found = await _shown(session, [Operation.id == operation_id], 1)
    return found[0] if found else None


async def parts_shown(session: AsyncSession, operation_id: int) -> list[OperationShown]:
    return list(reversed(await _shown(session, [Operation.part_of == operation_id], 100)))


async def _shown(session: AsyncSession, conditions: Sequence[ColumnElement[bool]], limit: int) -> list[OperationShown]:
    names = ("id", "at", "actor", "kind", "summary", "part_of", "undone_by")
    query = select(*(getattr(Operation, name) for name in names), Operation.form).where(*conditions)
    rows: Sequence[Any] = (await session.execute(query.order_by(Operation.id.desc()).limit(limit))).all()
    ids = [row.id for row in rows]
    files = select(OperationFile.operation_id, func.count()).where(OperationFile.operation_id.in_(ids))
    counts = dict((await session.execute(files.group_by(OperationFile.operation_id))).all())
    organizings = await _organizings(session, [row.id for row in rows if row.kind == ORGANIZE])
    moved = await _moved(session, list(organizings.values()))
    return [
        OperationShown(
            **{name: getattr(row, name) for name in names},
            files=counts.get(row.id, 0) + moved.get(organizings.get(row.id), 0),
            organizing_id=organizings.get(row.id),
            can_be_undone=row.undone_by is None and can_be_undone(row.kind, row.form),
        )
        for row in rows
    ]


async def _organizings(session: AsyncSession, operation_ids: Sequence[int]) -> dict[int, int]:
    """By operation, the organizing that it was."""
    if not operation_ids:
        return {}
    query = select(Operation.id, Operation.before).where(Operation.id.in_(operation_ids))
    return {operation_id: before["organizing_id"] for operation_id, before in await session.execute(query)}


async def _moved(session: AsyncSession, organizing_ids: Sequence[int]) -> dict[int | None, int]:
    """How many media files these moved, linked or copied; what went to the trash for them is not counted."""
    if not organizing_ids:
        return {}
    query = (
        select(OrganizingStep.organizing_id, func.count())
        .where(
            OrganizingStep.organizing_id.in_(organizing_ids),
            OrganizingStep.role == MoveRole.MEDIA,
            OrganizingStep.done,
            or_(OrganizingStep.way.is_(None), OrganizingStep.way != Way.TRASH.value),
        )
        .group_by(OrganizingStep.organizing_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def files_before(session: AsyncSession, operation_id: int, limit: int) -> list[FileBefore]:
    """What the files of an operation were before it, the first ones by id."""
    kept = OperationFile
    query = (
        select(kept.file_id, kept.version_before, kept.version_after, kept.before, Folder.path, MediaFile.name)
        .outerjoin(MediaFile, MediaFile.id == kept.file_id)
        .outerjoin(Folder, Folder.id == MediaFile.folder_id)
        .where(kept.operation_id == operation_id)
        .order_by(kept.file_id)
        .limit(limit)
    )
    rows: Sequence[Any] = (await session.execute(query)).all()
    titles = await titles_of(session, {row.before["media_item_id"] for row in rows} - {None})
    return [
        FileBefore(
            file_id=row.file_id,
            path=shown(joined(row.path, row.name)) if row.name is not None else None,
            identification=row.before["identification"],
            item_id=row.before["media_item_id"],
            title=titles.get(row.before["media_item_id"]),
            version_before=row.version_before,
            version_after=row.version_after,
        )
        for row in rows
    ]


async def titles_of(session: AsyncSession, item_ids: Collection[int]) -> dict[int | None, str]:
    query = select(MediaItem.id, MediaItem.title).where(MediaItem.id.in_(item_ids))
    return {row[0]: row[1] for row in await session.execute(query)}


async def with_parts(session: AsyncSession, operation_id: int) -> list[Whole]:
    """An operation and what was done with it, in their order, locked until the transaction ends; empty where there is none."""
    query = (
        select(*(getattr(Operation, name) for name in Whole.__struct_fields__))
        .where(or_(Operation.id == operation_id, Operation.part_of == operation_id))
        .order_by(Operation.id)
        .with_for_update()
    )
    return [Whole(**row) for row in (await session.execute(query)).mappings()]


async def organizing_of(session: AsyncSession, operation_id: int) -> int | None:
    """The organizing that this operation was, if it moved files."""
    query = select(Operation.before).where(Operation.id == operation_id, Operation.kind == ORGANIZE)
    before = (await session.execute(query)).scalar_one_or_none()
    return before["organizing_id"] if before is not None else None


async def changed_files(session: AsyncSession, operation_ids: Sequence[int]) -> list[ChangedFile]:
    """The files of these operations, in the order of the operations."""
    columns = (getattr(OperationFile, name) for name in ChangedFile.__struct_fields__)
    query = select(*columns).where(OperationFile.operation_id.in_(operation_ids))
    ordered = query.order_by(OperationFile.operation_id, OperationFile.file_id)
    return [ChangedFile(**row) for row in (await session.execute(ordered)).mappings()]


async def given_back(session: AsyncSession, operation_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """By file, for those of these operations: which of their versions is the same as which former one, because an operation
    was taken back."""
    again = OperationFile
    theirs = select(again.file_id).where(again.operation_id.in_(operation_ids))
    query = select(again.file_id, again.version_after, again.same_as).where(
        again.file_id.in_(theirs), again.same_as.is_not(None), again.version_after.is_not(None)
    )
    found: dict[int, dict[int, int]] = {}
    for file_id, version, same_as in await session.execute(query):
        found.setdefault(file_id, {})[version or 0] = same_as or 0
    return found


async def later_operations(session: AsyncSession, file_ids: Sequence[int], after: int) -> dict[int, Later]:
    """By file, the last operation since `after` that changed it and was not taken back; those without any are left out."""
    query = (
        select(OperationFile.file_id, Operation.id, Operation.summary, OperationFile.version_after)
        .join(Operation, Operation.id == OperationFile.operation_id)
        .where(
            OperationFile.file_id.in_(file_ids),
            Operation.id > after,
            and_(Operation.undone_by.is_(None), Operation.kind != "undo"),
        )
        .order_by(Operation.id)
    )
    return {row[0]: Later(*row[1:]) for row in await session.execute(query)}


class Named(NamedTuple):
    """A file that lies where an organizing put it, which was not taken back."""

    file_id: int
    path: str
    organizing_id: int
    operation_id: int
    answer_id: int | None = None
    """Of a file that was matched by a remembered answer."""

    @property
    def why(self) -> str:
        return (
            f"organizing {self.organizing_id} gave it a name by what it is taken for, which would tell that on: take operation "
            f"{self.operation_id} back first"
        )


async def named_since(session: AsyncSession, operation_ids: Sequence[int], after: int) -> dict[int, Named]:
    """Of the files of these operations, those that an organizing since `after` put where they lie now."""
    theirs = select(OperationFile.file_id).where(OperationFile.operation_id.in_(operation_ids))
    rows = (await session.execute(_named(after).where(OrganizingStep.file_id.in_(theirs)))).all()
    return {row[0]: _as_named(row) for row in rows if row[1] == joined(row[4], row[5])}


async def followers_named(session: AsyncSession, answer_ids: Sequence[int], after: int) -> list[Named]:
    """The same of files that identification matched by these remembered answers."""
    if not answer_ids:
        return []
    query = (
        _named(after)
        .add_columns(MediaFileDecision.remembered_answer_id)
        .join(MediaFileDecision, MediaFileDecision.file_id == MediaFile.id)
        .where(
            MediaFileDecision.remembered_answer_id.in_(answer_ids),
            MediaFile.identification == Identification.MATCHED,
        )
    )
    rows = (await session.execute(query)).all()
    found = {row[0]: _as_named(row, row[6]) for row in rows if row[1] == joined(row[4], row[5])}
    return list(found.values())


def _named(after: int) -> Select[*tuple[Any, ...]]:
    """The latest last. What an organizing was taken back in part says nothing of the files that were not moved back."""
    back, step = aliased(Organizing), aliased(OrganizingStep)
    moved_back = exists().where(
        back.undo_of == Organizing.id,
        step.organizing_id == back.id,
        step.file_id == OrganizingStep.file_id,
        step.done,
    )
    return (
        select(OrganizingStep.file_id, OrganizingStep.target, Organizing.id, Operation.id, Folder.path, MediaFile.name)
        .join(Organizing, Organizing.id == OrganizingStep.organizing_id)
        .join(Operation, Operation.id == Organizing.operation_id)
        .join(MediaFile, MediaFile.id == OrganizingStep.file_id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .where(
            OrganizingStep.done,
            Organizing.kind == OrganizingKind.RENAME,
            Organizing.library_id == MediaFile.library_id,
            Operation.id > after,
            or_(Operation.undone_by.is_(None), ~moved_back),
        )
        .order_by(Operation.id)
    )


def _as_named(row: Any, answer_id: int | None = None) -> Named:
    return Named(row[0], shown(joined(row[4], row[5])), row[2], row[3], answer_id)


async def superseded_by(session: AsyncSession, answer_ids: Collection[int], after: int) -> dict[int, int]:
    """By remembered answer, the operation since `after` that replaced it by a later one."""
    query = select(Operation.id, Operation.part_of, Operation.after).where(
        Operation.kind == "remember", Operation.id > after, Operation.undone_by.is_(None)
    )
    found: dict[int, int] = {}
    for operation_id, part_of, made in await session.execute(query.order_by(Operation.id)):
        for answer_id in made.get("answers", {}).get("superseded", ()):
            if answer_id in answer_ids:
                found[answer_id] = part_of or operation_id
    return found
