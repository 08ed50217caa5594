"""The episodes of titles in the catalog, as matching and people need them."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.queries import StoredFacts, episodes_of
from ..matching.decision import EpisodeNumber
from ..metadata.facts import EpisodeFacts, ItemFacts, SeasonFacts
from .order_schemas import EpisodeNamed


async def facts_stored(session: AsyncSession, item: StoredFacts) -> ItemFacts:
    """What is needed of an item in the catalog to tell the episodes that a name means."""
    seasons: dict[int, list[EpisodeFacts]] = {}
    for each in await episodes_of(session, item.id):
        told = EpisodeFacts(number=each.number, title=each.title, air_date=each.air_date)
        seasons.setdefault(each.season, []).append(told)
    return ItemFacts(
        type=item.type,
        tmdb_id=item.tmdb_id or 0,
        title=item.title,
        original_title=item.original_title,
        alternative_titles=tuple(item.alternative_titles),
        year=item.year,
        seasons=tuple(SeasonFacts(number=number, episodes=tuple(each)) for number, each in sorted(seasons.items())),
    )


def titles_in(facts: ItemFacts) -> dict[EpisodeNumber, str | None]:
    """The titles of all episodes."""
    return {
        EpisodeNumber(season.number, each.number): each.title for season in facts.seasons for each in season.episodes
    }


def named(episodes: Sequence[EpisodeNumber], titles: Mapping[EpisodeNumber, str | None]) -> list[EpisodeNamed]:
    return [EpisodeNamed(season=each.season, number=each.number, title=titles.get(each)) for each in episodes]
