"""What travels on the wire about scans."""

from datetime import datetime

from msgspec import Struct

from ..libraries.models import ScanOutcome, ScanPhase


class ScanView(Struct, frozen=True):
    """One scan, asked for, running or ended."""

    id: int
    library_id: int
    trigger: str
    requested_by: str
    requested_at: datetime
    without_limit: bool
    phase: ScanPhase
    started_at: datetime | None
    updated_at: datetime | None
    finished_at: datetime | None
    cancel_requested: bool
    scope: list[str] | None
    """The folders that it looks at, the first 100; null where it looks at the whole library."""
    counts: dict[str, int]
    gaps: list[dict[str, str]]
    hidden: list[dict[str, str]]
    outcome: ScanOutcome | None
    error: str | None
    answered_by: str | None
