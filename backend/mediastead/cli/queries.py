"""Every SELECT of the commands that work on the database itself."""

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..libraries.models import Library, LibraryKind


class Root(Struct, frozen=True):
    """A library as the disk must show it."""

    id: int
    name: str
    root: bytes
    kind: LibraryKind
    root_marker: str | None
    exclude_patterns: list[str]


async def roots(session: AsyncSession) -> list[Root]:
    rows = await session.execute(
        select(
            Library.id, Library.name, Library.root, Library.kind, Library.root_marker, Library.exclude_patterns
        ).order_by(Library.name)
    )
    return [Root(*row) for row in rows]
