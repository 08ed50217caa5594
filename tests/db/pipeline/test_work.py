# ruff: noqa: ASYNC240 - tests may block, and look again and again
"""Stage jobs from their making to their end: given out, made, published, stopped, taken back, tried again."""

import asyncio
import errno
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.ext.asyncio import AsyncSession

from mediastead.clock import SystemClock
from mediastead.db.engine import Database
from mediastead.pipeline.engine.choose import make_engine
from mediastead.pipeline.engine.interface import Ticket
from mediastead.pipeline.hosts.models import HostCapability
from mediastead.pipeline.jobs import attempts, service
from mediastead.pipeline.jobs.attempts import Ended
from mediastead.pipeline.jobs.hours import closed_on
from mediastead.pipeline.jobs.models import JobState, Outcome, Stage, StageJobAttempt, StageJobLog
from mediastead.pipeline.jobs.queries import board
from mediastead.pipeline.jobs.roots import why_away
from mediastead.pipeline.jobs.work import (
    CapabilityLost,
    HostUnfit,
    NotWorthIt,
    Report,
    Result,
    ResultFile,
    StageFailed,
    Work,
)
from mediastead.pipeline.jobs.worker import Worker

from .running import LEASE, PATIENCE, Plant, at_work, waits, writes

pytestmark = pytest.mark.timeout(60)


async def test_a_job_is_made_by_a_host_that_can_and_its_result_is_published(plant: Plant) -> None:
    host = await plant.host("attic", "remux", path_map=[], commands={"remux": {"tool": "mkvmerge"}})
    seen: list[Work] = []

    async def handler(work: Work, report: Report) -> Result:
        seen.append(work)
        report.log("warning", "a line\0 with a \udcff in it")
        return await writes()(work, report)

    async with at_work(plant.dispatcher(), plant.worker(host, handler)):
        job_id = await plant.job(work={"titles": [1]}, input=b"/staging/in.mkv", item_id=None)
        job = await plant.until(job_id, JobState.COMPLETED)
    (attempt,) = await plant.shelf.attempts(job_id)
    directory = plant.root / "Film" / ".remux" / f"{job_id}-1"
    assert job.output == attempt.directory == str(directory).encode()
    assert job.result["files"][0]["path"] == "out.mkv"
    assert (job.settled, job.why, attempt.outcome, attempt.progress) == (False, None, Outcome.COMPLETED, 1.0)
    assert (directory / "out.mkv").read_bytes() == b"film"
    (work,) = seen
    assert (work.parameters, work.input, work.commands) == ({"titles": [1]}, b"/staging/in.mkv", {"tool": "mkvmerge"})
    async with plant.database.read() as session:
        lines = (await session.execute(select(StageJobLog.level, StageJobLog.text).order_by(StageJobLog.id))).all()
    assert [tuple(line) for line in lines] == [
        ("warning", "a line\N{REPLACEMENT CHARACTER} with a \\udcff in it"),
        ("info", "attempt 1"),
    ]
    assert [kind for kind in await plant.shelf.events() if kind != "job.progress"] == [
        "job.queued",
        "job.started",
        "job.completed",
    ]


async def test_a_disc_lies_where_its_host_sees_it_and_files_lie_where_the_server_does(plant: Plant) -> None:
    host = await plant.host("attic", "rip:dvd", "remux", path_map=[["/media", "/mnt/nas"]])
    seen: dict[str, bytes | None] = {}

    async def handler(work: Work, report: Report) -> Result:
        seen[work.stage] = work.input
        return await writes()(work, report)

    async with at_work(plant.dispatcher(), plant.worker(host, handler)):
        rip = await plant.job(Stage.RIP, capability="rip:dvd", input=b"/media/anna/disc.iso", only_host_id=host)
        remux = await plant.job(input=b"/media/film.mkv")
        await plant.until(rip, JobState.COMPLETED)
        await plant.until(remux, JobState.COMPLETED)
    assert seen == {"rip": b"/media/anna/disc.iso", "remux": b"/mnt/nas/film.mkv"}


