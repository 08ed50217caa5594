"""Files that hold the same content: proven by the hashes of whole files, likely by fingerprints.

A fingerprint is of a few samples. So two files with the same one are the same `probably`, until both were read whole: then their
hashes say `certainly`, or that they are not.
"""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, LargeBinary, Select, and_, case, func, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from .models import MediaFileState
from .types import Presence

HowSure: TypeAlias = Literal["certainly", "probably"]

State: TypeAlias = type[MediaFileState]

MOST = 2000
"""Pairs of which is told at once; a page of files has some dozens."""


def duplicates(*, walking: bool) -> Select[int]:
    """Files that are there, of which another one that is there holds the same.

    `walking`: as a test of single files. Else to find all of them: by going once along the index of fingerprints, and looking
    only at those that it holds more than once.
    """
    one, other = MediaFileState, aliased(MediaFileState)
    again = select(other.file_id).where(*_alike(one, other), other.presence == Presence.PRESENT)
    found = select(one.file_id).where(
        one.fingerprint.is_not(None), one.presence == Presence.PRESENT, again.correlate(one).exists()
    )
    if walking:
        return found
    state = aliased(MediaFileState)
    several = (
        select(state.size, state.fingerprint)
        .where(state.fingerprint.is_not(None))
        .group_by(state.size, state.fingerprint)
        .having(func.count() > 1)
        .cte("several")
    )
    return found.join(several, and_(several.c.size == one.size, several.c.fingerprint == one.fingerprint))


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
