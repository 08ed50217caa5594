"""The prober that the rest of the application holds: a path in, what its content says out, within a time limit."""

import asyncio
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from types import TracebackType
from typing import Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from ..processes import end_with_parent, warm_context
from .content import Content, read_content
from .fingerprint import Fingerprint, read_fingerprint

T = TypeVar("T")

_TASKS_PER_WORKER = 2_000
"""A worker is renewed before what a library leaks weighs."""


class Prober:
    """`async with Prober() as prober: await prober.probe(path)`. One for a process; any number of tasks may share it.

    There is one worker: probing is rare, and reading a disk in two places at once makes it slower. The process starts with
    the first path.
    """

    def __init__(self, *, limit_seconds: float = 10.0, read: Callable[[bytes], Content] = read_content) -> None:
        self._limit_seconds = limit_seconds
        self._read = read
        self._pool: ProcessPool | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def probe(self, path: bytes) -> Content:
        """What the content of `path` says. Reading that takes too long is killed, not waited for."""
        read = await self._within_limit(self._read, path)
        return Content(error=read) if isinstance(read, str) else read

    async def fingerprint(self, path: bytes) -> Fingerprint:
        """What `path` is known by; within the same limit."""
        read = await self._within_limit(read_fingerprint, path)
        return Fingerprint(error=read) if isinstance(read, str) else read

    async def stop(self) -> None:
        """Kills the process and waits until it is gone."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()
            await asyncio.to_thread(pool.join)

    async def _within_limit(self, read: Callable[[bytes], T], path: bytes) -> T | str:
        """What was read, or why it could not be, in words."""
        future = self._running_pool().schedule(read, args=[path], timeout=self._limit_seconds)
        try:
            return await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeout):
            return f"reading it took longer than {self._limit_seconds:g} s"
        except ProcessExpired:
            return "reading it crashed"

    def _running_pool(self) -> ProcessPool:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=1,
                max_tasks=_TASKS_PER_WORKER,
                initializer=end_with_parent,
                context=warm_context(),
            )
        return self._pool
