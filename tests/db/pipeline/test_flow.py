"""What follows what: an item goes from its disc to its library, by itself or by hand, whatever is answered or cancelled."""

import asyncio

import pytest
from sqlalchemy import func, select

from mediastead.catalog.types import ItemType as MediaType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.pipeline import service
from mediastead.pipeline.approvals import queries as asked
from mediastead.pipeline.approvals.errors import AlreadyAnswered, Withdrawn
from mediastead.pipeline.approvals.models import ApprovalState
from mediastead.pipeline.approvals.queries import approvals_of
from mediastead.pipeline.approvals.schemas import ApprovalAnswer
from mediastead.pipeline.discs import service as discs
from mediastead.pipeline.discs.guess import Guess, Subject
from mediastead.pipeline.discs.models import Disc, DiscState, TitleRole
from mediastead.pipeline.discs.stored import as_json
from mediastead.pipeline.flow import advance, settle_job
from mediastead.pipeline.items.errors import ItemDoesNotAllow, ItemEnded, NothingToStart
from mediastead.pipeline.items.models import ItemState, ItemType, StateTransition
from mediastead.pipeline.items.service import ItemFieldsChange, NewItem
from mediastead.pipeline.jobs.errors import NotPossibleNow
from mediastead.pipeline.jobs.models import JobState, Outcome, Stage, StageJob
from mediastead.pipeline.retrying import disc_again, retry_job
from mediastead.pipeline.rules import Rules
from mediastead.pipeline.showing import item_shown
from mediastead.pipeline.stages.presets import BUILT_IN, preset_hash
from mediastead.pipeline.stages.service import preset_named
from mediastead.pipeline.stages.worth import remember_not_worth_it

from .firefly import ALL, NOW, a_library_and_a_series, a_season, answer, look, next_of, pending, start, the_one
from .making import a_disc, an_item, change_title, item_of, titles_of, transitions
from .working import RULES, end, open_jobs, settle_all, take, work_off


@pytest.fixture(autouse=True)
async def world(database: Database, clock: SetClock) -> None:
    await a_library_and_a_series(database, clock)


async def test_by_hand_each_stage_waits_for_a_person_and_the_item_goes_on_with_the_last_of_its_titles(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock)
    for stage, state in (
        (Stage.RIP, ItemState.RIPPED),
        (Stage.REMUX, ItemState.REMUXED),
        (Stage.TRANSCODE, ItemState.TRANSCODED),
        (Stage.ORGANIZE, ItemState.IN_LIBRARY),
    ):
        assert await open_jobs(database) == []
        made = await start(database, clock, item_id)
        assert len(made) == (1 if stage is Stage.RIP else 2)
        await work_off(database, clock, stage)
        assert (await item_of(database, item_id)).state is state
    assert await transitions(database, item_id) == [
        (None, "new", "manual", "local"),
        ("new", "ripped", "manual", "local"),
        ("ripped", "remuxed", "manual", "local"),
        ("remuxed", "transcoded", "manual", "local"),
        ("transcoded", "in_library", "manual", "local"),
    ]
    assert await next_of(database, item_id) == "It is in its library."


async def test_who_starts_organizing_may_have_what_lies_there_replaced_and_that_once(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock, titles=1, requires=())

    async def replacing() -> list[int]:
        async with database.write() as session:
            return await service.start_stage(
                session, clock.now(), RULES, "local", item_id, None, again=False, replace=True
            )

    with pytest.raises(ItemDoesNotAllow, match="The rip comes first"):
        await replacing()
    for _ in (Stage.RIP, Stage.REMUX, Stage.TRANSCODE):
        await start(database, clock, item_id)
        await work_off(database, clock)
    for replace in (False, True, False):
        (job_id,) = await replacing() if replace else await start(database, clock, item_id)
        (job,) = await open_jobs(database)
        assert (job.id, job.work["replace"]) == (job_id, replace)
        await take(database, clock, job_id)
        await end(database, clock, job_id, Outcome.FAILED, "something lies there")
        await settle_all(database, clock)


