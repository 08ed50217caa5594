"""What is asked of the dismissed folders: which one a file lies in, and their list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from msgspec import Struct, structs
from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from ..files.models import Folder, MediaFile, MediaFileState
from ..files.queries import within
from ..files.types import Identification, Presence, Resolution
from ..http.paging import Page, decode_cursor, page_of
from .models import DismissedFolder, UnmatchedFile
from .questions import keyed

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


class Dismissed(Struct, frozen=True, kw_only=True):
    """A dismissed folder, as stored, with where it lies now."""

    id: int
    library_id: int
    path: bytes
    """Relative to the root, as the folder is called now."""
    by: str
    at: datetime
    revoked_by: str | None
    revoked_at: datetime | None

    def covers(self, folder: bytes) -> bool:
        return folder == self.path or folder.startswith(self.path + b"/")

    @property
    def in_words(self) -> str:
        return f'its folder "{shown(self.path)}" was dismissed by {self.by} on {self.at.date().isoformat()}'

    @property
    def key(self) -> str:
        """The group of the questions that it settled: by this they are found again."""
        return keyed(f"dismissed with folder {self.id}")


def _dismissed() -> AnySelect:
    same_library = MediaFile.library_id == DismissedFolder.library_id
    columns = [getattr(DismissedFolder, name) for name in Dismissed.__struct_fields__]
    return (
        select(*columns, Folder.path.label("now"))
        .outerjoin(MediaFile, and_(MediaFile.id == DismissedFolder.file_id, same_library))
        .outerjoin(Folder, Folder.id == MediaFile.folder_id)
    )


async def _found(session: AsyncSession, query: AnySelect) -> list[Dismissed]:
    found: list[Dismissed] = []
    for row in (await session.execute(query)).mappings():
        values = dict(row)
        now: bytes | None = values.pop("now")
        dismissed = Dismissed(**values)
        if now and _may_be_renamed(dismissed.path, now) and not await _holds_files(session, dismissed):
            dismissed = structs.replace(dismissed, path=now)
        found.append(dismissed)
    return found


def _may_be_renamed(before: bytes, now: bytes) -> bool:
    """Whether one folder can have become the other: under another name in its place, or under its name elsewhere.

    A file may as well have left its folder by itself, and what is around it now was never dismissed.
    """
    (above, _, name), (above_now, _, name_now) = before.rpartition(b"/"), now.rpartition(b"/")
    return before != now and (above == above_now or name == name_now)


async def _holds_files(session: AsyncSession, dismissed: Dismissed) -> bool:
    """Whether the folder is there under the name that it had, with files in it."""
    query = (
        select(MediaFile.id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(within(dismissed.library_id, dismissed.path), MediaFileState.presence == Presence.PRESENT)
    )
    return (await session.execute(query.limit(1))).first() is not None


async def in_force(session: AsyncSession, library_ids: Sequence[int]) -> list[Dismissed]:
    """Those of these libraries that were not revoked, the first first."""
    query = _dismissed().where(DismissedFolder.library_id.in_(library_ids), DismissedFolder.revoked_at.is_(None))
    return await _found(session, query.order_by(DismissedFolder.id))


def covering(dismissed: Sequence[Dismissed], library_id: int, folder: bytes) -> Dismissed | None:
    """The first of them that holds for files in this folder (relative to the root) of this library."""
    return next((each for each in dismissed if each.library_id == library_id and each.covers(folder)), None)


async def dismissed_by_id(session: AsyncSession, dismissed_id: int) -> Dismissed | None:
    found = await _found(session, _dismissed().where(DismissedFolder.id == dismissed_id))
    return found[0] if found else None


async def dismissed_page(
    session: AsyncSession, *, library_id: int | None, revoked: bool | None, cursor: str | None, limit: int
) -> Page[Dismissed]:
    """One page of dismissed folders, the latest first."""
    query = _dismissed()
    if library_id is not None:
        query = query.where(DismissedFolder.library_id == library_id)
    if revoked is not None:
        over = DismissedFolder.revoked_at
        query = query.where(over.is_not(None) if revoked else over.is_(None))
    if cursor is not None:
        (last,) = decode_cursor(cursor, int)
        query = query.where(DismissedFolder.id < last)
    found = await _found(session, query.order_by(DismissedFolder.id.desc()).limit(limit + 1))
    return page_of(found, limit, lambda each: (each.id,))


class Place(Struct, frozen=True):
    library_id: int
    path: bytes
    """Of the folder, relative to the root."""


async def places_of(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, Place]:
    """By file id, the folder in which each lies."""
    query = select(MediaFile.id, MediaFile.library_id, Folder.path).join(Folder, Folder.id == MediaFile.folder_id)
    rows = await session.execute(query.where(MediaFile.id.in_(file_ids)))
    return {file_id: Place(library_id, path) for file_id, library_id, path in rows}


def _asked_beneath(place: Place) -> AnySelect:
    return (
        select(UnmatchedFile.file_id)
        .join(MediaFile, MediaFile.id == UnmatchedFile.file_id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .where(UnmatchedFile.resolution.is_(None), MediaFile.identification == Identification.UNMATCHED)
        .where(~MediaFile.hidden, within(place.library_id, place.path))
    )


async def asked_beneath(session: AsyncSession, place: Place, limit: int) -> list[int]:
    """Files in this folder or beneath it about which a question is open, `limit` at most."""
    query = _asked_beneath(place).order_by(UnmatchedFile.file_id).limit(limit)
    return list((await session.execute(query)).scalars())


async def asked_beneath_count(session: AsyncSession, place: Place) -> int:
    query = select(func.count()).select_from(_asked_beneath(place).subquery())
    return (await session.execute(query)).scalar_one()


def _settled_by(keys: Sequence[str]) -> tuple[Any, ...]:
    """Files that are dismissed because of these folders, and about which nobody has said anything since."""
    return (
        UnmatchedFile.group_key.in_(keys),
        UnmatchedFile.resolution == Resolution.DISMISSED,
        UnmatchedFile.resolved_version == MediaFile.version,
        MediaFile.identification == Identification.DISMISSED,
        ~MediaFile.hidden,
    )


async def questions_settled_by(session: AsyncSession, dismissed: Dismissed, limit: int) -> dict[int, int]:
    """The questions that a dismissed folder settled, by file id, `limit` at most."""
    query = select(UnmatchedFile.file_id, UnmatchedFile.id).join(MediaFile, MediaFile.id == UnmatchedFile.file_id)
    query = query.where(*_settled_by([dismissed.key])).order_by(UnmatchedFile.id).limit(limit)
    return dict((await session.execute(query)).all())


async def settled_counts(session: AsyncSession, dismissed: Sequence[Dismissed]) -> dict[int, int]:
    """By the id of the dismissed folder, how many files are dismissed because of it."""
    query = select(UnmatchedFile.group_key, func.count()).join(MediaFile, MediaFile.id == UnmatchedFile.file_id)
    query = query.where(*_settled_by([each.key for each in dismissed])).group_by(UnmatchedFile.group_key)
    counts = dict((await session.execute(query)).all())
    return {each.id: counts.get(each.key, 0) for each in dismissed}
