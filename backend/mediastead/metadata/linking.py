"""An item gets the provider's id, or another one; where another item has that already, the two become one."""

from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import ExternalId, MediaItem, Season
from ..catalog.queries import (
    EpisodeKey,
    StoredEpisode,
    StoredFacts,
    episode_ids,
    episodes_of,
    external_ids_of,
    item_ids_of,
    items_locked,
    seasons_of,
)
from ..catalog.storing import put_episodes, put_seasons
from ..db.base import Base
from ..events.outbox import record
from ..files.identification import Verdict, take_for
from ..files.queries import LockedFile, locked_files, snapshot
from ..files.types import Identification
from ..operations.service import record_operation
from .by_hand import as_json
from .errors import IdOfAnotherTitle, NoSuchItem
from .facts import ItemFacts
from .items import StoredItem, store_item
from .queries import files_of, held_episodes


async def link_item(session: AsyncSession, now: datetime, actor: str, item_id: int, facts: ItemFacts) -> StoredItem:
    """Make an item the title that `facts` are about; gives the item that it is from now on.

    Where another item is that title, this one goes: its files with their episodes, what was rejected, and its ids move to the
    other. Raises `NoSuchItem`, `IdOfAnotherTitle`.
    """
    # Files before items, as everybody who changes what a file is taken for does it: so nobody waits in a circle.
    files = await locked_files(session, await files_of(session, item_id))
    other_id = (await item_ids_of(session, [(facts.type, facts.tmdb_id)])).get((facts.type, facts.tmdb_id), item_id)
    items = await items_locked(session, {item_id, other_id})
    item = items.get(item_id)
    if item is None or item.type is not facts.type:
        raise NoSuchItem(item_id)
    if other_id == item_id:
        before = await _snapshot(session, item, list(files.values()))
        if item.tmdb_id != facts.tmdb_id or item.gone_since is not None:
            await session.execute(delete(ExternalId).where(ExternalId.item_id == item_id))
            # Without a digest whatever comes is taken: a person said that this is what the item is.
            anew = {"tmdb_id": facts.tmdb_id, "facts_digest": None}
            await session.execute(update(MediaItem).where(MediaItem.id == item_id).values(**anew))
        stored = await store_item(session, facts, now)
        after = {"item_id": item_id, "tmdb_id": facts.tmdb_id}
        await record_operation(session, now, actor, "item_linked", f"linked {item.title} to TMDB", before, after)
        return stored
    stored = await store_item(session, facts, now)
    if stored.another_title:
        raise IdOfAnotherTitle(
            f"Item {stored.item_id} had this id before the provider gave it to another title: remap that item first.",
            item_id=stored.item_id,
        )
    return await _merge(session, now, actor, item, stored, list(files.values()))


async def _merge(
    session: AsyncSession, now: datetime, actor: str, item: StoredFacts, into: StoredItem, files: list[LockedFile]
) -> StoredItem:
    """Move everything that refers to `item` to another item, then remove it. The files are locked."""
    before = await _snapshot(session, item, files)
    places = await _carry_over(session, item.id, into)
    verdicts = [
        Verdict(
            file=file,
            to=Identification.MATCHED,
            item_id=into.item_id,
            episode_ids=tuple(sorted({places.get(episode, episode) for episode in file.episode_ids})),
            role=file.role,
            part=file.part,
            edition=file.edition,
        )
        for file in files
    ]
    await take_for(session, now, actor, verdicts)
    await _move_external_ids(session, item.id, into.item_id)
    for column in _references_to_items():
        await session.execute(update(column.table).where(column == item.id).values({column.name: into.item_id}))
    await session.execute(delete(MediaItem).where(MediaItem.id == item.id))
    after = {
        "item_id": into.item_id,
        "files": [{"id": verdict.file.id, "version": verdict.version} for verdict in verdicts],
    }
    summary = f"merged {item.title} into item {into.item_id}"
    await record_operation(session, now, actor, "items_merged", summary, before, after)
    record(session, now, "item.merged", item_id=into.item_id, merged_item_id=item.id, files=len(files))
    return StoredItem(item_id=into.item_id, episodes=await episode_ids(session, into.item_id), changed=True)


async def _carry_over(session: AsyncSession, item_id: int, into: StoredItem) -> dict[int, int]:
    """For every episode of the item that a file holds, the id of the one with its season and number in the other.

    One that the other lacks is made there: a person said that the file holds it.
    """
    mine = await episodes_of(session, item_id)
    held = await held_episodes(session, (episode.id for episode in mine))
    lacking = [episode for episode in mine if episode.id in held and _at(episode) not in into.episodes]
    theirs = into.episodes
    if lacking:
        season_ids = {season.number: season.id for season in await seasons_of(session, into.item_id)}
        named = {season.number: season for season in await seasons_of(session, item_id)}
        missing = sorted({episode.season for episode in lacking} - season_ids.keys())
        rows = [
            {key: value for key, value in structs.asdict(named[number]).items() if key != "id"} for number in missing
        ]
        season_ids |= await put_seasons(session, into.item_id, rows)
        await put_episodes(session, [_episode_row(episode, season_ids[episode.season]) for episode in lacking])
        theirs = await episode_ids(session, into.item_id)
    return {episode.id: theirs[_at(episode)] for episode in mine if episode.id in held}


def _at(episode: StoredEpisode) -> EpisodeKey:
    return episode.season, episode.number


def _episode_row(episode: StoredEpisode, season_id: int) -> dict[str, Any]:
    kept = ("number", "title", "air_date", "runtime", "overview", "still")
    return {"season_id": season_id, **{name: getattr(episode, name) for name in kept}}


async def _move_external_ids(session: AsyncSession, item_id: int, into_id: int) -> None:
    """The ids at those who have none of the other item; where both have one, the provider's stays."""
    theirs = select(ExternalId.provider).where(ExternalId.item_id == into_id)
    moved = update(ExternalId).where(ExternalId.item_id == item_id, ExternalId.provider.not_in(theirs))
    await session.execute(moved.values(item_id=into_id))


def _references_to_items() -> list[Any]:
    """Every column that refers to an item, in the rooms above as well, but for those that are moved with care or go along.

    Taken from the tables themselves, so that a table that is added later is not forgotten here.
    """
    # The order that a person chose for a series is one of the provider's for that id: it goes with the item.
    with_care = {Season.__tablename__, ExternalId.__tablename__, "media_file", "series_order"}
    return [
        key.parent
        for table in Base.metadata.sorted_tables
        if table.name not in with_care
        for key in table.foreign_keys
        if key.column.table.name == MediaItem.__tablename__
    ]


async def _snapshot(session: AsyncSession, item: StoredFacts, files: list[LockedFile]) -> dict[str, Any]:
    """The item as it was, whole, with the files that were matched to it."""
    return {
        "item": _whole(item),
        "external_ids": await external_ids_of(session, item.id),
        "seasons": [as_json(structs.asdict(season)) for season in await seasons_of(session, item.id)],
        "episodes": [as_json(structs.asdict(episode)) for episode in await episodes_of(session, item.id)],
        **snapshot(files),
    }


def _whole(item: StoredFacts) -> Any:
    return as_json(structs.asdict(item))
