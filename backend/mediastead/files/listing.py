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
from sqlalchemy import ColumnElement, Select, String, and_, false, literal_column, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import Episode, MediaItem, Season
from ..db.text import shown
from ..http.paging import Page, decode_cursor, page_of
from ..libraries.models import Library
from .content_models import MediaFileProbe
from .contents import ContentFilter, holds
from .models import Folder, MediaFile, MediaFileDecision, MediaFileEpisode, MediaFileRecord, MediaFileState
from .paths import joined
from .queries import within
from .schemas import ContentShown, EpisodeBrief, FileShown, ItemBrief, ProviderWait, RecordShown, SettlingWait, moment
from .search import says, words_of
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
    rows = await _few(session, which, sort, few) if _may_leave_few(which, sort) else None
    if rows is None:
        rows = await _walked(session, which, sort, descending, last, limit + 1)
    else:
        ordered = sorted(rows, key=_sort_key, reverse=descending)
        behind = [row for row in ordered if last is None or _is_behind(_sort_key(row), last, descending)]
        rows = behind[: limit + 1]
    page = page_of(rows, limit, _sort_key)
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


def _may_leave_few(which: FileFilter, sort: FileSort) -> bool:
    """Not where an index holds both what is asked for and the order: then a walk meets nothing else."""
    given = [name for name in FileFilter.__struct_fields__ if getattr(which, name) is not None]
    indexed = sort is not FileSort.SIZE and given in ([], ["library_id"], ["identification"])
    return bool(given) and not indexed


async def _matching(session: AsyncSession, which: FileFilter, sort: FileSort, *, walking: bool) -> AnySelect:
    """Ids and sort values of the files that are asked for."""
    conditions = await _conditions(session, which, walking=walking)
    query = select(MediaFile.id, *_sort_columns(sort)[:-1]).where(~MediaFile.hidden, *conditions)
    if sort is not FileSort.SIZE and which.presence is None:
        return query
    if walking and sort is FileSort.SIZE and session.get_bind().dialect.name == "sqlite":
        # "+ 0" leaves SQLite one order of the two tables: along the index of the sizes. It keeps no statistics here, and
        # would rather sort all files of a library.
        return query.join(MediaFileState, MediaFileState.file_id + 0 == MediaFile.id)
    return query.join(MediaFileState, MediaFileState.file_id == MediaFile.id)


async def _few(session: AsyncSession, which: FileFilter, sort: FileSort, most: int) -> Sequence[Any] | None:
    """All rows, where a filter leaves no more than `most`; None where it leaves more.

    To walk the index of the sort for a handful of files would be to pass all others. Where there are many, on the other
    hand, it passes few before a page is full, while sorting them would take seconds.
    """
    query = await _matching(session, which, sort, walking=False)
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
    if which.presence is not None:
        conditions.append(await _has_presence(session, which.presence))
    if which.rotted:
        rotted = select(MediaFileState.file_id).where(MediaFileState.rotted_at.is_not(None))
        conditions.append(MediaFile.id.in_(rotted))
    if which.doubted:
        doubted = select(MediaFileState.file_id).where(MediaFileState.doubted_at.is_not(None))
        conditions.append(MediaFile.id.in_(doubted))
    if which.content is not None:
        conditions += await holds(session, which.content, walking=walking)
    dialect = session.get_bind().dialect.name
    conditions.extend(says(word, dialect, walking=walking) for word in words_of(which.words or ""))
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
        # Written out: with a parameter SQLite does not see that its index of missing files fits.
        return MediaFileState.presence == literal_column("'missing'", String)
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
            MediaFileRecord.form,
            MediaFileRecord.written_at,
            MediaFileRecord.error,
            MediaFileRecord.version,
            MediaFileProbe.probed_at,
            MediaFileProbe.duration_ms,
            MediaFileProbe.container,
            MediaFileProbe.bitrate,
            MediaFileProbe.resolution,
            MediaFileProbe.hdr,
            MediaFileProbe.video_codec,
            MediaFileProbe.error,
        )
        .outerjoin(MediaFileProbe, MediaFileProbe.file_id == MediaFile.id)
        .outerjoin(MediaFileRecord, MediaFileRecord.file_id == MediaFile.id)
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
        record=RecordShown(form=row[24], written_at=row[25], error=row[26], up_to_date=row[27] == row[21])
        if row[24]
        else None,
        content=_content(row[28:]) if row[28] else None,
    )


def _content(row: Sequence[Any]) -> ContentShown:
    return ContentShown(
        duration=row[1] / 1000 if row[1] else None,
        container=row[2],
        bitrate=row[3],
        resolution=row[4],
        hdr=row[5],
        video_codec=row[6],
        error=row[7],
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
