"""Names with two numbers, of which one is the title's, the collection's or the year's."""

import pytest

from mediastead.parsing import ParsedType

from .reading_paths import numbers_of, read, title_of


@pytest.mark.parametrize(
    ("name", "title", "episode"),
    [
        ("[HarbourSubs][Tides 100] 07 [1080p].mkv", "Tides 100", 7),
        ("[HarbourSubs][The Quiet Harbour] 07 [1080p].mkv", "The Quiet Harbour", 7),
        ("Tides 100[07].mp4", "Tides 100", 7),
        ("Tides 100[07][1080p].mp4", "Tides 100", 7),
    ],
)
def test_of_two_numbers_the_one_outside_of_the_title_counts_through(name: str, title: str, episode: int) -> None:
    parsed = read(name)
    assert (title_of(name), parsed.absolute_episodes, parsed.episodes) == (title, (episode,), ())


def test_a_year_in_brackets_behind_a_title_is_no_episode() -> None:
    assert read("Low Tide[2007].mp4").type is ParsedType.MOVIE


@pytest.mark.parametrize(
    "name",
    [
        "Big Tide 6 (2014) [606F56F6].mkv",
        "[1080p] Big Tide 6 (2014).mkv",
        "[QuietCrew] Big Tide 6 (2014) [BD 1080p].mkv",
    ],
)
def test_a_number_before_the_year_in_brackets_is_the_films(name: str) -> None:
    parsed = read(name)
    assert (parsed.type, title_of(name), parsed.year) == (ParsedType.MOVIE, "Big Tide 6", 2014)


@pytest.mark.parametrize(
    ("name", "title", "year"),
    [
        ("LowTide2005.mkv", "LowTide", 2005),
        ("TheQuietHarbour62013.mkv", "TheQuietHarbour6", 2013),
        ("Low-E2008.mkv", "Low-E", 2008),
        ("LowTide1999.1080p.mkv", "LowTide", 1999),
    ],
)
def test_a_year_glued_to_a_title_of_one_word_is_the_year(name: str, title: str, year: int) -> None:
    parsed = read(name)
    assert (parsed.type, title_of(name), parsed.year) == (ParsedType.MOVIE, title, year)


@pytest.mark.parametrize("name", ["Tide2049Run.mkv", "LowTide112005.mkv", "TDE02012.MP4"])
def test_digits_that_are_no_year_at_the_end_stay_in_the_title(name: str) -> None:
    assert read(name).year is None


@pytest.mark.parametrize(
    ("name", "title", "episode"),
    [
        ("Tides 100 Chapter 19 - Fog.mkv", "Tides 100", 19),
        ("Low Tide - Los Puertos - Chapter 3.mkv", "Low Tide - Los Puertos", 3),
        ("Gull and Perch No. 9 - Fog.mkv", "Gull and Perch", 9),
    ],
)
def test_a_counted_chapter_is_an_episode_whatever_the_title_has(name: str, title: str, episode: int) -> None:
    assert (title_of(name), numbers_of(name)) == (title, ((), (episode,)))


@pytest.mark.parametrize("name", ["Low Tide - Chapter 2 (2017).mkv", "Low Tide - Chapter 3 - Fog.mkv"])
def test_a_chapter_with_a_year_or_between_dashes_stays_the_films(name: str) -> None:
    assert read(name).type is ParsedType.MOVIE


@pytest.mark.parametrize("name", ["Low.Tide.Season.2.1of4.Fog.HDTV.avi", "Low Tide Series 2of5 1of4.avi"])
def test_a_part_of_a_season_s_parts_is_its_episode(name: str) -> None:
    assert (title_of(name), numbers_of(name)) == ("Low Tide", ((2,), (1,)))


def test_how_many_seasons_there_are_is_no_episode() -> None:
    assert numbers_of("Low.Tide.Stagione.1.di.5.720p.mkv") == ((1,), ())


def test_two_of_the_three_numbers_of_a_day_are_no_season_and_episode() -> None:
    parsed = read("Low.Tide.16.01.24.Fog.1080p.mkv")
    assert (title_of("Low.Tide.16.01.24.Fog.1080p.mkv"), parsed.episodes) == ("Low Tide", ())
    assert parsed.air_date is not None


@pytest.mark.parametrize("title", ["12 Years of Fog", "21 Harbour Street"])
def test_a_number_behind_the_year_in_front_is_the_titles(title: str) -> None:
    assert (title_of(f"2013 {title} 1080p.mkv"), read(f"2013 {title} 1080p.mkv").year) == (title, 2013)


def test_a_place_between_dashes_is_the_collections_among_films_only() -> None:
    name = "Harbour Stories - 05 - Low Tide (2001).mkv"
    among_films = read(f"Movies/{name}")
    assert (among_films.type, among_films.titles[0].text, among_films.year) == (ParsedType.MOVIE, "Low Tide", 2001)
    assert numbers_of(name) == ((), (5,))
