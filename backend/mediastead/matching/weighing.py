"""Pieces of evidence and what they come to: scores, probabilities, and words for people."""

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from .decision import Evidence
from .weights import WEIGHTS


class Feature(Struct, frozen=True):
    """One measurement: `key` is its row in `weights.py`, `value` what the weight is multiplied with."""

    key: str
    value: float
    detail: str


def score(found: Sequence[Feature], weights: Mapping[str, float] = WEIGHTS) -> float:
    """The sum of the evidence in log-odds against "none of these titles"."""
    return sum(weights[feature.key] * feature.value for feature in found)


def probabilities(scores: Sequence[float]) -> list[float]:
    """That each contender is the right one, all considered, where "none of them" has the score 0."""
    top = max([0.0, *scores])
    parts = [math.exp(value - top) for value in scores]
    whole = math.exp(-top) + sum(parts)
    return [part / whole for part in parts]


def in_words(found: Sequence[Feature], weights: Mapping[str, float] = WEIGHTS) -> list[Evidence]:
    """The features as evidence, those of one name together, the heaviest first."""
    grouped: dict[str, list[Feature]] = {}
    for feature in found:
        grouped.setdefault(_NAMES.get(feature.key) or feature.key.split(".")[0], []).append(feature)
    evidence = [
        Evidence(
            name=name,
            weight=round(score(pieces, weights), 2),
            detail="; ".join(piece.detail for piece in pieces),
        )
        for name, pieces in grouped.items()
    ]
    return sorted(evidence, key=lambda piece: (-abs(piece.weight), piece.name))


_NAMES = {
    "id.tmdb": "id_in_name",
    "id.imdb": "id_in_name",
    "id.tvdb": "id_in_name",
    "episode.exists": "episode_exists",
    "episode.counted": "episode_exists",
    "episode.titled": "episode_title",
    "episode.dated": "air_date",
    "episode.missing": "episode_exists",
    "episode.guessed": "episode_exists",
    "episode.ignored": "episode_exists",
    "episode.none": "episode_exists",
    "title.outdone": "rival",
    "title.obscure": "rival",
    "reading.second": "names",
    "reading.agrees": "names",
    "reading.differs": "names",
}
"""The name of a piece of evidence, where it is not the first word of its key."""
