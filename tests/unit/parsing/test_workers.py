"""guessit runs in processes that can be killed, and none of them outlives us."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from mediastead.parsing import ParsedPath, Parser

from . import odd_guesses

_PARENT = """
import asyncio, multiprocessing, os, sys
from mediastead.parsing import Parser
from tests.unit.parsing import odd_guesses

async def main():
    async with Parser(workers=2, limit_seconds=300, guess=odd_guesses.obedient) as parser:
        await parser.parse(["One (2001).mkv", "Two (2002).mkv"])
        working = asyncio.ensure_future(parser.parse(["hang 1.mkv", "hang 2.mkv"]))
        await asyncio.sleep(0.2)
        print(*[child.pid for child in multiprocessing.active_children()], flush=True)
        await working

if __name__ == "__main__":
    asyncio.run(main())
"""


def titles(parsed: list[ParsedPath]) -> list[str | None]:
    return [path.titles[0].text if path.titles else None for path in parsed]


async def test_names_come_back_in_the_order_in_which_they_were_given() -> None:
    names = [f"Film {letter} ({year}).mkv" for letter in "ABCDEFGH" for year in range(1960, 1975)]
    async with Parser(workers=2, guess=odd_guesses.obedient) as parser:
        parsed = await parser.parse(names)
    assert [path.path for path in parsed] == names
    assert all(path.problem is None for path in parsed)


async def test_a_name_that_hangs_is_given_up_and_its_neighbours_are_read() -> None:
    async with Parser(workers=1, limit_seconds=0.5, guess=odd_guesses.obedient) as parser:
        parsed = await parser.parse(["One (2001).mkv", "hang.mkv", "Two (2002).mkv"])
        assert titles(parsed) == ["One (2001)", None, "Two (2002)"]
        assert [path.problem for path in parsed] == [None, "timeout", None]
        assert (await parser.parse(["Three (2003).mkv"]))[0].problem is None


async def test_a_name_that_kills_its_process_costs_only_itself() -> None:
    async with Parser(workers=2, guess=odd_guesses.obedient) as parser:
        parsed = await parser.parse(["One (2001).mkv", "crash.mkv", "raise.mkv", "Two (2002).mkv"])
    assert titles(parsed) == ["One (2001)", None, None, "Two (2002)"]
    assert [path.problem for path in parsed] == [None, "crashed", "failed: ValueError", None]


async def test_a_name_is_guessed_once_and_remembered(tmp_path: Path) -> None:
    log = tmp_path / "names"
    async with Parser(workers=1, guess=partial(odd_guesses.counting, str(log))) as parser:
        first = await parser.parse(["A/One (2001).mkv", "B/One (2001).mp4"])
        again = await parser.parse(["A/One (2001).mkv"])
    assert log.read_text().splitlines() == ["One (2001)"]
    assert again == first[:1]


async def test_a_worker_that_was_killed_is_replaced_without_importing_everything_anew() -> None:
    async with Parser(workers=1, guess=odd_guesses.warm_only) as parser:
        first = await parser.parse(["crash.mkv"])
        second = await parser.parse(["One (2001).mkv"])
    assert [path.problem for path in first + second] == ["crashed", None]


async def test_cancelling_leaves_the_parser_usable() -> None:
    async with Parser(workers=1, limit_seconds=300, guess=odd_guesses.obedient) as parser:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5):
                await parser.parse(["hang.mkv"])
        assert titles(await parser.parse(["One (2001).mkv"])) == ["One (2001)"]


async def test_no_process_is_started_before_the_first_name_nor_for_names_that_say_nothing() -> None:
    others = multiprocessing.active_children()  # which tests before this one may have left
    async with Parser(workers=1, guess=odd_guesses.obedient) as parser:
        assert await parser.parse([]) == []
        assert (await parser.parse(["IMG_1234.mov"]))[0].problem == "no_title"
        assert set(multiprocessing.active_children()) <= set(others)


async def test_leaving_ends_the_processes() -> None:
    others = multiprocessing.active_children()
    async with Parser(workers=2, guess=odd_guesses.obedient) as parser:
        await parser.parse([f"Film {number} (2001).mkv" for number in range(2001, 2100)])
        pids = tuple(child.pid for child in set(multiprocessing.active_children()) - set(others) if child.pid)
        assert len(pids) == 2
    assert _gone(pids)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_killing_the_parent_leaves_no_process_behind() -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = tuple(int(pid) for pid in parent.stdout.readline().split())
    assert len(pids) == 2
    assert not _gone(pids, within=0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert _gone(pids)


def _gone(pids: tuple[int, ...], within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while True:
        alive = [pid for pid in pids if _alive(pid)]
        if not alive or time.monotonic() >= deadline:
            return not alive
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    """A zombie is dead: only its parent has not asked yet, and where that was killed, nobody may ever."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    try:
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return not state.parent.parent.exists()  # it ended meanwhile, or there is no /proc here
