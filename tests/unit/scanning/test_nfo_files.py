"""NFO files on a real disk: which of them are read for which media file."""

import os
from pathlib import Path

from mediastead.parsing import NfoKind
from mediastead.scanning.nfo_files import nfo_beside

MOVIE = "<movie><title>Low Tide</title><tmdbid>603</tmdbid></movie>"
SERIES = "<tvshow><title>The Harbour</title><tmdbid>1396</tmdbid></tvshow>"


def shelf(root: Path, *names: str) -> bytes:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return os.fsencode(root)


def test_the_nfo_of_a_folder_speaks_for_its_only_film_and_its_extras(tmp_path: Path) -> None:
    root = shelf(tmp_path, "Low Tide (1999)/grp-xyz.mkv", "Low Tide (1999)/grp-xyz-trailer.mkv")
    (tmp_path / "Low Tide (1999)" / "movie.nfo").write_text(MOVIE)
    said = nfo_beside(root, [b"Low Tide (1999)/grp-xyz.mkv", b"Low Tide (1999)/grp-xyz-trailer.mkv"])
    assert [[facts.ids for facts in each] for each in said.values()] == [[{"tmdb": "603"}]] * 2


def test_the_nfo_of_a_folder_with_several_films_speaks_for_none(tmp_path: Path) -> None:
    root = shelf(tmp_path, "Films/Low Tide.mkv", "Films/The Anchor.mkv")
    (tmp_path / "Films" / "movie.nfo").write_text(MOVIE)
    (tmp_path / "Films" / "The Anchor.nfo").write_text(MOVIE)
    assert nfo_beside(root, [b"Films/Low Tide.mkv"]) == {b"Films/Low Tide.mkv": ()}
    own = nfo_beside(root, [b"Films/The Anchor.mkv"])[b"Films/The Anchor.mkv"]
    assert [facts.kind for facts in own] == [NfoKind.MOVIE]


def test_the_nfo_of_a_series_speaks_for_its_seasons(tmp_path: Path) -> None:
    path = b"The Harbour/Season 1/03.mkv"
    root = shelf(tmp_path, path.decode())
    (tmp_path / "The Harbour" / "tvshow.nfo").write_text(SERIES)
    assert [facts.ids for facts in nfo_beside(root, [path])[path]] == [{"tmdb": "1396"}]


def test_the_nfo_inside_a_disc_is_read(tmp_path: Path) -> None:
    root = shelf(tmp_path, "Low Tide/VIDEO_TS/VTS_01_1.VOB")
    (tmp_path / "Low Tide" / "VIDEO_TS" / "VIDEO_TS.nfo").write_text(MOVIE)
    path = b"Low Tide/VIDEO_TS"
    assert [facts.ids for facts in nfo_beside(root, [path])[path]] == [{"tmdb": "603"}]


def test_a_link_is_not_followed_and_a_file_that_is_gone_is_left_out(tmp_path: Path) -> None:
    root = shelf(tmp_path / "library", "Low Tide.mkv")
    (tmp_path / "elsewhere.nfo").write_text(MOVIE)
    (tmp_path / "library" / "Low Tide.nfo").symlink_to(tmp_path / "elsewhere.nfo")
    assert nfo_beside(root, [b"Low Tide.mkv", b"gone.mkv"]) == {b"Low Tide.mkv": ()}
