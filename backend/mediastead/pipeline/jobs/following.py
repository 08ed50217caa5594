"""The lines of a job as they come."""

import asyncio

from ...db.engine import Database
from ..engine.nudges import first_of
from . import shown_queries
from .errors import NoSuchJob
from .schemas import LogLines

LOOK_AGAIN = 0.5
"""Seconds between two looks for lines, which are written once a second."""


async def follow(
    database: Database,
    stopping: asyncio.Event,
    job_id: int,
    *,
    attempt: int | None,
    after: int,
    wait: float,
    limit: int,
) -> LogLines:
    """Lines after `after`. Where there is none yet and the job has not ended, the next ones, for which it waits `wait` seconds
    at most, and not when the server stops. Raises `NoSuchJob`."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    while True:
        async with database.read() as session:
            found = await shown_queries.log_lines(session, job_id, attempt=attempt, after=after, limit=limit)
        if found is None:
            raise NoSuchJob(job_id)
        if found.items or found.over or stopping.is_set() or loop.time() >= until:
            return found
        await first_of(LOOK_AGAIN, stopping)
