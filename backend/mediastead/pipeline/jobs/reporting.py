"""What an attempt says is kept here until it is written."""

import asyncio
import threading
from collections import deque

from ...clock import Clock
from ...db.text import readable
from ..engine.interface import Ticket
from .attempts import Line, Said
from .work import Level, Stopped, Stopping

MOST_LINES = 20_000
"""Of an attempt; what it says beyond that is counted, and the count is its last line."""
LONGEST_LINE = 2_000
BATCH = 200
"""So many lines are written at once, without waiting for the next second."""


class KeptReport:
    """`work.Report` for the handler; `take` for who writes it down. Threads of the handler may speak at once."""

    def __init__(self, ticket: Ticket, clock: Clock, wake: asyncio.Event, *, most_lines: int = MOST_LINES) -> None:
        self.ticket = ticket
        self.stopped = asyncio.Event()
        self.why: Stopping | None = None
        self._clock = clock
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._most_lines = most_lines
        self._lines: deque[Line] = deque()
        self._said = 0
        self._left_out = 0
        self._changed = False
        self._progress: float | None = None
        self._speed: str | None = None
        self._seconds_left: int | None = None
        self._pid: int | None = None

    def stop(self, why: Stopping) -> None:
        """The first reason counts, but for that it is no longer ours, which is always so. In the event loop only."""
        if self.why is None or why is Stopping.FENCED:
            self.why = why
        self.stopped.set()

    def progress(self, share: float, speed: str | None = None, seconds_left: int | None = None) -> None:
        self._check()
        with self._lock:
            self._progress = min(max(share, 0.0), 1.0)
            self._speed, self._seconds_left, self._changed = (
                readable(speed[:LONGEST_LINE]) if speed else None,
                seconds_left,
                True,
            )

    def log(self, level: Level, text: str) -> None:
        self._check()
        with self._lock:
            self._said += 1
            if self._said > self._most_lines:
                self._left_out += 1
                return
            self._lines.append(Line(self._clock.now(), level, readable(text[:LONGEST_LINE])))
            full = len(self._lines) == BATCH
        if full:
            self._loop.call_soon_threadsafe(self._wake.set)

    def started(self, pid: int) -> None:
        self._check()
        with self._lock:
            self._pid, self._changed = pid, True

    def last_words(self) -> None:
        """How many lines were left out, as the last one."""
        with self._lock:
            if self._left_out:
                self._lines.append(Line(self._clock.now(), "warning", f"{self._left_out} more lines were left out"))
                self._left_out = 0

    def take(self) -> Said:
        """What is not written yet. Whoever could not write it gives it back."""
        with self._lock:
            said = Said(
                ticket=self.ticket,
                changed=self._changed,
                progress=self._progress,
                speed=self._speed,
                seconds_left=self._seconds_left,
                pid=self._pid,
                lines=[self._lines.popleft() for _ in range(min(len(self._lines), 5 * BATCH))],
            )
            self._changed = False
        return said

    def give_back(self, said: Said) -> None:
        with self._lock:
            self._lines.extendleft(reversed(said.lines))
            self._changed = self._changed or said.changed

    @property
    def has_news(self) -> bool:
        return self._changed or bool(self._lines)

    def _check(self) -> None:
        if self.why is not None:
            raise Stopped(self.why)
