"""The list of items: filtered, sorted, and cut into pages by the values of the last row."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, String, cast, exists, func, intersect, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import MediaItem
from ..catalog.types import ItemType
from ..files.models import MediaFile
from ..files.search import ITEM_SEARCH, ids_with, words_of
from ..http.paging import Page, decode_cursor, page_of
from .queries import is_doubled, is_missing

FEW = 2000
"""Items with files in a library: so many are found by their files, and sorted; more are met on a walk along the sort's index."""


class ItemSort(StrEnum):
    """By what items are sorted; those that are equal by their ids."""

    TITLE = "title"
    ADDED = "added"
    YEAR = "year"


class ItemFilter(Struct, frozen=True, kw_only=True):
    """Which items; everything that is given must hold."""

    type: ItemType | None = None
    library_id: int | None = None
    """With a file in this library."""
    words: str | None = None
    """Each must begin a word of one of the titles."""
    missing: bool | None = None
    """Whether a film has no feature file that is there, or a series lacks an aired episode."""
    doubled: bool | None = None
    """Whether a film has several versions that are there, or an episode several files."""
    gone: bool | None = None
    """Whether the provider no longer has it."""


async def items_page(
    session: AsyncSession,
    which: ItemFilter,
    today: date,
    *,
    sort: ItemSort,
    descending: bool,
    cursor: str | None,
    limit: int,
    few: int = FEW,
) -> Page[int]:
    """The ids of one page of items. Items without a year are sorted as if theirs were 0."""
    value = {
        ItemSort.TITLE: MediaItem.sort_key,
        ItemSort.ADDED: MediaItem.id,
        ItemSort.YEAR: func.coalesce(MediaItem.year, 0),
    }
    columns: tuple[Any, ...] = (value[sort], MediaItem.id)
    query = select(MediaItem.id, value[sort].label("value")).where(*_conditions(which, today))
    if which.type is not None:
        # By the index of types only where that holds the order too: sorting is quicker along the table than by any index.
        type_is = MediaItem.type == which.type
        query = query.where(type_is if sort is ItemSort.TITLE else cast(MediaItem.type, String) == which.type.value)
    if which.library_id is not None:
        query = query.where(await _has_file_in(session, which.library_id, few))
    query = query.where(*await _says(session, words_of(which.words or ""), few))
    if cursor is not None:
        last = decode_cursor(cursor, str if sort is ItemSort.TITLE else int, int)
        query = query.where(tuple_(*columns) < last if descending else tuple_(*columns) > last)
    query = query.order_by(*(column.desc() if descending else column for column in columns)).limit(limit + 1)
    rows = (await session.execute(query)).all()
    page = page_of(rows, limit, lambda row: (row[1], row[0]))
    return Page([row[0] for row in page.items], page.next)


async def _has_file_in(session: AsyncSession, library_id: int, few: int) -> ColumnElement[bool]:
    """Items with a file in a library. Where those are few, a walk along the sort's index would pass all others."""
    held = select(MediaFile.media_item_id).where(
        MediaFile.library_id == library_id, MediaFile.media_item_id.is_not(None), ~MediaFile.hidden
    )
    ids = (await session.execute(held.distinct().limit(few + 1))).scalars().all()
    if len(ids) <= few:
        return MediaItem.id.in_(ids)
    # "+ 0" keeps SQLite from going through all files of the library for each item.
    return exists().where(
        MediaFile.media_item_id == MediaItem.id, MediaFile.library_id + 0 == library_id, ~MediaFile.hidden
    )


async def _says(session: AsyncSession, words: Sequence[str], few: int) -> list[ColumnElement[bool]]:
    """Items that have all of these words in their titles: found by them where they are few, else tested one by one."""
    if not words:
        return []
    dialect = session.get_bind().dialect.name
    with_each = [ids_with(word, dialect, MediaItem.id, MediaItem.search_text, ITEM_SEARCH) for word in words]
    ids = (await session.execute(intersect(*with_each).limit(few + 1))).scalars().all()
    if len(ids) <= few:
        return [MediaItem.id.in_(ids)]
    spaced = literal(" ").concat(MediaItem.search_text)
    return [spaced.contains(f" {word}", autoescape=True) for word in words]


def _conditions(which: ItemFilter, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if which.missing is not None:
        gap = is_missing(today)
        conditions.append(gap if which.missing else ~gap)
    if which.doubled is not None:
        conditions.append(is_doubled() if which.doubled else ~is_doubled())
    if which.gone is not None:
        gone = select(MediaItem.id).where(MediaItem.gone_since.is_not(None))
        conditions.append(MediaItem.id.in_(gone) if which.gone else MediaItem.gone_since.is_(None))
    return conditions