async def test_a_job_that_was_told_of_is_found_and_given_out_in_one_transaction_of_few_statements(plant: Plant) -> None:
    hosts = [await plant.host(name) for name in ("attic", "cellar", "garage")]
    job_id = await plant.job()
    said: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement.split()[0])

    def begun(_connection: object) -> None:
        said.append("BEGIN")

    event.listen(Engine, "before_cursor_execute", heard)
    event.listen(Engine, "begin", begun)
    try:
        await plant.dispatcher().step(told=True)
    finally:
        event.remove(Engine, "before_cursor_execute", heard)
        event.remove(Engine, "begin", begun)
    # To look, take the turn, see the hosts and what they are at, choose, move the job, write the attempt.
    assert said == ["BEGIN", *["SELECT"] * 5, "UPDATE", "INSERT"]
    (attempt,) = await plant.shelf.attempts(job_id)
    assert attempt.host_id in hosts


async def test_a_job_goes_only_to_a_host_that_can_do_it_and_only_to_the_one_it_names(plant: Plant) -> None:
    able, other = await plant.host("able", "remux"), await plant.host("other", "rip:dvd")
    job_id = await plant.job(only_host_id=other)
    elsewhere = await plant.job(capability="transcode:h264_nvenc")
    fits = await plant.job()
    async with at_work(plant.dispatcher(), plant.worker(able, writes()), plant.worker(other, writes())):
        await plant.until(fits, JobState.COMPLETED)
        assert {await plant.state(job_id), await plant.state(elsewhere)} == {JobState.QUEUED}
    assert (await plant.shelf.attempts(fits))[0].host_id == able


async def test_a_host_gets_as_many_as_its_limits_say_and_a_resource_one_at_a_time(plant: Plant) -> None:
    host = await plant.host("attic", "remux", "rip:dvd", limits={"remux": 2, "rip": 3})
    remuxes = [await plant.job() for _ in range(4)]
    rips = [await plant.job(Stage.RIP, capability="rip:dvd", resource="host 1 drive:/dev/sr0") for _ in range(3)]
    seen: list[Work] = []
    async with at_work(plant.dispatcher(), plant.worker(host, waits(seen))):

        async def three() -> bool:
            return len(seen) >= 3

        await plant.until_true(three)
        await asyncio.sleep(0.3)
        assert [await plant.state(job) for job in remuxes].count(JobState.RUNNING) == 2
        assert [await plant.state(job) for job in rips].count(JobState.RUNNING) == 1
        assert len(seen) == 3


async def test_the_most_urgent_job_is_made_first(plant: Plant) -> None:
    host = await plant.host()
    low, high = await plant.job(priority=-1), await plant.job(priority=7)
    async with at_work(plant.dispatcher(), plant.worker(host, writes())):
        await plant.until(low, JobState.COMPLETED)
    began = [(await plant.shelf.attempts(job))[0].started_at for job in (high, low)]
    assert began == sorted(began)


async def test_a_cancelled_job_is_stopped_and_leaves_only_what_tells_why(plant: Plant) -> None:
    host, seen = await plant.host(), list[Work]()
    async with at_work(plant.dispatcher(), plant.worker(host, waits(seen))):
        job_id = await plant.job()

        async def begun() -> bool:
            return bool(seen)

        await plant.until_true(begun)
        async with plant.database.write() as session:
            state = await service.cancel(session, SystemClock().now(), job_id, "anna")
        assert state is JobState.RUNNING
        job = await plant.until(job_id, JobState.CANCELLED)
    assert (job.why, job.settled, job.output) == ("cancelled by anna", False, None)
    assert (await plant.shelf.attempts(job_id))[0].outcome is Outcome.CANCELLED
    assert plant.left() == [f"Film/.remux/{job_id}-1/rip.log"]


async def test_what_is_cancelled_before_its_host_began_is_cancelled_all_the_same(plant: Plant) -> None:
    await plant.host()
    async with at_work(plant.dispatcher()):
        job_id = await plant.job()
        await plant.until(job_id, JobState.RUNNING)
        async with plant.database.write() as session:
            await service.cancel(session, SystemClock().now(), job_id, "anna")
        await plant.until(job_id, JobState.CANCELLED)
    assert (await plant.shelf.attempts(job_id))[0].outcome is Outcome.CANCELLED


