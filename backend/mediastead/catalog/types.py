"""The two types of item, and why the provider no longer has one."""

from enum import StrEnum


class ItemType(StrEnum):
    MOVIE = "movie"
    SERIES = "series"


class GoneReason(StrEnum):
    """Why what the provider has under an item's id is no longer the item."""

    DELETED = "deleted"
    """It has nothing under the id; titles that were merged look so as well."""
    REWRITTEN = "rewritten"
    """It has another title under the id."""
