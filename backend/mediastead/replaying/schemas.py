"""Replays and what they would change, on the wire."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from ..catalog.types import ItemType
from ..files.types import Identification, Role, UnmatchedReason
from ..http.paging import LARGEST_INTEGER
from ..matching.decision import EpisodeNumber
from .models import ChangeKind, ReplayState

MOST_ACCEPTED = 500
"""Changes in one request, and so in one transaction and one operation."""

AnId = Annotated[int, Meta(ge=1, le=LARGEST_INTEGER)]


class ReplayRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    library_id: AnId | None = None
    """Left out: all libraries."""
    threshold: Annotated[float, Meta(ge=0.5, le=1)] | None = None
    """Left out: the setting. Another one shows what changing the setting would do."""


class ReplayView(Struct, frozen=True, kw_only=True):
    """Where a replay stands."""

    id: int
    library_id: int | None
    library: str | None
    state: ReplayState
    threshold: float
    matcher: str
    """The version of the matcher that it was asked for with."""
    asked_by: str
    started_at: datetime
    ended_at: datetime | None
    cancel_requested: bool
    counts: dict[str, int]
    """`total` and `looked_at` say how far it is; then `same`, each kind of change, `without_inputs`,
    `settled_since`, `failed`."""


class Taken(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a file is taken for by a decision, for people: before and after in the same shape."""

    identification: Identification
    type: ItemType | None = None
    tmdb_id: int | None = None
    title: str | None = None
    year: int | None = None
    episodes: tuple[EpisodeNumber, ...] = ()
    role: Role | None = None
    part: int | None = None
    edition: str | None = None
    probability: float | None = None
    reason: UnmatchedReason | None = None
    would_match_if: str | None = None
    rule: str | None = None
    """That ignores it."""
    suggestions: tuple[str, ...] = ()
    """`The Matrix (1999)`, of a question; where two are called so, `The Matrix (1999) movie 603`."""


class ChangeShown(Struct, frozen=True, kw_only=True):
    """What a replay would change about one file."""

    id: int
    kind: ChangeKind
    file_id: int
    library: str
    path: str
    """As it is now, relative to the library's root; lossy."""
    version: int
    """Of the file, when it was looked at; accepted only while it still has it."""
    current_version: int
    before: Taken
    after: Taken | None
    """None where it could not be decided again."""
    missing: str | None
    """The question to the provider that nobody had asked, where it could not be decided again."""
    accepted_by: str | None
    accepted_at: datetime | None


class AcceptRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which changes: some by their ids, all of a kind, or all."""

    changes: Annotated[list[AnId], Meta(min_length=1, max_length=MOST_ACCEPTED)] | None = None
    kind: ChangeKind | None = None
    all: bool = False
    after: Annotated[int, Meta(ge=0, le=LARGEST_INTEGER)] = 0
    """With `kind` or `all`: only changes after this id. `next` of an answer asks for the following ones."""


class NotAccepted(Struct, frozen=True, kw_only=True):
    change_id: int
    file_id: int | None
    error: dict[str, Any]
    """As a problem of the API: what kept this one from being applied."""


class AcceptResult(Struct, frozen=True, kw_only=True):
    accepted: int
    not_accepted: list[NotAccepted]
    operation_id: int | None
    """Of what was applied by this request, all of it at once."""
    next: int | None
    """For `after`, where up to 500 changes were looked at and there are more."""