async def test_titles_that_are_one_episode_come_into_the_library_as_its_parts_and_each_under_its_name(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock, titles=3, requires=())
    first, second, alone = await titles_of(database)
    await change_title(database, second.id, episodes=first.episodes)
    await change_title(database, alone.id, role=TitleRole.EXTRA, episodes=[], name="Firefly - Extra 03")
    for _ in (Stage.RIP, Stage.REMUX, Stage.TRANSCODE):
        await start(database, clock, item_id)
        await work_off(database, clock)
    await start(database, clock, item_id)
    told = {job.title_id: job.work for job in await open_jobs(database)}
    assert {title_id: work["part"] for title_id, work in told.items()} == {1: 1, 2: 2, 3: None}
    assert (told[3]["role"], told[3]["name"]) == ("extra", "Firefly - Extra 03")


async def test_what_is_on_a_rejected_disc_is_no_part_of_what_the_next_one_holds(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock, titles=1, requires=())
    async with database.write() as session:
        await discs.reject(session, clock.now(), "anna", 1, "scratched")
    await a_disc(database, clock, item_id, titles=1, number=2)
    for _ in (Stage.RIP, Stage.REMUX, Stage.TRANSCODE):
        await start(database, clock, item_id)
        await work_off(database, clock)
    await start(database, clock, item_id)
    (job,) = await open_jobs(database)
    assert (job.disc_id, job.work["part"]) == (2, None)


async def test_an_automatic_item_goes_from_approval_to_approval_and_tells_who_let_it(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock, automatic=True, requires=ALL)
    assert await work_off(database, clock) == []
    await answer(database, clock, await the_one(database))
    assert [stage for stage, _ in await work_off(database, clock)] == ["rip", "remux", "remux"]
    await answer(database, clock, await the_one(database))
    assert [stage for stage, _ in await work_off(database, clock)] == ["transcode", "transcode"]
    await answer(database, clock, await the_one(database))
    assert [stage for stage, _ in await work_off(database, clock)] == ["organize", "organize"]
    assert await transitions(database, item_id) == [
        (None, "new", "manual", "local"),
        ("new", "ripped", "approval", "local"),
        ("ripped", "remuxed", "auto", "pipeline"),
        ("remuxed", "transcoded", "approval", "local"),
        ("transcoded", "in_library", "approval", "local"),
    ]
    assert await pending(database) == []


async def test_jobs_work_on_what_the_stage_before_made(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, titles=1, automatic=True)
    await work_off(database, clock)
    async with database.read() as session:
        jobs = list((await session.execute(select(StageJob).order_by(StageJob.id))).scalars())
    assert [(job.stage.value, job.input) for job in jobs] == [
        ("rip", b"/images/firefly.iso"),
        ("remux", b"/staging/Firefly/Season 01/.rip/1-1/1.mkv"),
        ("transcode", b"/staging/Firefly/Season 01/.remux/2-1/1.mkv"),
        ("organize", b"/staging/Firefly/Season 01/.transcode/3-1/1.mkv"),
    ]
    assert [title["number"] for title in jobs[0].work["titles"]] == [1]
    assert jobs[3].work["episode_ids"] == [1] and jobs[3].work["library_id"] == 1
    assert jobs[3].work["checked"]["fingerprint"] == "ab" * 16
    assert (await item_of(database, item_id)).state is ItemState.IN_LIBRARY


async def test_an_ended_job_is_settled_once_by_however_many_servers(database: Database, clock: SetClock) -> None:
    await a_season(database, clock, automatic=True)
    (rip,) = await open_jobs(database)
    await take(database, clock, rip.id)
    await end(database, clock, rip.id)

    async def settle() -> int | None:
        async with database.write() as session:
            return await settle_job(session, clock.now(), RULES, rip.id)

    settled = await asyncio.gather(*(settle() for _ in range(4)))
    assert sorted(settled, key=bool) == [None, None, None, 1]
    assert [(job.stage, job.title_id) for job in await open_jobs(database)] == [(Stage.REMUX, 1), (Stage.REMUX, 2)]
    async with database.read() as session:
        moves = select(func.count()).where(StateTransition.to_state == "ripped")
        assert (await session.execute(moves)).scalar_one() == 1


