"""Writing down what was done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from .models import Operation


async def record_operation(
    session: AsyncSession,
    now: datetime,
    actor: str,
    kind: str,
    summary: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> int:
    """Note in the doer's transaction what one person or program did; gives the operation's id.

    `before` holds what taking it back needs, `after` what must still hold for that (`operations.models.Operation`).
    """
    statement = insert(Operation).returning(Operation.id)
    row = {"at": now, "actor": actor, "kind": kind, "summary": summary, "before": dict(before), "after": dict(after)}
    return (await session.execute(statement, row)).scalar_one()
