"""Existing scripts as stages: run unchanged, told what to do by arguments and environment, and believed only as far as their
results go.

A host says so in its commands: {"script": {"argv": ["/usr/local/bin/rip-video.sh", "-t", "movie", "{name}", "{input}"]}}
"""

import asyncio
import os
import re
import shutil
import stat
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from ..jobs.models import Stage
from ..jobs.work import CapabilityLost, HostUnfit, NotWorthIt, Report, Result, ResultFile, StageFailed, Work
from .checking import Promised, check_or_fail, fingerprint_of, result_file
from .encoding import capability_for
from .measuring import measure
from .parameters import Limits, RemuxParameters, RipParameters, TranscodeParameters, capability_to_rip, read
from .places import cleared
from .presets import preset_hash
from .remux import percent
from .templates import BadTemplate, Value, filled
from .tools import Ended, Tools, failure, must_be_there

Meaning = Literal["done", "failed", "failed_for_good", "not_worth_it", "capability_lost", "host_unfit"]
USUAL: dict[int, Meaning] = {
    0: "done",
    64: "failed_for_good",
    65: "failed_for_good",
    69: "capability_lost",
    75: "failed",
}
"""What exit codes mean, as far as sysexits.h does; any other is a failure that may be tried again."""


class ScriptCommand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a host has a stage done by a script."""

    argv: Annotated[list[str], Meta(min_length=1, max_length=200)]
    """A word an argument, with {input}, {directory}, {item_directory}, {output}, {title}, {titles}, {name}, {stage}."""
    environment: dict[str, str] = {}
    """Beside what every script gets (`ENVIRONMENT`); values may hold the same names in braces."""
    exit_codes: dict[int, Meaning] = {}
    """Where the script means other things than usual."""
    results: Annotated[tuple[str, ...], Meta(min_length=1, max_length=20)] = ("*.mkv", "*.mp4")
    """What it makes: patterns beneath the attempt's directory, or beneath a folder that a name in braces or `/` begins.
    Files elsewhere are moved into the attempt's directory; only those that were written meanwhile count."""
    timeout_minutes: Annotated[int, Meta(ge=1, le=10_000)] | None = None


ENVIRONMENT = {
    "PIPELINE_STAGE": "rip, remux or transcode",
    "PIPELINE_INPUT": "the disc, image, folder or file to work on",
    "PIPELINE_DIRECTORY": "where results go; it is also the working directory",
    "PIPELINE_ITEM_DIRECTORY": "the folder of the film or season",
    "PIPELINE_OUTPUT": "what the result may be called: in PIPELINE_DIRECTORY, with .mkv",
    "PIPELINE_TITLE": "the number of the (first) title",
    "PIPELINE_TITLES": "the numbers of all of them, with blanks between",
    "PIPELINE_NAME": "what the result is to be called, without suffix",
    "PIPELINE_JOB": "the number of the job",
    "PIPELINE_ATTEMPT": "the number of the attempt",
}
"""What every script finds in its environment."""


SCRIPT_NAMES: tuple[str, ...] = (
    "stage",
    "input",
    "directory",
    "item_directory",
    "output",
    "title",
    "titles",
    "name",
    "job",
    "attempt",
)
"""What the words of a script may name in braces."""


class Wanted(Struct, frozen=True, kw_only=True):
    """One file that a script is to make."""

    number: int
    name: str
    seconds: float | None


def script_of(commands: Mapping[str, Any]) -> ScriptCommand | None:
    """The script that a host wants used for a stage. Raises `StageFailed` where it is told in a way that makes no sense."""
    if "script" not in commands:
        return None
    try:
        return msgspec.convert(commands["script"], ScriptCommand, strict=False)
    except msgspec.ValidationError as error:
        raise StageFailed(
            f"The script of this host is not understood ({error}): correct its commands.", retry=False
        ) from None


async def run_script(work: Work, report: Report, command: ScriptCommand) -> Result:
    """Run it, find what it made, and check that as any other result."""
    wanted, limits, larger, preset, capability = _wanted(work)
    source = await must_be_there(work.input)
    began = time.time()
    await asyncio.to_thread(cleared, work.directory)
    tools = Tools(work, report, capability)
    values = _values(work, source, wanted)
    try:
        program, *arguments = filled(command.argv, values)
        environment = {key: os.fsdecode(filled([text], values)[0]) for key, text in command.environment.items() if text}
        patterns = [os.fsdecode(filled([pattern], values)[0]) for pattern in command.results]
    except BadTemplate as error:
        raise StageFailed(f"{error} See the commands of this host.", retry=False) from None
    ended = await tools.run(
        os.fsdecode(program),
        arguments,
        on_line=percent(report, 0.0, 0.9),
        environment={**environment_of(values), **environment},
        timeout=command.timeout_minutes * 60.0 if command.timeout_minutes else None,
    )
    _judge(ended, command, os.fsdecode(program), capability)
    found = await asyncio.to_thread(_found, Path(os.fsdecode(work.directory)), patterns, began)
    paired = pair(wanted, found)
    before = await fingerprint_of(source) if work.stage is Stage.TRANSCODE else None
    original = await measure(tools, source) if work.stage is not Stage.RIP else None
    files: list[ResultFile] = []
    for one, file in paired:
        seconds = one.seconds or (original.seconds if original is not None and original.error is None else None)
        sound = {"audio": 1} if original is not None and original.of("audio") else {}
        checked = await check_or_fail(
            tools, os.fsencode(file), Promised(seconds=seconds, counts=sound), limits, (0.9, 1.0)
        )
        files.append(await result_file(os.fsencode(file), work.directory, one.number, checked))
    facts: dict[str, Any] = {"program": os.fsdecode(program), "seconds": round(time.time() - began, 1)}
    if before is not None and before.size:
        ratio = round(files[0].size / before.size, 4)
        facts |= {"ratio": ratio, "size": before.size, "fingerprint": (before.value or b"").hex()}
        facts |= {"preset_hash": preset}
        if ratio > larger:
            await asyncio.to_thread(Path(paired[0][1]).unlink)
            raise NotWorthIt(f"The result has {ratio:.0%} of the size of its source: the source stays.", facts)
    return Result(files=files, facts=facts)


