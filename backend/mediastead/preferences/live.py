"""The settings in force in this process, and who wants to know when they change."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

import structlog
from msgspec import structs

from ..db.engine import Database
from ..settings import Settings
from .service import effective

Listener: TypeAlias = Callable[[Settings], Awaitable[None]]

LOOK_AGAIN = 5.0
"""Seconds until a server notices what was changed on another one."""

log = structlog.stdlib.get_logger(__name__)


class LiveSettings:
    """`current` are the settings in force. Those of environment and file stay as they were at the start."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.current = settings
        self._started_with = settings
        self._database = database
        self._listeners: list[Listener] = []
        self._one_at_a_time = asyncio.Lock()

    def on_change(self, listener: Listener) -> None:
        """Call `listener` with the new settings after each change, and wait for it."""
        self._listeners.append(listener)

    async def reload(self) -> Settings:
        """Read again what people changed; gives the settings now in force."""
        async with self._one_at_a_time:
            async with self._database.read() as session:
                found = await effective(session, self._started_with)
            if structs.asdict(found) != structs.asdict(self.current):
                self.current = found
                for listener in self._listeners:
                    await listener(found)
            return self.current

    async def watch(self, stop: asyncio.Event) -> None:
        """Notice what is changed on other servers on the same database, until `stop` is set."""
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_AGAIN)
                return
            try:
                await self.reload()
            except Exception:
                # The database may be away for a while; what was in force stays so.
                log.exception("settings could not be read again")
