"""Tables of the catalog room."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import NEVER_TWICE, Base, Id, choice, sorted_text
from .types import ItemType


class MediaItem(Base):
    """A film or a series. `tmdb_id` is null for what a person made by hand."""

    __tablename__ = "media_item"
    __table_args__ = (
        UniqueConstraint("type", "tmdb_id"),
        Index("ix_media_item_sort_key", "sort_key", "id"),
        Index("ix_media_item_type_sort", "type", "sort_key", "id"),
        Index(
            "ix_media_item_gone",
            "id",
            sqlite_where=text("gone_since IS NOT NULL"),
            postgresql_where=text("gone_since IS NOT NULL"),
        ),
        Index("ix_media_item_refresh_due_at", "refresh_due_at"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    type: Mapped[ItemType] = mapped_column(choice(ItemType, "type"))
    tmdb_id: Mapped[int | None]
    title: Mapped[str]
    original_title: Mapped[str | None]
    original_language: Mapped[str | None]
    alternative_titles: Mapped[list[str]] = mapped_column(JSON)
    sort_key: Mapped[str] = mapped_column(sorted_text())
    search_text: Mapped[str] = mapped_column(sorted_text())
    """Title, original and alternative titles, folded (`db.text.folded`)."""
    release_date: Mapped[date | None]
    year: Mapped[int | None]
    overview: Mapped[str | None]
    runtime: Mapped[int | None]
    """Minutes."""
    genres: Mapped[list[str]] = mapped_column(JSON)
    cast: Mapped[list[str]] = mapped_column(JSON)
    director: Mapped[str | None]
    rating: Mapped[float | None]
    """0 to 10."""
    poster: Mapped[str | None]
    backdrop: Mapped[str | None]
    ended: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    refreshed_at: Mapped[datetime | None]
    refresh_due_at: Mapped[datetime | None]
    """None for what was made by hand."""
    refresh_error: Mapped[str | None]
    """Why the last refresh failed, such as an id that the provider no longer has."""
    gone_since: Mapped[datetime | None]
    """The provider no longer has this title under its id since then: item and files are kept until a person says what it is
    now."""
    gone_reason: Mapped[str | None]
    """`types.GoneReason`; None where it is not gone."""
    successors: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """What a gone item may be there now (`metadata.gone.Successor`); None where that was not asked yet."""
    facts_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of the facts as they were last stored: facts that are the same again write nothing."""


class ExternalId(Base):
    """An id of an item at somebody else's: imdb, tvdb."""

    __tablename__ = "external_id"
    __table_args__ = (Index("ix_external_id_value", "provider", "value"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("media_item.id", ondelete="CASCADE"), primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Season(Base):
    __tablename__ = "season"
    __table_args__ = (
        UniqueConstraint("item_id", "number"),
        CheckConstraint("number >= 0", name="number_not_negative"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("media_item.id", ondelete="CASCADE"))
    number: Mapped[int]
    """0 holds the specials."""
    title: Mapped[str | None]
    air_date: Mapped[date | None]
    overview: Mapped[str | None]
    poster: Mapped[str | None]


class Episode(Base):
    __tablename__ = "episode"
    __table_args__ = (
        UniqueConstraint("season_id", "number"),
        CheckConstraint("number >= 0", name="number_not_negative"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    season_id: Mapped[int] = mapped_column(ForeignKey("season.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str | None]
    air_date: Mapped[date | None]
    runtime: Mapped[int | None]
    overview: Mapped[str | None]
    still: Mapped[str | None]