def pair(wanted: Sequence[Wanted], found: Sequence[Path]) -> list[tuple[Wanted, Path]]:
    """Which file is which: by its name, by a number in it (`title_t03`, `Title 3`), or because there is one of each.

    Raises `StageFailed` where that says too little: a wrong guess would be an episode under another's name.
    """
    if len(wanted) == 1 and len(found) == 1:
        return [(wanted[0], found[0])]
    paired: list[tuple[Wanted, Path]] = []
    for one in wanted:
        named = [file for file in found if one.name and file.stem == one.name]
        numbered = [file for file in found if (n := _NUMBER.search(file.stem)) and int(n[1]) == one.number]
        of_it = named or numbered
        if len(of_it) != 1:
            names = ", ".join(file.name for file in found[:20]) or "nothing"
            raise StageFailed(
                f"The script made {names}, and which of it is title {one.number} cannot be told: let it call the file "
                f'"{one.name or f"title {one.number:02}"}.mkv".'
            )
        paired.append((one, of_it[0]))
    return paired


def environment_of(values: Mapping[str, Value]) -> dict[str, str]:
    """`ENVIRONMENT` filled in."""
    return {
        f"PIPELINE_{key.upper()}": os.fsdecode(value) if isinstance(value, bytes) else str(value or "")
        for key, value in values.items()
    }


def _values(work: Work, source: bytes, wanted: Sequence[Wanted]) -> dict[str, Value]:
    first = wanted[0]
    output = Path(os.fsdecode(work.directory)) / f"title {first.number:02}.mkv"
    given: tuple[Value, ...] = (
        work.stage.value,
        source,
        work.directory,
        work.item_directory,
        os.fsencode(output),
        first.number,
        " ".join(str(one.number) for one in wanted),
        first.name,
        work.job_id,
        work.attempt,
    )
    return dict(zip(SCRIPT_NAMES, given, strict=True))


def _wanted(work: Work) -> tuple[list[Wanted], Limits, float, str | None, str]:
    """(files, limits, the largest share of the source's size, hash of the preset, what the host must be able to do)."""
    if work.stage is Stage.RIP:
        disc = read(RipParameters, work.parameters)
        titles = [Wanted(number=title.number, name=title.name, seconds=title.duration) for title in disc.titles]
        return titles, disc.limits, disc.limits.larger, None, capability_to_rip(disc)
    if work.stage is Stage.REMUX:
        one = read(RemuxParameters, work.parameters)
        wanted = [Wanted(number=one.number, name=one.name, seconds=None)]
        return wanted, one.limits, one.limits.larger, None, "remux"
    made = read(TranscodeParameters, work.parameters)
    larger = made.preset.larger if made.preset.larger is not None else made.limits.larger
    wanted = [Wanted(number=made.number, name=made.name, seconds=None)]
    return wanted, made.limits, larger, preset_hash(made.preset).hex(), capability_for(made.preset)


def _judge(ended: Ended, command: ScriptCommand, program: str, capability: str) -> None:
    meaning = command.exit_codes.get(ended.code, USUAL.get(ended.code, "failed"))
    if meaning == "done":
        return
    words = f"{program} ended with exit code {ended.code}: {ended.words}"
    if meaning == "not_worth_it":
        raise NotWorthIt(f"{words}. The source stays.")
    if meaning == "capability_lost":
        raise CapabilityLost(capability, f"{words}. Mend that on this host.")
    if meaning == "host_unfit":
        raise HostUnfit(f"{words}. Mend that on this host.")
    if meaning == "failed_for_good":
        raise StageFailed(words, retry=False)
    raise failure(program, ended, "The script")


def _found(directory: Path, patterns: Sequence[str], since: float) -> list[Path]:
    """What was written meanwhile, moved into the directory where it lies elsewhere. Blocks."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        anchor, rest = (directory, pattern) if not pattern.startswith("/") else _anchored(pattern)
        for file in sorted(anchor.glob(rest)) if anchor.is_dir() else ():
            status = file.lstat()
            # Two seconds: some file systems count no finer.
            if stat.S_ISREG(status.st_mode) and status.st_mtime >= since - 2:
                found[file] = None
    return [file if file.is_relative_to(directory) else _moved(file, directory) for file in found]


def _anchored(pattern: str) -> tuple[Path, str]:
    """The folder before the first part with a wildcard, and the rest."""
    parts = Path(pattern).parts
    plain = next((place for place, part in enumerate(parts) if re.search(r"[*?\[]", part)), len(parts) - 1)
    return Path(*parts[:plain]), str(Path(*parts[plain:]))


def _moved(file: Path, directory: Path) -> Path:
    target = directory / file.name
    if target.exists():
        raise StageFailed(f"The script made two files called {file.name}: let its results have names of their own.")
    shutil.move(file, target)
    return target


_NUMBER = re.compile(r"(?:title|track|(?<![a-z])t)[ _-]?t?0*(\d{1,4})(?!\d)", re.IGNORECASE)
