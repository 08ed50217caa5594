"""A person says that a missing file need not be listed any more. It is known again when it comes back."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import Conflict, NotFound
from ..events.outbox import record
from ..operations.service import record_operation
from .models import MediaFile, MediaFileState
from .queries import locked_files
from .types import Presence

FORGOTTEN = "forgotten"


class Listing(Struct, frozen=True, kw_only=True):
    """Which missing files an operation took out of the lists, and which into them again; each has a reverse."""

    hidden: list[int] = []
    listed: list[int] = []


class NotMissing(Conflict):
    slug = "file-not-missing"
    title = "Only missing files can be forgotten"


class NoFileToForget(NotFound):
    slug = "no-file-to-forget"
    title = "There is no such file"


async def forget_files(session: AsyncSession, now: datetime, actor: str, file_ids: Sequence[int]) -> int:
    """Take them out of all lists, all or none; how many were listed until now. Raises `NotMissing`, `NoFileToForget`."""
    files = await locked_files(session, file_ids)
    query = (
        select(MediaFileState.file_id, MediaFileState.presence, MediaFile.hidden)
        .join(MediaFile, MediaFile.id == MediaFileState.file_id)
        .where(MediaFileState.file_id.in_(sorted(files)))
    )
    states = {row[0]: (row[1], row[2]) for row in await session.execute(query)}
    for file_id in file_ids:
        if file_id not in states:
            raise NoFileToForget(f"There is no file {file_id}; list /v1/media-files.")
        if states[file_id][0] is not Presence.MISSING:
            raise NotMissing(
                f"File {file_id} is there ({files[file_id].shown_path}), or cannot be looked at now; only missing files can be "
                "forgotten. Exclude it from the library with a pattern if nobody wants to see it."
            )
    listed = [file_id for file_id in sorted(set(file_ids)) if not states[file_id][1]]
    if not listed:
        return 0
    await session.execute(update(MediaFile).where(MediaFile.id.in_(listed)).values(hidden=True))
    summary = f"Forgot {len(listed)} missing file{'s' if len(listed) > 1 else ''}"
    await record_operation(session, now, actor, "forget", summary, {}, {FORGOTTEN: {"hidden": listed}})
    for file_id in listed:
        record(session, now, "file.forgotten", file_id=file_id, library_id=files[file_id].library_id, actor=actor)
    return len(listed)


async def put_back_forgotten(session: AsyncSession, now: datetime, actor: str, done: Sequence[Listing]) -> Listing:
    """Take back what operations forgot, or listed again; what came back meanwhile is listed by itself, and stays so."""
    again = await _still_missing(session, [file_id for each in done for file_id in each.hidden], hidden=True)
    away = await _still_missing(session, [file_id for each in done for file_id in each.listed], hidden=False)
    for files, hidden in ((again, False), (away, True)):
        await session.execute(update(MediaFile).where(MediaFile.id.in_(files)).values(hidden=hidden))
        for file_id, library_id in sorted(files.items()):
            kind = "file.forgotten" if hidden else "file.listed_again"
            record(session, now, kind, file_id=file_id, library_id=library_id, actor=actor)
    return Listing(hidden=sorted(away), listed=sorted(again))


async def _still_missing(session: AsyncSession, file_ids: Sequence[int], *, hidden: bool) -> dict[int, int]:
    """With their libraries; locked. A file that turned out to be another one stays hidden for good."""
    if not file_ids:
        return {}
    files = await locked_files(session, file_ids)
    query = (
        select(MediaFile.id, MediaFile.library_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(
            MediaFile.id.in_(sorted(files)),
            MediaFile.hidden.is_(hidden),
            MediaFile.same_as_id.is_(None),
            MediaFileState.presence == Presence.MISSING,
        )
    )
    return dict((await session.execute(query)).all())
