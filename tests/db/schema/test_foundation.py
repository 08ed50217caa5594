from sqlalchemy import select

from mediastead.db.engine import Database
from mediastead.db.locks import ProcessLock
from mediastead.events.models import Event
from mediastead.events.outbox import record


async def test_an_event_is_written_with_its_transaction(database: Database, clock):
    async with database.write() as s:
        record(s, clock.now(), "a.b", x=1)
    async with database.read() as s:
        rows = (await s.execute(select(Event.id, Event.kind, Event.data, Event.at))).all()
    assert rows == [(1, "a.b", {"x": 1}, clock.now())]
    try:
        async with database.write() as s:
            record(s, clock.now(), "a.c")
            await s.flush()
            raise ValueError
    except ValueError:
        pass
    async with database.read() as s:
        assert len((await s.execute(select(Event.id))).all()) == 1


async def test_a_lock_excludes_a_second_holder(database: Database):
    lock = ProcessLock(database, "library-1")
    async with lock.hold() as a:
        assert a
        assert await ProcessLock(database, "library-1").is_held()
        assert not await ProcessLock(database, "library-2").is_held()
    assert not await lock.is_held()
