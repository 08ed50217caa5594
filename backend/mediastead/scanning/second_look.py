"""Matches of identification are decided again where another file lies in the matched one's place and hardly is the same.

Where the same title wins, nothing changes. Where it does not, the file goes to the queue with the former title as the first
suggestion, even if another one is sure: a file that was put in another's place is a person's doing, and so is what follows.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from msgspec import structs

from ..clock import Clock
from ..db.engine import Database
from ..files.doubts import redecided
from ..files.types import Identification, UnmatchedReason
from ..matching.decision import Decision, Outcome, Suggestion
from ..metadata.kept import keep
from ..unmatched.recording import record_replaced
from .claims import POSTPONED, ClaimedFile, claim_files, postpone, release, still_as_claimed
from .decided import Decided, outcome_of
from .probes import keep_probes, seen
from .standing_queries import StandingMatch, standing_matches

DecideAll: TypeAlias = Callable[[Sequence[ClaimedFile]], Awaitable[tuple[list[Decided], list[ClaimedFile]]]]
"""What was decided, and the files that cannot be looked at now; the others wait for the provider."""

SUGGESTIONS = 5
AS_LIKELY_AS_NOT = 0.5
"""What is left of the former title: it must not be offered among probable ones, to be accepted with others at a glance."""


async def look_again(database: Database, clock: Clock, owner: int, decide_all: DecideAll, limit: int) -> bool:
    """One batch; whether anything was decided."""
    async with database.write() as session:
        files = await claim_files(session, owner, clock.now(), limit, again=True)
    try:
        decided, unreachable = await decide_all(files)
    except BaseException:
        async with database.write() as session:
            await postpone(session, owner, [file.file_id for file in files], clock.now() + POSTPONED)
        raise
    async with database.write() as session:
        now = clock.now()
        valid = await still_as_claimed(session, owner, [one.file for one in decided], Identification.MATCHED)
        applies = [one for one in decided if one.file.file_id in valid]
        stand = await standing_matches(session, [one.file.file_id for one in applies])
        lost = [
            structs.replace(one, decision=_question(one.decision, stand[one.file.file_id]), facts=None)
            for one in applies
            if one.file.file_id in stand and _is_lost(one, stand[one.file.file_id])
        ]
        kept = await keep(session, now, [heard for one in lost if one.basis for heard in one.basis.heard])
        await record_replaced(session, now, [outcome_of(one, {}, {}, kept) for one in lost])
        await keep_probes(session, now, [(seen(one.file), one.content) for one in applies if one.content])
        await redecided(session, [one.file.file_id for one in applies])
        await postpone(session, owner, [file.file_id for file in unreachable], now + POSTPONED)
        await release(session, owner, [file.file_id for file in files if file not in unreachable])
    return bool(decided)


def _is_lost(one: Decided, stands: StandingMatch) -> bool:
    """That a folder was dismissed since, or a rule came, is nothing against a match; nor is an error of ours (then there is no
    basis)."""
    decision = one.decision
    if one.basis is None or decision.outcome not in (Outcome.MATCH, Outcome.NO_MATCH):
        return False
    item = decision.item
    return item is None or (item.type, item.tmdb_id, decision.episodes) != (
        stands.type,
        stands.tmdb_id,
        stands.episodes,
    )


def _question(decision: Decision, stands: StandingMatch) -> Decision:
    others = (*([decision.item] if decision.item else []), *decision.suggestions)
    known = next((each for each in others if _is_it(each, stands)), None) or stands.suggested
    former = structs.replace(known, episodes=stands.episodes, probability=min(known.probability, AS_LIKELY_AS_NOT))
    rest = [each for each in others if not _is_it(each, stands)]
    why = stands.doubt or "it does not play as long as what it was taken for"
    found = f" Its name now says {rest[0].title} rather." if decision.outcome is Outcome.MATCH and rest else ""
    return Decision(
        outcome=Outcome.NO_MATCH,
        reason=UnmatchedReason.REPLACED,
        would_match_if=f"Since it was replaced, {why}.{found} An answer decides.",
        part=decision.part,
        edition=decision.edition,
        suggestions=(former, *rest)[:SUGGESTIONS],
        neighbours=decision.neighbours,
        notes=decision.notes,
    )


def _is_it(suggestion: Suggestion, stands: StandingMatch) -> bool:
    return (suggestion.type, suggestion.tmdb_id) == (stands.type, stands.tmdb_id)
