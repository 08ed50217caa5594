"""Names that Windows, macOS and Linux all take."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediastead.organizing.safe import cut, safe_name, safe_value


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Mission: Impossible", "Mission - Impossible"),
        ("2:22", "2-22"),
        ("Face/Off", "Face-Off"),
        ("Fahrenheit 9/11: Facts", "Fahrenheit 9-11 - Facts"),
        ("Original / Translated", "Original - Translated"),
        ("What's Up, Doc?", "What's Up, Doc"),
        ('"Weird Al"', "'Weird Al'"),
        ("M*A*S*H", "MASH"),
        ("...And Justice", "And Justice"),
        ("Mr. & Mrs.", "Mr. & Mrs"),
        ("Con", "Con_"),
        ("con.tact", "con_.tact"),
        ("Contact", "Contact"),
        ("LPT1", "LPT1_"),
        ("Nul ", "Nul_"),
        ("a\nb\tc\0d", "a b c d"),
        ("\u202egnp.exe", "gnp.exe"),
        ("..", ""),
        ("???", ""),
        ("Ame\u0301lie", "Amélie"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
    ],
)
def test_a_title_becomes_a_name_that_can_be_read(title: str, expected: str) -> None:
    assert safe_name(title) == expected


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_a_safe_name_is_one_whatever_went_in(text: str) -> None:
    name = safe_name(text)
    assert not set(name) & set('<>:"/\\|?*')
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in name)
    assert name == name.strip(" .")
    assert safe_name(name) == name
    assert unicodedata.is_normalized("NFC", name)
    name.encode()


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8")), st.integers(0, 40))
def test_a_cut_text_fits_and_is_the_beginning_of_the_whole(text: str, size: int) -> None:
    short = cut(text, size)
    assert len(short.encode()) <= size or short == text
    assert text.startswith(short)


def test_a_cut_never_takes_an_accent_from_its_letter() -> None:
    assert cut("cafe\u0301", 5) == "caf"
    assert safe_value(cut("x" * 9 + " - y", 11)) == "x" * 9
