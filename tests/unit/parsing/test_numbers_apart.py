"""Numbers that are less, more or counted elsewhere than they seem: halves, parts of seasons, runs, places in lists, words."""

import pytest

from mediastead.parsing import ParsedType

from .reading_paths import numbers_of, read, title_of


@pytest.mark.parametrize(
    "name", ["Tides 001.avi", "Tides_013 [480p].mkv", "Tides 100 020 [1080p].mkv", "Tides 022v2 (720p).mkv"]
)
def test_three_digits_with_a_zero_in_front_count_through_all_seasons(name: str) -> None:
    parsed = read(name)
    assert (parsed.seasons, parsed.episodes) == ((), ())
    assert len(parsed.absolute_episodes) == 1


@pytest.mark.parametrize(
    "name", ["[HarbourSubs] Low Tide - 07.5.mkv", "Low Tide - 07.5 [720p].mkv", "Low Tide S01E07.5 - Recap.mkv"]
)
def test_half_an_episode_is_none_of_those_beside_it(name: str) -> None:
    parsed = read(name)
    assert (parsed.type, title_of(name)) == (ParsedType.EPISODE, "Low Tide")
    assert (parsed.episodes, parsed.absolute_episodes) == ((), ())


def test_a_title_behind_a_number_that_begins_with_five_is_no_half() -> None:
    assert numbers_of("Low.Tide.S01E07.5.Days.720p.HDTV.x264-GRP.mkv") == ((1,), (7,))


@pytest.mark.parametrize(
    ("path", "cour"),
    [
        ("[HarbourSubs] Low Tide Season 3 Part 2 - 01.mkv", 2),
        ("[HarbourSubs] Low Tide S3 Part 2 - 01 [1080p].mkv", 2),
        ("Low Tide Season 3 Cour 2 - 01 [1080p].mkv", 2),
        ("Low Tide 3rd Season Part II - 01.mkv", 2),
        ("Low Tide/Season 3 Part 2/Low Tide - 01.mkv", 2),
        ("Low Tide/Season 3 Part 2/01.mkv", 2),
        ("Low Tide/Season 3/Low Tide - 01.mkv", None),
    ],
)
def test_episodes_of_a_split_season_say_in_which_part_they_are_counted(path: str, cour: int | None) -> None:
    assert (title_of(path), *numbers_of(path), read(path).cour) == ("Low Tide", (3,), (1,), cour)


def test_a_part_with_a_name_is_an_episode_as_in_british_series() -> None:
    parsed = read("Low Tide Series 2 Part 3 - Fog.mkv")
    assert (parsed.seasons, parsed.episodes, parsed.cour) == ((2,), (3,), None)


@pytest.mark.parametrize(
    ("folder", "season"), [("Season Six", 6), ("Season IV", 4), ("Series Two", 2), ("season three", 3), ("3", 3)]
)
def test_the_folder_of_a_season_may_be_counted_in_words(folder: str, season: int) -> None:
    assert numbers_of(f"Low Tide/{folder}/Low Tide - Episode 9.mkv") == ((season,), (9,))


@pytest.mark.parametrize("path", ["Low Tide/1/1.avi", "Low Tide/01/01 - Fog.avi"])
def test_a_bare_number_below_a_title_and_around_one_is_a_season(path: str) -> None:
    assert numbers_of(path) == ((1,), (1,))


@pytest.mark.parametrize("path", ["Movies/1/Low Tide (1999).mkv", "Low Tide (1999)/1/Low Tide.mkv"])
def test_a_bare_number_around_a_film_is_none(path: str) -> None:
    assert numbers_of(path) == ((), ())


@pytest.mark.parametrize(
    ("name", "seasons", "numbers"),
    [
        ("Low Tide - 4-17 - Fog.avi", (4,), (17,)),
        ("Low Tide - 4-6 - Fog.avi", (), (4, 5, 6)),
        ("Low Tide - 1-4 [720p].avi", (), (1, 2, 3, 4)),
        ("Low Tide (01-04) [1080p].mkv", (), (1, 2, 3, 4)),
        ("Low Tide [1-04].mkv", (1,), (4,)),
        ("11.14 - Fog.mp4", (11,), (14,)),
        ("Low_Tide_S02E04_11_27.mkv", (2,), (4,)),
        ("Gulls9x12.avi", (9,), (12,)),
    ],
)
def test_two_numbers_are_a_run_or_a_season_and_an_episode(
    name: str, seasons: tuple[int, ...], numbers: tuple[int, ...]
) -> None:
    parsed = read(name)
    assert (parsed.seasons, parsed.episodes or parsed.absolute_episodes) == (seasons, numbers)


