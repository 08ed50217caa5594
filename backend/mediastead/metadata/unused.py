"""Removes kept answers that no decision goes by any more, a bounded batch a transaction."""

import asyncio
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import delete

from ..clock import Clock
from ..db.engine import Database
from ..db.locks import ProcessLock
from .models import KeptAnswer
from .queries import inputs_after, kept_before, newest_kept_id

SPARED = timedelta(days=1)
"""What was used within it stays, whatever was found: a decision that is recorded while we look must not lose its answers.
Far more than `kept.USE_NOTED` and the longest transaction."""
DECISIONS_AT_ONCE = 2000
ANSWERS_AT_ONCE = 500


class _Links(Struct, frozen=True):
    """What is kept for a decision, by id: the part of `matching.inputs.Inputs` that this room knows."""

    answers: tuple[int, ...] = ()
    numbering: int | None = None
    orders: dict[int, int] = {}


async def drop_unused(database: Database, clock: Clock) -> int:
    """Look through all decisions, then remove the answers that none of them names; gives how many.

    Memory: one bit for each answer. Of several servers one does it; the others give 0 at once.
    """
    async with ProcessLock(database, "kept-answers").hold() as held:
        return await _drop_unused(database, clock.now() - SPARED) if held else 0


async def _drop_unused(database: Database, unused_since: datetime) -> int:
    async with database.read() as session:
        newest = await newest_kept_id(session)
        if not await kept_before(session, 0, newest, unused_since, 1):
            return 0
    named = await _named(database, newest)
    dropped, last = 0, 0
    while True:
        async with database.read() as session:
            some = await kept_before(session, last, newest, unused_since, ANSWERS_AT_ONCE)
        if not some:
            return dropped
        last = some[-1]
        unused = [each for each in some if not named[each >> 3] & 1 << (each & 7)]
        if unused:
            async with database.write() as session:
                # Looked at again: a decision may have taken one of them up since.
                gone = delete(KeptAnswer).where(KeptAnswer.id.in_(unused), KeptAnswer.used_at < unused_since)
                dropped += len((await session.execute(gone.returning(KeptAnswer.id))).all())


async def _named(database: Database, newest: int) -> bytearray:
    """A bit for each answer up to `newest` that some decision names."""
    named = bytearray((newest >> 3) + 1)
    last = 0
    while True:
        async with database.read() as session:
            rows = await inputs_after(session, last, DECISIONS_AT_ONCE)
        if not rows:
            return named
        last = rows[-1][0]
        for _, stored in rows:
            links = msgspec.json.decode(stored, type=_Links)
            for each in (*links.answers, *links.orders.values(), links.numbering or 0):
                if each <= newest:
                    named[each >> 3] |= 1 << (each & 7)
        await asyncio.sleep(0)
