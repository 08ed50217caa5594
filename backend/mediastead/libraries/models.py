"""Tables of the libraries room."""

import enum
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import NEVER_TWICE, Base, Id, choice


class LibraryKind(enum.StrEnum):
    MOVIES = "movies"
    SERIES = "series"
    MIXED = "mixed"


class BringHow(enum.StrEnum):
    """How files come from an inbox into a library."""

    LINK = "link"
    """By hard links, so that they lie in both and take room once; copied where the disk can make none."""
    COPY = "copy"
    MOVE = "move"


class Library(Base):
    """A folder that a person told us to look after."""

    __tablename__ = "library"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("scan_interval_minutes > 0", name="interval_positive"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    name: Mapped[str]
    root: Mapped[bytes] = mapped_column(LargeBinary)
    """Absolute, as the file system gave it."""
    kind: Mapped[LibraryKind] = mapped_column(choice(LibraryKind, "kind"))
    scan_interval_minutes: Mapped[int | None]
    """None: scanned only when somebody asks."""
    next_scan_at: Mapped[datetime | None]
    """Claimed by a conditional UPDATE: the server that moves it on is the one that scans."""
    exclude_patterns: Mapped[list[str]] = mapped_column(JSON)
    naming_template: Mapped[str | None]
    root_marker: Mapped[str | None]
    """What the marker file in the root must contain; None where the root could not be written to."""
    unavailable_since: Mapped[datetime | None]
    unavailable_reason: Mapped[str | None]
    watching: Mapped[str | None]
    """`watched`, or why changes in its folders are not heard at once, in words; None where no server watches."""
    record_form: Mapped[str | None]
    """How what its files are taken for is written beside them (`files.types.RecordForm`); None: not at all."""
    bring_into_id: Mapped[int | None]
    """It is an inbox: its files are to be brought into that library. No foreign key: SQLite cannot add one to a table."""
    bring_how: Mapped[str | None]
    """Of an inbox: `BringHow`."""
    file_mode: Mapped[int | None]
    """Of files that are put into it; None: as the folder's that they come into, without the right to execute."""
    folder_mode: Mapped[int | None]
    """Of folders that are made in it; None: as of the folder above."""
    owner_group: Mapped[str | None]
    """The group of both, by name; None: as the folder's above."""
    organizing_group_id: Mapped[int | None]
    """The group of moves that has its steps written down and is not at its end: until then nobody else may look at the files
    as a whole or change them (`lock.py`). No foreign key: it would close a circle, and the group is of a room above."""
    removing_since: Mapped[datetime | None]
    """Somebody had it removed: what is known of its files is going, piece by piece (`removing.py`)."""
    removed_by: Mapped[str | None]
    created_at: Mapped[datetime]


class ScanPhase(enum.StrEnum):
    """Where a scan stands."""

    QUEUED = "queued"
    """Asked for; no server has taken it yet."""
    INVENTORY = "inventory"
    """Walking and comparing."""
    FINISHED = "finished"
    """`outcome` says how."""


class ScanOutcome(enum.StrEnum):
    """How a scan ended."""

    COMPLETED = "completed"
    """Everything beneath the root was seen."""
    COMPLETED_WITH_GAPS = "completed_with_gaps"
    """Some folders could not be listed; what lies beneath them keeps its state."""
    NEEDS_CONFIRMATION = "needs_confirmation"
    """Too much would become missing at once; nothing of that was written. `confirm` or `discard` answers."""
    CONFIRMED = "confirmed"
    """A person said that the files are really gone; a further scan looked again without the limit."""
    DISCARDED = "discarded"
    """A person said to leave everything as it was."""
    SUPERSEDED = "superseded"
    """A later scan came to an end before anybody answered."""
    INTERRUPTED = "interrupted"
    """The process that ran it died."""
    STOPPED = "stopped"
    """A person cancelled it."""
    FAILED = "failed"
    """An error that `error` tells."""
    ROOT_UNAVAILABLE = "root_unavailable"
    """The root was not there, empty or replaced; nothing was changed."""


class Scan(Base):
    """One look at one library: asked for, running, or ended."""

    __tablename__ = "scan"
    __table_args__ = (
        CheckConstraint("(phase = 'finished') = (outcome IS NOT NULL)", name="outcome_when_finished"),
        Index(
            "uq_scan_open",
            "library_id",
            unique=True,
            sqlite_where=text("phase <> 'finished'"),
            postgresql_where=text("phase <> 'finished'"),
        ),
        Index("ix_scan_library", "library_id", "id"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    trigger: Mapped[str]
    """`manual`, `schedule`, `watch`, `confirmation`, `retry`."""
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    without_limit: Mapped[bool] = mapped_column(default=False)
    """Made by `confirm`: any share of the library may become missing."""
    phase: Mapped[ScanPhase] = mapped_column(choice(ScanPhase, "phase"))
    started_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    """Of the progress in `counts`."""
    finished_at: Mapped[datetime | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    scope: Mapped[list[list[str | bool]] | None] = mapped_column(JSON(none_as_null=True))
    """The folders that it looks at (`scanning.scope.to_stored`); None: the whole library."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    """folders, files, new, changed, moved, missing, back, unsettled, hidden, would_miss."""
    gaps: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    """[{"path", "reason"}], the first 1,000."""
    hidden: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    """Trees hidden by a rule: [{"path", "rule"}], the first 1,000."""
    outcome: Mapped[ScanOutcome | None] = mapped_column(choice(ScanOutcome, "outcome"))
    error: Mapped[str | None]
    answered_by: Mapped[str | None]
    """Who confirmed or discarded it."""
