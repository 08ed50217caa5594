"""Cursors and pages."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediastead.http.errors import InvalidCursor
from mediastead.http.paging import LARGEST_INTEGER, decode_cursor, encode_cursor, page_of


def test_a_cursor_gives_its_values_back() -> None:
    moment = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
    assert decode_cursor(encode_cursor(["ä b", 7, moment]), str, int, datetime) == ("ä b", 7, moment)
    assert decode_cursor(encode_cursor([None, b"\xff\x00"]), int | None, bytes) == (None, b"\xff\x00")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.integers(0, LARGEST_INTEGER))
def test_any_sort_key_survives_a_cursor_that_fits_into_an_address(text: str, number: int) -> None:
    cursor = encode_cursor([text, number])
    assert all(c.isalnum() or c in "-_" for c in cursor)
    assert decode_cursor(cursor, str, int) == (text, number)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "é",
        "a",
        encode_cursor([]),
        encode_cursor([1, 2]),
        encode_cursor(["1"]),
        encode_cursor([True]),
        encode_cursor([None]),
        encode_cursor([LARGEST_INTEGER + 1]),
        "WyJcdWQ4MDAiXQ",
        "[" * 5000,
    ],
)
def test_what_no_page_gave_is_no_cursor(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor(cursor, int)


def test_text_that_no_column_holds_is_no_cursor() -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor(encode_cursor(["a\0b"]), str)


@given(st.text())
def test_garbage_is_refused_and_raises_nothing_else(text: str) -> None:
    try:
        decode_cursor(text, str, int)
    except InvalidCursor:
        return


def test_a_page_has_a_next_one_only_where_there_is_more() -> None:
    assert page_of([1, 2, 3], 3, lambda row: (row,)).next is None
    page = page_of([1, 2, 3, 4], 3, lambda row: (row,))
    assert page.items == [1, 2, 3]
    assert page.next is not None and decode_cursor(page.next, int) == (3,)
    nothing: list[int] = []
    assert page_of(nothing, 3, lambda row: (row,)).next is None
