"""The outbox: events are noted while a transaction runs and written just before it commits.

Readers follow the ids upward, so an id must not become visible after a higher one. Ids alone do not promise that (they are
given out before the commit), so on PostgreSQL the writing takes a lock that is held through the commit, and is left to the
very end so that nobody waits for long. SQLite has one writer at a time anyway.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import event, insert, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from .models import Event

OUTBOX_LOCK = 0x4D45_4449_4153_5445
"""Any number that no other advisory lock uses."""


def record(session: AsyncSession, at: datetime, kind: str, **data: Any) -> None:
    """Note that something happened; written with the commit of `session`. `data` must be JSON."""
    session.info.setdefault("outbox", []).append({"at": at, "kind": kind, "data": data})


@event.listens_for(Session, "before_commit")
def _write_outbox(session: Session) -> None:
    noted = session.info.pop("outbox", None)
    if not noted:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": OUTBOX_LOCK})
    session.execute(insert(Event), noted)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _previous: object) -> None:
    session.info.pop("outbox", None)
