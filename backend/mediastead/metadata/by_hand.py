"""Titles that the provider does not have, made and changed by a person: home videos, fan edits, what is too new."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, structs
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog import storing
from ..catalog.models import MediaItem
from ..catalog.queries import StoredFacts, episode_ids, episodes_of, items_locked, made_by_hand_at, seasons_of
from ..catalog.titles import search_text, sort_key
from ..catalog.types import ItemType
from ..errors import InvalidRequest
from ..events.outbox import record
from ..operations.service import record_operation
from .errors import EpisodeHeld, KeptByProvider, NoSuchItem
from .items import StoredItem
from .queries import held_episodes
from .schemas import ItemFields, NewItem, SeasonEntry


async def create_item(session: AsyncSession, now: datetime, actor: str, new: NewItem) -> int:
    """Make an item without a TMDB id; gives its id."""
    if new.title is UNSET:
        raise InvalidRequest(
            "An item made by hand needs a title; one that TMDB has needs its tmdb_id and nothing else."
        )
    row: dict[str, Any] = {"alternative_titles": [], "genres": [], "cast": [], "type": new.type, "created_at": now}
    row |= _given(new)
    made = insert(MediaItem).values(**row, **_sorted(row)).returning(MediaItem.id)
    item_id = (await session.execute(made)).scalar_one()
    await _note(session, now, actor, "item_made", f"made {row['title']}", item_id, {}, row)
    return item_id


class MadeBefore(Struct, frozen=True, kw_only=True):
    """An item made by hand in a former database, as far as it was written beside its files."""

    type: ItemType
    title: str
    year: int | None
    made_at: datetime
    """By this it is known again: no two were made in the same microsecond."""
    episodes: tuple[tuple[int, int, str | None], ...]
    """(season, number, title) of those that one file holds."""


async def made_again(session: AsyncSession, now: datetime, before: MadeBefore) -> StoredItem:
    """The item with these episodes: the one that was made again already, or a new one. One process at a time."""
    item_id = await made_by_hand_at(session, before.type, before.made_at)
    if item_id is None:
        row: dict[str, Any] = {"alternative_titles": [], "genres": [], "cast": [], "type": before.type}
        row |= {"title": before.title, "year": before.year, "created_at": before.made_at}
        made = insert(MediaItem).values(**row, **_sorted(row)).returning(MediaItem.id)
        item_id = (await session.execute(made)).scalar_one()
        what = f"made {before.title} again, as recorded beside its files"
        await _note(session, now, "scan", "item_made", what, item_id, {}, row)
    known = await episode_ids(session, item_id)
    lacking = [each for each in before.episodes if each[:2] not in known]
    if lacking:
        seasons = {season.number: season.id for season in await seasons_of(session, item_id)}
        empty = {"title": None, "air_date": None, "overview": None, "poster": None}
        new = [{"number": number, **empty} for number in {each[0] for each in lacking} - seasons.keys()]
        seasons |= await storing.put_seasons(session, item_id, new)
        unknown = {"air_date": None, "runtime": None, "overview": None, "still": None}
        rows = [{"season_id": seasons[s], "number": number, "title": title, **unknown} for s, number, title in lacking]
        await storing.put_episodes(session, rows)
        known = await episode_ids(session, item_id)
    return StoredItem(item_id=item_id, episodes=known, changed=bool(lacking))


async def change_item(session: AsyncSession, now: datetime, actor: str, item_id: int, fields: ItemFields) -> None:
    """Change what an item made by hand says of itself. Raises `NoSuchItem`, `KeptByProvider`."""
    item = await _made_by_hand(session, item_id)
    given = _given(fields)
    if not given:
        return
    row = structs.asdict(item) | given
    changed = update(MediaItem).where(MediaItem.id == item_id).values(**given, **_sorted(row))
    await session.execute(changed)
    before = {name: getattr(item, name) for name in given}
    await _note(session, now, actor, "item_changed", f"changed {item.title}", item_id, before, given)


async def put_season(
    session: AsyncSession, now: datetime, actor: str, item_id: int, number: int, entry: SeasonEntry
) -> None:
    """Make a season of a series by hand be what `entry` says. Raises `NoSuchItem`, `KeptByProvider`, `EpisodeHeld`."""
    item = await _made_by_hand(session, item_id)
    if item.type is not ItemType.SERIES:
        raise InvalidRequest(f"{item.title} is a film; only a series has seasons.")
    numbers = [episode.number for episode in entry.episodes]
    if len(set(numbers)) != len(numbers):
        raise InvalidRequest("Two episodes of the season have the same number; give each its own.")
    present = [episode for episode in await episodes_of(session, item_id) if episode.season == number]
    going = {episode.id: episode.number for episode in present if episode.number not in numbers}
    if held := await held_episodes(session, going):
        raise EpisodeHeld(
            "Files hold episodes that are not in the list; match those files otherwise first, or keep the episodes.",
            episodes=sorted([number, going[episode]] for episode in held),
        )
    await storing.remove_episodes(session, list(going))
    season = {
        "number": number,
        "title": entry.title,
        "air_date": entry.air_date,
        "overview": entry.overview,
        "poster": None,
    }
    season_ids = await storing.put_seasons(session, item_id, [season])
    rows = [{"season_id": season_ids[number], "still": None, **structs.asdict(each)} for each in entry.episodes]
    await storing.put_episodes(session, rows)
    before = {"season": number, "episodes": [structs.asdict(episode) for episode in present]}
    after = {"season": number, "episodes": numbers}
    await _note(
        session, now, actor, "season_changed", f"changed season {number} of {item.title}", item_id, before, after
    )


async def _made_by_hand(session: AsyncSession, item_id: int) -> StoredFacts:
    item = (await items_locked(session, [item_id])).get(item_id)
    if item is None:
        raise NoSuchItem(item_id)
    if item.tmdb_id is not None:
        raise KeptByProvider(
            f"{item.title} comes from the provider, and the next refresh would undo the change.", tmdb_id=item.tmdb_id
        )
    return item


def _given(fields: ItemFields) -> dict[str, Any]:
    values = {name: getattr(fields, name) for name in ItemFields.__struct_fields__}
    given = {name: value for name, value in values.items() if value is not UNSET}
    if (day := given.get("release_date")) and "year" not in given:
        given["year"] = day.year
    return given


def _sorted(row: dict[str, Any]) -> dict[str, str]:
    titles = row["title"], row.get("original_title"), row["alternative_titles"]
    return {"sort_key": sort_key(row["title"]), "search_text": search_text(*titles)}


async def _note(
    session: AsyncSession,
    now: datetime,
    actor: str,
    kind: str,
    summary: str,
    item_id: int,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    told = ({"item_id": item_id, **as_json(values)} for values in (before, after))
    await record_operation(session, now, actor, kind, summary, *told)
    record(session, now, "item.changed", item_id=item_id)


def as_json(values: dict[str, Any]) -> Any:
    """The same with days and moments as text and bytes left out, as a JSON column takes it."""
    return msgspec.to_builtins({name: value for name, value in values.items() if not isinstance(value, bytes)})
