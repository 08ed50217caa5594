"""Child processes that do not outlive this one."""

import multiprocessing
import os
import threading
from multiprocessing.connection import wait


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
