"""What planning asks: which files are to be organized, what is known of them, and what else lies in their folders."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from msgspec import Struct, structs
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import Episode, ExternalId, MediaItem, Season
from ..files.content_models import MediaFileProbe
from ..files.models import Folder, MediaFile, MediaFileEpisode, MediaFileState
from ..files.paths import joined, path_hash
from ..files.queries import within
from ..files.types import Identification, Presence, Role
from ..libraries.models import Library, LibraryKind
from .models import Organizing, OrganizingState, OrganizingStep
from .moves import Seen
from .naming import EpisodeFacts, Facts
from .places import Subject

AT_ONCE = 400
"""Values in one IN list."""
ORGANIZED = (Role.FEATURE, Role.EPISODE, Role.EXTRA)
"""Samples stay where they are: nothing says where they belong."""


class Selection(Struct, frozen=True):
    """Which files of a library: all, or those of some ids."""

    library_id: int
    file_ids: tuple[int, ...] | None = None
    item_ids: tuple[int, ...] | None = None
    path: bytes | None = None
    """Only this file, or what lies in this folder and beneath it; relative to the root."""


class PlannedLibrary(Struct, frozen=True):
    id: int
    name: str
    root: bytes
    root_marker: str | None
    kind: LibraryKind
    naming: str | None
    exclude_patterns: list[str]
    bring_into_id: int | None
    bring_how: str | None


async def library_to_plan(session: AsyncSession, library_id: int) -> PlannedLibrary | None:
    query = select(
        Library.id,
        Library.name,
        Library.root,
        Library.root_marker,
        Library.kind,
        Library.naming_template,
        Library.exclude_patterns,
        Library.bring_into_id,
        Library.bring_how,
    ).where(Library.id == library_id)
    row = (await session.execute(query)).one_or_none()
    return PlannedLibrary(*row) if row else None


async def libraries_of(
    session: AsyncSession, file_ids: Sequence[int] | None, item_ids: Sequence[int] | None
) -> list[int]:
    """In which libraries these files, or the files of these items, lie."""
    query = select(MediaFile.library_id).distinct().order_by(MediaFile.library_id)
    if file_ids is not None:
        query = query.where(MediaFile.id.in_(file_ids))
    if item_ids is not None:
        query = query.where(MediaFile.media_item_id.in_(item_ids))
    return list((await session.execute(query)).scalars())


async def items_to_plan(session: AsyncSession, selection: Selection, after: int, limit: int) -> list[tuple[int, int]]:
    """(item, number of its files), in the order of the items."""
    query = (
        select(MediaFile.media_item_id, func.count())
        .where(*_organized(selection), MediaFile.media_item_id > after)
        .group_by(MediaFile.media_item_id)
        .order_by(MediaFile.media_item_id)
        .limit(limit)
    )
    return [(row[0] or 0, row[1]) for row in await session.execute(query)]


async def subjects_of(session: AsyncSession, selection: Selection, item_ids: Sequence[int]) -> list[Subject]:
    """The files of these items, in the order of items and files."""
    query = (
        select(
            MediaFile.id,
            MediaFile.version,
            MediaFile.media_item_id,
            Folder.path,
            MediaFile.name,
            MediaFileState.size,
            MediaFileState.mtime_ns,
            MediaFileState.inode,
            MediaFile.role,
            MediaFile.edition,
            MediaFile.part,
            MediaFileProbe.resolution,
            MediaFileProbe.hdr,
        )
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        # What was read of another content than the file has now says nothing of it.
        .outerjoin(
            MediaFileProbe,
            and_(
                MediaFileProbe.file_id == MediaFile.id,
                MediaFileProbe.size == MediaFileState.size,
                MediaFileProbe.mtime_ns == MediaFileState.mtime_ns,
            ),
        )
        .where(
            *_organized(selection),
            MediaFile.media_item_id.in_(item_ids),
            MediaFileState.presence == Presence.PRESENT,
            MediaFileState.unsettled_since.is_(None),
            Folder.gap_since.is_(None),
        )
        .order_by(MediaFile.media_item_id, MediaFile.id)
    )
    rows = (await session.execute(query)).all()
    titles = await items(session, item_ids)
    of_files = await episodes(session, [row.id for row in rows])
    return [
        Subject(
            id=row.id,
            version=row.version,
            path=joined(row.path, row.name),
            look=Seen(row.size, row.mtime_ns, row.inode),
            role=row.role,
            facts=structs.replace(
                titles[row.media_item_id],
                episodes=tuple(of_files.get(row.id, ())),
                edition=row.edition,
                part=row.part,
                resolution=row.resolution,
                hdr=row.hdr,
            ),
        )
        for row in rows
    ]


async def missing_names(session: AsyncSession, library_id: int, folders: Collection[bytes]) -> dict[bytes, list[bytes]]:
    """By folder, the names of media files that were there and are missing."""
    found: dict[bytes, list[bytes]] = defaultdict(list)
    paths = sorted(folders)
    for start in range(0, len(paths), AT_ONCE):
        query = (
            select(Folder.path, MediaFile.name)
            .join(MediaFile, MediaFile.folder_id == Folder.id)
            .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
            .where(
                Folder.library_id == library_id,
                Folder.path_hash.in_([path_hash(path) for path in paths[start : start + AT_ONCE]]),
                MediaFileState.presence == Presence.MISSING,
                MediaFile.holds_path,
            )
            .order_by(MediaFile.name)
        )
        for path, name in await session.execute(query):
            found[path].append(name)
    return found


async def brought_in(session: AsyncSession, subjects: Sequence[Subject]) -> dict[int, tuple[str, bytes]]:
    """Those that were linked or copied as they are now, and of which that is still there: (library, path) of it, by file."""
    looks = {subject.id: subject.look for subject in subjects}
    found: dict[int, tuple[str, bytes]] = {}
    ids = sorted(looks)
    for start in range(0, len(ids), AT_ONCE):
        query = (
            select(
                OrganizingStep.file_id,
                OrganizingStep.size,
                OrganizingStep.mtime_ns,
                OrganizingStep.inode,
                Library.name,
                Folder.path,
                MediaFile.name,
            )
            .join(MediaFile, MediaFile.id == OrganizingStep.made_file_id)
            .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
            .join(Folder, Folder.id == MediaFile.folder_id)
            .join(Library, Library.id == MediaFile.library_id)
            .where(
                OrganizingStep.file_id.in_(ids[start : start + AT_ONCE]),
                MediaFileState.presence == Presence.PRESENT,
            )
        )
        for file_id, size, mtime_ns, inode, library, folder, name in await session.execute(query):
            if file_id is not None and looks[file_id] == (size, mtime_ns, inode):
                found[file_id] = (library, joined(folder, name))
    return found


async def left_out(session: AsyncSession, selection: Selection) -> dict[str, int]:
    """How many files of the selection are not organized: `missing`, `not_matched`, `samples`, and `unsettled` for those that
    are still written to or cannot be looked at."""
    unsettled = or_(MediaFileState.unsettled_since.is_not(None), Folder.gap_since.is_not(None))
    kinds = (MediaFile.identification, MediaFileState.presence, MediaFile.role, unsettled)
    query = (
        select(*kinds, func.count())
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .where(*_selected(selection), ~MediaFile.hidden)
        .group_by(*kinds)
    )
    counts: dict[str, int] = defaultdict(int)
    for identification, presence, role, not_now, count in await session.execute(query):
        if presence is Presence.MISSING:
            counts["missing"] += count
        elif identification is not Identification.MATCHED:
            counts["not_matched"] += count
        elif role not in ORGANIZED:
            counts["samples"] += count
        elif not_now:
            counts["unsettled"] += count
    return dict(counts)


async def taken_targets(session: AsyncSession, organizing_id: int, keys: Sequence[bytes]) -> set[bytes]:
    """Those of the keys (`spelling.path_key`) to which a move of this organizing goes already."""
    taken: set[bytes] = set()
    for start in range(0, len(keys), AT_ONCE):
        query = select(OrganizingStep.target_key).where(
            OrganizingStep.organizing_id == organizing_id,
            OrganizingStep.target_key.in_(keys[start : start + AT_ONCE]),
        )
        taken |= {key for key in (await session.execute(query)).scalars() if key is not None}
    return taken


def _selected(selection: Selection) -> list[ColumnElement[bool]]:
    conditions = [MediaFile.library_id == selection.library_id]
    if selection.file_ids is not None:
        conditions.append(MediaFile.id.in_(selection.file_ids))
    if selection.item_ids is not None:
        conditions.append(MediaFile.media_item_id.in_(selection.item_ids))
    if selection.path is not None:
        folder, _, name = selection.path.rpartition(b"/")
        alone = and_(Folder.library_id == selection.library_id, Folder.path_hash == path_hash(folder))
        conditions.append(
            or_(
                MediaFile.folder_id.in_(select(Folder.id).where(within(selection.library_id, selection.path))),
                and_(MediaFile.folder_id.in_(select(Folder.id).where(alone)), MediaFile.name == name),
            )
        )
    return conditions


def _organized(selection: Selection) -> list[ColumnElement[bool]]:
    return [
        *_selected(selection),
        MediaFile.identification == Identification.MATCHED,
        MediaFile.role.in_(ORGANIZED),
        MediaFile.holds_path.is_(True),
        ~MediaFile.hidden,
    ]


async def items(session: AsyncSession, item_ids: Sequence[int]) -> dict[int, Facts]:
    """What is known of these titles, without episodes."""
    query = select(
        MediaItem.id, MediaItem.type, MediaItem.title, MediaItem.original_title, MediaItem.year, MediaItem.tmdb_id
    ).where(MediaItem.id.in_(item_ids))
    ids: dict[int, dict[str, str]] = defaultdict(dict)
    external = select(ExternalId.item_id, ExternalId.provider, ExternalId.value).where(ExternalId.item_id.in_(item_ids))
    for item_id, provider, value in await session.execute(external):
        ids[item_id][provider] = value
    return {
        row.id: Facts(
            type=row.type,
            title=row.title,
            original_title=row.original_title,
            year=row.year,
            tmdb=row.tmdb_id,
            imdb=ids[row.id].get("imdb"),
            tvdb=ids[row.id].get("tvdb"),
        )
        for row in await session.execute(query)
    }


async def episodes(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, list[EpisodeFacts]]:
    """The episodes that these files hold, in their order."""
    found: dict[int, list[EpisodeFacts]] = defaultdict(list)
    for start in range(0, len(file_ids), AT_ONCE):
        query = (
            select(MediaFileEpisode.file_id, Season.number, Episode.number, Episode.title)
            .join(Episode, Episode.id == MediaFileEpisode.episode_id)
            .join(Season, Season.id == Episode.season_id)
            .where(MediaFileEpisode.file_id.in_(file_ids[start : start + AT_ONCE]))
            .order_by(MediaFileEpisode.file_id, Season.number, Episode.number)
        )
        for file_id, season, number, title in await session.execute(query):
            found[file_id].append(EpisodeFacts(season, number, title))
    return found


async def being_planned(session: AsyncSession) -> list[int]:
    query = select(Organizing.id).where(Organizing.state == OrganizingState.PLANNING).order_by(Organizing.id)
    return list((await session.execute(query)).scalars())


async def state_of(session: AsyncSession, organizing_id: int) -> OrganizingState | None:
    query = select(Organizing.state).where(Organizing.id == organizing_id)
    return (await session.execute(query)).scalar_one_or_none()
