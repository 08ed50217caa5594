"""A decision about a claimed file on its way into the database."""

from msgspec import Struct, to_builtins

from ..matching.decision import Decision, Outcome
from ..matching.grouping import group_key, proposed
from ..matching.inputs import Basis
from ..matching.known import Known
from ..matching.recall import recall_of
from ..matching.said import said_numbers
from ..metadata.facts import ItemFacts
from ..metadata.items import StoredItem
from ..metadata.stored import ItemKey
from ..parsing.parsed import ParsedPath
from ..probing import Content
from ..unmatched.recording import FileOutcome
from .claims import ClaimedFile
from .known import asking_of


class Decided(Struct, frozen=True):
    """A decision about a claimed file, with the facts that storing it needs."""

    file: ClaimedFile
    parsed: ParsedPath
    decision: Decision
    facts: ItemFacts | None
    """None where nothing is to be stored: no match, or of a title as the catalog has it."""
    known: Known
    basis: Basis | None
    """What it went by; None where it could not be made."""
    content: Content | None = None
    """What was read of it just now."""


def matched_to(one: Decided) -> ItemKey | None:
    """The title that it is matched to, where that is one of the provider's."""
    item = one.decision.item
    return (item.type, item.tmdb_id) if one.decision.outcome is Outcome.MATCH and item else None


def can_be_written(one: Decided, stored: dict[ItemKey, StoredItem]) -> bool:
    """Whether the catalog has the title and the episodes; it may have lost them since they were decided on."""
    key = matched_to(one)
    if key is None:
        return True
    return key in stored and all((at.season, at.number) in stored[key].episodes for at in one.decision.episodes)


def outcome_of(
    one: Decided, stored: dict[ItemKey, StoredItem], by_hand: dict[int, StoredItem], kept: dict[bytes, int]
) -> FileOutcome:
    """What the queue, the file and its import are to be told. `stored` and `by_hand` (by file id) are items in the catalog,
    `kept` the ids of kept answers by digest."""
    best = proposed(one.decision, one.parsed)
    key = matched_to(one)
    return FileOutcome(
        file_id=one.file.file_id,
        version_seen=one.file.version,
        decision=one.decision,
        stored=stored[key] if key else by_hand.get(one.file.file_id),
        group_key=group_key(one.parsed.path, one.decision, one.parsed),
        proposed=to_builtins(best) if best is not None else None,
        said=to_builtins(said_numbers(one.parsed)),
        source_path=one.file.root.rstrip(b"/") + b"/" + one.file.path,
        asking=asking_of(one.file, one.parsed),
        folder=one.file.folder,
        dismissed=one.known.dismissed,
        recall=recall_of(one.parsed),
        answer_id=one.known.answered.id if one.known.answered else None,
        beside=one.known.recorded,
        inputs=one.basis.as_stored(kept) if one.basis else None,
    )
