"""Threads for questions that may hang: they do not keep the process from ending."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Threads:
    """Up to `count` threads, begun when they are needed, that do what is submitted.

    In place of a `ThreadPoolExecutor`, whose threads are waited for when the interpreter ends: a server that is told to stop
    would stay for as long as a provider lets it wait.
    """

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._begun = 0
        self._closed = False
        self._lock = threading.Lock()
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """Have `work` done; the future is cancelled at once where the threads were closed."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                future.cancel()
                return future
            self._work.put((future, work))
            if self._begun < self._count:
                self._begun += 1
                threading.Thread(target=self._run, name=f"{self._name}-{self._begun}", daemon=True).start()
        return future

    def close(self) -> None:
        """Begin nothing more; what waits is cancelled, and what runs ends unseen."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            while not self._work.empty():
                if waiting := self._work.get():
                    waiting[0].cancel()
            for _ in range(self._begun):
                self._work.put(None)

    def _run(self) -> None:
        while next_one := self._work.get():
            future, work = next_one
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
            del next_one, future, work