async def test_a_job_that_was_cancelled_never_completes_also_when_it_was_just_ready(plant: Plant) -> None:
    host = await plant.host()

    async def handler(work: Work, report: Report) -> Result:
        result = await writes()(work, report)
        async with plant.database.write() as session:
            await service.cancel(session, SystemClock().now(), work.job_id, "anna")
        return result

    async with at_work(plant.dispatcher(), plant.worker(host, handler)):
        job_id = await plant.job()
        job = await plant.until(job_id, JobState.CANCELLED, JobState.COMPLETED)
    assert (job.state, job.output) == (JobState.CANCELLED, None)
    assert plant.left() == []


async def test_a_worker_that_ends_gives_back_what_it_has_and_the_next_one_makes_it(plant: Plant) -> None:
    host, seen = await plant.host(), list[Work]()
    job_id = await plant.job()
    async with at_work(plant.dispatcher()):
        async with at_work(plant.worker(host, waits(seen))):

            async def begun() -> bool:
                return bool(seen)

            await plant.until_true(begun)
        first = (await plant.shelf.attempts(job_id))[0]
        assert first.outcome is Outcome.GIVEN_BACK
        async with at_work(plant.worker(host, writes())):
            job = await plant.until(job_id, JobState.COMPLETED)
    assert job.tries_left == 3
    assert [each.outcome for each in await plant.shelf.attempts(job_id)][-1] is Outcome.COMPLETED


async def test_a_host_that_vanishes_loses_its_attempt_and_another_one_completes_it(plant: Plant) -> None:
    gone = await plant.host("gone", priority=9)
    job_id = await plant.job()
    async with at_work(plant.dispatcher()):
        await plant.until(job_id, JobState.RUNNING)
        ticket = Ticket(job_id, 1)
        async with plant.database.write() as session:
            assert await attempts.begin(session, SystemClock().now(), gone, ticket, LEASE)
        other = await plant.host("other", priority=10)
        async with at_work(plant.worker(other, writes())):
            job = await plant.until(job_id, JobState.COMPLETED)
        # It comes back, and nothing that it says counts any more.
        said = attempts.Said(
            ticket=ticket, changed=True, progress=0.9, lines=[attempts.Line(job.created_at, "info", "x")]
        )
        async with plant.database.write() as session:
            assert await attempts.tell(session, SystemClock().now(), gone, [said], LEASE) == {}
            assert await attempts.begin(session, SystemClock().now(), gone, ticket, LEASE) is None
        for outcome in (Outcome.COMPLETED, Outcome.FAILED, Outcome.CANCELLED):
            with pytest.raises(attempts.Fenced):
                async with plant.database.write() as session:
                    ended = attempts.Ended(outcome=outcome)
                    await attempts.end(session, SystemClock().now(), gone, ticket, ended)
    lost, made = await plant.shelf.attempts(job_id)
    assert (lost.outcome, lost.progress, made.outcome) == (Outcome.LOST, None, Outcome.COMPLETED)
    assert (job.output, job.tries_left) == (made.directory, 3)


async def test_an_attempt_that_no_host_begins_is_lost_too(plant: Plant) -> None:
    await plant.host()
    job_id = await plant.job()
    async with at_work(plant.dispatcher(begin_within=0.5)):
        await plant.until(job_id, JobState.RUNNING)

        async def again() -> bool:
            return len(await plant.shelf.attempts(job_id)) > 1

        await plant.until_true(again)
    assert (await plant.shelf.attempts(job_id))[0].outcome is Outcome.LOST


