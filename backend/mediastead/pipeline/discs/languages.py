"""Languages as discs and tools write them, in the way that the rest of the application does."""

from functools import cache
from typing import Any, NamedTuple

from babelfish import Error, Language  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType] - it has none

_LANGUAGE: Any = Language


class Names(NamedTuple):
    """What a language is called."""

    tag: str
    """`de`, or `gsw` where there is none of two letters: what BCP 47 says."""
    long: str
    """`ger`: the bibliographic code of ISO 639-2, or that of three letters where there is no other."""


def language(code: str | None) -> str | None:
    """`en` of `en`, `eng`; `de` of `ger` and `deu`. None where it is none, as `xx`, `und` and `\\0\\0`."""
    names = names_of(code)
    return names.tag if names is not None else None


@cache
def names_of(code: str | None) -> Names | None:
    """By a code of two or three letters; None where it is none."""
    code = (code or "").strip("\0 ").lower()
    if code in ("und", "zxx"):
        return None
    for way in {2: ("alpha2",), 3: ("alpha3t", "alpha3b")}.get(len(code), ()):
        try:
            found = _LANGUAGE.fromcode(code, way)
        except (Error, ValueError):
            continue
        return Names(_named(found, "alpha2"), _named(found, "alpha3b"))
    return None


def _named(found: Any, way: str) -> str:
    try:
        return str(getattr(found, way))
    except (Error, ValueError):
        return str(found.alpha3)
