"""Puts what was read of the discs of a season into numbers for `sequence.py`, at each speed at which they may play."""

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from .facts import TitleFacts
from .gaps import Place, after_the_last, before
from .likelihood import (
    LONGEST_RUN,
    EpisodeKnown,
    Looks,
    SeasonKnown,
    are_one,
    lengths_of,
    looks_of,
    of_extra,
    of_length,
    of_looks,
    speeds_of,
    typical_minutes,
)
from .sequence import Block, Cell, Laid, Move, Outcome, lay

SKIPPED = 0.003
"""How often an episode of a season is on none of its discs, between others that are."""
EXTRA = 0.3
"""How many of the longer titles of such discs are extras."""
DOUBLE, DOUBLE_BY_NAME = 0.02, 0.35
"""How often two episodes are one title: in general, and where their names say that they are two halves."""
RUN = 0.002
"""How often three and more are, where other titles are beside them."""
HALF = 0.003
"""How often one episode is two titles."""


class Titles(Struct, frozen=True, kw_only=True):
    """The titles of a disc that are episodes or extras, in the order in which the episodes probably are."""

    number: int | None
    titles: Sequence[TitleFacts]
    inside: frozenset[int] = frozenset()
    """Titles that a play-all plays."""
    in_order: bool = False
    """A play-all says in which order they are."""
    fixed: Mapping[int, tuple[int, ...]] = {}
    """Places in the season, by title: what is not to be doubted."""
    copied_at: Sequence[tuple[int, int]] = ()
    """(index in `titles`, index at which a copy of it stands): the copy may be the one to go by."""


def lay_season(discs: Sequence[Titles], season: SeasonKnown, *, of: int | None, open_end: bool) -> Laid:
    """By disc, in the order in which they are given. A disc without a number is tried wherever a disc is missing."""
    typical = typical_minutes([title.duration for disc in discs for title in disc.titles])
    lengths = lengths_of(season, typical)
    row = sorted((at for at, disc in enumerate(discs) if disc.number is not None), key=lambda at: discs[at].number or 0)
    found = [(0.0, _lay_row(discs, row, season, lengths, typical, of, open_end))]
    for at, disc in enumerate(discs):
        if disc.number is None:
            rows = _rows_with(discs, row, at)
            found = [(prior, _lay_row(discs, each, season, lengths, typical, of, open_end)) for prior, each in rows]
            row = max(zip(rows, found, strict=True), key=lambda both: both[1][0] + both[1][1].evidence)[0][1]
    return _mixed([(prior + laid.evidence, laid) for prior, laid in found])


def _rows_with(discs: Sequence[Titles], row: Sequence[int], new: int) -> list[tuple[float, list[int]]]:
    """The rows in which this disc may stand, with the logarithm of how often it does: most discs come in their order."""
    places = [len(row)]
    for place, at in enumerate(row):
        number, former = discs[at].number, discs[row[place - 1]].number if place else 0
        if number is not None and (former is None or number - former > 1):
            places.append(place)
    usual = 1.0 if len(places) == 1 else 0.5
    return [
        (
            math.log(usual if place == len(row) else (1 - usual) / (len(places) - 1)),
            [*row[:place], new, *row[place:]],
        )
        for place in places
    ]


def _lay_row(
    discs: Sequence[Titles],
    row: Sequence[int],
    season: SeasonKnown,
    lengths: Sequence[tuple[float, bool]],
    typical: float | None,
    of: int | None,
    open_end: bool,
) -> Laid:
    places = [Place(discs[at].number, max(1, _near(discs[at].titles, typical))) for at in row]
    left_over = after_the_last(places, of, open_end=open_end)
    found: list[tuple[float, Laid]] = []
    for speed in speeds_of(lengths, typical):
        expected = [(minutes * speed.factor, known) for minutes, known in lengths]
        blocks = [
            Block(
                cells=_cells(discs[at], expected, season, typical),
                gap=before(places, place, len(lengths), of),
                halves=_halves(discs[at], expected),
                certain_order=discs[at].in_order or len(discs[at].titles) > 12,
                copied_at=discs[at].copied_at,
            )
            for place, at in enumerate(row)
        ]
        laid = lay(blocks, len(lengths), left_over)
        found.append((laid.evidence + math.log(speed.prior), laid))
    mixed = _mixed(found)
    by_disc = {at: place for place, at in enumerate(row)}
    order = [by_disc.get(at) for at in range(len(discs))]
    return Laid(
        best=[mixed.best[place] if place is not None else [] for place in order],
        shares=[mixed.shares[place] if place is not None else [] for place in order],
        evidence=mixed.evidence,
    )


