"""Pipeline items on the wire."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.paging import LARGEST_INTEGER
from .approvals.models import ApprovalKind
from .items.models import ItemState, ItemType, Trigger
from .jobs.models import JobState, Stage

MOST_FILES = 500
"""Files that one request may make items of."""

AnId = Annotated[int, Meta(ge=1, le=LARGEST_INTEGER)]
Number = Annotated[int, Meta(ge=0, le=100_000)]
Year = Annotated[int, Meta(ge=1870, le=2200)]
ShortText = Annotated[str, Meta(min_length=1, max_length=200)]
Approvals = Annotated[list[ApprovalKind], Meta(max_length=10)]


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
    notes: list[str]
    """What a person should know: jobs at work that what was set since does not reach."""


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


class NewPipelineItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be made: a title of the provider's (`type` and `tmdb_id`), one that is known here (`item_id`), or whatever it is
    called (`type` and `name`)."""

    type: ItemType | None = None
    name: ShortText | None = None
    year: Year | None = None
    tmdb_id: AnId | None = None
    item_id: AnId | None = None
    season: Number | None = None
    edition: Annotated[str, Meta(max_length=100)] = ""
    library_id: AnId | None = None
    preset: ShortText | None = None
    automatic: bool = False
    """Goes on by itself up to the next approval."""
    approvals: Approvals | None = None
    """Kinds of approval that it needs; null: those of the setting `approvals`."""
    disc_id: AnId | None = None
    """The disc that it is made from. What is not said here is taken from what the disc seems to be."""
    disc_number: Number | None = None


class FilesToMake(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files of a library that are to be transcoded anew; everything that is given must hold."""

    library_id: AnId
    preset: ShortText
    file_ids: Annotated[list[AnId], Meta(min_length=1, max_length=MOST_FILES)] | None = None
    item_id: AnId | None = None
    """Of this title."""
    video_codec: ShortText | None = None
    resolution: ShortText | None = None
    hdr: bool | None = None
    words: ShortText | None = None
    """Each must begin a word of the file's name or of its folder's path."""
    larger_than: Annotated[int, Meta(ge=0)] | None = None
    """Bytes."""
    automatic: bool = False
    approvals: Approvals | None = None
    """null: of the setting `approvals` the one that there is something to ask for, `organize_confirm`."""
    preview: bool = False
    """Make nothing; say what would be made."""


class FilesOfItem(Struct, frozen=True, kw_only=True):
    """The files that one item is made of: those of a film, or of a season."""

    name: str
    year: int | None
    season: int | None
    file_ids: list[int]
    bytes: int


class MadeOfFiles(Struct, frozen=True, kw_only=True):
    """What was made of files, or would be."""

    items: list[PipelineItemView]
    """Empty for a preview."""
    groups: list[FilesOfItem]
    unused: list[Unused]
    more: bool
    """There are more files than are taken at once: ask again when these are done."""


class PipelineItemChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be another; what is left out stays."""

    automatic: bool | UnsetType = UNSET
    library_id: AnId | UnsetType | None = UNSET
    preset: ShortText | UnsetType | None = UNSET
    approvals: Approvals | UnsetType = UNSET
    tmdb_id: AnId | UnsetType = UNSET
    """Which title it will be, by its id at TMDB; or by its id here: `item_id`."""
    item_id: AnId | UnsetType = UNSET


class DiscToAdd(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    disc_id: AnId
    number: Number | None = None


class WhatToStart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    stage: Stage | None = None
    """null: the first of which anything is ready."""
    again: bool = False
    """Also what has that stage behind it."""
    replace: bool = False
    """Whether what is organized takes the place of what lies there in the library, of the same title, which goes to the trash."""


class WhatToSkip(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    stage: Stage


class WhyGivenUp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    words: Annotated[str, Meta(min_length=1, max_length=2000)] | None = None


class WhatToRecover(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    dry_run: bool = False
    """Change nothing; say what would be taken up."""


class RecoveredItem(Struct, frozen=True, kw_only=True):
    """A folder of a staging root that the database did not know."""

    folder: str
    """Lossy."""
    name: str
    item_id: int | None
    """The item that it is now; null where it was left alone, or nothing was to be changed."""
    words: str
    """What is in it, or why it was left alone."""


class Recovered(Struct, frozen=True, kw_only=True):
    dry_run: bool
    items: list[RecoveredItem]


class WhatToClear(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    item_ids: Annotated[list[AnId], Meta(min_length=1, max_length=100)] | None = None
    """Items in their library of which all goes now; null: those whose time has come (`staging_days`)."""
    dry_run: bool = False
    """Delete nothing; say what would go."""


class ClearedItem(Struct, frozen=True, kw_only=True):
    item_id: int
    name: str
    folders: list[str]
    """Lossy."""
    bytes: int
    words: str
    """What went or would go, or why nothing did."""


class Cleared(Struct, frozen=True, kw_only=True):
    dry_run: bool
    items: list[ClearedItem]
    """Those of which anything was there, or that could not be cleared."""


class Cancelled(Struct, frozen=True, kw_only=True):
    item: PipelineItemShown
    jobs: list[int]
    """Those that were cancelled; one that runs ends within seconds."""