async def test_looking_once_too_often_changes_nothing(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, automatic=True, requires=ALL)
    await answer(database, clock, await the_one(database))
    await work_off(database, clock)
    before = (await transitions(database, item_id), [each.id for each in await pending(database)])
    await asyncio.gather(*(look(database, clock, item_id) for _ in range(3)))
    assert (await transitions(database, item_id), [each.id for each in await pending(database)]) == before
    assert await open_jobs(database) == []


@pytest.mark.parametrize("stage", list(Stage))
async def test_what_is_cancelled_at_any_stage_stays_where_it_is_and_goes_on_when_a_person_says_so(
    database: Database, clock: SetClock, stage: Stage
) -> None:
    item_id = await a_season(database, clock, titles=1, automatic=True)
    while (job := (await open_jobs(database))[0]).stage is not stage:
        await work_off(database, clock, job.stage)
    await take(database, clock, job.id)
    state = (await item_of(database, item_id)).state
    async with database.write() as session:
        assert await service.cancel(session, clock.now(), RULES, "local", item_id) == [job.id]
    await end(database, clock, job.id, Outcome.CANCELLED, "cancelled by local")
    await settle_all(database, clock)
    item = await item_of(database, item_id)
    assert (item.state, item.automatic) == (state, False)
    assert item.blocked is not None and "was cancelled by local" in item.blocked
    assert f"mediastead pipeline start {item_id}" in await next_of(database, item_id)
    assert await open_jobs(database) == []
    assert await start(database, clock, item_id) == [job.id]
    async with database.write() as session:
        await service.change(session, clock.now(), RULES, "local", item_id, ItemFieldsChange(automatic=True))
    await work_off(database, clock)
    item = await item_of(database, item_id)
    assert (item.state, item.blocked) == (ItemState.IN_LIBRARY, None)


async def test_what_failed_blocks_an_automatic_item_with_the_reason(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, automatic=True)
    (rip,) = await open_jobs(database)
    await take(database, clock, rip.id)
    await end(database, clock, rip.id, Outcome.FAILED, "the disc is scratched")
    await settle_all(database, clock)
    assert (await item_of(database, item_id)).blocked == "the rip of disc 1 failed: the disc is scratched"
    async with database.read() as session:
        disc = (await session.execute(select(Disc))).scalar_one()
    assert (disc.state, disc.error) == (DiscState.FAILED, "the disc is scratched")
    assert await open_jobs(database) == []
    assert await start(database, clock, item_id, Stage.RIP) == [rip.id]
    assert (await item_of(database, item_id)).blocked is None


async def test_a_stage_is_skipped_with_the_file_as_it_is_and_that_is_told(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock)
    await start(database, clock, item_id)
    await work_off(database, clock)
    for stage in (Stage.REMUX, Stage.TRANSCODE):
        async with database.write() as session:
            await service.skip_stage(session, clock.now(), RULES, "local", item_id, stage)
    assert [title.file for title in await titles_of(database)] == [
        b"/staging/Firefly/Season 01/.rip/1-1/1.mkv",
        b"/staging/Firefly/Season 01/.rip/1-1/2.mkv",
    ]
    assert (await transitions(database, item_id))[2:] == [
        ("ripped", "remuxed", "manual", "local"),
        ("remuxed", "transcoded", "manual", "local"),
    ]
    for stage in (Stage.RIP, Stage.ORGANIZE):
        async with database.write() as session:
            with pytest.raises(ItemDoesNotAllow):
                await service.skip_stage(session, clock.now(), RULES, "local", item_id, stage)


async def test_who_skipped_a_stage_may_have_it_done_after_all_with_the_file_from_before(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock, titles=1)
    await start(database, clock, item_id)
    await work_off(database, clock)
    async with database.write() as session:
        await service.skip_stage(session, clock.now(), RULES, "local", item_id, Stage.REMUX)
    await start(database, clock, item_id, Stage.TRANSCODE)
    await work_off(database, clock)
    assert "transcode" in ((await titles_of(database))[0].file or b"").decode()
    await start(database, clock, item_id, Stage.REMUX, again=True)
    (job,) = await open_jobs(database)
    assert (job.stage, job.input) == (Stage.REMUX, b"/staging/Firefly/Season 01/.rip/1-1/1.mkv")
    assert (await item_of(database, item_id)).skips == ""


