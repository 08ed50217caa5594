"""Tables of the unmatched room."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import NEVER_TWICE, Base, Id, choice, sorted_text
from ..files.types import Resolution, UnmatchedReason
from .types import Holds


class UnmatchedFile(Base):
    """A question about a file: what is it? At most one open a file."""

    __tablename__ = "unmatched_file"
    __table_args__ = (
        CheckConstraint("(resolution IS NULL) = (resolved_at IS NULL)", name="resolved_has_time"),
        Index(
            "uq_unmatched_file_open",
            "file_id",
            unique=True,
            sqlite_where=text("resolution IS NULL"),
            postgresql_where=text("resolution IS NULL"),
        ),
        Index("ix_unmatched_file_file", "file_id"),
        Index("ix_unmatched_file_group", "group_key", "id"),
        # Holds all that the list of groups needs, in their order.
        Index("ix_unmatched_file_groups", "resolution", "group_key", "reason", "ready", "file_id"),
        Index("ix_unmatched_file_resolution", "resolution", "id"),
        Index("ix_unmatched_file_series", "series_tmdb_id"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    file_id: Mapped[int] = mapped_column(ForeignKey("media_file.id", ondelete="CASCADE"))
    reason: Mapped[UnmatchedReason] = mapped_column(choice(UnmatchedReason, "reason"))
    would_match_if: Mapped[str | None]
    """The cheapest thing that would change it, as a sentence."""
    group_key: Mapped[str] = mapped_column(sorted_text())
    """Questions with the same key are likely settled by one answer: `<group id> <what they share>` (`questions.keyed`)."""
    proposed: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """{"type", "tmdb_id", "title", "year", "role", "episodes"}: what accepting the group would make of this file."""
    ready: Mapped[bool | None]
    """Whether what is proposed is whole, so that accepting it settles the question; None in questions of older versions."""
    said: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """`matching.numbering.SaidNumbers` as JSON: what the name says of episodes. None where nothing read it."""
    series_tmdb_id: Mapped[int | None]
    """For `episode_not_found`: the series, so that new episodes can bring the question up again."""
    found_at: Mapped[datetime]
    refreshed_at: Mapped[datetime | None]
    resolution: Mapped[Resolution | None] = mapped_column(choice(Resolution, "resolution"))
    resolved_by: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    resolved_version: Mapped[int | None]
    """The file's version that settling it made: it can be opened again only while the file still has it."""


class RejectedMatch(Base):
    """What a person said a file is not: never suggested for it again, until a person matches it so."""

    __tablename__ = "rejected_match"
    __table_args__ = (
        Index("ix_rejected_match_file", "file_id"),
        Index("ix_rejected_match_item", "item_id"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    file_id: Mapped[int] = mapped_column(ForeignKey("media_file.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("media_item.id"))
    episodes: Mapped[list[list[int]] | None] = mapped_column(JSON(none_as_null=True))
    """[[season, number], ...] that it does not hold; None where it is not this item at all."""
    by: Mapped[str]
    at: Mapped[datetime]


class RememberedAnswer(Base):
    """A person's answer for one file that holds for others: those that are read the same, in the same place.

    Its place is where the file it was given for lies now, so that it survives a renamed folder.
    """

    __tablename__ = "remembered_answer"
    __table_args__ = (
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked_by_whom"),
        Index("ix_remembered_answer_title", "library_id", "title_hash"),
        Index("ix_remembered_answer_item", "item_id"),
        Index("ix_remembered_answer_file", "file_id"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("media_file.id", ondelete="SET NULL"))
    """The file it was given for."""
    title: Mapped[str]
    """As it was read from the names of that file, for people."""
    title_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """As `matching.recall` makes it: 16 bytes."""
    holds: Mapped[Holds] = mapped_column(choice(Holds, "holds"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("media_item.id"))
    """What such files are; None: nobody needs to know."""
    numbering: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """`matching.renumbering.Renumbering` as JSON."""
    by: Mapped[str]
    at: Mapped[datetime]
    revoked_by: Mapped[str | None]
    """Who took it back; or `superseded`, where a later answer says otherwise."""
    revoked_at: Mapped[datetime | None]


class DismissedFolder(Base):
    """Of what comes into this folder, or beneath it, nobody needs to know what it is."""

    __tablename__ = "dismissed_folder"
    __table_args__ = (
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked_by_whom"),
        Index("ix_dismissed_folder_library", "library_id", "revoked_at"),
        Index("ix_dismissed_folder_file", "file_id"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("media_file.id", ondelete="SET NULL"))
    """The file by which it was named: where that went tells how the folder is called now."""
    path: Mapped[bytes] = mapped_column(LargeBinary)
    """Relative to the root, as it was called then."""
    by: Mapped[str]
    at: Mapped[datetime]
    revoked_by: Mapped[str | None]
    revoked_at: Mapped[datetime | None]


class SeriesOrder(Base):
    """The order in which the files of a series count its episodes, where a person chose another than the provider's own."""

    __tablename__ = "series_order"

    item_id: Mapped[int] = mapped_column(ForeignKey("media_item.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[str]
    """The provider's id of the episode group."""
    name: Mapped[str]
    numbering: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`matching.renumbering.Renumbering` as JSON: the group as it was when it was chosen or last refreshed."""
    chosen_by: Mapped[str]
    chosen_at: Mapped[datetime]
    refreshed_at: Mapped[datetime]
    """When the group was last asked for; due again once the series itself was refreshed."""
