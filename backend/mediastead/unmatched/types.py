"""The words of the unmatched room."""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import TypeAlias

from ..parsing.parsed import ParsedPath

ReadPaths: TypeAlias = Callable[[Sequence[tuple[bytes, bytes]]], Awaitable[list[ParsedPath]]]
"""Reads what the names of files (root, path relative to it) say, with the NFO files beside them; no transaction is open."""


class Holds(StrEnum):
    """Where a remembered answer holds."""

    FOLDER = "folder"
    """In the folder of the file it was given for, and for a series beneath the series' folder."""
    LIBRARY = "library"
    """For every file of the library that is read the same."""
