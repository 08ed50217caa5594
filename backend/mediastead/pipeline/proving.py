"""What other machines say that they made is looked at by the server before anything follows from it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TypeAlias

import structlog
from msgspec import ValidationError, convert
from sqlalchemy import update

from ..clock import Clock
from ..db.engine import Database
from ..db.locks import ProcessLock
from ..db.text import shown
from .discs import queries as disc_queries
from .discs.stored import title_facts
from .items import queries
from .items.states import STAGES
from .jobs.disproving import disprove
from .jobs.errors import StaleJob
from .jobs.models import JobState, Outcome, Stage, StageJob
from .jobs.roots import why_away, why_elsewhere
from .jobs.unproven_queries import Unproven, unproven
from .jobs.work import Result
from .rules import Rules
from .stages.parameters import Limits, RemuxParameters, RipParameters, TranscodeParameters
from .stages.verifying import verify_not_worth_it, verify_result

AT_ONCE = 2
"""Results that are looked at at the same time: each is read whole."""
DOUBT = 60.0
"""Seconds between the two looks that it takes to disprove something: what was written on a share is seen late by others."""

Verify: TypeAlias = Callable[[bytes, Result, Mapping[int, float | None], Limits], Awaitable[str | None]]
"""`stages.verifying.verify_result`."""

log = structlog.stdlib.get_logger(__name__)


class Proving:
    """Looks at results beside the flow, which settles what it found to be good.

    What was found is kept in memory only: after a crash it is looked at again. Of several servers one looks at a result.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rules: Callable[[], Rules],
        *,
        verify: Verify = verify_result,
        doubt: float = DOUBT,
    ) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._verify = verify
        self._doubt = doubt
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._looks: dict[tuple[int, int], asyncio.Task[bool]] = {}
        """By job and attempt; whether its result is good."""
        self.news = asyncio.Event()
        """Set when a look has ended. Whoever waits for it clears it."""

    async def of(self, job_ids: Collection[int]) -> list[int]:
        """Those of these ended jobs that may be settled; of the others the results are looked at from now on."""
        async with self._database.read() as session:
            doubtful = {job.id: job for job in await unproven(session, job_ids)}
        proven: set[int] = set()
        current = {(job.id, job.attempt) for job in doubtful.values()}
        for key in [key for key in self._looks if key not in current and self._looks[key].done()]:
            del self._looks[key]
        for job in doubtful.values():
            look = self._looks.get((job.id, job.attempt))
            if look is None or (look.done() and (look.cancelled() or not look.result())):
                self._looks[job.id, job.attempt] = asyncio.create_task(self._look(job), name=f"look at job {job.id}")
            elif look.done():
                proven.add(job.id)
        return [job_id for job_id in job_ids if job_id not in doubtful or job_id in proven]

    async def end(self) -> None:
        for look in self._looks.values():
            look.cancel()
        await asyncio.gather(*self._looks.values(), return_exceptions=True)

    async def _look(self, job: Unproven) -> bool:
        """Whether the result is good. It is not as long as that could not be found out, and then not disproved either."""
        try:
            async with ProcessLock(self._database, f"proving-{job.id}").hold() as mine:
                if mine and await self._is_good(job):
                    return True
            await asyncio.sleep(min(self._doubt, 5.0))
        except Exception:
            log.exception("a result could not be looked at", job_id=job.id, attempt=job.attempt)
            await asyncio.sleep(self._doubt)
        finally:
            self.news.set()
        return False

    async def _is_good(self, job: Unproven) -> bool:
        try:
            fault = await self._fault(job)
            if fault is not None:
                await asyncio.sleep(self._doubt)
                fault = await self._fault(job)
        except _NotToBeSeen as unseen:
            await self._tell(job, f"{job.host} says that it was not worth it, which cannot be looked at: {unseen}.")
            return False
        if fault is None:
            return True
        away = await asyncio.to_thread(_away, self._rules().staging_roots, job.directory)
        if away is not None:
            # Absence is no proof: nothing is said of the host, and nothing is made anew.
            await self._tell(job, f"{job.host} says that it is done, which cannot be looked at: {away}")
            return False
        words = f"{job.host} said that it is done, but: {fault}"
        try:
            async with self._database.write() as session:
                await disprove(session, self._clock.now(), job.id, job.attempt, words)
        except StaleJob:
            return False  # somebody was first, and what follows is theirs
        log.warning("what a host said was done was not", job_id=job.id, attempt=job.attempt, host=job.host, why=fault)
        return False

    async def _fault(self, job: Unproven) -> str | None:
        if job.outcome is Outcome.NOT_WORTH_IT:
            try:
                return await verify_not_worth_it(job.stage, await self._source(job), job.work, job.result)
            except OSError as error:
                raise _NotToBeSeen(str(error)) from None
        if job.outcome is not Outcome.COMPLETED or job.output is None:
            return "it names no folder that holds what it made."
        try:
            result = convert(job.result or {}, Result)
        except ValidationError:
            result = Result()
        asked, limits = await self._asked(job)
        elsewhere = await asyncio.to_thread(why_elsewhere, self._rules().staging_roots, job.output)
        if elsewhere is not None:
            return elsewhere
        async with self._slots:
            return await self._verify(job.output, result, asked, limits)

    async def _source(self, job: Unproven) -> bytes | None:
        """Where lies now what it was made of: a file of a library may have been renamed since."""
        if job.input is None or job.input.startswith(job.directory + b"/"):
            return job.input
        async with self._database.read() as session:
            title = await disc_queries.title(session, job.title_id or 0)
            if title is None or title.media_file_id is None:
                return job.input
            return (await queries.paths_of(session, [title.media_file_id])).get(title.media_file_id, job.input)

    async def _asked(self, job: Unproven) -> tuple[Mapping[int, float | None], Limits]:
        """The titles that the job was to make, with their seconds, and how much shorter they may be."""
        if job.stage is Stage.RIP:
            rip = convert(job.work, RipParameters)
            return {title.number: title.duration for title in rip.titles}, rip.limits
        kind = RemuxParameters if job.stage is Stage.REMUX else TranscodeParameters
        limits = convert(job.work, kind).limits
        async with self._database.read() as session:
            title = await disc_queries.title(session, job.title_id or 0)
        if title is None:
            return {}, limits
        # Each stage before may have made it a little shorter.
        stages = STAGES.index(job.stage) + 1
        return {title.number: title_facts(title).duration}, Limits(shorter=stages * limits.shorter)

    async def _tell(self, job: Unproven, why: str) -> None:
        still = (StageJob.id == job.id, StageJob.attempt == job.attempt, StageJob.state == JobState.COMPLETED)
        waits = update(StageJob).where(*still, StageJob.settled.is_(False))
        async with self._database.write() as session:
            await session.execute(waits.values(why=why))


class _NotToBeSeen(Exception):
    """What something was made of cannot be read now."""


def _away(roots: Collection[str], directory: bytes) -> str | None:
    """Why nothing can be said of what should lie in an item's folder; None where it can. Blocks."""
    if (away := why_away(roots, directory)) is not None:
        return away
    return None if os.path.isdir(directory) else f"{shown(directory)} is not there."
