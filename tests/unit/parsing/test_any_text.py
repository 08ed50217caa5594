"""Whatever bytes a name is made of: no exception, the same answer each time, and a bounded time."""

import re
import time
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from mediastead.parsing import Guess, as_facts, as_line, names_to_guess, parse_path
from mediastead.parsing.guess import Span
from mediastead.parsing.text import clean
from mediastead.parsing.tidying import LONGEST_NAME

from .reading_paths import read, title_of

_words = st.sampled_from(
    [
        *(
            "Show",
            "Season",
            "S01E02",
            "1x02",
            "-",
            " - ",
            ".",
            "_",
            "[Group]",
            "(2010)",
            "[",
            "]",
            "(",
            ")",
            "{tmdb-1}",
        ),
        *(
            "Part 2",
            "CD1",
            "1080p",
            "sample",
            "Trailers",
            "/",
            "//",
            "é",
            "\u200f",
            "\ud800",
            "\udcff",
            "第2季",
            "E1-200",
        ),
        *("01-99", "2016-09-28", "9999", "www.a.com", "AKA", "S01", ".mkv", "  ", "~"),
    ]
)
_paths = st.lists(_words | st.text(max_size=6), max_size=14).map("".join) | st.text(max_size=300)
_spans = st.lists(
    st.builds(
        Span,
        st.sampled_from(
            [
                "title",
                "year",
                "season",
                "episode",
                "screen_size",
                "language",
                "release_group",
                "part",
                "edition",
                "alternative_title",
            ]
        ),
        st.just(2001),
        st.integers(0, 60),
        st.integers(0, 60),
    ),
    max_size=6,
)


@given(_paths, _spans)
@settings(max_examples=400, deadline=None)
def test_no_path_and_no_guess_make_it_raise_and_the_answer_is_always_the_same(path: str, spans: list[Span]) -> None:
    guessed = {name: Guess(type="episode", spans=tuple(spans)) for name in names_to_guess(path)}
    parsed = parse_path(path, guessed=guessed)
    assert parse_path(path, guessed=guessed) == parsed
    assert (parsed.problem is None) == bool(parsed.titles)
    assert parsed.confidence.keys() == parsed.sources.keys()
    assert all(0 < sure < 1 for sure in parsed.confidence.values())
    as_line(parsed, path)
    as_facts(parsed)


@given(_paths)
@settings(max_examples=200, deadline=None)
def test_guessit_only_ever_sees_short_names(path: str) -> None:
    assert all(0 < len(name) <= LONGEST_NAME for name in names_to_guess(path))


@given(st.text())
def test_cleaned_text_can_be_written_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean(cleaned) == cleaned


def test_very_long_names_take_a_bounded_time() -> None:
    for path in (
        "a" * 20_000,
        "S01E01-" * 3_000,
        "[" * 5_000,
        "1 - " * 5_000,
        "Show " * 4_000 + "- 01",
        "/".join(["Season 1"] * 2_000),
    ):
        started = time.thread_time()  # of this thread alone: what else the machine does does not count
        parse_path(path, guessed={})
        assert time.thread_time() - started < 1.0


def test_names_that_are_no_utf8_are_read_as_far_as_they_go() -> None:
    raw = "Films/Le Pacte d\udce9sert (2004).mkv"
    assert (read(raw).titles[0].text, read(raw).year) == ("Le Pacte d\ufffdsert", 2004)
    assert read("Films/Le Pacte d\ufffdsert (2004).mkv").year == 2004


def test_decomposed_letters_and_direction_marks_do_not_matter() -> None:
    assert title_of("Films/Cafe\u0301 am Meer (2004).mkv") == "Café am Meer"
    assert title_of("Films/\u200f\u202bLow\u200b Tide\u202c (2004).mkv") == "Low Tide"


def line_of(path: str) -> dict[str, object]:
    line = as_line(read(path), path)
    assert line.pop("name") == path
    assert (line["sources"].keys(), line["sources"].keys()) == (
        line.pop("confidence").keys(),
        line.pop("sources").keys(),
    )
    return line


def test_the_line_for_programs_leaves_out_what_is_not_said() -> None:
    assert line_of("Low Tide (1999).mkv") == {"type": "movie", "title": "Low Tide", "year": 1999}
    assert line_of("The Harbour S01E02 {tmdb-5}.mkv") == {
        "type": "episode",
        "title": "The Harbour",
        "season": 1,
        "episodes": [2],
        "ids": {"tmdb": "5"},
    }
    assert line_of("The Harbour S01-S03")["season"] == [1, 2, 3]
    assert line_of("Talk 2016-09-28.mkv")["air_date"] == "2016-09-28"
    assert line_of("[Quiet-Subs] Lantern - 012.mkv")["absolute_episodes"] == [12]


def test_people_are_told_where_each_field_was_read_and_how_sure_it_is() -> None:
    facts = as_facts(read("The Harbour (2010)/The Harbour - 1x02 - Low Tide.mkv"))
    assert re.fullmatch(r"The Harbour  \(the file's name, \d\d %\)", facts["title"])
    assert facts["season"].startswith("1  (written like 1x02, ")
    assert facts["year"].startswith("2010  (its folder's name, ")
