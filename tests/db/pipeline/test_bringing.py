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
