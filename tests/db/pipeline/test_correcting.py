"""A person corrects what is being made: titles that were ripped, the preset, the library. What has not begun follows."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.libraries.models import Library, LibraryKind
from mediastead.pipeline import service
from mediastead.pipeline.approvals.schemas import ApprovalAnswer
from mediastead.pipeline.discs.errors import DiscIsElsewhere
from mediastead.pipeline.discs.schemas import TitleChange
from mediastead.pipeline.items.locking import lock_item
from mediastead.pipeline.items.models import ItemState
from mediastead.pipeline.items.service import ItemFieldsChange
from mediastead.pipeline.jobs.models import JobState, Outcome, Stage, StageJob
from mediastead.pipeline.placing import put_disc
from mediastead.pipeline.showing import item_shown
from mediastead.pipeline.stages.service import preset_named

from .firefly import NOW, a_library_and_a_series, a_season, answer, next_of, pending, start, the_one
from .making import change_title, item_of, titles_of
from .working import RULES, end, open_jobs, set_job, settle_all, take, work_off


@pytest.fixture(autouse=True)
async def world(database: Database, clock: SetClock) -> None:
    await a_library_and_a_series(database, clock)


async def correct(database: Database, clock: SetClock, *changes: TitleChange) -> None:
    async with database.write() as session:
        await service.correct_titles(session, clock.now(), RULES, "anna", 1, changes)


async def placed(database: Database, clock: SetClock, *, automatic: bool = False, **fields: Any) -> int:
    """`a_season` with a disc that knows what it is of, and on it titles as long as episodes."""
    item_id = await a_season(database, clock, **fields)
    for title in await titles_of(database):
        await change_title(database, title.id, facts={"number": title.number, "duration": 44 * 60.0 + title.number})
    async with database.write() as session:
        item = await lock_item(session, item_id)
        await put_disc(session, clock.now(), item, 1, 1)
        await service.change(session, clock.now(), RULES, "anna", item_id, ItemFieldsChange(automatic=automatic))
    return item_id


async def set_preset(database: Database, clock: SetClock, item_id: int, name: str) -> None:
    async with database.write() as session:
        fields = ItemFieldsChange(preset_id=await preset_named(session, name))
        await service.change(session, clock.now(), RULES, "anna", item_id, fields)


async def the_jobs(database: Database, stage: Stage) -> list[StageJob]:
    async with database.read() as session:
        query = select(StageJob).where(StageJob.stage == stage).order_by(StageJob.id)
        return list((await session.execute(query)).scalars())


@pytest.mark.parametrize("has_begun", [False, True])
async def test_a_disc_that_is_rejected_is_not_ripped_any_more(
    database: Database, clock: SetClock, has_begun: bool
) -> None:
    item_id = await placed(database, clock, automatic=True)
    (rip,) = await open_jobs(database)
    if has_begun:
        await take(database, clock, rip.id)
    async with database.write() as session:
        await service.reject_disc(session, clock.now(), RULES, "anna", 1, "scratched")
    if has_begun:  # it is asked to end
        await end(database, clock, rip.id, Outcome.CANCELLED)
    await settle_all(database, clock)
    assert await open_jobs(database) == []
    assert [job.state for job in await the_jobs(database, Stage.RIP)] == [JobState.CANCELLED]
    assert "add a disc" in await next_of(database, item_id)


async def test_a_title_that_is_not_wanted_after_the_rip_is_not_made_and_the_item_goes_on_without_it(
    database: Database, clock: SetClock
) -> None:
    item_id = await placed(database, clock, automatic=True)
    await work_off(database, clock, Stage.RIP)
    first, second = await open_jobs(database)
    await take(database, clock, first.id)
    with pytest.raises(DiscIsElsewhere, match=rf"remux \(job {first.id}\): cancel that first"):
        await correct(database, clock, TitleChange(number=1, selected=False))
    await correct(database, clock, TitleChange(number=2, selected=False))
    assert [job.id for job in await open_jobs(database)] == [first.id]
    assert (await the_jobs(database, Stage.REMUX))[1].state is JobState.CANCELLED
    await end(database, clock, first.id)
    await settle_all(database, clock)
    await work_off(database, clock)
    assert (await item_of(database, item_id)).state is ItemState.IN_LIBRARY
    assert second.id not in [job.id for job in await the_jobs(database, Stage.ORGANIZE)]


async def test_a_title_that_is_wanted_again_goes_on_from_where_it_was(database: Database, clock: SetClock) -> None:
    item_id = await placed(database, clock)
    await start(database, clock, item_id)
    await work_off(database, clock)
    await correct(database, clock, TitleChange(number=2, selected=False))
    await start(database, clock, item_id)
    await work_off(database, clock)
    assert (await item_of(database, item_id)).state is ItemState.REMUXED
    await correct(database, clock, TitleChange(number=2, selected=True))
    assert (await item_of(database, item_id)).state is ItemState.RIPPED
    await start(database, clock, item_id, Stage.REMUX)
    assert await work_off(database, clock) == [("remux", 2)]


async def test_jobs_that_wait_are_of_the_episode_that_a_person_says_it_is(database: Database, clock: SetClock) -> None:
    item_id = await placed(database, clock)
    for stage in (Stage.RIP, Stage.REMUX):
        await start(database, clock, item_id, stage)
        await work_off(database, clock)
    await start(database, clock, item_id, Stage.TRANSCODE)
    swapped = (TitleChange(number=1, episodes=[2]), TitleChange(number=2, episodes=[1]))
    await correct(database, clock, *swapped)
    names = [title.name for title in await titles_of(database)]
    assert [job.work["name"] for job in await open_jobs(database)] == names
    assert ["e02" in (name or "") for name in names] == [True, False]
    await work_off(database, clock)
    await start(database, clock, item_id, Stage.ORGANIZE)
    assert [job.work["episode_ids"] for job in await open_jobs(database)] == [[2], [1]]
    await correct(database, clock, TitleChange(number=1, episodes=[1]), TitleChange(number=2, episodes=[2]))
    assert [job.work["episode_ids"] for job in await open_jobs(database)] == [[1], [2]]
    first, _ = await open_jobs(database)
    await take(database, clock, first.id)
    too_late = rf"\(job {first.id}\): correct the file there when that has ended"
    with pytest.raises(DiscIsElsewhere, match=too_late):
        await correct(database, clock, TitleChange(number=1, episodes=[2]))
    # It lies in the library, and nothing has followed from that yet.
    await end(database, clock, first.id)
    with pytest.raises(DiscIsElsewhere, match=too_late):
        await correct(database, clock, TitleChange(number=1, episodes=[2]))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_title_that_begins_to_be_organized_at_the_moment_of_its_correction_is_not_corrected(
    database: Database, clock: SetClock
) -> None:
    item_id = await placed(database, clock, titles=1)
    for _ in range(3):
        await start(database, clock, item_id)
        await work_off(database, clock)
    (job_id,) = await start(database, clock, item_id)
    async with database.write() as session:
        # As the server takes it up; it has not committed when the correction looks.
        await session.execute(update(StageJob).where(StageJob.id == job_id).values(state=JobState.RUNNING))
        correction = asyncio.create_task(correct(database, clock, TitleChange(number=1, episodes=[2])))
        await asyncio.wait([correction], timeout=0.5)
        assert not correction.done()
    with pytest.raises(DiscIsElsewhere, match=rf"\(job {job_id}\): correct the file there when that has ended"):
        await correction
    assert [title.episodes for title in await titles_of(database)] == [[1]]


async def test_a_rip_that_waits_rips_what_is_chosen_and_one_that_runs_is_not_told_more(
    database: Database, clock: SetClock
) -> None:
    item_id = await placed(database, clock)
    await correct(database, clock, TitleChange(number=2, selected=False))
    (job_id,) = await start(database, clock, item_id)
    await correct(database, clock, TitleChange(number=2, selected=True))
    assert [title["number"] for title in (await open_jobs(database))[0].work["titles"]] == [1, 2]
    await correct(database, clock, TitleChange(number=1, selected=False))
    assert [title["number"] for title in (await open_jobs(database))[0].work["titles"]] == [2]
    await take(database, clock, job_id)
    with pytest.raises(DiscIsElsewhere, match=rf"ripped without title 1 \(job {job_id}\): cancel that first"):
        await correct(database, clock, TitleChange(number=1, selected=True))
    await end(database, clock, job_id)
    await settle_all(database, clock)
    assert [title.done for title in await titles_of(database)] == [None, "rip"]


async def test_a_rip_of_which_nothing_is_wanted_any_more_is_not_begun(database: Database, clock: SetClock) -> None:
    item_id = await placed(database, clock)
    await start(database, clock, item_id)
    await correct(database, clock, *(TitleChange(number=number, selected=False) for number in (1, 2)))
    assert await open_jobs(database) == []
    await settle_all(database, clock)
    assert "nothing of disc 1 is chosen" in await next_of(database, item_id)


async def test_what_is_asked_shows_what_a_person_corrected_meanwhile(database: Database, clock: SetClock) -> None:
    await placed(database, clock, automatic=True, requires=("organize_confirm",))
    await work_off(database, clock)
    asked = await the_one(database)
    await correct(database, clock, TitleChange(number=1, name="Serenity (pilot)"))
    (anew,) = await pending(database)
    assert anew.id != asked
    assert "Serenity (pilot)" in [title["name"] for title in anew.prompt["titles"]]


async def test_jobs_that_wait_go_by_the_new_preset_and_one_that_runs_is_named(
    database: Database, clock: SetClock
) -> None:
    item_id = await placed(database, clock, automatic=True)
    await work_off(database, clock, Stage.RIP, Stage.REMUX)
    first, second = await open_jobs(database)
    await take(database, clock, first.id)
    await set_preset(database, clock, item_id, "h265")
    first, second = await open_jobs(database)
    assert [job.work["preset"]["video"]["codec"] for job in (first, second)] == ["h264", "h265"]
    assert second.preset_id is not None and second.preset_id != first.preset_id
    async with database.read() as session:
        notes = (await item_shown(session, item_id, NOW)).notes
    assert len(notes) == 1
    assert f"Job {first.id} (transcode of title 1 of disc 1) goes on as it began" in notes[0]
    assert f"mediastead jobs cancel {first.id}" in notes[0]
    await end(database, clock, first.id)
    await settle_all(database, clock)
    async with database.read() as session:
        assert (await item_shown(session, item_id, NOW)).notes == []


async def test_a_job_that_failed_and_waits_for_its_next_try_goes_by_the_new_preset(
    database: Database, clock: SetClock
) -> None:
    item_id = await placed(database, clock, titles=1, automatic=True)
    await work_off(database, clock, Stage.RIP, Stage.REMUX)
    (job,) = await open_jobs(database)
    await take(database, clock, job.id)
    await end(database, clock, job.id, Outcome.FAILED, "the encoder ended")
    await set_job(database, job.id, state=JobState.PENDING, not_before=clock.now(), settled=True, ended_at=None)
    await set_preset(database, clock, item_id, "h265")
    (job,) = await open_jobs(database)
    assert (job.work["preset"]["video"]["codec"], job.attempt) == ("h265", 1)


async def test_another_library_names_what_is_made_anew_also_when_it_is_the_answer(
    database: Database, clock: SetClock
) -> None:
    async with database.write() as session:
        library = {
            "name": "Other",
            "root": b"/media/other",
            "kind": LibraryKind.SERIES,
            "naming_template": "kodi",
            "exclude_patterns": [],
            "created_at": clock.now(),
        }
        await session.execute(insert(Library), library)
    item_id = await placed(database, clock, titles=1, year=2002, automatic=True, requires=("organize_confirm",))
    await work_off(database, clock)
    (before,) = [title.name for title in await titles_of(database)]
    await answer(
        database, clock, await the_one(database), ApprovalAnswer(decision="approve", changes={"library_id": 2})
    )
    (title,) = await titles_of(database)
    assert title.name is not None and title.name != before
    (job,) = await open_jobs(database)
    assert job.work["library_id"] == 2
    async with database.write() as session:
        await service.change(session, clock.now(), RULES, "anna", item_id, ItemFieldsChange(library_id=1))
    assert [title.name for title in await titles_of(database)] == [before]
    (job,) = await open_jobs(database)
    assert job.work["library_id"] == 1
