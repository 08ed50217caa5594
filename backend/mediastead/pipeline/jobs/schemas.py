"""What travels on the wire about stage jobs."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from .models import JobState, Outcome, Stage
from .work import Level


class StageJobShown(Struct, frozen=True, kw_only=True):
    """A stage job, with how its current attempt goes."""

    id: int
    item_id: int | None
    disc_id: int | None
    title_id: int | None
    stage: Stage
    state: JobState
    cancelling: bool
    """A person cancelled it, and its host has not ended it yet."""
    why: str | None
    """What it waits for, and what can be done about that; or why it failed or was cancelled."""
    waits_until: datetime | None
    """Where nothing but a time is in its way: hours, or the pause after a failure."""
    priority: int
    attempt: int
    """The number of its attempts; and so how many there were."""
    tries_left: int
    not_before: datetime | None
    capability: str
    host_id: int | None
    """Of the current attempt."""
    host: str | None
    progress: float | None
    """0 to 1."""
    speed: str | None
    seconds_left: int | None
    started_at: datetime | None
    """When the current attempt began."""
    actor: str
    created_at: datetime
    ended_at: datetime | None


class StageJobDetail(StageJobShown, frozen=True, kw_only=True):
    input: str | None
    directory: str
    """Of the item; attempts have folders beneath it."""
    output: str | None
    """The folder of the result."""
    result: dict[str, Any] | None
    work: dict[str, Any]


class AttemptShown(Struct, frozen=True, kw_only=True):
    number: int
    host_id: int
    host: str
    directory: str
    pid: int | None
    progress: float | None
    speed: str | None
    seconds_left: int | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    """None while it is at work."""
    asked_to_end: Outcome | None
    error: str | None
    result: dict[str, Any] | None


class LogLine(Struct, frozen=True, kw_only=True):
    id: int
    attempt: int
    at: datetime
    level: Level
    text: str


class LogLines(Struct, frozen=True, kw_only=True):
    items: list[LogLine]
    last: int
    """To be given as `after` for what follows."""
    over: bool
    """The job has ended, and there is nothing after these."""


class StageJobChange(Struct, frozen=True, kw_only=True):
    priority: Annotated[int, Meta(ge=-1000, le=1000, description="The highest comes first.")]


class Cancelled(Struct, frozen=True, kw_only=True):
    state: JobState
    """Still `running` where a host has to end it, which takes seconds."""
