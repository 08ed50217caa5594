"""What the matcher decides now is compared with what it decided then: the same, or a change of one kind."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from ..catalog.types import ItemType
from ..files.types import Identification, Role, UnmatchedReason
from ..matching.decision import Decision, EpisodeNumber, Outcome, Suggestion
from ..matching.recall import Recall
from .models import ChangeKind
from .schemas import Taken


class Standing(Struct, frozen=True, kw_only=True):
    """A file as it is taken for now, and the latest decision of identification about it."""

    file_id: int
    version: int
    identification: Identification
    type: ItemType | None
    tmdb_id: int | None
    episodes: frozenset[EpisodeNumber]
    role: Role | None
    part: int | None
    edition: str | None
    rule_lifted: bool
    reason: UnmatchedReason | None
    """Of its open question."""
    matched_by_person: bool
    decision: str | None
    """As stored."""
    inputs: str | None
    """As stored; None in decisions of older versions."""


class Proposal(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What replaying makes of a file's decision, with what recording it needs (`unmatched.recording.FileOutcome`). Stored with
    the change."""

    decision: Decision | None = None
    """None where it could not be made."""
    group_key: str = ""
    proposed: dict[str, Any] | None = None
    said: dict[str, Any] | None = None
    recall: Recall | None = None
    answer_id: int | None = None
    inputs: str | None = None
    """`matching.inputs.Inputs` of the new decision."""
    missing: str | None = None
    """The question that nobody had asked."""


def decision_that_stands(standing: Standing) -> Decision | None:
    """The decision, where the file still is what it said; None where something else was said since.

    Replays leave those alone. What a person answered is what the matcher is measured by: to bring it up again with every
    change of the matcher would ask people what they have answered. And where an id was remapped, the decision names the old one.
    """
    if standing.decision is None or standing.matched_by_person:
        return None
    try:
        decision = msgspec.json.decode(standing.decision, type=Decision)
    except msgspec.MsgspecError:
        return None
    if decision.recorded is not None:
        return None  # what was written beside the file is a person's word as well
    return decision if _stands(decision, standing) else None


def _stands(decision: Decision, file: Standing) -> bool:
    match decision.outcome:
        case Outcome.MATCH:
            item = decision.item
            return (
                item is not None
                and file.identification is Identification.MATCHED
                and (file.type, file.tmdb_id, file.episodes) == (item.type, item.tmdb_id, frozenset(item.episodes))
                and (file.role, file.part, file.edition) == (decision.role, decision.part, decision.edition)
            )
        case Outcome.NO_MATCH:
            return file.identification is Identification.UNMATCHED and file.reason is decision.reason
        case Outcome.IGNORE:
            return file.identification is Identification.IGNORED
        case Outcome.DISMISS:
            return False


def change_between(before: Decision, after: Decision) -> ChangeKind | None:
    """None where they come to the same, however sure they are of it."""
    match before.outcome, after.outcome:
        case Outcome.MATCH, Outcome.MATCH:
            return _between_matches(before, after)
        case Outcome.NO_MATCH, Outcome.NO_MATCH:
            asked = (before.reason, list(map(_answer, before.suggestions)))
            return None if asked == (after.reason, list(map(_answer, after.suggestions))) else ChangeKind.OTHER_QUESTION
        case Outcome.IGNORE, Outcome.IGNORE:
            return None
        case _, Outcome.DISMISS:
            return None  # only a record beside the file comes to that, and those are left alone
        case _, Outcome.MATCH:
            return ChangeKind.WOULD_MATCH
        case _, Outcome.NO_MATCH:
            return ChangeKind.WOULD_QUEUE
        case _, Outcome.IGNORE:
            return ChangeKind.WOULD_IGNORE


def _between_matches(before: Decision, after: Decision) -> ChangeKind | None:
    if before.item is None or after.item is None or _key(before.item) != _key(after.item):
        return ChangeKind.OTHER_TITLE
    if set(before.item.episodes) != set(after.item.episodes):
        return ChangeKind.OTHER_EPISODES
    details = (before.role, before.part, before.edition)
    return None if details == (after.role, after.part, after.edition) else ChangeKind.OTHER_DETAILS


def _key(item: Suggestion) -> tuple[ItemType, int]:
    return item.type, item.tmdb_id


def _answer(item: Suggestion) -> tuple[ItemType, int, tuple[EpisodeNumber, ...]]:
    return item.type, item.tmdb_id, item.episodes


_BECOMES = {
    Outcome.MATCH: Identification.MATCHED,
    Outcome.NO_MATCH: Identification.UNMATCHED,
    Outcome.IGNORE: Identification.IGNORED,
    Outcome.DISMISS: Identification.DISMISSED,
}


def taken(decision: Decision) -> Taken:
    """A decision for people."""
    item = decision.item
    return Taken(
        identification=_BECOMES[decision.outcome],
        type=item.type if item else None,
        tmdb_id=item.tmdb_id if item else None,
        title=item.title if item else None,
        year=item.year if item else None,
        episodes=item.episodes if item else (),
        role=decision.role,
        part=decision.part,
        edition=decision.edition,
        probability=decision.probability,
        reason=decision.reason,
        would_match_if=decision.would_match_if,
        rule=decision.ignore_rule,
        suggestions=_told_apart(decision.suggestions) if decision.outcome is Outcome.NO_MATCH else (),
    )


def _told_apart(items: Sequence[Suggestion]) -> tuple[str, ...]:
    """By their names; those that are called the same with their ids."""
    names = [_named(item) for item in items]
    return tuple(
        f"{name} {item.type} {item.tmdb_id}" if names.count(name) > 1 else name
        for name, item in zip(names, items, strict=True)
    )


def _named(item: Suggestion) -> str:
    return f"{item.title} ({item.year})" if item.year else item.title
