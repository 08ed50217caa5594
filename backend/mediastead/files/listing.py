"""The long lists of files: filtered, sorted, and cut into pages by the values of the last row.

A page takes two statements. The first walks one index and gives the ids, joined to nothing that no filter needs; the second
gives everything that is shown, for those ids only. As one statement, SQLite was seen to begin with the smallest table and to
sort a million rows.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import Episode, MediaItem, Season
from ..db.text import shown
from ..http.paging import Page, decode_cursor, page_of
from ..libraries.models import Library
from .models import Folder, MediaFile, MediaFileDecision, MediaFileEpisode, MediaFileState
from .paths import joined
from .queries import within
from .schemas import EpisodeBrief, FileShown, ItemBrief, ProviderWait, SettlingWait, moment
from .search import says, words_of
from .types import Identification, Presence, Role

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


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
) -> Page[FileShown]:
    """One page of the files that are not forgotten. `provider` is what pending files wait for now."""
    conditions = await _conditions(session, which)
    query = select(MediaFile.id, *_sort_columns(sort)[:-1]).where(~MediaFile.hidden, *conditions)
    if sort is FileSort.SIZE or which.presence is not None:
        query = query.join(MediaFileState, MediaFileState.file_id == MediaFile.id)
    rows = (await session.execute(_sorted(query, sort, descending, cursor).limit(limit + 1))).all()
    page = page_of(rows, limit, lambda row: (*row[1:], row[0]))
    ids = [row[0] for row in page.items]
    by_id = {file.id: file for file in await files_shown(session, ids, provider=provider, decisions=decisions)}
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


def _sorted(query: AnySelect, sort: FileSort, descending: bool, cursor: str | None) -> AnySelect:
    columns = _sort_columns(sort)
    if cursor is not None:
        kinds: tuple[Any, ...] = {FileSort.NAME: (str, int), FileSort.SIZE: (int, int), FileSort.ADDED: (int,)}[sort]
        last = decode_cursor(cursor, *kinds)
        here = tuple_(*columns)
        query = query.where(here < last if descending else here > last)
    return query.order_by(*(column.desc() if descending else column for column in columns))


async def _conditions(session: AsyncSession, which: FileFilter) -> list[ColumnElement[bool]]:
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
    if which.presence is not None:
        conditions.append(await _has_presence(session, which.presence))
    dialect = session.get_bind().dialect.name
    conditions.extend(says(word, dialect) for word in words_of(which.words or ""))
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


async def _has_presence(session: AsyncSession, presence: Presence) -> ColumnElement[bool]:
    """Whether files are there, with `unknown` for what is stored as present but cannot be looked at now."""
    if presence is Presence.MISSING:
        return MediaFileState.presence == Presence.MISSING
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
    stored = MediaFileState.presence == Presence.PRESENT
    if presence is Presence.UNKNOWN:
        return and_(stored, out_of_reach)
    return and_(stored, ~out_of_reach if libraries or gaps else true())


async def files_shown(
    session: AsyncSession,
    file_ids: Sequence[int],
    *,
    provider: ProviderWait | None = None,
    decisions: bool = False,
) -> list[FileShown]:
    """These files, in any order; ids that do not exist are left out."""
    query = (
        select(
            MediaFile.id,
            Library.name,
            MediaFile.library_id,
            MediaFile.folder_id,
            Folder.path,
            MediaFile.name,
            MediaFile.identification,
            MediaFileState.presence,
            or_(Library.unavailable_since.is_not(None), Folder.gap_since.is_not(None)),
            MediaFile.role,
            MediaItem.id,
            MediaItem.type,
            MediaItem.tmdb_id,
            MediaItem.title,
            MediaItem.year,
            MediaFile.part,
            MediaFile.edition,
            MediaFileState.size,
            MediaFileState.mtime_ns,
            MediaFile.created_at,
            MediaFileState.missing_since,
            MediaFile.version,
            MediaFile.ignore_rule,
            MediaFileState.unsettled_since,
        )
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .outerjoin(MediaItem, MediaItem.id == MediaFile.media_item_id)
        .where(MediaFile.id.in_(file_ids))
    )
    rows = (await session.execute(query)).all()
    episodes = await episodes_of(session, file_ids)
    files = [_file(row, episodes.get(row[0], []), provider) for row in rows]
    if decisions:
        known = await decisions_of(session, file_ids)
        for file in files:
            file.decision = known.get(file.id)
    return files


def _file(row: Sequence[Any], episodes: list[EpisodeBrief], provider: ProviderWait | None) -> FileShown:
    presence = Presence.UNKNOWN if row[7] is Presence.PRESENT and row[8] else row[7]
    waiting: ProviderWait | SettlingWait | None = None
    if row[6] is Identification.PENDING and presence is Presence.PRESENT:
        waiting = SettlingWait() if row[23] is not None else provider
    return FileShown(
        id=row[0],
        library=row[1],
        library_id=row[2],
        folder_id=row[3],
        path=shown(joined(row[4], row[5])),
        identification=row[6],
        presence=presence,
        role=row[9],
        item=ItemBrief(id=row[10], type=row[11], tmdb_id=row[12], title=row[13], year=row[14]) if row[10] else None,
        episodes=episodes,
        part=row[15],
        edition=row[16],
        size=row[17],
        mtime=moment(row[18]),
        added=row[19],
        missing_since=row[20],
        version=row[21],
        ignore_rule=row[22],
        waiting_for=waiting,
    )


async def episodes_of(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, list[EpisodeBrief]]:
    """The episodes that files hold, in order; files without any are left out."""
    query = (
        select(MediaFileEpisode.file_id, Season.number, Episode.number)
        .join(Episode, Episode.id == MediaFileEpisode.episode_id)
        .join(Season, Season.id == Episode.season_id)
        .where(MediaFileEpisode.file_id.in_(file_ids))
        .order_by(MediaFileEpisode.file_id, Season.number, Episode.number)
    )
    found: dict[int, list[EpisodeBrief]] = {}
    for file_id, season, number in await session.execute(query):
        found.setdefault(file_id, []).append(EpisodeBrief(season, number))
    return found


async def decisions_of(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The latest decision about each file as it was stored; files that were never decided are left out."""
    query = select(MediaFileDecision.file_id, MediaFileDecision.body).where(MediaFileDecision.file_id.in_(file_ids))
    rows = await session.execute(query)
    return {file_id: msgspec.json.decode(body, type=dict[str, Any]) for file_id, body in rows}
