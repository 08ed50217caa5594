"""How sure a field is: the share of right readings among labelled names where the same rule read it and as many agreed."""

from typing import NamedTuple

from .measured import MEASURED

GROUPS = {
    "seasons": "numbers",
    "episodes": "numbers",
    "absolute_episodes": "numbers",
    "air_date": "numbers",
}
"""Numbers are right together or not at all, so they share one figure."""

NEVER_MEASURED = 0.9
"""For a field that no labelled name says."""


class Origin(NamedTuple):
    """Where one field of a path was read."""

    source: str
    """The rule, parser or place, in words that can be shown."""
    votes: int | None = None
    """How many others read the same (the two parsers; for a title the folder as well); None where nobody else was asked."""


def keys_of(field: str, origin: Origin) -> tuple[str, ...]:
    """The rows of the table that speak for it, the most particular first: `numbers | 1x02 | 2`, `numbers | 2`, `numbers`."""
    group = GROUPS.get(field, field)
    votes = "" if origin.votes is None else f" | {origin.votes}"
    return f"{group} | {origin.source}{votes}", f"{group}{votes}", group


def confidence_in(field: str, origin: Origin) -> float:
    """The probability that the field is right."""
    return next((MEASURED[key] for key in keys_of(field, origin) if key in MEASURED), NEVER_MEASURED)
