"""A host that fails job after job is set aside, and the jobs do not pay for it."""

from datetime import timedelta

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.pipeline.engine.choose import make_engine
from mediastead.pipeline.engine.interface import Ticket
from mediastead.pipeline.hosts import queries
from mediastead.pipeline.jobs import attempts
from mediastead.pipeline.jobs.attempts import Ended
from mediastead.pipeline.jobs.blaming import blame_the_host
from mediastead.pipeline.jobs.dispatcher import Dispatcher
from mediastead.pipeline.jobs.models import JobState, Outcome
from mediastead.pipeline.jobs.queries import board
from mediastead.pipeline.jobs.work import NotThere, StageFailed

from ..jobs_shelf import JobShelf

LEASE = 30.0
NO_ENCODER = StageFailed("no such encoder")


async def fails(
    database: Database,
    clock: SetClock,
    host_id: int,
    job_id: int,
    failure: StageFailed = NO_ENCODER,
    number: int = 1,
) -> None:
    ticket = Ticket(job_id, number)
    async with database.write() as session:
        assert await attempts.begin(session, clock.now(), host_id, ticket, LEASE) is not None
    async with database.write() as session:
        ended = Ended(outcome=Outcome.FAILED, error=failure.reason, result=failure.told)
        await attempts.end(session, clock.now(), host_id, ticket, ended)


async def test_a_host_that_fails_three_jobs_at_once_is_set_aside_and_they_go_elsewhere_with_all_their_tries(
    database: Database, clock: SetClock
) -> None:
    shelf = JobShelf(database)
    bad = await shelf.host("bad", seen=clock.now(), priority=9, limits={"remux": 3})
    dispatcher = Dispatcher(database, clock, make_engine(database, board), excuse=blame_the_host)
    jobs = [await shelf.job(now=clock.now()) for _ in range(3)]
    await dispatcher.step()
    for job_id in jobs:
        await fails(database, clock, bad, job_id)
        await dispatcher.step()
    async with database.read() as session:
        host = await queries.host(session, bad)
    assert host is not None and host.set_aside_until == clock.now() + timedelta(minutes=15)
    assert "no such encoder" in (host.set_aside_reason or "")
    good = await shelf.host("good", seen=clock.now(), limits={"remux": 3})
    clock.advance(timedelta(seconds=1))
    await dispatcher.step()
    for job_id in jobs:
        job = await shelf.the_job(job_id)
        assert (job.state, job.attempt, job.tries_left) == (JobState.RUNNING, 2, 3)
        assert [attempt.host_id for attempt in await shelf.attempts(job_id)] == [bad, good]


async def test_jobs_that_fail_together_get_back_only_the_tries_that_they_lost(
    database: Database, clock: SetClock
) -> None:
    shelf = JobShelf(database)
    bad = await shelf.host("bad", seen=clock.now(), limits={"remux": 4})
    dispatcher = Dispatcher(database, clock, make_engine(database, board), excuse=blame_the_host)
    jobs = [await shelf.job(now=clock.now()) for _ in range(4)]
    await dispatcher.step()
    await fails(database, clock, bad, jobs[0])
    await dispatcher.step()
    assert (await shelf.the_job(jobs[0])).tries_left == 2
    # The others are all told before the first of them is judged.
    for job_id in jobs[1:]:
        await fails(database, clock, bad, job_id)
    await dispatcher.step()
    clock.advance(timedelta(seconds=1))
    await dispatcher.step()
    for job_id in jobs:
        job = await shelf.the_job(job_id)
        assert (job.state, job.tries_left) == (JobState.QUEUED, 3)


async def test_a_job_that_fails_everywhere_blames_no_host(database: Database, clock: SetClock) -> None:
    shelf = JobShelf(database)
    host_id = await shelf.host("attic", seen=clock.now())
    dispatcher = Dispatcher(database, clock, make_engine(database, board), excuse=blame_the_host)
    job_id = await shelf.job(now=clock.now())
    await dispatcher.step()
    await fails(database, clock, host_id, job_id)
    await dispatcher.step()
    job = await shelf.the_job(job_id)
    assert (job.state, job.tries_left) == (JobState.PENDING, 2)
    async with database.read() as session:
        host = await queries.host(session, host_id)
    assert host is not None and host.set_aside_until is None


async def test_a_host_in_whose_drives_the_discs_are_not_any_more_is_not_to_blame(
    database: Database, clock: SetClock
) -> None:
    shelf = JobShelf(database)
    host_id = await shelf.host("attic", seen=clock.now(), limits={"remux": 4})
    dispatcher = Dispatcher(database, clock, make_engine(database, board), excuse=blame_the_host)
    jobs = [await shelf.job(now=clock.now()) for _ in range(4)]
    await dispatcher.step()
    for job_id in jobs[:3]:
        await fails(database, clock, host_id, job_id, NotThere("There is no disc in /dev/sr0."))
        await dispatcher.step()
    # One that does fail is looked at with all that ended before it.
    await fails(database, clock, host_id, jobs[3])
    await dispatcher.step()
    async with database.read() as session:
        host = await queries.host(session, host_id)
    assert host is not None and host.set_aside_until is None
    assert [(await shelf.the_job(job_id)).tries_left for job_id in jobs] == [3, 3, 3, 2]


async def test_what_failed_on_a_host_is_tried_on_another_one_that_can_do_it_though_the_first_is_the_better(
    database: Database, clock: SetClock
) -> None:
    shelf = JobShelf(database)
    heard = clock.now() + timedelta(hours=1)
    best = await shelf.host("best", seen=heard, priority=9)
    # These would not get it, and nobody waits for them.
    await shelf.host("unable", "transcode", seen=heard)
    await shelf.host("unasked", seen=heard, limits={"remux": 0})
    dispatcher = Dispatcher(database, clock, make_engine(database, board), excuse=blame_the_host)
    job_id = await shelf.job(now=clock.now())
    empty = StageFailed("Film.mkv is no good result: The result is empty (0 bytes).")
    await dispatcher.step()
    await fails(database, clock, best, job_id, empty)
    await dispatcher.step()
    clock.advance(timedelta(minutes=1))
    await dispatcher.step()
    await fails(database, clock, best, job_id, empty, number=2)
    await dispatcher.step()
    other = await shelf.host("other", seen=heard)
    clock.advance(timedelta(minutes=6))
    # What comes after it goes to the best one still, which is not kept from work by what it is not to do.
    next_id = await shelf.job(now=clock.now())
    await dispatcher.step()
    assert [each.host_id for each in await shelf.attempts(job_id)] == [best, best, other]
    assert [each.host_id for each in await shelf.attempts(next_id)] == [best]
