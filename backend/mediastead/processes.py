"""Child processes that do not outlive this one."""

import multiprocessing
import os
import threading
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext

WARM = "mediastead.parsing.warm"
"""Imported once, by the process that workers are forked from: guessit and its rules take a second of computing."""


def warm_context() -> ForkServerContext:
    """Starts workers for a `ProcessPool`, each within milliseconds once the first is there, also after one was killed.

    They are forked from a process that does nothing else, not from this one: a copy of this one would hold its lock files
    and database connections open. That process starts with the first worker, and ends when this one and its workers have.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", WARM])
    return context


def end_with_parent() -> None:
    """Runs in each worker: ends it when the parent is gone, also when that was killed and could say nothing.

    The parent holds the other end of the sentinel's pipe. prctl(PR_SET_PDEATHSIG) would not do: it looks at the thread
    that started the worker, and there is none on macOS.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
