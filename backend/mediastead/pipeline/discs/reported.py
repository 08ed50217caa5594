"""What other machines see of discs: they write it down, and the server records it as what it sees itself.

A host may add to what it saw, and read, change or take back nothing: it knows of no disc of the database.
"""

import base64
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ...clock import Clock
from ...db.engine import AWAY, Database
from ...db.locks import ProcessLock
from ..hosts.models import Host
from ..jobs.moments import database_now
from . import queries
from .facts import Looked, Seen
from .models import DiscSeen
from .seeing import is_to_wait, record_all_here, record_seen

AT_A_TIME = 100
MOST_SOURCES = 100_000
"""On one machine."""
MOST_TITLES = 10_000
"""Of one disc; what says that it has more is not a disc."""

log = structlog.stdlib.get_logger(__name__)


async def report(session: AsyncSession, host_id: int, seen: Sequence[Seen | Looked]) -> None:
    """A host says what it saw, in this order."""
    rows: list[dict[str, Any]] = [{"host_id": host_id, "seen": msgspec.to_builtins(each)} for each in seen]
    if rows:
        # A host may write it and not read it, so that nothing can be returned.
        await session.execute(insert(DiscSeen).values(at=database_now()).inline(), rows)


async def take_reported(database: Database, clock: Clock) -> int:
    """Record what hosts said, each word once and in the order in which they said it; how many. One server at a time does."""
    async with database.read() as session:
        if not await queries.reported(session, 1):
            return 0
    taken = 0
    async with ProcessLock(database, "discs-seen").hold() as mine:
        if not mine:
            return 0
        async with database.read() as session:
            waiting = await queries.reported(session, AT_A_TIME)
        words = [(each, _read(each.seen)) for each in waiting]
        newest = _newest(words)
        for each, seen in words:
            try:
                async with database.write() as session:
                    is_newest = isinstance(seen, Seen) and newest[each.host_id, seen.source] == each.id
                    taken += await _take(session, clock, each, seen, is_newest)
            except AWAY:
                raise
            except Exception:
                # Else it would hold up all that is said after it, by whichever host.
                log.exception("what a host saw of a disc cannot be recorded, and is passed over", host_id=each.host_id)
                async with database.write() as session:
                    await session.execute(delete(DiscSeen).where(DiscSeen.id == each.id))
    return taken


async def ask_to_read(database: Database) -> None:
    """Tell hosts which of their discs a person wants to have read once more (`Host.read_again`)."""
    async with database.read() as session:
        hosts = await queries.hosts_elsewhere(session)
        asked = {host_id: [named(each) for each in await queries.to_read(session, host_id)] for host_id in hosts}
    for host_id, before in hosts.items():
        if asked[host_id] != (before or []):
            async with database.write() as session:
                await session.execute(update(Host).where(Host.id == host_id).values(read_again=asked[host_id]))


def named(source: bytes) -> str:
    """A source as it stands in `Host.read_again`, which is JSON."""
    return base64.b64encode(source).decode()


async def _take(
    session: AsyncSession, clock: Clock, each: queries.Reported, seen: Seen | Looked | None, is_newest: bool
) -> bool:
    """Whether it was recorded."""
    if is_newest and isinstance(seen, Seen) and await is_to_wait(session, clock.now(), each.host_id, seen):
        return False
    gone = delete(DiscSeen).where(DiscSeen.id == each.id).returning(DiscSeen.id)
    if (await session.execute(gone)).scalar_one_or_none() is None or await queries.is_removed(session, each.host_id):
        return False
    if seen is None:
        log.warning("a host said something of a disc that is not understood", host_id=each.host_id)
        return False
    if isinstance(seen, Looked):
        await record_all_here(session, clock.now(), each.host_id, seen)
    else:
        await record_seen(session, clock.now(), each.host_id, seen)
    return True


def _newest(words: Sequence[tuple[queries.Reported, Seen | Looked | None]]) -> dict[tuple[int, bytes], int]:
    """By host and source, the last word that says something of what lies there."""
    newest: dict[tuple[int, bytes], int] = {}
    for each, seen in words:
        if isinstance(seen, Seen):
            newest[each.host_id, seen.source] = each.id
        elif isinstance(seen, Looked):
            gone = seen.gone([source for host_id, source in newest if host_id == each.host_id])
            newest |= {(each.host_id, source): each.id for source in gone}
    return newest


def _read(said: str) -> Seen | Looked | None:
    try:
        told = msgspec.json.decode(said)
        if isinstance(told, dict) and "places" in told:
            looked = msgspec.convert(told, Looked)
            return looked if len(looked.places) + len(looked.here) <= MOST_SOURCES else None
        seen = msgspec.convert(told, Seen)
    except (msgspec.DecodeError, RecursionError):
        return None
    many = seen.facts is not None and len(seen.facts.titles) > MOST_TITLES
    return None if many or (seen.fingerprint is not None and len(seen.fingerprint) != 16) else seen
