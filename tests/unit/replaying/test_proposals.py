"""What is a change between two decisions, and which decisions a replay may speak about."""

from typing import Any

import msgspec
import pytest
from msgspec import structs

from mediastead.catalog.types import ItemType
from mediastead.files.types import Identification, Role, UnmatchedReason
from mediastead.matching.decision import Decision, EpisodeNumber, Outcome, Suggestion
from mediastead.replaying.models import ChangeKind
from mediastead.replaying.proposals import Standing, change_between, decision_that_stands, taken


def title(tmdb_id: int, *episodes: int, probability: float = 0.99) -> Suggestion:
    held = tuple(EpisodeNumber(1, number) for number in episodes)
    return Suggestion(
        type=ItemType.SERIES,
        tmdb_id=tmdb_id,
        title=f"Title {tmdb_id}",
        year=2001,
        episodes=held,
        probability=probability,
    )


def match(item: Suggestion, **values: Any) -> Decision:
    return Decision(
        outcome=Outcome.MATCH,
        item=item,
        episodes=item.episodes,
        probability=item.probability,
        role=values.pop("role", Role.EPISODE),
        **values,
    )


def question(*items: Suggestion, reason: UnmatchedReason = UnmatchedReason.LOW_CONFIDENCE) -> Decision:
    return Decision(outcome=Outcome.NO_MATCH, reason=reason, suggestions=items)


IGNORED = Decision(outcome=Outcome.IGNORE, ignore_rule='folder "Extras"', role=Role.EXTRA)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (match(title(1, 1)), match(title(1, 1, probability=0.96)), None),
        (match(title(1, 1)), match(title(2, 1)), ChangeKind.OTHER_TITLE),
        (match(title(1, 1)), match(title(1, 2)), ChangeKind.OTHER_EPISODES),
        (match(title(1, 1)), match(title(1, 1), edition="Uncut"), ChangeKind.OTHER_DETAILS),
        (match(title(1, 1)), question(title(1, 1)), ChangeKind.WOULD_QUEUE),
        (match(title(1, 1)), IGNORED, ChangeKind.WOULD_IGNORE),
        (question(title(1, 1)), match(title(1, 1)), ChangeKind.WOULD_MATCH),
        (question(title(1, 1)), question(title(1, 1, probability=0.2)), None),
        (question(title(1, 1)), question(title(2, 1), title(1, 1)), ChangeKind.OTHER_QUESTION),
        (question(), question(reason=UnmatchedReason.NO_MATCH), ChangeKind.OTHER_QUESTION),
        (IGNORED, match(title(1), role=Role.EXTRA), ChangeKind.WOULD_MATCH),
        (IGNORED, question(), ChangeKind.WOULD_QUEUE),
        (IGNORED, IGNORED, None),
    ],
)
def test_two_decisions_differ_in_what_they_come_to_and_not_in_how_sure_they_are(
    before: Decision, after: Decision, kind: ChangeKind | None
) -> None:
    assert change_between(before, after) is kind


def standing(decision: Decision | None, /, **values: Any) -> Standing:
    """A file that is what the decision says, but for `values`."""
    item = decision.item if decision else None
    file = Standing(
        file_id=1,
        version=2,
        identification=taken(decision).identification if decision else Identification.MATCHED,
        type=item.type if item else None,
        tmdb_id=item.tmdb_id if item else None,
        episodes=frozenset(item.episodes) if item else frozenset(),
        role=decision.role if decision else None,
        part=None,
        edition=None,
        rule_lifted=False,
        reason=decision.reason if decision else None,
        matched_by_person=False,
        decision=msgspec.json.encode(decision).decode() if decision else None,
        inputs=None,
    )
    return structs.replace(file, **values)


@pytest.mark.parametrize("decision", [match(title(1, 1)), question(title(1, 1)), IGNORED])
def test_a_decision_stands_while_the_file_is_what_it_said(decision: Decision) -> None:
    assert decision_that_stands(standing(decision)) == decision


@pytest.mark.parametrize(
    ("decision", "since"),
    [
        (match(title(1, 1)), {"tmdb_id": 2}),
        (match(title(1, 1)), {"episodes": frozenset({EpisodeNumber(1, 7)})}),
        (match(title(1, 1)), {"edition": "Uncut"}),
        (match(title(1, 1)), {"matched_by_person": True}),
        (match(title(1, 1)), {"identification": Identification.UNMATCHED, "reason": UnmatchedReason.REJECTED}),
        (question(), {"identification": Identification.MATCHED, "tmdb_id": 1}),
        (question(), {"identification": Identification.DISMISSED}),
        (question(), {"reason": UnmatchedReason.REJECTED}),
        (IGNORED, {"identification": Identification.UNMATCHED}),
        (question(), {"decision": '{"outcome":"of another version"}'}),
        (None, {}),
    ],
)
def test_what_was_said_since_by_somebody_else_stands_before_the_decision(
    decision: Decision | None, since: dict[str, Any]
) -> None:
    assert decision_that_stands(standing(decision, **since)) is None
