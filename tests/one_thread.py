"""SQLite without a thread for each connection, where one task is at work at a time: waiting for those is most of the time."""

from collections.abc import Callable
from typing import Any

import aiosqlite
import pytest


def stay_in_one_thread(patch: pytest.MonkeyPatch) -> None:
    """In the place of what the driver does; needs `check_same_thread=false` in the address."""
    patch.setattr(aiosqlite.Connection, "_connect", _connect_here)
    patch.setattr(aiosqlite.Connection, "_execute", _execute_here)


async def _connect_here(connection: Any) -> Any:
    connection._connection = connection._connection or connection._connector()
    return connection


async def _execute_here(_connection: Any, call: Callable[..., Any], *args: Any, **more: Any) -> Any:
    return call(*args, **more)
