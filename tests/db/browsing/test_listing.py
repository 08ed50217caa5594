"""The lists of items: the same whichever way they are found, and no page goes through all items or files for a few."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from mediastead.browsing.listing import ItemFilter, ItemSort, items_page
from mediastead.browsing.queries import doubled_episodes, doubled_items, items_with_gaps
from mediastead.db.engine import Database
from mediastead.files.models import MediaFileEpisode
from mediastead.files.types import Identification, Presence, Role

from ..files.shelf import MATRIX, MOMENT, SIGNS, Shelf, series

TODAY = MOMENT.date()


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


async def matched(shelf: Shelf, library: int, path: str, item: int, role: Role = Role.FEATURE, **values: Any) -> int:
    known = {"identification": Identification.MATCHED, "media_item_id": item, "role": role}
    return await shelf.file(library, path, **known, **values)


async def listed(database: Database, *, few: int, **which: Any) -> list[int]:
    found: list[int] = []
    cursor = None
    while True:
        async with database.read() as session:
            page = await items_page(
                session,
                ItemFilter(**which),
                TODAY,
                sort=ItemSort.TITLE,
                descending=False,
                cursor=cursor,
                limit=1,
                few=few,
            )
        found += page.items
        if page.next is None:
            return found
        cursor = page.next


@pytest.mark.parametrize("few", [0, 2000])
async def test_the_items_of_a_library_are_the_same_whether_they_are_few_or_many(
    database: Database, shelf: Shelf, few: int
) -> None:
    library, other = await shelf.library(), await shelf.library("Other")
    matrix, signs = await shelf.item(MATRIX), await shelf.item(SIGNS)
    winter = await shelf.item(series(title="A Long Winter"))
    await matched(shelf, library, "a.mkv", matrix)
    await matched(shelf, library, "b.mkv", matrix)
    await matched(shelf, library, "c.mkv", winter, Role.EPISODE)
    await matched(shelf, other, "d.mkv", signs)
    await matched(shelf, library, "e.mkv", signs, hidden=True)
    assert await listed(database, few=few, library_id=library) == [winter, matrix]
    assert await listed(database, few=few, library_id=other) == [signs]
    assert await listed(database, few=few, library_id=library, doubled=True) == [matrix]
    assert await listed(database, few=few, library_id=library, missing=True) == [winter]
    assert await listed(database, few=few, library_id=library, missing=False) == [matrix]
    assert await listed(database, few=few, words="lo win") == [winter]
    assert await listed(database, few=few, words="sign") == [signs]
    assert await listed(database, few=few, words="atrix") == await listed(database, few=few, words="lo xyz") == []
    assert await listed(database, few=few, gone=True) == []


async def test_what_a_few_items_lack_or_have_twice_is_found_by_those_items_alone(
    database: Database, shelf: Shelf, request: pytest.FixtureRequest
) -> None:
    library = await shelf.library()
    matrix, signs, winter = await shelf.item(MATRIX), await shelf.item(SIGNS), await shelf.item(series(episodes=2))
    await matched(shelf, library, "a.mkv", matrix)
    await matched(shelf, library, "b.mkv", matrix)
    await matched(shelf, library, "c.mkv", signs, presence=Presence.MISSING)
    episodes = await shelf.episode_ids(winter)
    for path in ("d.mkv", "e.mkv"):
        file_id = await matched(shelf, library, path, winter, Role.EPISODE)
        async with database.write() as session:
            session.add(MediaFileEpisode(file_id=file_id, episode_id=episodes[1, 2]))
    statements: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", keep)
    request.addfinalizer(lambda: event.remove(database.engine.sync_engine, "before_cursor_execute", keep))
    asked: list[tuple[Callable[[AsyncSession], Awaitable[Any]], Any]] = [
        (lambda session: items_with_gaps(session, [matrix, signs, winter], TODAY), {signs, winter}),
        (lambda session: doubled_items(session, [matrix, signs, winter]), {matrix, winter}),
        (lambda session: doubled_episodes(session, winter), [(1, 2)]),
        (lambda session: items_with_gaps(session, [], TODAY), set()),
        (lambda session: doubled_items(session, []), set()),
    ]
    for ask, told in asked:
        async with database.read() as session:
            assert await ask(session) == told
    assert len(statements) >= 3
    if database.is_sqlite:
        async with database.engine.connect() as connection:
            for statement, parameters in statements:
                rows = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)).all()
                plan = "\n".join(str(row[-1]) for row in rows)
                assert "(type=" not in plan and "SCAN" not in plan, plan
                assert "CORRELATED LIST SUBQUERY" not in plan, plan