def _mixed(found: Sequence[tuple[float, Laid]]) -> Laid:
    """The most probable of these, with the shares over all of them."""
    most, best = max(found, key=lambda each: each[0])
    weights = [math.exp(max(-700.0, weight - most)) for weight, _ in found]
    total = sum(weights)
    shares: list[list[dict[Outcome, float]]] = []
    for block, cells in enumerate(best.shares):
        of_block: list[dict[Outcome, float]] = []
        for cell in range(len(cells)):
            mixed: dict[Outcome, float] = {}
            for weight, (_, laid) in zip(weights, found, strict=True):
                for outcome, share in laid.shares[block][cell].items():
                    mixed[outcome] = mixed.get(outcome, 0.0) + share * weight / total
            of_block.append(mixed)
        shares.append(of_block)
    return Laid(best.best, shares, most + math.log(total))


def _cells(
    disc: Titles, expected: Sequence[tuple[float, bool]], season: SeasonKnown, typical: float | None
) -> list[Cell]:
    looks = looks_of([title for title in disc.titles if _is_near(title, typical)])
    return [_cell(title, disc, expected, season.episodes, looks) for title in disc.titles]


def _cell(
    title: TitleFacts,
    disc: Titles,
    expected: Sequence[tuple[float, bool]],
    episodes: Sequence[EpisodeKnown],
    looks: Looks,
) -> Cell:
    fixed = disc.fixed.get(title.number)
    if fixed is not None:
        return Cell([[(len(fixed), 1.0, fixed)] if fixed and place == fixed[0] else [] for place in _places(expected)])
    minutes = title.duration / 60
    odds = of_looks(title, looks)
    if disc.inside:
        odds *= 15.0 if title.number in disc.inside else 0.1
    extra = EXTRA * of_extra(minutes)
    alone = len(disc.titles) == 1
    moves: list[list[Move]] = []
    for place in _places(expected):
        some: list[Move] = [(0, extra, ())]
        for many in range(1, min(LONGEST_RUN, len(expected) - place) + 1):
            run = expected[place : place + many]
            whole, known = sum(each for each, _ in run), all(each for _, each in run)
            if whole > 1.8 * minutes + 5 and many > 1:
                break
            prior = (1 - EXTRA) * odds * _how_often(episodes[place : place + many], alone=alone)
            some.append((many, prior * of_length(minutes, whole, known=known), tuple(range(place, place + many))))
        if place + 2 <= len(expected):
            after, known = expected[place + 1]
            likely = (1 - EXTRA) * odds * SKIPPED * of_length(minutes, after, known=known)
            some.append((2, likely, (place + 1,)))
        moves.append(some)
    return Cell(moves)


def _how_often(run: Sequence[EpisodeKnown], *, alone: bool) -> float:
    """How often a title that is no extra holds so many episodes."""
    if len(run) == 1:
        return 0.94
    if len(run) == 2:
        return DOUBLE_BY_NAME if are_one(*run) else DOUBLE
    return 0.2 if alone else RUN


def _halves(disc: Titles, expected: Sequence[tuple[float, bool]]) -> dict[tuple[int, int], dict[int, float]]:
    found: dict[tuple[int, int], dict[int, float]] = {}
    for at, (one, other) in enumerate(zip(disc.titles, disc.titles[1:], strict=False)):
        if one.number in disc.fixed or other.number in disc.fixed:
            continue
        together = (one.duration + other.duration) / 60
        likely = {
            place: HALF * of_length(together, minutes, known=True) / together
            for place, (minutes, known) in enumerate(expected)
            if known and 0.9 * minutes <= together <= 1.1 * minutes
        }
        if likely:
            found[at, at + 1] = likely
    return found


def _places(expected: Sequence[tuple[float, bool]]) -> range:
    return range(len(expected) + 1)


def _near(titles: Sequence[TitleFacts], typical: float | None) -> int:
    return sum(max(1, round(title.duration / 60 / (typical or 1e9))) for title in titles if _is_near(title, typical))


def _is_near(title: TitleFacts, typical: float | None) -> bool:
    """Whether it is about as long as most, or as two of them."""
    minutes = title.duration / 60
    return typical is not None and any(0.82 <= minutes / (many * typical) <= 1.25 for many in (1, 2))
