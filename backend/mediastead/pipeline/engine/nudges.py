"""Says that there may be something to do, at the commit of the transaction that made it so.

A nudge is a courtesy: those who wait for it look every second anyway. On PostgreSQL it is a NOTIFY, which all servers hear; on
SQLite it reaches those of this process.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import LiteralString
from weakref import WeakSet

import psycopg
import structlog
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from ...db.engine import Database

CHANNEL = "mediastead_jobs"
DRIVES = "mediastead_drives"
"""What hosts listen to for orders to open a drive, which are rare, and not woken by each job."""
LISTEN_AGAIN = 1.0
"""Seconds until a connection that was lost is made anew."""

log = structlog.stdlib.get_logger(__name__)

_listening: WeakSet[asyncio.Event] = WeakSet()


async def nudge(session: AsyncSession, channel: LiteralString = CHANNEL) -> None:
    """With the commit of `session` dispatchers, and the embedded runner, look for work; or whoever listens to that channel."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text(f"NOTIFY {channel}"))
    else:
        session.info["nudge"] = True


async def first_of(seconds: float, *events: asyncio.Event) -> None:
    """Return when one of the events is set, or after so many seconds."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


@asynccontextmanager
async def nudged(database: Database, channel: LiteralString = CHANNEL) -> AsyncGenerator[asyncio.Event]:
    """An event that is set whenever a nudge was committed, while the block lasts. Whoever waits for it clears it."""
    heard = asyncio.Event()
    if database.is_sqlite:
        _listening.add(heard)
        yield heard
        return
    listening = asyncio.create_task(_listen(database, channel, heard))
    try:
        yield heard
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(database: Database, channel: LiteralString, heard: asyncio.Event) -> None:
    """On a connection of its own, and on another one whenever that is lost. Meanwhile there is the look every second."""
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                await connection.execute(f"LISTEN {channel}")
                heard.set()  # whatever was said while nobody listened
                async for _ in connection.notifies():
                    heard.set()
        except psycopg.Error as error:
            log.warning("the database does not say that there is work, will connect again", error=str(error))
        await asyncio.sleep(LISTEN_AGAIN)


@event.listens_for(Session, "after_commit")
def _tell(session: Session) -> None:
    if session.info.pop("nudge", False):
        for heard in list(_listening):
            heard.set()
