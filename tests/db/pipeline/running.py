# ruff: noqa: ASYNC110, ASYNC240 - tests may block, and look again and again
"""A server's dispatcher and a host's worker with short leases, in this process."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mediastead.clock import SystemClock
from mediastead.db.engine import Database
from mediastead.pipeline.engine.interface import Engine
from mediastead.pipeline.jobs.dispatcher import Dispatcher
from mediastead.pipeline.jobs.models import JobState, Stage
from mediastead.pipeline.jobs.work import Handler, Report, Result, ResultFile, Work
from mediastead.pipeline.jobs.worker import Worker

from .jobs_shelf import JobShelf

LEASE = 1.5
TICK = 0.1
USUAL: dict[str, Any] = {"lease": LEASE, "begin_within": 30.0, "tick": TICK}
PATIENCE = 15.0
LONG_FROM_NOW = datetime.now(UTC) + timedelta(days=1)
"""When hosts of tests were heard from."""


def writes(content: bytes = b"film") -> Handler:
    """A stage that makes one file."""

    async def handler(work: Work, report: Report) -> Result:
        report.log("info", f"attempt {work.attempt}")
        Path(work.directory.decode(), "out.mkv").write_bytes(content)
        report.progress(1.0)
        return Result(files=[ResultFile(path="out.mkv", size=len(content))])

    return handler


def waits(seen: "list[Work] | None" = None) -> Handler:
    """A stage that goes on until it is stopped, after it has made half of something and a log."""

    async def handler(work: Work, report: Report) -> Result:
        folder = Path(work.directory.decode())
        (folder / "half.mkv").write_bytes(b"half")
        (folder / "rip.log").write_text("reading")
        if seen is not None:
            seen.append(work)
        await report.stopped.wait()
        report.log("info", "never said")
        raise AssertionError("a report raises when it is to stop")

    return handler


class Plant:
    """A database with hosts at work and servers that give out jobs."""

    def __init__(self, shelf: JobShelf, engine: Engine, root: Path) -> None:
        self.shelf, self.engine, self.root = shelf, engine, root
        self.database: Database = shelf.database

    async def host(self, name: str = "attic", *capabilities: str, **values: Any) -> int:
        return await self.shelf.host(name, *capabilities, seen=LONG_FROM_NOW, **values)

    async def job(self, stage: Stage = Stage.REMUX, **values: Any) -> int:
        where = {"directory": str(self.root / "Film").encode()}
        return await self.shelf.job(stage, SystemClock().now(), **where | values)

    def dispatcher(self, **settings: Any) -> Dispatcher:
        return Dispatcher(self.database, SystemClock(), self.engine, **{**USUAL, **settings})

    def worker(self, host_id: int, handler: Handler, **settings: Any) -> Worker:
        given: dict[str, Any] = {"lease": LEASE, **settings}
        handlers = dict.fromkeys(Stage, handler)
        return Worker(self.database, SystemClock(), self.engine, host_id, handlers, **given)

    async def state(self, job_id: int) -> JobState:
        return (await self.shelf.the_job(job_id)).state

    async def until(self, job_id: int, *states: JobState) -> Any:
        await self.until_true(lambda: self._is(job_id, states))
        return await self.shelf.the_job(job_id)

    async def until_true(self, holds: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
        async with asyncio.timeout(seconds):
            while not await holds():
                await asyncio.sleep(0.02)

    async def _is(self, job_id: int, states: tuple[JobState, ...]) -> bool:
        return await self.state(job_id) in states

    def left(self) -> list[str]:
        """All files in the staging root."""
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())


@asynccontextmanager
async def at_work(*runners: Dispatcher | Worker) -> AsyncGenerator[asyncio.Event]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(runner.run(stop)) for runner in runners]
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*tasks)
