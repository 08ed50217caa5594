"""Results that others made are looked at again by the server: a host that lies, or whose share lost what it wrote, ends here."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import msgspec
from msgspec import Struct

from ...probing.fingerprint import read_fingerprint
from ..jobs.models import Stage
from ..jobs.work import Level, Report, Result, Stopping, Work
from .checking import Promised, check, faults_of_published, is_still
from .parameters import Limits, Sound, TranscodeParameters
from .presets import preset_hash
from .tools import Tools


async def verify_result(
    directory: bytes,
    result: Result,
    asked: Mapping[int, float | None] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
) -> str | None:
    """Before a completed job has consequences: whether every file of its result is there, inside of the attempt's directory,
    has the size and fingerprint that were told, and can be played for as long as was told, and whether there is one for each
    title that was asked for (`asked`: their seconds, None where nobody knows). None, or sentences why not.

    Reads each file whole, so call it outside of any transaction. Where the server has no ffmpeg, sizes and fingerprints are all
    that is compared.
    """
    async with _tools() as tools:
        faults = await faults_of_published(tools if can_play() else None, directory, result, asked, limits)
    return " ".join(faults) or None


async def verify_file(path: bytes, sound: Sound | None, limits: Limits | None = None) -> str | None:
    """Whether `path` is still the file that was checked, and can be played to its end. None, or sentences why not."""
    if sound is not None and (other := await is_still(path, sound)) is not None:
        return other
    if sound is not None and not can_play():
        return None
    return await verify_made(path, sound.duration_seconds if sound is not None else None, limits or Limits())


async def verify_made(path: bytes, seconds: float | None, limits: Limits) -> str | None:
    """Whether a file of which nobody told anything can be played to its end, and for as long as it should (None where nobody
    knows). None, or sentences why not."""
    if not can_play():
        return f"{os.fsdecode(path)} cannot be checked without ffmpeg: install it here."
    async with _tools() as tools:
        return " ".join((await check(tools, path, Promised(seconds=seconds), limits)).faults) or None


def can_play() -> bool:
    """Whether files can be played through on this machine."""
    return shutil.which("ffmpeg") is not None and shutil.which("ffprobe") is not None


class _Worth(Struct, frozen=True, kw_only=True):
    """What is told of what was not worth it, and would be remembered."""

    size: int
    fingerprint: str
    preset_hash: str
    ratio: float


async def verify_not_worth_it(stage: Stage, source: bytes | None, parameters: dict[str, Any], told: Any) -> str | None:
    """Whether what is told of a result that was thrown away is true, as far as can be seen without it: which content it was
    made of, by which preset, and whether it was too large. None, or a sentence why not; also None where nothing is told that
    could be remembered.

    Raises `OSError` where the source cannot be read now: then nothing is known.
    """
    if told is None:
        return None
    given = cast("dict[str, Any]", told)
    facts = (given.get("facts") or given) if isinstance(told, dict) else None
    if not isinstance(facts, dict):
        return "what it says of a result that was not worth it cannot be read."
    if not (facts.keys() & {"fingerprint", "preset_hash"}):
        return None
    try:
        worth = msgspec.convert(facts, _Worth)
        asked = msgspec.convert(parameters, TranscodeParameters)
    except msgspec.ValidationError as error:
        return f"what it says of a result that was not worth it cannot be right: {error}."
    if stage is not Stage.TRANSCODE or source is None or worth.preset_hash != preset_hash(asked.preset).hex():
        return "it says of a preset that it was not worth it which it was not to use."
    most = asked.preset.larger if asked.preset.larger is not None else asked.limits.larger
    if not most < worth.ratio < float("inf"):
        return f"it says that {worth.ratio:.0%} of the size of the source is too much, and {most:.0%} is worth it."
    taken = await asyncio.to_thread(read_fingerprint, source)
    if taken.value is None:
        raise OSError(f"{os.fsdecode(source)} cannot be read: {taken.error}")
    if (taken.size, taken.value.hex()) != (worth.size, worth.fingerprint):
        return f"what it says was not worth it is not {os.fsdecode(source)}, which it was to transcode."
    return None


class _Unheard(Report):
    """Nobody follows this."""

    def __init__(self) -> None:
        self._stopped = asyncio.Event()

    @property
    def stopped(self) -> asyncio.Event:
        return self._stopped

    @property
    def why(self) -> Stopping | None:
        return None

    def progress(self, share: float, speed: str | None = None, seconds_left: int | None = None) -> None:
        return None

    def log(self, level: Level, text: str) -> None:
        return None

    def started(self, pid: int) -> None:
        return None


@asynccontextmanager
async def _tools() -> AsyncGenerator[Tools]:
    """In a folder of its own: what is looked at is not written to."""
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="mediastead-verify-")
    try:
        there = os.fsencode(folder)
        work = Work(
            job_id=0,
            attempt=0,
            stage=Stage.ORGANIZE,
            input=None,
            directory=there,
            item_directory=there,
            parameters={},
        )
        yield Tools(work, _Unheard(), "verify")
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
