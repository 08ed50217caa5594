"""What was transcoded and was not worth it: known by content and preset, so that it holds wherever the file goes."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from . import queries
from .models import NotWorthIt


async def was_not_worth_it(session: AsyncSession, size: int, fingerprint: bytes, preset_hash: bytes) -> float | None:
    """How large the result was then, as a share of its source; None where nothing is known against trying."""
    if not fingerprint:
        return None  # content that tells a file from no other
    return await queries.ratio_of(session, size, fingerprint, preset_hash)


async def remember_not_worth_it(
    session: AsyncSession, now: datetime, size: int, fingerprint: bytes, preset_hash: bytes, ratio: float
) -> None:
    """Said twice, it is known once."""
    if not fingerprint:
        return
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    written = dialect.insert(NotWorthIt).values(
        size=size, fingerprint=fingerprint, preset_hash=preset_hash, ratio=ratio, at=now
    )
    key = [NotWorthIt.size, NotWorthIt.fingerprint, NotWorthIt.preset_hash]
    await session.execute(written.on_conflict_do_update(index_elements=key, set_={"ratio": ratio, "at": now}))
