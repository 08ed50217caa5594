"""Two at once: one of them wins, the other is told, and nothing is written twice."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest

from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.errors import MediasteadError
from mediastead.files.types import Identification, Role
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.unmatched.corrections import match_file, restore_file, unmatch_file
from mediastead.unmatched.errors import QuestionSettled, StaleVersion
from mediastead.unmatched.schemas import FileMatch, FileUnmatch, MatchAnswer, QuestionMatch
from mediastead.unmatched.service import dismiss_questions, match_question, match_questions
from mediastead.unmatched.titles import prepare

from ..files.shelf import MATRIX, MOMENT, SIGNS, Shelf, ignored, sure

MATRIX_ANSWER = MatchAnswer(type=ItemType.MOVIE, tmdb_id=603)
INCEPTION_ANSWER = MatchAnswer(type=ItemType.MOVIE, tmdb_id=27205)


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


async def together(*doings: Awaitable[Any]) -> list[Any]:
    """What came of each: its result, or the error."""
    return list(await asyncio.gather(*doings, return_exceptions=True))


async def match(database: Database, clock: SetClock, actor: str, question: int, answer: MatchAnswer) -> None:
    prepared = await prepare(database, BundledCatalogue(), [answer])
    async with database.write() as session:
        await match_question(session, clock.now(), actor, question, answer, prepared)


async def dismiss(database: Database, clock: SetClock, actor: str, question: int) -> None:
    async with database.write() as session:
        (await dismiss_questions(session, clock.now(), actor, [question])).raise_first()


@pytest.mark.parametrize("round", range(3))
async def test_of_two_answers_at_once_one_wins(database: Database, shelf: Shelf, clock: SetClock, round: int) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv")
    question = await shelf.question(file)
    results = await together(
        match(database, clock, "anna", question, MATRIX_ANSWER),
        match(database, clock, "ben", question, INCEPTION_ANSWER),
        dismiss(database, clock, "cleo", question),
    )
    losers = [result for result in results if result is not None]
    assert len(losers) == 2
    assert all(isinstance(error, QuestionSettled) for error in losers), losers
    (asked,) = await shelf.questions(file)
    assert {error.extra["resolved_by"] for error in losers} == {asked.resolved_by}
    assert (await shelf.row(file)).version == 3


async def test_the_same_answer_by_two_people_at_once_is_imported_once(
    database: Database, shelf: Shelf, clock: SetClock
) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv")
    question = await shelf.question(file)
    results = await together(
        *(match(database, clock, actor, question, MATRIX_ANSWER) for actor in ("anna", "anna", "ben"))
    )
    assert sum(isinstance(result, QuestionSettled) for result in results) >= 1
    assert [made.actor for made in (await shelf.imports(file))[1:]] in (["anna"], ["ben"])


@pytest.mark.parametrize("round", range(3))
async def test_an_answer_while_identification_records_gives_one_of_the_two(
    database: Database, shelf: Shelf, clock: SetClock, round: int
) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv")
    prepared = await prepare(database, BundledCatalogue(), [MATRIX_ANSWER])

    async def answer() -> None:
        by_hand = FileMatch(type=ItemType.MOVIE, tmdb_id=603, version=1)
        async with database.write() as session:
            await match_file(session, clock.now(), "anna", file, by_hand, prepared)

    said, skipped = await together(answer(), shelf.decide(file, sure(SIGNS), SIGNS))
    row = await shelf.row(file)
    assert (row.identification, row.version) == (Identification.MATCHED, 2)
    person_won = said is None
    assert skipped == ([file] if person_won else [])
    assert person_won or isinstance(said, StaleVersion)
    assert row.media_item_id == (await shelf.item_by_tmdb(603 if person_won else 2675)).id
    assert len(await shelf.imports(file)) == 1


async def test_of_two_corrections_that_saw_the_same_version_one_wins(
    database: Database, shelf: Shelf, clock: SetClock
) -> None:
    file = await shelf.file(await shelf.library(), "Signs.mkv")
    await shelf.decide(file, sure(SIGNS), SIGNS)

    async def unmatch(actor: str) -> None:
        async with database.write() as session:
            await unmatch_file(session, clock.now(), actor, file, FileUnmatch(version=2))

    results = await together(unmatch("anna"), unmatch("ben"))
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "StaleVersion"]
    assert len(await shelf.questions(file)) == 1
    assert len(await shelf.rejections(file)) == 1


async def test_two_bulk_answers_over_the_same_files_block_each_other_never(
    database: Database, shelf: Shelf, clock: SetClock
) -> None:
    library = await shelf.library()
    files = [await shelf.file(library, f"Many/{number}.mkv") for number in range(40)]
    questions = [await shelf.question(file) for file in files]

    async def answer(actor: str, tmdb_id: int, ids: list[int]) -> list[MediasteadError | None]:
        answers = [QuestionMatch(id=each, type=ItemType.MOVIE, tmdb_id=tmdb_id) for each in ids]
        prepared = await prepare(database, BundledCatalogue(), answers)
        async with database.write() as session:
            return (await match_questions(session, clock.now(), actor, answers, prepared)).errors

    one, other = await together(answer("anna", 603, questions), answer("ben", 27205, questions[::-1]))
    won = [error is None for error in one]
    assert [error is None for error in other[::-1]] == [not each for each in won]
    assert {(await shelf.row(file)).version for file in files} == {3}


async def test_extras_that_somebody_restores_right_now_do_not_hold_up_a_match_beside_them(
    database: Database, shelf: Shelf, clock: SetClock
) -> None:
    library = await shelf.library()
    extra, feature = await shelf.file(library, "Signs/talk.mkv"), await shelf.file(library, "Signs/Signs.mkv")
    await shelf.decide(extra, ignored(Role.EXTRA))

    async def restore() -> None:
        async with database.write() as session:
            await restore_file(session, clock.now(), "anna", extra, 2)

    restored, skipped = await together(restore(), shelf.decide(feature, sure(MATRIX), MATRIX))
    assert skipped == []
    assert restored is None or isinstance(restored, StaleVersion)
    assert (await shelf.row(extra)).identification is Identification.PENDING
    assert (await shelf.imports(feature))[0].at == MOMENT + timedelta(0)
