"""Fits the weights of evidence to labelled paths: a conditional logistic regression in plain Python.

For each path there are contenders with features x, of which one, or none, is the right title. With weights w a contender
has the score w·x, "none of them" the score 0, and the probability of each is its share of the exponentials. The weights
that make the labels likeliest are found by Newton's method, with a penalty on leaving what was expected of each
(`EXPECTED`): the labels are nearly separable, so that without one the weights would grow without end and the probabilities
be too sure of themselves, and what has few examples keeps the weight that a careful person would give it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from labelled_paths import BEREFT, Truth, kept_aside, right_title
from msgspec import Struct

from mediastead.catalog.types import ItemType
from mediastead.matching.deliberation import Deliberation
from mediastead.matching.weights import FITTED, SET, WEIGHTS

LACKING = 0.02
"""The share of titles in a library that a provider lacks, for which the paths decided without theirs stand in the fit."""

PENALTY = 0.5
"""Of half the squared distance from what was expected, in log-likelihood."""

EXPECTED = {
    "prior": -4.0,
    "title.exact": 6.0,
    "title.loose": 5.0,
    "title.near": 4.0,
    "title.slips": -1.0,
    "title.slips_more": -1.0,
    "title.part": 1.0,
    "title.other": -3.0,
    "title.alternative": -0.5,
    "title.fuller": 4.0,
    "title.shortened": -5.0,
    "title.piece": -3.0,
    "title.outdone": -3.0,
    "title.one_word": -1.5,
    "name.dated": -3.0,
    "title.short": -1.0,
    "reading.second": -0.5,
    "reading.agrees": 1.0,
    "reading.differs": -1.0,
    "year.exact": 3.0,
    "year.near": 0.5,
    "year.far": -4.0,
    "year.running": 0.5,
    "episode.exists": 2.0,
    "episode.counted": 2.0,
    "episode.titled": 3.0,
    "episode.dated": 4.0,
    "episode.missing": -4.0,
    "episode.ignored": -3.0,
    "episode_title.agrees": 3.0,
    "episode_title.differs": -1.5,
    "shelf.agrees": 0.5,
    "shelf.differs": -2.0,
    "popularity": 0.8,
}
"""What each weight is taken to be before looking at labels."""

ORDERED = ("title.exact", "title.loose", "title.near", "title.part", "title.other")
"""A title that agrees less is never worth more, whatever the few slips among the labels say."""

APART = 0.1
"""By how much, at least."""

STEPS, HALVINGS, CLOSE = 50, 20, 0.001
"""Newton's steps at most, how often one is halved until it climbs, and the step that is small enough to stop at."""

PRIVATE = 0.25
"""What a made name of a private recording counts: a library of films and series has few of them."""

MADE = 0.3
"""What a path in one of the further styles counts: there are as many as in the corpus, most of them with an exact year, which
real names do not have so often."""


class Labelled(Struct, frozen=True):
    """The contenders of one path, each as its features, and which of them is right (None: none of them)."""

    contenders: list[dict[str, float]]
    right: int | None
    weight: float = 1.0
    """How many paths it stands for."""


def print_fit(
    truths: Sequence[Truth], deliberations: Mapping[str, Deliberation], bereft: Mapping[str, Deliberation]
) -> None:
    """The table of fitted weights, and today's where they differ.

    Extras are left out: they are searched for by another file's name.
    """
    parts: dict[bool, list[Labelled]] = {True: [], False: []}
    for truth in truths:
        if truth["kind"] == "extra":
            continue
        right = right_title(truth) if truth["kind"] in ("main", "show_only") else None
        part = parts[kept_aside(truth)]
        weight = _weight(truth)
        part.append(labelled(deliberations[truth["path"]], right, weight))
        if truth["path"] in bereft:
            part.append(labelled(bereft[truth["path"]], None, LACKING * BEREFT * weight))
    fitted = fit(parts[False], SET)
    uses = Counter(key for path in parts[False] for row in path.contenders for key in row)
    print(f"# fitted to {len(parts[False])} paths, {len(parts[True])} kept aside")
    for weights, name in ((WEIGHTS, "as they are"), ({**SET, **fitted}, "fitted")):
        here, aside = likelihood(parts[False], weights), likelihood(parts[True], weights)
        print(f"# mean log-likelihood, weights {name}: {here:.4f} on the paths fitted, {aside:.4f} on those kept aside")
    print("FITTED: dict[str, float] = {")
    for key, weight in fitted.items():
        notes = [] if uses[key] else ["no example"]
        if weight != FITTED.get(key):
            notes.append(f"today {FITTED[key]}" if key in FITTED else "new")
        print(f'    "{key}": {weight},{"  # " * bool(notes)}{", ".join(notes)}')
    print("}")


def _weight(truth: Truth) -> float:
    if truth["style"] == "n_private":
        return PRIVATE
    return MADE if truth.get("is_made") else 1.0


