"""Every SELECT of the commands that work on the database itself."""

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..libraries.models import Library, LibraryKind


class Root(Struct, frozen=True):
    """A library as the disk must show it."""

    name: str
    root: bytes
    kind: LibraryKind
    root_marker: str | None


async def roots(session: AsyncSession) -> list[Root]:
    rows = await session.execute(
        select(Library.name, Library.root, Library.kind, Library.root_marker).order_by(Library.name)
    )
    return [Root(row.name, row.root, row.kind, row.root_marker) for row in rows]
