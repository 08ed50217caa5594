"""Answers are taken back, also of files about which identification has decided nothing yet."""

from pathlib import Path

from sqlalchemy import func, select

from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.history.service import undo
from mediastead.http.permissions import LOCAL
from mediastead.operations.models import Operation

from ..scanning.shelf import make_shelf
from ..unmatched.house import FIGHT_CLUB, MATRIX, House


async def test_a_match_of_a_file_that_was_not_identified_yet_is_taken_back(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    house = House(await make_shelf(database, clock, tmp_path / "media"))
    house.shelf.put("one.mkv")
    await house.shelf.scan()
    for tmdb_id in (MATRIX, FIGHT_CLUB):
        await house.answer("one.mkv", tmdb_id, type=ItemType.MOVIE, remember=False)
    async with database.read() as session:
        operations = list((await session.execute(select(Operation.id).order_by(Operation.id.desc()))).scalars())
    states: list[list[str]] = []
    for operation_id in operations:
        done = await undo(database, clock, LOCAL, operation_id, dry_run=False, those_that_can=False)
        assert done.count == 1
        states.append(await house.state("one.mkv"))
    assert states == [["matched"], ["pending"]]


async def test_a_match_that_replaced_a_remembered_answer_is_taken_back_to_the_question_that_was_asked_beside_that(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    house = House(await make_shelf(database, clock, tmp_path / "media"))
    await house.add("Heat (1995)/Heat (1995).mkv")
    path = "Heat (1995)/Heat (1995).mkv"
    await house.answer(path, FIGHT_CLUB, type=ItemType.MOVIE)
    await house.unmatch(path)
    assert await house.state(path) == ["unmatched"]
    before = await house.answers()
    await house.answer(path, MATRIX, type=ItemType.MOVIE)
    assert (await house.answers())[:1] != before
    async with database.read() as session:
        query = select(func.max(Operation.id)).where(Operation.part_of.is_(None))
        operation_id = (await session.execute(query)).scalar_one()
    await undo(database, clock, LOCAL, operation_id, dry_run=False, those_that_can=False)
    assert await house.state(path) == ["unmatched"]
    assert (await house.answers())[:1] == before
