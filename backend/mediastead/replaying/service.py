"""Replays are asked for, stopped, resumed, and forgotten after a while; each moves through its states here."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..libraries.errors import LibraryNotFound
from ..libraries.queries import library_view
from ..matching.inputs import matcher_version
from .errors import ReplayDoesNotAllow, ReplayNotFound
from .models import Replay, ReplayChange, ReplayState
from .queries import ended_before, open_replays, replay_view, some_changes
from .schemas import ReplayRequest, ReplayView

KEPT = timedelta(days=30)
"""How long what a replay found is kept once it has ended."""
CHANGES_AT_ONCE = 1000

ALLOWED = {
    ReplayState.QUEUED: {ReplayState.RUNNING, ReplayState.STOPPED},
    ReplayState.RUNNING: {
        ReplayState.COMPLETED,
        ReplayState.STOPPED,
        ReplayState.INTERRUPTED,
        ReplayState.QUEUED,
    },
    ReplayState.STOPPED: {ReplayState.QUEUED},
    ReplayState.INTERRUPTED: {ReplayState.QUEUED},
    ReplayState.COMPLETED: set[ReplayState](),
}
"""From what to what. Running to queued is a server that is stopped politely: the next one goes on by itself. What killed a
process is not tried again unasked."""
OPEN = {ReplayState.QUEUED, ReplayState.RUNNING}


async def move(
    session: AsyncSession, now: datetime, replay_id: int, old: ReplayState, new: ReplayState, **values: Any
) -> bool:
    """The one place that changes a replay's state; False where it was no longer `old`."""
    if new not in ALLOWED[old]:
        raise ValueError(f"a replay cannot go from {old} to {new}")
    moved = await session.execute(
        update(Replay)
        .where(Replay.id == replay_id, Replay.state == old)
        .values(state=new, ended_at=None if new in OPEN else now, **values)
        .returning(Replay.id)
    )
    return moved.scalar_one_or_none() is not None


async def request_replay(
    session: AsyncSession, now: datetime, actor: str, asked: ReplayRequest, threshold: float
) -> ReplayView:
    """Queue a replay; one of the same library and threshold that has not ended is given instead.

    `threshold` is that of the settings. Raises `LibraryNotFound`.
    """
    if asked.library_id is not None and await library_view(session, asked.library_id) is None:
        raise LibraryNotFound(asked.library_id)
    threshold = threshold if asked.threshold is None else asked.threshold
    for known in await open_replays(session):
        if (known.library_id, known.threshold) == (asked.library_id, threshold):
            return await shown(session, known.id)
    row: dict[str, Any] = {
        "library_id": asked.library_id,
        "state": ReplayState.QUEUED,
        "threshold": threshold,
        "matcher": matcher_version(),
        "asked_by": actor,
        "started_at": now,
        "cancel_requested": False,
        "last_file_id": 0,
        "counts": {},
    }
    replay_id = (await session.execute(insert(Replay).returning(Replay.id), row)).scalar_one()
    return await shown(session, replay_id)


async def cancel_replay(session: AsyncSession, now: datetime, replay_id: int) -> ReplayView:
    """Stop it: at once where it waits, after its batch where it runs. What it found stays."""
    replay = await shown(session, replay_id)
    if replay.state is ReplayState.QUEUED and await move(
        session, now, replay_id, ReplayState.QUEUED, ReplayState.STOPPED
    ):
        return await shown(session, replay_id)
    asked = update(Replay).where(Replay.id == replay_id, Replay.state == ReplayState.RUNNING)
    done = await session.execute(asked.values(cancel_requested=True).returning(Replay.id))
    if done.scalar_one_or_none() is None:
        raise _not_now("stopped", await shown(session, replay_id))
    return await shown(session, replay_id)


async def resume_replay(session: AsyncSession, now: datetime, replay_id: int) -> ReplayView:
    """Go on after the last file that was looked at, with the matcher as it is now."""
    replay = await shown(session, replay_id)
    if replay.state not in (ReplayState.STOPPED, ReplayState.INTERRUPTED) or not await move(
        session, now, replay_id, replay.state, ReplayState.QUEUED, cancel_requested=False
    ):
        raise _not_now("resumed", replay)
    return await shown(session, replay_id)


async def shown(session: AsyncSession, replay_id: int) -> ReplayView:
    """Raises `ReplayNotFound`."""
    replay = await replay_view(session, replay_id)
    if replay is None:
        raise ReplayNotFound(replay_id)
    return replay


async def forget_old_replays(database: Database, clock: Clock) -> int:
    """Remove replays that ended long ago, a bounded number of changes a transaction; gives how many replays."""
    async with database.read() as session:
        old = await ended_before(session, clock.now() - KEPT)
    for replay_id in old:
        changes = [0]
        while changes:
            async with database.write() as session:
                changes = await some_changes(session, replay_id, CHANGES_AT_ONCE)
                await session.execute(delete(ReplayChange).where(ReplayChange.id.in_(changes)))
        async with database.write() as session:
            await session.execute(delete(Replay).where(Replay.id == replay_id, Replay.ended_at.is_not(None)))
    return len(old)


def _not_now(what: str, replay: ReplayView) -> ReplayDoesNotAllow:
    return ReplayDoesNotAllow(
        f"Replay {replay.id} is {replay.state.value} and cannot be {what}; ask for a new one, or look at what it found.",
        state=replay.state.value,
    )
