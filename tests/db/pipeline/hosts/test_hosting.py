# ruff: noqa: ASYNC110 - tests may look again and again
"""A machine at work as a host says how it is."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from mediastead.clock import SetClock, SystemClock
from mediastead.db.engine import Database
from mediastead.pipeline.at_work import StageJobs
from mediastead.pipeline.engine.choose import make_engine
from mediastead.pipeline.hosting import Hosting
from mediastead.pipeline.hosts import queries, service
from mediastead.pipeline.hosts.models import Host
from mediastead.pipeline.hosts.schemas import HostChange
from mediastead.pipeline.jobs.models import JobState, Stage
from mediastead.pipeline.jobs.queries import board
from mediastead.pipeline.jobs.roots import MARKER, prepare_roots
from mediastead.settings_read import load_settings

from ..jobs_shelf import JobShelf
from ..running import Plant, at_work, writes


async def test_a_host_looks_at_the_folders_that_its_paths_name_now(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    host_id = await JobShelf(database).host("attic", seen=clock.now())
    wrong, right = tmp_path / "wrong", tmp_path / "right"
    wrong.mkdir()
    prepare_roots([str(right)])

    async def refuses() -> str | None:
        async with database.read() as session:
            host = await queries.host(session, host_id)
        assert host is not None
        return host.refuses

    async def mounted_at(folder: Path) -> None:
        async with database.write() as session:
            await service.change(session, clock.now(), host_id, HostChange(path_map=[("/staging", str(folder))]))

    stop = asyncio.Event()
    engine = make_engine(database, board)
    hosting = Hosting(database, clock, engine, host_id, {}, beat=0.05, look_after=3600)
    running = asyncio.create_task(hosting.run(stop))
    try:
        async with asyncio.timeout(20):
            await mounted_at(wrong)
            while str(wrong) not in (await refuses() or ""):
                await asyncio.sleep(0.05)
            await mounted_at(right)
            while await refuses() is not None:
                await asyncio.sleep(0.05)
    finally:
        stop.set()
        await running


async def test_a_host_that_is_given_other_commands_looks_at_once_whether_they_are_there(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    host_id = await JobShelf(database).host("attic", seen=clock.now())
    encode = tmp_path / "encode.sh"

    async def can() -> tuple[bool, str | None] | None:
        async with database.read() as session:
            found = (await queries.kept_capabilities(session, host_id)).get("script:remux")
        return (found.available, found.reason) if found is not None else None

    async def commanded(*argv: str) -> None:
        async with database.write() as session:
            commands: Any = {"remux": {"script": {"argv": [*argv]}}}
            await session.execute(update(Host).where(Host.id == host_id).values(commands=commands))

    stop = asyncio.Event()
    engine = make_engine(database, board)
    handlers = {Stage.REMUX: writes()}
    hosting = Hosting(database, clock, engine, host_id, handlers, beat=0.05, drives=[])
    running = asyncio.create_task(hosting.run(stop))
    try:
        async with asyncio.timeout(60):
            await commanded(str(encode), "{input}")
            missing = f"{encode}, which this host's commands name, is not there or cannot be run."
            while await can() != (False, missing):
                await asyncio.sleep(0.05)
            encode.write_text("#!/bin/sh\n")
            encode.chmod(0o755)
            await commanded(str(encode), "{input}", "{output}")
            while await can() != (True, None):
                await asyncio.sleep(0.05)
    finally:
        stop.set()
        await running


async def test_what_a_host_can_do_is_said_again_where_the_database_did_not_take_it(
    database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    host_id = await JobShelf(database).host("attic", seen=clock.now())
    asked: list[int] = []
    can_do = service.can_do

    async def away_at_first(*given: Any) -> bool:
        asked.append(1)
        if len(asked) == 1:
            raise OperationalError("the database is away", None, Exception())
        return await can_do(*given)

    monkeypatch.setattr(service, "can_do", away_at_first)
    stop = asyncio.Event()
    hosting = Hosting(database, clock, make_engine(database, board), host_id, {}, beat=0.05, drives=[])
    running = asyncio.create_task(hosting.run(stop))
    try:
        async with asyncio.timeout(60):
            while len(asked) < 2:
                await asyncio.sleep(0.05)
    finally:
        stop.set()
        await running


async def test_a_host_works_in_the_folder_that_its_paths_name(database: Database, tmp_path: Path) -> None:
    root = tmp_path / "mounted"
    prepare_roots([str(root)])
    engine = make_engine(database, board)
    plant = Plant(JobShelf(database), engine, root)
    host_id = await plant.host("attic", "remux", path_map=[["/staging", str(root)]])
    stop = asyncio.Event()
    hosting = Hosting(database, SystemClock(), engine, host_id, {Stage.REMUX: writes()}, beat=0.05, look_after=3600)
    running = asyncio.create_task(hosting.run(stop))
    try:
        async with at_work(plant.dispatcher()):
            job_id = await plant.job(directory=b"/staging/Film")
            job = await plant.until(job_id, JobState.COMPLETED, JobState.FAILED)
    finally:
        stop.set()
        await running
    assert job.state is JobState.COMPLETED, job.why
    assert plant.left() == [".mediastead-staging", f"Film/.remux/{job_id}-1/out.mkv"]


async def test_a_host_whose_share_lies_where_the_server_has_it_says_how_much_room_it_has_and_that_it_is_missing(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    attic = await JobShelf(database).host("attic", seen=clock.now())
    root = tmp_path / "staging"
    prepare_roots([str(root)])
    settings = load_settings({"MEDIASTEAD_DATA_DIR": str(tmp_path), "MEDIASTEAD_STAGING_ROOTS": str(root)})
    server = StageJobs(database, SystemClock(), lambda: settings, {}, prepare_every=0.05)
    stop = asyncio.Event()
    engine = make_engine(database, board)
    hosting = Hosting(database, clock, engine, attic, {}, beat=0.05, look_after=3600)
    running = asyncio.gather(hosting.run(stop), server.run(stop))

    async def host() -> Host:
        async with database.read() as session:
            found = await queries.host(session, attic)
        assert found is not None
        return found

    try:
        async with asyncio.timeout(20):
            while not (await host()).free_bytes.get(str(root)):
                await asyncio.sleep(0.05)
            assert (await host()).refuses is None
            (root / MARKER).unlink()
            while "mount its share" not in ((await host()).refuses or ""):
                await asyncio.sleep(0.05)
            (root / MARKER).touch()
            while (await host()).refuses is not None:
                await asyncio.sleep(0.05)
    finally:
        stop.set()
        await running
