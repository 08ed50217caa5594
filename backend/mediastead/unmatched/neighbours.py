"""A match tells what the extras and samples beside it belong to: those that were ignored for want of that are asked again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ..files.identification import Verdict, take_for
from ..files.queries import locked_files
from ..files.types import Identification, Role
from .queries import Neighbour, folders_new_to, ignored_around

OWNERS = {Role.FEATURE, Role.EPISODE}


async def ask_again_around(session: AsyncSession, now: datetime, actor: str, verdicts: Sequence[Verdict]) -> list[int]:
    """Set ignored extras and samples around new features and episodes pending; gives their ids.

    Only where a folder gets an item that none of its other files has: otherwise the extras were decided with the item
    known already, nothing new can come of it, and they would go round and round.
    """
    matched = [
        Neighbour(verdict.file.library_id, verdict.file.folder_id, verdict.item_id)
        for verdict in verdicts
        if verdict.to is Identification.MATCHED
        and verdict.role in OWNERS
        and verdict.item_id is not None
        and verdict.item_id != verdict.file.media_item_id
    ]
    if not matched:
        return []
    new = await folders_new_to(session, matched, [verdict.file.id for verdict in verdicts])
    # What was ignored by these very verdicts was decided without knowing of the match beside it, so it is included.
    around = await ignored_around(session, [each.folder_id for each in new])
    # Skipped is what somebody else changes right now: waiting for it, while holding locks, could become a deadlock.
    files = await locked_files(session, around, skip_locked=True)
    again = [
        Verdict(file=file, to=Identification.PENDING, role=file.role, part=file.part, edition=file.edition)
        for file in files.values()
        if file.identification is Identification.IGNORED
    ]
    await take_for(session, now, actor, again)
    return [verdict.file.id for verdict in again]
