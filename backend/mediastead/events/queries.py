"""What is asked of the outbox."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from .models import Event
from .schemas import EventShown


async def latest_event_id(session: AsyncSession) -> int:
    """The id of the event that happened last; 0 where nothing ever did."""
    return (await session.execute(select(func.max(Event.id)))).scalar_one() or 0


async def events_between(
    session: AsyncSession, after: int, until: int, kinds: Sequence[str], limit: int
) -> list[EventShown]:
    """The first `limit` events with ids above `after` and up to `until` of which the kind begins with one of `kinds`
    (any kind, where none are named), in the order of their ids."""
    query = select(Event.id, Event.kind, Event.at, Event.data).where(Event.id > after, Event.id <= until)
    if kinds:
        query = query.where(or_(*(Event.kind.startswith(kind, autoescape=True) for kind in kinds)))
    rows = await session.execute(query.order_by(Event.id).limit(limit))
    return [EventShown(id=event_id, kind=kind, at=at, data=data) for event_id, kind, at, data in rows]
