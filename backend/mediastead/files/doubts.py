"""Files of which the content hardly is what they are taken for, since another file lies in their place.

A doubt is a note for people: it changes nothing of what a file is taken for. It goes when somebody says what the file is, and
when the content changes again.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from msgspec import Struct
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ..events.outbox import record
from .models import MediaFileState
from .queries import libraries_of
from .story import tell
from .types import Happened

BY = "scan"
"""Nobody said so: it was read."""


class Doubt(Struct, frozen=True, kw_only=True):
    why: str | None
    """In words, for people: `it plays 45 minutes, "The Matrix" 136`; None where only identification has to look again."""
    redecide: bool
    """Whether identification decides again: it does where the match is its own, and never where a person said it."""


async def note_doubts(session: AsyncSession, now: datetime, doubts: Mapping[int, Doubt]) -> None:
    """By file id; in the transaction that keeps what was read."""
    if not doubts:
        return
    rows = [
        {
            "file_id": file_id,
            "doubt": doubt.why,
            "doubted_at": now if doubt.why else None,
            "redecide_since": now if doubt.redecide else None,
        }
        for file_id, doubt in sorted(doubts.items())
    ]
    await session.execute(update(MediaFileState), rows)
    said = {file_id: doubt.why for file_id, doubt in doubts.items() if doubt.why}
    await tell(session, now, Happened.DOUBTED, said, BY, details=said)
    for file_id, library_id in sorted((await libraries_of(session, said)).items()):
        record(session, now, "file.doubted", file_id=file_id, library_id=library_id, why=said[file_id])


async def no_longer_doubted(session: AsyncSession, file_ids: Collection[int]) -> None:
    """What these files are was said anew."""
    state = MediaFileState
    theirs = state.file_id.in_(file_ids)
    # One statement for each, by the index of the few files that have it.
    await session.execute(
        update(state).where(state.doubted_at.is_not(None), theirs).values(doubt=None, doubted_at=None)
    )
    await redecided(session, file_ids)


async def redecided(session: AsyncSession, file_ids: Collection[int]) -> None:
    """Identification looked again."""
    state = MediaFileState
    asked = state.redecide_since.is_not(None)
    await session.execute(update(state).where(asked, state.file_id.in_(file_ids)).values(redecide_since=None))
