"""Tables of the pipeline items."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import NEVER_TWICE, Base, Id, choice


class ItemType(enum.StrEnum):
    MOVIE = "movie"
    SERIES = "series"


class ItemState(enum.StrEnum):
    """How far all titles of an item are."""

    NEW = "new"
    RIPPED = "ripped"
    REMUXED = "remuxed"
    TRANSCODED = "transcoded"
    IN_LIBRARY = "in_library"


class Trigger(enum.StrEnum):
    AUTO = "auto"
    MANUAL = "manual"
    APPROVAL = "approval"


class PipelineItem(Base):
    """A film or a season that is being made."""

    __tablename__ = "pipeline_item"
    __table_args__ = (
        Index(
            "uq_pipeline_item_season",
            "type",
            "safe_name",
            "season",
            "edition",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND season IS NOT NULL"),
            postgresql_where=text("ended_at IS NULL AND season IS NOT NULL"),
        ),
        Index(
            "uq_pipeline_item_whole",
            "type",
            "safe_name",
            "edition",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND season IS NULL"),
            postgresql_where=text("ended_at IS NULL AND season IS NULL"),
        ),
        Index("ix_pipeline_item_state", "state", "id"),
        Index("ix_pipeline_item_media_item", "media_item_id"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    type: Mapped[ItemType] = mapped_column(choice(ItemType, "type"))
    name: Mapped[str]
    safe_name: Mapped[str]
    """The name as a folder may be called on any file system; of a film with its year."""
    year: Mapped[int | None]
    season: Mapped[int | None]
    """None for films, and for series whose season nobody knows yet."""
    edition: Mapped[str] = mapped_column(default="")
    """Empty where there is none: NULL would be no part of what is unique."""
    state: Mapped[ItemState] = mapped_column(choice(ItemState, "state"))
    blocked: Mapped[str | None]
    """Why it cannot go on by itself, in words: a failed job, a title without an episode. None where nothing stands in its way."""
    automatic: Mapped[bool] = mapped_column(default=False)
    """Goes on by itself up to the next approval; else a person starts each stage."""
    media_item_id: Mapped[int | None] = mapped_column(ForeignKey("media_item.id", ondelete="SET NULL"))
    """What it will be, once that is known."""
    library_id: Mapped[int | None] = mapped_column(ForeignKey("library.id", ondelete="SET NULL"))
    """Where it is to go."""
    preset_id: Mapped[int | None] = mapped_column(ForeignKey("preset.id"))
    skips: Mapped[str] = mapped_column(default="")
    """Stages that a person skipped, parted by commas."""
    requires: Mapped[str] = mapped_column(default="")
    """Kinds of approval (`approvals.models.ApprovalKind`) that it needs, parted by commas."""
    begun: Mapped[dict[str, Any]] = mapped_column(JSON)
    """{stage: {"trigger", "actor"}}: who or what began each stage last, which the transition that follows from it tells."""
    folder: Mapped[bytes] = mapped_column(LargeBinary)
    """Its own in a staging root, absolute, as the server sees it. Items that follow one another under a name may share it."""
    actor: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """In its library, or given up by a person. None: active."""


class StateTransition(Base):
    """An item went from one state to another. Written once, never changed."""

    __tablename__ = "state_transition"
    __table_args__ = (Index("ix_state_transition_item", "item_id", "id"), NEVER_TWICE)

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("pipeline_item.id", ondelete="CASCADE"))
    from_state: Mapped[str | None]
    """None for the first."""
    to_state: Mapped[str]
    trigger: Mapped[Trigger] = mapped_column(choice(Trigger, "trigger"))
    actor: Mapped[str]
    notes: Mapped[str | None]
    at: Mapped[datetime]
