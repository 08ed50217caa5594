"""Opens a drive of the server. Only when a person asks, and never while its disc is at work."""

import os

from ...clock import Clock
from ...db.engine import Database
from ...db.text import shown
from ..hosts.queries import own_host_id
from ..jobs.models import JobState
from . import queries
from .errors import CannotEject, NoSuchDisc
from .facts import Seen
from .models import DiscState
from .seeing import record_seen
from .tools import Tools, run, there

LIMIT_SECONDS = 30.0


async def eject(database: Database, clock: Clock, disc_id: int, tools: Tools) -> None:
    """Raises `NoSuchDisc`, `CannotEject`."""
    async with database.read() as session:
        disc = await queries.disc(session, disc_id)
        if disc is None:
            raise NoSuchDisc(disc_id)
        own = await own_host_id(session)
        busy = await queries.has_jobs(session, disc_id, (JobState.RUNNING,))
    source = disc.source
    if source is None or not disc.inserted or not source.startswith(b"/dev/"):
        raise CannotEject(f"Disc {disc_id} lies in no drive; there is nothing to open.", disc_id=disc_id)
    if busy or disc.state in (DiscState.READING, DiscState.RIPPING):
        raise CannotEject(f"Disc {disc_id} is being ripped: cancel that first, or wait for it.", disc_id=disc_id)
    if disc.host_id != own:
        raise CannotEject(
            f"Disc {disc_id} lies in {shown(source)} of another host: press the button there.", disc_id=disc_id
        )
    if not there(tools.eject):
        raise CannotEject("There is no `eject` here: install the package of that name, or press the button.")
    ran = await run(tools.eject, os.fsdecode(source), LIMIT_SECONDS)
    if ran.code != 0:
        said = ran.errors.decode("utf-8", "replace").strip() or "it did not end"
        raise CannotEject(f"{shown(source)} did not open ({said[:200]}): press the button.", disc_id=disc_id)
    async with database.write() as session:
        await record_seen(session, clock.now(), own, Seen(source=source, inserted=False))
