from sqlalchemy import select

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.files.queries import locked_files, snapshot
from mediastead.operations.models import Operation, OperationFile
from mediastead.operations.service import record_operation

from ..files.shelf import Shelf, series, sure


async def test_an_operation_keeps_the_values_before_it(database: Database, clock: SetClock) -> None:
    shelf, facts = Shelf(database), series()
    file = await shelf.file(await shelf.library(), "Long Winter/S01E02-E03.mkv")
    await shelf.decide(file, sure(facts, (1, 3), (1, 2), part=1), facts)
    item = (await shelf.item_by_tmdb(1399)).id
    episodes = await shelf.episode_ids(item)
    async with database.write() as session:
        files = await locked_files(session, [file, file + 1000])
        before = {**snapshot(files.values()), "order": None}
        after = {"files": [{"id": file, "version": 3, "same_as": 1}], "answers": {"made": [7]}}
        operation = await record_operation(session, clock.now(), "anna", "match", "matched", before, after, part_of=4)
    async with database.read() as session:
        (row,) = (await session.execute(select(*Operation.__table__.columns))).all()
        (changed,) = (await session.execute(select(*OperationFile.__table__.columns))).all()
    assert (row.id, row.at, row.actor, row.kind, row.part_of) == (operation, clock.now(), "anna", "match", 4)
    assert (row.before, row.after, row.undone_by) == ({"order": None}, {"answers": {"made": [7]}}, None)
    assert (changed.operation_id, changed.file_id) == (operation, file)
    assert (changed.version_before, changed.version_after, changed.same_as) == (2, 3, 1)
    assert changed.before == {
        "identification": "matched",
        "media_item_id": item,
        "episodes": sorted([episodes[1, 2], episodes[1, 3]]),
        "role": "episode",
        "part": 1,
        "edition": None,
        "ignore_rule": None,
        "rule_lifted": False,
    }
