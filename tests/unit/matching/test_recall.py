"""By what an answer is found again: files that are read the same have the same key, and names that say nothing have none."""

import pytest

from mediastead.matching.recall import Kind, Recall, kind_of, recall_of
from mediastead.parsing.parsed import ParsedPath

from ..parsing.reading_paths import read


def recall(path: str, **more: object) -> Recall | None:
    parsed = read(path)
    fields = {name: getattr(parsed, name) for name in ParsedPath.__struct_fields__}
    return recall_of(ParsedPath(**{**fields, **more}))


def key(path: str, **more: object) -> bytes:
    found = recall(path, **more)
    assert found is not None and found.key is not None, path
    assert len(found.key) == 16
    return found.key


@pytest.mark.parametrize(
    "same",
    [
        ("Wntr Long/Season 01/Wntr Long S01E01.mkv", "Wntr Long/Season 02/S02E07.mkv", "x/wntr.long.1x03.720p.mkv"),
        ("Wntr Long/01.mkv", "Wntr Long/Wntr Long - 02.mkv"),
        ("Wntr (2010)/Season 1/Wntr S01E01.mkv", "Wntr.2010.S01E04.1080p.mkv"),
        ("Robbin Hod.mkv", "Movies/Robbin.Hod.cd1.avi"),
        ("Robbin Hod (1973).mkv", "Robbin.Hod.1973.1080p.BluRay.mkv"),
    ],
)
def test_files_of_one_title_read_the_same_wherever_they_lie(same: tuple[str, ...]) -> None:
    assert len({key(path) for path in same}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fargo.mkv", "Fargo S01E01.mkv"),
        ("Fargo.mkv", "Fargo (1996).mkv"),
        ("Fargo (1996).mkv", "Fargo (1997).mkv"),
        ("Fargo (2014)/Fargo S01E01.mkv", "Fargo/Fargo S01E01.mkv"),
        ("Open Season 2.mkv", "Open Season 3.mkv"),
    ],
)
def test_another_year_or_kind_is_another_title(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize(
    "path",
    [
        "Holiday/DSC_0001.mp4",
        "Some Film (1999)/movie.mkv",
        "Some Film (1999)/title00.mkv",
        "Disc 1/title_t01.mkv",
        "VIDEO_TS",
        "x/IMG_2034.mp4",
        "X.mkv",
        "Movie.mkv",
        "Video 1.mkv",
        "Part 1.mkv",
        "Season 01/Episode 3.mkv",
        "Downloads/S01E05.mkv",
        "Home/Episode 01.mkv",
        "2019-05-01.mkv",
        "Lessons/Lesson 01.mkv",
    ],
)
def test_what_anything_may_be_called_is_remembered_for_nothing(path: str) -> None:
    found = recall(path)
    assert found is None or found.key is None


@pytest.mark.parametrize(
    ("path", "kind"),
    [("Up.mkv", Kind.FILM), ("Up (2009).mkv", Kind.FILM_OF_YEAR), ("24/24 - S01E01.mkv", Kind.EPISODES)],
)
def test_short_titles_are_titles_and_the_key_tells_what_they_are_of(path: str, kind: Kind) -> None:
    assert kind_of(key(path)) is kind


def test_an_extra_is_found_by_what_it_lies_beside_and_is_no_answer_for_others() -> None:
    extra = recall("Fargo (1996)/Featurettes/Making of.mkv")
    assert extra is not None and extra.key is None
    assert key("Fargo (1996)/Fargo (1996).mkv") in extra.keys
    assert key("Fargo (1996)/Fargo S01E01.mkv") in extra.keys


def test_ids_in_the_names_belong_to_the_key_and_the_key_without_them_comes_later() -> None:
    plain = key("Wntr/Wntr S01E01.mkv")
    with_id = recall("Wntr/Wntr S01E02.mkv", ids={"tmdb": "7"})
    assert with_id is not None
    assert with_id.key != plain
    assert with_id.keys == (with_id.key, plain)
    assert recall("Wntr/Wntr S01E02.mkv", ids={"tmdb": "8"}) != with_id


def test_the_key_without_the_year_comes_last_and_only_where_the_names_say_one() -> None:
    plain, of_year = key("Wntr/Wntr S01E01.mkv"), recall("Wntr (2010)/Wntr S01E02.mkv", ids={"tmdb": "7"})
    assert of_year is not None
    assert (of_year.keys[-1], of_year.year, plain in of_year.yearless) == (plain, 2010, True)
    assert of_year.with_ids == (of_year.keys[0], of_year.keys[2])
    assert recall("Wntr/Wntr S01E02.mkv") == Recall("Wntr", plain, (plain,))
    film = recall("Robbin Hod (1973).mkv")
    assert film is not None and film.yearless == (key("Robbin Hod.mkv"),)
