"""Tables of the replaying room."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import NEVER_TWICE, Base, Id, choice


class ReplayState(enum.StrEnum):
    """Where a replay stands."""

    QUEUED = "queued"
    """Asked for; no process has taken it yet."""
    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"
    """A person cancelled it; what it found until then stands, and it can be resumed."""
    INTERRUPTED = "interrupted"
    """The process that ran it died; what it found until then stands, and it can be resumed."""


class ChangeKind(enum.StrEnum):
    """What replaying would make of a file's decision."""

    WOULD_MATCH = "would_match"
    """It is in the queue or ignored, and would be matched."""
    OTHER_TITLE = "other_title"
    """It is matched, and would be to another title."""
    OTHER_EPISODES = "other_episodes"
    """It is matched, and would be to other episodes of the same series."""
    OTHER_DETAILS = "other_details"
    """It is matched, and would be to the same with another role, part or edition."""
    WOULD_QUEUE = "would_queue"
    """It is matched or ignored, and would be asked about."""
    WOULD_IGNORE = "would_ignore"
    OTHER_QUESTION = "other_question"
    """It is in the queue, and would stay there with another reason or other suggestions."""
    UNANSWERABLE = "unanswerable"
    """Deciding it needs an answer that was never kept. Nothing to accept; the first of them are listed, with the question."""


class Replay(Base):
    """One run of the matcher over past decisions."""

    __tablename__ = "replay"
    __table_args__ = (
        CheckConstraint("(state IN ('queued', 'running')) = (ended_at IS NULL)", name="open_or_ended"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    library_id: Mapped[int | None] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    """None: all libraries."""
    state: Mapped[ReplayState] = mapped_column(choice(ReplayState, "state"))
    threshold: Mapped[float]
    """The probability from which on it takes a title for matched."""
    matcher: Mapped[str]
    """The version of the matcher (`matching.inputs.matcher_version`) that was in force when it was asked for."""
    asked_by: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    last_file_id: Mapped[int] = mapped_column(default=0)
    """Files up to this id have been looked at."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    """`total`, `looked_at`, `same`, each kind of change, `unanswerable`: decisions that need an answer that was never kept,
    `without_inputs`: decisions of versions that did not keep what they went by, `settled_since`: what stands is not the
    decision but what a person said, or another change since; `failed`: the log says why."""


class ReplayChange(Base):
    """What a replay would change about one file, and whether a person accepted it."""

    __tablename__ = "replay_change"
    __table_args__ = (
        Index("ix_replay_change_replay", "replay_id", "kind", "id"),
        Index("ix_replay_change_file", "file_id"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    replay_id: Mapped[int] = mapped_column(ForeignKey("replay.id", ondelete="CASCADE"))
    file_id: Mapped[int] = mapped_column(ForeignKey("media_file.id", ondelete="CASCADE"))
    version: Mapped[int]
    """Of the file, when it was looked at: a change is applied only while the file still has it."""
    kind: Mapped[ChangeKind] = mapped_column(choice(ChangeKind, "kind"))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What stood, as `replaying.schemas.Taken`."""
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`replaying.proposals.Proposal`: the new decision with what recording it needs."""
    accepted_by: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
