"""What travels when titles that the provider dropped are remapped."""

from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct

from ..catalog.types import ItemType
from ..metadata.schemas import TmdbId
from .schemas import AnId, EpisodeAsked

MOST_REMAPS = 200
"""Items in one request; each may have thousands of files."""


class Remap(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an item is at the provider now."""

    item_id: AnId
    type: ItemType
    """As the item's: a film that became a series is unmatched and matched anew, file by file."""
    tmdb_id: TmdbId
    """Of another title, or the item's own where the provider wrote another title over it and that is right."""


class ManyRemaps(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    remaps: Annotated[list[Remap], Meta(min_length=1, max_length=MOST_REMAPS)]
    queue_the_rest: bool = False
    """Put files of which the title lacks an episode into the queue, instead of refusing their item."""
    preview: bool = False
    """Tell what would be done, and do nothing."""


class RemapOutcome(StrEnum):
    """What became of one item, or would."""

    CHANGED = "changed"
    """It has the id now, and the title's facts."""
    MERGED = "merged"
    """Another item has the id: files and all else that referred to this one went there. That cannot be taken back."""
    ACCEPTED = "accepted"
    """Its own id: what the provider has under it now is what the item is."""
    UNCHANGED = "unchanged"
    """It is that title already."""
    REFUSED = "refused"


class LackingFile(Struct, frozen=True, kw_only=True):
    """A file that holds an episode which the title lacks."""

    file_id: int
    path: str
    episodes: list[EpisodeAsked]
    """All that it holds."""


class RemapResult(Struct, frozen=True, kw_only=True):
    item_id: int
    type: ItemType
    tmdb_id: int
    outcome: RemapOutcome
    title: str | None
    """What the provider has under the id; null where it has nothing."""
    year: int | None
    into_item_id: int | None
    """The item that it is from then on."""
    files: int
    """That go along."""
    queued: int
    """That were put into the queue."""
    lacking: list[LackingFile]
    """The first of those whose episodes the title lacks."""
    for_good: str | None = None
    """Where it is merged: why that cannot be taken back, and what to do instead, in words. A preview says it beforehand."""
    error: dict[str, Any] | None = None
    """The problem, where it was refused."""


class ManyRemapped(Struct, frozen=True, kw_only=True):
    preview: bool
    results: list[RemapResult]
    """In the order of the remaps."""
