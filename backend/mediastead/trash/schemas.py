"""What is in the trash, on the wire."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from ..http.paging import LARGEST_INTEGER
from .models import TrashState

AnId = Annotated[int, Meta(ge=1, le=LARGEST_INTEGER)]


class TrashedView(Struct, frozen=True, kw_only=True):
    """A file, or a disc's folder, in the trash of its library."""

    id: int
    library_id: int
    library: str
    file_id: int | None
    """The media file; null for what goes along with one."""
    path: str
    """Where it lay, relative to the library's root; lossy."""
    path_in_trash: str
    size: int
    reason: str
    at: datetime
    keep_until: datetime | None
    """When it is deleted by itself; null where it is not in the trash any more."""
    state: TrashState
    said: str | None
    ended_at: datetime | None


class WhatToEmpty(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is deleted at once: all that is in the trash, or only some of it."""

    library_id: AnId | None = None
    ids: Annotated[list[AnId], Meta(min_length=1, max_length=500)] | None = None
    dry_run: bool = False
    """Delete nothing, only say what would be."""


class Emptied(Struct, frozen=True, kw_only=True):
    """What was deleted; with `dry_run` what would be."""

    deleted: int
    bytes: int
    left: int
    """Still there: its library is being scanned, or is not mounted, or the disk refused; or it is not as it was put there."""
