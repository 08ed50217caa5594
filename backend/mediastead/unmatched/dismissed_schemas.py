"""Dismissed folders on the wire."""

from datetime import datetime

from msgspec import Struct

from .schemas import AnId


class FolderDismissal(Struct, frozen=True, forbid_unknown_fields=True):
    question_id: AnId
    """Of a file in the folder."""


class DismissedFolderShown(Struct, frozen=True, kw_only=True):
    """A folder of which a person said that nobody needs to know what is in it and beneath it, now and later."""

    id: int
    library_id: int
    path: str
    """Relative to the library's root, as it is called now."""
    by: str
    at: datetime
    revoked_by: str | None
    revoked_at: datetime | None
    files: int
    """That are dismissed because of it."""


class FolderDismissedNow(DismissedFolderShown, frozen=True, kw_only=True):
    settled: int
    """Open questions that this request settled."""
    left: int
    """Open questions in the folder: the same request again settles the next ones."""
