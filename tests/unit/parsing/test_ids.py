"""Ids in names: found in every form that programs document, taken out of the name, the nearest to the file wins."""

import pytest

from mediastead.parsing import names_to_guess

from .reading_paths import read, title_of


@pytest.mark.parametrize(
    ("tag", "ids"),
    [
        ("{tmdb-603}", {"tmdb": "603"}),
        ("[tmdbid=603]", {"tmdb": "603"}),
        ("[tmdbid-603]", {"tmdb": "603"}),
        ("{tmdbid=603}", {"tmdb": "603"}),
        ("(tmdb 603)", {"tmdb": "603"}),
        ("[TMDB-603]", {"tmdb": "603"}),
        ("{imdb-tt0133093}", {"imdb": "tt0133093"}),
        ("[imdbid=tt0133093]", {"imdb": "tt0133093"}),
        ("[imdbid-133093]", {"imdb": "tt0133093"}),
        ("tt0133093", {"imdb": "tt0133093"}),
        ("(tt0133093)", {"imdb": "tt0133093"}),
        ("[tvdbid-81189]", {"tvdb": "81189"}),
        ("{tvdb-81189}", {"tvdb": "81189"}),
        ("{tmdb-603} {imdb-tt0133093}", {"tmdb": "603", "imdb": "tt0133093"}),
    ],
)
def test_ids_are_read_and_leave_the_name(tag: str, ids: dict[str, str]) -> None:
    for path in (f"Low Tide (1999) {tag}.mkv", f"Low Tide (1999) {tag}/Low Tide (1999) {tag}.mkv"):
        parsed = read(path)
        assert parsed.ids == ids
        assert (parsed.titles[0].text, parsed.year, parsed.edition) == ("Low Tide", 1999, None)
        assert all("603" not in name and "tt0" not in name for name in names_to_guess(path))


@pytest.mark.parametrize(
    "name",
    [
        "Low Tide 603 (1999)",
        "tt12 (1999)",
        "Att0133093 (1999)",
        "{tmdb-0}",
        "[tmdb-tt0133093] Low Tide",
        "The tmdb Story",
        "{tmdb-99999999999}",
    ],
)
def test_what_only_resembles_an_id_is_none(name: str) -> None:
    assert "tmdb" not in read(f"{name}.mkv").ids
    if not name.startswith("["):
        assert read(f"{name}.mkv").ids == {}


def test_ids_of_any_folder_count_and_the_nearest_wins() -> None:
    assert read("TV/The Harbour {tvdb-81189}/Season 1/The Harbour - S01E01.mkv").ids == {"tvdb": "81189"}
    assert read("Tides {tmdb-1}/Low Tide (1999) {tmdb-2}/Low Tide (1999).mkv").ids == {"tmdb": "2"}
    assert read("Tides {tmdb-1}/Low Tide (1999) {tmdb-2}/Low Tide (1999) {tmdb-3}.mkv").ids == {"tmdb": "3"}
    assert read("Low Tide {tmdb-1}/x {imdb-tt0133093}.mkv").ids == {"tmdb": "1", "imdb": "tt0133093"}


def test_ids_of_other_catalogues_leave_the_name_too() -> None:
    assert (title_of("Low Tide [anidb-1234] (1999).mkv"), read("Low Tide [anidb-1234] (1999).mkv").ids) == (
        "Low Tide",
        {},
    )
