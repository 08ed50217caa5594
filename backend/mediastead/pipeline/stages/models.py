"""Tables of the stages."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import NEVER_TWICE, Base, Id


class Preset(Base):
    """How files are to be transcoded. A changed preset is a new row, so that what was made by the old one stays told."""

    __tablename__ = "preset"
    __table_args__ = (
        Index(
            "uq_preset_name",
            "name",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    name: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`stages.presets.PresetBody`."""
    built_in: Mapped[bool] = mapped_column(default=False)
    actor: Mapped[str]
    created_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class NotWorthIt(Base):
    """This content was transcoded with this preset, and the result was too large to be worth it: not tried again."""

    __tablename__ = "not_worth_it"
    __table_args__ = (Index("uq_not_worth_it", "size", "fingerprint", "preset_hash", unique=True), NEVER_TWICE)

    id: Mapped[Id]
    size: Mapped[int]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    """`probing.fingerprint` of the source: holds also after a rename."""
    preset_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """16 bytes, of the preset's body."""
    ratio: Mapped[float]
    """Size of the result by size of the source."""
    at: Mapped[datetime]