def labelled(deliberation: Deliberation, right: tuple[ItemType, int] | None, weight: float = 1.0) -> Labelled:
    ranked = deliberation.ranked
    rows: list[dict[str, float]] = []
    for contender in ranked:
        row: dict[str, float] = defaultdict(float)
        for feature in contender.features:
            row[feature.key] += feature.value
        rows.append(dict(row))
    place = next((place for place, contender in enumerate(ranked) if contender.key == right), None)
    return Labelled(rows, place, weight)


def fit(labelled: Sequence[Labelled], fixed: Mapping[str, float]) -> dict[str, float]:
    """Weights for all features that are not in `fixed`, to two places.

    What is maximised is concave, so that there is one best table, and Newton's steps from `EXPECTED` end there: the same
    labels give the same table. A weight that would break `ORDERED` is held below the better one, and the others are fitted anew.
    """
    held = dict(fixed)
    while True:
        weights = _climbed(labelled, held)
        broken = next(
            ((better, worse) for better, worse in pairwise(ORDERED) if weights[worse] > weights[better] - APART), None
        )
        if broken is None:
            return {key: round(weights[key], 2) for key in EXPECTED}
        held[broken[1]] = weights[broken[0]] - APART


def _climbed(labelled: Sequence[Labelled], held: Mapping[str, float]) -> dict[str, float]:
    """The best weights of all keys in `EXPECTED` that are not held."""
    keys = [key for key in EXPECTED if key not in held]
    weights = {**EXPECTED, **held}
    height = _height(labelled, weights, keys)
    for _ in range(STEPS):
        slope, curve = _derivatives(labelled, weights, keys)
        step = _solved(curve, slope)
        for _ in range(HALVINGS):
            tried = weights | {key: weights[key] + change for key, change in zip(keys, step, strict=True)}
            if (reached := _height(labelled, tried, keys)) >= height:
                weights, height = tried, reached
                break
            step = [change / 2 for change in step]
        if max(map(abs, step)) < CLOSE:
            break
    return weights


def _height(labelled: Sequence[Labelled], weights: Mapping[str, float], keys: Sequence[str]) -> float:
    """What is maximised: the log-likelihood less the penalty."""
    away = sum((weights[key] - EXPECTED[key]) ** 2 for key in keys)
    return _log_likelihood(labelled, weights) - PENALTY / 2 * away


def _derivatives(
    labelled: Sequence[Labelled], weights: Mapping[str, float], keys: Sequence[str]
) -> tuple[list[float], list[list[float]]]:
    """The gradient of `_height` and the negative of its matrix of second derivatives."""
    places = {key: place for place, key in enumerate(keys)}
    slope = [-PENALTY * (weights[key] - EXPECTED[key]) for key in keys]
    curve = [[PENALTY if row == column else 0.0 for column in range(len(keys))] for row in range(len(keys))]
    for path in labelled:
        expected: dict[int, float] = defaultdict(float)
        shares = _shares(path.contenders, weights)
        for place, contender in enumerate(path.contenders):
            if place != path.right and shares[place] < 1e-9:
                continue
            row = [(places[key], value) for key, value in contender.items() if key in places]
            for key, value in row:
                expected[key] += shares[place] * value
                if place == path.right:
                    slope[key] += path.weight * value
                for other, beside in row:
                    curve[key][other] += path.weight * shares[place] * value * beside
        for key, value in expected.items():
            slope[key] -= path.weight * value
            for other, beside in expected.items():
                curve[key][other] -= path.weight * value * beside
    return slope, curve


def _solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """x of `matrix · x = right`, by elimination; the penalty makes the matrix positive definite, so no row is exchanged."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for place, row in enumerate(rows):
        for below in rows[place + 1 :]:
            factor = below[place] / row[place]
            if factor:
                for column in range(place, len(row)):
                    below[column] -= factor * row[column]
    found = [0.0] * len(rows)
    for place in reversed(range(len(rows))):
        known = sum(rows[place][column] * found[column] for column in range(place + 1, len(rows)))
        found[place] = (rows[place][-1] - known) / rows[place][place]
    return found


def likelihood(labelled: Sequence[Labelled], weights: Mapping[str, float]) -> float:
    """Mean log-likelihood of the labels, 0 at best."""
    return _log_likelihood(labelled, weights) / max(1.0, sum(path.weight for path in labelled))


def _log_likelihood(labelled: Sequence[Labelled], weights: Mapping[str, float]) -> float:
    total = 0.0
    for path in labelled:
        shares = _shares(path.contenders, weights)
        share = 1.0 - sum(shares) if path.right is None else shares[path.right]
        total += path.weight * math.log(max(share, 1e-12))
    return total


def _shares(contenders: Sequence[Mapping[str, float]], weights: Mapping[str, float]) -> list[float]:
    scores = [sum(weights[key] * value for key, value in contender.items()) for contender in contenders]
    top = max([0.0, *scores])
    parts = [math.exp(value - top) for value in scores]
    whole = math.exp(-top) + sum(parts)
    return [part / whole for part in parts]