async def test_nobody_is_taken_for_lost_until_a_lease_after_the_start(plant: Plant) -> None:
    host, seen = await plant.host(), list[Work]()
    job_id = await plant.job()
    async with at_work(plant.worker(host, waits(seen))):
        async with at_work(plant.dispatcher()):

            async def begun() -> bool:
                return bool(seen)

            await plant.until_true(begun)
        # No server for longer than a lease; a host whose heartbeat is a little late must not lose its work at the first look.
        await plant.shelf.set_attempt(job_id, 1, lease_until=SystemClock().now() - timedelta(minutes=5))
        async with at_work(plant.dispatcher()):
            await asyncio.sleep(LEASE / 3 + 4 * LEASE / 6)
            assert [each.outcome for each in await plant.shelf.attempts(job_id)] == [None]


async def test_an_attempt_without_progress_is_stopped_and_costs_a_try(plant: Plant) -> None:
    host = await plant.host()
    async with at_work(plant.dispatcher(stall_seconds=lambda: 0.3), plant.worker(host, waits())):
        job_id = await plant.job()
        job = await plant.until(job_id, JobState.PENDING)

        async def judged() -> bool:
            return (await plant.shelf.the_job(job_id)).not_before is not None

        await plant.until_true(judged)
        job = await plant.shelf.the_job(job_id)
    assert (job.tries_left, job.why) == (2, "no progress for 0 minutes")
    assert (await plant.shelf.attempts(job_id))[0].outcome is Outcome.STALLED


@pytest.mark.parametrize("raised", [StageFailed("read error"), ValueError("odd"), OSError(5, "Input/output error")])
async def test_a_failure_costs_a_try_and_is_tried_again_after_a_pause(plant: Plant, raised: Exception) -> None:
    host = await plant.host()

    async def handler(work: Work, report: Report) -> Result:
        Path(work.directory.decode(), "half.mkv").write_bytes(b"half")
        raise raised

    async with at_work(plant.dispatcher(), plant.worker(host, handler)):
        job_id = await plant.job()

        for tries in (2, 1):

            async def judged(tries: int = tries) -> bool:
                return (await plant.shelf.the_job(job_id)).tries_left == tries

            await plant.until_true(judged)
            job = await plant.shelf.the_job(job_id)
            assert (job.state, job.held) == (JobState.PENDING, False)
            assert job.not_before > SystemClock().now() + timedelta(seconds=10)
            await plant.shelf.set_job(job_id, not_before=SystemClock().now())
        job = await plant.until(job_id, JobState.FAILED)
    assert (job.tries_left, job.settled) == (0, False)
    assert str(raised.args[-1]) in job.why
    assert len(await plant.shelf.attempts(job_id)) == 3
    assert plant.left() == []


async def test_a_failure_that_another_try_cannot_help_ends_the_job(plant: Plant) -> None:
    host = await plant.host()

    async def handler(work: Work, report: Report) -> Result:
        raise StageFailed("there is no such track", retry=False)

    async with at_work(plant.dispatcher(), plant.worker(host, handler)):
        job_id = await plant.job()
        job = await plant.until(job_id, JobState.FAILED)
    assert (job.tries_left, job.why) == (2, "there is no such track")


@pytest.mark.parametrize("kind", [StageFailed, CapabilityLost, HostUnfit, OSError])
async def test_a_reason_that_names_a_file_with_other_bytes_than_text_is_told_as_it_can_be(
    plant: Plant, kind: type[Exception]
) -> None:
    host = await plant.host()
    words = "Am\udce9lie.mkv\0 cannot be read"

    async def handler(work: Work, report: Report) -> Result:
        if kind is CapabilityLost:
            raise CapabilityLost("remux", words)
        raise OSError(errno.ENOSPC, "No space left", words) if kind is OSError else kind(words)

    async with at_work(plant.dispatcher(), plant.worker(host, handler)):
        job_id = await plant.job()

        async def ended() -> bool:
            return [each.outcome for each in await plant.shelf.attempts(job_id)][:1] not in ([], [None])

        await plant.until_true(ended)
    attempt = (await plant.shelf.attempts(job_id))[0]
    assert attempt.outcome is (Outcome.FAILED if kind is StageFailed else Outcome.GIVEN_BACK)
    assert "lie.mkv\ufffd cannot be read" in (attempt.error or "")


