# ruff: noqa: ASYNC110, ASYNC240 - tests may block, and look again and again
"""Hosts that are killed at every commit and at random moments, that stand still for longer than a lease, and a database that cuts
all connections: no job is lost, and each has exactly one result."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import text

from mediastead.clock import SystemClock
from mediastead.db.engine import Database
from mediastead.pipeline.engine.choose import make_engine
from mediastead.pipeline.jobs import service
from mediastead.pipeline.jobs.models import JobState, Outcome
from mediastead.pipeline.jobs.queries import board
from mediastead.pipeline.jobs.reaping import LOST_AT_MOST

from ...db.pipeline.jobs_shelf import JobShelf
from ...db.pipeline.running import Plant, at_work
from .processes import Zygote, gone, is_stopped, kill, lives
from .zygote import LEASE, content_of

COMMITS = 10
"""Boundaries of commits that a host passes with its first jobs: two a transaction."""
RANDOM_KILLS = int(os.environ.get("MEDIASTEAD_TEST_CHAOS", "5"))
JOBS = 6
PATIENCE = 60.0

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def zygote(database: Database) -> AsyncGenerator[Zygote]:
    zygote = Zygote(database.url.render_as_string(hide_password=False))
    yield zygote
    zygote.end()


@pytest.fixture
def plant(database: Database, tmp_path: Path) -> Plant:
    return Plant(JobShelf(database), make_engine(database, board), tmp_path)


async def all_ended(plant: Plant, jobs: list[int]) -> None:
    """Every job has exactly one result, which is whole, and nothing else lies about."""
    for job_id in jobs:
        await plant.until_true(lambda job_id=job_id: _has_ended(plant, job_id), PATIENCE)
        job = await plant.shelf.the_job(job_id)
        if job.state is JobState.FAILED and f"{LOST_AT_MOST} hosts vanished" in (job.why or ""):
            # On a slow machine one job may be in the hands of nearly all hosts that die.
            async with plant.database.write() as session:
                await service.retry(session, SystemClock().now(), job_id)
            await plant.until_true(lambda job_id=job_id: _has_ended(plant, job_id), PATIENCE)
    for job_id in jobs:
        job = await plant.shelf.the_job(job_id)
        assert job.state is JobState.COMPLETED, job.why
        attempts = await plant.shelf.attempts(job_id)
        completed = [each for each in attempts if each.outcome is Outcome.COMPLETED]
        assert [each.directory for each in completed] == [job.output]
        assert None not in [each.outcome for each in attempts]
        assert Path(os.fsdecode(job.output), "out.mkv").read_bytes() == content_of(job_id)
    assert len(plant.left()) == len(jobs)


async def _has_ended(plant: Plant, job_id: int) -> bool:
    return await plant.state(job_id) in (JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED)


async def test_no_job_is_lost_or_made_twice_when_hosts_are_killed(plant: Plant, zygote: Zygote) -> None:
    host = await plant.host(limits={"remux": 2})
    jobs = [await plant.job() for _ in range(JOBS)]
    chance = random.Random(7)
    died = 0
    async with at_work(plant.dispatcher(lease=LEASE, begin_within=2 * LEASE)):
        for commit in range(COMMITS):
            pid = zygote.start("host", host, commit)
            died += await gone(pid, 4 * LEASE)
            await kill(pid)
            jobs.append(await plant.job())
        for _ in range(RANDOM_KILLS):
            pid = zygote.start("host", host)
            await asyncio.sleep(chance.uniform(0, 0.5))
            await kill(pid)
            jobs.append(await plant.job())
        pid = zygote.start("host", host)
        await all_ended(plant, jobs)
        await kill(pid)
    assert died >= COMMITS // 2, "hosts did not come to the commits at which they were to die"


async def test_a_host_that_stood_still_for_longer_than_its_lease_says_nothing_any_more(
    plant: Plant, zygote: Zygote, database: Database
) -> None:
    still, other = await plant.host("still", priority=9), await plant.host("other")
    async with at_work(plant.dispatcher(lease=LEASE, begin_within=5 * LEASE)):
        pid = zygote.start("host", still)
        jobs = [await plant.job()]

        async def begun() -> bool:
            return bool(attempts := await plant.shelf.attempts(jobs[0])) and attempts[0].started_at is not None

        await plant.until_true(begun)
        os.kill(pid, signal.SIGSTOP)
        helper = zygote.start("host", other)

        async def lost() -> bool:
            return (await plant.shelf.attempts(jobs[0]))[0].outcome is not None

        await plant.until_true(lost)
        jobs += [await plant.job() for _ in range(2)]
        await asyncio.sleep(LEASE)
        os.kill(pid, signal.SIGCONT)
        await all_ended(plant, jobs)
        await kill(pid)
        await kill(helper)


async def test_hosts_that_stand_still_in_the_middle_of_a_transaction_keep_nobody_waiting_for_long(
    plant: Plant, zygote: Zygote, database: Database
) -> None:
    if database.is_sqlite:
        pytest.skip("the runner on SQLite is the server's own process")
    # Before every commit of its first job: what each has locked by then is another row, and mostly the outbox.
    still = [zygote.start("host", await plant.host(f"still {n}", priority=9), 2 * n, stops=True) for n in range(5)]
    async with at_work(plant.dispatcher(lease=LEASE, begin_within=2 * LEASE)):
        # Enough for each to come to its commit, however few a job has.
        jobs = [await plant.job() for _ in range(4 * JOBS)]
        async with asyncio.timeout(PATIENCE):
            while not all(is_stopped(pid) for pid in still):
                await asyncio.sleep(0.05)
        helper = zygote.start("host", await plant.host("other", priority=10, limits={"remux": JOBS}))
        await all_ended(plant, jobs)
        for pid in still:
            os.kill(pid, signal.SIGCONT)
        jobs += [await plant.job() for _ in range(2 * JOBS)]
        await all_ended(plant, jobs)
        assert all(lives(pid) for pid in still), "a host of which a transaction was ended goes on with the next one"
        made = [[each.host_id for each in await plant.shelf.attempts(job)][-1] for job in jobs]
        assert len(set(made)) > 3, "hosts that stood still work again"
        for pid in (*still, helper):
            await kill(pid)


async def test_jobs_go_on_after_the_database_has_cut_all_connections(
    plant: Plant, zygote: Zygote, database: Database
) -> None:
    if database.is_sqlite:
        pytest.skip("nobody else ends connections to a file")
    host = await plant.host(limits={"remux": 2})
    async with at_work(plant.dispatcher(lease=2 * LEASE, begin_within=5 * LEASE)):
        pid = zygote.start("host", host)
        jobs = [await plant.job() for _ in range(8)]
        for _ in range(3):
            await asyncio.sleep(0.2)
            async with database.lock_engine.connect() as connection:
                others = "pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'"
                # With the time that they need to end, or the next question may be asked of one that does just then.
                cut = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}"
                await connection.execute(text(cut))
        await all_ended(plant, jobs)
        await kill(pid)
