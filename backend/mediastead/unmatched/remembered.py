"""What is asked of the remembered answers: which one holds for a file, and their list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from msgspec import Struct, convert, structs
from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import MediaItem
from ..catalog.types import ItemType
from ..db.text import shown
from ..files.models import Folder, MediaFile
from ..files.paths import joined
from ..http.paging import Page, decode_cursor, page_of
from ..matching.recall import Kind, kind_of
from ..matching.renumbering import Renumbering
from ..parsing.folders import FolderUse, folder_of, season_of
from .models import RememberedAnswer
from .types import Holds

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


class Ground(Struct, frozen=True):
    """The folders in which an answer holds that is bound to a folder."""

    path: bytes
    beneath: bool
    """Whether also everything beneath that folder."""

    def covers(self, folder: bytes) -> bool:
        return folder == self.path or (self.beneath and folder.startswith(self.path + b"/"))


def ground_of(folder: bytes, key: bytes) -> Ground:
    """Where an answer holds for a file in this folder: there; for episodes also beneath the folder of their series.

    A folder that sorts (`TV`, `Downloads`) or the root is not a series' own, so only what lies in it is meant.
    """
    if kind_of(key) is not Kind.EPISODES:
        return Ground(folder, beneath=False)
    above, _, name = folder.rpartition(b"/")
    top = above if above and season_of(shown(name)) is not None else folder
    own = folder_of(shown(top.rpartition(b"/")[2])).use in (FolderUse.TITLE, FolderUse.SEASON)
    return Ground(top, beneath=own) if top and own else Ground(folder, beneath=False)


class Remembered(Struct, frozen=True, kw_only=True):
    """A remembered answer, as stored, with where it lies."""

    id: int
    library_id: int
    file_id: int | None
    title: str
    title_hash: bytes
    holds: Holds
    item_id: int
    numbering: dict[str, Any] | None
    by: str
    at: datetime
    revoked_by: str | None
    revoked_at: datetime | None
    type: ItemType
    tmdb_id: int | None
    name: str
    """The title of the item."""
    year: int | None
    folder: bytes | None
    """Where the file that it was given for lies now; None where that is unknown, or in another library by now."""
    file_name: bytes | None

    @property
    def ground(self) -> Ground | None:
        return ground_of(self.folder, self.title_hash) if self.folder is not None else None

    def covers(self, folder: bytes) -> bool:
        """Whether it holds for files in this folder of its library that are read the same."""
        if self.holds is Holds.LIBRARY:
            return True
        return self.ground is not None and self.ground.covers(folder)

    @property
    def counted(self) -> Renumbering | None:
        """How the files for which it holds count the episodes, in the folder of the one it was given for."""
        return convert(self.numbering, Renumbering) if self.numbering else None

    def numbering_in(self, folder: bytes) -> Renumbering | None:
        """How files in this folder count: what follows from single numbers holds for the files beside them only."""
        counted = self.counted
        if counted is None or folder == self.folder:
            return counted
        counted = structs.replace(counted, examples=())
        return counted if counted.shifts or counted.rows else None

    @property
    def given_for(self) -> str | None:
        """The path of the file, relative to the library, for people."""
        return shown(joined(self.folder, self.file_name)) if self.folder is not None and self.file_name else None

    @property
    def in_words(self) -> str:
        """`remembered answer 3, by anna on 2026-05-01 for "Show/Show 01.mkv"`."""
        given = f' for "{self.given_for}"' if self.given_for else ""
        return f"remembered answer {self.id}, by {self.by} on {self.at.date().isoformat()}{given}"


def _answers() -> AnySelect:
    same_library = MediaFile.library_id == RememberedAnswer.library_id
    return (
        select(
            RememberedAnswer.id,
            RememberedAnswer.library_id,
            RememberedAnswer.file_id,
            RememberedAnswer.title,
            RememberedAnswer.title_hash,
            RememberedAnswer.holds,
            RememberedAnswer.item_id,
            RememberedAnswer.numbering,
            RememberedAnswer.by,
            RememberedAnswer.at,
            RememberedAnswer.revoked_by,
            RememberedAnswer.revoked_at,
            MediaItem.type,
            MediaItem.tmdb_id,
            MediaItem.title.label("name"),
            MediaItem.year,
            Folder.path.label("folder"),
            MediaFile.name.label("file_name"),
        )
        .join(MediaItem, MediaItem.id == RememberedAnswer.item_id)
        .outerjoin(MediaFile, and_(MediaFile.id == RememberedAnswer.file_id, same_library))
        .outerjoin(Folder, Folder.id == MediaFile.folder_id)
    )


async def _found(session: AsyncSession, query: AnySelect) -> list[Remembered]:
    return [Remembered(**row) for row in (await session.execute(query)).mappings()]


async def live_answers(session: AsyncSession, library_ids: Sequence[int], keys: Sequence[bytes]) -> list[Remembered]:
    """Answers in force under these keys, the latest first."""
    query = _answers().where(
        RememberedAnswer.library_id.in_(library_ids),
        RememberedAnswer.title_hash.in_(keys),
        RememberedAnswer.revoked_at.is_(None),
    )
    return await _found(session, query.order_by(RememberedAnswer.id.desc()))


async def answer_by_id(session: AsyncSession, answer_id: int) -> Remembered | None:
    found = await _found(session, _answers().where(RememberedAnswer.id == answer_id))
    return found[0] if found else None


class Asking(Struct, frozen=True, kw_only=True):
    """A file for which an answer may hold."""

    file_id: int
    library_id: int
    folder: bytes
    """Relative to the root."""
    keys: tuple[bytes, ...]
    """`matching.recall.Recall.keys`, the closest first."""
    year: int | None = None
    """That its names say."""
    yearless: tuple[bytes, ...] = ()
    """Those of `keys` that leave the year out."""

    def is_held_by(self, answer: Remembered) -> bool:
        """Of an answer under one of its keys in its library: whether it holds here, and for a title of its year."""
        if not answer.covers(self.folder):
            return False
        if answer.title_hash not in self.yearless or self.year is None:
            return True
        return answer.year is not None and abs(answer.year - self.year) <= 1


async def answers_holding(session: AsyncSession, files: Sequence[Asking]) -> dict[int, Remembered]:
    """By file id, the answer that holds for it: under the closest key; bound to a folder rather than to the library, and
    to the deepest; the latest. Files for which none holds are left out."""
    keys = sorted({key for file in files for key in file.keys})
    if not keys:
        return {}
    by_key: dict[tuple[int, bytes], list[Remembered]] = {}
    for answer in await live_answers(session, sorted({file.library_id for file in files}), keys):
        if answer.tmdb_id is not None:
            by_key.setdefault((answer.library_id, answer.title_hash), []).append(answer)
    found: dict[int, Remembered] = {}
    for file in files:
        for key in file.keys:
            held = [each for each in by_key.get((file.library_id, key), ()) if file.is_held_by(each)]
            if held:
                found[file.file_id] = max(held, key=_closeness)
                break
    return found


def _closeness(answer: Remembered) -> tuple[int, int]:
    bound = answer.holds is Holds.FOLDER and answer.ground is not None
    return len(answer.ground.path) + 1 if bound and answer.ground else 0, answer.id


class AnswerFilter(Struct, frozen=True, kw_only=True):
    """Which remembered answers; everything that is given must hold."""

    library_id: int | None = None
    item_id: int | None = None
    revoked: bool | None = None


async def answers_page(
    session: AsyncSession, which: AnswerFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[Remembered]:
    """One page of remembered answers, the latest first."""
    query = _answers()
    if which.library_id is not None:
        query = query.where(RememberedAnswer.library_id == which.library_id)
    if which.item_id is not None:
        query = query.where(RememberedAnswer.item_id == which.item_id)
    if which.revoked is not None:
        over = RememberedAnswer.revoked_at
        query = query.where(over.is_not(None) if which.revoked else over.is_(None))
    if cursor is not None:
        (last,) = decode_cursor(cursor, int)
        query = query.where(RememberedAnswer.id < last)
    found = await _found(session, query.order_by(RememberedAnswer.id.desc()).limit(limit + 1))
    return page_of(found, limit, lambda answer: (answer.id,))
