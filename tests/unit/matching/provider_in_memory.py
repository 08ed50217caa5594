"""A provider that knows the titles it is given, keeps the promises of `metadata.provider.Provider`, and counts questions."""

from collections.abc import Sequence
from datetime import date, timedelta

from mediastead.catalog.types import ItemType
from mediastead.matching.inquiry import as_candidate
from mediastead.matching.titles import fold
from mediastead.metadata.errors import ItemNotFound, ProviderMisbehaved, ProviderTrouble, ProviderUnavailable
from mediastead.metadata.facts import Candidate, EpisodeFacts, ItemFacts, SeasonFacts
from mediastead.parsing.parsed import ParsedPath, ParsedType, TitleGuess


def film(
    tmdb_id: int,
    title: str,
    year: int,
    *,
    votes: int = 500,
    original: str | None = None,
    also: Sequence[str] = (),
    imdb: str = "",
) -> ItemFacts:
    return ItemFacts(
        type=ItemType.MOVIE,
        tmdb_id=tmdb_id,
        title=title,
        original_title=original,
        alternative_titles=tuple(also),
        year=year,
        vote_count=votes,
        external_ids={"imdb": imdb} if imdb else {},
    )


def series(
    tmdb_id: int,
    title: str,
    year: int,
    seasons: Sequence[int],
    *,
    votes: int = 500,
    specials: int = 0,
    episode_titles: dict[tuple[int, int], str] | None = None,
    first_number: dict[int, int] | None = None,
) -> ItemFacts:
    """`seasons` are the numbers of episodes; one a week from the first of January of `year` on, a season a year."""
    counts = [(0, specials)] * bool(specials) + list(enumerate(seasons, 1))
    return ItemFacts(
        type=ItemType.SERIES,
        tmdb_id=tmdb_id,
        title=title,
        year=year,
        vote_count=votes,
        seasons=tuple(
            SeasonFacts(
                number=number,
                episodes=tuple(
                    EpisodeFacts(
                        number=place,
                        title=(episode_titles or {}).get((number, place)),
                        air_date=date(year + max(0, number - 1), 1, 1) + timedelta(weeks=place - 1) if number else None,
                    )
                    for place in range((first_number or {}).get(number, 1), (first_number or {}).get(number, 1) + count)
                ),
            )
            for number, count in counts
        ),
    )


class InMemoryProvider:
    name = "memory"

    def __init__(self, *titles: ItemFacts, misbehaves_on: str | None = None, down: bool = False) -> None:
        self._titles = titles
        self._misbehaves_on = misbehaves_on
        self._down = down
        self.asked: list[str] = []

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        self._ask(f"search {type.value} {query} {year or ''}".strip())
        words = fold(query).split()
        found = [
            title
            for title in self._titles
            if title.type is type
            and (year is None or title.year == year)
            and any(
                all(any(word.startswith(start) for word in fold(name).split()) for start in words)
                for name in (title.title, title.original_title or "", *title.alternative_titles)
            )
        ]
        return [as_candidate(title) for title in sorted(found, key=lambda title: (-title.vote_count, title.tmdb_id))][
            :20
        ]

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        self._ask(f"item {type.value} {tmdb_id}")
        for title in self._titles:
            if (title.type, title.tmdb_id) == (type, tmdb_id):
                return title
        raise ItemNotFound(f"no {type.value} {tmdb_id}")

    async def find(self, source: str, value: str) -> list[Candidate]:
        self._ask(f"find {source} {value}")
        return [as_candidate(title) for title in self._titles if title.external_ids.get(source) == value]

    def _ask(self, question: str) -> None:
        self.asked.append(question)
        if self._down:
            raise ProviderUnavailable("no connection", provider=self.name, trouble=ProviderTrouble.DOWN)
        if self._misbehaves_on and question.startswith(self._misbehaves_on):
            raise ProviderMisbehaved("half an answer")


def film_path(title: str, year: int | None = None, **more: object) -> ParsedPath:
    return parsed(ParsedType.MOVIE, title, year, more, f"{title}.mkv")


def episode_path(
    title: str, season: int | None = None, *episodes: int, year: int | None = None, **more: object
) -> ParsedPath:
    numbers = {"seasons": (season,) if season is not None else (), "episodes": episodes}
    return parsed(ParsedType.EPISODE, title, year, {**numbers, **more}, f"{title}/file.mkv")


def parsed(type: ParsedType, title: str, year: int | None, more: dict[str, object], path: str) -> ParsedPath:
    given: dict[str, object] = {
        "path": path,
        "type": type,
        "titles": (TitleGuess(text=title, source="file", year=year),) if title else (),
        "year": year,
        **more,
    }
    return ParsedPath(**given)  # type: ignore[arg-type]  # each test gives fields of ParsedPath by name
