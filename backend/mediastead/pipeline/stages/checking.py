"""What makes a result a failure: it is empty, cannot be read or played, is too short, or lacks what was promised."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ...probing import Fingerprint, read_fingerprint
from ..jobs.work import Result, ResultFile, StageFailed
from .measuring import Decoded, Measured, Track, decode, measure, play_through
from .parameters import Limits, Sound
from .tools import Ended, Tools

GRACE_SECONDS = 2.0
"""Containers count a little differently; files of a few seconds are no failures for that."""
LONGER, LONGER_SECONDS = 0.05, 10.0
"""A result may be longer than its source by this share and these seconds: more is another content."""
SAMPLE_SECONDS = 2.0
"""Decoded at the beginning, in the middle and at the end."""
SILENT, SOUNDS = -85.0, -60.0
"""dB: quieter than the first is silence, louder than the second is sound."""
LEAST_BYTES = 500
"""A media file of less holds nothing."""


class Promised(Struct, frozen=True, kw_only=True):
    """What a result must have."""

    seconds: float | None = None
    """Of the source; None where nobody knows."""
    tracks: list[Track] = []
    """Each must be there, by kind, language and whether it is forced."""
    counts: dict[str, int] = {}
    """At least so many of a kind, whatever they are: where a source has no languages to go by."""
    hdr: str | None = None
    loudest: list[float | None] = []
    """`Checked.loudest` of the source; empty where nobody listened."""


class Checked(Struct, frozen=True, kw_only=True):
    """A file, and everything that is wrong with it."""

    measured: Measured
    reached: float = 0.0
    """The second until which it could be played."""
    loudest: list[float | None] = []
    """dB of each sample; None where there was no sound."""
    faults: list[str] = []
    """Sentences; empty where it is sound."""


async def check(
    tools: Tools, path: bytes, promised: Promised, limits: Limits, progress: tuple[float, float] = (0.95, 1.0)
) -> Checked:
    """Reads the file whole, and decodes some of it. `progress`: which share of the attempt's work this is."""
    size = await asyncio.to_thread(_size, path)
    if size is None:
        return Checked(measured=Measured(error="it is not there"), faults=["There is no result."])
    if size < LEAST_BYTES:
        return Checked(measured=Measured(size=size), faults=[f"The result is empty ({size} bytes)."])
    measured = await measure(tools, path)
    if measured.error is not None:
        return Checked(measured=measured, faults=[f"The result cannot be read: {measured.error}."])
    begin, end = progress

    def on_second(second: float) -> None:
        if measured.seconds:
            tools.report.progress(begin + min(1.0, second / measured.seconds) * (end - begin))

    reached, ended = await play_through(tools, path, on_second)
    seconds = measured.seconds or reached
    times = sample_times(min(seconds, reached)) if reached else []
    samples = [await decode(tools, path, at, SAMPLE_SECONDS) for at in times]
    loudest = [sample.loudest for sample in samples]
    faults = [
        *faults_of_playing(measured, reached, ended, samples, limits),
        *faults_of_content(measured, min(seconds, reached), loudest, promised, limits),
    ]
    return Checked(measured=measured, reached=reached, loudest=loudest, faults=faults)


async def check_or_fail(
    tools: Tools, path: bytes, promised: Promised, limits: Limits, progress: tuple[float, float] = (0.95, 1.0)
) -> Checked:
    """As `check`; raises `StageFailed` with all that is wrong."""
    checked = await check(tools, path, promised, limits, progress)
    if checked.faults:
        name = os.fsdecode(path.rpartition(b"/")[2])
        raise StageFailed(f"{name} is no good result: {' '.join(checked.faults)}")
    return checked


async def listen(tools: Tools, path: bytes, seconds: float) -> list[float | None]:
    """How loud a source is where its result will be listened to."""
    return [(await decode(tools, path, at, SAMPLE_SECONDS)).loudest for at in sample_times(seconds)]