async def test_a_failure_that_is_excused_costs_no_try(plant: Plant) -> None:
    host = await plant.host()
    handled: list[int] = []

    async def handler(work: Work, report: Report) -> Result:
        handled.append(work.attempt)
        if len(handled) < 3:
            raise StageFailed("everything fails here")
        return await writes()(work, report)

    async def excuse(*_: object) -> str:
        return "its host fails everything"

    async with at_work(plant.dispatcher(excuse=excuse), plant.worker(host, handler)):
        job_id = await plant.job()
        job = await plant.until(job_id, JobState.COMPLETED)
    assert (job.tries_left, job.attempt) == (3, 3)


async def test_what_was_not_worth_it_completes_the_job_without_a_file(plant: Plant) -> None:
    host = await plant.host()

    async def handler(work: Work, report: Report) -> Result:
        Path(work.directory.decode(), "larger.mkv").write_bytes(b"larger")
        raise NotWorthIt("97 % of the source", {"ratio": 0.97})

    async with at_work(plant.dispatcher(), plant.worker(host, handler)):
        job_id = await plant.job()
        job = await plant.until(job_id, JobState.COMPLETED)
    assert (job.output, job.result, job.why) == (None, {"facts": {"ratio": 0.97}}, "97 % of the source")
    assert plant.left() == []


async def test_a_tool_that_no_longer_works_costs_no_try_and_the_job_waits_for_another_host(plant: Plant) -> None:
    host = await plant.host("attic", "rip:bluray", "remux")

    async def handler(work: Work, report: Report) -> Result:
        raise CapabilityLost("rip:bluray", "The key of MakeMKV has expired: enter the new one.")

    async with at_work(plant.dispatcher(), plant.worker(host, handler)):
        job_id = await plant.job(Stage.RIP, capability="rip:bluray")

        async def given_back() -> bool:
            found = await plant.shelf.attempts(job_id)
            return bool(found) and found[0].outcome is Outcome.GIVEN_BACK

        await plant.until_true(given_back)
        await asyncio.sleep(0.3)
    job = await plant.shelf.the_job(job_id)
    assert (job.state, job.tries_left, job.attempt) == (JobState.QUEUED, 3, 1)
    async with plant.database.read() as session:
        able = select(HostCapability.available).where(HostCapability.name == "rip:bluray")
        assert (await session.execute(able)).scalar_one() is False


@pytest.mark.parametrize(
    "raised", [HostUnfit("The disk of /staging is full: make room."), OSError(28, "No space left")]
)
async def test_a_host_whose_disk_is_full_gets_nothing_more_and_the_job_goes_elsewhere(
    plant: Plant, raised: Exception
) -> None:
    full, other = await plant.host("full", priority=9), await plant.host("other")

    async def handler(work: Work, report: Report) -> Result:
        raise raised

    async with at_work(plant.dispatcher(), plant.worker(full, handler), plant.worker(other, writes())):
        job_id = await plant.job()
        job = await plant.until(job_id, JobState.COMPLETED)
    assert (job.tries_left, job.attempt) == (3, 2)


async def test_a_failure_where_the_staging_disk_went_away_or_is_full_is_the_hosts_and_costs_no_try(
    plant: Plant,
) -> None:
    host, other = await plant.host("attic", priority=9), await plant.host("other")

    async def handler(work: Work, report: Report) -> Result:
        # The tool says something else of it, as dvdbackup does of a full disk.
        shutil.rmtree(work.item_directory)
        raise StageFailed("Reading the disc failed: dvdbackup ended with exit code 255.")

    async with at_work(plant.dispatcher(), plant.worker(host, handler), plant.worker(other, writes())):
        job_id = await plant.job()
        job = await plant.until(job_id, JobState.COMPLETED)
    assert (job.tries_left, job.attempt) == (3, 2)
    first = (await plant.shelf.attempts(job_id))[0]
    assert first.outcome is Outcome.GIVEN_BACK
    assert first.error.startswith("The folder of the item is gone: mount the staging root on this host again. (Reading")


