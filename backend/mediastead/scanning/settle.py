"""The second look at files that were being written when they were first seen."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..files.models import MediaFileState
from .look import look_at
from .queries import UnsettledFile, last_unsettled_look, unsettled_files

SETTLE_AFTER = timedelta(seconds=2)
"""Between two looks at a file. A copy or a download that stands still for so long while it runs is rare, and only costs
that its size is corrected by the next scan."""

BATCH = 500
"""Files looked at and written together; a writer elsewhere waits no longer than that takes."""

_FileAndLook = tuple[UnsettledFile, tuple[int, int]]
"""With size and mtime as they are now."""


async def settle_due(database: Database, clock: Clock) -> int:
    """Look again at all files, of all libraries, whose first look was `SETTLE_AFTER` ago; how many stand still now."""
    return await _settle(database, clock, clock.now() - SETTLE_AFTER, None)


async def settle_library(database: Database, clock: Clock, library_id: int) -> int:
    """Wait until every unsettled file of a library is due, and look again once; how many stand still now."""
    async with database.read() as session:
        last_look = await last_unsettled_look(session, library_id)
    if last_look is None:
        return 0
    wait = SETTLE_AFTER - (clock.now() - last_look)
    await asyncio.sleep(min(max(wait, timedelta(0)), SETTLE_AFTER).total_seconds())
    return await _settle(database, clock, last_look, library_id)


async def _settle(database: Database, clock: Clock, looked_before: datetime, library_id: int | None) -> int:
    settled = last = 0
    while True:
        async with database.read() as session:
            files = await unsettled_files(session, looked_before, library_id, last, BATCH)
        if not files:
            return settled
        looks = await asyncio.to_thread(_looks, files)
        async with database.write() as session:
            await _write(session, clock.now(), [(file, look) for file, look in looks if look != _known(file)])
            settled += await _write(session, None, [(file, look) for file, look in looks if look == _known(file)])
        last = files[-1].id


async def _write(session: AsyncSession, unsettled_since: datetime | None, looks: Sequence[_FileAndLook]) -> int:
    if not looks:
        return 0
    state = MediaFileState
    # Only where nobody else wrote meanwhile what he saw.
    statement = (
        update(state)
        .where(
            state.file_id == bindparam("looked_at"),
            state.size == bindparam("known_size"),
            state.mtime_ns == bindparam("known_mtime_ns"),
            state.unsettled_since.is_not(None),
        )
        .values(size=bindparam("new_size"), mtime_ns=bindparam("new_mtime_ns"), unsettled_since=unsettled_since)
    )
    rows = [
        {
            "looked_at": file.id,
            "known_size": file.size,
            "known_mtime_ns": file.mtime_ns,
            "new_size": size,
            "new_mtime_ns": mtime_ns,
        }
        for file, (size, mtime_ns) in looks
    ]
    # On the connection: the session would want to find the rows by their key.
    await (await session.connection()).execute(statement, rows)
    return len(rows)


def _known(file: UnsettledFile) -> tuple[int, int]:
    return file.size, file.mtime_ns


def _looks(files: Sequence[UnsettledFile]) -> list[_FileAndLook]:
    """Size and mtime of those that can be looked at; for the others the next scan will tell."""
    found: list[_FileAndLook] = []
    for file in files:
        try:
            look = look_at(file.path)
        except OSError:
            continue
        if look is not None:
            found.append((file, (look.size, look.mtime_ns)))
    return found
