"""Fits the weights of evidence to labelled paths: a conditional logistic regression in plain Python.

For each path there are contenders with features x, of which one, or none, is the right title. With weights w a contender
has the score w·x, "none of them" the score 0, and the probability of each is its share of the exponentials. The weights
that make the labels likeliest are found by following the gradient, with a penalty on leaving what was expected of each
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
from mediastead.matching.weights import SET, WEIGHTS

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

STEPS = 3000
RATE = 0.5
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
    """The table of fitted weights. Extras are left out: they are searched for by another file's name."""
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
    for weights, name in ((WEIGHTS, "as they are"), ({**SET, **fitted}, "fitted")):
        here, aside = likelihood(parts[False], weights), likelihood(parts[True], weights)
        print(f"# mean log-likelihood, weights {name}: {here:.4f} on the paths fitted, {aside:.4f} on those kept aside")
    print("FITTED: dict[str, float] = {")
    for key, weight in fitted.items():
        print(f'    "{key}": {weight},{"" if uses[key] else "  # no example"}')
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
    """Weights for all features that are not in `fixed`; deterministic."""
    weights = dict(EXPECTED)
    keys = sorted(weights)
    squares = dict.fromkeys(keys, 1e-8)
    for step in range(STEPS):
        slope = dict.fromkeys(keys, 0.0)
        for path in labelled:
            if not path.contenders:
                continue
            shares = _shares(path.contenders, {**fixed, **weights})
            for place, contender in enumerate(path.contenders):
                miss = (1.0 if place == path.right else 0.0) - shares[place]
                if abs(miss) < 1e-6:
                    continue
                for key, value in contender.items():
                    if key in slope:
                        slope[key] += path.weight * miss * value
        for key in keys:
            gradient = slope[key] - PENALTY * (weights[key] - EXPECTED[key])
            squares[key] += gradient * gradient
            weights[key] += RATE * gradient / math.sqrt(squares[key])
        for better, worse in pairwise(ORDERED):
            weights[worse] = min(weights[worse], weights[better] - 0.1)
        if step % 100 == 0 and max(abs(slope[key] - PENALTY * (weights[key] - EXPECTED[key])) for key in keys) < 0.02:
            break
    return {key: round(weights[key], 2) for key in weights}


def likelihood(labelled: Sequence[Labelled], weights: Mapping[str, float]) -> float:
    """Mean log-likelihood of the labels, 0 at best."""
    total = 0.0
    for path in labelled:
        shares = _shares(path.contenders, weights)
        share = 1.0 - sum(shares) if path.right is None else shares[path.right]
        total += path.weight * math.log(max(share, 1e-12))
    return total / max(1.0, sum(path.weight for path in labelled))


def _shares(contenders: Sequence[Mapping[str, float]], weights: Mapping[str, float]) -> list[float]:
    scores = [sum(weights[key] * value for key, value in contender.items()) for contender in contenders]
    top = max([0.0, *scores])
    parts = [math.exp(value - top) for value in scores]
    whole = math.exp(-top) + sum(parts)
    return [part / whole for part in parts]
