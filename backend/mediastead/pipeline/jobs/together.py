"""What several want written at one moment is written in one transaction: each commit waits for the disk."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

AT_ONCE = 100


class Together(Generic[Asked, Answer]):
    """What comes while something is being written is written together afterwards; what comes alone, at once.

    `write` gives answers in the order of what it was given; one that is an exception is raised where that was asked. What it
    raises itself is raised where anything was.
    """

    def __init__(self, write: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | Exception]]]) -> None:
        self._write = write
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def __call__(self, asked: Asked) -> Answer:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await answer

    async def _write_all(self) -> None:
        group: list[tuple[Asked, asyncio.Future[Answer]]] = []
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                await self._answer(group)
                group = []
        finally:
            self._writing = None
            # Only where this was cancelled: nobody shall wait for ever.
            for _, answer in (*group, *self._waiting):
                answer.cancel()
            self._waiting = []

    async def _answer(self, group: Sequence[tuple[Asked, "asyncio.Future[Answer]"]]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = await self._write([asked for asked, _ in group])
        except Exception as error:
            answers = [error] * len(group)
        for (_, waiting), answer in zip(group, answers, strict=True):
            if waiting.done():
                continue  # whoever asked was cancelled
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)
