"""What travels on the wire about records."""

from typing import Annotated

from msgspec import Meta, Struct

from ..files.types import RecordForm
from .placing import Done

Limit = Annotated[int, Meta(ge=1, le=1000)]


class RecordsAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which records are to be written now."""

    form: RecordForm | None = None
    """Left out: as the library's setting says."""
    preview: bool = False
    """Write nothing, only say what would be written."""
    after: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    """Go on behind this file: `next` of the answer before."""
    limit: Limit = 100
    """Files at most."""


class FileRecorded(Struct, frozen=True, kw_only=True):
    file_id: int
    path: str
    """Relative to the library's root."""
    done: Done
    error: str | None


class RecordsWritten(Struct, frozen=True, kw_only=True):
    """What became of one batch."""

    form: RecordForm
    counts: dict[Done, int]
    files: list[FileRecorded]
    trouble: str | None
    """What keeps everything from being written, and what to do; the batch ended there."""
    next: int | None
    """Where to go on; null at the end."""
