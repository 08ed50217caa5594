"""Runs a walk in a thread of its own, one batch of listings ahead of whoever works on them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .found import Gap, Listing
from .walk import Walk

T = TypeVar("T")

BATCH_FILES = 2000
BATCH_FOLDERS = 1000
BATCH_SECONDS = 1.0
"""A batch ends with the first of these: a slow disk must not keep what was seen from being shown."""


class Pump:
    """`async with Pump(walk) as pump: async for batch in pump.batches(): ...`; `look` runs other looks in the same thread.

    One thread a scan: a disk that hangs holds up its own library's scan and no other.
    """

    def __init__(self, walk: Walk, *, batch_files: int = BATCH_FILES) -> None:
        self._walk = walk.listings()
        self._batch_files = batch_files
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="walk")
        self._ahead: asyncio.Future[list[Listing | Gap]] | None = None

    async def __aenter__(self) -> "Pump":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._ahead is not None:
            await asyncio.gather(self._ahead, return_exceptions=True)
        await self.look(self._close)
        self._thread.shutdown(wait=False)

    async def batches(self) -> AsyncIterator[list[Listing | Gap]]:
        """Until the walk is through. Raises OSError where the root cannot be opened."""
        self._ahead = self._next()
        while batch := await self._ahead:
            self._ahead = self._next()
            yield batch
        self._ahead = None

    async def look(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _next(self) -> asyncio.Future[list[Listing | Gap]]:
        return asyncio.get_running_loop().run_in_executor(self._thread, _take, self._walk, self._batch_files)

    def _close(self) -> None:
        self._walk.close()


def _take(walk: Generator[Listing | Gap], most_files: int) -> list[Listing | Gap]:
    batch: list[Listing | Gap] = []
    files = 0
    until = time.monotonic() + BATCH_SECONDS
    for one in walk:
        batch.append(one)
        files += len(one.files) if isinstance(one, Listing) else 0
        if files >= most_files or len(batch) >= BATCH_FOLDERS or time.monotonic() >= until:
            break
    return batch
