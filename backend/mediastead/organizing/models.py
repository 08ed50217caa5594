"""Tables of the organizing room: what is to be moved, and the journal of its being done."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import NEVER_TWICE, Base, Id, Unsigned64, choice
from .moves import MoveRole


class OrganizingKind(enum.StrEnum):
    RENAME = "rename"
    """Files go where the naming template says."""
    UNDO = "undo"
    """Files go back to where an earlier organizing took them from."""


class OrganizingState(enum.StrEnum):
    PLANNING = "planning"
    PLANNED = "planned"
    """To be looked at, then applied or discarded; nothing was touched."""
    APPLYING = "applying"
    """Group after group is being done."""
    ENDED = "ended"
    """No group waits to be begun. Each says how it ended, and one may still be open. So has a plan with nothing to do."""
    DISCARDED = "discarded"
    EXPIRED = "expired"


class Organizing(Base):
    """One plan for one library, and what became of it."""

    __tablename__ = "organizing"
    __table_args__ = (
        Index("ix_organizing_library", "library_id", "id"),
        Index("ix_organizing_state", "state", "id"),
        Index("ix_organizing_from", "from_library_id", "id"),
        Index("uq_organizing_staged_key", "staged_key", unique=True),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    kind: Mapped[OrganizingKind] = mapped_column(choice(OrganizingKind, "kind"))
    undo_of: Mapped[int | None] = mapped_column(ForeignKey("organizing.id", ondelete="SET NULL"), index=True)
    state: Mapped[OrganizingState] = mapped_column(choice(OrganizingState, "state"))
    from_library_id: Mapped[int | None]
    """The library that the files come from, where that is another one. No foreign key: that one may be removed, and then
    what was moved cannot be taken back; that is not to look as if nothing had come from it."""
    bring_how: Mapped[str | None]
    """Files are brought in from there: link, copy or move (`libraries.models.BringHow`)."""
    replace: Mapped[bool | None]
    """What lies at a new path goes to the trash, instead of keeping the file from coming there."""
    from_root: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The folder that its files come from, where that is in no library (`staging.py`)."""
    staged: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What such a file is, and what is told of it (`staging.StagedAs`)."""
    staged_key: Mapped[str | None]
    """By which whoever asked knows that it was asked already."""
    template: Mapped[str | None]
    """By which the paths were made; None for what takes back."""
    actor: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """A plan grows old: what it was made from changes."""
    applied_at: Mapped[datetime | None]
    """When a person said so."""
    ended_at: Mapped[datetime | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    """Of the plan: {"groups", "moves", "refused", "unchanged"}."""
    operation_id: Mapped[int | None] = mapped_column(ForeignKey("operation.id", ondelete="SET NULL"))
    """Written with the first group that is done."""


class GroupState(enum.StrEnum):
    PLANNED = "planned"
    DOING = "doing"
    """Its steps are written down; some of them may be done."""
    TAKING_BACK = "taking_back"
    """A step failed, and those before it are being undone."""
    WAITING = "waiting"
    """The root is not there (a disk that is not mounted). It is gone on with when the root is back."""
    DONE = "done"
    TAKEN_BACK = "taken_back"
    """A step failed; everything is where it was."""
    REFUSED = "refused"
    """Not begun, because it could not have been done."""
    STUCK = "stuck"
    """Tried several times without an end. The library is free again; a person can have it tried once more."""
    GIVEN_UP = "given_up"
    """The disk shows no state that its steps could have led to: somebody else changed it. Nothing was touched."""


OPEN_GROUP = (GroupState.DOING, GroupState.TAKING_BACK, GroupState.WAITING, GroupState.STUCK)
"""Those that nobody may remove."""


class OrganizingGroup(Base):
    """Moves that happen together or not at all."""

    __tablename__ = "organizing_group"
    __table_args__ = (
        CheckConstraint(
            "(state IN ('doing', 'taking_back', 'waiting', 'stuck')) = (open_library_id IS NOT NULL)",
            name="open_names_library",
        ),
        Index("ix_organizing_group_organizing", "organizing_id", "id"),
        Index(
            "ix_organizing_group_open",
            "open_library_id",
            sqlite_where=text("open_library_id IS NOT NULL"),
            postgresql_where=text("open_library_id IS NOT NULL"),
        ),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    organizing_id: Mapped[int] = mapped_column(ForeignKey("organizing.id", ondelete="CASCADE"))
    open_library_id: Mapped[int | None] = mapped_column(ForeignKey("library.id", ondelete="RESTRICT"))
    """The library, as long as the group is open: its files may lie anywhere, so it cannot be removed."""
    state: Mapped[GroupState] = mapped_column(choice(GroupState, "state"))
    epoch: Mapped[int] = mapped_column(default=0)
    """Raised by whoever takes the group over; what is written names the epoch it was done in."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Begun and not ended, so that a group that kills its process is not tried for ever."""
    backwards: Mapped[bool] = mapped_column(default=False)
    """It is being taken back, also while it waits or is stuck."""
    at_target: Mapped[bool | None]
    """Every file is copied whole, so that the sources may go: from here on it is not taken back any more."""
    abroad_inode: Mapped[int | None] = mapped_column(Unsigned64())
    """Of the folder that its files come from, where no marker can tell whether it is there."""
    next_try_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    """Of a refusal (`moves.Reason`)."""
    said: Mapped[str | None]
    """For a person: why it is not done, and what to do."""
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class OrganizingHold(Base):
    """The other library of an open group, from which its files come: it cannot be removed as long."""

    __tablename__ = "organizing_hold"
    __table_args__ = (Index("ix_organizing_hold_library", "library_id"),)

    group_id: Mapped[int] = mapped_column(
        ForeignKey("organizing_group.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="RESTRICT"))


class StepAction(enum.StrEnum):
    MAKE_FOLDER = "make_folder"
    MOVE = "move"
    REMOVE_FOLDER = "remove_folder"
    """Only where it is empty; one that is not stays, and that is no failure."""


class OrganizingStep(Base):
    """One change of the disk. Moves stand here from the plan on, the rest from when the group is begun."""

    __tablename__ = "organizing_step"
    __table_args__ = (
        UniqueConstraint("organizing_id", "target_key"),
        Index("ix_organizing_step_group", "group_id", "id"),
        Index("ix_organizing_step_file", "file_id"),
        CheckConstraint("(held_name IS NULL) = (held_at IS NULL)", name="held_with_position"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    organizing_id: Mapped[int] = mapped_column(ForeignKey("organizing.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("organizing_group.id", ondelete="CASCADE"))
    position: Mapped[int | None]
    """In the order of doing; None until the group is begun."""
    action: Mapped[StepAction] = mapped_column(choice(StepAction, "action"))
    role: Mapped[MoveRole | None] = mapped_column(choice(MoveRole, "role"))
    """None for a folder."""
    way: Mapped[str | None]
    """Of a move, where it is not simply renamed (`moves.Way`)."""
    file_id: Mapped[int | None] = mapped_column(ForeignKey("media_file.id", ondelete="SET NULL"))
    file_version: Mapped[int | None]
    source: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Relative to the root; None for a folder."""
    source_abroad: Mapped[bool | None]
    """In the library that the organizing's files come from."""
    target_abroad: Mapped[bool | None]
    target: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The folder, for those. None only where a refused file has no target."""
    target_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """`spelling.path_key(target)` of a move that is to be done, so that no two of an organizing go to one place; with a slash
    before the target where that is in the other library."""
    held_name: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Where files change places, one of them waits under this name in its own folder, from `held_at` until `position`."""
    held_at: Mapped[int | None]
    size: Mapped[int | None]
    mtime_ns: Mapped[int | None]
    inode: Mapped[int | None] = mapped_column(Unsigned64())
    mode: Mapped[int | None]
    """This and the group's number: what the file had before it was moved."""
    gid: Mapped[int | None]
    wanted_mode: Mapped[int | None]
    """This and the group's number: what it is to have, where it is not that of its new folder or of the library's setting."""
    wanted_gid: Mapped[int | None]
    made_size: Mapped[int | None]
    """This and the two below: what a copy looks like. Written once it is whole, before it gets its name."""
    made_mtime_ns: Mapped[int | None]
    made_inode: Mapped[int | None] = mapped_column(Unsigned64())
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of the content that was copied: BLAKE2b, 32 bytes."""
    made_file_id: Mapped[int | None]
    """The file that came into being by a link or a copy. No foreign key: it may be forgotten."""
    done: Mapped[bool] = mapped_column(default=False)
    """True once the group is done: for a folder, that it was really made or removed."""
