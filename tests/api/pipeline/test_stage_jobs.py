"""Stage jobs over HTTP."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from mediastead.db.engine import Database
from mediastead.pipeline.hosts.models import HostState
from mediastead.pipeline.jobs.models import JobState, Outcome, Stage, StageJobAttempt, StageJobLog

from ...db.pipeline.jobs_shelf import MOMENT, JobShelf


@pytest.fixture
def shelf(database: Database) -> JobShelf:
    return JobShelf(database)


async def running(shelf: JobShelf, host_id: int, **values: Any) -> int:
    """A job with an attempt at work, the second one."""
    job_id = await shelf.job(Stage.TRANSCODE, input=b"/staging/in\xff.mkv", work={"title": 1})
    await shelf.set_job(job_id, state=JobState.RUNNING, attempt=2)
    base = {
        "job_id": job_id,
        "host_id": host_id,
        "created_at": MOMENT,
        "started_at": MOMENT,
        "directory": b"/staging/x",
    }
    failed = {"number": 1, "outcome": Outcome.FAILED, "error": "read error", "ended_at": MOMENT}
    now = {"number": 2, "progress": 0.42, "speed": "2.4x", "seconds_left": 90} | values
    async with shelf.database.write() as session:
        await session.execute(insert(StageJobAttempt).values(base | failed))
        await session.execute(insert(StageJobAttempt).values(base | now))
    return job_id


async def say(shelf: JobShelf, job_id: int, number: int, *texts: str) -> None:
    rows = [
        {"job_id": job_id, "number": number, "at": MOMENT + timedelta(seconds=n), "level": "info", "text": text}
        for n, text in enumerate(texts)
    ]
    async with shelf.database.write() as session:
        await session.execute(insert(StageJobLog), rows)


async def test_a_job_is_shown_with_how_its_attempt_goes_and_those_before(
    client: httpx.AsyncClient, shelf: JobShelf
) -> None:
    job_id = await running(shelf, await shelf.host("attic", state=HostState.ENABLED))
    found = (await client.get(f"/v1/stage-jobs/{job_id}")).json()
    told = {name: found[name] for name in ("state", "attempt", "host", "progress", "speed", "seconds_left", "work")}
    assert told == {
        "state": "running",
        "attempt": 2,
        "host": "attic",
        "progress": 0.42,
        "speed": "2.4x",
        "seconds_left": 90,
        "work": {"title": 1},
    }
    assert found["input"].startswith("/staging/in")
    first, second = (await client.get(f"/v1/stage-jobs/{job_id}/attempts")).json()["items"]
    assert (first["outcome"], first["error"], second["outcome"]) == ("failed", "read error", None)


async def test_jobs_are_listed_newest_first_by_pages_and_filters(client: httpx.AsyncClient, shelf: JobShelf) -> None:
    host = await shelf.host()
    at_work = await running(shelf, host)
    waiting = [await shelf.job(), await shelf.job(waits_for="an approval")]
    ended = await shelf.job()
    await shelf.set_job(ended, state=JobState.COMPLETED)

    async def ids(**query: Any) -> list[int]:
        answer = await client.get("/v1/stage-jobs", params=query)
        return [job["id"] for job in answer.json()["items"]]

    assert await ids() == [ended, *reversed(waiting), at_work]
    assert await ids(state="pending") == [waiting[1]]
    assert await ids(stage="transcode") == [at_work]
    assert await ids(host=host) == [at_work]
    assert await ids(open="false") == [ended]
    assert await ids(open="true", stage="remux") == list(reversed(waiting))
    page = (await client.get("/v1/stage-jobs", params={"limit": 3})).json()
    rest = (await client.get("/v1/stage-jobs", params={"limit": 3, "cursor": page["next"]})).json()
    assert ([job["id"] for job in rest["items"]], rest["next"]) == ([at_work], None)


async def test_what_attempts_said_is_read_from_a_line_on(client: httpx.AsyncClient, shelf: JobShelf) -> None:
    job_id = await running(shelf, await shelf.host())
    await say(shelf, job_id, 1, "one", "two")
    await say(shelf, job_id, 2, "three")
    first = (await client.get(f"/v1/stage-jobs/{job_id}/logs", params={"limit": 2})).json()
    assert [line["text"] for line in first["items"]] == ["one", "two"]
    second = (await client.get(f"/v1/stage-jobs/{job_id}/logs", params={"after": first["last"]})).json()
    assert ([line["text"] for line in second["items"]], second["over"]) == (["three"], False)
    only = (await client.get(f"/v1/stage-jobs/{job_id}/logs", params={"attempt": 2})).json()
    assert [line["text"] for line in only["items"]] == ["three"]
    nothing = (await client.get(f"/v1/stage-jobs/{job_id}/logs", params={"after": second["last"]})).json()
    assert nothing == {"items": [], "last": second["last"], "over": False}


async def test_a_line_that_is_waited_for_comes_as_soon_as_it_is_written(
    client: httpx.AsyncClient, shelf: JobShelf
) -> None:
    job_id = await running(shelf, await shelf.host())
    asking = asyncio.create_task(client.get(f"/v1/stage-jobs/{job_id}/logs", params={"wait": 20}, timeout=25))
    await asyncio.sleep(0.05)
    await say(shelf, job_id, 2, "now")
    assert [line["text"] for line in (await asking).json()["items"]] == ["now"]
    await shelf.set_job(job_id, state=JobState.COMPLETED)
    over = (await client.get(f"/v1/stage-jobs/{job_id}/logs", params={"after": 9, "wait": 20})).json()
    assert over == {"items": [], "last": 9, "over": True}


async def test_a_person_cancels_retries_and_says_how_urgent_a_job_is(
    client: httpx.AsyncClient, shelf: JobShelf
) -> None:
    job_id = await shelf.job()
    changed = await client.patch(f"/v1/stage-jobs/{job_id}", json={"priority": 5})
    assert changed.json()["priority"] == 5
    assert (await client.post(f"/v1/stage-jobs/{job_id}/cancel")).json() == {"state": "cancelled"}
    again = await client.post(f"/v1/stage-jobs/{job_id}/retry")
    assert (again.json()["state"], again.json()["tries_left"]) == ("queued", 3)
    refused = await client.post(f"/v1/stage-jobs/{job_id}/retry")
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "stage-job-state")
    assert (await client.patch(f"/v1/stage-jobs/{job_id}", json={"priority": 5000})).status_code == 400


async def test_a_running_job_is_shown_as_being_cancelled_until_its_host_has_ended_it(
    client: httpx.AsyncClient, shelf: JobShelf
) -> None:
    job_id = await running(shelf, await shelf.host())
    assert (await client.post(f"/v1/stage-jobs/{job_id}/cancel")).json() == {"state": "running"}
    found = (await client.get(f"/v1/stage-jobs/{job_id}")).json()
    assert (found["state"], found["cancelling"]) == ("running", True)


async def test_a_job_says_what_it_waits_for_as_things_stand(client: httpx.AsyncClient, shelf: JobShelf) -> None:
    job_id = await shelf.job()

    async def told() -> tuple[str, str | None]:
        found = (await client.get(f"/v1/stage-jobs/{job_id}")).json()
        listed = (await client.get("/v1/stage-jobs")).json()["items"][-1]
        assert (found["why"], found["waits_until"]) == (listed["why"], listed["waits_until"])
        return found["why"], found["waits_until"]

    assert await told() == ("for a host, and there is none: `mediastead host invite` admits one", None)
    host = await shelf.host("attic", role_name="mediastead_host_attic")
    begins = (MOMENT.astimezone() - timedelta(minutes=2)).strftime("%H:%M")
    ends = (MOMENT.astimezone() - timedelta(minutes=1)).strftime("%H:%M")
    changed = await client.patch(f"/v1/hosts/{host}", json={"hours": f"remux {begins}-{ends}"})
    assert (changed.json()["hours"], changed.json()["closed"]) == (f"remux {begins}-{ends}", ["remux"])
    refused = await client.patch(f"/v1/hosts/{host}", json={"hours": "organize always"})
    assert (refused.status_code, '"transcode 22:00-06:00, remux always"' in refused.json()["detail"]) == (400, True)
    words, until = await told()
    assert words == f"until {begins} on attic (its hours for remux)"
    assert until is not None
    drive = f"host {host} drive:/dev/sr0"
    in_it = await shelf.job(resource=drive)
    await shelf.set_job(in_it, state=JobState.RUNNING)
    await shelf.set_job(job_id, resource=drive)
    found = (await client.get(f"/v1/stage-jobs/{job_id}")).json()
    assert found["why"] == f"for its drive: job {in_it} rips in it"
    await shelf.set_job(in_it, state=JobState.COMPLETED)
    await client.patch(f"/v1/hosts/{host}", json={"hours": "remux always"})
    assert await told() == ("for attic, which gets it within seconds", None)


@pytest.mark.parametrize("path", ["", "/attempts", "/logs"])
async def test_a_job_that_does_not_exist_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/v1/stage-jobs/77{path}")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (404, "no-such-stage-job")


async def test_who_asks_for_a_state_that_there_is_not_is_told_which_there_are(client: httpx.AsyncClient) -> None:
    refused = await client.get("/v1/stage-jobs", params={"state": "foo"})
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {
            "field": "state",
            "in": "query",
            "message": "Invalid enum value 'foo'; it may be pending, queued, running, completed, failed, cancelled",
        }
    ]
    several = await client.get("/v1/pipeline-items", params={"states": "foo"})
    assert "it may be new, ripped, remuxed, transcoded, in_library" in several.json()["detail"]
    # A choice that is no enum in code.
    sorts = await client.get("/v1/items", params={"sort": "foo"})
    assert "it may be title, " in sorts.json()["detail"]
