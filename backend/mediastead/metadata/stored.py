"""Facts as the catalog has them: for titles that are known, so that nobody need be asked."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.queries import (
    StoredEpisode,
    StoredFacts,
    StoredSeason,
    digest_of,
    episode_ids,
    episodes_of,
    external_ids_of,
    item_by_id,
    item_ids_of,
    seasons_of,
)
from ..catalog.types import ItemType
from .facts import Candidate, EpisodeFacts, ItemFacts, SeasonFacts
from .items import StoredItem
from .origin import Origin, note_origin
from .provider import Provider

ItemKey: TypeAlias = tuple[ItemType, int]
"""Type and TMDB id."""


async def stored_facts(session: AsyncSession, keys: Iterable[ItemKey]) -> dict[ItemKey, ItemFacts]:
    """What the catalog says of these titles; those that it lacks are left out.

    All but their fame, which is not stored. Fit to decide by, and not to be stored again: `stored_item` is for that.
    """
    found: dict[ItemKey, ItemFacts] = {}
    for key, item_id in (await item_ids_of(session, set(keys))).items():
        item = await item_by_id(session, item_id)
        if item is None:
            continue
        series = item.type is ItemType.SERIES
        seasons = await seasons_of(session, item_id) if series else []
        episodes = await episodes_of(session, item_id) if series else []
        found[key] = _facts(item, key[1], await external_ids_of(session, item_id), seasons, episodes)
    return found


async def stored_item(session: AsyncSession, key: ItemKey) -> StoredItem | None:
    """A title as it stands in the catalog, kept from being removed until the transaction ends."""
    known = await digest_of(session, *key)
    if known is None:
        return None
    return StoredItem(item_id=known[0], episodes=await episode_ids(session, known[0]))


class CatalogFirst:
    """A provider that is not asked for titles whose facts are at hand."""

    def __init__(self, provider: Provider, facts: Mapping[ItemKey, ItemFacts]) -> None:
        self.name = provider.name
        self._provider = provider
        self._facts = facts

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        return await self._provider.search(type, query, year=year)

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        if facts := self._facts.get((type, tmdb_id)):
            note_origin(Origin.CATALOG)
            return facts
        return await self._provider.item(type, tmdb_id)

    async def find(self, source: str, value: str) -> list[Candidate]:
        return await self._provider.find(source, value)


def _facts(
    item: StoredFacts,
    tmdb_id: int,
    external_ids: dict[str, str],
    seasons: Iterable[StoredSeason],
    episodes: Iterable[StoredEpisode],
) -> ItemFacts:
    by_season: dict[int, list[EpisodeFacts]] = {}
    for each in episodes:
        kept = ("number", "title", "air_date", "runtime", "overview", "still")
        facts = EpisodeFacts(**{name: getattr(each, name) for name in kept})
        by_season.setdefault(each.season, []).append(facts)
    return ItemFacts(
        type=item.type,
        tmdb_id=tmdb_id,
        title=item.title,
        original_title=item.original_title,
        original_language=item.original_language,
        alternative_titles=tuple(item.alternative_titles),
        release_date=item.release_date,
        year=item.year,
        overview=item.overview,
        runtime=item.runtime,
        genres=tuple(item.genres),
        cast=tuple(item.cast),
        director=item.director,
        rating=item.rating,
        poster=item.poster,
        backdrop=item.backdrop,
        ended=item.ended,
        external_ids=external_ids,
        seasons=tuple(
            SeasonFacts(
                number=season.number,
                title=season.title,
                air_date=season.air_date,
                overview=season.overview,
                poster=season.poster,
                episodes=tuple(by_season.get(season.number, ())),
            )
            for season in seasons
        ),
    )
