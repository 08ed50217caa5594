"""The long lists of files: filtered, sorted, and cut into pages by the values of the last row.

A page takes two statements. The first walks one index and gives the ids, joined to nothing that no filter needs; the second
gives everything that is shown (`shown.py`), for those ids only. As one statement, SQLite was seen to begin with the smallest
table and to sort a million rows.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeAlias

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from ..http.paging import Page, decode_cursor, page_of
from ..libraries.models import Library
from .contents import ContentFilter, are_many, holds
from .duplicates import same_content
from .models import Folder, MediaFile, MediaFileState
from .queries import within
from .schemas import FileShown, ProviderWait
from .search import FoundBy, found_by, says, words_of
from .shown import files_shown
from .types import Identification, Presence, Role

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


FEW = 5000
"""Files of which the sort values are read and sorted here, rather than found along the index of the sort."""


class FileSort(StrEnum):
    """By what files are sorted; those that are equal by their ids."""

    NAME = "name"
    ADDED = "added"
    SIZE = "size"


class FileFilter(Struct, frozen=True, kw_only=True):
    """Which files; everything that is given must hold."""

    library_id: int | None = None
    folder_id: int | None = None
    """With everything beneath it."""
    identification: Identification | None = None
    presence: Presence | None = None
    role: Role | None = None
    item_id: int | None = None
    content: ContentFilter | None = None
    rotted: bool | None = None
    """True: of which the content is no longer what it was, though nobody changed it."""
    doubted: bool | None = None
    """True: of which the content, since it was replaced, hardly is what the file is taken for."""
    words: str | None = None
    """Each must begin a word of the file's name or of its folder's path."""


async def files_page(
    session: AsyncSession,
    which: FileFilter,
    *,
    sort: FileSort = FileSort.NAME,
    descending: bool = False,
    cursor: str | None = None,
    limit: int = 50,
    provider: ProviderWait | None = None,
    decisions: bool = False,
    few: int = FEW,
) -> Page[FileShown]:
    """One page of the files that are not forgotten. `provider` is what pending files wait for now."""
    last = _decoded(cursor, sort)
    found = await found_by(session, words_of(which.words or ""), few)
    rows = await _few(session, which, sort, few, found) if await _may_leave_few(session, which, sort, found) else None
    if rows is None:
        rows = await _walked(session, which, sort, descending, last, limit + 1)
    else:
        ordered = sorted(rows, key=_sort_key, reverse=descending)
        behind = [row for row in ordered if last is None or _is_behind(_sort_key(row), last, descending)]
        rows = behind[: limit + 1]
    page = page_of(rows, limit, _sort_key)
    ids = [row[0] for row in page.items]
    by_id = {file.id: file for file in await files_shown(session, ids, provider=provider, decisions=decisions)}
    if which.content is not None and which.content.duplicates:
        for file_id, twins in (await same_content(session, ids)).items():
            by_id[file_id].duplicate = "certainly" if "certainly" in twins.values() else "probably"
    # One that was removed between the two statements is left out.
    return Page([by_id[file_id] for file_id in ids if file_id in by_id], page.next)


def _sort_columns(sort: FileSort) -> tuple[Any, ...]:
    match sort:
        case FileSort.NAME:
            return MediaFile.search_text, MediaFile.id
        case FileSort.SIZE:
            return MediaFileState.size, MediaFileState.file_id
        case FileSort.ADDED:
            return (MediaFile.id,)  # ids only ever go up


def _sort_key(row: Sequence[Any]) -> tuple[Any, ...]:
    """Of a row of (id, further sort value): as both databases compare, since text is compared by code point."""
    return (*row[1:], row[0])


def _decoded(cursor: str | None, sort: FileSort) -> tuple[Any, ...] | None:
    kinds: dict[FileSort, tuple[Any, ...]] = {
        FileSort.NAME: (str, int),
        FileSort.SIZE: (int, int),
        FileSort.ADDED: (int,),
    }
    return decode_cursor(cursor, *kinds[sort]) if cursor is not None else None


def _is_behind(key: tuple[Any, ...], last: tuple[Any, ...], descending: bool) -> bool:
    return key < last if descending else key > last


async def _may_leave_few(session: AsyncSession, which: FileFilter, sort: FileSort, found: FoundBy | None) -> bool:
    """Not where an index holds both what is asked for and the order: then a walk meets nothing else. Nor where it is known
    already that there are many."""
    given = [name for name in FileFilter.__struct_fields__ if getattr(which, name) is not None]
    indexed = sort is not FileSort.SIZE and given in ([], ["library_id"], ["identification"], ["role"])
    if given == ["content"] and which.content is not None and await are_many(session, which.content):
        return False
    if given == ["presence"] and which.presence is Presence.MISSING:
        missing = select(MediaFileState.file_id).where(_is_missing()).limit(FEW + 1).subquery()
        return (await session.execute(select(func.count()).select_from(missing))).scalar_one() <= FEW
    if given == ["words"]:
        return found is not None
    return bool(given) and not indexed


async def _matching(
    session: AsyncSession, which: FileFilter, sort: FileSort, *, walking: bool, found: FoundBy | None = None
) -> AnySelect:
    """Ids and sort values of the files that are asked for."""
    by_size = walking and sort is FileSort.SIZE
    state = MediaFileState
    dialect = session.get_bind().dialect.name
    conditions = await _conditions(session, which, walking=walking)
    if found is not None:
        conditions.append(MediaFile.id.in_(found.ids))
    conditions.extend(says(word, dialect) for word in (found.left if found else words_of(which.words or "")))
    if which.presence is not None:
        conditions.append(await _has_presence(session, which.presence, by_size=by_size, walking=walking))
    if by_size:
        # The file is looked up for each state on the way along the index of sizes. For a join, PostgreSQL would rather go through
        # all files that may fit, and SQLite sort those of a library.
        fits = select(literal(1)).where(MediaFile.id == state.file_id, ~MediaFile.hidden, *conditions).correlate(state)
        return select(state.file_id, state.size).where(fits.scalar_subquery().is_not(None))
    columns = (_of_state(state.size),) if sort is FileSort.SIZE else _sort_columns(sort)[:-1]
    return select(MediaFile.id, *columns).where(~MediaFile.hidden, *conditions)


async def _few(
    session: AsyncSession, which: FileFilter, sort: FileSort, most: int, found: FoundBy | None
) -> Sequence[Any] | None:
    """All rows, where a filter leaves no more than `most`; None where it leaves more.

    To walk the index of the sort for a handful of files would be to pass all others. Where there are many, on the other
    hand, it passes few before a page is full, while sorting them would take seconds.
    """
    query = await _matching(session, which, sort, walking=False, found=found)
    rows = (await session.execute(query.limit(most + 1))).all()
    return rows if len(rows) <= most else None


async def _walked(
    session: AsyncSession,
    which: FileFilter,
    sort: FileSort,
    descending: bool,
    last: tuple[Any, ...] | None,
    most: int,
) -> Sequence[Any]:
    columns = _sort_columns(sort)
    query = await _matching(session, which, sort, walking=True)
    if last is not None:
        here = tuple_(*columns)
        query = query.where(here < last if descending else here > last)
    query = query.order_by(*(column.desc() if descending else column for column in columns))
    return (await session.execute(query.limit(most))).all()


async def _conditions(session: AsyncSession, which: FileFilter, *, walking: bool) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if which.library_id is not None:
        conditions.append(MediaFile.library_id == which.library_id)
    if which.identification is not None:
        conditions.append(MediaFile.identification == which.identification)
    if which.role is not None:
        conditions.append(MediaFile.role == which.role)
    if which.item_id is not None:
        conditions.append(MediaFile.media_item_id == which.item_id)
    if which.folder_id is not None:
        conditions.append(await beneath_folder(session, which.folder_id))
    if which.rotted:
        rotted = select(MediaFileState.file_id).where(MediaFileState.rotted_at.is_not(None))
        conditions.append(MediaFile.id.in_(rotted))
    if which.doubted:
        doubted = select(MediaFileState.file_id).where(MediaFileState.doubted_at.is_not(None))
        conditions.append(MediaFile.id.in_(doubted))
    if which.content is not None:
        conditions += await holds(session, which.content, walking=walking)
    return conditions


async def beneath_folder(session: AsyncSession, folder_id: int) -> ColumnElement[bool]:
    """Files in this folder or beneath it."""
    query = select(Folder.library_id, Folder.path).where(Folder.id == folder_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return false()
    library_id, path = row
    if not path:
        return MediaFile.library_id == library_id
    return MediaFile.folder_id.in_(select(Folder.id).where(within(library_id, path)))


def _of_state(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """Looked up for each file."""
    return select(column).where(MediaFileState.file_id == MediaFile.id).scalar_subquery()


def _is_missing() -> ColumnElement[bool]:
    # Written out: with a parameter SQLite does not see that its index of missing files fits.
    return MediaFileState.presence == literal_column("'missing'", String)


async def _has_presence(
    session: AsyncSession, presence: Presence, *, by_size: bool, walking: bool
) -> ColumnElement[bool]:
    """Whether files are there, with `unknown` for what is stored as present but cannot be looked at now.

    `by_size`: their states are walked; else the state of each is looked up, but for the missing ones where they are to be found.
    """
    if presence is Presence.MISSING and not walking:
        return MediaFile.id.in_(select(MediaFileState.file_id).where(_is_missing()))
    is_stored = MediaFileState.presence if by_size else _of_state(MediaFileState.presence)
    if presence is Presence.MISSING:
        return is_stored == Presence.MISSING
    # Mostly nothing is out of reach; to know that beforehand saves the walk through all files for an empty answer.
    libraries = list(
        (await session.execute(select(Library.id).where(Library.unavailable_since.is_not(None)))).scalars()
    )
    gap = select(Folder.id).where(Folder.gap_since.is_not(None))
    gaps = (await session.execute(gap.limit(1))).first() is not None
    out_of_reach: ColumnElement[bool] = or_(
        MediaFile.library_id.in_(libraries) if libraries else false(),
        MediaFile.folder_id.in_(gap) if gaps else false(),
    )
    stored = is_stored == Presence.PRESENT
    if presence is Presence.UNKNOWN:
        return and_(stored, out_of_reach)
    return and_(stored, ~out_of_reach if libraries or gaps else true())
