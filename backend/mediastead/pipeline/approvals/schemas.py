"""Approvals on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from .models import ApprovalKind, ApprovalState


class ApprovalView(Struct, frozen=True, kw_only=True):
    """A question that holds an item."""

    id: int
    kind: ApprovalKind
    state: ApprovalState
    item_id: int | None
    item: str | None
    """The item's name, with its year or season, and its edition."""
    disc_id: int | None
    disc: str | None
    """`disc 3 (FIREFLY_S1_D3)`, where it asks about one."""
    prompt: dict[str, Any]
    """By kind: what is asked (`approvals/prompts.py` says the shapes)."""
    response: dict[str, Any] | None
    """What the person changed; null where nothing."""
    words: str | None
    actor: str | None
    asked_at: datetime
    answered_at: datetime | None


class ApprovalAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Yes, no, or yes with changes."""

    decision: Literal["approve", "reject"]
    words: Annotated[str, Meta(min_length=1, max_length=2000)] | None = None
    """Why; a rejection needs them."""
    changes: dict[str, Any] | None = None
    """disc_preview: {"titles": [{"number", "role", "season", "episodes", "selected", "name"}]}; remux_review: {"preset"};
    organize_confirm: {"library_id"}."""
