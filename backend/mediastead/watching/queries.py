"""Which libraries there are to watch."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..libraries.models import Library


class Watchable(NamedTuple):
    id: int
    root: bytes
    watching: str | None


async def watchable_libraries(session: AsyncSession) -> list[Watchable]:
    """All, in the order of their ids."""
    query = (
        select(Library.id, Library.root, Library.watching).where(Library.removing_since.is_(None)).order_by(Library.id)
    )
    return [Watchable(*row) for row in await session.execute(query)]
