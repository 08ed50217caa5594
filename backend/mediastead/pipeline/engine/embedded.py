"""The engine for one machine on SQLite: the runner sits in the server's process and reads the attempts themselves.

It has no table of its own: an attempt that was not begun is its ticket. Any process may dispatch to it (a command beside the
server), one works.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from ...db.engine import Database
from ...db.locks import ProcessLock
from .interface import Bearer, Parcel, Ticket
from .nudges import first_of, nudge, nudged

LOOK_AGAIN = 1.0
"""Seconds between two looks for tickets that another process made; those of this one are seen at once."""

log = structlog.stdlib.get_logger(__name__)


class OpenAttempt(Struct, frozen=True):
    """An attempt that has not ended."""

    ticket: Ticket
    begun: bool
    asked_to_end: bool


Board = Callable[[AsyncSession, int], Awaitable[list[OpenAttempt]]]
"""The attempts of a host that have not ended, the most urgent first."""


class EmbeddedEngine:
    """`interface.Engine` on SQLite."""

    def __init__(self, database: Database, board: Board) -> None:
        self._database = database
        self._board = board

    async def defer(self, session: AsyncSession, parcels: Sequence[Parcel]) -> list[int | None]:
        await nudge(session)
        return [None] * len(parcels)

    async def call_off(self, session: AsyncSession, parcels: Sequence[tuple[Parcel, int | None]]) -> None:
        await nudge(session)

    async def deliver(self, host_id: int, bearer: Bearer, stop: asyncio.Event) -> None:
        while not stop.is_set():
            async with ProcessLock(self._database, f"host-{host_id}").hold() as held:
                if held:
                    # Whoever worked here before is dead, for else the lock would be held.
                    await bearer.alone()
                    await self._deliver(host_id, bearer, stop)
                else:
                    await first_of(LOOK_AGAIN, stop)

    async def _deliver(self, host_id: int, bearer: Bearer, stop: asyncio.Event) -> None:
        async with nudged(self._database) as heard:
            while not stop.is_set():
                heard.clear()
                try:
                    async with self._database.read() as session:
                        found = await self._board(session, host_id)
                except Exception:
                    log.exception("attempts cannot be read now, will try again")
                    found = []
                for each in found:
                    if not each.begun:
                        bearer.begin(each.ticket)
                    elif each.asked_to_end:
                        bearer.stop(each.ticket)
                await first_of(LOOK_AGAIN, stop, heard)