@pytest.mark.parametrize(
    "path",
    [
        "03 - Low Tide (1999).mkv",
        "3 - Low Tide 1999.mkv",
        "003 Low Tide (1999).mkv",
        "03_Low_Tide_1999.mkv",
        "03.Low.Tide.1999.1080p.BluRay.x264-GRP.mkv",
        "Movies/12. Low Tide.avi",
        "Top 250/017 - Low Tide.mkv",
        "Harbour Trilogy/01 - Low Tide.mkv",
        "Harbour Collection/2. Low Tide.mkv",
    ],
)
def test_a_films_place_in_a_list_is_none_of_its_title(path: str) -> None:
    parsed = read(path)
    assert (parsed.type, parsed.titles[0].text, numbers_of(path)) == (ParsedType.MOVIE, "Low Tide", ((), ()))


@pytest.mark.parametrize("title", ["12 Years a Gull", "21 Harbour Street"])
def test_a_number_behind_the_year_in_front_begins_the_title(title: str) -> None:
    for name in (f"[2013] {title}.mkv", f"(2013) {title}.mkv"):
        assert (title_of(name), read(name).year, numbers_of(name)) == (title, 2013, ((), ()))


def test_a_number_in_front_of_an_episode_stays_its_number() -> None:
    assert numbers_of("Low Tide/Season 2/03 - Fog.mkv") == ((2,), (3,))
    assert numbers_of("004 - Fog - [DVD].avi") == ((), (4,))


def test_a_bracket_between_the_group_and_the_number_is_the_title() -> None:
    assert title_of("[Quiet-Subs][Low Tide][07][1080p].mkv") == "Low Tide"


def test_the_version_of_a_codec_is_no_episode() -> None:
    assert read("Low Tide (1970).[DivX.5.02][DVDRip].avi").type is ParsedType.MOVIE


@pytest.mark.parametrize(
    ("path", "seasons", "numbers"),
    [
        ("Low Tide Season Two Episode Three.mkv", (2,), (3,)),
        ("Low Tide Series IV Episode 3.mkv", (4,), (3,)),
        ("Low Tide - Episode Three.mkv", (), (3,)),
        ("Low Tide - Episode Three - Fog.mkv", (), (3,)),
        ("Low Tide (2019)/Episode Three.mkv", (), (3,)),
        ("Low Tide (2019)/Pt. 2.mkv", (), (2,)),
        ("干潮第十一季 第二十三集.mkv", (11,), (23,)),
        ("干潮 第三集.mkv", (), (3,)),
        ("Low Tide 5-го сезон 9 серия.avi", (5,), (9,)),
        ("Episode 14 Low Tide (Saison 2) VOSTFR.mkv", (2,), (14,)),
        ("[HarbourSubs] Low Tide #1-4 (BS11).mp4", (), (1, 2, 3, 4)),
        ("[HarbourSubs][Batch] Low Tide 1-10 Dual-Audio 1080p", (), tuple(range(1, 11))),
        ("Low.Tide.2013.14.of.21.Fog.720p.mkv", (), (14,)),
        ("611-612 - Low Tide.mp4", (), (611, 612)),
    ],
)
def test_numbers_stand_in_words_in_front_and_in_runs(
    path: str, seasons: tuple[int, ...], numbers: tuple[int, ...]
) -> None:
    parsed = read(path)
    assert (parsed.seasons, parsed.episodes or parsed.absolute_episodes) == (seasons, numbers)
    assert parsed.titles[0].text in ("Low Tide", "干潮")


def test_a_film_called_an_episode_keeps_its_title_where_its_year_stands_behind() -> None:
    assert read("Moon Wars Episode Four A New Tide 1977.mkv").type is ParsedType.MOVIE


@pytest.mark.parametrize(
    "path",
    ["The 100 Season 8/The 100 05.mkv", "The 100/Season 8/The 100 - 05 - Fog.mkv", "The 100/Season 8/The 100 805.mkv"],
)
def test_a_number_that_ends_the_folders_title_is_no_episode(path: str) -> None:
    assert (title_of(path), *numbers_of(path)) == ("The 100", (8,), (5,))


def test_a_number_of_the_title_stays_before_one_with_a_zero_or_a_word_for_subtitles() -> None:
    assert (title_of("[Kelp] The 100 01-03 [720p].mkv"), title_of("The 100 - 14 VOSTFR.mp4")) == ("The 100", "The 100")


@pytest.mark.parametrize("code", ["SP01", "ED2", "OVA3.5", "PV", "EX01"])
def test_a_fansubbed_special_has_no_number_of_the_series(code: str) -> None:
    path = f"[HarbourSubs] Low Tide - {code} [1080p].mkv"
    assert (title_of(path), numbers_of(path), read(path).type) == ("Low Tide", ((), ()), ParsedType.EPISODE)
