"""How the numbers in names turn into the provider's, where a series is counted in another way than the provider counts it."""

from msgspec import Struct

from .decision import EpisodeNumber


class Said(Struct, frozen=True, order=True):
    """A number as a name says it."""

    season: int | None
    """None where the name gives a number alone, or one that is counted through all seasons."""
    number: int


class Shift(Struct, frozen=True, forbid_unknown_fields=True):
    """All numbers that are said of one season, moved to one season of the provider."""

    season: int | None
    """As said in the names; None for numbers without a season."""
    to_season: int
    add: int
    """What is added to a said number; may be negative."""


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """One said number and what it is."""

    season: int | None
    number: int
    to: tuple[EpisodeNumber, ...]
    """In the provider's numbers; several where one file holds what the provider counts as several."""


class Renumbering(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows first, then shifts; what neither of them tells is taken as it is said."""

    shifts: tuple[Shift, ...] = ()
    rows: tuple[Row, ...] = ()
