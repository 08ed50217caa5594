"""What people and the rooms above ask of stage jobs."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from mediastead.pipeline.jobs import service
from mediastead.pipeline.jobs.errors import NoSuchJob, NotPossibleNow, StaleJob
from mediastead.pipeline.jobs.models import JobState
from mediastead.pipeline.jobs.states import ALLOWED, ENDED, OPEN, move

from .jobs_shelf import MOMENT, JobShelf

LATER = MOMENT + timedelta(hours=9)


async def asked(shelf: JobShelf, what: Callable[..., Awaitable[Any]], *given: Any) -> Any:
    async with shelf.database.write() as session:
        return await what(session, *given)


def test_every_state_has_its_transitions_and_is_open_or_ended() -> None:
    assert set(ALLOWED) == set(JobState) == {*OPEN, *ENDED}


async def test_a_new_job_is_queued_unless_something_holds_it_or_its_hour_has_not_come(shelf: JobShelf) -> None:
    at_once, held, later = (
        await shelf.job(),
        await shelf.job(waits_for="waits for the preview of the disc"),
        await shelf.job(not_before=LATER),
    )
    assert (await shelf.the_job(at_once)).state is JobState.QUEUED
    found = await shelf.the_job(held)
    assert (found.state, found.held, found.why) == (JobState.PENDING, True, "waits for the preview of the disc")
    found = await shelf.the_job(later)
    assert (found.state, found.held, found.why) == (JobState.PENDING, False, "waits until 2026-03-01 21:00 UTC")
    assert await shelf.events() == ["job.queued", "job.pending", "job.pending"]


async def test_a_job_that_was_held_and_has_an_hour_waits_for_both(shelf: JobShelf) -> None:
    job = await shelf.job(waits_for="waits for a person", not_before=LATER)
    await asked(shelf, service.release, MOMENT, job)
    found = await shelf.the_job(job)
    assert (found.state, found.held, found.why) == (JobState.PENDING, False, "waits until 2026-03-01 21:00 UTC")
    job = await shelf.job(waits_for="waits for a person", not_before=LATER)
    await asked(shelf, service.release, LATER, job)
    assert (await shelf.the_job(job)).state is JobState.QUEUED


async def test_what_has_not_begun_can_be_held_and_released_and_what_runs_cannot(shelf: JobShelf) -> None:
    job = await shelf.job()
    await asked(shelf, service.hold, MOMENT, job, "a person looks at it")
    assert (await shelf.the_job(job)).held
    await asked(shelf, service.release, MOMENT, job)
    await asked(shelf, service.release, MOMENT, job)  # nothing holds it any more
    assert (await shelf.the_job(job)).state is JobState.QUEUED
    await shelf.set_job(job, state=JobState.RUNNING)
    with pytest.raises(NotPossibleNow, match="is running"):
        await asked(shelf, service.hold, MOMENT, job, "too late")


async def test_what_waits_is_cancelled_at_once_and_what_has_ended_is_not(shelf: JobShelf) -> None:
    job = await shelf.job()
    assert await asked(shelf, service.cancel, LATER, job, "anna") is JobState.CANCELLED
    assert await asked(shelf, service.cancel, LATER, job, "bert") is JobState.CANCELLED
    found = await shelf.the_job(job)
    assert (found.why, found.ended_at, found.settled) == ("cancelled by anna", LATER, False)
    await shelf.set_job(job, state=JobState.COMPLETED)
    with pytest.raises(NotPossibleNow, match="nothing to cancel"):
        await asked(shelf, service.cancel, LATER, job, "anna")


async def test_a_retry_gives_all_tries_back_and_is_for_what_failed_or_was_cancelled(shelf: JobShelf) -> None:
    job = await shelf.job()
    with pytest.raises(NotPossibleNow, match="only what failed"):
        await asked(shelf, service.retry, MOMENT, job)
    await shelf.set_job(job, state=JobState.FAILED, tries_left=0, why="read error", settled=False, attempt=3)
    await asked(shelf, service.retry, LATER, job)
    found = await shelf.the_job(job)
    assert (found.state, found.tries_left, found.why, found.settled) == (JobState.QUEUED, 3, None, True)
    assert found.attempt == 3


async def test_a_retry_of_what_waits_for_its_next_try_does_not_wait_any_longer(shelf: JobShelf) -> None:
    job = await shelf.job(not_before=LATER)
    await shelf.set_job(job, attempt=1, tries_left=2)
    await asked(shelf, service.retry, MOMENT, job)
    found = await shelf.the_job(job)
    assert (found.state, found.tries_left, found.not_before) == (JobState.QUEUED, 2, None)


async def test_only_one_draws_the_consequences_of_an_end(shelf: JobShelf) -> None:
    job = await shelf.job()
    assert not await asked(shelf, service.claim_settled, job)
    await asked(shelf, service.cancel, MOMENT, job, "anna")
    assert await asked(shelf, service.claim_settled, job)
    assert not await asked(shelf, service.claim_settled, job)


async def test_a_state_is_changed_only_where_it_is_what_it_was_taken_for(shelf: JobShelf) -> None:
    job = await shelf.job()

    async def at_attempt(session: AsyncSession, number: int) -> None:
        await move(session, job, JobState.QUEUED, JobState.RUNNING, attempt=number)

    with pytest.raises(StaleJob):
        await asked(shelf, at_attempt, 1)
    await asked(shelf, at_attempt, 0)
    with pytest.raises(StaleJob):
        await asked(shelf, at_attempt, 0)
    with pytest.raises(ValueError, match="never goes"):
        await asked(shelf, move, job, JobState.COMPLETED, JobState.RUNNING)


async def test_a_job_that_does_not_exist_is_said_to(shelf: JobShelf) -> None:
    for what, given in (
        (service.release, (MOMENT, 7)),
        (service.set_priority, (MOMENT, 7, 1)),
        (service.retry, (MOMENT, 7)),
    ):
        with pytest.raises(NoSuchJob, match="list /v1/stage-jobs"):
            await asked(shelf, what, *given)
