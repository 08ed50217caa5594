"""Every SELECT of the http room."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def schema_revision(session: AsyncSession) -> str | None:
    """The revision that the database is at."""
    return (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
