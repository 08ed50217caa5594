"""Which disks are mounted beneath a library's root: noted at the end of a scan, and what a person says of them."""

import asyncio
import os
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.engine import Database
from ..db.text import shown
from ..errors import NotFound
from ..events.outbox import record
from ..files.models import Folder
from ..files.paths import path_hash
from ..operations.service import record_operation
from .mounts import identity_of
from .queries import mounted_disks
from .tally import Tally


class NoDiskKnown(NotFound):
    slug = "no-disk-known"
    title = "No disk is known to be mounted there"


async def note_disks(database: Database, library_id: int, root: bytes, tally: Tally) -> None:
    """Which file systems are mounted now where the scan could look. Writes nothing where they are what they were."""
    async with database.read() as session:
        known = await mounted_disks(session, library_id)
    here = [path for path in known if not tally.covers(path)]
    now = await asyncio.to_thread(lambda: {path: identity_of(os.path.join(root, path)) for path in here})
    changed = {path: disk for path, disk in now.items() if disk is not None and disk != known[path]}
    if not changed:
        return
    async with database.write() as session:
        for path, disk in changed.items():
            folder = update(Folder).where(Folder.library_id == library_id, Folder.path_hash == path_hash(path))
            await session.execute(folder.values(disk=disk))


async def accept_disk(session: AsyncSession, now: datetime, actor: str, library_id: int, asked: str) -> None:
    """A person says that what lies at a mount point now is right, whichever disk that is, or none. The next scan believes it:
    what is not there is missing then, with the usual limit. Raises `NoDiskKnown`."""
    known = sorted(await mounted_disks(session, library_id))
    path = next((each for each in known if shown(each) == asked.strip("/")), None)
    if path is None:
        named = ", ".join(shown(each) for each in known[:10]) or "none"
        raise NoDiskKnown(f"No disk is known to be mounted at {asked}; of this library are known: {named}.")
    folder = update(Folder).where(Folder.library_id == library_id, Folder.path_hash == path_hash(path))
    await session.execute(folder.values(mount_point=False, disk=None))
    summary = f"what lies in {shown(path)} now is right, whichever disk that is"
    await record_operation(session, now, actor, "disk_accepted", summary, {"path": shown(path)}, {})
    record(session, now, "library.disk_accepted", library_id=library_id, path=shown(path), actor=actor)
