"""Hosts on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from .models import HostState

Name = Annotated[str, Meta(min_length=1, max_length=63, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
HostStage: TypeAlias = Literal["rip", "remux", "transcode"]
"""What a host may do. Files are organized by the server itself."""
Wanted: TypeAlias = Literal["enabled", "draining", "disabled"]
AtOnce = Annotated[int, Meta(ge=0, le=64)]
Hours = Annotated[
    str,
    Meta(
        max_length=1000,
        description="Such as `transcode 22:00-06:00, remux always`, by the clock of the server; empty for none.",
    ),
]
APath = Annotated[str, Meta(max_length=4096, description="Whole: it begins with /.")]
Waits: TypeAlias = Literal[
    "ready", "draining", "disabled", "removed", "serves only", "not heard of", "refuses", "set aside"
]


class CapabilityView(Struct, frozen=True, kw_only=True):
    name: str
    available: bool
    reason: str | None
    """Why it is not available, and what to do."""
    detail: dict[str, Any]
    since: datetime


class HostStatistics(Struct, frozen=True, kw_only=True):
    """Of all attempts that are still kept."""

    completed: int = 0
    failed: int = 0
    """Stalled ones, too."""
    lost: int = 0
    at_work: int = 0
    mean_speed: float | None = None
    """Seconds of film that a second of transcoding made, over its last 100 files; null before the first."""


class HostView(Struct, frozen=True, kw_only=True):
    """A machine that runs stage jobs."""

    id: int
    name: str
    state: HostState
    """What a person wants of it."""
    now: Waits
    """What that, and what is known of it, come to."""
    why: str | None
    """Why it gets no jobs now; null where it does."""
    own: bool
    """The server itself."""
    priority: int
    platform: str | None
    version: str | None
    limits: dict[str, int]
    """{"transcode": 1, ...}: jobs of a stage at once; 1 where nothing is said."""
    hours: str
    """When it begins jobs of a stage: `transcode 22:00-06:00, remux always`. Of a stage that is not among them, the setting
    `stage_hours` says it."""
    closed: list[HostStage]
    """Of which it begins nothing now: by its hours, or by the setting."""
    path_map: list[list[str]]
    commands: dict[str, Any]
    load: float | None
    free_bytes: dict[str, int]
    set_aside_until: datetime | None
    created_at: datetime
    last_seen_at: datetime | None
    capabilities: list[CapabilityView]
    statistics: HostStatistics


class NewInvite(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name | None = None
    """Of the host; else it takes the name of its machine."""


class Invitation(Struct, frozen=True, kw_only=True):
    """A code that admits one machine. Shown this once."""

    code: str
    name: str | None
    expires_at: datetime
    port: int | None
    """At which this server listens, on its own machine only; null where any free one is taken."""


class Registration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A machine that has a code."""

    code: Annotated[str, Meta(min_length=1, max_length=200)]
    name: Name
    """Where the invite has none."""
    platform: Annotated[str, Meta(max_length=200)] | None = None
    version: Annotated[str, Meta(max_length=50)] | None = None


class Registered(Struct, frozen=True, kw_only=True):
    """The credential of a host. Given this once; the host keeps it."""

    host_id: int
    name: str
    database_url: str
    """With a role of its own, which sees its own work and nothing else."""


class HostChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is left out stays."""

    name: Name | UnsetType = UNSET
    state: Wanted | UnsetType = UNSET
    priority: Annotated[int, Meta(ge=-1000, le=1000)] | UnsetType = UNSET
    limits: dict[HostStage, AtOnce] | UnsetType = UNSET
    """Takes the place of all that were set. 0: no jobs of that stage."""
    hours: Hours | UnsetType = UNSET
    """Takes the place of all that were set. What it says of a stage holds in place of the setting `stage_hours`."""
    path_map: list[tuple[APath, APath]] | UnsetType = UNSET
    """[[as the server sees it, as this host sees it], ...]: whole paths, each of the server's once. Takes the place of all."""
    commands: dict[Literal["read", HostStage], dict[str, Any]] | UnsetType = UNSET
    """What it runs otherwise than usual: for the stages, and to `read` discs and open drives. Takes the place of all."""
