"""The bundled catalogue: facts about some well-known titles, for the demo and the tests, without network or key."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct

from ..catalog.types import ItemType
from ..db.text import folded
from .errors import ItemNotFound, OrderNotFound
from .facts import Candidate, EpisodeFacts, ItemFacts, OfferedOrder, Order, SeasonFacts

SEARCH_LIMIT = 20
"""Hits of one search, as many as TMDB gives on a page."""


class BundledCatalogue:
    """A `Provider` over `bundled.json`: 362 films and 100 series, as of 2019.

    It is asked only where the settings say so and never stands in for a provider that does not answer. Of a season it
    knows the number of episodes: they have numbers, but no titles and no dates.
    """

    name = "bundled"

    def __init__(self) -> None:
        self.calls = 0
        """Questions asked so far."""

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        self.calls += 1
        words = _words(query).split()
        if not words:
            return []
        near: list[tuple[float, Candidate]] = []
        for title in titles().values():
            if title.facts.type is type and year in (None, title.facts.year):
                distance = min((_distance(words, form) for form in title.forms), default=_FAR)
                if distance < _FAR:
                    near.append((distance, title.candidate))
        near.sort(key=lambda hit: (hit[0], -hit[1].popularity))
        return [candidate for _, candidate in near[:SEARCH_LIMIT]]

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        self.calls += 1
        title = titles().get((type, tmdb_id))
        if title is None:
            raise ItemNotFound(f"The bundled catalogue has no {type.value} with the id {tmdb_id}.")
        return title.facts

    async def fresh_item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        return await self.item(type, tmdb_id)

    async def find(self, source: str, value: str) -> list[Candidate]:
        self.calls += 1
        return [title.candidate for title in titles().values() if title.facts.external_ids.get(source) == value]

    async def orders(self, tmdb_id: int) -> list[OfferedOrder]:
        """It has none."""
        self.calls += 1
        return []

    async def order(self, group_id: str) -> Order:
        self.calls += 1
        raise OrderNotFound("The bundled catalogue knows no other orders of series.", group_id=group_id)

    async def refusal(self) -> None:
        """It can always be asked."""

    def close(self) -> None:
        """Nothing is held open."""


@cache
def titles() -> "dict[tuple[ItemType, int], _Title]":
    """All that it knows. Read with the first question: every command imports this room, few ask the catalogue."""
    stored = msgspec.json.decode((resources.files("mediastead.metadata") / "bundled.json").read_bytes(), type=_File)
    known = [*_facts_of_films(stored.films), *_facts_of_series(stored.series)]
    return {(facts.type, facts.tmdb_id): _Title(facts) for facts in known}


class _Film(Struct):
    tmdb_id: int
    title: str
    year: int
    runtime: int | None = None
    imdb_id: str | None = None
    original_title: str | None = None
    alternative_titles: list[str] = []


class _Season(Struct):
    number: int
    episodes: int
    air_date: date | None = None


class _Series(Struct):
    tmdb_id: int
    title: str
    year: int
    seasons: list[_Season]
    original_title: str | None = None


class _File(Struct):
    films: list[_Film]
    series: list[_Series]


class _Title:
    """One title, ready to be searched."""

    def __init__(self, facts: ItemFacts) -> None:
        self.facts = facts
        written = (facts.title, facts.original_title or "", *facts.alternative_titles)
        self.forms = tuple(dict.fromkeys(f" {form}" for text in written if (form := _words(text))))
        """Words, each with a space before it."""
        self.candidate = Candidate(
            type=facts.type,
            tmdb_id=facts.tmdb_id,
            title=facts.title,
            original_title=facts.original_title,
            year=facts.year,
            release_date=facts.release_date,
            popularity=facts.popularity,
        )


_FAR = 4.0
"""The distance of a title that lacks a word of the query."""


def _distance(words: list[str], form: str) -> float:
    """How far a title is from the query: 0 the same words, below 1 it begins so, below 2 they stand in it, below 3 scattered."""
    for word in words:
        if f" {word}" not in form:
            return _FAR
    query = " ".join(words)
    kind = 0 if form == f" {query}" else 1 if form.startswith(f" {query}") else 2 if query in form else 3
    return kind - 1 / (1 + max(0, form.count(" ") - len(words))) if kind else 0.0


def _words(text: str) -> str:
    """`folded`, with `&` spelled out and words not cut at an apostrophe, as people type titles both ways."""
    return folded(text.replace("&", " and ").translate({ord(mark): None for mark in "'’`´"}))


def _facts_of_films(films: list[_Film]) -> Iterable[ItemFacts]:
    for place, film in enumerate(films):
        yield ItemFacts(
            type=ItemType.MOVIE,
            tmdb_id=film.tmdb_id,
            title=film.title,
            original_title=film.original_title or film.title,
            alternative_titles=_others(film.alternative_titles, film.title, film.original_title),
            year=film.year,
            runtime=film.runtime,
            popularity=_fame(place, len(films)),
            external_ids={"imdb": film.imdb_id} if film.imdb_id else {},
        )


def _facts_of_series(series: list[_Series]) -> Iterable[ItemFacts]:
    for place, one in enumerate(series):
        regular = [season.air_date for season in one.seasons if season.number > 0 and season.air_date]
        yield ItemFacts(
            type=ItemType.SERIES,
            tmdb_id=one.tmdb_id,
            title=one.title,
            original_title=one.original_title or one.title,
            release_date=min(regular, default=None),
            year=one.year,
            popularity=_fame(place, len(series)),
            seasons=tuple(
                SeasonFacts(
                    number=season.number,
                    air_date=season.air_date,
                    episodes=tuple(EpisodeFacts(number=number) for number in range(1, season.episodes + 1)),
                )
                for season in one.seasons
            ),
        )


def _others(titles: list[str], title: str, original: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(other for other in titles if other not in (title, original)))


def _fame(place: int, of: int) -> float:
    """The file names its titles from the best known on; 100 is the first, 0 lies behind the last."""
    return round(100 * (of - place) / of, 2)
