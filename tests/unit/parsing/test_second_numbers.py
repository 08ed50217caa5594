"""Names with two numbers for one thing, with a number that belongs to the title, and numbers that say how many there are."""

import pytest

from mediastead.parsing import ParsedType

from .reading_paths import numbers_of, read, title_of


@pytest.mark.parametrize(
    ("path", "episodes", "absolute"),
    [
        ("Low Tide - S02E05 - 017.mkv", (5,), (17,)),
        ("Low Tide - S02E05 - 017 - The Anchor [1080p].mkv", (5,), (17,)),
        ("Low Tide - s16e03-04 - 313-314.mkv", (3, 4), (313, 314)),
        ("Low.Tide.s16e03-04.313-314-GRP.mkv", (3, 4), (313, 314)),
        ("Low Tide - 017 - S02E05.mkv", (5,), (17,)),
        ("[HarbourSubs] Low Tide S02E05 (17) [1080p].mkv", (5,), (17,)),
        ("Low Tide 2x05 (017).avi", (5,), (17,)),
        ("Low Tide/Season 2/Low Tide - 2x05 - 017.avi", (5,), (17,)),
    ],
)
def test_an_episode_counted_in_its_season_and_through_all_keeps_both_numbers(
    path: str, episodes: tuple[int, ...], absolute: tuple[int, ...]
) -> None:
    parsed = read(path)
    assert (title_of(path), parsed.episodes, parsed.absolute_episodes) == ("Low Tide", episodes, absolute)


def test_the_episodes_name_stands_behind_both_numbers() -> None:
    assert read("Low Tide - S02E05 - 017 - The Anchor [1080p].mkv").episode_title == "The Anchor"


@pytest.mark.parametrize(
    "path",
    [
        "Low Tide S02E05 300 Harbours.mkv",
        "Low Tide S02E05 1080p.mkv",
        "Low Tide S02E05 (2009).mkv",
        "Low Tide - S02E05 - 003.mkv",
        "Low Tide - S02E05-06 - 313.mkv",
    ],
)
def test_a_number_that_cannot_count_the_same_episodes_is_none_of_theirs(path: str) -> None:
    assert numbers_of(path)[0] == (2,)


@pytest.mark.parametrize(
    "path",
    [
        "06 - Harbour 100 - The Anchor.mkv",
        "[06] Harbour 100.mkv",
        "#6 - Harbour 100.mkv",
    ],
)
def test_of_two_numbers_that_in_front_is_the_episodes(path: str) -> None:
    assert (title_of(path), *numbers_of(path)) == ("Harbour 100", (), (6,))


def test_digits_of_season_and_episode_in_front_leave_a_titles_number_alone() -> None:
    assert (title_of("602 - Harbour 100.mkv"), *numbers_of("602 - Harbour 100.mkv")) == ("Harbour 100", (6,), (2,))


@pytest.mark.parametrize("path", ["#07 - Low Tide (1999).mkv", "03-Low Tide (1999).mkv", "003 Low Tide (1999).mkv"])
def test_a_place_in_a_list_is_neither_title_nor_episode(path: str) -> None:
    parsed = read(path)
    assert (title_of(path), parsed.year, parsed.episodes) == ("Low Tide", 1999, ())


def test_three_digits_in_front_are_no_season_0() -> None:
    assert read("020 Low Tide.mkv").seasons == ()


def test_three_digits_before_words_are_no_season_without_so_many_episodes() -> None:
    parsed = read("The Idol 765 Live.mkv")
    assert (parsed.titles[0].text, parsed.seasons, parsed.episodes) == ("The Idol 765 Live", (), ())


@pytest.mark.parametrize(
    ("path", "seasons", "episodes"),
    [
        ("Прилив (ТВ-2) / Low Tide [TV] [12 из 12] [2019, BDRip].mkv", (2,), tuple(range(1, 13))),
        ("Прилив / Low Tide / Сезон: 5 / Серии: 4 из 20 [2017, WEB-DL 1080p].mkv", (5,), (1, 2, 3, 4)),
        ("Low Tide [3 of 12].avi", (), (3,)),
    ],
)
def test_how_many_there_are_of_all_is_what_a_pack_holds(
    path: str, seasons: tuple[int, ...], episodes: tuple[int, ...]
) -> None:
    assert numbers_of(path) == (seasons, episodes)


@pytest.mark.parametrize(
    "path", ["Low Tide 1ª a 8ª Temporada Completa [1080p]", "Low Tide 1.-8. Staffel 720p", "Low Tide Seasons 1-8"]
)
def test_seasons_from_one_to_another_are_a_pack_of_all_of_them(path: str) -> None:
    assert (title_of(path), *numbers_of(path)) == ("Low Tide", tuple(range(1, 9)), ())


def test_a_run_of_episodes_before_a_season_is_no_run_of_seasons() -> None:
    assert read("Low Tide 01 - 12 Season 1 Complete [720p].mkv").seasons == (1,)


@pytest.mark.parametrize("path", ["Low.Tide.Pt.2.HDTV.x264-GRP.mkv", "Low.Tide.Part.Two.720p.HDTV.x264-GRP.mkv"])
def test_a_part_recorded_from_television_without_a_year_is_an_episode(path: str) -> None:
    parsed = read(path)
    assert (parsed.type, title_of(path), *numbers_of(path)) == (ParsedType.EPISODE, "Low Tide", (), (2,))


@pytest.mark.parametrize("path", ["Low.Tide.Pt.2.mkv", "Low.Tide.Part.2.2004.HDTV.x264-GRP.mkv"])
def test_a_part_is_else_the_films(path: str) -> None:
    parsed = read(path)
    assert (parsed.type, parsed.episodes) == (ParsedType.MOVIE, ())
    assert parsed.titles[0].text.endswith(" 2")


def test_an_episode_that_has_only_its_number_for_a_name_is_read_by_both() -> None:
    assert numbers_of("Low Tide S01 EP #1.2.mkv") == ((1,), (2,))


def test_numbers_of_channels_are_no_episodes() -> None:
    assert numbers_of("Low Tide (2000) (BDRip x265 FLACx3, AC3 5.1x2+2.0x3)[grp].mkv") == ((), ())


def test_letters_of_a_name_that_end_in_a_season_are_no_season() -> None:
    assert numbers_of("Low Tide DS9 Ep 2x03 The Anchor.mkv") == ((2,), (3,))


@pytest.mark.parametrize(
    ("name", "season", "episodes"),
    [
        ("Low Tide Se02Ep05.mkv", 2, (5,)),
        ("Low Tide S02F05.mkv", 2, (5,)),
        ("Low Tide [HDTV 720p][Cap.205_206].avi", 2, (5, 6)),
        ("Low Tide S02E05~07.mkv", 2, (5, 6, 7)),
        ("Low Tide 2x05-x06.avi", 2, (5, 6)),
        ("[HarbourSubs] Low Tide Second Season - 05 [1080p].mkv", 2, (5,)),
        ("Low Tide - The Second Season - 05.mkv", 2, (5,)),
        ("Low Tide The Complete Second Season", 2, ()),
    ],
)
def test_further_ways_to_write_season_and_episode(name: str, season: int, episodes: tuple[int, ...]) -> None:
    assert (title_of(name), *numbers_of(name)) == ("Low Tide", (season,), episodes)


def test_a_film_may_be_called_after_a_season() -> None:
    parsed = read("The Second Season (2004).mkv")
    assert (parsed.titles[0].text, parsed.seasons) == ("The Second Season", ())
