"""Finding files by words and their beginnings, in their names or in the paths of their folders.

The indexes hold `search_text` (`db.text.folded`) and are made by the migrations: FTS5 tables `media_file_search`,
`folder_search` and `media_item_search` on SQLite, GIN over `to_tsvector('simple', search_text)` on PostgreSQL.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    column,
    func,
    intersect,
    literal,
    or_,
    select,
    table,
    text,
    union,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from ..db.text import folded
from .models import Folder, MediaFile

MOST_WORDS = 12
"""Further words of a search are left out."""

COMMON = 50_000
"""Files. A word that more have is no way to find some of them, but a test of each."""

FILE_SEARCH = table("media_file_search", column("rowid"), column("media_file_search"))
ITEM_SEARCH = table("media_item_search", column("rowid"), column("media_item_search"))
FOLDER_SEARCH = table("folder_search", column("rowid"), column("folder_search"))


def words_of(asked: str) -> list[str]:
    """The words of a search, as `search_text` holds them."""
    return folded(asked).split()[:MOST_WORDS]


def says(word: str, dialect: str) -> ColumnElement[bool]:
    """Files of which the name, or the path of the folder, has a word that begins with `word` (folded): a test of each file, and
    no way to find them."""
    in_name = literal(" ").concat(MediaFile.search_text).contains(f" {word}", autoescape=True)
    folders = ids_with(word, dialect, Folder.id, Folder.search_text, FOLDER_SEARCH)
    # "+ 0" keeps SQLite from finding the files by their folders after all, and then having to sort them.
    return or_(in_name, (MediaFile.folder_id + 0).in_(folders))


async def said_by(session: AsyncSession, words: Sequence[str]) -> list[ColumnElement[bool]]:
    """Conditions for files that say all of these words, where some few of all files are asked about anyway."""
    dialect = session.get_bind().dialect.name
    return [
        MediaFile.id.in_(select(_saying(word, dialect).subquery().c.id))
        if await _count_with(session, word) <= COMMON
        else says(word, dialect)
        for word in words
    ]


class FoundBy(NamedTuple):
    ids: Sequence[int]
    left: list[str]
    """Words that so many files say that these were not found by them: each is to be tested for them."""


async def found_by(session: AsyncSession, words: Sequence[str], most: int) -> FoundBy | None:
    """Files by words. None where more than `most` say them: then each file is to be tested, on a walk along some order that
    meets one soon."""
    dialect = session.get_bind().dialect.name
    telling = [word for word in words if await _count_with(session, word) <= COMMON]
    if not telling:
        return None
    said = [_saying(word, dialect).subquery() for word in telling]
    every = intersect(*(select(each.c.id) for each in said)).limit(most + 1)
    ids = (await session.execute(every)).scalars().all()
    return FoundBy(ids, [word for word in words if word not in telling]) if len(ids) <= most else None


def _saying(word: str, dialect: str) -> CompoundSelect[int]:
    """A union of ids, since with an OR PostgreSQL uses neither index."""
    by_name = ids_with(word, dialect, MediaFile.id, MediaFile.search_text, FILE_SEARCH)
    folders = ids_with(word, dialect, Folder.id, Folder.search_text, FOLDER_SEARCH)
    by_folder = select(MediaFile.id).where(MediaFile.folder_id.in_(folders))
    return union(select(by_name.subquery().c[0].label("id")), by_folder)


async def _count_with(session: AsyncSession, word: str) -> int:
    """How many files say it in their names, up to one more than `COMMON`."""
    if session.get_bind().dialect.name == "sqlite":
        some = ids_with(word, "sqlite", MediaFile.id, MediaFile.search_text, FILE_SEARCH).limit(COMMON + 1)
        return (await session.execute(select(func.count()).select_from(some.subquery()))).scalar_one()
    # To count would be to read them; what PostgreSQL estimates for its plans is enough.
    query = text(
        "EXPLAIN (FORMAT JSON) SELECT 1 FROM media_file WHERE to_tsvector('simple', search_text) @@ to_tsquery('simple', :word)"
    )
    plan: Any = (await session.execute(query, {"word": f"{word}:*"})).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])


def ids_with(
    word: str, dialect: str, id: InstrumentedAttribute[int], searched: InstrumentedAttribute[str], index: Any
) -> Select[int]:
    """The rows of a table of which `searched` has a word that begins with `word`, by its index."""
    if dialect == "sqlite":
        rowid: ColumnElement[int] = index.c.rowid
        return select(rowid).where(index.c[index.name].op("MATCH")(f'"{word}"*'))
    return select(id).where(_matches(word, searched))


def _matches(word: str, searched: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    simple = text("'simple'")
    return func.to_tsvector(simple, searched).op("@@", is_comparison=True)(func.to_tsquery(simple, f"{word}:*"))
