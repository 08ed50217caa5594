"""The titles that answers name: asked for at the provider where we do not have them, before any transaction is open."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.queries import EpisodeKey, episode_ids, item_by_id, item_ids_of
from ..catalog.types import ItemType
from ..db.engine import Database
from ..errors import MediasteadError
from ..metadata.errors import NoSuchItem
from ..metadata.facts import ItemFacts
from ..metadata.items import store_item
from ..metadata.provider import Provider
from .errors import AnswerIncomplete
from .queries import hold_item
from .schemas import MatchAnswer

AT_ONCE = 8
"""Titles that are asked for at the same time."""


class TitleRef(Struct, frozen=True):
    """How an answer names a title: by our id, or by the provider's."""

    item_id: int | None
    type: ItemType | None
    tmdb_id: int | None


class Title(Struct, frozen=True, kw_only=True):
    """A title in the catalog."""

    item_id: int
    type: ItemType
    tmdb_id: int | None
    name: str
    year: int | None
    episodes: dict[EpisodeKey, int]
    """Ids by season and number."""


Prepared: TypeAlias = Mapping[TitleRef, ItemFacts | MediasteadError | None]
"""What the provider told about the titles of a request, or why not; None where it need not be asked."""


def ref_of(answer: MatchAnswer) -> TitleRef:
    """Raises `AnswerIncomplete` unless the answer names exactly one title."""
    by_id = answer.item_id is not None
    if by_id and answer.type is None and answer.tmdb_id is None:
        return TitleRef(answer.item_id, None, None)
    if not by_id and answer.type is not None and answer.tmdb_id is not None:
        return TitleRef(None, answer.type, answer.tmdb_id)
    raise AnswerIncomplete('Name the title either by "item_id", or by "type" and "tmdb_id".')


def _named(answer: MatchAnswer) -> TitleRef | None:
    """None where the answer names no title; that is told when it is checked."""
    try:
        return ref_of(answer)
    except AnswerIncomplete:
        return None


async def prepare(database: Database, provider: Provider, answers: Sequence[MatchAnswer]) -> Prepared:
    """Ask the provider for what the answers name and the catalog lacks, each title once. Opens its own read transaction.

    Nothing is raised: what went wrong with a title is told by the answers that name it.
    """
    asked: dict[TitleRef, set[EpisodeKey]] = {}
    for answer in answers:
        if (ref := _named(answer)) is not None:
            asked.setdefault(ref, set()).update((each.season, each.number) for each in answer.episodes)
    async with database.read() as session:
        known = {ref: await _known(session, ref) for ref in asked}
    gate = asyncio.Semaphore(AT_ONCE)

    async def facts_of(ref: TitleRef) -> ItemFacts | MediasteadError | None:
        async with gate:
            return await _facts(provider, ref, known[ref], asked[ref])

    return dict(zip(asked, await asyncio.gather(*map(facts_of, asked)), strict=True))


async def _facts(
    provider: Provider, ref: TitleRef, known: Title | None, episodes: set[EpisodeKey]
) -> ItemFacts | MediasteadError | None:
    if known is None:
        if ref.type is None or ref.tmdb_id is None:
            return NoSuchItem(ref.item_id)
        key = ref.type, ref.tmdb_id
    elif known.tmdb_id is not None and known.type is ItemType.SERIES and episodes - known.episodes.keys():
        # A person may know of an episode before our next refresh does.
        key = known.type, known.tmdb_id
    else:
        return None
    try:
        return await provider.item(*key)
    except MediasteadError as error:
        return error if known is None else None


def title_of(answer: MatchAnswer, titles: Mapping[TitleRef, Title | MediasteadError]) -> Title:
    """The title that an answer names; raises what is wrong with it."""
    title = titles[ref_of(answer)]
    if isinstance(title, MediasteadError):
        raise title
    return title


async def stored_titles(
    session: AsyncSession, now: datetime, prepared: Prepared, answers: Iterable[MatchAnswer]
) -> dict[TitleRef, Title | MediasteadError]:
    """The titles that answers name, stored where they are new; or why there is none."""
    refs = {ref for answer in answers if (ref := _named(answer)) is not None}
    titles: dict[TitleRef, Title | MediasteadError] = {}
    # In one order for all writers, so that two requests that store the same titles do not block each other.
    for ref in sorted(refs, key=lambda ref: (ref.type or "", ref.tmdb_id or 0, ref.item_id or 0)):
        found = prepared.get(ref)
        if isinstance(found, MediasteadError):
            titles[ref] = found
            continue
        if found is not None:
            await store_item(session, found, now)
        title = await _known(session, ref)
        if title is not None:
            # Held, and only then read for good: its episodes cannot be removed now before the file has them.
            await hold_item(session, title.item_id)
            title = await _known(session, ref)
        titles[ref] = title or NoSuchItem(ref.item_id)
    return titles


async def _known(session: AsyncSession, ref: TitleRef) -> Title | None:
    item_id = ref.item_id
    if ref.type is not None and ref.tmdb_id is not None:
        item_id = (await item_ids_of(session, [(ref.type, ref.tmdb_id)])).get((ref.type, ref.tmdb_id))
    item = await item_by_id(session, item_id) if item_id is not None else None
    if item is None:
        return None
    episodes = await episode_ids(session, item.id) if item.type is ItemType.SERIES else {}
    return Title(
        item_id=item.id, type=item.type, tmdb_id=item.tmdb_id, name=item.title, year=item.year, episodes=episodes
    )
