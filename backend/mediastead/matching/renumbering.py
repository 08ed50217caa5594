"""How the numbers in names turn into the provider's, where a series is counted in another way than the provider counts it."""

from collections.abc import Sequence

from msgspec import Struct

from ..metadata.facts import OrderedPart
from .decision import EpisodeNumber

SHOWN_ROWS = 5
"""Of a table, in words."""


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


class Example(Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """What a person said of one number, from which those of the files beside it follow (`following`)."""

    season: int | None
    """As said in the name; None for a number without a season."""
    number: int
    to: EpisodeNumber

    @property
    def add(self) -> int:
        return self.to.number - self.number


class Renumbering(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows first, then shifts, then what follows from examples; what none of them tells is taken as it is said."""

    shifts: tuple[Shift, ...] = ()
    rows: tuple[Row, ...] = ()
    examples: tuple[Example, ...] = ()

    def places_of(self, said: Said) -> tuple[EpisodeNumber, ...] | None:
        """What a said number is; None where nothing is told about it.

        A shift that leads below 0 tells nothing: no series has such an episode.
        """
        for row in self.rows:
            if row.season == said.season and row.number == said.number:
                return row.to
        for shift in self.shifts:
            if shift.season == said.season and said.number + shift.add >= 0:
                return (EpisodeNumber(shift.to_season, said.number + shift.add),)
        return None

    def is_taken(self, place: EpisodeNumber) -> bool:
        """Whether a row says that another number of a season is this episode, so that it can hardly be meant by its own."""
        return any(place in row.to for row in self.rows if row.season is not None)

    def in_words(self) -> str:
        """`season 2 counts in season 1, 13 added; a table of 2 numbers: S03E01 is S01E27, ...`, for people."""
        words = [
            f"{_season(shift.season)} counts in season {shift.to_season}"
            + (f", {shift.add} added" if shift.add > 0 else f", {-shift.add} taken off" if shift.add else "")
            for shift in self.shifts
        ]
        if self.rows:
            some = [f"{_number(row)} is {' '.join(map(_place, row.to))}" for row in self.rows[:SHOWN_ROWS]]
            more = ["..."] if len(self.rows) > SHOWN_ROWS else []
            words.append(f"a table of {len(self.rows)} numbers: {', '.join(some + more)}")
        if self.examples:
            some = [f"{_number(each)} is {_place(each.to)}" for each in self.examples[:SHOWN_ROWS]]
            more = ["..."] if len(self.examples) > SHOWN_ROWS else []
            words.append(f"{', '.join(some + more)}, and the numbers of the files beside it follow")
        return "; ".join(words)


def _season(season: int | None) -> str:
    return "a number alone" if season is None else f"season {season}"


def _number(row: Row | Example) -> str:
    return f"{row.number}" if row.season is None else _place(EpisodeNumber(row.season, row.number))


def _place(at: EpisodeNumber) -> str:
    return f"S{at.season:02}E{at.number:02}"


class Recount(Struct, frozen=True):
    """A renumbering, and whose word it is."""

    renumbering: Renumbering
    by: str
    """In words: `by your answer`, `by the order that you chose`."""


def renumbering_of(parts: Sequence[OrderedPart]) -> Renumbering:
    """What the numbers in names mean that count by another order: the place of a part is the season, the place of an episode
    in it, from 1 on, its number. Numbers without a season are counted through the parts, specials left out.

    Specials are parts whose episodes are all of the provider's season 0; they are season 0 here as well. Where the first
    of the other parts has place 0, as some lists on TMDB begin, all of them count one higher.
    """
    ordered = sorted((part for part in parts if part.episodes), key=lambda part: part.order)
    specials = [part for part in ordered if all(each.season == 0 for each in part.episodes)]
    regular = [part for part in ordered if part not in specials]
    from_one = 0 if all(part.order > 0 for part in regular) else 1
    counted: dict[int | None, list[EpisodeNumber]] = {None: []}
    for part in specials:
        counted.setdefault(0, []).extend(_in_order(part))
    for part in regular:
        for season in (part.order + from_one, None):
            counted.setdefault(season, []).extend(_in_order(part))
    rows = [Row(season, number, (at,)) for season, places in counted.items() for number, at in enumerate(places, 1)]
    return Renumbering(rows=tuple(row for row in rows if not _says_the_same(row)))


def _in_order(part: OrderedPart) -> list[EpisodeNumber]:
    return [EpisodeNumber(each.season, each.number) for each in sorted(part.episodes, key=lambda each: each.order)]


def _says_the_same(row: Row) -> bool:
    return row.season is not None and row.to == (EpisodeNumber(row.season, row.number),)
