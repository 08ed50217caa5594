"""Names whose last number is the title's, a season's or an episode's, and episodes that are named by their title alone."""

import pytest

from mediastead.catalog.types import ItemType
from mediastead.matching import Decision, Outcome, decide
from mediastead.matching.decision import EpisodeNumber
from mediastead.matching.known import Known
from mediastead.metadata.facts import ItemFacts
from mediastead.parsing.parsed import ParsedPath, TitleGuess

from .provider_in_memory import InMemoryProvider, episode_path, film, film_path, series

TITLED = {(1, 1): "The Dam", (1, 2): "High Water", (2, 1): "The Surveyor"}


def part_path(number: int) -> ParsedPath:
    titles = (
        TitleGuess(text=f"The Long Harbour Part {number}", source="file"),
        TitleGuess(text="The Long Harbour", source="alternative", episode=number),
    )
    return film_path("", titles=titles, path=f"The Long Harbour Part {number}.mkv")


def keys(decision: Decision) -> list[str]:
    assert decision.item is not None
    return [piece.name for piece in decision.item.evidence]


async def test_an_episode_that_is_named_by_its_title_alone_agrees_with_it_once() -> None:
    provider = InMemoryProvider(series(1, "The Long Harbour", 1992, [2, 1], episode_titles=TITLED))
    path = episode_path(
        "The Long Harbour", 1, episode_title="High Water", path="The Long Harbour/Season 1/High Water.mkv"
    )
    decision = await decide(path, provider, Known(kind="series"))
    assert decision.episodes == (EpisodeNumber(1, 2),)
    assert keys(decision).count("episode_title") == 1
    assert "episode_exists" not in keys(decision)


async def test_a_number_that_is_a_season_is_not_held_against_the_title_without_it() -> None:
    titles = (
        TitleGuess(text="Low Tide II", source="file"),
        TitleGuess(text="Low Tide", source="alternative", season=2),
    )
    path = episode_path("", titles=titles, absolute_episodes=(3,), path="[Subs] Low Tide II - 03.mkv")
    decision = await decide(path, InMemoryProvider(series(1, "Low Tide", 2015, [13, 13])), Known(kind="series"))
    assert decision.episodes == (EpisodeNumber(2, 3),)
    assert decision.item is not None
    assert not any("says something else" in piece.detail for piece in decision.item.evidence)


@pytest.mark.parametrize("kind", ["series", "mixed"])
async def test_a_part_is_the_episode_of_a_series_with_one_season(kind: str) -> None:
    provider = InMemoryProvider(series(1, "The Long Harbour", 2003, [6]))
    decision = await decide(part_path(3), provider, Known(kind=kind))
    assert decision.item is not None
    assert decision.item.type is ItemType.SERIES
    assert decision.episodes == (EpisodeNumber(1, 3),)
    assert decision.part is None


@pytest.mark.parametrize(
    "titles",
    [
        [series(1, "The Long Harbour", 2003, [6, 6])],  # of which season
        [series(1, "The Long Harbour", 2003, [2])],  # it has no third
        [film(1, "The Long Harbour", 2003)],  # which is the first
    ],
)
async def test_a_part_is_asked_about_where_the_number_leaves_something_open(titles: list[ItemFacts]) -> None:
    decision = await decide(part_path(3), InMemoryProvider(*titles))
    assert decision.outcome is Outcome.NO_MATCH
    assert decision.suggestions[0].tmdb_id == 1


async def test_a_film_that_has_the_part_in_its_title_is_meant_rather_than_an_episode() -> None:
    provider = InMemoryProvider(series(1, "The Long Harbour", 2003, [6]), film(2, "The Long Harbour: Part III", 2011))
    decision = await decide(part_path(3), provider)
    assert decision.item is not None
    assert (decision.item.type, decision.item.tmdb_id) == (ItemType.MOVIE, 2)


@pytest.mark.parametrize(("name", "is_one_word"), [("V-Harbour", False), ("Harbour", True), ("A Harbour", True)])
async def test_a_letter_is_a_word_of_a_title_unless_it_is_an_article(name: str, is_one_word: bool) -> None:
    decision = await decide(film_path(name), InMemoryProvider(film(1, name, 2000)))
    (found,) = [decision.item] if decision.item else decision.suggestions
    assert any("single word" in piece.detail for piece in found.evidence) is is_one_word
