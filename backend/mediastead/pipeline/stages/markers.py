"""Markers in an item's folder: what is done, for scripts and people that know nothing of the database, and from them.

    .pipeline/rip.done         there when the stage is behind the item; empty, or what a script wrote
    .pipeline/rip.timestamp    when, in UTC (ISO 8601)
    .pipeline/state            new, ripped, remuxed, transcoded, in_library
    .pipeline/metadata.json    what the item is

`filebot.done` counts as `organize`. What is seen here is what the disk says; what follows from it, others decide.
All block.
"""

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct

from ..jobs.directories import highest_job_in
from ..jobs.models import Stage

FOLDER = b".pipeline"
STATE, METADATA = b"state", b"metadata.json"
DONE, TIMESTAMP = b".done", b".timestamp"
STAGES = {stage.value.encode(): stage for stage in Stage} | {b"filebot": Stage.ORGANIZE}
"""By the name of the marker."""
LARGEST = 256 * 1024
"""Bytes that are read of one; more is no marker."""
LARGEST_METADATA = 16 * 1024 * 1024
"""Bytes: a season of Blu-rays with all their tracks and chapters takes some hundred thousand."""
ATTEMPTS = tuple(f".{stage.value}".encode() for stage in Stage)
"""Folders of attempts beside `.pipeline`."""


class Marker(Struct, frozen=True, kw_only=True):
    """A stage is behind the item, says the disk."""

    stage: Stage
    at: datetime
    """As the timestamp beside it says; else when the marker was written."""
    written: datetime
    """When the file system says that it was."""
    text: str | None = ""
    """What a script wrote into it; None where it cannot be read."""


class Markers(Struct, frozen=True, kw_only=True):
    """All that stands in one `.pipeline`."""

    done: dict[Stage, Marker] = {}
    state: str | None = None
    metadata: dict[str, Any] | None = None
    faults: list[str] = []
    """What could not be read, in words."""


class Look(NamedTuple):
    size: int
    mtime_ns: int
    inode: int


Snapshot: TypeAlias = Mapping[bytes, Look]
"""Of the `.done` markers in one folder, by name: another one is a marker that was set, written anew or taken away."""


def write_markers(
    item_directory: bytes, *, done: Mapping[Stage, datetime], state: str, metadata: Mapping[str, Any]
) -> None:
    """Say what is so. Each file is there whole or not at all, and on the disk for certain; `.done` comes last of its stage.

    A `.done` that is there already stays as whoever wrote it left it. Raises OSError.
    """
    folder = os.path.join(item_directory, FOLDER)
    os.makedirs(folder, exist_ok=True)
    _write(folder, METADATA, msgspec.json.format(msgspec.json.encode(metadata, order="sorted"), indent=2) + b"\n")
    _write(folder, STATE, state.encode() + b"\n")
    for stage, at in done.items():
        name = stage.value.encode()
        if not any(os.path.lexists(os.path.join(folder, other + DONE)) for other in _names_of(stage)):
            _write(folder, name + TIMESTAMP, at.astimezone(UTC).isoformat(timespec="seconds").encode() + b"\n")
            _write(folder, name + DONE, b"")


def clear_markers(item_directory: bytes, stages: Iterable[Stage]) -> None:
    """These stages are to be done again. Raises OSError."""
    folder = os.path.join(item_directory, FOLDER)
    for stage in stages:
        for name in _names_of(stage):
            for suffix in (DONE, TIMESTAMP):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(folder, name + suffix))  # noqa: PTH108 - paths are bytes here
    with contextlib.suppress(FileNotFoundError):
        _sync(folder)


def read_markers(item_directory: bytes) -> Markers:
    """What the folder says; nothing where there is none. Never raises for what lies there."""
    folder = os.path.join(item_directory, FOLDER)
    faults: list[str] = []
    done: dict[Stage, Marker] = {}
    try:
        names = sorted(_snapshot(folder))
    except OSError as error:
        names = []
        faults.append(f"{os.fsdecode(folder)} cannot be read ({error.strerror}); is it still mounted?")
    for name in names:
        marker = _marker(folder, name)
        if marker is not None and (marker.stage not in done or marker.at < done[marker.stage].at):
            done[marker.stage] = marker
    state = (_read(folder, STATE) or b"").decode("utf-8", "replace").strip() or None
    metadata: dict[str, Any] | None = None
    content = _read(folder, METADATA, LARGEST_METADATA)
    if content is not None:
        try:
            metadata = msgspec.json.decode(content, type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError):
            faults.append(f"{os.fsdecode(os.path.join(folder, METADATA))} is no JSON object; write it anew.")
    return Markers(done=done, state=state, metadata=metadata, faults=faults)


