"""What other rooms ask of the operations."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from .models import Operation


async def latest_operation(session: AsyncSession, kind: str, name: str, value: int) -> int | None:
    """The last operation of a kind that says `{name: value}` of what it made."""
    query = select(Operation.id).where(Operation.kind == kind, Operation.after[name].as_integer() == value)
    return (await session.execute(query.order_by(Operation.id.desc()).limit(1))).scalar_one_or_none()
