"""The table of the trash room."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import NEVER_TWICE, Base, Id, Unsigned64, choice


class TrashState(enum.StrEnum):
    IN_TRASH = "in_trash"
    PUT_BACK = "put_back"
    """It lies where it was."""
    DELETING = "deleting"
    """Written down before it is deleted; what a crash left is deleted by the next one who looks."""
    DELETED = "deleted"
    LOST = "lost"
    """It does not lie in the trash as it was put there: somebody else took or changed it. `said` tells what was found."""


class Trashed(Base):
    """A file, or a disc's folder, that was moved into a trash of its library."""

    __tablename__ = "trashed"
    __table_args__ = (
        Index("ix_trashed_library", "library_id", "id"),
        Index("ix_trashed_state", "state", "at"),
        Index("ix_trashed_file", "file_id"),
        Index("ix_trashed_step", "step_id"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("media_file.id", ondelete="SET NULL"))
    """None for what goes along with a media file."""
    step_id: Mapped[int]
    """Of the journal that moved it here; it is in its name. No foreign key: the journal is of a room above."""
    name: Mapped[bytes] = mapped_column(LargeBinary)
    """In the root's trash folder; or, in the trash of a mount beneath it, its whole path (`places.py`)."""
    path: Mapped[bytes] = mapped_column(LargeBinary)
    """Where it lay, relative to the root."""
    size: Mapped[int]
    mtime_ns: Mapped[int]
    inode: Mapped[int] = mapped_column(Unsigned64())
    mode: Mapped[int | None]
    """This and the group's number: what it had where it lay."""
    gid: Mapped[int | None]
    reason: Mapped[str]
    """For a person: why it is here."""
    at: Mapped[datetime]
    state: Mapped[TrashState] = mapped_column(choice(TrashState, "state"))
    said: Mapped[str | None]
    ended_at: Mapped[datetime | None]
