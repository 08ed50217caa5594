"""What travels on the wire about one path."""

from typing import Any

from msgspec import Struct, structs

from ..matching.decision import Decision
from ..matching.inquiry import Asked
from ..matching.known import Known
from ..parsing.line import as_facts, as_line
from .explain import Explanation


class PathIdentified(Struct, frozen=True, kw_only=True):
    """What identification would decide about one path, and all that it went by."""

    path: str
    """As its names count: relative to its library, or to the root that was given."""
    library: str | None
    kind: str
    """Of the library, or the one to suppose: `movies`, `series`, `mixed`."""
    left_out: str | None
    """The rule by which a scan passes over it; null for a media file."""
    parsed: dict[str, Any]
    """What the names say, for programs, as `mediastead parse --json` gives it."""
    says: dict[str, str]
    """The same for people: each value with where it was read and how sure that is."""
    known: Known
    """What was known beside the names, without the orders of series."""
    asked: list[Asked]
    """The questions in their order: why each was asked, what came back, and whether it was at hand."""
    threshold: float
    """The probability from which on a title is matched."""
    decision: Decision


def path_identified(explained: Explanation, library: str | None, kind: str, left_out: str | None) -> PathIdentified:
    return PathIdentified(
        path=explained.path,
        library=library,
        kind=kind,
        left_out=left_out,
        parsed=as_line(explained.parsed, explained.path),
        says=as_facts(explained.parsed),
        known=structs.replace(explained.known, orders={}),
        asked=list(explained.asked),
        threshold=explained.threshold,
        decision=explained.decision,
    )
