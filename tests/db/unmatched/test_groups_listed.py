"""The list of groups gives every open question once, whether it is asked of all questions or of some files."""

from typing import Any

from mediastead.db.engine import Database
from mediastead.files.types import Presence, UnmatchedReason
from mediastead.unmatched.listing import GroupCount, QuestionFilter, groups_page

from ..files.shelf import Shelf, unsure


async def listed(database: Database, **asked: Any) -> list[GroupCount]:
    """All groups, a page of two at a time."""
    groups: list[GroupCount] = []
    cursor = None
    while True:
        async with database.read() as session:
            page = await groups_page(session, QuestionFilter(**asked), cursor=cursor, limit=2)
        groups += page.items
        if page.next is None:
            return groups
        cursor = page.next


def shared(group: GroupCount) -> str:
    return group.key.partition(" ")[2]


async def test_groups_are_the_same_asked_of_all_questions_and_of_the_files_of_the_only_library(
    database: Database,
) -> None:
    shelf = Shelf(database)
    library = await shelf.library()
    no_match = unsure(reason=UnmatchedReason.NO_MATCH)
    for number, key in enumerate(("a", "a", "b", "b", "b", "c", "d")):
        file = await shelf.file(library, f"Box/{number}.mkv")
        await shelf.question(file, no_match if key == "d" else unsure(), group_key=key)
    forgotten = await shelf.file(library, "Box/gone.mkv", presence=Presence.MISSING, hidden=True)
    await shelf.question(forgotten, group_key="a")
    groups = await listed(database)
    assert [(shared(group), group.count) for group in groups[:2]] == [("b", 3), ("a", 2)]
    assert sorted((shared(group), group.count) for group in groups[2:]) == [("c", 1), ("d", 1)]
    assert await listed(database, library_id=library) == groups
    assert [shared(group) for group in await listed(database, reason=UnmatchedReason.NO_MATCH)] == ["d"]
    assert await listed(database, library_id=library + 1) == []
