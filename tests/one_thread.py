"""No threads where one task is at work at a time: handing over to them and back is much of the time of a short step."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any

import aiosqlite
import pytest
from aiosqlite.core import set_exception, set_result


def stay_in_one_thread(patch: pytest.MonkeyPatch) -> None:
    """In the place of SQLite's driver, which has a thread for each connection, and of threads for what blocks."""
    sqlite_in_this_thread(patch)
    patch.setattr(asyncio, "to_thread", _here)
    patch.setattr(aiosqlite.Connection, "_execute", _execute_here)


def sqlite_in_this_thread(patch: pytest.MonkeyPatch) -> None:
    """Only that, and whoever waits for the loop gets it with every statement."""
    patch.setattr(aiosqlite.Connection, "__await__", _connect_here)


class _InThisThread:
    """In the place of the queue that a connection's thread works off."""

    def put_nowait(self, asked: tuple["asyncio.Future[Any] | None", Callable[[], Any]]) -> None:
        future, call = asked
        try:
            tell, told = set_result, call()
        except BaseException as error:
            tell, told = set_exception, error
        if future is not None:
            future.get_loop().call_soon(tell, future, told)


def _connect_here(connection: Any) -> Generator[Any, None, Any]:
    connection._tx = _InThisThread()
    return connection._connect().__await__()


async def _here(call: Callable[..., Any], /, *args: Any, **more: Any) -> Any:
    return call(*args, **more)


async def _execute_here(_connection: Any, call: Callable[..., Any], *args: Any, **more: Any) -> Any:
    return call(*args, **more)
