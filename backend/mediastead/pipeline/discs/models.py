"""Tables of the discs."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import NEVER_TWICE, Base, Id, choice


class DiscKind(enum.StrEnum):
    DVD = "dvd"
    BLURAY = "bluray"
    FILES = "files"
    """No disc: media files of a library that are to be made anew, each of them a title."""


class DiscState(enum.StrEnum):
    PENDING = "pending"
    """Declared by a person, or read and waiting for an item or an approval."""
    READING = "reading"
    """Its titles are being read."""
    RIPPING = "ripping"
    RIPPED = "ripped"
    FAILED = "failed"
    """Known again by its fingerprint, and never tried again or ejected unasked."""
    REJECTED = "rejected"
    """A person said that it is not wanted."""


class Disc(Base):
    """A disc that was seen in a drive, as an image or a folder, or that a person declared."""

    __tablename__ = "disc"
    __table_args__ = (
        Index("ix_disc_fingerprint", "fingerprint"),
        Index("ix_disc_state", "state", "id"),
        Index(
            "uq_disc_number",
            "item_id",
            "number",
            unique=True,
            sqlite_where=text("number IS NOT NULL"),
            postgresql_where=text("number IS NOT NULL"),
        ),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("pipeline_item.id", ondelete="CASCADE"))
    number: Mapped[int | None]
    """Within its item; None until it is known."""
    kind: Mapped[DiscKind] = mapped_column(choice(DiscKind, "kind"))
    state: Mapped[DiscState] = mapped_column(choice(DiscState, "state"))
    host_id: Mapped[int | None] = mapped_column(ForeignKey("host.id"))
    """Where it was seen last."""
    source: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Device, image or folder, as that host sees it; None for a declared disc that was not inserted yet."""
    inserted: Mapped[bool] = mapped_column(default=False)
    """Whether it was there when the host looked last."""
    label: Mapped[str | None]
    """The name of its volume."""
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    """`discs.fingerprint`: 16 bytes, the same for every copy of one pressing."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """As the tools said it (`discs.reading.DiscFacts`)."""
    guess: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What it may be (`discs.assigning.Guess`): film or season, with candidates and probabilities."""
    error: Mapped[str | None]
    seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class DiscSeen(Base):
    """What a host on another machine saw, until the server has recorded it (`discs.reported`)."""

    __tablename__ = "disc_seen"
    __table_args__ = (NEVER_TWICE,)

    id: Mapped[Id]
    host_id: Mapped[int] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"))
    seen: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`facts.Seen`; paths and fingerprints in base64."""
    at: Mapped[datetime]


class TitleRole(enum.StrEnum):
    FEATURE = "feature"
    EPISODE = "episode"
    EXTRA = "extra"
    PLAY_ALL = "play_all"
    """Several episodes one after another."""
    DUPLICATE = "duplicate"
    """The same content as another title."""
    SHORT = "short"
    """Logos, warnings, menus."""


class DiscTitle(Base):
    """A title of a disc: what it is taken for, and how far it is."""

    __tablename__ = "disc_title"
    __table_args__ = (
        UniqueConstraint("disc_id", "number"),
        Index("ix_disc_title_media_file", "media_file_id"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    disc_id: Mapped[int] = mapped_column(ForeignKey("disc.id", ondelete="CASCADE"))
    number: Mapped[int]
    """As the tools count."""
    media_file_id: Mapped[int | None]
    """Of which it is the content, where the disc is of kind `files`. No foreign key: the story stays when the file is gone."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`discs.reading.TitleFacts`: duration, chapters, tracks, size."""
    role: Mapped[TitleRole | None] = mapped_column(choice(TitleRole, "role"))
    selected: Mapped[bool] = mapped_column(default=False)
    """It is to be ripped and made."""
    season: Mapped[int | None]
    episodes: Mapped[list[int]] = mapped_column(JSON)
    """Numbers, in order; empty for a film or an extra."""
    name: Mapped[str | None]
    """The file name that is proposed, without suffix."""
    confidence: Mapped[float | None]
    """0 to 1, that role and episodes are right."""
    by_hand: Mapped[bool] = mapped_column(default=False)
    """A person said what it is; no assignment changes it any more."""
    done: Mapped[str | None]
    """The last stage (`jobs.models.Stage`) that it has behind it, also by being skipped; None before the rip."""
    file: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What that stage made of it, absolute, as the server sees it."""
