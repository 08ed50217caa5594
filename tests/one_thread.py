"""No threads where one task is at work at a time: handing over to them and back is much of the time of a short step."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiosqlite
import pytest


def stay_in_one_thread(patch: pytest.MonkeyPatch) -> None:
    """In the place of SQLite's driver, which has a thread for each connection, and of threads for what blocks. The address of the
    database needs `check_same_thread=false`."""
    patch.setattr(asyncio, "to_thread", _here)
    patch.setattr(aiosqlite.Connection, "_connect", _connect_here)
    patch.setattr(aiosqlite.Connection, "_execute", _execute_here)


async def _here(call: Callable[..., Any], /, *args: Any, **more: Any) -> Any:
    return call(*args, **more)


async def _connect_here(connection: Any) -> Any:
    connection._connection = connection._connection or connection._connector()
    return connection


async def _execute_here(_connection: Any, call: Callable[..., Any], *args: Any, **more: Any) -> Any:
    return call(*args, **more)
