"""What several want written at one moment is written together, and each is answered by itself."""

import asyncio
from collections.abc import Sequence

import pytest

from mediastead.pipeline.jobs.together import Together


class Paper:
    """Doubles what it is given; negative numbers are refused, and while it is `away` everything is."""

    def __init__(self) -> None:
        self.written: list[list[int]] = []
        self.away = False
        self.may_go_on = asyncio.Event()

    async def write(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.written.append(list(numbers))
        await self.may_go_on.wait()
        if self.away:
            raise ConnectionError
        return [ValueError(number) if number < 0 else 2 * number for number in numbers]


async def test_what_comes_alone_is_written_at_once_and_what_comes_meanwhile_together() -> None:
    paper = Paper()
    together = Together(paper.write)
    first = asyncio.create_task(together(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert paper.written == [[1]]
    others = [asyncio.create_task(together(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    paper.may_go_on.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert paper.written == [[1], [2, 3, 4]]
    assert await together(5) == 10


async def test_one_that_is_refused_is_told_so_alone_and_all_are_when_nothing_was_written() -> None:
    paper = Paper()
    together = Together(paper.write)
    paper.may_go_on.set()
    good, bad = await asyncio.gather(together(1), together(-1), return_exceptions=True)
    assert good == 2
    assert isinstance(bad, ValueError)
    paper.away = True
    assert [type(each) for each in await asyncio.gather(together(1), together(2), return_exceptions=True)] == [
        ConnectionError,
        ConnectionError,
    ]


async def test_who_no_longer_waits_keeps_nobody_else_from_an_answer() -> None:
    paper = Paper()
    together = Together(paper.write)
    asking = [asyncio.create_task(together(number)) for number in (1, 2)]
    await asyncio.sleep(0)
    asking[0].cancel()
    paper.may_go_on.set()
    assert await asking[1] == 4
    with pytest.raises(asyncio.CancelledError):
        await asking[0]
