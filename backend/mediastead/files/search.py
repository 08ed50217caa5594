"""Finding files by words and their beginnings, in their names or in the paths of their folders.

The indexes hold `search_text` (`db.text.folded`) and are made by the migrations: FTS5 tables `media_file_search` and
`folder_search` on SQLite, GIN over `to_tsvector('simple', search_text)` on PostgreSQL.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, column, func, or_, select, table, text, union
from sqlalchemy.orm import InstrumentedAttribute

from ..db.text import folded
from .models import Folder, MediaFile

MOST_WORDS = 12
"""Further words of a search are left out."""

FILE_SEARCH = table("media_file_search", column("rowid"), column("media_file_search"))
FOLDER_SEARCH = table("folder_search", column("rowid"), column("folder_search"))


def words_of(asked: str) -> list[str]:
    """The words of a search, as `search_text` holds them."""
    return folded(asked).split()[:MOST_WORDS]


def says(word: str, dialect: str, *, walking: bool = False) -> ColumnElement[bool]:
    """Files of which the name, or the path of the folder, has a word that begins with `word` (folded).

    `walking`: the files are walked in some order, so this is a test of each and no way to find them.
    """
    by_name = _ids(word, dialect, MediaFile.id, MediaFile.search_text, FILE_SEARCH)
    folders = _ids(word, dialect, Folder.id, Folder.search_text, FOLDER_SEARCH)
    if walking:
        # "+ 0" keeps SQLite from finding the files by it after all, and then having to sort them.
        in_name = (MediaFile.id + 0).in_(by_name) if dialect == "sqlite" else _matches(word, MediaFile.search_text)
        return or_(in_name, (MediaFile.folder_id + 0).in_(folders))
    if dialect == "sqlite":
        return or_(MediaFile.id.in_(by_name), MediaFile.folder_id.in_(folders))
    # A union of ids, since with an OR PostgreSQL uses neither index.
    by_folder = select(MediaFile.id).where(MediaFile.folder_id.in_(folders))
    return MediaFile.id.in_(union(by_name, by_folder))


def _ids(
    word: str, dialect: str, id: InstrumentedAttribute[int], searched: InstrumentedAttribute[str], index: Any
) -> Select[int]:
    if dialect == "sqlite":
        rowid: ColumnElement[int] = index.c.rowid
        return select(rowid).where(index.c[index.name].op("MATCH")(f'"{word}"*'))
    return select(id).where(_matches(word, searched))


def _matches(word: str, searched: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    simple = text("'simple'")
    return func.to_tsvector(simple, searched).op("@@", is_comparison=True)(func.to_tsquery(simple, f"{word}:*"))
