"""Tables of the hosts."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import NEVER_TWICE, Base, Id, choice

OWN_NAME = "this-machine"
"""Of the host that is the server itself. No other one may be called so: the server would have none."""


class HostState(enum.StrEnum):
    """What a person wants of a host."""

    ENABLED = "enabled"
    DRAINING = "draining"
    """It ends what it has and gets nothing new."""
    DISABLED = "disabled"
    """It gets nothing, and what it has is taken from it."""
    REMOVED = "removed"
    """Its credential is worth nothing any more. Kept for the story of its attempts."""


class Host(Base):
    """A machine that runs stage jobs. On SQLite there is one, the server itself."""

    __tablename__ = "host"
    __table_args__ = (
        Index(
            "uq_host_name",
            "name",
            unique=True,
            sqlite_where=text("state <> 'removed'"),
            postgresql_where=text("state <> 'removed'"),
        ),
        UniqueConstraint("role_name"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    name: Mapped[str]
    state: Mapped[HostState] = mapped_column(choice(HostState, "state"))
    role_name: Mapped[str | None]
    """Its role in PostgreSQL; None for the server's own host."""
    priority: Mapped[int] = mapped_column(default=0)
    """Of the hosts that could do a job, those with the highest come first."""
    platform: Mapped[str | None]
    """`linux` or `macos`, with the machine's name."""
    version: Mapped[str | None]
    """Of Mediastead there."""
    limits: Mapped[dict[str, int]] = mapped_column(JSON)
    """{"transcode": 1, ...}: jobs of a stage at once. A stage without a limit: 1."""
    hours: Mapped[str] = mapped_column(default="", server_default="")
    """When it begins jobs of a stage, in place of what the setting `stage_hours` says of that stage (`jobs.hours`)."""
    path_map: Mapped[list[list[str]]] = mapped_column(JSON)
    """[[as the server sees it, as this host sees it], ...]: where the same share is mounted elsewhere."""
    staging_roots: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """As the server sees them, and says when it starts: so the host can look whether they are mounted there."""
    commands: Mapped[dict[str, Any]] = mapped_column(JSON)
    """{"rip": {...}}: command templates of this host that replace the usual ones (`stages`)."""
    read_again: Mapped[list[str] | None] = mapped_column(JSON)
    """Drives, images and folders there (base64) that a person wants to have read once more."""
    load: Mapped[float | None]
    """Of the last minute, a core."""
    free_bytes: Mapped[dict[str, int]] = mapped_column(JSON)
    """{staging root as the server sees it: bytes free there}, at the last heartbeat."""
    refuses: Mapped[str | None]
    """Why it takes no work now, in words for a person: its disk is full, its share is missing."""
    set_aside_until: Mapped[datetime | None]
    """It failed jobs quickly one after another: it gets nothing until then."""
    set_aside_reason: Mapped[str | None]
    set_aside_times: Mapped[int] = mapped_column(default=0)
    """How often, since it last completed anything: each time lasts longer."""
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]


class HostInvite(Base):
    """A code with which a machine may register once."""

    __tablename__ = "host_invite"
    __table_args__ = (UniqueConstraint("code_hash"), NEVER_TWICE)

    id: Mapped[Id]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """The code itself is shown once and kept nowhere."""
    name: Mapped[str | None]
    """Of the host, where the person who invited it chose one."""
    actor: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    host_id: Mapped[int | None] = mapped_column(ForeignKey("host.id", ondelete="CASCADE"))
    """Who used it."""


class HostCapability(Base):
    """Something that a host can do, or can no longer do."""

    __tablename__ = "host_capability"

    host_id: Mapped[int] = mapped_column(
        ForeignKey("host.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    """`rip:dvd`, `rip:bluray`, both also with `:makemkv`, `remux`, `transcode:h264_nvenc`, `drive:/dev/sr0`, `script:rip`."""
    available: Mapped[bool]
    reason: Mapped[str | None]
    """Why it is not available, in words that say what to do."""
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    """{"tool": "ffmpeg", "version": "5.1"} and the like."""
    since: Mapped[datetime]
