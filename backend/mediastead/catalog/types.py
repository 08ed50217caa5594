"""The two types of item."""

from enum import StrEnum


class ItemType(StrEnum):
    MOVIE = "movie"
    SERIES = "series"
