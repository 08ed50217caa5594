"""Processes that run guessit and can be killed."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeout

from pebble import ProcessExpired, ProcessPool

from ..processes import end_with_parent, warm_context
from .guess import Guess, guess_name

GuessFunction = Callable[[str], Guess]

_CHUNK = 32
"""Names a task: some 0.2 s of work, beside which the 1 ms that a task costs to hand over does not matter."""
_TASKS_PER_WORKER = 20_000
"""guessit and its regular expressions keep caches; a worker is renewed before they weigh."""


class GuessWorkers:
    """Guesses names in worker processes. The processes start with the first name and end with `stop`, or when this
    process ends in whatever way.
    """

    def __init__(self, *, workers: int, limit_seconds: float, guess: GuessFunction = guess_name) -> None:
        self._workers = workers
        self._limit_seconds = limit_seconds
        self._guess = guess
        self._pool: ProcessPool | None = None

    async def guess(self, names: Sequence[str]) -> list[Guess]:
        """One guess for each name, in order. A name that runs out of time or kills its process costs only itself."""
        size = max(1, min(_CHUNK, -(-len(names) // self._workers)))
        chunks = [names[start : start + size] for start in range(0, len(names), size)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._chunk(chunk)) for chunk in chunks]
        return [guess for task in tasks for guess in task.result()]

    async def stop(self) -> None:
        """Kills the processes and waits until they are gone. Work that is under way is cancelled."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()
            await asyncio.to_thread(pool.join)

    async def _chunk(self, names: Sequence[str]) -> list[Guess]:
        limit = self._limit_seconds + 0.1 * (len(names) - 1)
        problem = None
        future = self._running_pool().schedule(_guess_all, args=[self._guess, list(names)], timeout=limit)
        try:
            return await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeout):
            problem = "timeout"
        except ProcessExpired:
            problem = "crashed"
        if len(names) == 1:
            return [Guess(problem=problem)]
        # Which of them it was is only told by asking again, one by one.
        return [(await self._chunk([name]))[0] for name in names]

    def _running_pool(self) -> ProcessPool:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=_TASKS_PER_WORKER // _CHUNK,
                initializer=end_with_parent,
                context=warm_context(),
            )
        return self._pool


def _guess_all(guess: GuessFunction, names: Sequence[str]) -> list[Guess]:
    return [_guess_one(guess, name) for name in names]


def _guess_one(guess: GuessFunction, name: str) -> Guess:
    try:
        return guess(name)
    except Exception as error:  # guessit wraps whatever its rules raise; the name is the cause, and its problem says so
        return Guess(problem=f"failed: {type(error).__name__}")
