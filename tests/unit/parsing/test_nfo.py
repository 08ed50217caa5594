"""NFO files: Kodi's XML, addresses, and whatever else people put there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediastead.parsing import NfoFacts, NfoKind, ParsedType, holds_one_film, nfo_names, read_nfo
from mediastead.parsing.nfo import LARGEST_NFO

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
    assert [name.path for name in nfo_names("Low Tide (1999).mkv", ["Films", "Low Tide (1999)"])] == [
        "Low Tide (1999).nfo",
        "movie.nfo",
        "season.nfo",
        "../season.nfo",
        "tvshow.nfo",
        "../tvshow.nfo",
    ]
    assert [name.path for name in nfo_names("a.mkv")] == ["a.nfo", "movie.nfo", "season.nfo", "tvshow.nfo"]
    assert nfo_names("a.mkv", ["TV", "The Harbour", "Season 1"])[-1].path == "../../tvshow.nfo"
    assert [name.path for name in nfo_names("VIDEO_TS", ["Low Tide"])][:4] == [
        "VIDEO_TS.nfo",
        "VIDEO_TS/VIDEO_TS.nfo",
        "Low Tide.nfo",
        "movie.nfo",
    ]
    assert [name.path for name in nfo_names("x.mkv", ["F"]) if name.of_folder] == ["movie.nfo"]


@pytest.mark.parametrize(
    ("folder", "names", "one"),
    [
        ("Low Tide", ["x.mkv"], True),
        ("Low Tide (1999)", ["Low Tide.mkv", "Low Tide-trailer.mkv", "sample.mkv"], True),
        ("Low Tide (1999)", ["Low Tide CD1.avi", "Low Tide CD2.avi"], True),
        ("Low Tide (1999)", ["Low Tide (1999) - 4K.mkv", "Low Tide (1999) - Director's Cut.mkv"], True),
        ("Low Tide", ["Low Tide.mkv", "Low Tide Returns.mkv"], False),
        ("Films", ["Low Tide (1999).mkv", "The Anchor (2001).mkv"], False),
        ("Collection (1999)", ["Low Tide.mkv", "The Anchor.mkv"], False),
        ("", ["Low Tide.mkv", "The Anchor.mkv"], False),
    ],
)
def test_a_folder_holds_one_film_or_several(folder: str, names: list[str], one: bool) -> None:
    assert holds_one_film(folder, names) is one


def test_the_bare_id_is_that_of_the_default_uniqueid() -> None:
    """Kodi repeats the default there; read as TVDB's it would name another series."""
    kodi = b'<tvshow><id>1396</id><uniqueid type="tmdb" default="true">1396</uniqueid></tvshow>'
    assert read_nfo(kodi) == NfoFacts(kind=NfoKind.SERIES, ids={"tmdb": "1396"})
    undefined = b'<tvshow><id>7</id><uniqueid type="anidb" default="true">7</uniqueid></tvshow>'
    assert read_nfo(undefined) == NfoFacts(kind=NfoKind.SERIES, ids={})
    emby = b'<tvshow><id TMDB="1396" IMDB="tt0903747">81189</id></tvshow>'
    assert read_nfo(emby) == NfoFacts(kind=NfoKind.SERIES, ids={"tmdb": "1396", "imdb": "tt0903747", "tvdb": "81189"})


def test_an_address_behind_the_xml_completes_its_ids() -> None:
    said = read_nfo(b"<movie><title>Low Tide</title></movie>\nhttps://www.themoviedb.org/movie/603")
    assert said == NfoFacts(kind=NfoKind.MOVIE, ids={"tmdb": "603"}, title="Low Tide")
    other_kind = read_nfo(b"<movie><title>Low Tide</title></movie>\nhttps://www.themoviedb.org/tv/1396")
    assert other_kind == NfoFacts(kind=NfoKind.MOVIE, ids={}, title="Low Tide")


def test_a_run_of_episodes_is_read_as_jellyfin_writes_it() -> None:
    text = b"<episodedetails><season>2</season><episode>3</episode><episodenumberend>%d</episodenumberend></episodedetails>"
    assert getattr(read_nfo(text % 5), "episodes", None) == (3, 4, 5)
    assert getattr(read_nfo(text % 99999), "episodes", None) == (3,)


def test_a_seasons_nfo_gives_the_season_and_not_a_title() -> None:
    season = read_nfo(b"<season><title>The Winter</title><seasonnumber>4</seasonnumber><tvdbid>99</tvdbid></season>")
    assert season is not None
    parsed = read("The Harbour/The Winter/Episode 3.mkv", nfo=[season])
    assert (parsed.seasons, parsed.episodes, parsed.ids) == ((4,), (3,), {})
    assert "The Winter" not in [title.text for title in parsed.titles if title.source == "nfo"]


@pytest.mark.parametrize(
    "data",
    [
        "<movie><title>Überfahrt</title></movie>".encode("utf-8-sig"),
        "<movie><title>Überfahrt</title></movie>".encode("utf-16"),
        '<?xml version="1.0" encoding="UTF-16"?><movie><title>Überfahrt</title></movie>'.encode("utf-16-le"),
        '<?xml version="1.0" encoding="ISO-8859-1"?><movie><title>Überfahrt</title></movie>'.encode("latin-1"),
        '<?xml version="1.0" encoding="cp850"?><movie><title>Überfahrt</title></movie>'.encode("cp850"),
        "<?xml version='1.0' encoding='nonsense'?><movie><title>Überfahrt</title></movie>".encode("cp1252"),
    ],
)
def test_encodings_are_told_apart(data: bytes) -> None:
    assert read_nfo(data) == NfoFacts(kind=NfoKind.MOVIE, ids={}, title="Überfahrt")


def test_a_character_that_is_cut_in_two_spoils_nothing() -> None:
    text = "<movie><title>Überfahrt</title></movie>".encode()
    data = text + b" " * (LARGEST_NFO - len(text) - 1) + "Ü".encode()
    assert read_nfo(data) == NfoFacts(kind=NfoKind.MOVIE, ids={}, title="Überfahrt")
