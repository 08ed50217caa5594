"""An item's row is the lock on all that belongs to it: discs, titles, jobs that are made or cancelled, approvals."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import ItemEnded, NoSuchPipelineItem
from .models import ItemState, PipelineItem


async def lock_item(session: AsyncSession, item_id: int) -> PipelineItem:
    """The item as it is, which nobody else changes until this transaction ends. Taken before any row of its discs, titles,
    approvals and jobs is written, so that two that change it never wait for each other crosswise.

    Raises `NoSuchPipelineItem`.
    """
    query: Any = select(PipelineItem).where(PipelineItem.id == item_id).execution_options(populate_existing=True)
    item = (await session.execute(query.with_for_update())).scalar_one_or_none()
    if item is None:
        raise NoSuchPipelineItem(item_id)
    return item


async def lock_active_item(session: AsyncSession, item_id: int) -> PipelineItem:
    """As `lock_item`. Raises `ItemEnded` where it is in its library or was given up."""
    item = await lock_item(session, item_id)
    if item.ended_at is not None:
        raise ItemEnded(item_id, "is in its library" if item.state is ItemState.IN_LIBRARY else "was given up")
    return item
