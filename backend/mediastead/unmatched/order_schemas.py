"""Orders of series on the wire."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from ..metadata.facts import OrderType

GroupId = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[0-9A-Za-z]+$")]
"""TMDB's id of an episode group."""


class OrderOffered(Struct, frozen=True, kw_only=True):
    """An order that the provider has for a series, beside its own."""

    group_id: str
    name: str
    type: OrderType
    description: str | None
    parts: int
    """Seasons, volumes or story arcs, specials included."""
    episodes: int


class OrderChosen(Struct, frozen=True, kw_only=True):
    """The order by which names of a series' files are read, where a person chose one."""

    group_id: str
    name: str
    chosen_by: str
    chosen_at: datetime


class OrdersShown(Struct, frozen=True, kw_only=True):
    item_id: int
    chosen: OrderChosen | None
    """null: names are read by the provider's own numbers."""
    offered: list[OrderOffered]


class OrderChoice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    group_id: GroupId
    apply_to_matched: bool = False
    """Also give files that are matched already the episodes that their names mean in this order."""


class EpisodeNamed(Struct, frozen=True, kw_only=True):
    season: int
    number: int
    title: str | None = None


class OrderedFile(Struct, frozen=True, kw_only=True):
    """What an order makes of one file."""

    file_id: int
    question_id: int | None
    """For a file that is asked about; null for a matched one."""
    path: str
    """Relative to the library's root."""
    says: str
    """The numbers that its name says: `S01E02`."""
    before: list[EpisodeNamed]
    after: list[EpisodeNamed]
    change: str
    """Of a matched file `other_episodes`, `none`, or `kept` where a person said which episodes it holds. Of a file that is
    asked about `would_match`, or `none`."""
    problem: str | None
    """Why the order gives it no episode."""


class OrderPreview(Struct, frozen=True, kw_only=True):
    item_id: int
    name: str | None
    """Of the order; null for the provider's own."""
    changing: int
    """Matched files that hold other episodes by this order."""
    kept: int
    """Matched files of which a person said which episodes they hold: they stay as they are."""
    asked: int
    """Files that are asked about and get episodes by this order."""
    left: int
    """Files that are asked about and get none."""
    files: list[OrderedFile]
    """Those that something changes for first."""


class OrderAnswer(Struct, frozen=True, kw_only=True):
    """What choosing an order did."""

    item_id: int
    chosen: OrderChosen | None
    changed: int
    """Matched files that were given other episodes."""
    would_change: int
    """Matched files that would hold other episodes by this order, and were left as they are."""
    asked_again: int
    """Files in the queue that are identified again by this order."""
    operation_id: int