async def result_file(path: bytes, directory: bytes, number: int | None, checked: Checked) -> ResultFile:
    """What is told of a checked file."""
    taken = await fingerprint_of(path)
    try:
        name = path.removeprefix(directory.rstrip(b"/") + b"/").decode()
    except UnicodeDecodeError:
        raise StageFailed(f"{os.fsdecode(path)} has a name that is no UTF-8: let it be called otherwise.") from None
    return ResultFile(
        path=name,
        title=number,
        size=taken.size,
        duration_seconds=round(checked.reached, 3),
        streams={"tracks": [described(track) for track in checked.measured.tracks]},
        fingerprint=(taken.value or b"").hex(),
    )


async def fingerprint_of(path: bytes) -> Fingerprint:
    """Raises `StageFailed` where it cannot be read."""
    taken = await asyncio.to_thread(read_fingerprint, path)
    if taken.value is None:
        raise StageFailed(f"{os.fsdecode(path)} cannot be read: {taken.error}. Is it still mounted?")
    return taken


def described(track: Track) -> dict[str, object]:
    """A track as it is told to people and kept with the job."""
    shown = (
        "kind",
        "codec",
        "language",
        "title",
        "channels",
        "width",
        "height",
        "hdr",
        "default",
        "forced",
        "commentary",
    )
    return {name: value for name in shown if (value := getattr(track, name)) not in (None, False, "")}


async def is_still(path: bytes, sound: Sound) -> str | None:
    """Whether a file is the one that was checked: None, or a sentence why not."""
    taken = await asyncio.to_thread(read_fingerprint, path)
    if taken.value is None:
        return f"{os.fsdecode(path)} cannot be read: {taken.error}."
    if (taken.size, taken.value.hex()) != (sound.size, sound.fingerprint):
        return (
            f"{os.fsdecode(path)} is not the file that was checked: it has {taken.size} bytes and not {sound.size}, "
            "or other content."
        )
    return None


async def faults_of_published(
    tools: Tools | None,
    directory: bytes,
    result: Result,
    asked: Mapping[int, float | None] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
) -> list[str]:
    """For whoever was told of a result by another machine: whether what lies in `directory` is what it said, and what it says
    is what it was asked for. `asked`: the seconds of each title, None where nobody knows. Without `tools` nothing is played."""
    faults: list[str] = []
    if not result.files:
        return ["No file is named."]
    said = {file.title: file for file in result.files}
    for number, seconds in (asked or {}).items():
        file = said.get(number)
        if file is None:
            faults.append(f"No file is named for title {number}.")
        elif seconds and (file.duration_seconds or 0.0) < seconds - _allowed(seconds, limits.shorter):
            faults.append(f"{file.path} is too short: {file.duration_seconds or 0:.0f} s of {seconds:.0f} s.")
    for file in result.files:
        path = directory + b"/" + os.fsencode(file.path)
        if not await asyncio.to_thread(_beneath, path, directory):
            faults.append(f"{file.path} lies outside of the folder of the attempt.")
            continue
        other = await is_still(path, Sound(size=file.size, fingerprint=file.fingerprint or ""))
        if other is not None:
            faults.append(other)
        if other is not None or tools is None:
            continue
        checked = await check(tools, path, Promised(seconds=file.duration_seconds), Limits())
        faults += [f"{file.path}: {fault}" for fault in checked.faults]
    return faults


def sample_times(seconds: float) -> list[float]:
    """Where a file of that length is decoded."""
    if seconds <= 3 * SAMPLE_SECONDS:
        return [0.0]
    return [0.0, seconds / 2, seconds - SAMPLE_SECONDS - 0.5]


