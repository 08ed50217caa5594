"""The outbox: events are noted while a transaction runs and written just before it commits.

Readers follow the ids upward, so an id must not become visible after a higher one. Ids alone do not promise that (they are
given out before the commit), so on PostgreSQL the writing takes a lock that is held through the commit, and is left to the
very end so that nobody waits for long. SQLite has one writer at a time anyway.
"""

from datetime import datetime
from json import dumps
from typing import Any

from sqlalchemy import event, insert, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from .models import Event

OUTBOX_LOCK = 0x4D45_4449_4153_5445
"""Any number that no other advisory lock uses."""


def record(session: AsyncSession, at: datetime, kind: str, **data: Any) -> None:
    """Note that something happened; written with the commit of `session`. `data` must be JSON."""
    session.info.setdefault("outbox", []).append({"at": at, "kind": kind, "data": data})


@event.listens_for(Session, "before_commit")
def _write_outbox(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint is no commit: what was noted may yet be rolled back
    noted = session.info.pop("outbox", None)
    if not noted:
        return
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(_WRITE, noted)
        return
    given: dict[str, Any] = {name: [each[name] for each in noted] for name in ("at", "kind")}
    connection.execute(_WRITE_ALONE, {**given, "data": [dumps(each["data"]) for each in noted], "key": OUTBOX_LOCK})


# Hosts of the pipeline may write events and not read them, so that nothing can be returned.
_WRITE = insert(Event).inline()

# One trip to the server for each transaction that has events. Ids are given to what the join finds, after the lock was taken.
_WRITE_ALONE = text("""
    WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock(:key))
    INSERT INTO event (at, kind, data)
    SELECT noted.at, noted.kind, CAST(noted.data AS json)
    FROM alone, unnest(CAST(:at AS timestamptz[]), CAST(:kind AS text[]), CAST(:data AS text[])) AS noted (at, kind, data)
""")


@event.listens_for(Session, "after_transaction_create")
def _remember_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault("outbox_savepoints", {})[transaction] = len(session.info.get("outbox", []))


@event.listens_for(Session, "after_soft_rollback")
def _forget_what_was_rolled_back(session: Session, transaction: SessionTransaction) -> None:
    kept = session.info.get("outbox_savepoints", {}).pop(transaction, 0) if transaction.nested else 0
    del session.info.get("outbox", [])[kept:]
