"""The titles of a season's discs, one after another, laid along its episodes: how probable is what each title holds?

Pure. All ways to lay them are weighed at once (forward-backward over title and episode): a title is an extra, the next episode,
the next two or more, the next but one (an episode that is on no disc), or half of one. Discs that nobody read yet are gaps of
which the length is not known. So what one title says decides about all others, also backwards: a disc that is read before those
in front of it moves to its place when they are read, and where a person says what one title is, the rest follows.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

Vector: TypeAlias = list[float]
"""By the number of episodes that are behind us."""
Outcome: TypeAlias = tuple[int, ...]
"""The places (from 0) in the season of what a title holds; empty for an extra."""

OUT_OF_ORDER = 0.05
"""How often the titles of a disc are not in the order of the episodes. Not counted anywhere; it bounds what order can prove."""
MOST_ORDERS = 80


Move: TypeAlias = tuple[int, float, Outcome]
"""Episodes that are then behind us, weight, what the title holds."""
Way: TypeAlias = tuple[float, tuple[tuple[int, int, Outcome], ...]]
"""Weight, and (block, cell, what it holds) on the way."""
Held: TypeAlias = tuple[int, Outcome]
"""A cell, and what it holds."""


class Cell(Struct):
    """A title: by the place where it begins, what it may hold, and how probable what was read of it is then."""

    moves: Sequence[Sequence[Move]]


class Block(Struct):
    """The titles of a disc, in the order in which they are taken for episodes unless their lengths say otherwise."""

    cells: Sequence[Cell]
    gap: Callable[[int, int], float]
    """How probable it is that between the disc before (or the season's beginning) and this one lie so many episodes, of as many
    as are left."""
    halves: Mapping[tuple[int, int], Mapping[int, float]]
    """By two neighbours: how probable it is, by place, that they are halves of one episode."""
    certain_order: bool = False
    copied_at: Sequence[tuple[int, int]] = ()
    """(cell, position): a copy of the title stands elsewhere on the disc, and would be the original with as good a reason."""


class Laid(Struct):
    """What was found."""

    best: list[list[Outcome]]
    """Of each block's cells, in the way that is the most probable as a whole."""
    shares: list[list[dict[Outcome, float]]]
    """How probable each outcome is of each cell."""
    evidence: float
    """How well all of it fits; 0 where nothing does. To be compared between speeds of the same season."""


def lay(blocks: Sequence[Block], count: int, left_over: Callable[[int], float]) -> Laid:
    """`count`: episodes of the season. `left_over`: how probable it is that so many of them come after the last disc."""
    entries: list[Vector] = []
    at: Vector = [1.0] + [0.0] * count
    evidence = 0.0
    for block in blocks:
        entered = _scaled(_through_gap(at, block.gap))
        evidence += _log(entered[1])
        entries.append(entered[0])
        left = _scaled(_forward(block, list(range(len(block.cells))), entered[0])[-1])
        evidence += _log(left[1])
        at = left[0]
    ending = [weight * left_over(count - place) for place, weight in enumerate(at)]
    evidence += _log(sum(ending))
    exits = _exits(blocks, count, left_over)
    shares: list[list[dict[Outcome, float]]] = []
    orders: list[list[int]] = []
    for block, entered, leaving in zip(blocks, entries, exits, strict=True):
        found, order = _weighed(block, entered, leaving)
        shares.append(found)
        orders.append(order)
    return Laid(_most_probable(blocks, orders, count, left_over), shares, evidence)


def _exits(blocks: Sequence[Block], count: int, left_over: Callable[[int], float]) -> list[Vector]:
    """What follows each block, by the place after it."""
    leaving: Vector = [left_over(count - place) for place in range(count + 1)]
    exits: list[Vector] = []
    for block in reversed(blocks):
        leaving = _scaled(leaving)[0]
        exits.append(leaving)
        entering = _backward(block, list(range(len(block.cells))), leaving)[0]
        leaving = [
            sum(
                block.gap(gap, count - place) * entering[place + gap]
                for gap in range(count - place + 1)
                if entering[place + gap] > 0
            )
            for place in range(count + 1)
        ]
    return exits[::-1]


def _through_gap(at: Vector, gap: Callable[[int, int], float]) -> Vector:
    after = [0.0] * len(at)
    for place, weight in enumerate(at):
        if weight > 1e-12:
            for more in range(len(at) - place):
                after[place + more] += weight * gap(more, len(at) - 1 - place)
    return after


def _steps(block: Block, order: Sequence[int], position: int, place: int) -> list[tuple[int, int, float, list[Held]]]:
    """From before the title at this position: (titles, episodes, weight, what the titles hold)."""
    cell = order[position]
    steps = [(1, episodes, weight, [(cell, held)]) for episodes, weight, held in block.cells[cell].moves[place]]
    if position + 1 < len(order) and (pair := block.halves.get((cell, order[position + 1]))) and place in pair:
        half: Outcome = (place,)
        steps.append((2, 1, pair[place], [(cell, half), (order[position + 1], half)]))
    return steps


def _forward(block: Block, order: Sequence[int], entered: Vector) -> list[Vector]:
    alphas = [list(entered), *([0.0] * len(entered) for _ in order)]
    for position in range(len(order)):
        for place, weight in enumerate(alphas[position]):
            if weight > 0:
                for titles, episodes, likely, _ in _steps(block, order, position, place):
                    alphas[position + titles][place + episodes] += weight * likely
    return alphas


def _backward(block: Block, order: Sequence[int], leaving: Vector) -> list[Vector]:
    betas = [*([0.0] * len(leaving) for _ in order), list(leaving)]
    for position in reversed(range(len(order))):
        for place in range(len(leaving)):
            betas[position][place] = sum(
                likely * betas[position + titles][place + episodes]
                for titles, episodes, likely, _ in _steps(block, order, position, place)
            )
    return betas


def _weighed(block: Block, entered: Vector, leaving: Vector) -> tuple[list[dict[Outcome, float]], list[int]]:
    """Over all orders of the titles: the shares of each cell's outcomes, and the most probable order."""
    usual = list(range(len(block.cells)))
    orders = _orders(block)
    total: list[dict[Outcome, float]] = [{} for _ in usual]
    best, most, everything = usual, -1.0, 0.0
    for prior, order in orders:
        weight, shares = _shares(block, order, entered, leaving)
        everything += prior * weight
        if prior * weight > most:
            best, most = order, prior * weight
        for cell, outcomes in shares.items():
            for outcome, share in outcomes.items():
                total[cell][outcome] = total[cell].get(outcome, 0.0) + prior * share
    if everything > 0:
        total = [{outcome: share / everything for outcome, share in each.items()} for each in total]
    return total, best


def _shares(
    block: Block, order: Sequence[int], entered: Vector, leaving: Vector
) -> tuple[float, dict[int, dict[Outcome, float]]]:
    """How well this order fits, and the part of that which each outcome of each cell has."""
    alphas, betas = _forward(block, order, entered), _backward(block, order, leaving)
    weight = sum(a * b for a, b in zip(alphas[0], betas[0], strict=True))
    found: dict[int, dict[Outcome, float]] = {cell: {} for cell in order}
    if weight <= 0:
        return 0.0, found
    for position in range(len(order)):
        for place, alpha in enumerate(alphas[position]):
            for titles, episodes, likely, held in _steps(block, order, position, place) if alpha > 0 else ():
                share = alpha * likely * betas[position + titles][place + episodes]
                for cell, outcome in held if share > 0 else ():
                    found[cell][outcome] = found[cell].get(outcome, 0.0) + share
    return weight, found


def _orders(block: Block) -> list[tuple[float, list[int]]]:
    """The orders in which the titles may be, with how often they are."""
    usual = list(range(len(block.cells)))
    if block.certain_order:
        return [(1.0, usual)]
    elsewhere: list[list[int]] = []
    for cell, position in block.copied_at:
        moved = [each for each in usual if each != cell]
        moved.insert(position, cell)
        elsewhere.append(moved)
    others = _other_orders(len(usual))
    by_copies = 0.5 if elsewhere else 0.0
    rare = OUT_OF_ORDER if others else 0.0
    found = [((1 - rare) * (1 - by_copies), usual)]
    found += [((1 - rare) * by_copies / len(elsewhere), order) for order in elsewhere]
    return found + [(rare / len(others), order) for order in others]


def _other_orders(count: int) -> list[list[int]]:
    """All others of a few titles; of more two exchanged, one moved, and backwards."""
    usual = list(range(count))
    if count <= 1:
        return []
    if count <= 4:
        return [list(each) for each in itertools.permutations(usual) if list(each) != usual]
    found = {tuple(reversed(usual))}
    for one in range(count):
        for other in range(count):
            moved = [each for each in usual if each != one]
            moved.insert(other, one)
            found.add(tuple(moved))
            swapped = list(usual)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            found.add(tuple(swapped))
    found.discard(tuple(usual))
    return [list(each) for each in sorted(found)[:MOST_ORDERS]]


def _most_probable(
    blocks: Sequence[Block], orders: Sequence[Sequence[int]], count: int, left_over: Callable[[int], float]
) -> list[list[Outcome]]:
    """Viterbi: of each cell what it holds in the one most probable way to lay them all."""
    ways: dict[int, Way] = {0: (1.0, ())}
    for number, (block, order) in enumerate(zip(blocks, orders, strict=True)):
        entered: dict[int, Way] = {}
        for place, (weight, way) in ways.items():
            for gap in range(count - place + 1):
                _keep(entered, place + gap, weight * block.gap(gap, count - place), way)
        steps: list[dict[int, Way]] = [entered, *({} for _ in order)]
        for position in range(len(order)):
            for place, (weight, way) in steps[position].items():
                for titles, episodes, likely, held in _steps(block, order, position, place):
                    longer = (*way, *((number, cell, outcome) for cell, outcome in held))
                    _keep(steps[position + titles], place + episodes, weight * likely, longer)
        heaviest = max((weight for weight, _ in steps[-1].values()), default=0.0) or 1.0
        ways = {place: (weight / heaviest, way) for place, (weight, way) in steps[-1].items()}
    best = max(ways, key=lambda place: ways[place][0] * left_over(count - place), default=None)
    found: list[list[Outcome]] = [[() for _ in block.cells] for block in blocks]
    for number, cell, outcome in ways[best][1] if best is not None else ():
        found[number][cell] = outcome
    return found


def _keep(ways: dict[int, Way], place: int, weight: float, way: tuple[tuple[int, int, Outcome], ...]) -> None:
    if weight > ways.get(place, (0.0, ()))[0]:
        ways[place] = (weight, way)


def _scaled(vector: Vector) -> tuple[Vector, float]:
    total = sum(vector)
    return ([each / total for each in vector], total) if total > 0 else (vector, 0.0)


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -1e9
