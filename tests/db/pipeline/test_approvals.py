"""Approvals: asked once, answered once, withdrawn where what they ask about has changed."""

import asyncio
from typing import Any

import pytest

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.pipeline.approvals import queries
from mediastead.pipeline.approvals.errors import AlreadyAnswered, InvalidAnswer, NoSuchApproval, Withdrawn
from mediastead.pipeline.approvals.models import ApprovalKind, ApprovalState
from mediastead.pipeline.approvals.prompts import DiscPreviewChanges
from mediastead.pipeline.approvals.schemas import ApprovalAnswer
from mediastead.pipeline.approvals.service import answer, ask, withdraw
from mediastead.pipeline.discs.models import TitleRole
from mediastead.pipeline.discs.schemas import Preview, TitleChange
from mediastead.pipeline.items.locking import lock_item

from .making import a_disc, an_item

PREVIEW = Preview(disc={"id": 1}, titles=[{"number": 1, "role": "episode"}], notes=[], sure=True)
YES = ApprovalAnswer(decision="approve")


async def asked(database: Database, clock: SetClock, prompt: Preview = PREVIEW) -> int:
    async with database.write() as session:
        await lock_item(session, 1)
        return await ask(session, clock.now(), ApprovalKind.DISC_PREVIEW, 1, 1, prompt)


async def answered(database: Database, clock: SetClock, approval_id: int, given: ApprovalAnswer = YES) -> Any:
    async with database.write() as session:
        await lock_item(session, 1)
        return await answer(session, clock.now(), "local", approval_id, given)


async def states(database: Database) -> list[tuple[int, ApprovalState]]:
    async with database.read() as session:
        page = await queries.approvals_page(session, [], None, cursor=None, limit=50)
    return [(view.id, view.state) for view in page.items]


@pytest.fixture(autouse=True)
async def item(database: Database, clock: SetClock) -> None:
    await a_disc(database, clock, await an_item(database, clock))


async def test_the_same_question_is_asked_once(database: Database, clock: SetClock) -> None:
    assert await asked(database, clock) == await asked(database, clock)


async def test_a_question_about_something_else_takes_the_place_of_the_former(
    database: Database, clock: SetClock
) -> None:
    first = await asked(database, clock)
    second = await asked(database, clock, Preview(disc={"id": 1}, titles=[], notes=[], sure=True))
    assert await states(database) == [(second, ApprovalState.PENDING), (first, ApprovalState.WITHDRAWN)]
    with pytest.raises(Withdrawn, match=f"answer approval {second}"):
        await answered(database, clock, first)


async def test_an_answer_given_twice_is_refused_with_who_was_first(database: Database, clock: SetClock) -> None:
    approval_id = await asked(database, clock)
    await answered(database, clock, approval_id)
    with pytest.raises(AlreadyAnswered, match="approved by local"):
        await answered(database, clock, approval_id, ApprovalAnswer(decision="reject", words="no"))
    assert await states(database) == [(approval_id, ApprovalState.APPROVED)]


async def test_of_several_who_answer_at_once_one_is_heard(database: Database, clock: SetClock) -> None:
    approval_id = await asked(database, clock)
    given = [YES, ApprovalAnswer(decision="reject", words="no"), YES]
    ends = await asyncio.gather(
        *(answered(database, clock, approval_id, each) for each in given), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ends) == ["AlreadyAnswered", "AlreadyAnswered", "tuple"]


async def test_changes_have_the_shape_of_their_kind(database: Database, clock: SetClock) -> None:
    approval_id = await asked(database, clock)
    for changes in ({"titels": []}, {"titles": [{"number": 1, "sure": True}]}, {"titles": [{"role": "extra"}]}, {}):
        with pytest.raises(InvalidAnswer, match="Correct them"):
            await answered(database, clock, approval_id, ApprovalAnswer(decision="approve", changes=changes))
    changes = {"titles": [{"number": 1, "role": "extra", "selected": False}]}
    _, shaped = await answered(database, clock, approval_id, ApprovalAnswer(decision="approve", changes=changes))
    assert shaped == DiscPreviewChanges(titles=[TitleChange(number=1, role=TitleRole.EXTRA, selected=False)])
    async with database.read() as session:
        view = await queries.approval_view(session, approval_id)
    assert view is not None and (view.response, view.actor, view.item) == (changes, "local", "Firefly, season 1")
    assert view.disc == "disc 1"


async def test_a_rejection_needs_words_and_takes_no_changes(database: Database, clock: SetClock) -> None:
    approval_id = await asked(database, clock)
    for given in (
        ApprovalAnswer(decision="reject"),
        ApprovalAnswer(decision="reject", words=" "),
        ApprovalAnswer(decision="reject", words="no", changes={"titles": [{"number": 1}]}),
    ):
        with pytest.raises(InvalidAnswer):
            await answered(database, clock, approval_id, given)
    with pytest.raises(NoSuchApproval):
        await answered(database, clock, 99)


async def test_those_that_wait_come_first_page_after_page(database: Database, clock: SetClock) -> None:
    prompts = [Preview(disc={"id": 1}, titles=[], notes=[str(number)], sure=True) for number in range(5)]
    ids = [await asked(database, clock, prompt) for prompt in prompts]
    await answered(database, clock, ids[-1])
    async with database.write() as session:
        await lock_item(session, 1)
        waiting = await ask(session, clock.now(), ApprovalKind.DISC_PREVIEW, 1, None, PREVIEW)
    found: list[int] = []
    cursor = None
    async with database.read() as session:
        while True:
            page = await queries.approvals_page(session, [], 1, cursor=cursor, limit=2)
            found += [view.id for view in page.items]
            cursor = page.next
            if cursor is None:
                break
    assert found == [waiting, *reversed(ids)]


async def test_what_is_withdrawn_after_an_answer_stays_answered(database: Database, clock: SetClock) -> None:
    approval_id = await asked(database, clock)
    await answered(database, clock, approval_id)
    async with database.write() as session:
        await lock_item(session, 1)
        assert not await withdraw(session, clock.now(), approval_id)
    assert await states(database) == [(approval_id, ApprovalState.APPROVED)]
