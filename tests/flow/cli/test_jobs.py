"""`mediastead jobs`."""

import asyncio
import json
from pathlib import Path

from sqlalchemy import insert

from mediastead.db.engine import Database
from mediastead.pipeline.jobs.models import JobState, Outcome, StageJobAttempt, StageJobLog

from ...db.pipeline.jobs_shelf import MOMENT, JobShelf
from .conftest import RunHere


async def fill(data: Path) -> None:
    """A job that failed on its host and said why, and one that waits for an approval."""
    database = Database(f"sqlite+aiosqlite:///{data / 'mediastead.db'}")
    shelf = JobShelf(database)
    host = await shelf.host("attic")
    failed = await shelf.job()
    await shelf.job(waits_for="waits for the preview of the disc")
    await shelf.set_job(failed, state=JobState.FAILED, attempt=1, tries_left=0, why="read error", ended_at=MOMENT)
    attempt = {"job_id": failed, "number": 1, "host_id": host, "directory": b"/staging/x", "created_at": MOMENT}
    ended = {"started_at": MOMENT, "ended_at": MOMENT, "outcome": Outcome.FAILED, "error": "read error"}
    lines = [
        {"job_id": failed, "number": 1, "at": MOMENT, "level": level, "text": text}
        for level, text in (("info", "reading"), ("error", "sector 7"))
    ]
    async with database.write() as session:
        await session.execute(insert(StageJobAttempt).values(attempt | ended))
        await session.execute(insert(StageJobLog), lines)
    await database.dispose()


def test_jobs_are_listed_shown_followed_cancelled_and_tried_again(run_here: RunHere, tmp_path: Path) -> None:
    assert run_here("jobs", "list").stdout == "There is no job.\n"
    asyncio.run(fill(tmp_path / "data"))
    listed = run_here("jobs", "list").stdout.splitlines()
    assert listed[1].startswith("2\tremux\tpending") and listed[1].endswith("waits for the preview of the disc")
    assert listed[2].startswith("1\tremux\tfailed\t\tattic")
    assert [json.loads(line)["id"] for line in run_here("jobs", "list", "--ended", "--json").stdout.splitlines()] == [1]
    shown = run_here("jobs", "show", "1").stdout
    assert "attempt 1 on attic: 2026-03-01 12:00:00, failed 2026-03-01 12:00:00: read error" in shown
    assert len(json.loads(run_here("jobs", "show", "1", "--json").stdout)["attempts"]) == 1
    said = "12:00:00 [1] reading\n12:00:00 [1] error: sector 7\n"
    assert run_here("jobs", "logs", "1").stdout == run_here("jobs", "logs", "1", "--follow").stdout == said
    assert run_here("jobs", "priority", "2", "5").stdout == "Job 2 has priority 5.\n"
    assert run_here("jobs", "cancel", "2").stdout == "Job 2 is cancelled.\n"
    assert run_here("jobs", "retry", "1").stdout == "Job 1 waits for a host.\n"
    waits = run_here("jobs", "list", "--state", "queued").stdout
    assert waits.endswith("attic is not heard of: Start `mediastead serve` there.\n"), waits
    # The one that failed at it last need not get it again.
    assert "1\tremux\tqueued\t\t\t\t\t" in waits, waits
    hours = run_here("host", "set", "attic", "--hours", "remux always, rip 22:00-06:00").stdout
    assert hours.startswith("attic is not heard of: Start") and "\nIts hours: remux always, rip 22:00-06:00" in hours
    assert run_here("host", "set", "attic", "--path", "/films", "/mnt/films").returncode == 0
    assert "/films is /mnt/films here" in run_here("host", "show", "attic").stdout
    half = run_here("host", "set", "attic", "--path", "films", "/mnt/films")
    assert (half.returncode, "two whole paths" in half.stderr) == (2, True)
    assert run_here("host", "set", "attic", "--path", "", "").returncode == 0
    assert json.loads(run_here("host", "show", "attic", "--json").stdout)["path_map"] == []
    assert run_here("host", "set", "attic", "--rename", "2001").returncode == 0
    assert json.loads(run_here("host", "show", "2001", "--json").stdout)["id"] == 1
    assert run_here("host", "set", "1", "--rename", "attic").returncode == 0
    assert "remux always, rip 22:00-06:00" in run_here("host", "list").stdout
    assert json.loads(run_here("host", "show", "attic", "--json").stdout)["hours"] == "remux always, rip 22:00-06:00"
    again = run_here("jobs", "retry", "1")
    assert (again.returncode, "only what failed" in again.stderr) == (1, True)
    missing = run_here("jobs", "show", "77")
    assert (missing.returncode, "`mediastead jobs list`" in missing.stderr) == (1, True)


def test_what_a_host_is_to_run_is_set_from_a_file_and_shown(run_here: RunHere, tmp_path: Path) -> None:
    run_here("jobs", "list")  # makes the database
    asyncio.run(fill(tmp_path / "data"))
    commands = tmp_path / "commands.json"
    commands.write_text('{"transcode": {"script": {"argv": ["encode.sh", "{input}", "{output}"]}}}')
    assert run_here("host", "set", "attic", "--commands", str(commands)).returncode == 0
    assert run_here("host", "list").stdout.splitlines()[1].split("\t")[1] == "attic"
    shown = run_here("host", "show", "attic").stdout
    assert commands.read_text() in shown
    commands.write_text("{")
    refused = run_here("host", "set", "attic", "--commands", str(commands))
    assert (refused.returncode, "--commands is no JSON" in refused.stderr) == (2, True)
