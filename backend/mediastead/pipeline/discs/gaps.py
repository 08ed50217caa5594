"""How many episodes probably lie between two discs, before the first and after the last: what the numbers of the discs tell."""

import math
from collections.abc import Callable, Sequence

from msgspec import Struct


class Place(Struct, frozen=True):
    """A disc, in the row of those that were read."""

    number: int | None
    episodes: int
    """How many it seems to hold."""


def before(places: Sequence[Place], at: int, count: int, of: int | None) -> Callable[[int, int], float]:
    """How probable it is that so many episodes (of so many that are left) lie before this disc and after the one before it."""
    place = places[at]
    former = places[at - 1] if at else Place(0, 0)
    if place.number is None or former.number is None:
        return _somewhere(place, first=at == 0)
    missing = place.number - former.number - 1
    if missing <= 0:
        return _next
    each = count / of if of and of > 1 else sum(one.episodes for one in places) / len(places)
    expected, spread = missing * each, 0.5 + 0.3 * missing

    def after_missing(gap: int, left: int) -> float:
        total = sum(math.exp(-abs(other - expected) / spread) for other in range(left + 1))
        return math.exp(-abs(gap - expected) / spread) / total if total else 1.0

    return after_missing


def after_the_last(places: Sequence[Place], of: int | None, *, open_end: bool) -> Callable[[int], float]:
    """How probable it is that so many episodes come after the last disc. `open_end`: nobody knows how many there are."""
    last = places[-1] if places else None
    if open_end or last is None:
        return lambda _: 1.0
    if of is not None and last.number == of:
        return lambda left: 0.93 if left == 0 else 0.07 * 0.5**left
    usual = max(1, last.episodes)
    # A disc more has about as many as this one; hardly ever one alone.
    return lambda left: 1.0 if left == 0 or left >= usual - 1 else 0.25


def _next(gap: int, _: int) -> float:
    """Next to the disc before; an episode that was taken for an extra there may lie between."""
    return 0.955 if gap == 0 else 0.03 if gap == 1 else 0.01 * 0.4 ** (gap - 2) + 1e-7


def _somewhere(place: Place, *, first: bool) -> Callable[[int, int], float]:
    """Of a disc without a number: probably the first, or the next one, or one that begins where such discs would."""
    share = 0.45 if first else 0.7

    def weight(gap: int) -> float:
        return 3.0 if gap % max(1, place.episodes) == 0 else 1.0

    def unknown(gap: int, left: int) -> float:
        if gap == 0:
            return share
        return (1 - share) * weight(gap) / sum(weight(other) for other in range(1, left + 1))

    return unknown