def faults_of_playing(
    measured: Measured, reached: float, ended: Ended, samples: Sequence[Decoded], limits: Limits
) -> list[str]:
    """What is wrong with a file by itself."""
    claimed = measured.seconds
    faults: list[str] = []
    if reached == 0:
        return [f"Nothing in it can be played: {ended.words}."]
    if claimed is not None and reached < claimed - _allowed(claimed, limits.shorter):
        faults.append(f"It is truncated: it claims {claimed:.0f} s and ends after {reached:.0f} s.")
    elif broken := next((line for line in ended.said if _CUT_OFF.search(line)), None):
        faults.append(f"It is truncated: {broken}.")
    if measured.picture is not None:
        for place, sample in enumerate(samples):
            most = max(5, sample.frames // 4) if place == 0 else max(10, sample.frames)
            if sample.frames == 0 or sample.ended.code != 0 or sample.errors > most:
                faults.append(f"Its picture cannot be decoded: {_reason(sample.ended)}.")
                break
    elif any(sample.ended.code != 0 for sample in samples):
        faults.append("Its sound cannot be decoded.")
    return faults


def faults_of_content(
    measured: Measured, seconds: float, loudest: Sequence[float | None], promised: Promised, limits: Limits
) -> list[str]:
    """What it lacks of what was promised."""
    faults: list[str] = []
    if promised.seconds:
        if seconds < promised.seconds - _allowed(promised.seconds, limits.shorter):
            faults.append(f"It is too short: {seconds:.0f} s of {promised.seconds:.0f} s.")
        elif seconds > promised.seconds * (1 + LONGER) + LONGER_SECONDS:
            faults.append(f"It is too long: {seconds:.0f} s, and its source has {promised.seconds:.0f} s.")
    if any(track.kind == "video" for track in promised.tracks) and measured.picture is None:
        faults.append("It has no picture.")
    faults += _lacking(measured, promised)
    if promised.hdr is not None:
        hdr = measured.picture.hdr if measured.picture else None
        if hdr != promised.hdr:
            faults.append(f"Its picture is {hdr or 'without HDR'}, and {promised.hdr} was promised.")
    listened = [(before, after) for before, after in zip(promised.loudest, loudest, strict=False) if before is not None]
    heard = [before for before, _ in listened if before > SOUNDS]
    if heard and all(after is None or after < SILENT for _, after in listened):
        faults.append("It is silent, and its source is not.")
    return faults


def _lacking(measured: Measured, promised: Promised) -> list[str]:
    faults: list[str] = []
    there = Counter(_key(track) for track in measured.tracks if track.kind in ("audio", "subtitle"))
    wanted = Counter(_key(track) for track in promised.tracks if track.kind in ("audio", "subtitle"))
    for (kind, language, forced), number in sorted(wanted.items(), key=str):
        lacks = number - there[kind, language, forced]
        if lacks > 0:
            which = f"{'forced ' if forced else ''}{kind} track in {language or 'an unknown language'}"
            faults.append(f"It lacks {lacks} {which}.")
    for kind, number in promised.counts.items():
        found = sum(track.kind == kind for track in measured.tracks)
        if found < number:
            faults.append(f"It has {found} of {number} {kind} tracks.")
    return faults


def _key(track: Track) -> tuple[str, str | None, bool]:
    # Only of subtitles is it told apart: "forced" says nothing of sound.
    return track.kind, track.language, track.forced and track.kind == "subtitle"


def _allowed(seconds: float, share: float) -> float:
    return max(GRACE_SECONDS if seconds > 4 * GRACE_SECONDS else seconds * 0.25, seconds * share)


def _reason(ended: Ended) -> str:
    return next((line for line in ended.said if _DECODING.search(line)), ended.words)


def _beneath(path: bytes, directory: bytes) -> bool:
    return os.path.realpath(path).startswith(os.path.realpath(directory) + b"/")


def _size(path: bytes) -> int | None:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - paths are bytes here
    except OSError:
        return None


_CUT_OFF = re.compile(r"ended prematurely|truncat|partial file|moov atom not found|exceeds.*size", re.IGNORECASE)
_DECODING = re.compile(r"error|invalid|conceal|corrupt", re.IGNORECASE)
