"""How many files there are of what: the invariant, as numbers."""

from collections.abc import Sequence

from msgspec import Struct, field
from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..libraries.models import Library
from .models import Folder, MediaFile, MediaFileState
from .types import Identification, Presence


def _no_presence() -> dict[str, int]:
    return dict.fromkeys((presence.value for presence in Presence), 0)


def _no_identification() -> dict[str, int]:
    return dict.fromkeys((identification.value for identification in Identification), 0)


class FileCounts(Struct, kw_only=True):
    """Files of a library, without those that a person had forgotten."""

    by_presence: dict[str, int] = field(default_factory=_no_presence)
    """`present`, `missing`, `unknown`: adds up to all files."""
    by_identification: dict[str, int] = field(default_factory=_no_identification)
    """Of the files that are present or unknown: adds up to those two."""
    missing_by_identification: dict[str, int] = field(default_factory=_no_identification)
    """What the missing ones were: adds up to `by_presence.missing`."""
    settling: int = 0
    """Of the pending ones: just written to, and looked at again when they stop growing."""


async def counts_by_library(session: AsyncSession, library_ids: Sequence[int] | None = None) -> dict[int, FileCounts]:
    """The counts of libraries (of all, where none are named); those without any file are left out."""
    out_of_reach = or_(Library.unavailable_since.is_not(None), Folder.gap_since.is_not(None))
    presence = case(
        (MediaFileState.presence == Presence.MISSING, Presence.MISSING.value),
        (out_of_reach, Presence.UNKNOWN.value),
        else_=Presence.PRESENT.value,
    ).label("presence")
    settling = MediaFileState.unsettled_since.is_not(None).label("settling")
    query = (
        select(MediaFile.library_id, MediaFile.identification, presence, settling, func.count())
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(~MediaFile.hidden)
        .group_by(MediaFile.library_id, MediaFile.identification, presence, settling)
    )
    if library_ids is not None:
        query = query.where(MediaFile.library_id.in_(library_ids))
    counts: dict[int, FileCounts] = {}
    for library_id, identification, there, unsettled, count in await session.execute(query):
        library = counts.setdefault(library_id, FileCounts())
        library.by_presence[there] += count
        missing = there == Presence.MISSING
        (library.missing_by_identification if missing else library.by_identification)[identification.value] += count
        if identification is Identification.PENDING and unsettled and not missing:
            library.settling += count
    return counts


async def pending_counts(session: AsyncSession) -> tuple[int, int]:
    """Pending files that are not missing, in all libraries; and how many of them are still being written."""
    query = (
        select(func.count(), func.count(MediaFileState.unsettled_since))
        .select_from(MediaFile)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(
            MediaFile.identification == Identification.PENDING,
            MediaFileState.presence == Presence.PRESENT,
            ~MediaFile.hidden,
        )
    )
    total, settling = (await session.execute(query)).one()
    return total, settling