async def test_a_stage_that_is_at_work_may_be_skipped_and_its_late_result_counts_for_nothing(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock, titles=1)
    await start(database, clock, item_id)
    await work_off(database, clock)
    (remux,) = await start(database, clock, item_id)
    await take(database, clock, remux)
    async with database.write() as session:
        await service.skip_stage(session, clock.now(), RULES, "local", item_id, Stage.REMUX)
    await end(database, clock, remux, Outcome.CANCELLED)
    await settle_all(database, clock)
    item = await item_of(database, item_id)
    assert (item.state, item.blocked) == (ItemState.REMUXED, None)
    assert (await titles_of(database))[0].file == b"/staging/Firefly/Season 01/.rip/1-1/1.mkv"


async def test_a_stage_that_is_done_again_takes_what_it_was_made_of(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, titles=1)
    for _ in range(3):
        await start(database, clock, item_id)
        await work_off(database, clock)
    (again,) = await start(database, clock, item_id, Stage.REMUX, again=True)
    (job,) = await open_jobs(database)
    assert (job.id, job.input) == (again, b"/staging/Firefly/Season 01/.rip/1-1/1.mkv")
    assert (await transitions(database, item_id))[-1] == ("transcoded", "ripped", "manual", "local")
    await work_off(database, clock)
    assert (await titles_of(database))[0].file == b"/staging/Firefly/Season 01/.remux/4-1/1.mkv"
    assert (await item_of(database, item_id)).state is ItemState.REMUXED


async def test_nothing_is_started_that_is_at_work_already_and_the_words_say_so(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock)
    await start(database, clock, item_id)
    with pytest.raises(NothingToStart, match="waits for a host"):
        await start(database, clock, item_id)
    with pytest.raises(NothingToStart, match="no remux to start"):
        await start(database, clock, item_id, Stage.REMUX)
    assert len(await open_jobs(database)) == 1


async def test_who_starts_what_is_behind_the_item_is_told_how_to_have_it_done_again(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock, titles=1)
    await start(database, clock, item_id)
    await work_off(database, clock)
    with pytest.raises(NothingToStart, match="--stage rip --again"):
        await start(database, clock, item_id, Stage.RIP)