async def test_nothing_is_begun_on_the_folder_that_the_staging_disk_is_to_be_mounted_on(plant: Plant) -> None:
    host, other = await plant.host("attic", priority=9), await plant.host("other")
    root = plant.root / "staging"
    bare = plant.worker(host, writes(), away=lambda path: why_away([str(root)], path))
    async with at_work(plant.dispatcher(), bare, plant.worker(other, writes())):
        job_id = await plant.job(directory=bytes(root / "Film"))
        await plant.until(job_id, JobState.COMPLETED)
    first, second = await plant.shelf.attempts(job_id)
    assert (first.outcome, first.host_id, second.host_id) == (Outcome.GIVEN_BACK, host, other)
    assert "is not mounted here" in first.error
    assert not Path(first.directory.decode()).exists()


async def test_a_result_that_is_not_there_is_a_failure(plant: Plant) -> None:
    host = await plant.host()

    async def handler(work: Work, report: Report) -> Result:
        return Result(files=[ResultFile(path="nothing.mkv", size=7)])

    async with at_work(plant.dispatcher(), plant.worker(host, handler)):
        job_id = await plant.job()
        job = await plant.until(job_id, JobState.PENDING)
    assert "nothing.mkv" in job.why


async def test_of_two_servers_that_give_out_jobs_each_job_is_given_once(plant: Plant) -> None:
    host = await plant.host(limits={"remux": 5})
    made: list[int] = []

    async def handler(work: Work, report: Report) -> Result:
        made.append(work.job_id)
        return Result()

    async with at_work(*(plant.dispatcher() for _ in range(3)), plant.worker(host, handler)):
        jobs = [await plant.job() for _ in range(30)]
        for job_id in jobs:
            await plant.until(job_id, JobState.COMPLETED)
    assert sorted(made) == jobs
    assert {len(await plant.shelf.attempts(job_id)) for job_id in jobs} == {1}


async def test_stages_outside_their_hours_wait(plant: Plant) -> None:
    host = await plant.host("attic", "remux", "transcode")
    closed = {Stage.TRANSCODE}
    async with at_work(plant.dispatcher(closed=lambda _: lambda _: closed), plant.worker(host, writes())):
        waiting, other = await plant.job(Stage.TRANSCODE), await plant.job()
        await plant.until(other, JobState.COMPLETED)
        assert await plant.state(waiting) is JobState.QUEUED
        closed.clear()
        await plant.until(waiting, JobState.COMPLETED)


async def test_a_job_goes_to_the_host_whose_hours_have_begun_and_what_has_begun_goes_on(plant: Plant) -> None:
    as_set = await plant.host("attic", "transcode", priority=1)
    by_day = await plant.host("cellar", "transcode", hours="transcode 08:00-18:00")
    wall = datetime(2026, 3, 1, 12, 0)
    dispatcher = plant.dispatcher(closed=lambda _: closed_on("transcode 22:00-06:00", wall))

    async def given_at(hour: int) -> int | None:
        nonlocal wall
        wall = wall.replace(hour=hour)
        job_id = await plant.job(Stage.TRANSCODE)
        await dispatcher.step()
        attempts = await plant.shelf.attempts(job_id)
        return attempts[0].host_id if attempts else None

    assert (await given_at(12), await given_at(20), await given_at(23)) == (by_day, None, None)
    async with plant.database.read() as session:
        query = select(StageJobAttempt.host_id, StageJobAttempt.asked_to_end).order_by(StageJobAttempt.id)
        # At 23 the attic gets what waited since 20, and is full; the cellar has closed, and goes on.
        assert [tuple(row) for row in await session.execute(query)] == [(by_day, None), (as_set, None)]


async def test_an_attempt_says_a_limited_number_of_lines_and_how_many_it_left_out(plant: Plant) -> None:
    host = await plant.host()

    async def handler(work: Work, report: Report) -> Result:
        for number in range(2500):
            report.log("info", f"line {number}")
        return Result()

    async with at_work(plant.dispatcher(), plant.worker(host, handler, most_lines=2450)):
        job_id = await plant.job()
        await plant.until(job_id, JobState.COMPLETED)
    async with plant.database.read() as session:
        lines = list((await session.execute(select(StageJobLog.text).order_by(StageJobLog.id))).scalars())
    assert (len(lines), lines[2449], lines[-1]) == (2451, "line 2449", "50 more lines were left out")


