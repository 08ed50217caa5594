"""A staging root that goes while results in it are to be organized, and comes back; and files that really went."""

import shutil
import subprocess
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import to_builtins
from sqlalchemy import select, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.files.types import Role
from mediastead.libraries.models import Library, Scan, ScanPhase
from mediastead.pipeline.bringing import bring_in_what_is_due
from mediastead.pipeline.jobs import service
from mediastead.pipeline.jobs.models import JobState, Outcome, Stage
from mediastead.pipeline.jobs.roots import prepare_roots
from mediastead.pipeline.jobs.waiting_queries import Moment, why_waiting
from mediastead.pipeline.rules import Rules
from mediastead.pipeline.stages.parameters import OrganizeParameters, Sound
from mediastead.probing import read_fingerprint

from ..organizing.house import make_house
from ..organizing.test_staging import Stage as Staging
from .jobs_shelf import JobShelf
from .making import FILM, an_item

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.timeout(60)


class Land:
    """A library, a staging root, and a job that is to bring a result from there into the library."""

    def __init__(self, staging: Staging, root: Path) -> None:
        self.staging, self.root = staging, root
        self.shelf = JobShelf(staging.database)
        self.rules = Rules(staging_roots=(str(root),))
        self.file = staging.folder / "out.mkv"
        self.job_id = 0

    async def furnish(self) -> None:
        await self.staging.furnish()
        prepare_roots([str(self.root)])
        taken = read_fingerprint(bytes(self.file))
        work = OrganizeParameters(
            number=1,
            library_id=self.staging.house.shelf.library_id,
            media_item_id=self.staging.item,
            role=Role.FEATURE,
            edition="Director's Cut",
            checked=Sound(size=taken.size, fingerprint=(taken.value or b"").hex()),
        )
        self.job_id = await self.shelf.job(
            Stage.ORGANIZE, input=bytes(self.file), directory=bytes(self.root / "Alien"), work=to_builtins(work)
        )

    def unmount(self) -> None:
        self.root.rename(self.root.with_name("unmounted"))
        self.root.mkdir()

    def mount(self) -> None:
        self.root.rmdir()
        self.root.with_name("unmounted").rename(self.root)

    async def look(self) -> tuple[JobState, str | None]:
        """The server looks once; how the job is then."""
        await bring_in_what_is_due(self.staging.database, self.staging.clock, self.rules)
        job = await self.shelf.the_job(self.job_id)
        return job.state, job.why

    async def waits(self) -> str | None:
        """What people are told that it waits for."""
        async with self.staging.database.read() as session:
            moment = Moment(self.staging.clock.now(), "")
            return (await why_waiting(session, moment, [self.job_id]))[self.job_id].words


@pytest.fixture
async def land(database: Database, clock: SetClock, tmp_path: Path) -> Land:
    root = tmp_path / "staging"
    house = await make_house(database, clock, tmp_path / "media")
    made = Land(Staging(house, root / "Alien" / ".transcode" / "7-1"), root)
    await made.furnish()
    return made


async def test_a_job_waits_for_its_staging_root_and_goes_on_by_itself(land: Land) -> None:
    land.unmount()
    for _ in range(2):
        state, why = await land.look()
        assert (state, str(why)) == (
            JobState.RUNNING,
            f"The staging folder {land.root} is not mounted here (it has no .mediastead-staging). "
            "It goes on when its disk is mounted.",
        )
    assert list(land.root.iterdir()) == [], "nothing is written where the disk would be"
    land.mount()
    assert await land.look() == (JobState.RUNNING, None)
    (attempt,) = await land.shelf.attempts(land.job_id)
    assert (await land.staging.do(attempt.engine_job_id)).state == "done"
    assert await land.look() == (JobState.COMPLETED, None)


@pytest.fixture
def on_a_disk(land: Land) -> Generator[Land]:
    """Its staging root on a disk of its own."""
    kept = land.root.with_name("kept")
    land.root.rename(kept)
    land.root.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(land.root)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode()}")
    try:
        shutil.copytree(kept, land.root, dirs_exist_ok=True)
        yield land
    finally:
        subprocess.run(["umount", "-l", str(land.root)], check=True)


def remount(land: Land, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(land.root)], check=True)


async def test_a_job_waits_while_its_staging_root_can_only_be_read_and_goes_on_by_itself(on_a_disk: Land) -> None:
    land = on_a_disk
    waits = f"The disk of {land.file.parent} can only be read. It goes on when it can be written to."
    remount(land, "ro")
    for _ in range(2):
        assert await land.look() == (JobState.RUNNING, waits)
    remount(land, "rw")
    assert await land.look() == (JobState.RUNNING, None)
    # And where that begins only after it was asked for: nothing is moved, and another try waits as well.
    remount(land, "ro")
    (first,) = await land.shelf.attempts(land.job_id)
    assert (await land.staging.do(first.engine_job_id)).state == "not_done"
    assert (await land.look())[0] is JobState.QUEUED
    assert await land.look() == (JobState.RUNNING, waits)
    remount(land, "rw")
    assert await land.look() == (JobState.RUNNING, None)
    first, second = await land.shelf.attempts(land.job_id)
    assert (first.outcome, first.error) == (Outcome.GIVEN_BACK, waits)
    assert (await land.staging.do(second.engine_job_id)).state == "done"
    assert await land.look() == (JobState.COMPLETED, None)


