"""Results come into libraries; of one that does not, the imports tell, also where nothing was begun."""

from pathlib import Path

import pytest
from sqlalchemy import select

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.files.models import MediaFileImport
from mediastead.pipeline.bringing import bring_in_what_is_due
from mediastead.pipeline.jobs.models import Outcome, Stage
from mediastead.pipeline.rules import Rules

from ..scanning.shelf import make_shelf
from .jobs_shelf import JobShelf


@pytest.mark.parametrize("replaces", [False, True])
async def test_a_result_that_cannot_come_in_is_told_though_there_is_no_file_yet(
    database: Database, clock: SetClock, tmp_path: Path, replaces: bool
) -> None:
    shelf, jobs = await make_shelf(database, clock, tmp_path / "films"), JobShelf(database)
    shelf.put("old.mkv")
    await shelf.scan()
    old = await shelf.id_of("old.mkv")
    result = tmp_path / "staging" / "1.mkv"
    work = {"number": 1} | (
        {"replaces_file_id": old} if replaces else {"library_id": shelf.library_id, "media_item_id": 1}
    )
    job = await jobs.job(Stage.ORGANIZE, input=bytes(result), work=work)
    assert await bring_in_what_is_due(database, clock, Rules())
    (ended,) = await jobs.attempts(job)
    assert ended.outcome is Outcome.FAILED
    async with database.read() as session:
        (told,) = (await session.execute(select(MediaFileImport).where(~MediaFileImport.success))).scalars()
    assert (told.method.value, told.source_path, told.library_id) == ("pipeline", bytes(result), shelf.library_id)
    assert (told.file_id, told.evidence) == (old if replaces else None, {"stage_job_id": job})
    assert told.error == ended.error
    assert "Nothing was brought in" in (told.error or "")


async def test_a_job_that_cannot_be_dealt_with_keeps_no_other_from_its_end(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    shelf, jobs = await make_shelf(database, clock, tmp_path / "films"), JobShelf(database)
    checked = {"size": 7, "fingerprint": "ab"}
    work = {"number": 1, "library_id": shelf.library_id, "media_item_id": 1, "checked": checked}
    other_version = await jobs.job(Stage.ORGANIZE, input=b"/staging/1.mkv", work=work | {"how": "teleport"})
    no_file = await jobs.job(Stage.ORGANIZE, input=None, work=work)
    other_bytes = await jobs.job(Stage.ORGANIZE, input=b"/staging/Am\xe9lie.mkv", work=work)
    plain = await jobs.job(Stage.ORGANIZE, input=b"/staging/3.mkv", work=work)
    assert await bring_in_what_is_due(database, clock, Rules(staging_roots=()))
    ends = [(await jobs.attempts(job))[0] for job in (other_version, other_bytes, plain)]
    assert [each.outcome for each in ends] == [Outcome.FAILED] * 3
    assert (await jobs.attempts(no_file))[0].outcome is None
    assert "same version" in (ends[0].error or "")
    assert "/staging/Am\\udce9lie.mkv" in (ends[1].error or "")
