"""A server's part in stage jobs: its own host on SQLite, hosts that fail everything, jobs that are forgotten."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from mediastead.clock import SystemClock
from mediastead.pipeline.at_work import StageJobs
from mediastead.pipeline.hosts.queries import hosts
from mediastead.pipeline.items.models import PipelineItem
from mediastead.pipeline.items.queries import is_begun_in
from mediastead.pipeline.jobs import roots
from mediastead.pipeline.jobs.blaming import blame_the_host
from mediastead.pipeline.jobs.forgetting import forget_old_jobs
from mediastead.pipeline.jobs.models import JobState, Stage
from mediastead.pipeline.jobs.roots import MARKER
from mediastead.pipeline.jobs.work import Report, Result, StageFailed, Work
from mediastead.settings_read import load_settings

from .jobs_shelf import MOMENT
from .making import an_item
from .running import Plant, at_work, writes
from .working import set_job, take

pytestmark = pytest.mark.timeout(60)


async def test_a_server_on_sqlite_is_a_host_itself_and_one_on_postgresql_is_none(plant: Plant) -> None:
    settings = load_settings({"MEDIASTEAD_DATA_DIR": str(plant.root)})
    server = StageJobs(plant.database, SystemClock(), lambda: settings, {Stage.REMUX: writes()})
    stop = asyncio.Event()
    running = asyncio.create_task(server.run(stop))
    await asyncio.sleep(0.2)
    job_id = await plant.job()
    if plant.database.is_sqlite:
        await plant.until(job_id, JobState.COMPLETED)
    async with plant.database.read() as session:
        known = [host.name for host in await hosts(session)]
    stop.set()
    await running
    assert known == (["this-machine"] if plant.database.is_sqlite else [])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_staging_root_that_is_not_mounted_when_the_server_starts_is_not_marked_as_if_it_were(
    plant: Plant,
) -> None:
    clock, root = SystemClock(), plant.root / "staging"
    item_id = await an_item(plant.database, clock, root=root)
    job_id = await plant.job(item_id=item_id, directory=bytes(root / "Firefly"))
    await take(plant.database, clock, job_id)
    await set_job(plant.database, job_id, state=JobState.FAILED)
    root.mkdir()
    settings = load_settings({"MEDIASTEAD_DATA_DIR": str(plant.root)})
    server = StageJobs(plant.database, clock, lambda: settings, {Stage.REMUX: writes()})
    stop = asyncio.Event()
    running = asyncio.create_task(server.run(stop))
    await _until_refused(plant)
    stop.set()
    await running
    assert list(root.iterdir()) == []
    # What was on its way was given up, so that nothing that lay there is waited for.
    async with plant.database.write() as session:
        await session.execute(update(PipelineItem).values(ended_at=clock.now()))
    async with plant.database.read() as session:
        assert not await is_begun_in(session, bytes(root))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_disk_for_staging_that_is_away_at_the_very_first_start_is_waited_for(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, root = plant.root / "disk", plant.root / "disk" / "staging"
    disk.mkdir()
    monkeypatch.setattr(roots, "FOR_DISKS", (str(plant.root),))
    settings = load_settings({"MEDIASTEAD_DATA_DIR": str(plant.root), "MEDIASTEAD_STAGING_ROOTS": str(root)})
    server = StageJobs(plant.database, SystemClock(), lambda: settings, {Stage.REMUX: writes()}, prepare_every=0.05)
    stop = asyncio.Event()
    running = asyncio.create_task(server.run(stop))
    await _until_refused(plant)
    assert list(disk.iterdir()) == []
    # It is mounted, and holds something already: the folder is made there without a restart.
    (disk / "films").mkdir()

    async def is_marked() -> bool:
        return (root / MARKER).exists()

    await plant.until_true(is_marked)
    # Whatever becomes of it then, it is a person who says that it is lost.
    (root / MARKER).unlink()
    await asyncio.sleep(0.3)
    assert not await is_marked()
    stop.set()
    await running


async def test_a_host_that_fails_everything_is_set_aside_and_its_jobs_go_elsewhere_without_losing_a_try(
    plant: Plant,
) -> None:
    bad = await plant.host("bad", priority=9)
    jobs = [await plant.job() for _ in range(3)]

    async def fails(work: Work, report: Report) -> Result:
        raise StageFailed("everything fails here")

    async def set_aside() -> bool:
        async with plant.database.read() as session:
            (host,) = await hosts(session)
        return "3 jobs failed here" in (host.set_aside_reason or "")

    async with at_work(plant.dispatcher(excuse=blame_the_host), plant.worker(bad, fails)):
        await plant.until_true(set_aside)
        good = await plant.host("good")
        async with at_work(plant.worker(good, writes())):
            for job_id in jobs:
                job = await plant.until(job_id, JobState.COMPLETED)
                assert job.tries_left == 3


async def test_jobs_that_ended_long_ago_and_were_settled_are_forgotten_with_all_that_was_said(plant: Plant) -> None:
    old, unsettled, young, waiting = [await plant.job() for _ in range(4)]
    ended = {"state": JobState.COMPLETED, "ended_at": MOMENT}
    await plant.shelf.set_job(old, **ended)
    await plant.shelf.set_job(unsettled, **ended, settled=False)
    await plant.shelf.set_job(young, **{**ended, "ended_at": MOMENT + timedelta(days=80)})
    gone = await forget_old_jobs(plant.database, MOMENT + timedelta(days=91), timedelta(days=90))
    assert gone == 1
    left = [await plant.state(job_id) for job_id in (unsettled, young, waiting)]
    assert left == [JobState.COMPLETED, JobState.COMPLETED, JobState.QUEUED]


async def _until_refused(plant: Plant) -> None:
    async def refuses() -> bool:
        async with plant.database.read() as session:
            return any(host.refuses for host in await hosts(session))

    await plant.until_true(refuses)
