"""Who reads the same, how sure that makes a field, and what the second parser adds."""

from mediastead.parsing import Guess
from mediastead.parsing.agreement import votes_on
from mediastead.parsing.confidence import Origin, confidence_in, keys_of
from mediastead.parsing.guess import Span
from mediastead.parsing.paths import parse_path
from mediastead.parsing.second import Second, second_reading

from .reading_paths import read


def test_the_second_parser_gives_plain_values() -> None:
    assert second_reading("The.Harbour.S01E02-E03.720p") == Second(title="The Harbour", seasons=(1,), episodes=(2, 3))
    assert second_reading("Low.Tide.1999.1080p") == Second(title="Low Tide", year=1999)
    said = second_reading("Evening.Talk.2016.09.28.720p")
    assert said is not None and said.air_date == "2016-09-28"


def test_votes_count_who_reads_the_same() -> None:
    spans = (Span("title", "Low Tide", 0, 8), Span("episode", 3, 9, 11))
    guess = Guess(type="episode", spans=spans, second=Second(title="low tide", seasons=(1,), episodes=(3,)))
    votes = votes_on(guess, title="Low Tide!", year=None, seasons=(1,), episodes=(3,), air_date=None)
    assert (votes.title, votes.numbers, votes.year, votes.type) == (2, 1, 2, 2)


def test_a_field_that_nobody_else_reads_so_is_less_sure() -> None:
    for field in ("title", "numbers", "year"):
        alone, agreed = (confidence_in(field, Origin("any rule", votes)) for votes in (0, 2))
        assert alone < agreed


def test_the_most_particular_figure_counts() -> None:
    assert keys_of("seasons", Origin("1x02", 2)) == ("numbers | 1x02 | 2", "numbers | 2", "numbers")
    assert keys_of("edition", Origin("braces")) == ("edition | braces", "edition", "edition")


def test_the_second_reading_of_a_title_is_offered_where_nobody_reads_ours() -> None:
    def titles(second: str) -> list[tuple[str, str]]:
        guess = Guess(type="movie", spans=(Span("title", "x", 0, 8),), second=Second(title=second))
        return [(title.text, title.source) for title in parse_path("Low Tide.mkv", guessed={"Low Tide": guess}).titles]

    assert titles("Ebb") == [("Low Tide", "file"), ("Ebb", "second")]
    assert titles("low.tide") == [("Low Tide", "file")]


def test_every_field_says_where_it_was_read_and_how_sure_it_is() -> None:
    parsed = read("The Harbour (2010) {tvdb-5}/Season 1/The Harbour - 1x02 - Low Tide {edition-Extended}.mkv")
    assert parsed.sources == {
        "type": "numbers",
        "title": "file",
        "year": "folder",
        "seasons": "1x02",
        "episodes": "1x02",
        "episode_title": "file",
        "edition": "braces",
        "ids": "name",
    }
    assert parsed.confidence.keys() == parsed.sources.keys()
