"""Work that is done to its end, whoever stops waiting for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def unbroken(work: Coroutine[Any, Any, T]) -> T:
    """Do it to its end, also where the task that waits for it is cancelled: then that is so afterwards.

    The library's lock must outlive the thread that renames; a thread cannot be cancelled.
    """
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise
            cancelled = True
        except Exception:
            break  # told below
    if cancelled:
        if not task.cancelled():
            task.exception()  # seen, so that nobody is told of it as forgotten
        raise asyncio.CancelledError
    return task.result()
