"""What guessit and the second parser say about one name, as plain values that travel between processes."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, cast

from msgspec import Struct

from .second import Second, second_reading

PARSER_VERSION = f"guessit {version('guessit')}, parsett {version('parsett')}, rules 9"
"""Whatever keeps a guess or a parsed path keeps this beside it; the number rises when the rules read names otherwise."""


class Span(Struct, frozen=True, array_like=True):
    """One property that guessit found: its name there (`title`, `screen_size`, ...), value, and where it stands."""

    name: str
    value: int | str
    start: int
    end: int


class Guess(Struct, frozen=True, array_like=True):
    """guessit's reading of one name. With `problem` (`timeout`, `too_long`, `crashed`) there are no spans."""

    type: str = ""
    """`movie` or `episode`, by guessit's own judgement."""
    spans: tuple[Span, ...] = ()
    """In the order of their position."""
    problem: str | None = None
    second: Second | None = None
    """The second parser's reading of the same name."""


Guessed = Mapping[str, Guess]
"""What guessit says, by the name it was asked about (`names_to_guess` gives the names of a path)."""


def guess_name(name: str) -> Guess:
    """Asks guessit and the second parser, in this process: milliseconds for a usual name, without bound for a long one.
    Call it in a worker.

    No type is forced: the forced type invents seasons for films and films for episodes.
    """
    from guessit import guessit  # type: ignore[import-untyped]  # 0.5 s to import, and only workers need it

    found: Any = guessit(name, {"advanced": True})
    spans: set[tuple[int, int, str, int | str]] = set()
    kind = ""
    for prop, value in found.items():
        matches = cast(list[Any], value if isinstance(value, list) else [value])
        for match in matches:
            if prop == "type":
                kind = str(match.value)
            else:
                spans.add(
                    (match.start, match.end, prop, match.value if isinstance(match.value, int) else str(match.value))
                )
    ordered = sorted(spans, key=lambda span: (span[0], -span[1], span[2], str(span[3])))
    return Guess(
        kind,
        tuple(Span(prop, value, start, end) for start, end, prop, value in ordered),
        second=second_reading(name),
    )
