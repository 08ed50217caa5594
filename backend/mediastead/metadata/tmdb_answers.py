"""The shapes in which TMDB answers, and how they become facts.

Shapes: https://developer.themoviedb.org/reference. Only what is used is named; what may be null or absent there is optional
here. `msgspec.convert` refuses anything else, and an answer that it refuses counts as unreadable.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from ..catalog.types import ItemType
from .facts import Candidate, EpisodeFacts, ItemFacts, SeasonFacts

T = TypeVar("T")

TmdbId = Annotated[int, Meta(gt=0, le=2**63 - 1)]
Count = Annotated[int, Meta(ge=0, lt=2**31)]

CAST_KEPT = 20
"""Names of the cast that are kept, in the order of the credits."""
LONGEST_ID = 40
"""Characters; what is longer is no id of anybody's, and ids are indexed."""
RUNNING_OUT = frozenset(("Ended", "Canceled"))
"""`status` of a series that will get no further episodes."""


class Hit(Struct):
    """One result of a search. Films have `title` and `release_date`, series `name` and `first_air_date`."""

    id: TmdbId
    title: str | None = None
    name: str | None = None
    original_title: str | None = None
    original_name: str | None = None
    original_language: str | None = None
    release_date: str | None = None
    first_air_date: str | None = None
    origin_country: list[str] = []
    """Of series in searches; of films in details alone."""
    overview: str | None = None
    poster_path: str | None = None
    popularity: float | None = None
    vote_count: Count | None = None


class Hits(Struct):
    """`search/movie`, `search/tv`."""

    results: list[Hit]


class Found(Struct):
    """`find/{id}`."""

    movie_results: list[Hit] = []
    tv_results: list[Hit] = []


class Named(Struct):
    name: str | None = None


class OtherTitle(Struct):
    title: str | None = None


class OtherTitles(Struct):
    """`alternative_titles`: films call the list `titles`, series `results`."""

    titles: list[OtherTitle] = []
    results: list[OtherTitle] = []


class TranslatedText(Struct):
    title: str | None = None
    name: str | None = None


class Translation(Struct):
    data: TranslatedText | None = None


class Translations(Struct):
    translations: list[Translation] = []


class ExternalIds(Struct):
    imdb_id: str | None = None
    tvdb_id: int | None = None


class Person(Struct):
    name: str | None = None
    order: int | None = None
    job: str | None = None


class Credits(Struct):
    cast: list[Person] = []
    crew: list[Person] = []


class EpisodeShape(Struct):
    episode_number: Count
    name: str | None = None
    air_date: str | None = None
    runtime: Count | None = None
    overview: str | None = None
    still_path: str | None = None


class SeasonShape(Struct):
    season_number: Count
    name: str | None = None
    air_date: str | None = None
    overview: str | None = None
    poster_path: str | None = None
    episodes: list[EpisodeShape] = []


class Details(Hit):
    """`movie/{id}` and `tv/{id}` with what was appended, seasons excepted (`seasons_in`)."""

    backdrop_path: str | None = None
    runtime: Count | None = None
    episode_run_time: list[Count] = []
    genres: list[Named] = []
    status: str | None = None
    vote_average: float | None = None
    imdb_id: str | None = None
    seasons: list[SeasonShape] = []
    alternative_titles: OtherTitles = msgspec.field(default_factory=OtherTitles)
    translations: Translations = msgspec.field(default_factory=Translations)
    external_ids: ExternalIds = msgspec.field(default_factory=ExternalIds)
    credits: Credits = msgspec.field(default_factory=Credits)


def candidates(type: ItemType, hits: Iterable[Hit]) -> list[Candidate]:
    """The hits in the provider's order, each id once; one without any title is left out, because nobody could recognise it."""
    found: dict[int, Candidate] = {}
    for hit in hits:
        title, original = _titles(type, hit)
        if title is None or hit.id in found:
            continue
        day = _day(hit.release_date if type is ItemType.MOVIE else hit.first_air_date)
        found[hit.id] = Candidate(
            type=type,
            tmdb_id=hit.id,
            title=title,
            original_title=original,
            original_language=_text(hit.original_language),
            year=day.year if day else None,
            release_date=day,
            countries=_texts(hit.origin_country),
            overview=_text(hit.overview) or "",
            poster=_text(hit.poster_path),
            popularity=hit.popularity or 0.0,
            vote_count=hit.vote_count or 0,
        )
    return list(found.values())


