"""Files lean on what the other files of their folder are, are decided again when those change, and the end is always the same."""

import importlib.util
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, select, update

from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.files.identification import take_for
from mediastead.files.models import Folder, FolderChange, MediaFile, MediaFileDecision, MediaFileImport
from mediastead.files.paths import joined
from mediastead.files.queries import locked_files
from mediastead.files.types import Identification, UnmatchedReason
from mediastead.matching.renumbering import Renumbering, Shift
from mediastead.replaying.queries import replay_view
from mediastead.replaying.runner import ReplayRunner
from mediastead.replaying.schemas import ReplayRequest
from mediastead.replaying.service import request_replay
from mediastead.unmatched import reconsidering
from mediastead.unmatched.folder_neighbours import neighbours_at
from mediastead.unmatched.models import UnmatchedFile
from mediastead.unmatched.questions import Asked, ask, keyed
from mediastead.unmatched.reconsidering import reconsider
from mediastead.unmatched.schemas import EpisodeAsked, QuestionMatch
from mediastead.unmatched.service import match_questions
from mediastead.unmatched.titles import prepare
from mediastead.unmatched.verdicts import kept

from ..scanning.shelf import make_shelf
from .house import BREAKING_BAD, House, InThisProcess

FULL = [f"Sunday box/Breaking Bad S02E{number:02}.mkv" for number in range(1, 9)]
BARE = "Sunday box/S02E10.mkv"
GARBLED = "Sunday box/Br34king B4d S02E11.avi"
STRAY = "Sunday box/Lanterns of Noon S02E12.avi"
ELSEWHERE = "Monday box/S02E13.mkv"
EVERY = [*FULL, BARE, GARBLED, STRAY, ELSEWHERE]


class Room(House):
    async def decisions(self) -> dict[str, Any]:
        """By path: what the file is taken for, why, and what it heard."""
        query = (
            select(Folder.path, MediaFile.name, MediaFile.identification, MediaFileDecision)
            .join(MediaFile, MediaFile.folder_id == Folder.id)
            .join(MediaFileDecision, MediaFileDecision.file_id == MediaFile.id)
        )
        async with self.database.read() as session:
            return {
                joined(folder, name).decode(): (state.value, msgspec.json.decode(decision.body), decision.neighbours)
                for folder, name, state, decision in await session.execute(query)
            }

    async def versions(self) -> dict[int, int]:
        return {row.id: row.version for row in await self.rows(MediaFile)}

    async def heard(self, path: str) -> list[Any] | None:
        file = await self.file(path)
        (decision,) = await self.rows(MediaFileDecision, MediaFileDecision.file_id == file.id)
        return None if decision.neighbours is None else msgspec.json.decode(decision.neighbours)


@pytest.fixture
async def room(database: Database, clock: SetClock, tmp_path: Any) -> Room:
    return Room(await make_shelf(database, clock, tmp_path / "media"))


async def test_a_file_whose_name_is_not_enough_is_matched_by_the_others_of_its_folder(room: Room) -> None:
    await room.add(*EVERY)
    assert await room.state(*FULL, BARE, GARBLED) == ["matched"] * 10
    assert await room.state(STRAY, ELSEWHERE) == ["unmatched"] * 2
    assert await room.heard(FULL[0]) is None and await room.heard(ELSEWHERE) == []
    assert await room.heard(BARE) == [{"type": "series", "tmdb_id": BREAKING_BAD, "share": 1.0, "count": 8}]
    (decision,) = await room.rows(MediaFileDecision, MediaFileDecision.file_id == (await room.file(BARE)).id)
    assert msgspec.json.decode(decision.inputs)["known"]["neighbours"] == await room.heard(BARE)
    evidence = {each["name"]: each["detail"] for each in msgspec.json.decode(decision.body)["item"]["evidence"]}
    assert "at least 8 files in this folder" in evidence["neighbours"]
    assert await room.rows(FolderChange) == []


async def test_made_again_without_a_provider_the_decisions_are_the_same(room: Room) -> None:
    await room.add(*EVERY)
    parser: Any = InThisProcess()
    replays = ReplayRunner(room.database, room.clock, parser, Wake())
    async with room.database.write() as session:
        asked = await request_replay(session, room.clock.now(), "anna", ReplayRequest(), 0.95)
    await replays.run_queued()
    async with room.database.read() as session:
        view = await replay_view(session, asked.id)
    assert view is not None and view.counts["same"] == len(EVERY)


