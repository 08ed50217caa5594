"""What was not worth it is known by content and preset."""

import asyncio

from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.pipeline.stages.service import preset_named
from mediastead.pipeline.stages.worth import remember_not_worth_it, was_not_worth_it

CONTENT, PRESET = bytes(range(16)), b"p" * 16


async def test_it_holds_for_that_content_and_that_preset_and_nothing_else(database: Database, clock: SetClock) -> None:
    for ratio in (1.2, 0.97):
        async with database.write() as session:
            await remember_not_worth_it(session, clock.now(), 1000, CONTENT, PRESET, ratio)
            await remember_not_worth_it(session, clock.now(), 1000, b"", PRESET, ratio)
    async with database.read() as session:
        assert await was_not_worth_it(session, 1000, CONTENT, PRESET) == 0.97
        assert await was_not_worth_it(session, 1001, CONTENT, PRESET) is None
        assert await was_not_worth_it(session, 1000, CONTENT, b"q" * 16) is None
        assert await was_not_worth_it(session, 1000, b"", PRESET) is None


async def test_servers_that_refer_to_a_preset_at_once_get_one_row(database: Database) -> None:
    async def refer() -> int:
        async with database.write() as session:
            return await preset_named(session, "h265")

    assert len(set(await asyncio.gather(*(refer() for _ in range(4))))) == 1
