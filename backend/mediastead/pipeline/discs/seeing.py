"""What hosts see becomes discs: new ones, and those that are known again by their fingerprint. Nothing here commits."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from ...events.outbox import record
from ..engine.nudges import nudge
from ..jobs.drives import drive_resource
from . import queries
from .facts import Looked, Seen
from .labels import printable
from .models import Disc, DiscKind, DiscState, DiscTitle
from .reassigning import assign_alone, reassign
from .stored import as_json


async def record_seen(session: AsyncSession, now: datetime, host_id: int | None, seen: Seen) -> int | None:
    """Note what a host saw; the disc's id, None where there was nothing and nothing was known there.

    A disc is known again by its fingerprint, wherever it lies now: it keeps its item, number, state, error and titles.
    """
    await _lock_fingerprint(session, seen.fingerprint)
    here, disc = await _known(session, host_id, seen)
    locked: set[int] = set()
    while disc is not None and disc.item_id is not None and disc.item_id not in locked:
        # All discs of the item may be assigned anew; before it was locked, it may have been put to another one.
        await queries.lock_item_of(session, disc.item_id)
        locked.add(disc.item_id)
        here, disc = await _known(session, host_id, seen)
    for other in here:
        if disc is None or other.id != disc.id:
            await _gone(session, now, other.id, host_id)
    if not seen.inserted:
        return here[0].id if here else None
    if disc is None:
        return await _new(session, now, host_id, seen)
    if await _is_ripped_elsewhere(session, host_id, seen, disc) or await _is_left(session, now, host_id, disc):
        return disc.id
    await _known_again(session, now, host_id, seen, disc)
    return disc.id


async def _known(session: AsyncSession, host_id: int | None, seen: Seen) -> tuple[list[Disc], Disc | None]:
    """(what was there, the disc that is there)"""
    here = await queries.lying_at(session, host_id, seen.source)
    disc = await queries.known_by(session, seen.fingerprint) if seen.inserted and seen.fingerprint else None
    if seen.inserted and disc is None and seen.fingerprint is None:
        disc = next((each for each in here if each.fingerprint is None), None)
    return here, disc


async def record_all_here(session: AsyncSession, now: datetime, host_id: int, looked: Looked) -> None:
    """What lay where a host looked, and does not any more, is gone: it was taken out while nobody looked."""
    known = await queries.lying_on(session, host_id)
    gone = set(looked.gone(source for _, source in known))
    for disc_id, source in known:
        if source in gone:
            await _gone(session, now, disc_id, host_id)


async def forget_host(session: AsyncSession, now: datetime, host_id: int) -> None:
    """It was removed, and what lies in its drives and folders nobody can have."""
    for disc_id, _ in await queries.lying_on(session, host_id):
        await _gone(session, now, disc_id, host_id)


async def is_to_wait(session: AsyncSession, now: datetime, host_id: int | None, seen: Seen) -> bool:
    """Whether what is said of a disc counts only later, and is to be recorded then.

    Where it is being ripped elsewhere, this is a second copy, or the disc itself, of which the host where it was is not yet known
    to be off: either way it counts when that rip has ended. And what the server sees in a drive counts when the host that has the
    disc says that it is gone, or is not heard of.
    """
    disc = await queries.known_by(session, seen.fingerprint) if seen.inserted and seen.fingerprint else None
    if disc is None:
        return False
    in_drive = drive_resource(host_id, seen.source) is not None
    left = in_drive and await _is_left(session, now, host_id, disc)
    return left or await _is_ripped_elsewhere(session, host_id, seen, disc)


async def _is_left(session: AsyncSession, now: datetime, host_id: int | None, disc: Disc) -> bool:
    """Whether the server sees what a living host has, on the same machine as a rule: that one can rip it, and where there are
    hosts the server cannot."""
    if not disc.inserted or host_id is None or disc.host_id in (None, host_id):
        return False
    return await queries.is_server(session, host_id) and await queries.is_alive(session, disc.host_id, now)


async def _is_ripped_elsewhere(session: AsyncSession, host_id: int | None, seen: Seen, disc: Disc) -> bool:
    elsewhere = (disc.host_id, disc.source) != (host_id, seen.source)
    return disc.inserted and elsewhere and await queries.is_being_ripped(session, disc.id)


async def _gone(session: AsyncSession, now: datetime, disc_id: int, host_id: int | None) -> None:
    await session.execute(update(Disc).where(Disc.id == disc_id).values(inserted=False, seen_at=now))
    record(session, now, "disc.gone", disc_id=disc_id, host_id=host_id)
    await nudge(session)


async def take_out(session: AsyncSession, now: datetime, disc_id: int, host_id: int, source: bytes) -> None:
    """Its drive was opened; nothing where it lies elsewhere by now, or nowhere."""
    out = update(Disc).where(Disc.id == disc_id, Disc.host_id == host_id, Disc.source == source, Disc.inserted)
    if (await session.execute(out.values(seen_at=now).returning(Disc.id))).scalar_one_or_none() is not None:
        await _gone(session, now, disc_id, host_id)


async def _new(session: AsyncSession, now: datetime, host_id: int | None, seen: Seen) -> int:
    row: dict[str, Any] = {
        "kind": seen.kind or DiscKind.DVD,
        "state": DiscState.FAILED if seen.error else DiscState.PENDING,
        "host_id": host_id,
        "source": seen.source,
        "inserted": True,
        "label": printable(seen.label),
        "fingerprint": seen.fingerprint,
        "facts": as_json(seen.facts) if seen.facts else {},
        "error": seen.error,
        "seen_at": now,
        "created_at": now,
    }
    disc_id = (await session.execute(insert(Disc).returning(Disc.id), row)).scalar_one()
    await _put_titles(session, disc_id, seen)
    record(
        session,
        now,
        "disc.found",
        disc_id=disc_id,
        host_id=host_id,
        label=printable(seen.label),
        failed=bool(seen.error),
    )
    return disc_id


async def _known_again(session: AsyncSession, now: datetime, host_id: int | None, seen: Seen, disc: Disc) -> None:
    values: dict[str, Any] = {"host_id": host_id, "source": seen.source, "inserted": True, "seen_at": now}
    if disc.label is None:
        values["label"] = printable(seen.label)
    has_titles = bool((await queries.titles_of(session, [disc.id]))[disc.id])
    if seen.facts is not None and not has_titles:
        values |= {"facts": as_json(seen.facts), "kind": seen.facts.kind}
        values["fingerprint"] = seen.fingerprint
    elif seen.error is not None and not has_titles and disc.state is DiscState.PENDING:
        values |= {"state": DiscState.FAILED, "error": seen.error}
    await session.execute(update(Disc).where(Disc.id == disc.id).values(**values))
    if "facts" in values:
        await _put_titles(session, disc.id, seen)
        if disc.item_id is not None:
            await reassign(session, now, disc.item_id)
    record(session, now, "disc.known", disc_id=disc.id, host_id=host_id, state=disc.state.value)
    await nudge(session)


async def _put_titles(session: AsyncSession, disc_id: int, seen: Seen) -> None:
    if seen.facts is None or not seen.facts.titles:
        return
    rows: list[dict[str, Any]] = [
        {"disc_id": disc_id, "number": each.number, "facts": as_json(each), "selected": False, "episodes": []}
        for each in seen.facts.titles
    ]
    await session.execute(insert(DiscTitle), rows)
    disc = await queries.disc(session, disc_id)
    if disc is not None:
        await assign_alone(session, disc)


async def _lock_fingerprint(session: AsyncSession, fingerprint: bytes | None) -> None:
    """Two hosts that see the same disc at once would both find it unknown; SQLite has one writer anyway."""
    if fingerprint is not None and session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(fingerprint[:8], "big", signed=True)
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
