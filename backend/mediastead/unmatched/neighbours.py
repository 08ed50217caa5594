"""A match tells what the extras and samples beside it belong to: those that were ignored for want of that are asked again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ..files.identification import Verdict, take_for
from ..files.queries import locked_files
from ..files.types import Identification, Role, UnmatchedReason
from .queries import Neighbour, extras_matched_around, folders_new_to, ignored_around
from .questions import Asked, ask, keyed
from .verdicts import kept

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


async def ask_again_left_behind(session: AsyncSession, now: datetime, actor: str, verdicts: Sequence[Verdict]) -> None:
    """Ask again about extras and samples that identification gave to a title which no file around them is any more."""
    gone = {
        Neighbour(each.file.library_id, each.file.folder_id, each.file.media_item_id)
        for each in verdicts
        if each.file.media_item_id is not None and each.file.role in OWNERS and each.item_id != each.file.media_item_id
    }
    if not gone:
        return
    left = await folders_new_to(session, sorted(gone, key=lambda each: (each.folder_id, each.item_id)), [])
    alone = await extras_matched_around(
        session, sorted({each.folder_id for each in left}), {each.item_id for each in left}
    )
    files = await locked_files(session, alone, skip_locked=True)
    matched = [file for file in files.values() if file.identification is Identification.MATCHED]
    await take_for(session, now, actor, [kept(file, Identification.UNMATCHED) for file in matched])
    questions = [
        Asked(
            file_id=file.id,
            reason=UnmatchedReason.NO_MATCH,
            would_match_if="It was an extra of a title that no file beside it is any more: an answer decides.",
            group_key=keyed(f"left behind in folder {file.folder_id}"),
        )
        for file in matched
    ]
    await ask(session, now, questions)
    queued = await locked_files(session, [file.id for file in matched])
    await take_for(session, now, actor, [kept(file, Identification.PENDING) for file in queued.values()])
