"""What a scan asks of what files contain: those of a size, and those that appeared where another one vanished."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ..files.models import Folder, MediaFile, MediaFileImport, MediaFileState
from ..files.types import Identification, Presence
from ..libraries.models import Library, Scan, ScanOutcome
from ..unmatched.models import RejectedMatch, RememberedAnswer, UnmatchedFile
from ..unmatched.wording import SCAN
from .queries import Donor, absolute, chunks, known_file, select_known

MOST_ALIKE = 20_000
"""Files of a few hundred sizes; where there are more, all files of a library have one size, and it says nothing."""


class Kin(NamedTuple):
    """A known file with what it is known by."""

    donor: Donor
    fingerprint: bytes


class Twins(NamedTuple):
    """A file that is not at its place any more, and another that holds the same and came since it was seen there."""

    original_id: int
    copy_id: int
    copy_path: bytes
    """Absolute."""
    copy_size: int
    copy_mtime_ns: int
    copy_inode: int


async def files_of_sizes(session: AsyncSession, sizes: Collection[int]) -> list[Kin]:
    """Files of any library that have one of these sizes and are known by their content; none of a library in which a group
    of moves is unfinished."""
    found: list[Kin] = []
    for some in chunks(sorted(size for size in sizes if size)):
        query = (
            select_known(MediaFile.library_id, Folder.path, MediaFileState.fingerprint)
            .join(Folder, Folder.id == MediaFile.folder_id)
            .join(Library, and_(Library.id == MediaFile.library_id, Library.organizing_group_id.is_(None)))
            .where(
                MediaFileState.size.in_(some),
                MediaFileState.fingerprint.is_not(None),
                MediaFileState.fingerprint != b"",
                MediaFile.same_as_id.is_(None),
            )
            .limit(MOST_ALIKE)
        )
        rows = (await session.execute(query)).all()
        if len(rows) < MOST_ALIKE:
            found += [Kin(Donor(known_file(row), row[9], row[10]), row[11]) for row in rows]
    return sorted(found, key=lambda kin: kin.donor.file.id)


async def twins(
    session: AsyncSession, *, originals: Sequence[int] | None = None, copies: Sequence[int] | None = None
) -> list[Twins]:
    """Where one of two files that hold the same, and that no third one shares, is gone, and the other came since.

    `originals`: files that a scan does not find where they were, and has not written to be missing yet; or `copies`: files
    whose content was read just now, while the originals are missing. A file that was there when a scan saw the original as
    well is a copy that somebody keeps. One that a person said anything about stays what it is.
    """
    old, old_state = aliased(MediaFile), aliased(MediaFileState)
    new, new_state = aliased(MediaFile), aliased(MediaFileState)
    home, other_home = aliased(Library), aliased(Library)
    third = aliased(MediaFileState)
    sharing = (
        select(func.count())
        .select_from(third)
        .join(MediaFile, MediaFile.id == third.file_id)
        .where(
            third.size == new_state.size,
            third.fingerprint == new_state.fingerprint,
            third.fingerprint.is_not(None),
            MediaFile.same_as_id.is_(None),
        )
        .scalar_subquery()
    )
    seen_both = exists().where(
        Scan.library_id == old.library_id,
        Scan.scope.is_(None),
        Scan.outcome.in_((ScanOutcome.COMPLETED, ScanOutcome.COMPLETED_WITH_GAPS)),
        Scan.finished_at >= new.created_at,
        or_(old_state.missing_scan_id.is_(None), Scan.id < old_state.missing_scan_id),
    )
    which: list[ColumnElement[bool]] = []
    if originals is not None:
        which.append(old.id.in_(originals))
    if copies is not None:
        which += [new.id.in_(copies), old_state.presence == Presence.MISSING]
    query = (
        select(
            old.id,
            new.id,
            other_home.root,
            Folder.path,
            new.name,
            new_state.size,
            new_state.mtime_ns,
            new_state.inode,
        )
        .select_from(old)
        .join(old_state, old_state.file_id == old.id)
        .join(
            new_state,
            and_(
                new_state.size == old_state.size,
                new_state.fingerprint == old_state.fingerprint,
                new_state.fingerprint.is_not(None),
                new_state.file_id != old_state.file_id,
            ),
        )
        .join(new, new.id == new_state.file_id)
        .join(home, home.id == old.library_id)
        .join(other_home, other_home.id == new.library_id)
        .join(Folder, Folder.id == new.folder_id)
        .where(
            *which,
            old_state.fingerprint != b"",
            old.same_as_id.is_(None),
            new.same_as_id.is_(None),
            new.holds_path,
            new_state.presence == Presence.PRESENT,
            new.created_at >= old.created_at,
            home.organizing_group_id.is_(None),
            other_home.organizing_group_id.is_(None),
            ~seen_both,
            ~_answered(new),
            sharing == 2,
        )
        .order_by(old.id)
    )
    rows = (await session.execute(query)).all()
    return [Twins(row[0], row[1], absolute(row[2], row[3], row[4]), row[5], row[6], row[7]) for row in rows]


def _answered(file: type[MediaFile]) -> ColumnElement[bool]:
    """Whether a person said anything about it."""
    return or_(
        file.identification == Identification.DISMISSED,
        file.rule_lifted,
        exists().where(MediaFileImport.file_id == file.id, MediaFileImport.actor != SCAN),
        exists().where(RejectedMatch.file_id == file.id),
        exists().where(RememberedAnswer.file_id == file.id),
        exists().where(
            UnmatchedFile.file_id == file.id,
            UnmatchedFile.resolved_by.is_not(None),
            UnmatchedFile.resolved_by != SCAN,
        ),
    )
