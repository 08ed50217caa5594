"""What the contenders for one file say about one another."""

import math
from collections.abc import Collection

from msgspec import Struct

from ..metadata.facts import Candidate, ItemType
from .names import Reading
from .titles import FIT_ORDER, Fit, compare
from .weighing import Feature

BESIDE = 2
"""Years by which people are off at most, where another title of the name is as near."""

OBSCURE = 20
"""People that rated a film at most, so that it is not thought of where another has its name."""

FAMOUS = 100
"""By so much is another better known, at least."""


class Standing(Struct, frozen=True):
    """A contender as its rivals see it."""

    candidate: Candidate
    fit: Fit
    reading: Reading | None
    """The one that fits it best."""
    by_id: bool
    """Whether an id in the name led to it."""

    @property
    def is_shortened(self) -> bool:
        """Whether it only fits what is left of the name without some of its words."""
        return self.reading is not None and self.reading.shortened

    @property
    def is_called_so(self) -> bool:
        return FIT_ORDER[self.fit] <= FIT_ORDER[Fit.LOOSE]


def of_rivals(one: Standing, others: Collection[Standing], own: Reading | None) -> list[Feature]:
    """What takes from one contender because of what the others are; `own` is how the file itself is called (`own_name`)."""
    found: list[Feature] = []
    better = Fit.EXACT if one.fit is Fit.LOOSE else Fit.LOOSE
    if one.fit is not Fit.EXACT and any(
        FIT_ORDER[other.fit] <= FIT_ORDER[better] and (one.is_shortened or not other.is_shortened) for other in others
    ):
        found.append(Feature("title.outdone", 1.0, "another title fits better"))
    if known := _better_known(one, others):
        by = math.log10(known.vote_count / max(1, one.candidate.vote_count))
        found.append(
            Feature("title.obscure", by, f"{known.vote_count} people rated another of this name, {known.year}")
        )
    if near := _as_near(one, others):
        found.append(Feature("year.contested", 1.0, f"another of this name, of {near}, is as near or nearly"))
    if own and not one.by_id and says_another(own, one.candidate):
        named = [other for other in others if compare(own.text, other.candidate.title).fit is Fit.EXACT]
        if named:
            found.append(Feature("reading.another", 1.0, f'the file itself is called "{named[0].candidate.title}"'))
    return found


def says_another(own: Reading, candidate: Candidate) -> bool:
    """Whether how the file itself is called has nothing to do with a title."""
    titles = (candidate.title, candidate.original_title or candidate.title)
    return all(compare(own.text, title).fit is Fit.OTHER for title in titles)


def _better_known(one: Standing, others: Collection[Standing]) -> Candidate | None:
    """A film of the same name that is known so much better that who means the other says its year.

    Both must be films, as few people rate series. What is popular right now may be new, and rated by few for that.
    """
    film = one.candidate
    if film.type is not ItemType.MOVIE or film.vote_count >= OBSCURE or one.by_id or not one.is_called_so:
        return None
    fitting = [
        other.candidate
        for other in others
        if other.candidate.type is ItemType.MOVIE
        and FIT_ORDER[other.fit] <= FIT_ORDER[one.fit]
        and other.candidate.vote_count >= FAMOUS * max(1, film.vote_count)
        and other.candidate.popularity >= film.popularity
        and not _is_farther(other.candidate, film, one.reading)
    ]
    return max(fitting, key=lambda other: other.vote_count, default=None)


def _is_farther(other: Candidate, film: Candidate, reading: Reading | None) -> bool:
    """Whether the year that the name says speaks for `film`."""
    said = reading.year if reading else None
    if said is None or film.year is None:
        return False
    return other.year is None or abs(other.year - said) > abs(film.year - said)


def _as_near(one: Standing, others: Collection[Standing]) -> int | None:
    """The year of a namesake that the year in the name, a little wrong, could mean as well."""
    said = one.reading.year if one.reading else None
    if said is None or one.candidate.year is None or abs(said - one.candidate.year) != 1 or not one.is_called_so:
        return None
    years = [other.candidate.year for other in others if other.is_called_so and other.candidate.year]
    near = [year for year in years if abs(year - said) <= BESIDE]
    return min(near, key=lambda year: (abs(year - said), year), default=None)
