"""Doubts what files are taken for where what was just read of them says otherwise, and they changed since that was said."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ..files.contents import Probe
from ..files.doubts import Doubt, note_doubts
from ..matching.runtime import agrees, is_as_long, is_far
from ..probing import Content
from ..scanning.probes import in_seconds
from .matched_queries import Matched, matched_since_changed


async def doubt_replaced(
    session: AsyncSession, now: datetime, read: Sequence[tuple[int, Content]], before: Mapping[int, Probe]
) -> None:
    """`read`: files by id with what was read; `before`: what was kept of them. In the transaction that keeps what was read."""
    plays = {file_id: seconds for file_id, content in read if (seconds := in_seconds(content))}
    if not plays:
        return
    doubts: dict[int, Doubt] = {}
    for file in await matched_since_changed(session, plays):
        was = before.get(file.id)
        then = was.duration_ms / 1000 if was and was.duration_ms else None
        if (doubt := _doubt(file, plays[file.id], then)) is not None:
            doubts[file.id] = doubt
    await note_doubts(session, now, doubts)


def _doubt(file: Matched, seconds: float, then: float | None) -> Doubt | None:
    """`then`: how long it played before. As long as before is no reason: whoever matched it knew, or could have."""
    if then is not None and is_as_long(seconds, then):
        return None
    if is_far(seconds, file.minutes):
        played = f" and played {then / 60:.0f} before" if then else ""
        why = f"it plays {seconds / 60:.0f} minutes{played}, {file.called} {file.minutes}"
        return Doubt(why=why, redecide=not file.by_person)
    # Not far, but its match had leaned on playing as long as the title does.
    if file.leaned_on_runtime and not agrees(seconds, file.minutes):
        return Doubt(why=None, redecide=not file.by_person)
    return None