async def test_the_end_is_the_same_in_whatever_order_and_batches_files_come(room: Room) -> None:
    await room.add(*EVERY)
    expected = await room.decisions()
    dice = random.Random(3)
    for size in (2, 5):
        async with room.database.write() as session:
            await session.execute(delete(MediaFile))
            await session.execute(delete(Folder))
        for path in EVERY:
            room.shelf.remove(path)
        room.identifier._batch_size = size  # pyright: ignore[reportPrivateUsage] - no setting
        shuffled = dice.sample(EVERY, len(EVERY))
        for some in (shuffled[:5], shuffled[5:7], shuffled[7:]):
            await room.add(*some)
        assert await room.decisions() == expected


async def test_a_match_that_leans_on_neighbours_is_no_neighbour(room: Room) -> None:
    await room.add(*FULL[:3], BARE, GARBLED, *(f"Sunday box/S01E{number:02}.mkv" for number in range(1, 7)))
    assert await room.state(BARE, GARBLED, "Sunday box/S01E06.mkv") == ["matched"] * 3
    async with room.database.read() as session:
        around = await neighbours_at(session, {(room.shelf.library_id, b"Sunday box")}, but=[])
    (neighbour,) = around.values()
    assert [each.count for each in neighbour] == [3]


@pytest.mark.parametrize("folder", ["", "Downloads/", "TV/"])
async def test_in_folders_that_hold_anything_neighbours_say_nothing(room: Room, folder: str) -> None:
    await room.add(*(folder + path.partition("/")[2] for path in (*FULL, BARE, GARBLED)))
    assert await room.state(folder + BARE.partition("/")[2]) == ["unmatched"]


async def test_in_a_mixed_folder_they_say_nothing(room: Room) -> None:
    await room.add(*FULL[:6], *(f"Sunday box/Dexter S01E{number:02}.mkv" for number in range(1, 6)), BARE)
    assert await room.state(BARE) == ["unmatched"]
    assert await room.heard(BARE) == []


async def test_a_neighbour_that_a_person_takes_back_reopens_what_leaned_on_it(room: Room) -> None:
    await room.add(*FULL[:3], BARE)
    assert await room.state(BARE) == ["matched"]
    await room.unmatch(FULL[0])
    await room.identify()
    assert await room.state(FULL[0], BARE) == ["unmatched", "unmatched"]
    await room.answer(FULL[0], BREAKING_BAD, 2, 1)
    await room.identify()
    assert await room.state(FULL[0], BARE) == ["matched", "matched"]


async def test_a_file_that_moves_is_decided_again_by_the_files_around_it(room: Room) -> None:
    await room.add(*FULL, BARE, ELSEWHERE)
    assert await room.state(BARE, ELSEWHERE) == ["matched", "unmatched"]
    room.shelf.move(BARE, "Monday box/S02E10.mkv")
    room.shelf.move(ELSEWHERE, "Sunday box/S02E13.mkv")
    await room.scan()
    assert await room.state("Monday box/S02E10.mkv", "Sunday box/S02E13.mkv") == ["unmatched", "matched"]
    for path in FULL[:6]:
        room.shelf.move(path, path.replace("Sunday", "Friday"))
    await room.scan()
    assert await room.state("Sunday box/S02E13.mkv") == ["unmatched"]


async def test_what_a_person_said_is_never_reopened(room: Room) -> None:
    await room.add(*FULL[:3], BARE, GARBLED)
    await room.answer(BARE, BREAKING_BAD, 2, 10)  # as it is matched already
    await room.unmatch(GARBLED)
    assert await room.heard(BARE) is None and await room.heard(GARBLED) is None
    for path in FULL[:2]:
        await room.unmatch(path)
    version = (await room.file(BARE)).version
    await room.identify()
    assert await room.state(BARE, GARBLED) == ["matched", "unmatched"]
    assert (await room.file(BARE)).version == version


async def test_a_file_that_a_person_confirmed_is_a_neighbour(room: Room) -> None:
    await room.add(*FULL[:3], BARE, *(f"Sunday box/S01E{number:02}.mkv" for number in range(1, 6)))
    for number in range(1, 6):
        await room.answer(f"Sunday box/S01E{number:02}.mkv", BREAKING_BAD, 1, number, remember=False)
    await room.identify()
    assert await room.heard(BARE) == [{"type": "series", "tmdb_id": BREAKING_BAD, "share": 1.0, "count": 8}]


async def test_nothing_happens_where_nothing_changed(room: Room) -> None:
    await room.add(*EVERY)
    before = await room.versions()
    await room.scan()
    await room.add("Sunday box/Breaking Bad S02E09.mkv")  # one more of what they are known to be
    after = await room.versions()
    assert {file_id: after[file_id] for file_id in before} == before


