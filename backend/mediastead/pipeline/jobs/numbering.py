"""Jobs have numbers that no job had before, also where the database was lost and the folders of attempts are still there.

Else the first attempt at a new job would be made in the folder of an old one, and empty that.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def number_above(session: AsyncSession, highest: int) -> None:
    """No job that is made from now on has this number or a lower one."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = "pg_get_serial_sequence('stage_job', 'id')"
        moved = f"SELECT setval({sequence}, :highest) WHERE :highest > coalesce(pg_sequence_last_value({sequence}), 0)"
        await session.execute(text(moved), {"highest": highest})
        return
    row = {"highest": highest}
    moved = "UPDATE sqlite_sequence SET seq = :highest WHERE name = 'stage_job' AND seq < :highest"
    await session.execute(text(moved), row)
    begun = (
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'stage_job', :highest "
        "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'stage_job')"
    )
    await session.execute(text(begun), row)
