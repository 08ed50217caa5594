"""Pipeline items on the wire."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from .items.models import ItemState, ItemType, Trigger
from .jobs.models import JobState, Stage


class PipelineItemView(Struct, frozen=True, kw_only=True):
    """A film or a season that is being made, in a list."""

    id: int
    type: ItemType
    name: str
    year: int | None
    season: int | None
    edition: str
    """Empty where there is none."""
    state: ItemState
    blocked: str | None
    """Why it cannot go on by itself, and what to do."""
    automatic: bool
    given_up: bool
    progress: float
    """0 to 1, over all discs and titles, by their length and by what the stages usually take."""
    media_item_id: int | None
    library_id: int | None
    library: str | None
    preset_id: int | None
    skips: list[Stage]
    approvals: list[str]
    """Kinds of approval that it needs."""
    pending_approvals: list[int]
    """Questions that wait for an answer."""
    folder: str
    """Where its files are made; lossy."""
    actor: str
    created_at: datetime
    ended_at: datetime | None


class TitleOfItem(Struct, frozen=True, kw_only=True):
    """A title of a disc of the item."""

    id: int
    number: int
    role: str | None
    selected: bool
    season: int | None
    episodes: list[int]
    name: str | None
    confidence: float | None
    duration_seconds: float | None
    done: Stage | None
    """The last stage that it has behind it."""
    progress: float
    file: str | None
    """Lossy."""
    media_file_id: int | None


class DiscOfItem(Struct, frozen=True, kw_only=True):
    id: int
    number: int | None
    kind: str
    state: str
    label: str | None
    inserted: bool
    error: str | None
    progress: float
    titles: list[TitleOfItem]


class JobOfItem(Struct, frozen=True, kw_only=True):
    """A stage job of the item, newest first; `/v1/stage-jobs` tells all of it."""

    id: int
    stage: Stage
    disc_id: int | None
    title_id: int | None
    state: JobState
    why: str | None
    attempt: int
    progress: float | None
    speed: str | None
    seconds_left: int | None
    created_at: datetime
    ended_at: datetime | None


class TransitionView(Struct, frozen=True, kw_only=True):
    """The item went from one state to another."""

    from_state: str | None
    """null for the first."""
    to_state: str
    """`given_up` where a person ended it."""
    trigger: Trigger
    actor: str
    notes: str | None
    at: datetime


class PipelineItemShown(Struct, frozen=True, kw_only=True):
    """An item with all that belongs to it."""

    item: PipelineItemView
    next: str
    """What happens next, or what a person can do, in words."""
    discs: list[DiscOfItem]
    jobs: list[JobOfItem]
    transitions: list[TransitionView]
    """Oldest first."""


class Begun(Struct, frozen=True, kw_only=True):
    """What was started."""

    item: PipelineItemShown
    jobs: list[int]
    """The stage jobs that were made or tried again."""


class Unused(Struct, frozen=True, kw_only=True):
    """A file for which nothing was made, and why."""

    file_id: int
    path: str
    reason: str


JsonObject = dict[str, Any]
