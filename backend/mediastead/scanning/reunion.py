"""A file that vanished, and one that came before anybody knew that: the copy turns out to be the file itself.

Whoever moves a file to another disk copies it and then deletes it, and the copy may be seen first: in a library that is scanned
earlier, or because more appeared at once than a scan reads. So the copy has an id of its own for a while. When the original
is gone and the contents prove it, the original takes the copy's place, with its item, its history, and what was said of it.
The copy's row stays, hidden, and says which file it turned out to be.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import folded, shown
from ..events.outbox import record
from ..files.folder_changes import note_changed
from ..files.models import MediaFile, MediaFileState
from ..files.story import places_of, tell_moved
from ..files.types import Presence
from .content_queries import Twins
from .look import Look, look_at
from .queries import locked_known_files
from .record import NAMED_IN_EVENTS, SCAN, ask_again, update_states


def still_there(found: Sequence[Twins]) -> list[Twins]:
    """Those of which the copy lies on the disk as it is known. Blocks."""
    return [each for each in found if _is_there(each)]


async def reunite(session: AsyncSession, now: datetime, found: Sequence[Twins]) -> list[int]:
    """Let originals take the places of their copies; the originals' ids. `found`: read in this transaction."""
    known = await locked_known_files(session, {one for each in found for one in (each.original_id, each.copy_id)})
    both = [each for each in found if each.original_id in known and each.copy_id in known]
    if not both:
        return []
    places = {each.original_id: known[each.copy_id] for each in both}
    folders = {known[each.original_id][0].folder_id for each in both} | {file.folder_id for file, _ in places.values()}
    before = await places_of(session, places)
    await _leave(session, now, both)
    await session.execute(
        update(MediaFile),
        [
            {
                "id": original_id,
                "library_id": library_id,
                "folder_id": copy.folder_id,
                "name": copy.name,
                "search_text": folded(shown(copy.name)),
                "holds_path": True,
                "hidden": False,
            }
            for original_id, (copy, library_id) in places.items()
        ],
    )
    looks = [
        (original_id, Look(copy.size, copy.mtime_ns, 0, copy.inode, copy.device))
        for original_id, (copy, _) in places.items()
    ]
    await update_states(session, looks)
    await tell_moved(session, now, before, SCAN)
    await ask_again(session, now, list(places))
    await note_changed(session, now, folders)
    _note(session, now, both, {original_id: library_id for original_id, (_, library_id) in places.items()})
    return list(places)


async def _leave(session: AsyncSession, now: datetime, both: Sequence[Twins]) -> None:
    await session.execute(
        update(MediaFile),
        [{"id": each.copy_id, "holds_path": False, "hidden": True, "same_as_id": each.original_id} for each in both],
    )
    gone = {
        "presence": Presence.MISSING,
        "missing_since": now,
        "missing_scan_id": None,
        "unsettled_since": None,
        "fingerprint": None,
        "read_due_at": None,
    }
    await session.execute(update(MediaFileState), [{"file_id": each.copy_id, **gone} for each in both])


def _note(session: AsyncSession, now: datetime, both: Sequence[Twins], libraries: Mapping[int, int]) -> None:
    for library_id in sorted(set(libraries.values())):
        moved = [each for each in both if libraries[each.original_id] == library_id]
        record(
            session,
            now,
            "files.moved",
            library_id=library_id,
            count=len(moved),
            file_ids=[each.original_id for each in moved][:NAMED_IN_EVENTS],
            known_before_as=[each.copy_id for each in moved][:NAMED_IN_EVENTS],
        )


def _is_there(twins: Twins) -> bool:
    try:
        look = look_at(twins.copy_path)
    except OSError:
        return False
    known = (twins.copy_size, twins.copy_mtime_ns, twins.copy_inode)
    return look is not None and (look.size, look.mtime_ns, look.inode) == known
