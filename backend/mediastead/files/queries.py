"""What is asked of the files room's tables, but for the long lists (`listing.py`)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from ..http.paging import Page, decode_cursor, page_of
from ..libraries.models import Library
from ..operations.models import Operation
from .models import PATH_START, Folder, MediaFile, MediaFileEpisode, MediaFileImport
from .paths import joined
from .schemas import ImportDetail, ImportShown
from .types import Identification, ImportMethod, Role


class LockedFile(Struct, frozen=True, kw_only=True):
    """What a file is taken for, read in a transaction that nobody else can change it before the end of."""

    id: int
    library_id: int
    folder_id: int
    version: int
    identification: Identification
    media_item_id: int | None
    role: Role | None
    part: int | None
    edition: str | None
    ignore_rule: str | None
    rule_lifted: bool
    path: bytes
    """Absolute."""
    episode_ids: tuple[int, ...] = ()
    """In order of their ids."""

    @property
    def shown_path(self) -> str:
        """For people; lossy."""
        return shown(self.path)


async def locked_files(
    session: AsyncSession, file_ids: Iterable[int], *, skip_locked: bool = False
) -> dict[int, LockedFile]:
    """Files by id, locked until the transaction ends; ids that do not exist are left out.

    `skip_locked` leaves out those that somebody else changes right now instead of waiting for them.

    The first statement of a change, and in order of the ids, so that two changes wait for each other instead of
    blocking each other. On SQLite the write transaction itself is the lock.
    """
    lock = (
        select(MediaFile.id)
        .where(MediaFile.id.in_(sorted(set(file_ids))))
        .order_by(MediaFile.id)
        .with_for_update(skip_locked=skip_locked)
    )
    wanted = (await session.execute(lock)).scalars().all()
    # Read by a second statement: it sees what the others committed while the first one waited, episodes included.
    query = (
        select(
            MediaFile.id,
            MediaFile.library_id,
            MediaFile.folder_id,
            MediaFile.version,
            MediaFile.identification,
            MediaFile.media_item_id,
            MediaFile.role,
            MediaFile.part,
            MediaFile.edition,
            MediaFile.ignore_rule,
            MediaFile.rule_lifted,
            Library.root,
            Folder.path,
            MediaFile.name,
        )
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(MediaFile.id.in_(wanted))
    )
    episodes = await episode_ids_of(session, wanted)
    files: dict[int, LockedFile] = {}
    for row in (await session.execute(query)).all():
        root: bytes = row.root
        parts: tuple[bytes, ...] = (row.path, row.name)
        files[row.id] = LockedFile(
            id=row.id,
            library_id=row.library_id,
            folder_id=row.folder_id,
            version=row.version,
            identification=row.identification,
            media_item_id=row.media_item_id,
            role=row.role,
            part=row.part,
            edition=row.edition,
            ignore_rule=row.ignore_rule,
            rule_lifted=row.rule_lifted,
            path=b"/".join([root.rstrip(b"/"), *filter(None, parts)]),
            episode_ids=tuple(episodes.get(row.id, ())),
        )
    return files


async def episode_ids_of(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, list[int]]:
    """The episodes that files hold, in order of their ids; files without any are left out."""
    query = (
        select(MediaFileEpisode.file_id, MediaFileEpisode.episode_id)
        .where(MediaFileEpisode.file_id.in_(file_ids))
        .order_by(MediaFileEpisode.file_id, MediaFileEpisode.episode_id)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for file_id, episode_id in await session.execute(query):
        found[file_id].append(episode_id)
    return found


async def libraries_of(session: AsyncSession, file_ids: Iterable[int]) -> dict[int, int]:
    """The library of each file."""
    query = select(MediaFile.id, MediaFile.library_id).where(MediaFile.id.in_(sorted(file_ids)))
    return dict((await session.execute(query)).all())


def within(library_id: int, path: bytes) -> ColumnElement[bool]:
    """Folders that are this one or lie beneath it."""
    if not path:
        return Folder.library_id == library_id
    first, behind = path + b"/", path + b"0"  # "0" is the byte after "/"
    beneath = and_(Folder.path >= first, Folder.path < behind)
    # Only the beginning of a path is indexed; that narrows it down to next to nothing but what is sought.
    start = Folder.path_start.between(path[:PATH_START], behind[:PATH_START])
    return and_(Folder.library_id == library_id, start, or_(Folder.path == path, beneath))


class ImportFilter(Struct, frozen=True, kw_only=True):
    """Which imports; everything that is given must hold."""

    file_id: int | None = None
    library_id: int | None = None
    method: ImportMethod | None = None
    success: bool | None = None


async def imports_page(
    session: AsyncSession, which: ImportFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[ImportShown]:
    """One page of the attempts to bring files in, newest first."""
    conditions: list[ColumnElement[bool]] = []
    if which.file_id is not None:
        conditions.append(MediaFileImport.file_id == which.file_id)
    if which.library_id is not None:
        conditions.append(MediaFileImport.library_id == which.library_id)
    if which.method is not None:
        conditions.append(MediaFileImport.method == which.method)
    if which.success is not None:
        conditions.append(MediaFileImport.success == which.success)
    if cursor is not None:
        (last,) = decode_cursor(cursor, int)
        conditions.append(MediaFileImport.id < last)
    query = _imports().where(*conditions).order_by(MediaFileImport.id.desc()).limit(limit + 1)
    imports = [_import(row) for row in await session.execute(query)]
    return page_of(imports, limit, lambda each: (each.id,))


async def import_detail(session: AsyncSession, import_id: int) -> ImportDetail | None:
    row: Any = (await session.execute(_imports().where(MediaFileImport.id == import_id))).one_or_none()
    if row is None:
        return None
    found = _import(row)
    later = select(func.min(MediaFileImport.id)).where(
        MediaFileImport.file_id == found.file_id, MediaFileImport.id > import_id, MediaFileImport.success
    )
    place = (
        select(Library.name, Folder.path, MediaFile.name)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(MediaFile.id == found.file_id)
    )
    here: Any = (await session.execute(place)).one_or_none()
    library, removed = await _library_called(session, found.library_id)
    return ImportDetail(
        **{name: getattr(found, name) for name in found.__struct_fields__},
        library=library,
        library_removed=removed,
        now_at=f"{here[0]}: {shown(joined(here[1], here[2]))}" if here else None,
        superseded_by=(await session.execute(later)).scalar_one_or_none(),
    )


async def _library_called(session: AsyncSession, library_id: int | None) -> tuple[str | None, datetime | None]:
    """Its name; and of one that was removed, when."""
    if library_id is None:
        return None, None
    name = (await session.execute(select(Library.name).where(Library.id == library_id))).scalar_one_or_none()
    if name is not None:
        return name, None
    query = select(Operation.before["library"]["name"].as_string(), Operation.at).where(
        Operation.kind == "library_removed", Operation.before["library"]["id"].as_integer() == library_id
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1]) if row is not None else (None, None)


def _imports() -> Select[*tuple[Any, ...]]:
    return select(
        MediaFileImport.id,
        MediaFileImport.file_id,
        MediaFileImport.library_id,
        MediaFileImport.method,
        MediaFileImport.source_path,
        MediaFileImport.success,
        MediaFileImport.error,
        MediaFileImport.evidence,
        MediaFileImport.actor,
        MediaFileImport.at,
    )


def _import(row: Any) -> ImportShown:
    return ImportShown(
        id=row[0],
        file_id=row[1],
        library_id=row[2],
        method=row[3],
        source_path=shown(row[4]),
        success=row[5],
        error=row[6],
        evidence=row[7],
        actor=row[8],
        at=row[9],
    )


def snapshot(files: Iterable[LockedFile]) -> dict[str, Any]:
    """What files are taken for, as an operation keeps it in `before`."""
    return {
        "files": [
            {
                "id": file.id,
                "identification": file.identification.value,
                "media_item_id": file.media_item_id,
                "episodes": list(file.episode_ids),
                "role": file.role.value if file.role else None,
                "part": file.part,
                "edition": file.edition,
                "ignore_rule": file.ignore_rule,
                "rule_lifted": file.rule_lifted,
                "version": file.version,
            }
            for file in files
        ]
    }


async def matched_by_persons(session: AsyncSession, file_ids: Sequence[int]) -> set[int]:
    """Those of which a person said last what they are; how they came to where they lie does not matter."""
    last = (
        select(func.max(MediaFileImport.id))
        .where(
            MediaFileImport.file_id.in_(file_ids),
            MediaFileImport.success,
            MediaFileImport.method.in_((ImportMethod.SCAN, ImportMethod.MANUAL_MATCH)),
        )
        .group_by(MediaFileImport.file_id)
    )
    query = select(MediaFileImport.file_id).where(
        MediaFileImport.id.in_(last), MediaFileImport.method == ImportMethod.MANUAL_MATCH
    )
    return {each for each in (await session.execute(query)).scalars() if each is not None}
