"""The lists of the queue: questions, groups of questions that one answer could settle, and the counts of both."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from ..files.listing import beneath_folder
from ..files.models import Folder, MediaFile, MediaFileState
from ..files.paths import joined
from ..files.search import said_by, words_of
from ..files.types import Identification, Presence, Resolution, UnmatchedReason
from ..http.paging import Page, decode_cursor, page_of
from ..libraries.models import Library
from .models import UnmatchedFile
from .schemas import GroupFile, LibraryCount, Question, QuestionStatus

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


class QuestionFilter(Struct, frozen=True, kw_only=True):
    """Which questions; everything that is given must hold."""

    status: QuestionStatus = QuestionStatus.OPEN
    reason: UnmatchedReason | None = None
    library_id: int | None = None
    folder_id: int | None = None
    """With everything beneath it."""
    words: str | None = None
    group: str | None = None


async def questions_page(
    session: AsyncSession, which: QuestionFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[Question]:
    """One page of questions, the oldest first. Those about files that a person had forgotten are left out."""
    query = select(UnmatchedFile.id).join(MediaFile, MediaFile.id == UnmatchedFile.file_id)
    query = query.where(*await _conditions(session, which))
    if cursor is not None:
        (last,) = decode_cursor(cursor, int)
        query = query.where(UnmatchedFile.id > last)
    rows = (await session.execute(query.order_by(UnmatchedFile.id).limit(limit + 1))).scalars().all()
    page = page_of(rows, limit, lambda question_id: (question_id,))
    return Page(await questions_shown(session, page.items), page.next)


async def questions_shown(session: AsyncSession, question_ids: Sequence[int]) -> list[Question]:
    """These questions, in order of their ids; ids that do not exist are left out."""
    query = (
        select(
            UnmatchedFile.id,
            UnmatchedFile.file_id,
            Library.name.label("library"),
            MediaFile.library_id,
            Folder.path,
            MediaFile.name,
            MediaFileState.presence,
            or_(Library.unavailable_since.is_not(None), Folder.gap_since.is_not(None)).label("out_of_reach"),
            MediaFile.identification,
            UnmatchedFile.reason,
            UnmatchedFile.would_match_if,
            UnmatchedFile.group_key,
            UnmatchedFile.proposed,
            UnmatchedFile.ready,
            UnmatchedFile.found_at,
            UnmatchedFile.refreshed_at,
            UnmatchedFile.resolution,
            UnmatchedFile.resolved_by,
            UnmatchedFile.resolved_at,
        )
        .join(MediaFile, MediaFile.id == UnmatchedFile.file_id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(UnmatchedFile.id.in_(question_ids))
        .order_by(UnmatchedFile.id)
    )
    return [_question(row) for row in (await session.execute(query)).all()]


def _question(row: Any) -> Question:
    lost = row.presence is Presence.PRESENT and row.out_of_reach
    return Question(
        id=row.id,
        file_id=row.file_id,
        library=row.library,
        library_id=row.library_id,
        path=path_of(row.path, row.name),
        presence=Presence.UNKNOWN if lost else row.presence,
        status=QuestionStatus(row.resolution.value) if row.resolution else QuestionStatus.OPEN,
        refreshing=row.resolution is None and row.identification is Identification.PENDING,
        reason=row.reason,
        would_match_if=row.would_match_if,
        group=row.group_key.partition(" ")[0],
        proposed=row.proposed,
        ready=bool(row.ready),
        found_at=row.found_at,
        refreshed_at=row.refreshed_at,
        resolved_by=row.resolved_by,
        resolved_at=row.resolved_at,
    )


def path_of(folder: bytes, name: bytes) -> str:
    """Relative to the library, for people; lossy."""
    return shown(joined(folder, name))


class GroupCount(Struct, frozen=True):
    key: str
    count: int
    ready: int
    """Of which the proposal is whole."""


async def groups_page(
    session: AsyncSession, which: QuestionFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[GroupCount]:
    """One page of the groups of open questions, those with most questions first."""
    count = func.count()
    query = select(UnmatchedFile.group_key, count, func.count().filter(UnmatchedFile.ready.is_(True)))
    if _asks_for_files(which):
        query = query.join(MediaFile, MediaFile.id == UnmatchedFile.file_id)
        query = query.where(*await _conditions(session, which))
    else:
        # The few forgotten files are left out by a list of them: to look at the file of each question takes most of the time.
        forgotten = select(MediaFile.id).where(MediaFile.hidden)
        query = query.where(*_conditions_of_questions(which), UnmatchedFile.file_id.not_in(forgotten))
    query = query.group_by(UnmatchedFile.group_key).order_by(count.desc(), UnmatchedFile.group_key).limit(limit + 1)
    if cursor is not None:
        last, key = decode_cursor(cursor, int, str)
        query = query.having(or_(count < last, and_(count == last, UnmatchedFile.group_key > key)))
    groups = [GroupCount(*row) for row in (await session.execute(query))]
    return page_of(groups, limit, lambda group: (group.count, group.key))


async def files_of_groups(
    session: AsyncSession, which: QuestionFilter, keys: Sequence[str], most: int
) -> dict[str, list[GroupFile]]:
    """Up to `most` files of each group, in the order of their paths."""
    place = func.row_number().over(partition_by=UnmatchedFile.group_key, order_by=(Folder.path, MediaFile.name))
    ranked = (
        select(UnmatchedFile.id, UnmatchedFile.group_key, Folder.path, MediaFile.name, place.label("place"))
        .join(MediaFile, MediaFile.id == UnmatchedFile.file_id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .where(UnmatchedFile.group_key.in_(keys), *await _conditions(session, which))
        .subquery()
    )
    proposed = UnmatchedFile.id, UnmatchedFile.file_id, UnmatchedFile.proposed
    query = (
        select(ranked.c.group_key, ranked.c.path, ranked.c.name, *proposed)
        .join(UnmatchedFile, UnmatchedFile.id == ranked.c.id)
        .where(ranked.c.place <= most)
        .order_by(ranked.c.group_key, ranked.c.place)
    )
    found: dict[str, list[GroupFile]] = {}
    for row in (await session.execute(query)).all():
        file = GroupFile(id=row.id, file_id=row.file_id, path=path_of(row.path, row.name), proposed=row.proposed)
        found.setdefault(row.group_key, []).append(file)
    return found


async def open_counts(session: AsyncSession) -> tuple[dict[str, int], list[LibraryCount]]:
    """Open questions by reason (all reasons), and by library (those with any, by name)."""
    query = (
        select(UnmatchedFile.reason, MediaFile.library_id, Library.name, func.count())
        .join(MediaFile, MediaFile.id == UnmatchedFile.file_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(UnmatchedFile.resolution.is_(None), ~MediaFile.hidden)
        .group_by(UnmatchedFile.reason, MediaFile.library_id, Library.name)
    )
    reasons = dict.fromkeys((reason.value for reason in UnmatchedReason), 0)
    libraries: dict[int, tuple[str, int]] = {}
    for reason, library_id, name, count in await session.execute(query):
        reasons[reason.value] += count
        libraries[library_id] = name, libraries.get(library_id, (name, 0))[1] + count
    counted = [LibraryCount(library_id=key, library=name, open=count) for key, (name, count) in libraries.items()]
    return reasons, sorted(counted, key=lambda each: (each.library, each.library_id))


async def status_counts(session: AsyncSession) -> dict[str, int]:
    """All questions that there ever were, by where they stand."""
    query = select(UnmatchedFile.resolution, func.count()).group_by(UnmatchedFile.resolution)
    counts = dict.fromkeys((status.value for status in QuestionStatus if status is not QuestionStatus.ALL), 0)
    for resolution, count in await session.execute(query):
        counts[resolution.value if resolution else QuestionStatus.OPEN.value] = count
    return counts


async def _conditions(session: AsyncSession, which: QuestionFilter) -> list[ColumnElement[bool]]:
    """For questions with their files."""
    conditions = [~MediaFile.hidden, *_conditions_of_questions(which)]
    if which.library_id is not None:
        conditions.append(MediaFile.library_id == which.library_id)
    if which.folder_id is not None:
        conditions.append(await beneath_folder(session, which.folder_id))
    conditions += await said_by(session, words_of(which.words or ""))
    return conditions


def _asks_for_files(which: QuestionFilter) -> bool:
    """Whether some of the filter can only be told by the files themselves."""
    return which.library_id is not None or which.folder_id is not None or bool(words_of(which.words or ""))


def _conditions_of_questions(which: QuestionFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if which.status is QuestionStatus.OPEN:
        conditions.append(UnmatchedFile.resolution.is_(None))
    elif which.status is not QuestionStatus.ALL:
        conditions.append(UnmatchedFile.resolution == Resolution(which.status))
    if which.reason is not None:
        conditions.append(UnmatchedFile.reason == which.reason)
    if which.group is not None:
        # The key begins with the group's id and a space; "!" is the character after the space.
        conditions.append(
            and_(UnmatchedFile.group_key > f"{which.group} ", UnmatchedFile.group_key < f"{which.group}!")
        )
    return conditions
