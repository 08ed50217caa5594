"""Who is identifying which file: claims that end with their owner.

Each identifying process owns a numbered slot, held by a lock that ends with the process. A claim counts while its owner
lives and its time has not run out, so after a kill nobody waits, and a process that hangs keeps its files for minutes only.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.engine import Database
from ..db.locks import ProcessLock
from ..errors import Unavailable
from ..files.models import Folder, MediaFile, MediaFileState
from ..files.types import Identification, Presence
from ..libraries.models import Library, LibraryKind
from .models import IdentifyClaim

CLAIM_LASTS = timedelta(minutes=10)
"""Longer than a batch can take with a slow provider; it matters only where an owner hangs without dying."""
POSTPONED = timedelta(minutes=1)
"""Until a file that could not be looked at, or whose batch failed, gets its next turn."""
SLOTS = 64
"""Identifying processes on one database at once."""


class ClaimedFile(Struct, frozen=True):
    """A pending file as it was when it was claimed. A result is written only where all of this still holds."""

    file_id: int
    version: int
    library_id: int
    kind: LibraryKind
    root: bytes
    folder: bytes
    name: bytes
    size: int
    mtime_ns: int
    rule_lifted: bool

    @property
    def path(self) -> bytes:
        """Relative to the root."""
        return self.folder + b"/" + self.name if self.folder else self.name


@asynccontextmanager
async def own_slot(database: Database) -> AsyncGenerator[int]:
    """Become an owner: the number of a free slot, whose claims, left by a dead owner, are removed."""
    for slot in range(1, SLOTS + 1):
        async with slot_lock(database, slot).hold() as held:
            if held:
                async with database.write() as session:
                    await session.execute(delete(IdentifyClaim).where(IdentifyClaim.owner == slot))
                yield slot
                return
    raise Unavailable(f"{SLOTS} processes identify files of this database already; stop one of them first")


def slot_lock(database: Database, slot: int) -> ProcessLock:
    return ProcessLock(database, f"identify-{slot}")


async def claim_files(
    session: AsyncSession, owner: int, now: datetime, limit: int, *, again: bool = False
) -> list[ClaimedFile]:
    """Take up to `limit` pending files, those of one folder together, because they share questions to the provider.

    `again`: instead of pending ones, matched ones of which has to be decided again whether that holds.

    Files that are still being written, missing, or behind a gap have to wait: what lies beside them cannot be read.
    """
    query = (
        select(
            MediaFile.id,
            MediaFile.version,
            MediaFile.library_id,
            Library.kind,
            Library.root,
            Folder.path,
            MediaFile.name,
            MediaFileState.size,
            MediaFileState.mtime_ns,
            MediaFile.rule_lifted,
        )
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(*_claimable(now, again=again))
        .order_by(MediaFile.folder_id, MediaFile.id)
        .limit(limit)
        .with_for_update(of=MediaFile, skip_locked=True)
    )
    files = [ClaimedFile(*row) for row in (await session.execute(query)).all()]
    if not files:
        return []
    rows = [{"file_id": file.file_id, "owner": owner, "until": now + CLAIM_LASTS} for file in files]
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    statement = insert(IdentifyClaim).values(rows)
    # Another process may have claimed some of them between our look and now: what lives is not overwritten.
    taken_over = statement.on_conflict_do_update(
        index_elements=[IdentifyClaim.file_id],
        set_={"owner": statement.excluded.owner, "until": statement.excluded.until},
        where=IdentifyClaim.until <= now,
    )
    ours = set((await session.execute(taken_over.returning(IdentifyClaim.file_id))).scalars())
    return [file for file in files if file.file_id in ours]


async def anything_to_claim(session: AsyncSession, now: datetime, *, again: bool = False) -> bool:
    """Whether `claim_files` would find any; asked first, so that an idle process writes nothing."""
    query = (
        select(MediaFile.id)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(*_claimable(now, again=again))
        .limit(1)
    )
    return (await session.execute(query)).first() is not None


def _claimable(now: datetime, *, again: bool) -> tuple[ColumnElement[bool], ...]:
    asked = MediaFileState.redecide_since.is_not(None)
    which = (
        (
            MediaFile.identification == Identification.MATCHED,
            MediaFile.id.in_(select(MediaFileState.file_id).where(asked)),
        )
        if again
        else (MediaFile.identification == Identification.PENDING,)
    )
    taken = select(IdentifyClaim.file_id).where(IdentifyClaim.file_id == MediaFile.id, IdentifyClaim.until > now)
    return (
        *which,
        MediaFileState.presence == Presence.PRESENT,
        MediaFileState.unsettled_since.is_(None),
        Folder.gap_since.is_(None),
        Library.unavailable_since.is_(None),
        ~taken.exists(),
    )


async def still_as_claimed(
    session: AsyncSession,
    owner: int,
    files: Sequence[ClaimedFile],
    state: Identification = Identification.PENDING,
) -> set[int]:
    """The ids of those files that are still ours, in this state, and have the name, size and mtime that were claimed."""
    query = (
        select(
            MediaFile.id, Folder.path, MediaFile.name, MediaFileState.size, MediaFileState.mtime_ns, MediaFile.version
        )
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .join(IdentifyClaim, IdentifyClaim.file_id == MediaFile.id)
        .where(
            IdentifyClaim.owner == owner,
            MediaFile.identification == state,
            MediaFile.id.in_([file.file_id for file in files]),
        )
        .order_by(MediaFile.id)
        .with_for_update(of=MediaFile)
    )
    found = {row[0]: tuple(row[1:]) for row in (await session.execute(query)).all()}
    return {
        file.file_id
        for file in files
        if found.get(file.file_id) == (file.folder, file.name, file.size, file.mtime_ns, file.version)
    }


async def release(session: AsyncSession, owner: int, file_ids: Sequence[int]) -> None:
    """Give claims back."""
    await session.execute(
        delete(IdentifyClaim).where(IdentifyClaim.owner == owner, IdentifyClaim.file_id.in_(file_ids))
    )


async def postpone(session: AsyncSession, owner: int, file_ids: Sequence[int], until: datetime) -> None:
    """Keep claims for a while though nobody works on them, so that these files do not stand before all others."""
    mine = (IdentifyClaim.owner == owner, IdentifyClaim.file_id.in_(file_ids))
    await session.execute(update(IdentifyClaim).where(*mine).values(until=until))


async def free_dead_claims(database: Database, own: int) -> bool:
    """Remove the claims of owners that no longer live; True if there were any."""
    async with database.read() as session:
        query = select(IdentifyClaim.owner).where(IdentifyClaim.owner != own).distinct()
        owners = (await session.execute(query)).scalars().all()
    freed = False
    for owner in owners:
        async with slot_lock(database, owner).hold() as dead:
            if dead:
                async with database.write() as session:
                    await session.execute(delete(IdentifyClaim).where(IdentifyClaim.owner == owner))
                freed = True
    return freed
