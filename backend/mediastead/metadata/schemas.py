"""What travels on the wire about items and the provider's answers."""

from datetime import date, datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from ..catalog.types import GoneReason, ItemType
from .gone import FoundBy

Title = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S", description="Not only of spaces.")]
Words = Annotated[str, Meta(max_length=10_000)]
Year = Annotated[int, Meta(ge=1870, le=2200)]
Minutes = Annotated[int, Meta(ge=1, le=100_000)]
TmdbId = Annotated[int, Meta(ge=1, le=2**31 - 1, description="TMDB's id of a film or series, as in its address.")]
Number = Annotated[int, Meta(ge=0, le=100_000)]
Titles = Annotated[list[Title], Meta(max_length=200)]
Names = Annotated[list[Title], Meta(max_length=200)]


class ItemFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a person can say about a title that the provider does not have."""

    title: Title | UnsetType = UNSET
    original_title: Title | UnsetType | None = UNSET
    alternative_titles: Titles | UnsetType = UNSET
    release_date: date | UnsetType | None = UNSET
    year: Year | UnsetType | None = UNSET
    overview: Words | UnsetType | None = UNSET
    runtime: Minutes | UnsetType | None = UNSET
    genres: Names | UnsetType = UNSET
    cast: Names | UnsetType = UNSET
    director: Title | UnsetType | None = UNSET


class NewItem(ItemFields, kw_only=True, forbid_unknown_fields=True):
    """Either a `tmdb_id` and nothing else, or a title and whatever is known of it."""

    type: ItemType
    tmdb_id: TmdbId | UnsetType = UNSET


class ItemChange(ItemFields, kw_only=True, forbid_unknown_fields=True):
    """Other values for an item that was made by hand, or a `tmdb_id` that links it, and nothing else, to the provider.

    Where another item has that id, the two become one, and that cannot be taken back: where they are not the same, match the
    files instead.
    """

    tmdb_id: TmdbId | UnsetType = UNSET


class EpisodeEntry(Struct, kw_only=True, forbid_unknown_fields=True):
    number: Number
    title: Title | None = None
    air_date: date | None = None
    runtime: Minutes | None = None
    overview: Words | None = None


class SeasonEntry(Struct, kw_only=True, forbid_unknown_fields=True):
    """A season as it is to be, with all its episodes: those that are not named go, unless a file holds them."""

    title: Title | None = None
    air_date: date | None = None
    overview: Words | None = None
    episodes: Annotated[list[EpisodeEntry], Meta(max_length=2000)] = []


class SuccessorView(Struct, kw_only=True):
    """What an item that is gone may be at the provider now."""

    type: ItemType
    tmdb_id: int
    title: str
    year: int | None
    found_by: FoundBy
    item_id: int | None
    """The item in the catalog, where it is there already."""


class GoneView(Struct, kw_only=True):
    """The provider no longer has the title under the item's id: item and files are kept, and `POST /v1/items/remap` says what
    it is now."""

    since: datetime
    reason: GoneReason
    detail: str | None
    successors: list[SuccessorView] | None
    """The likeliest first; null where the provider was not asked yet."""


class ItemView(Struct, kw_only=True):
    """An item without its files."""

    id: int
    type: ItemType
    tmdb_id: int | None
    title: str
    original_title: str | None
    alternative_titles: list[str]
    release_date: date | None
    year: int | None
    overview: str | None
    runtime: int | None
    genres: list[str]
    cast: list[str]
    director: str | None
    external_ids: dict[str, str]
    refresh_error: str | None
    gone: GoneView | None


class EpisodeView(Struct, kw_only=True):
    id: int
    number: int
    title: str | None
    air_date: date | None
    runtime: int | None
    overview: str | None


class SeasonView(Struct, kw_only=True):
    id: int
    number: int
    title: str | None
    air_date: date | None
    overview: str | None
    episodes: list[EpisodeView]


class FoundTitle(Struct, kw_only=True):
    """A title that the provider found, with what a person needs to recognise it."""

    type: ItemType
    tmdb_id: int
    title: str
    original_title: str | None
    original_language: str | None
    year: int | None
    release_date: date | None
    overview: str
    poster_url: str | None
    item_id: int | None
    """The item in the catalog, where it is there already."""


class FoundTitles(Struct, kw_only=True):
    items: list[FoundTitle]
    provider: str
    attribution: str | None
    """To be shown beside the titles."""


class RefreshAnswer(Struct, kw_only=True):
    changed: bool
    error: str | None
    item: ItemView