async def test_a_file_that_is_gone_from_a_root_that_is_there_fails_the_job_and_says_so(land: Land) -> None:
    land.file.unlink()
    await land.look()
    (attempt,) = await land.shelf.attempts(land.job_id)
    assert attempt.outcome is Outcome.FAILED
    assert str(land.file) in attempt.error
    assert "start the stage before again" in attempt.error


async def test_what_a_link_leads_to_out_of_the_staging_root_is_nobodys_result(land: Land, tmp_path: Path) -> None:
    elsewhere = tmp_path / "private"
    land.file.parent.rename(elsewhere)
    land.file.parent.symlink_to(elsewhere)
    await land.look()
    (attempt,) = await land.shelf.attempts(land.job_id)
    assert attempt.outcome is Outcome.FAILED
    assert f"{land.file} lies behind a link that leads out of the staging folders, to {elsewhere}" in attempt.error
    assert (elsewhere / "out.mkv").exists()


async def test_a_link_from_one_staging_root_to_another_is_followed(land: Land, tmp_path: Path) -> None:
    other = tmp_path / "larger disk"
    (land.root / "Alien").rename(other)
    (land.root / "Alien").symlink_to(other)
    land.rules = Rules(staging_roots=(str(land.root), str(other)))
    assert await land.look() == (JobState.RUNNING, None)


async def test_a_job_says_what_its_organizing_waits_for(land: Land) -> None:
    await land.look()
    (attempt,) = await land.shelf.attempts(land.job_id)
    land.unmount()
    # Nothing of it was begun, and its folder is away.
    assert (await land.staging.do(attempt.engine_job_id)).state == "running"
    state, why = await land.look()
    assert state is JobState.RUNNING
    assert why is not None and "7-1" in why
    assert await land.waits() == why
    land.mount()
    land.staging.clock.advance(HOUR)
    assert (await land.staging.do(attempt.engine_job_id)).state == "done"
    assert await land.look() == (JobState.COMPLETED, None)


async def test_a_job_of_which_nothing_was_begun_is_cancelled_at_once_and_can_be_tried_again(land: Land) -> None:
    await land.look()
    (attempt,) = await land.shelf.attempts(land.job_id)
    database, now = land.staging.database, land.staging.clock.now()
    async with database.write() as session:
        await service.cancel(session, now, land.job_id, "anna")
    assert await land.look() == (JobState.CANCELLED, "cancelled by anna")
    assert (await land.staging.do(attempt.engine_job_id)).state == "not_done"
    assert land.file.exists()
    async with database.write() as session:
        await service.retry(session, now, land.job_id)
    await land.look()
    (_, again) = await land.shelf.attempts(land.job_id)
    assert (await land.staging.do(again.engine_job_id)).state == "done"
    async with database.write() as session:
        await service.cancel(session, now, land.job_id, "anna")
    assert await land.look() == (JobState.COMPLETED, None), "that came too late: the file is in the library"


async def test_a_job_says_that_its_library_is_being_scanned(land: Land) -> None:
    assert await land.waits() == "for the server, which takes it up within seconds"
    await land.look()
    assert await land.waits() is None
    async with land.staging.database.write() as session:
        await session.execute(update(Scan).values(phase=ScanPhase.INVENTORY, outcome=None))
        name = (await session.execute(select(Library.name))).scalar_one()
    assert await land.waits() == f"until the scan of {name} is done"


async def test_a_result_whose_place_is_taken_says_how_it_takes_that_place_and_then_does(land: Land) -> None:
    item_id = await an_item(land.staging.database, land.staging.clock, FILM, root=land.root)
    await land.shelf.set_job(land.job_id, item_id=item_id)
    await land.look()
    (first,) = await land.shelf.attempts(land.job_id)
    there = await land.staging.do(first.engine_job_id)
    assert there.path is not None
    await land.look()
    # The same film once more, as of a second item.
    land.file.write_text("better")
    taken = read_fingerprint(bytes(land.file))
    checked = {"size": taken.size, "fingerprint": (taken.value or b"").hex()}
    job = await land.shelf.the_job(land.job_id)
    again = {"stage": Stage.ORGANIZE, "input": job.input, "directory": job.directory, "item_id": item_id}
    land.job_id = await land.shelf.job(**again, work=job.work | {"checked": checked})
    await land.look()
    (refused,) = await land.shelf.attempts(land.job_id)
    assert f'"{there.path.decode()}" lies there already' in refused.error
    assert f"`mediastead pipeline start {item_id} --replace`" in refused.error
    assert "plan" not in refused.error
    land.job_id = await land.shelf.job(**again, work=job.work | {"checked": checked, "replace": True})
    await land.look()
    (second,) = await land.shelf.attempts(land.job_id)
    assert (await land.staging.do(second.engine_job_id)).path == there.path
    assert land.staging.contents()[there.path.decode()] == "better"