async def test_a_large_folder_is_decided_again_once_and_not_with_each_batch(room: Room) -> None:
    queued = [f"Sunday box/S0{season}E{number:02}.mkv" for season in (1, 3) for number in range(1, 8)]
    room.identifier._batch_size = 2  # pyright: ignore[reportPrivateUsage] - no setting
    await room.add(*queued, *FULL)
    tries = await room.rows(MediaFileImport)
    assert await room.state(*queued) == ["matched"] * len(queued)
    assert len(tries) <= 2 * len(queued) + len(FULL)


async def test_more_files_than_one_transaction_takes_are_all_decided_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconsidering, "FILES", 3)
    queued = [f"Sunday box/S01E{number:02}.mkv" for number in range(1, 8)]
    await room.add(*queued)
    await room.add(*FULL)
    assert await room.state(*queued) == ["matched"] * 7


async def test_a_missing_file_is_a_neighbour_and_waits_itself_until_it_is_back(room: Room) -> None:
    await room.add(*FULL[:3], BARE)
    room.shelf.remove(FULL[0])
    room.shelf.move(BARE, "../away.mkv")
    await room.scan()
    async with room.database.read() as session:
        around = await neighbours_at(session, {(room.shelf.library_id, b"Sunday box")}, but=[])
    assert [each.count for neighbours in around.values() for each in neighbours] == [3]
    await room.unmatch(FULL[1])
    await room.identify()
    assert {row.identification.value for row in await room.rows(MediaFile, MediaFile.name == b"S02E10.mkv")} == {
        "matched"
    }
    room.shelf.move("../away.mkv", BARE)
    await room.scan()
    assert await room.state(BARE) == ["unmatched"]


async def test_a_folder_with_files_that_cannot_be_decided_is_looked_at_after_a_while(room: Room) -> None:
    await room.add(*FULL[:3], BARE)
    room.shelf.put("Sunday box/S01E01.mkv")
    await room.shelf.scan()  # present, and never identified here
    await room.unmatch(FULL[0])
    async with room.database.write() as session:
        assert not await reconsider(session, room.clock.now())
    room.clock.advance(timedelta(minutes=11))
    async with room.database.write() as session:
        assert await reconsider(session, room.clock.now())
    assert await room.state(BARE) == ["pending"]


async def test_a_series_whose_numbers_a_person_changed_speaks_for_nobody(room: Room) -> None:
    await room.add(*FULL, BARE)
    assert await room.state(BARE) == ["matched"]
    await room.unmatch(FULL[0])
    file = await room.file(FULL[0])
    (question,) = await room.rows(UnmatchedFile, UnmatchedFile.file_id == file.id)
    answer = QuestionMatch(id=question.id, type=ItemType.SERIES, tmdb_id=BREAKING_BAD, episodes=[EpisodeAsked(1, 2)])
    prepared = await prepare(room.database, room.provider, [answer])
    counted = Renumbering(shifts=(Shift(2, 1, 1),))
    async with room.database.write() as session:
        done = await match_questions(session, room.clock.now(), "anna", [answer], prepared, counted)
    await room.identify()
    assert await room.state(BARE) == ["unmatched"]
    await room.revoke(done.holding[0].answer.id)
    await room.identify()
    assert await room.state(BARE) == ["matched"]


async def test_questions_of_before_neighbours_existed_hear_them_after_the_upgrade(room: Room) -> None:
    await room.add(*FULL, BARE, ELSEWHERE)
    assert await room.state(BARE, ELSEWHERE) == ["matched", "unmatched"]
    bare = await room.file(BARE)
    async with room.database.write() as session:
        file = (await locked_files(session, [bare.id]))[bare.id]
        await take_for(session, room.clock.now(), "scan", [kept(file, Identification.UNMATCHED)])
        question = {"reason": UnmatchedReason.LOW_CONFIDENCE, "would_match_if": None, "group_key": keyed("old")}
        await ask(session, room.clock.now(), [Asked(file_id=bare.id, **question)])
        await session.execute(update(MediaFileDecision).values(neighbours=None))
        await session.execute(delete(FolderChange))
    await room.identify()
    assert await room.state(BARE) == ["unmatched"]
    before = await room.versions()
    path = Path(__file__).parents[3] / "migrations" / "versions" / "0015_old_questions.py"
    spec = importlib.util.spec_from_file_location("old_questions", path)
    assert spec is not None and spec.loader is not None
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    async with room.database.write() as session:
        connection = await session.connection()
        await connection.run_sync(migration.hear_neighbours)
    await room.identify()
    assert await room.state(BARE, ELSEWHERE) == ["matched", "unmatched"]
    after = await room.versions()
    assert {file_id for file_id in after if after[file_id] != before[file_id]} == {bare.id}