async def test_what_was_said_last_is_heard_also_when_the_heartbeat_has_not_written_it_at_the_end(plant: Plant) -> None:
    host = await plant.host()
    late = SecondIsLate(plant.database.url.render_as_string(hide_password=False))

    async def handler(work: Work, report: Report) -> Result:
        report.log("info", "the last words")
        async with asyncio.timeout(PATIENCE):
            while late.writes < 2:  # noqa: ASYNC110 - nobody says so
                await asyncio.sleep(0.01)
        return Result()

    worker = Worker(late, SystemClock(), make_engine(late, board), host, {Stage.REMUX: handler}, lease=LEASE)
    async with at_work(plant.dispatcher(), worker):
        job_id = await plant.job()
        await plant.until(job_id, JobState.COMPLETED)
    await late.dispose()
    async with plant.database.read() as session:
        assert list((await session.execute(select(StageJobLog.text))).scalars()) == ["the last words"]


class SecondIsLate(Database):
    """Of a host's writes the first one begins an attempt, and the second one is its heartbeat."""

    writes = 0

    @asynccontextmanager
    async def write(self, *, durable: bool = False) -> AsyncGenerator[AsyncSession]:
        self.writes += 1
        if self.writes == 2:
            await asyncio.sleep(0.3)
        async with super().write(durable=durable) as session:
            yield session


async def test_of_several_words_in_one_transaction_each_is_judged_by_itself(plant: Plant) -> None:
    host = await plant.host(limits={"remux": 4})
    jobs = [await plant.job() for _ in range(4)]
    await plant.dispatcher().step()
    tickets = [Ticket(job_id, 1) for job_id in jobs]
    good, cancelled, lost, unbegun = tickets
    now = SystemClock().now()
    async with plant.database.write() as session:
        await service.cancel(session, now, unbegun.job_id, "anna")
    async with plant.database.write() as session:
        begun = await attempts.begin_all(session, now, host, tickets, LEASE)
        assert [(work.job_id, work.attempt) for work in begun.values()] == [(job_id, 1) for job_id in jobs[:3]]
        assert await attempts.begin_all(session, now, host, tickets, LEASE) == {}
    async with plant.database.write() as session:
        await service.cancel(session, now, cancelled.job_id, "anna")
    await plant.shelf.set_attempt(lost.job_id, 1, outcome=Outcome.LOST)
    await plant.shelf.set_job(lost.job_id, state=JobState.QUEUED)
    ends = dict.fromkeys([good, cancelled, lost], Ended(outcome=Outcome.COMPLETED, result={"files": []}))
    async with plant.database.write() as session:
        refused = await attempts.end_all(session, now, host, ends)
    assert {ticket: type(why) for ticket, why in refused.items()} == {
        cancelled: attempts.AskedToEnd,
        lost: attempts.Fenced,
    }
    assert [await plant.state(job_id) for job_id in jobs] == [
        JobState.COMPLETED,
        JobState.RUNNING,
        JobState.QUEUED,
        JobState.RUNNING,
    ]
    assert (await plant.shelf.events()).count("job.completed") == 1


async def test_one_attempt_that_cannot_be_written_keeps_no_other_from_its_end(plant: Plant) -> None:
    host = await plant.host(limits={"remux": 3})
    together = asyncio.Barrier(3)

    async def handler(work: Work, report: Report) -> Result:
        await together.wait()
        return await writes()(work, report)

    async with at_work(plant.dispatcher(), plant.worker(host, handler)):
        jobs = [await plant.job() for _ in range(2)]

        async def begun() -> bool:
            return all([each.started_at for job_id in jobs for each in await plant.shelf.attempts(job_id)] or [False])

        await plant.until_true(begun)
        await plant.shelf.set_job(jobs[0], attempt=7)
        jobs.append(await plant.job())
        for job_id in jobs[1:]:
            await plant.until(job_id, JobState.COMPLETED)
    assert await plant.state(jobs[0]) is JobState.RUNNING
