"""What is asked of the libraries, and of the disks in them, that files are moved on."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.models import Folder
from ..files.paths import path_hash
from ..libraries.models import Library
from .journal_queries import AT_ONCE
from .models import GroupState, OrganizingGroup


async def waiting_group(session: AsyncSession, library_id: int) -> tuple[int, str | None] | None:
    """The organizing of which a group keeps the library until a disk is there again, and what is said of it."""
    query = (
        select(OrganizingGroup.organizing_id, OrganizingGroup.said)
        .join(Library, Library.organizing_group_id == OrganizingGroup.id)
        .where(Library.id == library_id, OrganizingGroup.state == GroupState.WAITING)
    )
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1]) if row is not None else None


async def name_of(session: AsyncSession, library_id: int) -> str:
    return (await session.execute(select(Library.name).where(Library.id == library_id))).scalar_one()


async def disks_at(session: AsyncSession, library_id: int, folders: Collection[bytes]) -> dict[bytes, str | None]:
    """Those of the folders that a disk was mounted on, and which one that was (`scanning.queries.mounted_disks`)."""
    hashes = sorted(path_hash(folder) for folder in folders)
    found: dict[bytes, str | None] = {}
    for start in range(0, len(hashes), AT_ONCE):
        query = select(Folder.path, Folder.disk).where(
            Folder.library_id == library_id, Folder.path_hash.in_(hashes[start : start + AT_ONCE]), Folder.mount_point
        )
        found |= {row[0]: row[1] for row in await session.execute(query)}
    return found
