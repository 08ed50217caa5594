"""NFO files: Kodi's XML, addresses, and whatever else people put there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediastead.parsing import NfoFacts, NfoKind, ParsedType, nfo_names, read_nfo

from .reading_paths import read

MOVIE = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<movie>
  <title>Low Tide</title><originaltitle>Ebbe</originaltitle><year>1999</year>
  <uniqueid type="imdb" default="true">tt0133093</uniqueid><uniqueid type="tmdb">603</uniqueid>
</movie>
https://www.themoviedb.org/movie/603"""

EPISODES = b"""<episodedetails><title>One</title><showtitle>The Harbour</showtitle><season>2</season><episode>3</episode>
<uniqueid type="tvdb">9999</uniqueid></episodedetails>
<episodedetails><title>Two</title><season>2</season><episode>4</episode></episodedetails>"""

SERIES = (
    b"<tvshow><title>The Harbour</title><premiered>2010-03-01</premiered><id>81189</id><tmdbid>1396</tmdbid></tvshow>"
)


def test_kodis_files_are_read() -> None:
    assert read_nfo(MOVIE) == NfoFacts(
        kind=NfoKind.MOVIE, ids={"imdb": "tt0133093", "tmdb": "603"}, title="Low Tide", original_title="Ebbe", year=1999
    )
    assert read_nfo(SERIES) == NfoFacts(
        kind=NfoKind.SERIES, ids={"tmdb": "1396", "tvdb": "81189"}, title="The Harbour", year=2010
    )
    assert read_nfo(EPISODES) == NfoFacts(
        kind=NfoKind.EPISODE, ids={"tvdb": "9999"}, title="One", show_title="The Harbour", season=2, episodes=(3, 4)
    )
    old = read_nfo(b"<movie><title>Low Tide</title><id>tt0133093</id></movie>")
    assert old is not None
    assert old.ids == {"imdb": "tt0133093"}


@pytest.mark.parametrize(
    ("text", "kind", "ids"),
    [
        (b"https://www.themoviedb.org/movie/603-low-tide", NfoKind.MOVIE, {"tmdb": "603"}),
        (b"http://www.themoviedb.org/tv/1396?language=de\r\n", NfoKind.SERIES, {"tmdb": "1396"}),
        (b"see https://www.imdb.com/title/tt0133093/ for more", None, {"imdb": "tt0133093"}),
        (b"https://thetvdb.com/?tab=series&id=81189&lid=7", NfoKind.SERIES, {"tvdb": "81189"}),
        (b"tt0133093", None, {"imdb": "tt0133093"}),
        (b"\xff\xfet\x00t\x000\x001\x003\x003\x000\x009\x003\x00", None, {"imdb": "tt0133093"}),
        (b"\xb1\xb2\xdb GROUP presents \xdb\xb2\xb1 imdb.com/title/tt0133093", None, {"imdb": "tt0133093"}),
        (
            b"<movie><title>Low Tide</title> <a href='https://www.imdb.com/title/tt0133093'>",
            None,
            {"imdb": "tt0133093"},
        ),
    ],
)
def test_addresses_and_ids_are_found_in_text(text: bytes, kind: NfoKind | None, ids: dict[str, str]) -> None:
    assert read_nfo(text) == NfoFacts(kind=kind, ids=ids)


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE movie [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>
<movie><title>&c;</title><imdb>tt0133093</imdb></movie>"""
READER = b"""<!DOCTYPE movie [<!ENTITY f SYSTEM "file:///etc/passwd">]><movie><title>&f;</title></movie>"""


def test_entities_are_never_expanded() -> None:
    assert read_nfo(BOMB) == NfoFacts(ids={"imdb": "tt0133093"})
    assert read_nfo(READER) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"<",
        b"<movie",
        b"nothing of use",
        b"<html><body>x</body></html>",
        b"\x00\xff\xfe" * 50,
        b"<movie>" * 90_000,
    ],
)
def test_what_says_nothing_is_none(data: bytes) -> None:
    assert read_nfo(data) is None


def test_only_the_beginning_of_a_large_file_is_looked_at() -> None:
    assert read_nfo(b" " * 300_000 + b"tt0133093") is None


@given(
    st.binary(max_size=2000)
    | st.text(max_size=500).map(lambda text: f"<movie><title>{text}</title></movie>".encode("utf-8", "replace"))
)
def test_no_bytes_make_it_raise(data: bytes) -> None:
    read_nfo(data)


def test_a_films_nfo_is_believed_before_the_names() -> None:
    facts = read_nfo(MOVIE)
    assert facts is not None
    parsed = read("Films/grp-xyz.mkv", nfo=[facts])
    assert [(title.text, title.source, title.year) for title in parsed.titles][:2] == [
        ("Low Tide", "nfo", 1999),
        ("Ebbe", "nfo", 1999),
    ]
    assert (parsed.ids, parsed.type) == ({"imdb": "tt0133093", "tmdb": "603"}, ParsedType.MOVIE)


def test_an_episodes_nfo_gives_numbers_but_not_the_series_ids() -> None:
    episode, series = read_nfo(EPISODES), read_nfo(SERIES)
    assert episode is not None
    assert series is not None
    parsed = read("TV/Harbor/x.mkv", nfo=[episode, series])
    assert (parsed.seasons, parsed.episodes, parsed.type) == ((2,), (3, 4), ParsedType.EPISODE)
    assert parsed.ids == {"tmdb": "1396", "tvdb": "81189"}
    assert parsed.titles[0].text == "The Harbour"


def test_an_id_in_a_name_wins_over_an_nfo() -> None:
    facts = read_nfo(MOVIE)
    assert facts is not None
    assert read("Low Tide {tmdb-7}.mkv", nfo=[facts]).ids == {"imdb": "tt0133093", "tmdb": "7"}


def test_which_nfo_files_belong_to_a_file() -> None:
    assert nfo_names("Low Tide (1999).mkv", ["Films", "Low Tide (1999)"]) == (
        "Low Tide (1999).nfo",
        "movie.nfo",
        "tvshow.nfo",
        "../tvshow.nfo",
    )
    assert nfo_names("a.mkv") == ("a.nfo", "movie.nfo", "tvshow.nfo")
    assert nfo_names("a.mkv", ["TV", "The Harbour", "Season 1"])[-1] == "../../tvshow.nfo"
