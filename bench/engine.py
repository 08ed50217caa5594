# ruff: noqa: ASYNC110, ASYNC220 - a benchmark may block, and looks again and again
"""How long a stage job waits for a host that has nothing to do, and how many jobs that do nothing are done a second.

    python bench/engine.py [--jobs 1000] [--latency 50] [--url postgresql+psycopg://...]

The whole way is measured, with dispatcher, fence, leases, logs and events, on PostgreSQL with hosts in processes of their own.
In the same run the same number of jobs is done by two that do less: a loop around `SELECT ... FOR UPDATE SKIP LOCKED` in one
process, and Procrastinate alone. What counts is the ratio to those: the seconds depend on the machine.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import func, insert, select

from mediastead.clock import SystemClock
from mediastead.db import migrate
from mediastead.db.engine import Database
from mediastead.logs import set_up_logs
from mediastead.pipeline.engine.choose import make_engine
from mediastead.pipeline.hosts.models import Host, HostCapability, HostState
from mediastead.pipeline.jobs.dispatcher import Dispatcher
from mediastead.pipeline.jobs.models import JobState, Stage, StageJob
from mediastead.pipeline.jobs.queries import board
from mediastead.pipeline.jobs.service import NewJob, make_job
from mediastead.pipeline.jobs.work import Report, Result, Work
from mediastead.pipeline.jobs.worker import Worker

sys.path.insert(0, str(Path(__file__).parents[1]))

HOSTS = 2
ROOM = 40
"""Jobs at once on a host."""
QUIET = 0.2
"""Seconds between two looks whether a job has begun."""


async def nothing(work: Work, report: Report) -> Result:
    """A job that does nothing but say when it began."""
    return Result(facts={"began": time.time()})


async def be_host(url: str, host_id: int) -> None:
    database = Database(url)
    worker = Worker(database, SystemClock(), make_engine(database, board), host_id, {Stage.REMUX: nothing})
    await worker.run(asyncio.Event())


@asynccontextmanager
async def hosts_at_work(database: Database, url: str) -> AsyncGenerator[None]:
    processes: list[subprocess.Popen[bytes]] = []
    now = datetime.now(UTC)
    for number in range(HOSTS):
        row = {"name": f"host {number}", "state": HostState.ENABLED, "limits": {"remux": ROOM}, "path_map": []}
        row |= {"commands": {}, "free_bytes": {}, "created_at": now, "last_seen_at": now + timedelta(days=1)}
        async with database.write() as session:
            host_id = (await session.execute(insert(Host).values(row).returning(Host.id))).scalar_one()
            able = {"host_id": host_id, "name": "remux", "available": True, "detail": {}, "since": now}
            await session.execute(insert(HostCapability).values(able))
        processes.append(subprocess.Popen([sys.executable, __file__, "--be-host", str(host_id), "--url", url]))
    stop = asyncio.Event()
    engine = make_engine(database, board)
    dispatcher = asyncio.create_task(Dispatcher(database, SystemClock(), engine).run(stop))
    try:
        yield
    finally:
        stop.set()
        await dispatcher
        for process in processes:
            process.kill()
            process.wait()


async def ours(database: Database, url: str, folder: Path, count: int, latency: int) -> tuple[list[float], float]:
    """Seconds from commit to start of jobs that come one by one, and seconds for `count` jobs that come at once."""
    new = NewJob(stage=Stage.REMUX, capability="remux", directory=os.fsencode(folder), actor="bench")
    async with hosts_at_work(database, url):
        waits: list[float] = []
        for number in range(latency + 5):
            async with database.write() as session:
                job_id = await make_job(session, SystemClock().now(), new)
            committed = time.time()
            began = await _began(database, job_id)
            if number >= 5:  # the first ones wait for the hosts to start
                waits.append(began - committed)
        async with database.write() as session:
            for _ in range(count):
                await make_job(session, SystemClock().now(), new)
        begin = time.perf_counter()
        while await _completed(database) < count + latency + 5:
            await asyncio.sleep(0.02)
        return waits, time.perf_counter() - begin


async def _began(database: Database, job_id: int) -> float:
    while True:
        await asyncio.sleep(QUIET)  # whoever asks takes time from those who are asked about
        async with database.read() as session:
            result = (await session.execute(select(StageJob.result).where(StageJob.id == job_id))).scalar_one()
        if result is not None:
            return result["facts"]["began"]


async def _completed(database: Database) -> int:
    async with database.read() as session:
        completed = select(func.count()).where(StageJob.state == JobState.COMPLETED)
        return (await session.execute(completed)).scalar_one()


def skip_locked(url: str, count: int) -> float:
    """Seconds that one process needs for as many rows, two transactions each."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute("CREATE TABLE plain_job (id serial PRIMARY KEY, state text NOT NULL DEFAULT 'queued')")
        connection.execute("INSERT INTO plain_job (state) SELECT 'queued' FROM generate_series(1, %s)", [count])
        take = """UPDATE plain_job SET state = 'running' WHERE id = (SELECT id FROM plain_job WHERE state = 'queued'
                  ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"""
        begin = time.perf_counter()
        while row := connection.execute(take).fetchone():
            connection.execute("UPDATE plain_job SET state = 'completed' WHERE id = %s", [row[0]])
        return time.perf_counter() - begin


async def bare_procrastinate(url: str, count: int) -> float:
    """Seconds that its worker needs for as many jobs, in one process."""
    from procrastinate import App, PsycopgConnector
    from procrastinate.types import JSONDict

    app = App(connector=PsycopgConnector(conninfo=_plain(url), kwargs={"options": "-c search_path=procrastinate"}))

    @app.task(name="nothing", queue="bench")
    async def nothing_at_all(number: int) -> None:
        return None

    async with app.open_async():
        told: list[JSONDict] = [{"number": number} for number in range(count)]
        await nothing_at_all.batch_defer_async(*told)
        begin = time.perf_counter()
        await app.run_worker_async(queues=["bench"], wait=False, concurrency=ROOM, install_signal_handlers=False)
        return time.perf_counter() - begin


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


async def run(url: str, count: int, latency: int) -> None:
    database = Database(url)
    with TemporaryDirectory() as folder:
        waits, seconds = await ours(database, url, Path(folder), count, latency)
    await database.dispose()
    plain, bare = await asyncio.to_thread(skip_locked, url, count), await bare_procrastinate(url, count)
    median, worst = statistics.median(waits), max(waits)
    print(f"from commit to start: median {median * 1000:.1f} ms, longest {worst * 1000:.1f} ms, of {latency}")
    print(f"{count} jobs that do nothing: {count / seconds:.0f} a second with {HOSTS} hosts")
    print(f"a loop around SKIP LOCKED: {count / plain:.0f} a second, ours is {plain / seconds:.2f} of it")
    print(f"Procrastinate alone: {count / bare:.0f} a second, ours is {bare / seconds:.2f} of it")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--latency", type=int, default=50)
    parser.add_argument("--url", help="a database of PostgreSQL that is made anew; by default a server for tests")
    parser.add_argument("--be-host", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    set_up_logs("error", "text")
    if given.be_host is not None:
        asyncio.run(be_host(given.url, given.be_host))
        return
    from tests.postgres import TestServer, drop_database, make_database

    server = None if given.url else TestServer()
    address = given.url or (server.url if server else "")
    url = make_database(address, "mediastead_bench")
    try:
        migrate.upgrade(url)
        asyncio.run(run(url, given.jobs, given.latency))
    finally:
        drop_database(address, "mediastead_bench")
        if server is not None:
            server.stop()


if __name__ == "__main__":
    main()
