"""Mode and group of what is put into a library, as people say them."""

from typing import Any

from msgspec import UNSET

from ..disk.access import number_of
from .errors import AccessRefused
from .schemas import LibraryChange

AT_LEAST = {"file_mode": 0o600, "folder_mode": 0o700}
"""What the owner must be left with, or Mediastead itself could not go on with the file or folder."""


def access_of(change: LibraryChange) -> dict[str, Any]:
    """The columns that a change sets. Raises `AccessRefused`."""
    values: dict[str, Any] = {}
    for column, given in (("file_mode", change.file_mode), ("folder_mode", change.folder_mode)):
        if given is UNSET:
            continue
        values[column] = None if given is None else int(given, 8)
        if given is not None and values[column] & AT_LEAST[column] != AT_LEAST[column]:
            raise AccessRefused(
                f"With {given} as {column}, not even the owner could work there: give at least {AT_LEAST[column]:o}."
            )
    if change.group is not UNSET:
        if change.group is not None and number_of(change.group) is None:
            raise AccessRefused(f"This machine knows no group {change.group}: make it first, or name another one.")
        values["owner_group"] = change.group
    return values
