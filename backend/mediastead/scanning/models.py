"""Tables of the scanning room."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import Base


class IdentifyClaim(Base):
    """A pending file that some process is identifying now."""

    __tablename__ = "identify_claim"
    __table_args__ = (Index("ix_identify_claim_owner", "owner"),)

    file_id: Mapped[int] = mapped_column(
        ForeignKey("media_file.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    owner: Mapped[int]
    """The identifying process; alive while it holds the lock of this number (`db.locks`)."""
    until: Mapped[datetime]
    """The claim ends then even if its owner lives, because it may hang."""
