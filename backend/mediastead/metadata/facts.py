"""What a provider tells about a title, in one shape for all providers. Facts are data: nothing here knows a database."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from ..catalog.types import ItemType


class Candidate(Struct, frozen=True, kw_only=True):
    """One hit of a search: enough to show and to score, not enough to store."""

    type: ItemType
    tmdb_id: int
    title: str
    original_title: str | None = None
    original_language: str | None = None
    year: int | None = None
    """Of the release or of the first air date."""
    release_date: date | None = None
    countries: tuple[str, ...] = ()
    """Where it was made, in two capital letters (ISO 3166-1): `GB`. A search says it of series only."""
    overview: str = ""
    poster: str | None = None
    popularity: float = 0.0
    vote_count: int = 0


class EpisodeFacts(Struct, frozen=True, kw_only=True):
    number: int
    title: str | None = None
    air_date: date | None = None
    runtime: int | None = None
    """Minutes."""
    overview: str | None = None
    still: str | None = None


class SeasonFacts(Struct, frozen=True, kw_only=True):
    number: int
    """0 holds the specials."""
    title: str | None = None
    air_date: date | None = None
    overview: str | None = None
    poster: str | None = None
    episodes: tuple[EpisodeFacts, ...] = ()


class ItemFacts(Struct, frozen=True, kw_only=True):
    """All that is kept of one film or series. Times in minutes, rating 0 to 10, pictures as the provider's paths."""

    type: ItemType
    tmdb_id: int
    title: str
    original_title: str | None = None
    original_language: str | None = None
    alternative_titles: tuple[str, ...] = ()
    """Alternative and translated titles, without `title` and `original_title`, without repetition."""
    release_date: date | None = None
    year: int | None = None
    countries: tuple[str, ...] = ()
    """Where it was made, in two capital letters (ISO 3166-1)."""
    overview: str | None = None
    runtime: int | None = None
    genres: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    director: str | None = None
    rating: float | None = None
    poster: str | None = None
    backdrop: str | None = None
    popularity: float = 0.0
    vote_count: int = 0
    ended: bool = False
    """A series that will get no further episodes."""
    external_ids: dict[str, str] = {}
    """`imdb`, `tvdb`."""
    seasons: tuple[SeasonFacts, ...] = ()
    """Series only: every season that the provider lists, with its episodes, specials (0) included."""


class OrderType(StrEnum):
    """By what an order of a series goes: https://developer.themoviedb.org/reference/tv-episode-group-details."""

    ORIGINAL_AIR_DATE = "original_air_date"
    ABSOLUTE = "absolute"
    DVD = "dvd"
    DIGITAL = "digital"
    STORY_ARC = "story_arc"
    PRODUCTION = "production"
    TV = "tv"


class OfferedOrder(Struct, frozen=True, kw_only=True):
    """An order of a series that the provider has beside its own: what a person chooses by."""

    group_id: str
    name: str
    type: OrderType
    description: str | None = None
    parts: int
    """Seasons, volumes or story arcs, specials included."""
    episodes: int


class OrderedEpisode(Struct, frozen=True, kw_only=True):
    """An episode at its place in another order."""

    order: int
    """Counted from 0 within its part."""
    season: int
    """This and the number as in `ItemFacts`."""
    number: int


class OrderedPart(Struct, frozen=True, kw_only=True):
    """A season, volume or story arc of another order."""

    order: int
    """By convention 0 are the specials, and the seasons follow from 1 on."""
    name: str
    episodes: tuple[OrderedEpisode, ...] = ()


class Order(Struct, frozen=True, kw_only=True):
    """An order of a series, whole."""

    group_id: str
    name: str
    type: OrderType
    parts: tuple[OrderedPart, ...] = ()
