"""Files that hold the same content: proven by the hashes of whole files, likely by fingerprints.

A fingerprint is of a few samples. So two files with the same one are the same `probably`, until both were read whole: then their
hashes say `certainly`, or that they are not.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, LargeBinary, Select, and_, case, null, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from .models import MediaFileState
from .types import Presence

HowSure: TypeAlias = Literal["certainly", "probably"]

State: TypeAlias = type[MediaFileState]

MOST = 2000
"""Pairs of which is told at once; a page of files has some dozens."""


ALIKE_LOCK = 0x616C696B65
"""Any number that no other advisory lock uses."""


def duplicates() -> Select[int]:
    """Files that are there, of which another one that is there holds the same: some of those that are noted as alike."""
    # Not the table itself, which the list that asks may hold too.
    one, other = aliased(MediaFileState), aliased(MediaFileState)
    again = select(other.file_id).where(*_alike(one, other), other.presence == Presence.PRESENT)
    return select(one.file_id).where(
        one.alike, one.fingerprint.is_not(None), one.presence == Presence.PRESENT, again.correlate(one).exists()
    )


async def note_alike(session: AsyncSession, file_ids: Sequence[int]) -> None:
    """Files whose fingerprint or hash was taken in this transaction, and those that they are alike with, are noted as such.

    To find them when somebody asks would be to go through the fingerprints of all files. The note is never taken back: who asks
    looks whether they are alike still.
    """
    one, other = aliased(MediaFileState), aliased(MediaFileState)
    same = and_(other.size == one.size, other.fingerprint == one.fingerprint, other.file_id != one.file_id)
    these = and_(one.file_id.in_(file_ids), one.fingerprint.is_not(None))
    # What tells a file from no other is alike with all that do not: for such only the hash counts.
    hashed = select(one.file_id).where(these, ~one.alike, one.fingerprint == b"", one.content_hash.is_not(None))
    twins = select(one.file_id).where(
        these, ~one.alike, one.fingerprint != b"", select(other.file_id).where(same).exists()
    )
    theirs = select(other.file_id).join(one, same).where(these, one.fingerprint != b"", ~other.alike)
    found: set[int] = set()
    for query in (hashed, twins, theirs):
        found.update((await session.execute(query)).scalars())
    if found:
        alike = update(MediaFileState).where(MediaFileState.file_id.in_(sorted(found))).values(alike=True)
        await session.execute(alike)


async def lock_alike(session: AsyncSession) -> None:
    """Before fingerprints are written: two that are alike, written at once, would not see each other. On SQLite one writes."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ALIKE_LOCK})


async def same_content(session: AsyncSession, file_ids: Iterable[int]) -> dict[int, dict[int, HowSure]]:
    """By file, there or missing: the others that are there and hold the same."""
    one, other = aliased(MediaFileState), aliased(MediaFileState)
    proven = and_(_hash_of(one).is_not(None), _hash_of(one) == _hash_of(other))
    query = (
        select(one.file_id, other.file_id, proven)
        .join(other, and_(*_alike(one, other)))
        .where(
            one.file_id.in_(sorted(file_ids)),
            one.fingerprint.is_not(None),
            other.fingerprint.is_not(None),
            other.presence == Presence.PRESENT,
        )
        .order_by(one.file_id, other.file_id)
        .limit(MOST)
    )
    found: dict[int, dict[int, HowSure]] = {}
    for file_id, twin, certain in await session.execute(query):
        found.setdefault(file_id, {})[twin] = "certainly" if certain else "probably"
    return found


def _alike(one: State, other: State) -> tuple[ColumnElement[bool], ...]:
    equal = _hash_of(one) == _hash_of(other)
    unread = and_(one.fingerprint != b"", or_(_hash_of(one).is_(None), _hash_of(other).is_(None)))
    return (
        other.size == one.size,
        other.fingerprint == one.fingerprint,
        other.file_id != one.file_id,
        or_(equal, unread),
    )


def _hash_of(state: State) -> ColumnElement[bytes | None]:
    """Of its content as it is: what rotted, or was put in another's place, is no longer what was hashed."""
    holds = and_(state.rotted_at.is_(None), ~state.hash_is_former)
    return case((holds, state.content_hash), else_=null()).cast(LargeBinary)
