"""A report for tests of handlers: it keeps what was said, and stops when it is told to."""

import asyncio

from mediastead.pipeline.jobs.work import Level, Stopped, Stopping


class KeptReport:
    """Keeps the promises of `jobs.work.Report`, without a database."""

    def __init__(self) -> None:
        self.stopped = asyncio.Event()
        self.why: Stopping | None = None
        self.shares: list[float] = []
        self.lines: list[tuple[Level, str]] = []
        self.pids: list[int] = []
        self.began = asyncio.Event()

    def stop(self, why: Stopping = Stopping.CANCELLED) -> None:
        self.why = why
        self.stopped.set()

    def progress(self, share: float, speed: str | None = None, seconds_left: int | None = None) -> None:
        self._check()
        self.shares.append(share)

    def log(self, level: Level, text: str) -> None:
        self._check()
        self.lines.append((level, text))

    def started(self, pid: int) -> None:
        self._check()
        self.pids.append(pid)
        self.began.set()

    def _check(self) -> None:
        if self.why is not None:
            raise Stopped(self.why)
