"""Runs replays that were asked for, one after the other, in batches that are each written whole or not at all."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import structlog
from msgspec import Struct, to_builtins
from sqlalchemy import insert, update

from ..clock import Clock
from ..db.engine import Database
from ..db.locks import ProcessLock
from ..events.wake import Wake
from ..matching.decide import decide
from ..parsing.parser import Parser
from ..unmatched.queries import rejections_of
from .again import Again, Case, Looked, Matcher
from .answers import KeptAnswers
from .models import ChangeKind, Replay, ReplayChange, ReplayState
from .proposals import taken
from .queries import OpenReplay, count_decided, existing_files, open_replays, standings_after
from .service import move

BATCH = 100
"""Files a transaction, and files whose names are read while the ones before are decided about."""
LOOK_SECONDS = 2.0
"""Between two looks for a replay that was asked for, when nobody says that there is one."""
UNANSWERABLE_LISTED = 1000
"""So many files whose decision lacks an answer are listed for a replay; the rest is counted. A matcher that asks other
questions lacks one for each file."""

log = structlog.stdlib.get_logger(__name__)


class _Batch(Struct, frozen=True):
    cases: list[Case]
    done: list[Looked]
    last_file_id: int


class ReplayRunner:
    """`run` until `stop` is set. Any number of them may run on one database: a replay's lock decides who runs it."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        parser: Parser,
        wake: Wake,
        *,
        matcher: Matcher = decide,
        batch_size: int = BATCH,
    ) -> None:
        self._database = database
        self._clock = clock
        self._parser = parser
        self._wake = wake
        self._matcher = matcher
        self._batch_size = batch_size
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Take what is queued until `stop` is set; the one that runs then is queued again, so that the next server goes on."""
        self._stop = stop
        while not stop.is_set():
            try:
                await self.run_queued()
            except Exception:
                # The database may be away for a moment; what was asked for stays in the queue.
                log.exception("replays cannot be run now")
            await self._wake.wait_for_replays(stop, LOOK_SECONDS)

    async def run_queued(self) -> None:
        """Run what is queued now, and return when it has ended."""
        async with self._database.read() as session:
            waiting = await open_replays(session)
        for replay in waiting:
            if self._stop.is_set():
                return
            async with ProcessLock(self._database, f"replay-{replay.id}").hold() as held:
                if held:
                    await self._begin(replay)

    async def _begin(self, replay: OpenReplay) -> None:
        """With the replay's lock: who ran it, if anybody, is dead."""
        if replay.state is ReplayState.RUNNING:
            await self._move(replay, ReplayState.INTERRUPTED)
            return
        async with self._database.read() as session:
            total = await count_decided(session, replay.library_id)
        counts = {"looked_at": 0, **replay.counts, "total": total}
        async with self._database.write() as session:
            now = self._clock.now()
            if not await move(session, now, replay.id, ReplayState.QUEUED, ReplayState.RUNNING, counts=counts):
                return
        log.info("replay started", replay_id=replay.id, files=total)
        try:
            ended = await self._through(replay, Counter(counts))
        except Exception:
            log.exception("a replay was interrupted by an error", replay_id=replay.id)
            ended = ReplayState.INTERRUPTED
        if ended is not None:
            await self._move(replay, ended)
            log.info("replay ended", replay_id=replay.id, state=ended.value)

    async def _through(self, replay: OpenReplay, counts: Counter[str]) -> ReplayState | None:
        """How it ended; None where the replay itself is gone."""
        answers = KeptAnswers(self._database)
        again = Again(self._parser, answers, self._matcher, replay.threshold)
        ahead = asyncio.create_task(self._next(again, replay, replay.last_file_id))
        try:
            while (batch := await ahead) is not None:
                # The names of the next batch are read in other processes while this one is decided about.
                ahead = asyncio.create_task(self._next(again, replay, batch.last_file_id))
                looked = [*batch.done, *await again.look(batch.cases)]
                cancelled = await self._write(replay, counts, looked, batch.last_file_id)
                if cancelled is None:
                    return None
                if cancelled:
                    return ReplayState.STOPPED
                if self._stop.is_set():
                    return ReplayState.QUEUED
            return ReplayState.COMPLETED
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)

    async def _next(self, again: Again, replay: OpenReplay, after: int) -> _Batch | None:
        async with self._database.read() as session:
            standings = await standings_after(session, replay.library_id, after, self._batch_size)
            rejected = await rejections_of(session, [each.file_id for each in standings])
        if not standings:
            return None
        cases, done = await again.prepare(standings, rejected)
        return _Batch(cases, done, standings[-1].file_id)

    async def _write(
        self, replay: OpenReplay, counts: Counter[str], looked: Sequence[Looked], last_file_id: int
    ) -> bool | None:
        """What came of a batch, and how far it is, at once. True where it was cancelled, None where the replay is gone."""
        listed = [each for each in looked if _is_listed(each, counts)]
        counts.update({"looked_at": len(looked)})
        async with self._database.write() as session:
            running = update(Replay).where(Replay.id == replay.id, Replay.state == ReplayState.RUNNING)
            written = running.values(counts=dict(counts), last_file_id=last_file_id).returning(Replay.cancel_requested)
            cancelled = (await session.execute(written)).scalar_one_or_none()
            there = await existing_files(session, [each.standing.file_id for each in listed])
            rows = [_row(replay.id, each) for each in listed if each.standing.file_id in there]
            if rows and cancelled is not None:
                await session.execute(insert(ReplayChange), rows)
        return cancelled

    async def _move(self, replay: OpenReplay, to: ReplayState) -> None:
        async with self._database.write() as session:
            await move(session, self._clock.now(), replay.id, ReplayState.RUNNING, to)


def _is_listed(looked: Looked, counts: Counter[str]) -> bool:
    """Counts it, and says whether it is written down by itself."""
    counts[looked.counts_as] += 1
    if looked.proposal is None:
        return False
    return looked.counts_as != ChangeKind.UNANSWERABLE or counts[looked.counts_as] <= UNANSWERABLE_LISTED


def _row(replay_id: int, looked: Looked) -> dict[str, Any]:
    return {
        "replay_id": replay_id,
        "file_id": looked.standing.file_id,
        "version": looked.standing.version,
        "kind": ChangeKind(looked.counts_as),
        "before": to_builtins(taken(looked.before)) if looked.before else {},
        "after": to_builtins(looked.proposal),
    }
