"""SQLite without trips to another thread: a statement runs where it is asked for, which takes half as long.

Only what may have to wait for another transaction of this process still goes there, to begin one that writes: it would wait for
ever. Tests of the trips themselves, of what is cancelled on one, and all processes that tests start have them as they are.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import pytest

from mediastead.db.one_trip import OneTripConnection


@contextmanager
def without_trips() -> Generator[None]:
    trip: Any = OneTripConnection._execute
    away: WeakSet[OneTripConnection] = WeakSet()
    """Whose thread may be at it: one whose task was cancelled meanwhile stays until its thread has done what comes next."""

    async def execute(self: OneTripConnection, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        if self._connection is None or self.to_begin == "BEGIN IMMEDIATE" or self in away:
            away.add(self)
            try:
                done = await trip(self, function, *arguments, **named)
            except sqlite3.Error:
                away.discard(self)
                raise
            away.discard(self)
            return done
        # Others have their turn here, as they do while one waits for the thread.
        await asyncio.sleep(0)
        return function(*arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OneTripConnection, "_execute", execute)
        yield
