from datetime import date

from mediastead.matching import EpisodeNumber
from mediastead.matching.numbering import Reckoning, locate

from ..parsing.reading_paths import read
from .provider_in_memory import episode_path, series

SHOW = series(1, "Show", 2010, [10, 8], specials=2)


def places(*pairs: tuple[int, int]) -> tuple[EpisodeNumber, ...]:
    return tuple(EpisodeNumber(season, number) for season, number in pairs)


def test_season_and_episode_are_taken_as_written() -> None:
    found = locate(episode_path("Show", 2, 8), SHOW)
    assert (found.episodes, found.reckoning) == (places((2, 8)), Reckoning.NUMBERED)


def test_several_episodes_of_one_file_are_all_found() -> None:
    assert locate(episode_path("Show", 1, 2, 3, 4), SHOW).episodes == places((1, 2), (1, 3), (1, 4))


def test_as_many_seasons_as_episodes_are_pairs() -> None:
    found = locate(episode_path("Show", 1, 10, 1, seasons=(1, 2)), SHOW)
    assert found.episodes == places((1, 10), (2, 1))


def test_specials_are_season_zero() -> None:
    assert locate(episode_path("Show", 0, 2), SHOW).episodes == places((0, 2))


def test_an_episode_that_does_not_exist_is_said_with_what_there_is() -> None:
    assert locate(episode_path("Show", 2, 12), SHOW).missing == "has 8 episodes in season 2, the name says 12"
    assert locate(episode_path("Show", 5, 1), SHOW).missing == "has no season 5 (its last is 2)"


def test_one_missing_episode_of_several_is_missing() -> None:
    found = locate(episode_path("Show", 2, 8, 9), SHOW)
    assert found.episodes == () and found.missing == "has 8 episodes in season 2, the name says 9"


def test_absolute_numbers_are_counted_through_the_seasons_without_specials() -> None:
    found = locate(episode_path("Show", absolute_episodes=(13,)), SHOW)
    assert (found.episodes, found.reckoning) == (places((2, 3)), Reckoning.COUNTED)


def test_absolute_numbers_of_one_long_season_are_its_own() -> None:
    assert locate(episode_path("Long", absolute_episodes=(220,)), series(2, "Long", 2002, [300])).episodes == places(
        (1, 220)
    )


def test_absolute_numbers_are_looked_up_where_the_provider_counts_on() -> None:
    counting_on = series(3, "On", 2002, [10, 10], first_number={2: 11})
    assert locate(episode_path("On", absolute_episodes=(13,)), counting_on).episodes == places((2, 13))


def test_an_absolute_number_beyond_the_end_is_missing() -> None:
    found = locate(episode_path("Show", absolute_episodes=(19,)), SHOW)
    assert found.missing == "has 18 episodes in all, the name says 19"


def test_a_date_finds_the_episodes_of_that_day() -> None:
    found = locate(episode_path("Show", air_date=date(2011, 1, 8)), SHOW)
    assert (found.episodes, found.reckoning) == (places((2, 2)), Reckoning.DATED)


def test_a_date_beside_an_episode_is_only_a_guess() -> None:
    assert locate(episode_path("Show", air_date=date(2011, 1, 9)), SHOW).reckoning is Reckoning.GUESSED
    assert (
        locate(episode_path("Show", air_date=date.max), SHOW).missing == "has no episode that was shown on 9999-12-31"
    )


def test_a_bare_number_is_sure_in_a_series_of_one_season_only() -> None:
    one_season = series(4, "Mini", 2010, [6])
    assert locate(episode_path("Mini", None, 3), one_season).reckoning is Reckoning.SINGLE_SEASON
    assert locate(episode_path("Show", None, 3), SHOW).reckoning is Reckoning.GUESSED


def test_a_number_that_belongs_to_the_title_is_no_episode() -> None:
    found = locate(episode_path("Mob Psycho", absolute_episodes=(8, 100)), SHOW, frozenset((100,)))
    assert found.episodes == places((1, 8))


def test_a_name_without_numbers_lacks_nothing() -> None:
    found = locate(episode_path("Show"), SHOW)
    assert found.episodes == () and found.missing is None


def test_a_number_longer_than_any_season_can_only_be_counted_through() -> None:
    found = locate(episode_path("Show", None, 13), SHOW)
    assert (found.episodes, found.reckoning) == (places((2, 3)), Reckoning.COUNTED)


def test_a_padded_number_and_a_folder_for_anime_count_through() -> None:
    for path in ("Show/Show - 002.mkv", "Anime/Show/Show - 2.mkv"):
        found = locate(episode_path("Show", None, 2, path=path), SHOW)
        assert (found.episodes, found.reckoning) == (places((1, 2)), Reckoning.COUNTED)


def test_season_and_episode_may_be_written_in_hundreds() -> None:
    assert locate(episode_path("Show", None, 204), SHOW).episodes == places((2, 4))
    assert locate(episode_path("Show", 2, 204), SHOW).episodes == places((2, 4))


def test_a_number_that_may_be_in_hundreds_or_counted_through_is_told_by_the_episodes_title() -> None:
    long = series(1, "Show", 2010, [60, 60], episode_titles={(1, 5): "Low Tide", (2, 45): "High Tide"})
    assert locate(episode_path("Show", None, 105, episode_title="Low Tide"), long).episodes == places((1, 5))
    assert locate(episode_path("Show", None, 105, episode_title="High Tide"), long).episodes == places((2, 45))
    assert locate(episode_path("Show", None, 105), long).reckoning is Reckoning.GUESSED


def test_the_name_of_one_episode_of_the_season_is_enough() -> None:
    named = series(
        1, "Show", 2010, [3, 3], episode_titles={(1, 1): "Pilot", (2, 1): "Low Tide", (2, 2): "End", (2, 3): "End"}
    )
    found = locate(episode_path("Show", 2, episode_title="Show - Low Tide"), named)
    assert (found.episodes, found.reckoning) == (places((2, 1)), Reckoning.TITLED)
    assert locate(episode_path("Show", 2, episode_title="End"), named).episodes == ()
    assert locate(episode_path("Show", 2, episode_title="Pilot"), named).episodes == ()


def test_a_number_through_all_seasons_stands_in_where_the_season_is_counted_otherwise() -> None:
    found = locate(read("Show - S07E05 - 015.mkv"), SHOW)
    assert (found.episodes, found.reckoning) == (places((2, 5)), Reckoning.COUNTED)


def test_what_could_be_an_episodes_name_is_only_a_guess_there() -> None:
    long = series(1, "Show", 2010, [100, 50])
    assert locate(read("Show - S07E05 - 115.mkv"), long).reckoning is Reckoning.GUESSED


def test_the_season_is_believed_before_a_number_through_all_seasons() -> None:
    found = locate(read("Show - S02E05 - 015.mkv"), SHOW)
    assert (found.episodes, found.reckoning) == (places((2, 5)), Reckoning.NUMBERED)