def snapshot_of(item_directory: bytes) -> Snapshot | None:
    """The markers that are there; None where the folder cannot be listed: what is not seen is not gone."""
    try:
        return _snapshot(os.path.join(item_directory, FOLDER))
    except OSError:
        return None


def item_directories(root: bytes) -> Iterator[bytes]:
    """Folders beneath a staging root that hold markers or attempts: of films, and of seasons beneath their series.

    Raises OSError where the root itself cannot be listed: nothing follows from what was not seen.
    """
    with os.scandir(root) as entries:
        above = sorted(entry.path for entry in entries if _is_item(entry))
    for path in above:
        names = _folders_in(path)
        if FOLDER in names or any(name in names for name in ATTEMPTS):
            yield path
        for name in sorted(names):
            if not name.startswith(b"."):
                below = _folders_in(os.path.join(path, name))
                if FOLDER in below or any(each in below for each in ATTEMPTS):
                    yield os.path.join(path, name)


def highest_job_beneath(roots: Iterable[str]) -> int:
    """The highest number of a job that has a folder in one of these staging roots; one that cannot be listed has none."""
    highest = 0
    for root in roots:
        with contextlib.suppress(OSError):
            highest = max([highest, *map(highest_job_in, item_directories(os.fsencode(root)))])
    return highest


def _names_of(stage: Stage) -> list[bytes]:
    return [name for name, of in STAGES.items() if of is stage]


def _snapshot(folder: bytes) -> dict[bytes, Look]:
    """Nothing where there is no such folder. Raises OSError where it cannot be listed."""
    found: dict[bytes, Look] = {}
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(DONE) and entry.name.removesuffix(DONE) in STAGES:
                with contextlib.suppress(FileNotFoundError):
                    status = entry.stat()
                    found[entry.name] = Look(status.st_size, status.st_mtime_ns, status.st_ino)
    return found


def _marker(folder: bytes, name: bytes) -> Marker | None:
    try:
        written = datetime.fromtimestamp(os.stat(os.path.join(folder, name)).st_mtime, UTC)  # noqa: PTH116 - bytes
    except OSError:
        return None
    stem = name.removesuffix(DONE)
    said = (_read(folder, stem + TIMESTAMP) or b"").decode("utf-8", "replace").strip()
    content = _read(folder, name)
    text = content.decode("utf-8", "replace").strip() if content is not None else None
    return Marker(stage=STAGES[stem], at=_moment(said) or written, written=written, text=text)


def _moment(said: str) -> datetime | None:
    """A time without a zone is UTC, as `date -u +%FT%T` writes it; seconds since 1970, as `date +%s` does."""
    try:
        moment = datetime.fromtimestamp(int(said), UTC) if said.isdigit() else datetime.fromisoformat(said)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _read(folder: bytes, name: bytes, largest: int = LARGEST) -> bytes | None:
    try:
        file = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        content = os.read(file, largest + 1)
    except OSError:
        return None
    finally:
        os.close(file)
    return content if len(content) <= largest else None


def _write(folder: bytes, name: bytes, content: bytes) -> None:
    if _read(folder, name, max(LARGEST, len(content))) == content:
        return
    part = os.path.join(folder, b".writing-" + secrets.token_hex(8).encode())
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(file, left) :]
            os.fsync(file)
        finally:
            os.close(file)
        os.rename(part, os.path.join(folder, name))  # noqa: PTH104 - paths are bytes here
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)  # noqa: PTH108 - paths are bytes here
        raise
    _sync(folder)


def _sync(folder: bytes) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _is_item(entry: "os.DirEntry[bytes]") -> bool:
    return not entry.name.startswith(b".") and entry.is_dir(follow_symlinks=False)


def _folders_in(path: bytes) -> set[bytes]:
    """Nothing where it cannot be listed."""
    try:
        with os.scandir(path) as entries:
            return {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
    except OSError:
        return set()
