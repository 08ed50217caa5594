"""Tables of the files room.

The full-text indexes over `search_text` (FTS5 on SQLite, GIN on PostgreSQL) are made by the migrations in SQL.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import NEVER_TWICE, Base, Id, Unsigned64, choice, sorted_text
from .types import Happened, Identification, ImportMethod, Presence, RecordForm, Role

PATH_START = 200
"""Bytes of a path that are indexed for ranges: an entry of PostgreSQL's index holds less than 3 KB, a path may have 4."""


class Folder(Base):
    """A folder that holds media files, or that could not be listed."""

    __tablename__ = "folder"
    __table_args__ = (
        UniqueConstraint("library_id", "path_hash"),
        UniqueConstraint("id", "library_id"),
        Index("ix_folder_path", "library_id", "path_start"),
        Index(
            "ix_folder_gap",
            "id",
            sqlite_where=text("gap_since IS NOT NULL"),
            postgresql_where=text("gap_since IS NOT NULL"),
        ),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    path: Mapped[bytes] = mapped_column(LargeBinary)
    """Relative to the root, `b""` for the root itself, parts joined by `/`, no UTF-8 promised."""
    path_start: Mapped[bytes | None] = mapped_column(
        LargeBinary, Computed(f"substr(path, 1, {PATH_START})", persisted=True)
    )
    """None for the root on SQLite, whose `substr` of an empty blob is NULL."""
    path_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """`path_hash(path)`: 16 bytes, because an index entry cannot hold 4 KB."""
    search_text: Mapped[str] = mapped_column(sorted_text())
    mount_point: Mapped[bool] = mapped_column(default=False)
    """Another file system was mounted here when it was last listed."""
    disk: Mapped[str | None]
    """Which one that was (`scanning.mounts.identity_of`); None where none was, or nobody knew."""
    gap_since: Mapped[datetime | None]
    """Set on every known folder beneath one that could not be listed; None again with the next full listing."""
    gap_reason: Mapped[str | None]


class MediaFile(Base):
    """A media file that was seen once: what it is taken for. Whether it is there stands in `MediaFileState`."""

    __tablename__ = "media_file"
    __table_args__ = (
        ForeignKeyConstraint(["folder_id", "library_id"], ["folder.id", "folder.library_id"], ondelete="CASCADE"),
        CheckConstraint("(identification = 'matched') = (media_item_id IS NOT NULL)", name="matched_has_item"),
        CheckConstraint("(identification = 'ignored') = (ignore_rule IS NOT NULL)", name="ignored_has_rule"),
        Index(
            "uq_media_file_path",
            "folder_id",
            "name",
            unique=True,
            sqlite_where=text("holds_path"),
            postgresql_where=text("holds_path"),
        ),
        # With the library, so that SQLite takes it for the foreign key: by the library alone, each folder that is deleted
        # would go through all files of its library.
        Index("ix_media_file_folder", "folder_id", "library_id", "id"),
        Index("ix_media_file_library", "library_id", "id"),
        Index("ix_media_file_identification", "identification", "id"),
        # Holds all that counting needs, so that the rows of a million files need not be read for it.
        Index("ix_media_file_counts", "library_id", "identification", "hidden"),
        Index("ix_media_file_hidden", "id", sqlite_where=text("hidden = 1"), postgresql_where=text("hidden")),
        Index("ix_media_file_sort", "search_text", "id"),
        Index("ix_media_file_library_sort", "library_id", "search_text", "id"),
        Index("ix_media_file_identification_sort", "identification", "search_text", "id"),
        Index("ix_media_file_role", "role", "id"),
        Index("ix_media_file_role_sort", "role", "search_text", "id"),
        Index("ix_media_file_item", "media_item_id"),
        # Says which items a library has files of, without a look at the files.
        Index("ix_media_file_library_item", "library_id", "media_item_id", "hidden"),
        Index(
            "ix_media_file_pending",
            "folder_id",
            "id",
            sqlite_where=text("identification = 'pending'"),
            postgresql_where=text("identification = 'pending'"),
        ),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    library_id: Mapped[int]
    """Of the folder; the foreign key over both columns keeps them in step."""
    folder_id: Mapped[int]
    name: Mapped[bytes] = mapped_column(LargeBinary)
    """Base name; of a disc folder that counts as one file: `VIDEO_TS` or `BDMV`."""
    holds_path: Mapped[bool] = mapped_column(default=True)
    """False for a missing file whose last path was given to a file that moved there."""
    hidden: Mapped[bool] = mapped_column(default=False)
    """A person had this missing file forgotten: it is in no list, but is known again when it comes back."""
    search_text: Mapped[str] = mapped_column(sorted_text())
    """The name, folded; also what lists are sorted by."""
    media_item_id: Mapped[int | None] = mapped_column(ForeignKey("media_item.id"))
    identification: Mapped[Identification] = mapped_column(choice(Identification, "identification"))
    ignore_rule: Mapped[str | None]
    """The rule that ignored it, in words."""
    rule_lifted: Mapped[bool] = mapped_column(default=False)
    """A person overruled the rules: none is applied to this file again."""
    role: Mapped[Role | None] = mapped_column(choice(Role, "role"))
    part: Mapped[int | None]
    edition: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    """Goes up with every change of what the file is taken for; an answer names the one it saw."""
    same_as_id: Mapped[int | None]
    """The file that this one turned out to be: a copy that was seen before its original was known to be gone, and whose place
    that has now (`scanning.reunion`). Such a row is hidden, missing, and never anything else again. No foreign key: SQLite
    could not be given one without making the table anew."""
    created_at: Mapped[datetime]


class MediaFileEpisode(Base):
    """One of the episodes that a file holds."""

    __tablename__ = "media_file_episode"
    __table_args__ = (Index("ix_media_file_episode_episode", "episode_id"),)

    file_id: Mapped[int] = mapped_column(ForeignKey("media_file.id", ondelete="CASCADE"), primary_key=True)
    episode_id: Mapped[int] = mapped_column(ForeignKey("episode.id"), primary_key=True)


class MediaFileState(Base):
    """Whether a file is there, and as what the disk shows it."""

    __tablename__ = "media_file_state"
    __table_args__ = (
        CheckConstraint("(presence = 'missing') = (missing_since IS NOT NULL)", name="missing_has_since"),
        CheckConstraint("presence <> 'unknown'", name="unknown_is_not_stored"),
        Index("ix_media_file_state_twin", "mtime_ns", "size"),
        Index("ix_media_file_state_size", "size", "file_id"),
        Index(
            "ix_media_file_state_missing",
            "file_id",
            sqlite_where=text("presence = 'missing'"),
            postgresql_where=text("presence = 'missing'"),
        ),
        Index(
            "ix_media_file_state_missing_scan",
            "missing_scan_id",
            sqlite_where=text("missing_scan_id IS NOT NULL"),
            postgresql_where=text("missing_scan_id IS NOT NULL"),
        ),
        Index(
            "ix_media_file_state_unsettled",
            "file_id",
            sqlite_where=text("unsettled_since IS NOT NULL"),
            postgresql_where=text("unsettled_since IS NOT NULL"),
        ),
        Index(
            "ix_media_file_state_read_due",
            "read_due_at",
            "file_id",
            sqlite_where=text("read_due_at IS NOT NULL AND presence = 'present'"),
            postgresql_where=text("read_due_at IS NOT NULL AND presence = 'present'"),
        ),
        Index(
            "ix_media_file_state_verify_due",
            "verify_due_at",
            "file_id",
            sqlite_where=text("verify_due_at IS NOT NULL AND presence = 'present'"),
            postgresql_where=text("verify_due_at IS NOT NULL AND presence = 'present'"),
        ),
        Index(
            "ix_media_file_state_rotted",
            "file_id",
            sqlite_where=text("rotted_at IS NOT NULL"),
            postgresql_where=text("rotted_at IS NOT NULL"),
        ),
        Index(
            "ix_media_file_state_doubted",
            "file_id",
            sqlite_where=text("doubted_at IS NOT NULL"),
            postgresql_where=text("doubted_at IS NOT NULL"),
        ),
        Index(
            "ix_media_file_state_redecide",
            "file_id",
            sqlite_where=text("redecide_since IS NOT NULL"),
            postgresql_where=text("redecide_since IS NOT NULL"),
        ),
        Index(
            "ix_media_file_state_fingerprint",
            "size",
            "fingerprint",
            sqlite_where=text("fingerprint IS NOT NULL"),
            postgresql_where=text("fingerprint IS NOT NULL"),
        ),
        Index("ix_media_file_state_alike", "file_id", sqlite_where=text("alike = 1"), postgresql_where=text("alike")),
    )

    file_id: Mapped[int] = mapped_column(
        ForeignKey("media_file.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    presence: Mapped[Presence] = mapped_column(choice(Presence, "presence"))
    size: Mapped[int]
    """Bytes; of a disc folder the sum."""
    mtime_ns: Mapped[int]
    """Nanoseconds since 1970; of a disc folder the newest."""
    inode: Mapped[int] = mapped_column(Unsigned64())
    device: Mapped[int] = mapped_column(Unsigned64())
    changed_at: Mapped[datetime | None]
    """When a scan last saw other content at the same path."""
    missing_since: Mapped[datetime | None]
    missing_scan_id: Mapped[int | None] = mapped_column(ForeignKey("scan.id", ondelete="SET NULL"))
    unsettled_since: Mapped[datetime | None]
    """First look at a file that had just been written to; None once a second look, 2 s later, saw it unchanged."""
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    """`probing.fingerprint`: 16 bytes, of the content with this size and mtime; `b""` where that proves nothing."""
    fingerprinted_at: Mapped[datetime | None]
    alike: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Another file had the same fingerprint once (`files.duplicates`): only such may hold the same as another one."""
    read_due_at: Mapped[datetime | None]
    """When the content is to be read in the background; whoever reads it moves this on first, so that nobody else does. None
    once it was read as it is."""
    content_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """`probing.hashing`: 16 bytes, of the whole content with this size and mtime, as it was read first."""
    hash_is_former: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Another inode of the same disk lies at the path since `content_hash` was taken: with other content, the file was replaced
    by one of the same size and time, and has not rotted."""
    verified_at: Mapped[datetime | None]
    """When it was read last and was still that."""
    verify_due_at: Mapped[datetime | None]
    """When it is to be read whole; claimed as `read_due_at` is. None where nobody wants it."""
    verify_tried_at: Mapped[datetime | None]
    verify_error: Mapped[str | None]
    """Why it could not be read to its end then."""
    rotted_at: Mapped[datetime | None]
    """Since when its content is another than what was read first, though size and mtime are the same."""
    read_tries: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it could not be read since it changed."""
    doubt: Mapped[str | None]
    """Why the content that it has since it was replaced hardly is what the file is taken for, in words (`files.doubts`)."""
    doubted_at: Mapped[datetime | None]
    redecide_since: Mapped[datetime | None]
    """Since when identification has to decide again whether the machine's match still holds (`scanning.second_look`)."""


class MediaFileImport(Base):
    """One attempt to bring a file in. Written once, never changed."""

    __tablename__ = "media_file_import"
    __table_args__ = (
        Index("ix_media_file_import_file", "file_id", "id"),
        Index("ix_media_file_import_library", "library_id", "id"),
        Index("ix_media_file_import_library_method", "library_id", "method", "id"),
        Index("ix_media_file_import_method", "method", "id"),
        Index("ix_media_file_import_success", "success", "id"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    file_id: Mapped[int | None]
    """None where the attempt failed before there was a file. No foreign key: what was done stays told when the library is
    gone; what that was called stands in the operation that removed it."""
    library_id: Mapped[int | None]
    method: Mapped[ImportMethod] = mapped_column(choice(ImportMethod, "method"))
    source_path: Mapped[bytes] = mapped_column(LargeBinary)
    """Absolute, at the time of the attempt."""
    success: Mapped[bool]
    error: Mapped[str | None]
    """For a failed attempt: why, in words."""
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    """{"type", "tmdb_id", "title", "year", "episodes", "probability", "evidence": [...]} as known then."""
    actor: Mapped[str]
    """`scan`, or the name of the person."""
    at: Mapped[datetime]


class FileEvent(Base):
    """What happened to a file: where it moved, when it was gone and back (`files.story`). Written once, never changed."""

    __tablename__ = "file_event"
    __table_args__ = (Index("ix_file_event_file", "file_id", "id"), NEVER_TWICE)

    id: Mapped[Id]
    file_id: Mapped[int] = mapped_column(ForeignKey("media_file.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    what: Mapped[Happened] = mapped_column(choice(Happened, "what"))
    by: Mapped[str]
    """`scan`, or the name of the person."""
    scan_id: Mapped[int | None]
    library_id: Mapped[int]
    """Where it was then. No foreign key: what happened stays so when a library is removed."""
    path: Mapped[bytes] = mapped_column(LargeBinary)
    """Relative to the library's root."""
    to_library_id: Mapped[int | None]
    to_path: Mapped[bytes | None] = mapped_column(LargeBinary)
    detail: Mapped[str | None]
    """What else is to be told, in words: `1.4 GB -> 3.1 GB`."""


class MediaFileDecision(Base):
    """The latest decision of identification about a file, as stored JSON (`matching.decision.Decision`)."""

    __tablename__ = "media_file_decision"

    file_id: Mapped[int] = mapped_column(
        ForeignKey("media_file.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    decided_at: Mapped[datetime]
    body: Mapped[str] = mapped_column(Text)
    inputs: Mapped[str | None] = mapped_column(Text)
    """What it was decided by, as JSON, so that it can be decided again without network; None in decisions of older versions."""
    title: Mapped[str | None]
    """The title that the names said, for people; None where they say none by which another file could be known."""
    title_hash: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    """`matching.recall`: files with the same one are read the same. 16 bytes."""
    remembered_answer_id: Mapped[int | None] = mapped_column(index=True)
    """The remembered answer that held for the file when it was decided, until a person answers for the file itself. No
    foreign key: those are never deleted but with their library."""
    neighbours: Mapped[str | None] = mapped_column(Text)
    """What it heard of the folder's other files, as JSON (`matching.decision.Neighbour`), where the names alone were not
    enough. A matched file that has this leans on its neighbours, and is none itself. None where they do not matter, and once
    a person said what the file is."""


class FolderChange(Base):
    """In this folder changed what files are taken for, and its files that lean on their neighbours were not looked at since.

    Only ever added to, a row a transaction, so that no two wait for one another; removed by whoever looked
    (`unmatched.reconsidering`).
    """

    __tablename__ = "folder_change"
    __table_args__ = (NEVER_TWICE,)

    id: Mapped[Id]
    folder_id: Mapped[int]
    """No foreign key: that would lock the folder, and it may be gone."""
    at: Mapped[datetime]


class MediaFileRecord(Base):
    """What was written about a file beside it or into its extended attributes, so that it outlives the database."""

    __tablename__ = "media_file_record"

    file_id: Mapped[int] = mapped_column(
        ForeignKey("media_file.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version: Mapped[int]
    """Of the file, when that was tried last."""
    form: Mapped[RecordForm] = mapped_column(choice(RecordForm, "form"))
    folder_id: Mapped[int]
    """Where the file lay then. No foreign key: it is for comparison only, and the folder may be gone."""
    name: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of what was to be written; None for what a former database wrote, and where there is nothing to write."""
    tried_at: Mapped[datetime]
    written_at: Mapped[datetime | None]
    """When it was found to lie there as it should; None where it could not be written, for the reason in `error`."""
    error: Mapped[str | None]
