"""The provider of the golden set: the bundled catalogue, and titles that do not exist, for what it has no example of."""

from msgspec import structs

from mediastead.catalog.types import ItemType
from mediastead.metadata.bundled import SEARCH_LIMIT, BundledCatalogue
from mediastead.metadata.errors import ItemNotFound
from mediastead.metadata.facts import Candidate, ItemFacts

from ..unit.matching.provider_in_memory import InMemoryProvider, film, series

INVENTED = (
    # A film and a series of one name
    film(9001, "The Quiet Harbour", 2011),
    series(9101, "The Quiet Harbour", 2013, [6, 6]),
    # Two films of one name and year
    film(9002, "Lanterns at Noon", 2008),
    film(9003, "Lanterns at Noon", 2008, votes=40),
    # Shown on a date: weekly from 2015-01-01 and from 2016-01-01 on
    series(9102, "The Evening Desk", 2015, [52, 52]),
    # Episodes that have titles
    series(
        9103,
        "Hollow Creek",
        2009,
        [4, 4],
        specials=2,
        episode_titles={
            (1, 1): "The Dam",
            (1, 2): "High Water",
            (1, 3): "Salt",
            (1, 4): "Nobody's Field",
            (2, 1): "The Surveyor",
            (2, 2): "Copper",
            (2, 3): "Low Water",
            (2, 4): "What the River Took",
            (0, 1): "Behind the Dam",
            (0, 2): "The Winter Special",
        },
    ),
    # A series and its remake
    series(9104, "Saltmarsh", 2001, [10, 10]),
    series(9105, "Saltmarsh", 2019, [8]),
    # Of two countries
    structs.replace(series(9108, "Tidewater", 2003, [6]), countries=("GB",)),
    structs.replace(series(9109, "Tidewater", 2009, [12, 12]), countries=("US",)),
    # A film whose title begins as another's, and that has a sequel which the catalogue lacks
    film(9005, "The Long Shore", 1998),
    film(9006, "The Long Shore: High Tide", 2006, votes=4000),
    # Titles in other languages and scripts
    film(
        9004,
        "The Baker's Dozen",
        2003,
        also=("Das Bäckerdutzend", "La Douzaine du boulanger", "La docena del panadero", "Дюжина пекаря", "十三个面包"),
    ),
    structs.replace(
        series(9107, "Ink and Thunder", 2014, [12, 13, 12]),
        original_title="墨と雷",
        original_language="ja",
        alternative_titles=("Sumi to Kaminari",),
    ),
)


COUNTRIES = {34307: ("US",)}
"""Where series of the bundled catalogue were made, which it does not say, and the provider of most libraries does."""

_BUNDLED = BundledCatalogue()  # reading it takes longer than deciding about a path


class GoldenCatalogue:
    """What is asked is noted, in words."""

    name = "golden"

    def __init__(self) -> None:
        self._bundled = _BUNDLED
        self._invented = InMemoryProvider(*INVENTED)
        self.asked: list[str] = []

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        found = [
            *await self._bundled.search(type, query, year=year),
            *await self._invented.search(type, query, year=year),
        ][:SEARCH_LIMIT]
        found = [structs.replace(each, countries=COUNTRIES.get(each.tmdb_id, each.countries)) for each in found]
        self.asked.append(f'search {type.value} "{query}"{f" {year}" if year else ""}: {len(found)}')
        return found

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        self.asked.append(f"item {type.value} {tmdb_id}")
        try:
            return await self._bundled.item(type, tmdb_id)
        except ItemNotFound:
            return await self._invented.item(type, tmdb_id)

    async def find(self, source: str, value: str) -> list[Candidate]:
        found = await self._bundled.find(source, value)
        self.asked.append(f"find {source} {value}: {len(found)}")
        return found
