"""Runtime as evidence: how long a file plays against how long the provider says that a title is."""

from collections.abc import Sequence

from ..files.types import UnmatchedReason
from ..metadata.facts import Candidate, ItemFacts, ItemType
from ..parsing.parsed import ParsedPath
from .decision import Decision, EpisodeNumber, Outcome
from .weighing import Feature

PAL = 25 / 24
"""Films on European television and DVDs run 4 % faster."""
EXACT_MINUTES = 2.5
"""Providers round to minutes, and differ by the credits."""
CUT = 0.15
"""By so much do the cuts of a film differ; beyond that it is another film."""
WORTH_A_LOOK = 0.2
"""A best suggestion with less is not brought to a match by its runtime."""


def could_decide(decision: Decision, parsed: ParsedPath) -> bool:
    """Whether the file's duration might turn this decision into a match: two titles that fit, or one that is not sure enough."""
    if decision.outcome is not Outcome.NO_MATCH or parsed.role is not None or not decision.suggestions:
        return False
    best = decision.suggestions[0]
    known_item = best.type is ItemType.MOVIE or bool(best.episodes)
    return (
        decision.reason in (UnmatchedReason.AMBIGUOUS, UnmatchedReason.LOW_CONFIDENCE)
        and best.probability >= WORTH_A_LOOK
        and known_item
    )


def of_runtime(
    duration: float | None,
    part: int | None,
    candidate: Candidate,
    facts: ItemFacts | None,
    episodes: Sequence[EpisodeNumber],
) -> list[Feature]:
    """`duration` in seconds. Nothing where either side does not say, and for a part of a film."""
    minutes = _minutes(candidate, facts, episodes)
    if not duration or not minutes or part is not None:
        return []
    plays = duration / 60
    said = f"it plays {plays:.0f} minutes, {candidate.title!r} {minutes}"
    # Half for episodes: those of most series are about as long as each other.
    value = 1.0 if candidate.type is ItemType.MOVIE else 0.5
    if _is_exact(plays, minutes):
        return [Feature("runtime.agrees", value, said)]
    if agrees(duration, minutes):
        return [Feature("runtime.agrees", value, f"{said}, at the speed of European television")]
    return [Feature("runtime.far" if is_far(duration, minutes) else "runtime.near", value, said)]


def agrees(duration: float, minutes: int) -> bool:
    """Whether what plays `duration` seconds may be what is said to take so many minutes; also at the speed of PAL."""
    plays = duration / 60
    return _is_exact(plays, minutes) or _is_exact(plays * PAL, minutes)


def is_far(duration: float, minutes: int) -> bool:
    """Whether it is too long or too short for another cut of the same."""
    return not agrees(duration, minutes) and abs(duration / 60 - minutes) > CUT * minutes


def is_as_long(duration: float, other: float) -> bool:
    """Whether two files, in seconds each, may be cuts of the same."""
    return abs(duration - other) <= CUT * other


def _is_exact(plays: float, minutes: int) -> bool:
    return abs(plays - minutes) <= max(EXACT_MINUTES, 0.02 * minutes)


def _minutes(candidate: Candidate, facts: ItemFacts | None, episodes: Sequence[EpisodeNumber]) -> int | None:
    if facts is None:
        return None
    if candidate.type is ItemType.MOVIE:
        return facts.runtime or None
    runtimes = {
        EpisodeNumber(season.number, each.number): each.runtime for season in facts.seasons for each in season.episodes
    }
    each = [runtimes.get(at) or facts.runtime for at in episodes]
    return sum(minutes or 0 for minutes in each) if each and all(each) else None
