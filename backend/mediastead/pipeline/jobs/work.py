"""What the handler of a stage is told, what it gives back, and what it may say meanwhile.

A handler knows nothing of the database, the engine or other hosts:

    async def rip(work: Work, report: Report) -> Result: ...

It writes in `work.directory` only. Nobody reads there before its result counts, and what it leaves there is removed when it
does not (but for what is small and tells why, see `jobs.directories`). It may be killed at any instruction, and be run again.
"""

import asyncio
import enum
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, Protocol, TypeAlias

from msgspec import Struct

from .models import Stage

Level: TypeAlias = Literal["info", "warning", "error"]


class Work(Struct, frozen=True, kw_only=True):
    """All that a host needs to know. Paths are as this host sees them."""

    job_id: int
    attempt: int
    stage: Stage
    input: bytes | None
    """File or folder, absolute."""
    directory: bytes
    """Private to this attempt, absolute, there and empty when the handler begins."""
    item_directory: bytes
    """The item's folder in the staging root."""
    parameters: dict[str, Any]
    """`StageJob.work`: each stage has a Struct for it."""
    commands: dict[str, Any] = {}
    """What this host wants done otherwise for this stage (`Host.commands`)."""
    path_map: tuple[tuple[bytes, bytes], ...] = ()
    """(as the server sees it, as this host sees it)."""

    def here(self, path: bytes) -> bytes:
        """A path of the server, from `parameters`, as this host sees it."""
        return as_seen_here(path, self.path_map)


def as_seen_here(path: bytes, path_map: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """The longest prefix of whole folder names counts; a path outside all of them is the same on both machines."""
    best = max(
        (pair for pair in path_map if path == pair[0] or path.startswith(pair[0].rstrip(b"/") + b"/")),
        key=lambda pair: len(pair[0]),
        default=None,
    )
    if best is None:
        return path
    beneath = path[len(best[0].rstrip(b"/")) :].lstrip(b"/")
    return os.path.join(best[1], beneath) if beneath else best[1]


class ResultFile(Struct, frozen=True, kw_only=True):
    """A file that a stage made."""

    path: str
    """Relative to the directory of the attempt."""
    title: int | None = None
    """Number of the title on its disc (`DiscTitle.number`); None where it belongs to no single one."""
    size: int
    duration_seconds: float | None = None
    streams: dict[str, Any] = {}
    """What it contains, in short."""
    fingerprint: str | None = None
    """Hex, of `probing.fingerprint`."""


class Result(Struct, frozen=True, kw_only=True):
    """What a stage made, checked by its handler. Empty, unreadable or too short is no result but `StageFailed`."""

    files: list[ResultFile] = []
    facts: dict[str, Any] = {}
    """Ratio of sizes, seconds, versions of tools. JSON."""


class StageFailed(Exception):
    """The work cannot be done, for a reason that a person can read and act upon.

    `retry`: trying again may help (a read error may; a missing track will not). Each try costs one of the job's.
    """

    def __init__(self, reason: str, *, retry: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry
        self.told: dict[str, bool] | None = None if retry else {"final": True}
        """For the server, which judges what follows."""


class NotThere(StageFailed):
    """What it is to be made of does not lie there now: the disc was taken out, or another one lies in its drive. Costs the job
    no try and the host no blame; it is tried again after a pause, when the server knows what lies there, and then waits for the
    disc."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.told = {"absent": True}


class NotWorthIt(Exception):
    """The result is sound, but too large for what it saves; it was discarded. The job is completed without a file.

    `facts`: what is to be known of it afterwards (`ratio`, ...), as in `Result.facts`.
    """

    def __init__(self, reason: str, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = dict(facts or {})


class CapabilityLost(Exception):
    """A tool of this host no longer works (an expired key, a drive that is gone). Costs the job no try; the host loses the
    capability, and the job waits for one that has it."""

    def __init__(self, capability: str, reason: str) -> None:
        super().__init__(reason)
        self.capability = capability
        self.reason = reason


class HostUnfit(Exception):
    """This host cannot do it now, whatever the job is: its disk is full, its share is not mounted. Costs the job no try, and
    the host refuses work, with this reason, until it says otherwise."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Stopping(enum.StrEnum):
    """Why an attempt is to stop."""

    CANCELLED = "cancelled"
    """A person does not want it."""
    STALLED = "stalled"
    """It made no progress for too long."""
    GIVEN_BACK = "given_back"
    """This host ends, or gets no more work; another one will do it."""
    FENCED = "fenced"
    """It is no longer ours: this host was taken for dead, and another attempt counts."""


class Stopped(Exception):
    """The attempt is to stop. A handler lets it through; whatever it did is cleaned up by whoever called it."""

    def __init__(self, why: Stopping) -> None:
        super().__init__(why.value)
        self.why = why


class Report(Protocol):
    """What a handler says while it works. May be called from any thread, never waits for the database, and each call raises
    `Stopped` when the attempt is to stop."""

    @property
    def stopped(self) -> asyncio.Event:
        """Set when the attempt is to stop; for those that wait. Only for the event loop that the handler runs in."""
        ...

    @property
    def why(self) -> Stopping | None:
        """Why it is to stop; None while it is not."""
        ...

    def progress(self, share: float, speed: str | None = None, seconds_left: int | None = None) -> None:
        """`share` from 0 to 1. What is told often costs nothing: it is written once a second at most. An attempt whose share
        does not go up for the time that the setting `stall_minutes` allows is stopped."""
        ...

    def log(self, level: Level, text: str) -> None:
        """A line for a person. Written in batches; beyond the limit of an attempt lines are counted and left out."""
        ...

    def started(self, pid: int) -> None:
        """A child process was started; `run_child` says it by itself."""
        ...


Handler: TypeAlias = Callable[[Work, Report], Awaitable[Result]]
"""Raises `StageFailed`, `NotWorthIt`, `CapabilityLost`, `HostUnfit`; lets `Stopped` through. Anything else counts as a failure
that may be tried again."""

Handlers: TypeAlias = Mapping[Stage, Handler]
