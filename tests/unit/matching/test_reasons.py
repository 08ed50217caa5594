"""Every reason for no match, each with the sentence that says what would change it."""

from datetime import date

from mediastead.files.types import UnmatchedReason
from mediastead.matching import Decision, Outcome, decide

from .provider_in_memory import InMemoryProvider, episode_path, film, film_path, series


def said(decision: Decision) -> str:
    assert decision.outcome is Outcome.NO_MATCH and decision.would_match_if is not None
    return decision.would_match_if


async def test_remakes_without_a_year_are_ambiguous() -> None:
    provider = InMemoryProvider(film(1, "Little Women", 1994), film(2, "Little Women", 2019))
    decision = await decide(film_path("Little Women"), provider)
    assert decision.reason is UnmatchedReason.AMBIGUOUS
    assert said(decision) == "Two films have this title (1994, 2019): a year in the folder name decides."
    assert {suggestion.tmdb_id for suggestion in decision.suggestions} == {1, 2}
    assert any(piece.name == "rival" for piece in decision.suggestions[0].evidence)


async def test_remakes_of_one_year_need_an_id() -> None:
    provider = InMemoryProvider(film(1, "Hercules", 2014), film(2, "Hercules", 2014), film(3, "Hercules", 1997))
    decision = await decide(film_path("Hercules", 2014), provider)
    assert decision.reason is UnmatchedReason.AMBIGUOUS
    assert said(decision) == "Two films of 2014 have this title: an id in the folder name ({tmdb-...}) decides."


async def test_a_film_and_a_series_of_one_name_are_ambiguous_where_the_type_is_not_clear() -> None:
    provider = InMemoryProvider(film(1, "Fargo", 1996, votes=9000), series(2, "Fargo", 1996, [10], votes=9))
    decision = await decide(film_path("Fargo", 1996, path="TV/Fargo (1996).mkv"), provider)
    assert decision.reason is UnmatchedReason.AMBIGUOUS
    assert said(decision).startswith("A film and a series have this title: an episode number (S01E02)")


async def test_a_film_among_series_is_not_matched_to_the_film() -> None:
    provider = InMemoryProvider(film(1, "Fargo", 1996), series(2, "Fargo", 2014, [10]))
    decision = await decide(film_path("Fargo", path="TV/Fargo.mkv"), provider)
    assert said(decision).startswith('It seems to be of Series "Fargo" (2014)')
    assert {suggestion.tmdb_id for suggestion in decision.suggestions} == {1, 2}


async def test_a_famous_film_and_an_obscure_namesake_are_a_question_of_the_year() -> None:
    provider = InMemoryProvider(film(1, "The Happening", 2008, votes=3000), film(2, "The Happening", 1967, votes=30))
    decision = await decide(film_path("The Happening"), provider)
    assert decision.reason in (UnmatchedReason.LOW_CONFIDENCE, UnmatchedReason.AMBIGUOUS)
    assert decision.suggestions[0].tmdb_id == 1 and "a year in the folder name decides" in said(decision)


async def test_a_bare_common_word_of_many_titles_is_not_guessed() -> None:
    provider = InMemoryProvider(*(film(number, "Home", 1990 + 3 * number) for number in range(1, 8)))
    decision = await decide(film_path("Home"), provider)
    assert decision.reason is UnmatchedReason.AMBIGUOUS and said(decision).startswith("7 films have this title")
    assert len(decision.suggestions) == 5


async def test_a_missing_episode_is_said_with_what_there_is() -> None:
    provider = InMemoryProvider(series(1, "Chernobyl", 2019, [5, 8]))
    decision = await decide(episode_path("Chernobyl", 2, 12), provider)
    assert decision.reason is UnmatchedReason.EPISODE_NOT_FOUND
    assert said(decision) == (
        'Series "Chernobyl" (2019) has 8 episodes in season 2, the name says 12: the provider\'s numbers in the file name decide.'
    )
    assert decision.suggestions[0].tmdb_id == 1 and decision.suggestions[0].episodes == ()


async def test_a_day_without_an_episode_is_said() -> None:
    provider = InMemoryProvider(series(1, "The Late Show", 2015, [200]))
    decision = await decide(episode_path("The Late Show", air_date=date(2030, 5, 5)), provider)
    assert decision.reason is UnmatchedReason.EPISODE_NOT_FOUND and "shown on 2030-05-05" in said(decision)


async def test_a_name_that_tells_only_the_show_suggests_it() -> None:
    provider = InMemoryProvider(series(1, "Hellcats", 2010, [22]))
    decision = await decide(episode_path("Hellcats", seasons=(1,)), provider)
    assert decision.reason is UnmatchedReason.LOW_CONFIDENCE and decision.suggestions[0].tmdb_id == 1
    assert (
        said(decision)
        == 'It seems to be of Series "Hellcats" (2010): an episode number in the file name (S01E02) decides.'
    )


async def test_a_bare_number_in_a_series_of_many_seasons_is_not_guessed() -> None:
    provider = InMemoryProvider(series(1, "Lost", 2004, [24, 23]))
    decision = await decide(episode_path("Lost", None, 5), provider)
    assert decision.reason is UnmatchedReason.LOW_CONFIDENCE
    assert said(decision).startswith('Which episode of Series "Lost" (2004) the number means is not clear')


async def test_a_year_far_off_is_named() -> None:
    provider = InMemoryProvider(film(1, "Heat", 1995))
    decision = await decide(film_path("Heat", 1972), provider)
    assert "1972 in the name: the year of the release in the folder name decides" in said(decision)


async def test_a_title_that_nobody_knows_is_no_match() -> None:
    decision = await decide(film_path("Grandmas Birthday"), InMemoryProvider(film(1, "Heat", 1995)))
    assert decision.reason is UnmatchedReason.NO_MATCH and decision.suggestions == ()
    assert said(decision).startswith('The provider knows no title like "Grandmas Birthday"')


async def test_a_title_that_is_nearly_another_is_suggested() -> None:
    provider = InMemoryProvider(film(1, "Alien: Covenant", 2017))
    decision = await decide(film_path("Alien"), provider)
    assert decision.reason is UnmatchedReason.LOW_CONFIDENCE and decision.suggestions[0].tmdb_id == 1
    assert said(decision).startswith('It may be "Alien: Covenant" (2017)')


async def test_a_name_without_a_title_asks_nothing() -> None:
    provider = InMemoryProvider(film(1, "Heat", 1995))
    decision = await decide(film_path("", type=None, problem="no_title", path="IMG_8017.MOV"), provider)
    assert decision.reason is UnmatchedReason.PARSE_FAILED and provider.asked == []
    assert said(decision) == "The name says no title: a folder named with title and year decides."


async def test_an_id_beside_a_name_that_is_another_title_is_no_question_of_namesakes() -> None:
    provider = InMemoryProvider(film(1, "Heat", 1995, imdb="tt0113277"), film(2, "A", 1998), film(3, "A", 1965))
    decision = await decide(film_path("a", ids={"imdb": "tt0113277"}, path="a.mkv"), provider, threshold=0.999)
    assert decision.reason is UnmatchedReason.LOW_CONFIDENCE
    assert said(decision).startswith('The id in the name is of "Heat" (1995)')
    assert decision.suggestions[0].tmdb_id == 1
