"""The words of the unmatched room."""

from enum import StrEnum


class Holds(StrEnum):
    """Where a remembered answer holds."""

    FOLDER = "folder"
    """In the folder of the file it was given for, and for a series beneath the series' folder."""
    LIBRARY = "library"
    """For every file of the library that is read the same."""
