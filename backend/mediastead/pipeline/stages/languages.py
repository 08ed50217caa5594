"""Languages as media files name them, beside how discs do."""

from functools import cache

from babelfish import Error, Language  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType] - it has none

from ..discs.languages import language as of_code

_FORMER = {"iw": "he", "in": "id", "ji": "yi"}
"""Codes of 1988, which DVDs still carry."""


def language(said: str | None) -> str | None:
    """One name for a language: `de` for `ger`, `deu` and `de-AT`. None where nobody says."""
    first = (said or "").strip("\0 ").lower().replace("_", "-").split("-")[0]
    return of_code(_FORMER.get(first, first))


@cache
def long_code(said: str | None) -> str:
    """As Matroska keeps it: `ger`; `und` where nobody says."""
    short = language(said)
    if short is None:
        return "und"
    try:
        found = Language.fromcode(short, "alpha2") if len(short) == 2 else Language(short)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except (Error, ValueError):
        return "und"
    try:
        return str(found.alpha3b)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    except Error:
        return str(found.alpha3)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
