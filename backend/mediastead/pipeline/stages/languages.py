"""Languages as media files name them, beside how discs do."""

from ..discs.languages import language as of_code
from ..discs.languages import names_of

_FORMER = {"iw": "he", "in": "id", "ji": "yi"}
"""Codes of 1988, which DVDs still carry."""


def language(said: str | None) -> str | None:
    """One name for a language: `de` for `ger`, `deu` and `de-AT`. None where nobody says."""
    first = (said or "").strip("\0 ").lower().replace("_", "-").split("-")[0]
    return of_code(_FORMER.get(first, first))


def long_code(said: str | None) -> str:
    """As Matroska keeps it: `ger`; `und` where nobody says."""
    names = names_of(language(said))
    return names.long if names is not None else "und"
