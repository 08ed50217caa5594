"""An answer for one file settles those that are read the same, asks nobody, and can be taken back."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Engine, event, update

from mediastead.catalog.types import ItemType
from mediastead.files.models import MediaFile, MediaFileDecision, MediaFileImport
from mediastead.files.types import Identification
from mediastead.operations.models import Operation, OperationFile
from mediastead.scanning import identify
from mediastead.unmatched import remembering
from mediastead.unmatched.errors import AnswerRevoked, AnswerUnknown

from .house import BREAKING_BAD, DEXTER, FIGHT_CLUB, MATRIX, House

FIRST, SECOND, THIRD = (f"Brekin Med/Season 01/Brekin Med S01E0{number}.mkv" for number in (1, 2, 3))


async def test_siblings_and_later_files_are_matched_and_nobody_is_asked_for_them(house: House) -> None:
    await house.add(FIRST, SECOND)
    assert await house.state(FIRST, SECOND) == ["unmatched", "unmatched"]
    (held,) = await house.answer(FIRST, BREAKING_BAD, 1, 1)
    assert (held.answer.title, held.answer.holds.value) == ("Brekin Med", "library")
    assert (held.asked_again, held.matched_otherwise) == (1, 0)
    assert await house.state(FIRST, SECOND) == ["matched", "pending"]
    assert await house.identify() == 0
    assert await house.state(SECOND) == ["matched"]
    house.shelf.put("elsewhere/brekin.med.s01e03.720p.mkv")
    await house.shelf.scan()
    assert await house.identify() == 0
    later = await house.file("elsewhere/brekin.med.s01e03.720p.mkv")
    assert (later.identification, later.role) == (Identification.MATCHED, "episode")
    (decision,) = await house.rows(MediaFileDecision, MediaFileDecision.file_id == later.id)
    assert decision.remembered_answer_id == held.answer.id
    (brought_in,) = await house.rows(MediaFileImport, MediaFileImport.file_id == later.id)
    assert (brought_in.method.value, brought_in.actor) == ("scan", "scan")
    assert brought_in.evidence["remembered_answer_id"] == held.answer.id
    (evidence,) = [each for each in brought_in.evidence["evidence"] if each["name"] == "answered"]
    assert "by anna on 2026-03-01" in evidence["detail"] and FIRST in evidence["detail"]
    assert [each.kind for each in await house.rows(Operation)][-2:] == ["match", "remember"]
    assert len(await house.shelf.events("answer.remembered")) == 1


async def test_it_outlives_a_renamed_folder(house: House) -> None:
    robin = "Robbin Hod/Robbin Hod.mkv"
    await house.add(robin)
    (held,) = await house.answer(robin, MATRIX, type=ItemType.MOVIE)
    assert held.answer.holds.value == "folder"
    house.shelf.move("Robbin Hod", "Kept/Robbin")
    await house.add("Kept/Robbin/Robbin.Hod.avi", "Robbin Hod/Robbin.Hod.avi")
    assert await house.state("Kept/Robbin/Robbin.Hod.avi", "Robbin Hod/Robbin.Hod.avi") == ["matched", "unmatched"]


async def test_it_holds_when_the_folder_gains_a_year_that_is_the_titles(house: House) -> None:
    await house.add("Brekin Med/S01E01.mkv", "Hod/Robbin Hod.mkv")
    await house.answer("Brekin Med/S01E01.mkv", BREAKING_BAD, 1, 1)
    await house.answer("Hod/Robbin Hod.mkv", MATRIX, type=ItemType.MOVIE)
    (house.shelf.root / "Brekin Med").rename(house.shelf.root / "Brekin Med (2008)")
    asked = "Brekin Med (1999)/S01E01.mkv"
    await house.add("Brekin Med (2008)/S01E02.mkv", asked, "Hod/Robbin.Hod.1999.mkv", "Hod/Robbin.Hod.1973.mkv")
    paths = ("Brekin Med (2008)/S01E02.mkv", asked, "Hod/Robbin.Hod.1999.mkv", "Hod/Robbin.Hod.1973.mkv")
    assert await house.state(*paths) == ["matched", "unmatched", "matched", "unmatched"]


async def test_an_episode_that_is_not_known_is_asked_about_once_and_comes_to_no_circle(house: House) -> None:
    await house.add(FIRST, "Brekin Med/Season 01/Brekin Med S01E99.mkv")
    await house.answer(FIRST, BREAKING_BAD, 1, 1)
    assert await house.identify() <= 1
    assert await house.state("Brekin Med/Season 01/Brekin Med S01E99.mkv") == ["unmatched"]
    assert await house.identify() == 0


async def test_of_more_than_a_transaction_should_hold_the_rest_follows_by_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "AT_ONCE", 2)
    paths = [f"Brekin Med/Brekin Med S01E0{number}.mkv" for number in range(1, 8)]
    await house.add(*paths)
    (held,) = await house.answer(paths[0], BREAKING_BAD, 1, 1)
    assert held.asked_again == 2
    assert await house.identify() == 0
    assert await house.state(*paths) == ["matched"] * 7


async def test_without_remember_nothing_is_kept(house: House) -> None:
    await house.add(FIRST, SECOND)
    assert await house.answer(FIRST, BREAKING_BAD, 1, 1, remember=False) == []
    assert await house.state(SECOND) == ["unmatched"]
    assert await house.answers() == []


async def test_a_film_without_a_year_holds_in_its_folder_only(house: House) -> None:
    await house.add("a/Robbin Hod.mkv", "a/Robbin.Hod.avi", "b/Robbin Hod.mkv")
    (held,) = await house.answer("a/Robbin Hod.mkv", MATRIX, type=ItemType.MOVIE)
    assert held.asked_again == 1
    await house.identify()
    assert await house.state("a/Robbin.Hod.avi", "b/Robbin Hod.mkv") == ["matched", "unmatched"]


async def test_the_same_answer_again_is_not_remembered_twice(house: House) -> None:
    await house.add(FIRST, SECOND)
    (first,) = await house.answer(FIRST, BREAKING_BAD, 1, 1)
    (again,) = await house.answer(SECOND, BREAKING_BAD, 1, 2)
    assert again.answer.id == first.answer.id
    assert len(await house.answers()) == 1


async def test_a_person_who_changes_his_mind_is_believed_and_what_was_matched_stays(house: House) -> None:
    await house.add(FIRST, SECOND)
    (first,) = await house.answer(FIRST, BREAKING_BAD, 1, 1)
    await house.identify()
    (second,) = await house.answer(FIRST, DEXTER, 1, 1)
    assert await house.answers() == [
        (first.answer.id, "library", "superseded"),
        (second.answer.id, "library", None),
    ]
    assert (second.asked_again, second.matched_otherwise) == (0, 1)
    before = (await house.file(SECOND)).media_item_id
    await house.add(THIRD)
    assert (await house.file(SECOND)).media_item_id == before
    assert (await house.file(THIRD)).media_item_id == second.answer.item_id != before


async def test_where_a_title_means_one_thing_here_and_another_there_each_holds_in_its_place(house: House) -> None:
    here, there = ("UK/Brekin Med/Brekin Med S01E01.mkv", "US/Brekin Med/Brekin Med S01E01.mkv")
    await house.add(here, there)
    (one,) = await house.answer(here, BREAKING_BAD, 1, 1)
    await house.identify()
    assert (await house.file(there)).media_item_id == one.answer.item_id
    (other,) = await house.answer(there, DEXTER, 1, 1)
    assert await house.answers() == [(one.answer.id, "folder", None), (other.answer.id, "folder", None)]
    later = ["UK/Brekin Med/Season 1/S01E02.mkv", "US/Brekin Med/Season 1/S01E02.mkv", "Brekin Med S01E02.mkv"]
    await house.add(*later)
    found = [(await house.file(path)).media_item_id for path in later]
    assert found == [one.answer.item_id, other.answer.item_id, None]


async def test_a_rejected_match_is_not_made_again_and_the_answer_holds_on_for_others(house: House) -> None:
    await house.add(FIRST, SECOND)
    (held,) = await house.answer(FIRST, BREAKING_BAD, 1, 1)
    await house.identify()
    assert await house.unmatch(SECOND) == held.answer.id
    async with house.database.write() as session:
        await session.execute(
            update(MediaFile).where(MediaFile.id == (await house.file(SECOND)).id).values(identification="pending")
        )
    await house.identify()
    assert await house.state(SECOND) == ["unmatched"]
    await house.add(THIRD)
    assert await house.state(THIRD) == ["matched"]


async def test_a_revoked_answer_holds_for_nothing_new_and_leaves_what_it_matched(house: House) -> None:
    await house.add(FIRST, SECOND)
    (held,) = await house.answer(FIRST, BREAKING_BAD, 1, 1)
    await house.identify()
    await house.revoke(held.answer.id)
    assert await house.answers() == [(held.answer.id, "library", "ben")]
    await house.add(THIRD)
    assert await house.state(FIRST, SECOND, THIRD) == ["matched", "matched", "unmatched"]
    with pytest.raises(AnswerRevoked, match="revoked by ben"):
        await house.revoke(held.answer.id)
    with pytest.raises(AnswerUnknown):
        await house.revoke(4711)


async def test_on_request_what_it_matched_is_asked_about_again_but_for_what_a_person_said(house: House) -> None:
    await house.add(FIRST, SECOND, THIRD)
    (held,) = await house.answer(FIRST, BREAKING_BAD, 1, 1)
    await house.identify()
    await house.answer(THIRD, BREAKING_BAD, 1, 4)
    await house.revoke(held.answer.id, also_files=True)
    assert await house.state(FIRST, SECOND, THIRD) == ["matched", "pending", "matched"]
    await house.identify()
    assert await house.state(SECOND) == ["unmatched"]
    (done,) = await house.rows(Operation, Operation.kind == "revoke_answer")
    (changed,) = await house.rows(OperationFile, OperationFile.operation_id == done.id)
    assert (changed.file_id, changed.before["identification"]) == ((await house.file(SECOND)).id, "matched")


async def test_an_answer_or_a_revocation_while_a_file_is_decided_has_it_decided_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.add(FIRST)
    house.shelf.put(SECOND)
    await house.shelf.scan()
    real, answers = identify.decide, list[int]()

    async def slow(*arguments: Any, **more: Any) -> Any:
        decision = await real(*arguments, **more)
        if not answers:
            answers.extend(each.answer.id for each in await house.answer(FIRST, BREAKING_BAD, 1, 1))
        return decision

    monkeypatch.setattr(identify, "decide", slow)
    await house.identify()
    assert await house.state(SECOND) == ["matched"]
    house.shelf.put(THIRD)
    await house.shelf.scan()

    async def slower(*arguments: Any, **more: Any) -> Any:
        decision = await real(*arguments, **more)
        if answers:
            await house.revoke(answers.pop())
        return decision

    monkeypatch.setattr(identify, "decide", slower)
    await house.identify()
    assert await house.state(THIRD) == ["unmatched"]


@pytest.mark.parametrize("round", range(3))
async def test_an_answer_in_the_middle_of_identification_misses_no_file(house: House, round: int) -> None:
    await house.add(FIRST)
    for path in (SECOND, THIRD):
        house.shelf.put(path)
    await house.shelf.scan()
    await asyncio.gather(house.answer(FIRST, BREAKING_BAD, 1, 1), house.identify())
    await house.identify()
    assert await house.state(SECOND, THIRD) == ["matched", "matched"]


async def test_what_names_do_not_say_is_not_remembered(house: House) -> None:
    await house.add("Holiday/DSC_0001.mp4", "Holiday/DSC_0002.mp4")
    assert await house.answer("Holiday/DSC_0001.mp4", FIGHT_CLUB, type=ItemType.MOVIE) == []
    assert await house.state("Holiday/DSC_0002.mp4") == ["unmatched"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_an_answer_decided_is_found_by_the_few_decisions_and_not_through_a_library(house: House) -> None:
    await house.add(FIRST, SECOND)
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "FROM media_file_decision JOIN media_file " in statement:
            asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    (held,) = await house.answer(FIRST, BREAKING_BAD, 1, 1)
    await house.identify()
    await house.revoke(held.answer.id, also_files=True)
    event.remove(Engine, "before_cursor_execute", note)
    assert len(asked) >= 4
    async with house.database.engine.connect() as connection:
        for statement, parameters in asked:
            plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()
            steps = [row[-1] for row in plan]
            assert steps[0].startswith("SEARCH media_file_decision USING"), steps
            assert "title_hash=?" in steps[0] or "remembered_answer_id=?" in steps[0], steps
            assert steps[1] == "SEARCH media_file USING INTEGER PRIMARY KEY (rowid=?)", steps
