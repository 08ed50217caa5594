"""Tables of the approvals."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import NEVER_TWICE, Base, Id, choice


class ApprovalKind(enum.StrEnum):
    DISC_PREVIEW = "disc_preview"
    """What is on the disc, what of it is to be ripped, and as what."""
    REMUX_REVIEW = "remux_review"
    """The tracks that were kept."""
    ORGANIZE_CONFIRM = "organize_confirm"
    """Where the files are to go, and what they replace."""


class ApprovalState(enum.StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    """As it was proposed, or changed (`response`)."""
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """What it asked about no longer stands."""


class Approval(Base):
    """A question that holds an item until a person answers."""

    __tablename__ = "approval"
    __table_args__ = (
        Index("ix_approval_state", "state", "id"),
        Index("ix_approval_item", "item_id", "id"),
        Index(
            "uq_approval_disc",
            "kind",
            "disc_id",
            unique=True,
            sqlite_where=text("state = 'pending' AND disc_id IS NOT NULL"),
            postgresql_where=text("state = 'pending' AND disc_id IS NOT NULL"),
        ),
        Index(
            "uq_approval_item",
            "kind",
            "item_id",
            unique=True,
            sqlite_where=text("state = 'pending' AND disc_id IS NULL"),
            postgresql_where=text("state = 'pending' AND disc_id IS NULL"),
        ),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    kind: Mapped[ApprovalKind] = mapped_column(choice(ApprovalKind, "kind"))
    state: Mapped[ApprovalState] = mapped_column(choice(ApprovalState, "state"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("pipeline_item.id", ondelete="CASCADE"))
    disc_id: Mapped[int | None] = mapped_column(ForeignKey("disc.id", ondelete="CASCADE"))
    prompt: Mapped[dict[str, Any]] = mapped_column(JSON)
    response: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What the person changed; None where nothing."""
    words: Mapped[str | None]
    """Of the person."""
    actor: Mapped[str | None]
    """Who answered."""
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