async def test_of_two_who_start_a_stage_at_once_one_does(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock)
    ends = await asyncio.gather(*(start(database, clock, item_id) for _ in range(3)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in ends) == ["NothingToStart", "NothingToStart", "list"]
    assert len(await open_jobs(database)) == 1


async def test_who_cancels_while_a_job_ends_gets_whichever_came_first(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, titles=1, automatic=True)
    (rip,) = await open_jobs(database)
    await take(database, clock, rip.id)
    await end(database, clock, rip.id)
    async with database.write() as session:
        assert await service.cancel(session, clock.now(), RULES, "local", item_id) == []
    await settle_all(database, clock)
    item = await item_of(database, item_id)
    assert (item.state, item.automatic) == (ItemState.RIPPED, False)
    assert await open_jobs(database) == []


async def test_what_is_given_up_asks_nothing_and_starts_nothing_any_more(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, automatic=True, requires=("remux_review",))
    (rip,) = await open_jobs(database)
    await take(database, clock, rip.id)
    async with database.write() as session:
        await service.give_up(session, clock.now(), RULES, "local", item_id, "changed my mind")
    await end(database, clock, rip.id, Outcome.CANCELLED)
    await settle_all(database, clock)
    assert await open_jobs(database) == []
    assert (await transitions(database, item_id))[-1] == ("new", "given_up", "manual", "local")
    with pytest.raises(ItemEnded):
        await start(database, clock, item_id)
    assert (await next_of(database, item_id)) == "It was given up; its files are in /staging/Firefly/Season 01."


async def test_a_job_is_tried_again_as_long_as_its_item_wants_just_that(database: Database, clock: SetClock) -> None:
    async def retry(job_id: int) -> int:
        async with database.write() as session:
            return await retry_job(session, clock.now(), RULES, "local", job_id)

    item_id = await a_season(database, clock, titles=1)
    (rip,) = await start(database, clock, item_id)
    async with database.write() as session:
        await service.cancel(session, clock.now(), RULES, "local", item_id)
    assert await retry(rip) == rip
    await work_off(database, clock)
    (remux,) = await start(database, clock, item_id)
    async with database.write() as session:
        await service.cancel(session, clock.now(), RULES, "local", item_id)
        await service.skip_stage(session, clock.now(), RULES, "local", item_id, Stage.REMUX)
    with pytest.raises(ItemDoesNotAllow, match="no longer what item 1 needs"):
        await retry(remux)
    (transcode,) = await start(database, clock, item_id)
    async with database.write() as session:
        await service.give_up(session, clock.now(), RULES, "local", item_id, None)
    with pytest.raises(ItemEnded):
        await retry(transcode)
    assert await open_jobs(database) == []


async def test_who_tries_a_job_again_that_another_one_replaced_is_told_which_does_its_work(
    database: Database, clock: SetClock
) -> None:
    async def retry(job_id: int) -> int:
        async with database.write() as session:
            return await retry_job(session, clock.now(), RULES, "local", job_id)

    item_id = await a_season(database, clock, titles=1)
    for _ in (Stage.RIP, Stage.REMUX):
        await start(database, clock, item_id)
        await work_off(database, clock)
    (former,) = await start(database, clock, item_id)
    await take(database, clock, former)
    await end(database, clock, former, Outcome.FAILED, "no room")
    await settle_all(database, clock)
    async with database.write() as session:
        fields = ItemFieldsChange(preset_id=await preset_named(session, "h265"))
        await service.change(session, clock.now(), RULES, "local", item_id, fields)
    (other,) = await start(database, clock, item_id)
    assert other != former
    with pytest.raises(
        ItemDoesNotAllow, match=rf"job {other} is doing its work now \(queued\): mediastead jobs show {other}"
    ):
        await retry(former)
    await take(database, clock, other)
    await end(database, clock, other, Outcome.FAILED, "no room")
    await settle_all(database, clock)
    with pytest.raises(ItemDoesNotAllow, match=f"try that one again, mediastead jobs retry {other}"):
        await retry(former)
    assert await retry(other) == other
    await work_off(database, clock)
    with pytest.raises(ItemDoesNotAllow, match=f"job {other} has done its work since"):
        await retry(former)


async def test_what_is_next_says_what_it_waits_for_and_what_is_at_work(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, titles=1, automatic=True)
    await a_disc(database, clock, item_id, titles=0, number=2, inserted=False, source=None)
    assert (await next_of(database, item_id)).startswith("It waits: job 1 (rip) waits")
    (rip,) = await open_jobs(database)
    await take(database, clock, rip.id)
    assert await next_of(database, item_id) == "At work: disc 1 is being ripped. It waits: disc 2 is to be inserted."
    await end(database, clock, rip.id)
    await settle_all(database, clock)
    await work_off(database, clock)
    assert await next_of(database, item_id) == "It waits: disc 2 is to be inserted."


async def test_a_job_that_is_tried_again_leaves_what_began_its_stage_as_it_was(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock, titles=1, automatic=True, requires=("remux_review",))
    (rip,) = await open_jobs(database)
    await take(database, clock, rip.id)
    await end(database, clock, rip.id, Outcome.CANCELLED)
    await settle_all(database, clock)
    async with database.write() as session:
        assert await retry_job(session, clock.now(), RULES, "anna", rip.id) == rip.id
    await work_off(database, clock)
    assert ("new", "ripped", "auto", "pipeline") in await transitions(database, item_id)


async def test_questions_of_an_item_that_is_given_up_are_withdrawn(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, requires=ALL)
    question = await the_one(database)
    async with database.write() as session:
        await service.give_up(session, clock.now(), RULES, "local", item_id, None)
    with pytest.raises(Withdrawn, match="nothing is asked any more"):
        await answer(database, clock, question)


async def test_a_preview_is_approved_with_changes_and_the_rip_takes_what_was_chosen(
    database: Database, clock: SetClock
) -> None:
    await a_season(database, clock, automatic=True, requires=ALL)
    changes = {"titles": [{"number": 1, "episodes": [2]}, {"number": 2, "selected": False}]}
    await answer(database, clock, await the_one(database), ApprovalAnswer(decision="approve", changes=changes))
    (rip,) = await open_jobs(database)
    assert [title["number"] for title in rip.work["titles"]] == [1]
    assert (await titles_of(database))[0].episodes == [2]


async def test_a_preview_of_titles_that_changed_since_is_asked_anew(database: Database, clock: SetClock) -> None:
    await a_season(database, clock, automatic=True, requires=ALL)
    former = await the_one(database)
    await change_title(database, 2, selected=False)
    with pytest.raises(Withdrawn):
        await answer(database, clock, former)
    now_asked = await the_one(database)
    assert now_asked != former
    await answer(database, clock, now_asked)
    with pytest.raises(AlreadyAnswered):
        await answer(database, clock, now_asked)
    assert len(await open_jobs(database)) == 1


async def test_a_rejected_disc_is_out_of_the_item(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, automatic=True, requires=ALL)
    await answer(database, clock, await the_one(database), ApprovalAnswer(decision="reject", words="the wrong one"))
    assert (await open_jobs(database), await pending(database)) == ([], [])
    assert "add a disc" in await next_of(database, item_id)


async def test_a_rejected_review_holds_until_the_stage_was_done_again(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, titles=1, automatic=True, requires=("remux_review",))
    await work_off(database, clock)
    await answer(database, clock, await the_one(database), ApprovalAnswer(decision="reject", words="no subtitles"))
    item = await item_of(database, item_id)
    assert item.blocked is not None and "no subtitles" in item.blocked
    await start(database, clock, item_id, Stage.REMUX, again=True)
    await work_off(database, clock)
    await answer(database, clock, await the_one(database))
    await work_off(database, clock)
    assert (await item_of(database, item_id)).state is ItemState.IN_LIBRARY


async def test_a_result_that_is_not_worth_it_leaves_the_file_as_it_was(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, titles=1, automatic=True)
    await work_off(database, clock, Stage.RIP)
    await work_off(database, clock, Stage.REMUX)
    (transcode,) = await open_jobs(database)
    await take(database, clock, transcode.id)
    await end(database, clock, transcode.id, Outcome.NOT_WORTH_IT, "It has 98% of the size of its source.")
    await settle_all(database, clock)
    async with database.read() as session:
        query = select(StateTransition.notes).where(StateTransition.item_id == item_id)
        notes = (await session.execute(query.order_by(StateTransition.id))).scalars().all()
    assert notes[-1] == "not worth it, and left as it is: title 1 (It has 98% of the size of its source.)"
    (organize,) = await open_jobs(database)
    assert (organize.stage, organize.input) == (Stage.ORGANIZE, b"/staging/Firefly/Season 01/.remux/2-1/1.mkv")


async def test_what_is_known_beforehand_not_to_be_worth_it_is_told_where_the_item_goes_on_without_it(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock, titles=1, automatic=True)
    async with database.write() as session:
        preset = preset_hash(BUILT_IN["h264"])
        await remember_not_worth_it(session, clock.now(), 1000, b"\xab" * 16, preset, 0.98)
    assert [stage for stage, _ in await work_off(database, clock)] == ["rip", "remux", "organize"]
    async with database.read() as session:
        query = select(StateTransition.notes).where(StateTransition.item_id == item_id)
        notes = (await session.execute(query.where(StateTransition.to_state == "transcoded"))).scalars().all()
    assert notes == [
        "not worth it, and left as it is: title 1 (the same content was made with this preset before, and the result was 98% "
        "of its size)"
    ]


async def test_an_automatic_item_rips_a_disc_once_more_that_failed_as_soon_as_a_person_wants_it(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock, titles=1, automatic=True)
    (rip,) = await open_jobs(database)
    await take(database, clock, rip.id)
    await end(database, clock, rip.id, Outcome.FAILED, "scratched")
    await settle_all(database, clock)
    assert await open_jobs(database) == []
    async with database.write() as session:
        await disc_again(session, clock.now(), RULES, "anna", 1)
    (again,) = await open_jobs(database)
    assert again.stage is Stage.RIP
    assert (await item_of(database, item_id)).begun["rip"]["actor"] == "anna"


async def test_a_second_disc_takes_the_item_back_and_both_come_into_the_library(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock, titles=1)
    await start(database, clock, item_id)
    await work_off(database, clock)
    await a_disc(database, clock, item_id, titles=1, number=2)
    await look(database, clock, item_id)
    assert (await transitions(database, item_id))[-1] == ("ripped", "new", "auto", "pipeline")
    async with database.write() as session:
        await service.change(session, clock.now(), RULES, "local", item_id, ItemFieldsChange(automatic=True))
    await work_off(database, clock)
    assert (await item_of(database, item_id)).state is ItemState.IN_LIBRARY


async def test_what_the_library_must_know_blocks_only_the_last_stage(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, titles=1, automatic=True, library_id=None, media_item_id=None)
    await work_off(database, clock)
    item = await item_of(database, item_id)
    assert item.state is ItemState.TRANSCODED and item.blocked is not None and "--library" in item.blocked
    async with database.write() as session:
        await service.change(session, clock.now(), RULES, "local", item_id, ItemFieldsChange(library_id=1))
    async with database.write() as session:
        await service.link(session, clock.now(), RULES, "local", item_id, 1)
    await work_off(database, clock)
    assert (await item_of(database, item_id)).state is ItemState.IN_LIBRARY


async def test_an_episode_that_the_catalogue_does_not_know_is_brought_nowhere(
    database: Database, clock: SetClock
) -> None:
    item_id = await a_season(database, clock, titles=3, automatic=True)
    await work_off(database, clock)
    item = await item_of(database, item_id)
    assert item.state is ItemState.TRANSCODED
    assert item.blocked is not None and "knows no episode 3 for title 3 of disc 1" in item.blocked


async def test_only_what_failed_or_was_cancelled_is_tried_again(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, titles=1)
    (rip,) = await start(database, clock, item_id)
    await work_off(database, clock)
    from mediastead.pipeline.jobs.service import retry

    async with database.write() as session:
        with pytest.raises(NotPossibleNow):
            await retry(session, clock.now(), rip)


async def test_the_list_shows_questions_and_how_far_an_item_is(database: Database, clock: SetClock) -> None:
    item_id = await a_season(database, clock, titles=1, automatic=True, requires=("remux_review",))
    await work_off(database, clock)
    async with database.read() as session:
        shown = await item_shown(session, item_id, NOW)
        page = await asked.approvals_page(session, [], item_id, cursor=None, limit=10)
    assert shown.item.pending_approvals == [page.items[0].id]
    assert shown.item.progress == pytest.approx(0.3)
    assert [job.stage for job in shown.jobs] == [Stage.REMUX, Stage.RIP]
    assert [job.state for job in shown.jobs] == [JobState.COMPLETED, JobState.COMPLETED]
    assert "approvals list" in shown.next


@pytest.mark.parametrize(
    ("sure", "automatic", "setting", "asked"),
    [(0.95, True, True, False), (0.5, True, True, True), (0.95, False, True, True), (0.95, True, False, True)],
)
async def test_a_preview_without_doubt_is_answered_by_the_setting_alone_and_that_is_told(
    database: Database, clock: SetClock, sure: float, automatic: bool, setting: bool, asked: bool
) -> None:
    rules = Rules(sure_previews=setting)
    new = NewItem(
        type=ItemType.SERIES,
        name="Firefly",
        season=1,
        media_item_id=1,
        library_id=1,
        automatic=automatic,
        requires=("disc_preview",),
    )
    item_id = await an_item(database, clock, new)
    subject = Subject(type=MediaType.SERIES, title="Firefly", year=2002, season=1)
    await a_disc(database, clock, item_id, guess=as_json(Guess(subject=subject)))
    for title_id in (1, 2):
        await change_title(database, title_id, confidence=sure if title_id == 2 else 0.98)
    for _ in range(2):
        async with database.write() as session:
            await advance(session, clock.now(), rules, item_id)
    async with database.read() as session:
        (given,) = await approvals_of(session, item_id)
    if asked:
        assert (given.state, await open_jobs(database)) == (ApprovalState.PENDING, [])
    else:
        assert (given.state, given.actor) == (ApprovalState.APPROVED, "pipeline")
        assert "sure_previews" in (given.words or "")
        assert [job.stage for job in await open_jobs(database)] == [Stage.RIP]
