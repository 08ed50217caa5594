"""One file's decision: a match where one title is sure enough, else the reason and what would make it match."""

import math
from collections.abc import Sequence

from msgspec import Struct, structs

from ..files.types import Role
from ..metadata.facts import ItemType
from ..metadata.provider import Provider
from ..parsing.parsed import ParsedPath
from .contenders import Contender
from .decision import Decision, Evidence, Outcome, Suggestion
from .deliberation import Deliberation
from .inquiry import Asked
from .known import Known
from .numbering import Reckoning
from .reasons import contradicted_by_id, reason_for
from .recorded import as_recorded
from .weighing import in_words
from .weights import AUTOMATIC

MANY = 5
"""Suggestions in a decision at most."""


async def decide(
    parsed: ParsedPath,
    provider: Provider,
    known: Known | None = None,
    *,
    threshold: float = AUTOMATIC,
) -> Decision:
    """Which item the file is, or why that cannot be told.

    `threshold` is the probability from which on a title is matched. Raises `ProviderUnavailable`: nothing was decided, try
    again later. The same path, knowledge and provider's answers give the same decision, whatever was decided before.
    """
    return (await reasoned(parsed, provider, known or Known(), threshold)).decision


class Reasoning(Struct, frozen=True):
    """A decision and the questions that led to it."""

    decision: Decision
    asked: tuple[Asked, ...] = ()
    """Of the provider, in their order; none where a record or a person's word about the folder decides."""


async def reasoned(parsed: ParsedPath, provider: Provider, known: Known, threshold: float) -> Reasoning:
    """As `decide`, for those who want to know how it was come to."""
    if (recorded := await as_recorded(known, provider)) is not None:
        return Reasoning(recorded)
    if known.dismissed is not None:
        return Reasoning(
            Decision(
                outcome=Outcome.DISMISS,
                role=parsed.role,
                part=parsed.part,
                edition=parsed.edition,
                notes=(known.dismissed.detail,),
            )
        )
    deliberation = await Deliberation(parsed, provider, known).run()
    decision = concluded(deliberation, threshold)
    # Not asked before: what is sure by itself must not depend on what lies beside it.
    if decision.outcome is Outcome.NO_MATCH and await deliberation.hear_neighbours():
        decision = structs.replace(concluded(deliberation, threshold), neighbours=known.neighbours)
    return Reasoning(decision, tuple(deliberation.inquiry.course))


def concluded(deliberation: Deliberation, threshold: float) -> Decision:
    parsed, ranked = deliberation.subject.parsed, deliberation.ranked
    notes = tuple(deliberation.inquiry.notes)
    best = ranked[0] if ranked else None
    sure = best is not None and (best.probability >= threshold or deliberation.contenders.answered is not None)
    if best and sure and _can_be_matched(deliberation, best):
        item = _suggestion(best, ranked)
        return Decision(
            outcome=Outcome.MATCH,
            probability=best.probability,
            item=item,
            episodes=item.episodes,
            role=parsed.role or (Role.FEATURE if best.candidate.type is ItemType.MOVIE else Role.EPISODE),
            part=parsed.part,
            edition=parsed.edition,
            notes=notes,
        )
    suggestions = tuple(_suggestion(contender, ranked) for contender in ranked[:MANY])
    if parsed.role is not None:
        rule = parsed.role_rule or f"it is {'a sample' if parsed.role is Role.SAMPLE else 'an extra'}"
        return Decision(
            outcome=Outcome.IGNORE, ignore_rule=rule, role=parsed.role, suggestions=suggestions, notes=notes
        )
    reason, would_match_if = reason_for(deliberation, threshold)
    if deliberation.contenders.answered:
        would_match_if += f" The title is that of {deliberation.contenders.answered.detail}."
    return Decision(
        outcome=Outcome.NO_MATCH,
        reason=reason,
        # What became of an id in the name, or of a question, is a part of what a person has to know.
        would_match_if=" ".join((would_match_if, *(f"Note: {note}." for note in notes))),
        part=parsed.part,
        edition=parsed.edition,
        suggestions=suggestions,
        notes=notes,
    )


def _can_be_matched(deliberation: Deliberation, best: Contender) -> bool:
    """A sure title is not enough where an id says another, nor for an episode: which one must be known, and not guessed."""
    if contradicted_by_id(deliberation.ranked):
        return False
    if best.candidate.type is ItemType.MOVIE or deliberation.subject.parsed.role is not None:
        return True
    return bool(best.located.episodes) and best.located.reckoning is not Reckoning.GUESSED


def _suggestion(contender: Contender, ranked: Sequence[Contender]) -> Suggestion:
    candidate = contender.candidate
    evidence = in_words(contender.features)
    if rival := _rival(contender, ranked):
        evidence.append(rival)
    return Suggestion(
        type=candidate.type,
        tmdb_id=candidate.tmdb_id,
        title=candidate.title,
        year=candidate.year,
        episodes=contender.located.episodes,
        probability=round(contender.probability, 4),
        evidence=tuple(evidence),
    )


def _rival(contender: Contender, ranked: Sequence[Contender]) -> Evidence | None:
    """What the best other contender takes from this one: the log-odds alone less those with all others considered."""
    other = next((each for each in ranked if each is not contender), None)
    if other is None:
        return None
    others = math.log(sum(math.exp(min(each.score, 500.0)) for each in ranked if each is not contender) + 1.0)
    if others < 0.05:
        return None
    year = f" ({other.candidate.year})" if other.candidate.year else ""
    return Evidence(
        name="rival", weight=round(-others, 2), detail=f'"{other.candidate.title}"{year} fits as well, or nearly'
    )
