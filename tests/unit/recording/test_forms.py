"""What a record looks like, and that it reads back as what it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from mediastead.catalog.types import ItemType
from mediastead.files.types import RecordForm, Role
from mediastead.matching.decision import EpisodeNumber, Neighbour, Recorded, RejectedBefore
from mediastead.parsing.nfo import NfoKind, read_nfo
from mediastead.recording.nfo_form import is_ours, nfo_name, record_in, written
from mediastead.recording.record import LARGEST_ATTRIBUTE, LARGEST_IN_NFO, TooLarge, decoded, encoded

from .making import AT, FILM, SERIES, episodes, film, record

FORMS = [RecordForm.NFO, RecordForm.XATTR]


NOT_THESE = (
    RejectedBefore(type=ItemType.MOVIE, tmdb_id=604, title="The Ebb", year=2003, by="anna", at=AT),
    RejectedBefore(
        type=ItemType.SERIES, tmdb_id=1396, title="The Harbour", episodes=(EpisodeNumber(1, 2),), by="anna", at=AT
    ),
)
HEARD = (Neighbour(type=ItemType.SERIES, tmdb_id=1396, share=0.9, count=3),)


def test_a_films_nfo_is_one_that_kodi_reads() -> None:
    facts = read_nfo(written(record(film()), FILM))
    assert facts is not None
    assert (facts.kind, facts.title, facts.original_title, facts.year) == (NfoKind.MOVIE, FILM.title, "Ebbe", 1999)
    assert facts.ids == {"tmdb": "603", "imdb": "tt0133093"}


def test_a_file_of_two_episodes_has_an_nfo_of_two_elements() -> None:
    content = written(record(episodes()), SERIES)
    facts = read_nfo(content)
    assert facts is not None
    assert (facts.kind, facts.show_title, facts.season, facts.episodes) == (
        NfoKind.EPISODE,
        "The Harbour",
        2,
        (3, 4),
    )
    assert content.count(b"<episodedetails>") == 2
    assert b"<aired>2011-02-03</aired>" in content


@pytest.mark.parametrize("said", [film(role=Role.EXTRA), film(role=Role.SAMPLE), film(dismissed=True, role=None)])
def test_an_extra_or_dismissed_file_is_no_title_to_other_programs(said: object) -> None:
    content = written(record(said), FILM)  # pyright: ignore[reportArgumentType] - parametrized
    assert read_nfo(content) is None
    assert (record_in(content) or record(film())).said == said


@pytest.mark.parametrize(
    "said",
    [
        film(),
        episodes(),
        film(part=2, edition="Director's Cut <&> ]]> \x07 \U0001f600", by="é <b>"),
        film(dismissed=True, type=None, tmdb_id=None, title=None, year=None, role=None),
        film(tmdb_id=None, made_at=AT, title='"&" ]]> --> \ufffe'),
        film(by="scan", by_person=False, probability=0.987, neighbours=HEARD, rejected=NOT_THESE),
        Recorded(by="anna", by_person=True, at=AT, rejected=NOT_THESE),
    ],
)
def test_both_forms_read_back_as_what_they_were(said: object) -> None:
    made = record(said, 'a <b> & "c".mkv')  # pyright: ignore[reportArgumentType] - parametrized
    from_nfo = record_in(written(made, FILM))
    from_attribute = decoded(encoded(made, LARGEST_ATTRIBUTE), RecordForm.XATTR)
    assert from_nfo is not None
    assert from_attribute is not None
    assert from_nfo == made
    assert (from_attribute.file, from_attribute.said.form) == (made.file, RecordForm.XATTR)
    assert written(made, FILM) == written(made, FILM)


def test_an_edited_nfo_is_no_longer_ours() -> None:
    content = written(record(film()), FILM)
    assert is_ours(content)
    assert not is_ours(content.replace(b"1999", b"1998", 1))
    assert not is_ours(content + b" ")
    assert not is_ours(content.replace(b"anna", b"anne"))
    assert record_in(content.replace(b'"tmdb_id":603', b'"tmdb_id":604')) is None
    assert not is_ours(b"<movie><title>Low Tide</title></movie>")
    assert not is_ours(content + b" " * 200_000)


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_no_bytes_make_reading_raise(content: bytes) -> None:
    assert record_in(content) is None
    assert decoded(content, RecordForm.XATTR) is None


@pytest.mark.parametrize(
    "change",
    [
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":0'),
        (b"603", b"-1"),
        (b"603", b"99999999999999999999"),
        (b'"movie"', b'"opera"'),
        (b'"at":"2026-05-01T12:30:00Z"', b'"at":"2026-05-01T12:30:00"'),
        (b'"by":', b'"bye":'),
        (b'"tmdb_id":603,', b""),
        (b'"tmdb_id":604,', b'"tmdb_id":0,'),
        (b'"title":"The Ebb"', b'"title":""'),
    ],
)
def test_a_record_that_says_nonsense_is_none(change: tuple[bytes, bytes]) -> None:
    content = encoded(record(film(rejected=NOT_THESE)), LARGEST_ATTRIBUTE)
    assert decoded(content, RecordForm.XATTR) is not None
    assert change[0] in content
    assert decoded(content.replace(*change), RecordForm.XATTR) is None


def test_a_record_that_says_nothing_is_none() -> None:
    nothing = record(Recorded(by="anna", by_person=True, at=AT))
    assert decoded(encoded(nothing, LARGEST_ATTRIBUTE), RecordForm.XATTR) is None


def test_a_record_that_is_too_large_loses_words_before_numbers() -> None:
    long = film(title="x" * 5000, edition="y" * 100, by="z" * 3000)
    content = encoded(record(long, "n" * 255), LARGEST_ATTRIBUTE)
    back = decoded(content, RecordForm.XATTR)
    assert back is not None
    assert len(content) <= LARGEST_ATTRIBUTE
    assert (back.said.tmdb_id, back.said.title) == (603, "x" * 60)
    rejected = tuple(structs.replace(NOT_THESE[0], title="t" * 300, tmdb_id=number) for number in range(1, 21))
    shorter = decoded(encoded(record(film(rejected=rejected)), LARGEST_ATTRIBUTE), RecordForm.XATTR)
    assert shorter is not None
    assert [each.tmdb_id for each in shorter.said.rejected] == list(range(1, 21))
    many = film(type=ItemType.SERIES, episodes=tuple(EpisodeNumber(1, number) for number in range(500)))
    with pytest.raises(TooLarge):
        encoded(record(many), LARGEST_ATTRIBUTE)
    assert len(encoded(record(many), LARGEST_IN_NFO)) > LARGEST_ATTRIBUTE


def test_a_record_is_about_a_renamed_or_a_changed_file_but_not_about_another() -> None:
    made = record(film(), "a.mkv", 100)
    assert made.is_about("b.mkv", 100)
    assert made.is_about("a.mkv", 200)
    assert not made.is_about("b.mkv", 200)
    assert not record(film(), "a.mkv", 0).is_about("b.mkv", 0)


def test_the_nfo_has_the_files_name() -> None:
    assert nfo_name(b"Low.Tide.1999.mkv") == b"Low.Tide.1999.nfo"
    assert nfo_name(b"Low Tide \xff.avi") == b"Low Tide \xff.nfo"
    assert nfo_name(b"VIDEO_TS") == b"VIDEO_TS.nfo"
