"""Which files go along with a media file, and which never do."""

import pytest

from mediastead.organizing.sidecars import (
    belongs_to_folder,
    belongs_to_series,
    sidecars_by_stem,
    stem_of,
    suffix_of,
)


def test_subtitles_nfo_files_and_pictures_belong_to_the_file_that_they_are_named_after() -> None:
    names = [b"Film.srt", b"Film.en.forced.srt", b"Film.nfo", b"Film-poster.jpg", b"Film-fanart.JPG", b"Film.mkv.part"]
    assert sidecars_by_stem([*names, b"Film.mkv", b"Filmed.srt", b"Film 2.srt", b"poster.jpg"], [b"Film"]) == {
        b"Film": sorted(names)
    }


def test_the_longest_name_wins_also_while_its_file_is_missing() -> None:
    found = sidecars_by_stem(
        [b"Film.Extended.srt", b"Film.en.srt", b"Film.Extended-poster.jpg"], [b"Film", b"Film.Extended"]
    )
    assert found == {b"Film": [b"Film.en.srt"], b"Film.Extended": [b"Film.Extended-poster.jpg", b"Film.Extended.srt"]}


def test_a_picture_of_a_file_whose_name_ends_like_a_picture_is_its_own() -> None:
    found = sidecars_by_stem([b"Film-poster.jpg", b"Film-poster.nfo"], [b"Film", b"Film-poster"])
    assert found == {b"Film-poster": [b"Film-poster.jpg", b"Film-poster.nfo"]}


def test_media_files_and_hidden_files_are_nobodys_sidecars() -> None:
    assert (
        sidecars_by_stem([b"Film.Extended.mkv", b".Film.srt", b"._Film.srt", b"VIDEO_TS"], [b"Film", b"", b"VIDEO_TS"])
        == {}
    )


def test_names_of_any_bytes_are_compared_as_they_are() -> None:
    assert sidecars_by_stem([b"\xff\n.srt"], [b"\xff\n"]) == {b"\xff\n": [b"\xff\n.srt"]}


@pytest.mark.parametrize(
    ("name", "stem", "suffix"),
    [
        (b"Film.1999.MKV", b"Film.1999", b".mkv"),
        (b"VIDEO_TS", b"VIDEO_TS", b""),
        (b"bdmv", b"bdmv", b""),
    ],
)
def test_a_disc_folder_has_no_suffix(name: bytes, stem: bytes, suffix: bytes) -> None:
    assert (stem_of(name), suffix_of(name)) == (stem, suffix)


def test_pictures_of_a_folder_are_told_from_those_of_a_series() -> None:
    assert all(map(belongs_to_folder, [b"poster.jpg", b"Folder.PNG", b"movie.nfo", b"theme.mp3"]))
    assert all(map(belongs_to_series, [b"tvshow.nfo", b"season01-poster.jpg", b"season-all-banner.jpg"]))
    assert not any(map(belongs_to_folder, [b"poster.txt", b"tvshow.nfo", b"readme.nfo", b"poster"]))
    assert not any(map(belongs_to_series, [b"season 1.mkv", b"poster.jpg", b"seasons"]))
