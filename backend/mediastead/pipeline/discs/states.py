"""The states of a disc, and the one function that changes them."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import DiscIsElsewhere
from .models import Disc, DiscState

ALLOWED: dict[DiscState, frozenset[DiscState]] = {
    DiscState.PENDING: frozenset(
        {DiscState.READING, DiscState.RIPPING, DiscState.RIPPED, DiscState.FAILED, DiscState.REJECTED}
    ),
    DiscState.READING: frozenset({DiscState.PENDING, DiscState.FAILED, DiscState.REJECTED}),
    DiscState.RIPPING: frozenset({DiscState.PENDING, DiscState.RIPPED, DiscState.FAILED, DiscState.REJECTED}),
    DiscState.RIPPED: frozenset({DiscState.PENDING}),
    DiscState.FAILED: frozenset({DiscState.PENDING, DiscState.RIPPED, DiscState.REJECTED}),
    DiscState.REJECTED: frozenset({DiscState.PENDING}),
}
"""From `failed`, `ripped` and `rejected` only a person leads further (`service.again`, `declare`)."""


async def move_state(session: AsyncSession, disc_id: int, old: DiscState, new: DiscState, **values: Any) -> None:
    """Raises `DiscIsElsewhere` where the disc is not `old` any more."""
    if new not in ALLOWED[old]:
        # Whoever rips it again does not reach the library with what was made before.
        back = f"say `mediastead discs again {disc_id}` first, which takes it back to where it began"
        how = back if DiscState.PENDING in ALLOWED[old] else "look at it again"
        raise DiscIsElsewhere(f"Disc {disc_id} is {old.value}, and cannot become {new.value}: {how}.", disc_id=disc_id)
    moved = await session.execute(
        update(Disc).where(Disc.id == disc_id, Disc.state == old).values(state=new, **values).returning(Disc.id)
    )
    if moved.scalar_one_or_none() is None:
        raise DiscIsElsewhere(
            f"Disc {disc_id} was changed by somebody else just now: look at it again.", disc_id=disc_id
        )
