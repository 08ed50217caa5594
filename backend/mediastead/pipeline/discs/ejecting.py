"""A drive is opened where its disc lies. Only when a person asks, at once or not at all, and never while somebody works in it.

The server opens its own drives itself; other hosts are told to (`jobs.drives`), and the request waits for what they say.
"""

import os
from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from ...clock import Clock
from ...db.engine import Database
from ...db.text import shown
from ...events.outbox import record
from ..engine.nudges import DRIVES, first_of, nudged
from ..hosts import queries as host_queries
from ..hosts.models import Host, HostState
from ..hosts.queries import HEARD
from ..jobs import drive_queries, drives
from ..jobs.drives import DriveBusy, drive_resource
from . import queries
from .errors import CannotEject, NoSuchDisc
from .models import Disc, DiscState
from .seeing import take_out
from .tools import Tools, run, there

LIMIT_SECONDS = 30.0
LOOK_EVERY = 1.0
"""Seconds between two looks at what became of an order, where nobody says that something did."""


async def eject(
    database: Database,
    clock: Clock,
    actor: str,
    disc_id: int,
    tools: Tools,
    own_drives: Sequence[bytes],
    forget: Callable[[Sequence[bytes]], None],
) -> None:
    """Returns when the drive is open. `own_drives`: those of the server, which is to look anew at what `forget` is told.

    Raises `NoSuchDisc`, and `CannotEject` with what its host, or the drive, says.
    """
    async with database.write() as session:
        disc = await queries.disc(session, disc_id)
        if disc is None:
            raise NoSuchDisc(disc_id)
        host, source, resource = await _drive_of(session, disc)
        own = host.role_name is None
        if own and not there(tools.eject):
            raise CannotEject(NO_PROGRAM)
        if own and source not in own_drives:
            raise CannotEject(
                f"{shown(source)} is none of the drives of this server: see the setting `disc_drives`, or press its button.",
                disc_id=disc_id,
            )
        _reachable(clock, host, disc_id, source)
        try:
            order_id = await drives.order(
                session, clock.now(), host_id=host.id, disc_id=disc_id, source=source, resource=resource, actor=actor
            )
        except DriveBusy as busy:
            raise CannotEject(f"{shown(source)} of {host.name} stays shut: {busy}.", disc_id=disc_id) from None
        mine = own and await drives.take(session, order_id)
    if mine:
        error = await open_drive(tools, source)
        if error is None:
            forget([source])
        async with database.write() as session:
            await drives.end(session, order_id, error)
    error = await _what_became_of(database, clock, order_id)
    if error is not None:
        raise CannotEject(f"{shown(source)} of {host.name} did not open: {error}", disc_id=disc_id)


NO_PROGRAM = "There is no `eject` here: install the package of that name, or press the button."


async def open_drive(tools: Tools, source: bytes) -> str | None:
    """Open it now; why it did not, in words that say what to do."""
    if not there(tools.eject):
        return NO_PROGRAM
    ran = await run(tools.eject, os.fsdecode(source), LIMIT_SECONDS)
    if ran.code == 0:
        return None
    said = " ".join(ran.errors.decode("utf-8", "replace").split())[:200]
    if ran.code is None:
        said = f"it did not end within {LIMIT_SECONDS:.0f} seconds"
    return f"{said or f'exit code {ran.code}'}. Press its button."


async def settle_orders(database: Database, clock: Clock) -> None:
    """Draw the consequences of orders that are over, each once: the disc is out, or it is told why not."""
    async with database.read() as session:
        over = await drive_queries.untold(session)
    for each in over:
        async with database.write() as session:
            opened = await drives.tell(session, each)
            if opened is None:
                continue
            told = {"disc_id": opened.disc_id, "host_id": opened.host_id, "actor": opened.actor}
            if opened.error is not None:
                record(session, clock.now(), "disc.not_ejected", **told, why=opened.error)
                continue
            record(session, clock.now(), "disc.ejected", **told)
            await take_out(session, clock.now(), opened.disc_id, opened.host_id, opened.source)


async def _drive_of(session: AsyncSession, disc: Disc) -> tuple[Host, bytes, str]:
    """Host, drive and resource. Raises `CannotEject`."""
    host = await host_queries.host(session, disc.host_id) if disc.host_id is not None else None
    resource = drive_resource(disc.host_id, disc.source)
    if disc.source is None or not disc.inserted or resource is None or host is None:
        raise CannotEject(f"Disc {disc.id} lies in no drive; there is nothing to open.", disc_id=disc.id)
    if await queries.is_being_ripped(session, disc.id) or disc.state in (DiscState.READING, DiscState.RIPPING):
        raise CannotEject(
            f"Disc {disc.id} is being ripped, or about to be: cancel that first, or wait for it.", disc_id=disc.id
        )
    return host, disc.source, resource


def _reachable(clock: Clock, host: Host, disc_id: int, source: bytes) -> None:
    """Raises `CannotEject` where nobody would hear of it now: a drive that opens hours later serves nobody."""
    if host.role_name is None:
        return
    if host.state is HostState.REMOVED:
        raise CannotEject(
            f"Disc {disc_id} lies in {shown(source)} of {host.name}, which was removed: press the button of the drive.",
            disc_id=disc_id,
        )
    if host.last_seen_at is None or host.last_seen_at <= clock.now() - HEARD:
        since = f"since {host.last_seen_at:%Y-%m-%d %H:%M} UTC" if host.last_seen_at is not None else "yet"
        raise CannotEject(
            f"Disc {disc_id} lies in {shown(source)} of {host.name}, which was not heard of {since}: start "
            "`mediastead host run` there and try again, or press the button of the drive.",
            disc_id=disc_id,
        )


async def _what_became_of(database: Database, clock: Clock, order_id: int) -> str | None:
    """Waits until the order is over; why the drive did not open."""
    async with nudged(database, DRIVES) as heard:
        while True:
            heard.clear()
            await settle_orders(database, clock)
            async with database.read() as session:
                stands = await drives.end_of(session, order_id)
            if stands.told:
                return stands.error
            await first_of(LOOK_EVERY, heard)