def item_facts(type: ItemType, details: Details, seasons: Iterable[SeasonShape]) -> ItemFacts:
    """All that is kept. Raises `msgspec.ValidationError` where the title itself is missing."""
    title, original = _titles(type, details)
    if title is None:
        raise msgspec.ValidationError("a title without a name")
    movie = type is ItemType.MOVIE
    day = _day(details.release_date if movie else details.first_air_date)
    runtimes = [details.runtime] if movie else details.episode_run_time
    cast = sorted(
        details.credits.cast, key=lambda person: person.order if person.order is not None else len(details.credits.cast)
    )
    directors = [person.name for person in details.credits.crew if person.job == "Director"]
    return ItemFacts(
        type=type,
        tmdb_id=details.id,
        title=title,
        original_title=original,
        original_language=_text(details.original_language),
        alternative_titles=_other_titles(details, title, original),
        release_date=day,
        year=day.year if day else None,
        countries=_texts(details.origin_country),
        overview=_text(details.overview),
        runtime=next((minutes for minutes in runtimes if minutes), None),
        genres=_texts(genre.name for genre in details.genres),
        cast=_texts(person.name for person in cast)[:CAST_KEPT],
        director=", ".join(_texts(directors)) or None,
        # TMDB gives 0 to a title that nobody rated.
        rating=details.vote_average if details.vote_average and details.vote_count else None,
        poster=_text(details.poster_path),
        backdrop=_text(details.backdrop_path),
        popularity=details.popularity or 0.0,
        vote_count=details.vote_count or 0,
        ended=not movie and details.status in RUNNING_OUT,
        external_ids=_external_ids(details),
        seasons=() if movie else _seasons(seasons),
    )


def seasons_in(answer: Any) -> dict[int, SeasonShape]:
    """The seasons that were appended to an answer. One that does not exist is absent, or an error object without a number."""
    return {
        season.season_number: season
        for key, value in answer.items()
        if key.startswith("season/") and isinstance(value, dict) and "season_number" in value
        for season in (msgspec.convert(value, SeasonShape),)
    }


def _titles(type: ItemType, hit: Hit) -> tuple[str | None, str | None]:
    """Title and original title; the original stands in where the title is empty."""
    movie = type is ItemType.MOVIE
    original = _text(hit.original_title if movie else hit.original_name)
    return _text(hit.title if movie else hit.name) or original, original


def _other_titles(details: Details, title: str, original: str | None) -> tuple[str, ...]:
    alternatives = [*details.alternative_titles.titles, *details.alternative_titles.results]
    translated = [translation.data for translation in details.translations.translations if translation.data]
    every = _texts([*(other.title for other in alternatives), *(text.title or text.name for text in translated)])
    return tuple(other for other in every if other not in (title, original))


def _external_ids(details: Details) -> dict[str, str]:
    imdb = _text(details.external_ids.imdb_id) or _text(details.imdb_id)
    tvdb = details.external_ids.tvdb_id
    return ({"imdb": imdb} if imdb and len(imdb) <= LONGEST_ID else {}) | ({"tvdb": str(tvdb)} if tvdb else {})


def _seasons(seasons: Iterable[SeasonShape]) -> tuple[SeasonFacts, ...]:
    return tuple(
        SeasonFacts(
            number=season.season_number,
            title=_text(season.name),
            air_date=_day(season.air_date),
            overview=_text(season.overview),
            poster=_text(season.poster_path),
            # A number that TMDB gives twice is one episode: the later entry is the one its pages show.
            episodes=tuple(
                EpisodeFacts(
                    number=episode.episode_number,
                    title=_text(episode.name),
                    air_date=_day(episode.air_date),
                    runtime=episode.runtime or None,
                    overview=_text(episode.overview),
                    still=_text(episode.still_path),
                )
                for _, episode in sorted({episode.episode_number: episode for episode in season.episodes}.items())
            ),
        )
        for season in sorted(seasons, key=lambda season: season.season_number)
    )


def _text(value: str | None) -> str | None:
    """Text without surrounding space and without NUL, which PostgreSQL cannot hold; None where nothing is left."""
    return (value.replace("\0", "").strip() or None) if value else None


def _texts(values: Iterable[str | None]) -> tuple[str, ...]:
    """Those that say something, each once."""
    return tuple(dict.fromkeys(text for value in values if (text := _text(value))))


def _day(value: str | None) -> date | None:
    """TMDB writes an unknown day as null, "" or 0000-00-00."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None
