"""The one lock a library."""

from contextlib import AsyncExitStack

from mediastead.db.engine import Database
from mediastead.libraries.lock import library_lock, watcher_lock


async def test_a_library_is_held_by_one_at_a_time_and_others_are_not_touched(
    database: Database, database_url: str
) -> None:
    second_server = Database(database_url)
    async with library_lock(database, 1).hold() as first, library_lock(second_server, 1).hold() as second:
        assert (first, second) == (True, False)
        async with library_lock(second_server, 2).hold() as other:
            assert other
    async with library_lock(second_server, 1).hold() as again:
        assert again
    await second_server.dispose()


async def test_who_asks_whether_it_is_held_is_no_holder(database: Database) -> None:
    lock, other = watcher_lock(database), watcher_lock(database)
    assert not await lock.is_held()
    async with AsyncExitStack() as asking:
        assert await lock._take(asking, shared=True)
        assert not await other.is_held()
    async with lock.hold():
        assert await other.is_held()
    assert not await other.is_held()
