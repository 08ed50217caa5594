"""Rows of the catalog written in sets. Two servers that write the same title at once give one row: `ON CONFLICT` decides."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, exists
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.base import Base
from .models import Episode, ExternalId, MediaItem, Season


async def put_item(session: AsyncSession, values: Mapping[str, Any]) -> int:
    """Write an item that a provider knows, new or over the one with its type and TMDB id; gives its id.

    The row stays locked until the transaction ends, which makes writers of one series wait for each other.
    """
    insert = _insert(session, MediaItem).values(**values)
    kept = ("type", "tmdb_id", "created_at")
    written = insert.on_conflict_do_update(
        index_elements=[MediaItem.type, MediaItem.tmdb_id],
        set_={name: insert.excluded[name] for name in values if name not in kept},
    )
    return (await session.execute(written.returning(MediaItem.id))).scalar_one()


async def put_item_if_new(session: AsyncSession, values: Mapping[str, Any]) -> int:
    """Write an item that a provider knows unless there is one with its type and TMDB id, which stays as it is; gives its id."""
    insert = _insert(session, MediaItem).values(**values)
    key = [MediaItem.type, MediaItem.tmdb_id]
    # Writes what is there already over itself: `DO NOTHING` would give no id back.
    written = insert.on_conflict_do_update(index_elements=key, set_={"type": insert.excluded["type"]})
    return (await session.execute(written.returning(MediaItem.id))).scalar_one()


async def put_external_ids(session: AsyncSession, item_id: int, ids: Mapping[str, str]) -> None:
    """Make these the item's ids elsewhere; ids at providers that are not named stay."""
    if not ids:
        return
    insert = _insert(session, ExternalId)
    written = insert.on_conflict_do_update(
        index_elements=[ExternalId.item_id, ExternalId.provider], set_={"value": insert.excluded["value"]}
    )
    await session.execute(written, [{"item_id": item_id, "provider": at, "value": value} for at, value in ids.items()])


async def put_seasons(session: AsyncSession, item_id: int, rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Write seasons over those of the same number; gives their ids by number. Seasons that are not named stay."""
    if not rows:
        return {}
    insert = _insert(session, Season)
    written = insert.on_conflict_do_update(
        index_elements=[Season.item_id, Season.number],
        set_={name: insert.excluded[name] for name in ("title", "air_date", "overview", "poster")},
    )
    result = await session.execute(
        written.returning(Season.number, Season.id), [{"item_id": item_id, **row} for row in rows]
    )
    return {row.number: row.id for row in result}


async def put_episodes(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write episodes (`season_id`, `number` and all else) over those of the same number; those that are not named stay."""
    if not rows:
        return
    insert = _insert(session, Episode)
    written = insert.on_conflict_do_update(
        index_elements=[Episode.season_id, Episode.number],
        set_={name: insert.excluded[name] for name in ("title", "air_date", "runtime", "overview", "still")},
    )
    await session.execute(written, list(rows))


async def remove_episodes(session: AsyncSession, ids: Sequence[int]) -> None:
    """Remove episodes that no file holds; one that a file holds fails at the foreign key."""
    await session.execute(delete(Episode).where(Episode.id.in_(ids)))


async def remove_empty_seasons(session: AsyncSession, item_id: int, keep: Sequence[int]) -> None:
    """Remove the seasons without episodes, but for those with the numbers in `keep`."""
    empty = ~exists().where(Episode.season_id == Season.id)
    await session.execute(delete(Season).where(Season.item_id == item_id, Season.number.not_in(keep), empty))


def _insert(session: AsyncSession, table: type[Base]) -> Any:
    """The INSERT of the database at hand: both have ON CONFLICT, each in its own class with the same methods."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
