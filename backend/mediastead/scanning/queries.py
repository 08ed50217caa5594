"""What a scan asks of what is known: folders, files, and files that may be what was seen under another name."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import LargeBinary, Row, Select, and_, column, func, or_, select, values
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.base import BIG
from ..files.models import PATH_START, Folder, MediaFile, MediaFileState
from ..files.paths import path_hash
from ..files.queries import within
from ..files.types import Presence
from ..libraries.models import Library
from .scope import ScopeFolder

T = TypeVar("T")

PARAMETERS = 400
"""Values in one IN list. SQLite takes 32,766 parameters a statement, but its planner grows slow long before."""


class KnownFolder(NamedTuple):
    id: int
    path: bytes
    mount_point: bool
    gap: bool


class KnownFile(NamedTuple):
    """A row that holds a path, or one that is present and lost its path to another."""

    id: int
    folder_id: int
    name: bytes
    holds_path: bool
    present: bool
    size: int
    mtime_ns: int
    inode: int
    device: int


class KnownPath(NamedTuple):
    """What should be there."""

    folder: bytes
    name: bytes
    size: int
    mtime_ns: int


class Donor(NamedTuple):
    """A known file that has the size and time of one that was seen, wherever it lay."""

    file: KnownFile
    library_id: int
    folder_path: bytes


class ScannedLibrary(NamedTuple):
    root: bytes
    root_marker: str | None
    exclude_patterns: list[str]
    disks: dict[bytes, str | None]
    """What was mounted beneath the root at the last look, by path (`Folder.disk`)."""

    @property
    def mount_points(self) -> list[bytes]:
        return sorted(self.disks)


async def scanned_library(session: AsyncSession, library_id: int) -> ScannedLibrary:
    query = select(Library.root, Library.root_marker, Library.exclude_patterns).where(Library.id == library_id)
    row = (await session.execute(query)).one()
    return ScannedLibrary(row[0], row[1], row[2], await mounted_disks(session, library_id))


async def library_exists(session: AsyncSession, library_id: int, *, lock: bool = False) -> bool:
    """`lock`: on PostgreSQL two requests for a scan of one library then wait for each other."""
    query = select(Library.id).where(Library.id == library_id)
    query = query.with_for_update() if lock else query
    return (await session.execute(query)).scalar_one_or_none() is not None


async def homes_of(session: AsyncSession, library_ids: Collection[int]) -> dict[int, ScannedLibrary]:
    return {library_id: await scanned_library(session, library_id) for library_id in sorted(library_ids)}


async def known_folders(session: AsyncSession, library_id: int, paths: Sequence[bytes]) -> dict[bytes, KnownFolder]:
    found: dict[bytes, KnownFolder] = {}
    for some in chunks([path_hash(path) for path in paths]):
        query = select(Folder.id, Folder.path, Folder.mount_point, Folder.gap_since.is_not(None)).where(
            Folder.library_id == library_id, Folder.path_hash.in_(some)
        )
        for row in await session.execute(query):
            found[row[1]] = KnownFolder(row[0], row[1], row[2], bool(row[3]))
    return found


async def folders_after(session: AsyncSession, library_id: int, folder_id: int, limit: int) -> list[KnownFolder]:
    """The folders of a library in the order of their ids, from the one after `folder_id` on."""
    query = (
        select(Folder.id, Folder.path, Folder.mount_point, Folder.gap_since.is_not(None))
        .where(Folder.library_id == library_id, Folder.id > folder_id)
        .order_by(Folder.id)
        .limit(limit)
    )
    return [KnownFolder(row[0], row[1], row[2], bool(row[3])) for row in await session.execute(query)]


async def folders_in(session: AsyncSession, library_id: int, folders: Sequence[ScopeFolder]) -> list[KnownFolder]:
    """The known ones of `folders`, with those beneath the deep ones; about 100 of them at once."""
    found = await known_folders(session, library_id, [folder.path for folder in folders])
    within_these = [folder.path for folder in folders if folder.deep and folder.path]
    if any(folder.deep and not folder.path for folder in folders):
        query = _known_folders().where(Folder.library_id == library_id)
        return [_known_folder(row) for row in await session.execute(query)]
    if within_these:
        # Joined, because SQLite goes through all folders of the library for a row of ranges with OR between them.
        names = ("first", "behind", "start", "end")
        wanted = values(*(column(name, LargeBinary()) for name in names), name="wanted")
        ends = [(path + b"/", path + b"0") for path in within_these]  # "0" is the byte after "/"
        ranges = [(first, behind, first[:PATH_START], behind[:PATH_START]) for first, behind in ends]
        beneath = wanted.data(ranges).cte("wanted")
        query = _known_folders().join(
            beneath,
            and_(
                Folder.path_start >= beneath.c.start,
                Folder.path_start <= beneath.c.end,
                Folder.path >= beneath.c.first,
                Folder.path < beneath.c.behind,
            ),
        )
        rows = await session.execute(query.where(Folder.library_id == library_id))
        found |= {row[1]: _known_folder(row) for row in rows}
    return list(found.values())


def _known_folders() -> Select[*tuple[Any, ...]]:
    return select(Folder.id, Folder.path, Folder.mount_point, Folder.gap_since.is_not(None))


def _known_folder(row: Row[*tuple[Any, ...]]) -> KnownFolder:
    return KnownFolder(row[0], row[1], row[2], bool(row[3]))


async def known_files(session: AsyncSession, folder_ids: Sequence[int]) -> dict[int, list[KnownFile]]:
    """By folder: every file that a listing of the folder should show, and those that lost their path there."""
    found: dict[int, list[KnownFile]] = {}
    for some in chunks(folder_ids):
        query = select_known().where(
            MediaFile.folder_id.in_(some), or_(MediaFile.holds_path, MediaFileState.presence == Presence.PRESENT)
        )
        for row in await session.execute(query):
            found.setdefault(row[1], []).append(known_file(row))
    return found


async def locked_known_files(session: AsyncSession, file_ids: Collection[int]) -> dict[int, tuple[KnownFile, int]]:
    """Files by id, with their library, locked in the order of their ids until the transaction ends."""
    ids = sorted(file_ids)
    found: dict[int, tuple[KnownFile, int]] = {}
    for some in chunks(ids):
        lock = select(MediaFile.id).where(MediaFile.id.in_(some)).order_by(MediaFile.id).with_for_update()
        await session.execute(lock)
        for row in await session.execute(select_known(MediaFile.library_id).where(MediaFile.id.in_(some))):
            found[row[0]] = (known_file(row), row[9])
    return found


async def donors(
    session: AsyncSession, keys: Collection[tuple[int, int]], inodes: Collection[int], names: Collection[bytes]
) -> list[Donor]:
    """Files of any library with one of these (mtime_ns, size) that also have one of the inodes or one of the names.

    Not of one in which a group of moves is unfinished: its files may be at either of two places, so that their absence from
    the known one proves nothing.
    """
    found: list[Donor] = []
    wanted_inodes, wanted_names = set(inodes), set(names)
    for some in chunks(sorted(keys)):
        # Joined, because SQLite goes through the whole index for `(a, b) IN (VALUES ...)`; ordered here, because it would
        # go through all files for the order of their ids.
        wanted = values(column("mtime_ns", BIG), column("size", BIG), name="wanted").data(list(some)).cte("wanted")
        query = (
            select_known(MediaFile.library_id, Folder.path)
            .join(Folder, Folder.id == MediaFile.folder_id)
            .join(Library, and_(Library.id == MediaFile.library_id, Library.organizing_group_id.is_(None)))
            .join(wanted, and_(MediaFileState.mtime_ns == wanted.c.mtime_ns, MediaFileState.size == wanted.c.size))
            .where(MediaFile.same_as_id.is_(None))
        )
        for row in await session.execute(query):
            if row[7] in wanted_inodes or row[2] in wanted_names:
                found.append(Donor(known_file(row), row[9], row[10]))
    return sorted(found, key=lambda donor: donor.file.id)


async def growing_among(session: AsyncSession, file_ids: Sequence[int]) -> set[int]:
    """Those of the files that were still being written to when they were last looked at."""
    found: set[int] = set()
    for some in chunks(file_ids):
        query = select(MediaFileState.file_id).where(
            MediaFileState.file_id.in_(some), MediaFileState.unsettled_since.is_not(None)
        )
        found.update((await session.execute(query)).scalars())
    return found


async def ids_of_new(session: AsyncSession, folder_ids: Sequence[int], after: int) -> dict[tuple[int, bytes], int]:
    """The files of some folders whose ids are above `after`: (folder, name) to id."""
    found: dict[tuple[int, bytes], int] = {}
    for some in chunks(folder_ids):
        query = select(MediaFile.folder_id, MediaFile.name, MediaFile.id).where(
            MediaFile.folder_id.in_(some), MediaFile.id > after, MediaFile.holds_path
        )
        found.update({(row[0], row[1]): row[2] for row in await session.execute(query)})
    return found


async def last_file_id(session: AsyncSession) -> int:
    return (await session.execute(select(func.coalesce(func.max(MediaFile.id), 0)))).scalar_one()


async def mounted_disks(session: AsyncSession, library_id: int) -> dict[bytes, str | None]:
    """Folders where another file system was mounted when they were last listed, with which one that was."""
    query = select(Folder.path, Folder.disk).where(Folder.library_id == library_id, Folder.mount_point)
    return dict((await session.execute(query)).all())


async def present_sample(
    session: AsyncSession, library_id: int, beneath: bytes | None = None, size: int = 50
) -> list[KnownPath]:
    """Up to `size` files that should be there, half of the oldest and half of the newest."""
    query = (
        select(Folder.path, MediaFile.name, MediaFileState.size, MediaFileState.mtime_ns)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(MediaFile.library_id == library_id, MediaFile.holds_path, MediaFileState.presence == Presence.PRESENT)
    )
    if beneath:
        query = query.where(within(library_id, beneath))
    oldest = (await session.execute(query.order_by(MediaFile.id).limit(size // 2))).all()
    newest = (await session.execute(query.order_by(MediaFile.id.desc()).limit(size // 2))).all()
    return sorted({KnownPath(row[0], row[1], row[2], row[3]) for row in (*oldest, *newest)})


async def present_paths(session: AsyncSession, library_id: int) -> list[tuple[bytes, bytes]]:
    """(folder, name) of all present files."""
    query = (
        select(Folder.path, MediaFile.name)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(MediaFile.library_id == library_id, MediaFileState.presence == Presence.PRESENT)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def present_count(session: AsyncSession, library_id: int) -> int:
    query = (
        select(func.count())
        .select_from(MediaFile)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(MediaFile.library_id == library_id, MediaFileState.presence == Presence.PRESENT)
    )
    return (await session.execute(query)).scalar_one()


async def still_present(
    session: AsyncSession, library_id: int, file_ids: Sequence[int]
) -> list[tuple[int, bytes, bytes]]:
    """(file, folder, name) of those that are still present files of this library; another may have taken one over."""
    query = (
        select(MediaFile.id, Folder.path, MediaFile.name)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(
            MediaFile.id.in_(file_ids),
            MediaFile.library_id == library_id,
            MediaFileState.presence == Presence.PRESENT,
        )
        .order_by(MediaFile.id)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def folders_without_files(session: AsyncSession, folder_ids: Sequence[int]) -> list[int]:
    query = select(Folder.id).where(
        Folder.id.in_(folder_ids), ~select(MediaFile.id).where(MediaFile.folder_id == Folder.id).exists()
    )
    return list((await session.execute(query)).scalars())


class UnsettledFile(NamedTuple):
    id: int
    library_id: int
    path: bytes
    """Absolute."""
    size: int
    mtime_ns: int


async def unsettled_files(
    session: AsyncSession, looked_before: datetime, library_id: int | None, after_id: int, limit: int
) -> list[UnsettledFile]:
    """Present files that were being written when they were looked at, before `looked_before`; with ids above `after_id`."""
    query = (
        select(
            MediaFile.id,
            MediaFile.library_id,
            Library.root,
            Folder.path,
            MediaFile.name,
            MediaFileState.size,
            MediaFileState.mtime_ns,
        )
        .join(MediaFile, MediaFile.id == MediaFileState.file_id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(
            MediaFileState.file_id > after_id,
            MediaFileState.unsettled_since.is_not(None),
            MediaFileState.unsettled_since <= looked_before,
            MediaFileState.presence == Presence.PRESENT,
            MediaFile.holds_path,
        )
        .order_by(MediaFileState.file_id)
        .limit(limit)
    )
    if library_id is not None:
        query = query.where(MediaFile.library_id == library_id)
    return [
        UnsettledFile(row[0], row[1], absolute(row[2], row[3], row[4]), row[5], row[6])
        for row in await session.execute(query)
    ]


async def last_unsettled_look(session: AsyncSession, library_id: int) -> datetime | None:
    """When the unsettled file that was looked at last was looked at."""
    query = (
        select(func.max(MediaFileState.unsettled_since))
        .join(MediaFile, MediaFile.id == MediaFileState.file_id)
        .where(MediaFileState.unsettled_since.is_not(None), MediaFile.library_id == library_id)
    )
    return (await session.execute(query)).scalar_one()


def absolute(root: bytes, folder: bytes, name: bytes) -> bytes:
    return b"/".join(part for part in (root.rstrip(b"/"), folder, name) if part)


def chunks(values: Sequence[T], size: int = PARAMETERS) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def select_known(*more: Any) -> Select[*tuple[Any, ...]]:
    return select(
        MediaFile.id,
        MediaFile.folder_id,
        MediaFile.name,
        MediaFile.holds_path,
        MediaFileState.presence == Presence.PRESENT,
        MediaFileState.size,
        MediaFileState.mtime_ns,
        MediaFileState.inode,
        MediaFileState.device,
        *more,
    ).join(MediaFileState, MediaFileState.file_id == MediaFile.id)


def known_file(row: Row[*tuple[Any, ...]]) -> KnownFile:
    return KnownFile(row[0], row[1], row[2], row[3], bool(row[4]), row[5], row[6], row[7], row[8])
