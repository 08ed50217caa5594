import pytest

from mediastead.catalog.types import ItemType
from mediastead.files.types import UnmatchedReason
from mediastead.matching import Decision, Outcome, decide
from mediastead.matching.names import respellings
from mediastead.parsing.parsed import TitleGuess

from .provider_in_memory import InMemoryProvider, episode_path, film, film_path, series


def matched(decision: Decision) -> tuple[ItemType, int]:
    assert decision.outcome is Outcome.MATCH and decision.item is not None, decision.would_match_if
    return decision.item.type, decision.item.tmdb_id


def in_pieces(*texts: str, year: int | None) -> tuple[TitleGuess, ...]:
    """The name as a whole, then its pieces."""
    return tuple(
        TitleGuess(text=text, source="alternative" if at else "file", year=year) for at, text in enumerate(texts)
    )


async def test_a_title_behind_a_name_is_believed_with_its_year() -> None:
    titles = in_pieces("Jane Doe - Low Tide Rising", "Jane Doe", "Low Tide Rising", year=1999)
    provider = InMemoryProvider(film(1, "Low Tide Rising", 1999))
    assert matched(
        await decide(film_path("", titles=titles, path="Jane Doe - Low Tide Rising (1999).mkv"), provider)
    ) == (
        ItemType.MOVIE,
        1,
    )


async def test_both_sides_of_also_known_as_are_titles() -> None:
    titles = in_pieces("Low Tide aka Marée basse", year=1999)
    provider = InMemoryProvider(film(1, "Marée basse", 1999, votes=20))
    decision = await decide(film_path("", titles=titles, path="Low Tide aka Marée basse (1999).mkv"), provider)
    assert matched(decision) == (ItemType.MOVIE, 1)


async def test_the_broadcaster_before_a_title_is_no_part_of_it() -> None:
    provider = InMemoryProvider(series(1, "The Harbour", 2017, [8]))
    assert matched(await decide(episode_path("BBC The Harbour", 1, 2), provider)) == (ItemType.SERIES, 1)


@pytest.mark.parametrize("written", ["7. Low Tide Rising", "#7 Low Tide Rising", "LowTideRising", "owLTide Rising"])
async def test_a_title_is_found_behind_its_place_in_a_list_without_spaces_and_with_swapped_first_letters(
    written: str,
) -> None:
    provider = InMemoryProvider(film(1, "Low Tide Rising", 1999))
    assert matched(await decide(film_path(written, 1999), provider)) == (ItemType.MOVIE, 1)


async def test_the_year_behind_joined_words_counts() -> None:
    provider = InMemoryProvider(film(1, "Low Tide", 1999), film(2, "Low Tide", 2011))
    assert matched(await decide(film_path("LowTide2011"), provider)) == (ItemType.MOVIE, 2)


async def test_a_film_of_the_name_does_not_end_the_search_for_the_series() -> None:
    provider = InMemoryProvider(film(1, "Twelve Harbours", 1995), series(2, "12 Harbours", 2015, [10]))
    assert matched(await decide(episode_path("Twelve Harbours", 1, 3), provider)) == (ItemType.SERIES, 2)


async def test_a_file_with_two_films_is_neither() -> None:
    provider = InMemoryProvider(film(1, "Low Tide", 2004), film(2, "High Tide", 2009))
    decision = await decide(film_path("Low Tide", 2004, path="Low Tide (2004) & High Tide (2009).mkv"), provider)
    assert decision.reason is UnmatchedReason.LOW_CONFIDENCE
    assert decision.would_match_if is not None and decision.would_match_if.startswith("The name says two titles")


async def test_a_word_more_is_no_slip_of_the_pen() -> None:
    provider = InMemoryProvider(series(1, "Harbour Z Tales", 2009, [20]))
    assert (await decide(episode_path("Harbour Tales", 1, 3), provider)).outcome is Outcome.NO_MATCH


async def test_what_stands_where_an_episodes_name_would_is_only_suggested_as_the_series() -> None:
    titles = (TitleGuess(text="Low Tide", source="alternative"),)
    provider = InMemoryProvider(series(1, "Low Tide", 2017, [8]))
    decision = await decide(episode_path("", 1, 2, titles=titles, path="S01E02 Low Tide.mkv"), provider)
    assert decision.outcome is Outcome.NO_MATCH and decision.suggestions[0].tmdb_id == 1


def test_each_word_is_once_left_out_of_a_respelling() -> None:
    assert {"tide rising", "low rising", "low tide"} <= set(respellings("Low Tide Rising"))
