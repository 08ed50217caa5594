"""Tells dispatchers that there may be something to do, at the commit of the transaction that made it so.

A nudge is a courtesy: dispatchers look every second anyway. On PostgreSQL it is a NOTIFY, which all servers hear; on SQLite it
reaches the dispatchers of this process.
"""

import asyncio
from weakref import WeakSet

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

CHANNEL = "mediastead_jobs"

_listening: WeakSet[asyncio.Event] = WeakSet()


async def nudge(session: AsyncSession) -> None:
    """With the commit of `session` dispatchers look for work."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text(f"NOTIFY {CHANNEL}"))
    else:
        session.info["nudge"] = True


def nudged() -> asyncio.Event:
    """An event that is set whenever a nudge was committed in this process (SQLite)."""
    heard = asyncio.Event()
    _listening.add(heard)
    return heard


@event.listens_for(Session, "after_commit")
def _tell(session: Session) -> None:
    if session.info.pop("nudge", False):
        for heard in list(_listening):
            heard.set()
