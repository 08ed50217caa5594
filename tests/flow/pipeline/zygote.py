# ruff: noqa: ASYNC230 - tests may block
"""Hosts as processes that can be killed: each line on standard input forks one, whose process id is printed.

    python -m tests.flow.pipeline.zygote <database url>

A line is `<host id> <commit>`: the host kills itself at that commit, counted from 0, right before (even) or after (odd) it;
-1 for never.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

from mediastead.clock import SystemClock
from mediastead.db.engine import Database
from mediastead.logs import set_up_logs
from mediastead.pipeline.engine.choose import make_engine
from mediastead.pipeline.jobs.models import Stage
from mediastead.pipeline.jobs.queries import board
from mediastead.pipeline.jobs.work import Report, Result, ResultFile, Work
from mediastead.pipeline.jobs.worker import Worker

LEASE = 1.0
PARTS = 4


def content_of(job_id: int) -> bytes:
    """What the job with this id makes."""
    return b"what job %d makes\n" % job_id * PARTS


async def make(work: Work, report: Report) -> Result:
    """A stage that is at it for a moment, part by part."""
    path = Path(os.fsdecode(work.directory), "out.mkv")
    parts = content_of(work.job_id).splitlines(keepends=True)
    with path.open("wb", buffering=0) as file:
        for number, part in enumerate(parts):
            file.write(part)
            report.log("info", f"part {number}")
            report.progress((number + 1) / len(parts))
            await asyncio.sleep(0.02)
    return Result(files=[ResultFile(path="out.mkv", size=len(b"".join(parts)))])


def main(url: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who was killed is gone at once
    set_up_logs("error", "text")
    make_engine(Database(url), board)  # imports all of it, once
    print("ready", flush=True)
    for line in sys.stdin:
        host_id, commit = map(int, line.split())
        pid = os.fork()
        if pid == 0:
            try:
                asyncio.run(_be_host(url, host_id, commit))
            finally:
                os._exit(0)
        print(pid, flush=True)


async def _be_host(url: str, host_id: int, commit: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    if commit >= 0:
        _die_at(commit)
    database = Database(url)
    handlers = {Stage.REMUX: make}
    worker = Worker(database, SystemClock(), make_engine(database, board), host_id, handlers, lease=LEASE)
    await worker.run(stop)
    await database.dispose()


def _die_at(commit: int) -> None:
    passed = {"before": 0, "after": 0}

    def boundary(name: str, at: int) -> None:
        def reached(_session: Session) -> None:
            passed[name] += 1
            if passed[name] * 2 - 2 + at == commit:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Session, f"{name}_commit", reached)

    boundary("before", 0)
    boundary("after", 1)


if __name__ == "__main__":
    main(sys.argv[1])
