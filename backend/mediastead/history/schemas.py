"""What travels on the wire about operations."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from ..files.types import Identification

LISTED = 200
"""Files and conflicts that are named at most; their numbers are told of all."""


class OperationShown(Struct, frozen=True, kw_only=True):
    """What one person or program did in one transaction."""

    id: int
    at: datetime
    actor: str
    kind: str
    """`match`, `unmatch`, `dismiss`, `restore`, `refresh`, `remember`, `order`, `dismiss_folder`, `organize`, `undo`, ..."""
    summary: str
    files: int
    """Of which it changed what they are taken for; of an organizing, those that it moved, linked or copied."""
    organizing_id: int | None
    """Of an operation that moved files: the organizing, of which `/v1/organizings` lists them."""
    part_of: int | None
    """The operation that it was done with, and is taken back with."""
    undone_by: int | None
    """The operation that took it back."""
    can_be_undone: bool
    """As far as the operation itself tells; what was changed since may stand against it."""


class FileBefore(Struct, frozen=True, kw_only=True):
    """A file that an operation changed, as it was before."""

    file_id: int
    path: str | None
    """Where it lies now, relative to its library; null where it is no longer known."""
    identification: Identification
    item_id: int | None
    title: str | None
    version_before: int
    version_after: int | None


class OperationDetail(OperationShown, frozen=True, kw_only=True):
    parts: list[OperationShown]
    """What was done with it."""
    changed: list[FileBefore]
    """The first 200 files."""


class Against(Struct, frozen=True, kw_only=True):
    """What keeps a part of an operation from being taken back."""

    why: str
    file_id: int | None = None
    path: str | None = None
    operation_id: int | None = None
    """The later operation that has to be taken back first, where there is one."""


class FileBack(Struct, frozen=True, kw_only=True):
    """A file that is again what it was."""

    file_id: int
    path: str
    was: Identification
    """Before it was taken back."""
    becomes: Identification
    item_id: int | None
    title: str | None


class Undone(Struct, frozen=True, kw_only=True):
    """What was, or with a dry run would be, taken back."""

    dry_run: bool
    operation_id: int | None
    """The operation that took it back, by which that can be taken back as well; null for a dry run and where files are moved."""
    organizing_id: int | None
    """Where files are moved back: the organizing that does it, as `/v1/organizings` tells."""
    count: int
    """Files that are again what they were."""
    files: list[FileBack]
    """The first 200."""
    also: list[str]
    """What else was taken back, in words."""
    against_count: int
    against: list[Against]
    """What could not be taken back; the first 200."""


def told(against: list[Against]) -> list[dict[str, Any]]:
    """For the problem document."""
    return [{name: getattr(each, name) for name in Against.__struct_fields__} for each in against[:LISTED]]
