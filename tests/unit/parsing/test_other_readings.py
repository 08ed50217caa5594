"""Titles of which a part may be something else: readings that are offered behind the first."""

import pytest

from mediastead.parsing.parsed import TitleGuess

from .reading_paths import read, title_of


def _others(path: str) -> tuple[TitleGuess, ...]:
    return read(path).titles[1:]


@pytest.mark.parametrize(
    ("path", "without"),
    [
        ("Harbour Nights 4 Low Tide (2015).mkv", "Harbour Nights Low Tide"),
        ("Harbour Nights 4 - Low Tide (2015).mkv", "Harbour Nights - Low Tide"),
        ("Harbour.Nights.VII.The.Low.Tide.2015.1080p.BluRay.x264-GRP.mkv", "Harbour Nights The Low Tide"),
        ("Harbour Nights Episode 1 The Low Tide (1999).mkv", "Harbour Nights Episode I The Low Tide"),
    ],
)
def test_a_films_place_in_its_series_may_be_none_of_its_title(path: str, without: str) -> None:
    others = _others(path)
    assert without in [other.text for other in others]
    assert without != title_of(path)


@pytest.mark.parametrize("path", ["Vitamin C Low Tide (2015).mkv", "12 Angry Gulls (1957).mkv", "Gull V (2001).mkv"])
def test_a_letter_and_a_number_that_begins_a_title_are_no_place_in_a_series(path: str) -> None:
    assert _others(path) == ()


@pytest.mark.parametrize("path", ["Disney's Low Tide (2013).mkv", "Marvel's Low Tide (2013).mkv"])
def test_who_made_it_is_left_out_as_another_reading_of_the_same_weight(path: str) -> None:
    assert [(other.text, other.source, other.year) for other in _others(path)] == [("Low Tide", "file", 2013)]


def test_the_owner_in_a_title_is_left_alone() -> None:
    assert _others("Gulliver's Harbour (2004).mkv") == ()


@pytest.mark.parametrize("number", ["2", "II"])
def test_a_number_behind_an_animes_title_may_be_its_season(number: str) -> None:
    parsed = read(f"[HarbourSubs] Tides of War {number} - 05 [1080p].mkv")
    assert parsed.titles[0].text == f"Tides of War {number}"
    assert [(other.text, other.season) for other in parsed.titles[1:]] == [("Tides of War", 2)]
    assert parsed.absolute_episodes == (5,)


@pytest.mark.parametrize(
    "path", ["[HarbourSubs] Tides 100 - 05.mkv", "[HarbourSubs] Tides S2 - 05.mkv", "[HarbourSubs] Tides I - 05.mkv"]
)
def test_a_number_of_the_title_or_a_season_that_is_written_gives_no_second_reading(path: str) -> None:
    assert all(other.season is None for other in read(path).titles)


@pytest.mark.parametrize("path", ["The Tides Part 3.mkv", "The Tides - Pt. 3.mkv", "The Tides Part Three.mkv"])
def test_a_part_may_be_an_episode_of_a_short_series(path: str) -> None:
    assert ("The Tides", 3) in [(other.text, other.episode) for other in _others(path)]


def test_a_group_in_front_of_a_shortened_name_leaves_a_second_reading() -> None:
    assert ("looper bay", "file", 2012) in [
        (each.text, each.source, each.year) for each in read("tide-looper.bay.2012.dvdrip.xvid.avi").titles
    ]
    assert len(read("Sea-Gull.2012.DVDRip.XviD-GRP.avi").titles) == 1
