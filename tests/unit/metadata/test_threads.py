"""Threads that do not keep the process from ending."""

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import CancelledError

import pytest

from mediastead.metadata.threads import Threads


def test_work_is_done_and_its_errors_are_told():
    threads = Threads(2, "test")
    assert threads.submit(lambda: 7).result(10) == 7

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        threads.submit(fail).result(10)
    threads.close()


def test_no_more_work_is_done_at_once_than_there_are_threads():
    threads = Threads(2, "test")
    both, release = threading.Barrier(3), threading.Event()

    def work() -> None:
        both.wait(10)
        release.wait(10)

    first = [threads.submit(work) for _ in range(2)]
    third = threads.submit(lambda: "third")
    both.wait(10)
    assert not third.done()
    release.set()
    assert third.result(10) == "third" and all(each.result(10) is None for each in first)
    threads.close()


def test_closing_cancels_what_waits_and_what_comes_later():
    threads = Threads(1, "test")
    begun, release = threading.Event(), threading.Event()

    def work() -> str:
        begun.set()
        release.wait(10)
        return "done"

    running, waiting = threads.submit(work), threads.submit(work)
    begun.wait(10)
    threads.close()
    threads.close()
    with pytest.raises(CancelledError):
        waiting.result(10)
    assert threads.submit(work).cancelled()
    release.set()
    assert running.result(10) == "done"


async def test_a_caller_that_is_cancelled_leaves_the_thread_to_others():
    threads = Threads(1, "test")
    release = threading.Event()
    asked = asyncio.create_task(_result(threads, release))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    release.set()
    assert await asyncio.wrap_future(threads.submit(lambda: 1)) == 1
    threads.close()


async def _result(threads: Threads, release: threading.Event) -> bool:
    return await asyncio.wrap_future(threads.submit(lambda: release.wait(10)))


def test_a_process_ends_while_a_thread_hangs():
    program = (
        "import threading\nfrom mediastead.metadata.threads import Threads\nbegun = threading.Event()\n"
        "threads = Threads(1, 'test')\nthreads.submit(lambda: (begun.set(), threading.Event().wait(100)))\nbegun.wait()\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=30, check=False).returncode == 0
