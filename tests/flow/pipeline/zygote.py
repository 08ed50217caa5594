# ruff: noqa: ASYNC230 - tests may block
"""Hosts as processes that can be killed: each line on standard input forks one, whose process id is printed.

    python -m tests.flow.pipeline.zygote <database url>

A line is `<role> <host id> <commit> <signal> <database url>`: the process sends itself that signal (KILL or STOP) at that commit,
counted from 0, right before (even) or after (odd) it, and never at -1. The only role here is `host`; `actors` has others. A role
that begins with `warm` is not forked but done at once, and answered with 0: all that it makes ready (mappers, statements) those
who are forked later have.
"""

import asyncio
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeAlias

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

DATABASES: dict[str, Database] = {}
"""By address, with all statements that they compiled, also those who are forked later."""
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
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


Role: TypeAlias = Callable[[Database, int, asyncio.Event], Awaitable[None]]
"""What a process does until the event is set; it is told the id of its host."""


async def be_host(database: Database, host_id: int, stop: asyncio.Event) -> None:
    engine = make_engine(database, board)
    await Worker(database, SystemClock(), engine, host_id, {Stage.REMUX: make}, lease=LEASE).run(stop)


def serve(url: str, roles: Mapping[str, Role]) -> None:
    set_up_logs("error", "text")
    make_engine(Database(url), board)  # imports all of it, once
    print("ready", flush=True)
    for line in sys.stdin:
        role, host_id, commit, name, own = line.rstrip("\n").split(" ", 4)
        if role.startswith("warm"):
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            asyncio.run(_be(roles[role], own, int(host_id)))
            gc.collect()
            gc.freeze()  # or each forked process would copy all that it only looks through for garbage
            print(0, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who was killed is gone at once
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            if sys.platform == "linux":
                # What a test that failed left behind would do the work of the next one.
                ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
            try:
                asyncio.run(_be(roles[role], own, int(host_id), int(commit), signal.Signals[f"SIG{name}"]))
            finally:
                os._exit(0)
        print(pid, flush=True)


async def _be(role: Role, url: str, host_id: int, commit: int = -1, sent: signal.Signals = signal.SIGKILL) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    if commit >= 0:
        _send_at(commit, sent)
    database = DATABASES.setdefault(url, Database(url, stands_still=LEASE))
    await role(database, host_id, stop)
    await database.dispose()


def _send_at(commit: int, sent: signal.Signals) -> None:
    passed = {"before": 0, "after": 0}

    def boundary(name: str, at: int) -> None:
        def reached(_session: Session) -> None:
            passed[name] += 1
            if passed[name] * 2 - 2 + at == commit:
                os.kill(os.getpid(), sent)

        event.listen(Session, f"{name}_commit", reached)

    boundary("before", 0)
    boundary("after", 1)


if __name__ == "__main__":
    serve(sys.argv[1], {"host": be_host})
