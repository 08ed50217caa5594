from mediastead.catalog.types import ItemType
from mediastead.files.types import UnmatchedReason
from mediastead.matching import EpisodeNumber, Outcome, Rejected, decide
from mediastead.matching.known import Known

from .provider_in_memory import InMemoryProvider, episode_path, film, film_path, series

MATRIX = film(603, "The Matrix", 1999, imdb="tt0133093")


async def test_an_id_of_the_provider_decides_with_one_question() -> None:
    provider = InMemoryProvider(MATRIX)
    decision = await decide(film_path("The Matrix", 1999, ids={"tmdb": "603"}), provider)
    assert decision.item is not None and decision.item.tmdb_id == 603
    assert "id_in_name" in {piece.name for piece in decision.item.evidence}
    assert provider.asked == ["item movie 603"]


async def test_an_id_of_another_database_is_looked_up() -> None:
    provider = InMemoryProvider(MATRIX)
    decision = await decide(film_path("", ids={"imdb": "tt0133093"}), provider)
    assert decision.item is not None and decision.item.tmdb_id == 603
    assert provider.asked == ["find imdb tt0133093"]


async def test_an_id_tells_remakes_of_one_year_apart() -> None:
    provider = InMemoryProvider(film(1, "Hercules", 2014, votes=3000), film(2, "Hercules", 2014, votes=3))
    decision = await decide(film_path("Hercules", 2014, ids={"tmdb": "2"}), provider)
    assert decision.item is not None and decision.item.tmdb_id == 2


async def test_an_id_belongs_to_a_film_or_a_series_as_the_name_says() -> None:
    provider = InMemoryProvider(film(1399, "Warlords", 1988), series(1399, "Game of Thrones", 2011, [10]))
    as_episode = await decide(episode_path("Game of Thrones", 1, 2, ids={"tmdb": "1399"}), provider)
    assert as_episode.item is not None and as_episode.item.type is ItemType.SERIES
    as_film = await decide(film_path("Warlords", 1988, ids={"tmdb": "1399"}), provider)
    assert as_film.item is not None and as_film.item.type is ItemType.MOVIE


async def test_an_id_is_believed_where_only_the_title_is_unknown() -> None:
    provider = InMemoryProvider(film(129, "Spirited Away", 2001))
    decision = await decide(film_path("Chihiros Reise", 2001, ids={"tmdb": "129"}), provider)
    assert decision.outcome is Outcome.MATCH


async def test_an_id_that_title_and_year_contradict_is_asked_about_with_both() -> None:
    provider = InMemoryProvider(MATRIX, film(949, "Heat", 1995))
    decision = await decide(film_path("Heat", 1995, ids={"tmdb": "603"}), provider)
    assert decision.outcome is Outcome.NO_MATCH
    assert {suggestion.tmdb_id for suggestion in decision.suggestions} == {603, 949}
    assert decision.reason is UnmatchedReason.LOW_CONFIDENCE and decision.would_match_if is not None
    assert decision.would_match_if.startswith(
        'The id in the name is of "The Matrix" (1999), but the name says "Heat" (1995)'
    )


async def test_an_id_that_nobody_has_leaves_the_name_to_decide() -> None:
    provider = InMemoryProvider(MATRIX)
    decision = await decide(film_path("The Matrix", 1999, ids={"tmdb": "9999", "tvdb": "12"}), provider)
    assert decision.item is not None and decision.item.tmdb_id == 603
    assert len(decision.notes) == 3


async def test_a_rejected_title_never_comes_back() -> None:
    rejected = [Rejected(ItemType.MOVIE, 603)]
    provider = InMemoryProvider(MATRIX, film(604, "The Matrix Reloaded", 2003))
    for ids in ({}, {"tmdb": "603"}, {"imdb": "tt0133093"}):
        decision = await decide(film_path("The Matrix", 1999, ids=ids), provider, Known(rejected=tuple(rejected)))
        assert decision.outcome is Outcome.NO_MATCH and decision.reason is UnmatchedReason.REJECTED
        assert 603 not in {suggestion.tmdb_id for suggestion in decision.suggestions}
        assert decision.would_match_if is not None and "was rejected" in decision.would_match_if


async def test_that_one_title_was_rejected_makes_its_namesake_no_likelier() -> None:
    provider = InMemoryProvider(film(1, "Shaft", 1971), film(2, "Shaft", 2019))
    decision = await decide(film_path("Shaft"), provider, Known(rejected=(Rejected(ItemType.MOVIE, 1),)))
    assert decision.outcome is Outcome.NO_MATCH
    assert [suggestion.tmdb_id for suggestion in decision.suggestions] == [2]
    assert decision.suggestions[0].probability < 0.6


async def test_rejected_episodes_leave_the_other_episodes() -> None:
    provider = InMemoryProvider(series(1, "Lost", 2004, [24]))
    rejected = [Rejected(ItemType.SERIES, 1, (EpisodeNumber(1, 3),))]
    assert (
        await decide(episode_path("Lost", 1, 3), provider, Known(rejected=tuple(rejected)))
    ).outcome is Outcome.NO_MATCH
    assert (
        await decide(episode_path("Lost", 1, 4), provider, Known(rejected=tuple(rejected)))
    ).outcome is Outcome.MATCH


async def test_a_film_is_not_rejected_by_the_number_of_a_series() -> None:
    decision = await decide(
        film_path("The Matrix", 1999), InMemoryProvider(MATRIX), Known(rejected=(Rejected(ItemType.SERIES, 603),))
    )
    assert decision.outcome is Outcome.MATCH
