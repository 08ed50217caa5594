"""The programs that do the work: how they are called, what their last words mean, and what a person can do about it."""

import asyncio
import os
import re
import shutil
import stat
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from msgspec import Struct

from ..jobs.children import run_child
from ..jobs.work import CapabilityLost, HostUnfit, Report, StageFailed, Work

KEPT = 40
"""Lines of what a program said that are kept for the reason of a failure."""
LONGEST = 2_000
"""Characters of a line that are kept; a disc can make a tool say anything."""
PACKAGES = {
    "ffmpeg": "ffmpeg",
    "ffprobe": "ffmpeg",
    "mkvmerge": "mkvtoolnix",
    "dvdbackup": "dvdbackup",
    "HandBrakeCLI": "handbrake-cli",
}
"""What a person installs for a program, as Debian calls it."""

OnLine = Callable[[str], bool]
"""Gets each line of a program; says whether it was meant for it alone (progress), so that it is not logged."""


class Ended(Struct, frozen=True, kw_only=True):
    """How a program ended."""

    code: int
    said: list[str]
    """Its last lines, without those of its progress."""

    @property
    def words(self) -> str:
        return self.said[-1] if self.said else "it said nothing"


class Tools:
    """The programs of this host, for one attempt. Each runs in the attempt's directory and ends with the attempt."""

    def __init__(self, work: Work, report: Report, capability: str) -> None:
        self.report = report
        self._directory = work.directory
        self._named = _named_in(work.commands)
        self._capability = capability

    @property
    def directory(self) -> bytes:
        return self._directory

    def has(self, program: str) -> bool:
        """Whether it can be run here."""
        return shutil.which(self._named.get(program, program)) is not None

    async def content_of(self, name: str) -> bytes:
        """Of a file in the attempt's directory that a program wrote only for this; it is taken away. Empty without one."""
        return await asyncio.to_thread(_taken, Path(os.fsdecode(self._directory)) / name)

    async def run(
        self,
        program: str,
        arguments: Sequence[str | bytes],
        *,
        on_line: OnLine | None = None,
        environment: Mapping[str, str] | None = None,
        timeout: float | None = None,
        quiet: bool = False,
    ) -> Ended:
        """Runs it to its end, whatever that is. `program` is a name or an absolute path.

        What it says goes into the log of the attempt, unless `quiet`. Raises `CapabilityLost` where it is not there,
        `HostUnfit` where the attempt's folder is not, `Stopped` where the attempt is no longer wanted, `StageFailed` after
        `timeout` seconds.
        """
        said: deque[str] = deque(maxlen=KEPT)

        def hear(line: str, _stream: str) -> None:
            line = line[:LONGEST]
            if (on_line is not None and on_line(line)) or not line.strip():
                return
            said.append(line)
            if not quiet:
                self.report.log("warning" if _COMPLAINT.search(line) else "info", line)

        path = self._named.get(program, program)
        if await asyncio.to_thread(shutil.which, path) is None:
            raise CapabilityLost(self._capability, missing(program, path))
        if not await asyncio.to_thread(os.path.isdir, self._directory):
            raise HostUnfit("The folder of the attempt is gone: mount the staging root on this host again.")
        code = await run_child(
            [path, *arguments],
            cwd=self._directory,
            env={**hidden_environment(), **(environment or {})},
            on_line=hear,
            report=self.report,
            timeout=timeout,
        )
        return Ended(code=code, said=list(said))


def missing(program: str, path: str) -> str:
    """Why a host cannot do something, with what to do."""
    if os.path.exists(path):
        return f"{path} may not be run on this host: make it executable for its user."
    how = f"install it (`apt install {PACKAGES[program]}`)" if program in PACKAGES else "install it"
    named = "" if path == program else f" at {path}"
    return f"{program} is not there{named}: {how}, or name where it is in the host's commands."


def failure(program: str, ended: Ended, doing: str) -> StageFailed | HostUnfit:
    """What to raise for a program that ended badly, in words for a person."""
    text = "\n".join(ended.said)
    for pattern, words in _UNFIT:
        if re.search(pattern, text, re.IGNORECASE):
            return HostUnfit(f"{words} ({program}: {_told(pattern, ended)})")
    for pattern, words in _REASONS:
        if re.search(pattern, text, re.IGNORECASE):
            return StageFailed(f"{doing} failed: {words} ({program}: {_told(pattern, ended)})")
    signal = f"signal {-ended.code}" if ended.code < 0 else f"exit code {ended.code}"
    return StageFailed(f"{doing} failed: {program} ended with {signal}: {ended.words}", retry=True)


def vanished(path: bytes) -> StageFailed:
    return StageFailed(
        f"The input {os.fsdecode(path)} is not there: is it mounted on this host, and was it moved or taken out?"
    )


async def must_be_there(path: bytes | None) -> bytes:
    """The input, which must be there and must hold something. Raises `StageFailed`."""
    if path is None:
        raise StageFailed("The job names no input; make it anew.", retry=False)
    try:
        empty = await asyncio.to_thread(_is_empty_file, path)
    except (FileNotFoundError, NotADirectoryError):
        raise vanished(path) from None
    except OSError as error:
        raise StageFailed(
            f"The input {os.fsdecode(path)} cannot be looked at: {error.strerror}. Is it still mounted?"
        ) from None
    if empty:
        raise StageFailed(f"The input {os.fsdecode(path)} is empty; make it anew.", retry=False)
    return path


async def must_have_room(directory: bytes, needed: int) -> None:
    """Raises `HostUnfit` where `needed` bytes will not go there."""
    try:
        there = await asyncio.to_thread(os.statvfs, directory)
    except OSError as error:
        raise HostUnfit(
            f"The folder of the attempt cannot be looked at ({error.strerror}): mount the staging root on this host again."
        ) from None
    free = there.f_bavail * there.f_frsize
    if free < needed:
        raise HostUnfit(
            f"The disk of the staging root is full: about {_mega(needed)} MB are needed and {_mega(free)} MB are free. "
            "Make room there, or name another staging root."
        )


def hidden_environment() -> dict[str, str]:
    """Laid over our own environment: what is no program's business (keys, the database's address) is empty there, and names
    survive whatever the locale is."""
    hidden = dict.fromkeys((key for key in os.environ if key.startswith(("MEDIASTEAD_", "PG"))), "")
    return hidden | {"LC_ALL": "C.UTF-8", "AV_LOG_FORCE_NOCOLOR": "1"}


def _taken(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
    finally:
        file.unlink(missing_ok=True)


def _is_empty_file(path: bytes) -> bool:
    status = Path(os.fsdecode(path)).stat()
    return stat.S_ISREG(status.st_mode) and status.st_size == 0


def _named_in(commands: dict[str, Any]) -> dict[str, str]:
    tools = commands.get("tools")
    if not isinstance(tools, dict):
        return {}
    return {str(name): str(path) for name, path in cast("dict[object, object]", tools).items()}


def _told(pattern: str, ended: Ended) -> str:
    return next((line for line in ended.said if re.search(pattern, line, re.IGNORECASE)), ended.words)[:300]


def _mega(size: int) -> int:
    return -(-size // 1_000_000)


_COMPLAINT = re.compile(r"\b(error|failed|invalid|corrupt|no space|warning)\b", re.IGNORECASE)

_UNFIT = (
    (
        r"no space left|disk quota exceeded|not enough space|\(28\)",
        "The disk of the staging root is full: make room there, or name another staging root.",
    ),
    (r"read-only file system", "The staging root can only be read: mount it so that it can be written."),
    (
        r"stale file handle|transport endpoint is not connected|host is down",
        "The share went away: mount it on this host again.",
    ),
)
"""What is wrong with the host, whatever the job is."""

_REASONS = (
    (
        r"input/output error|medium error|uncorrectable|read error",
        "the disc or disk could not be read; clean the disc, or try another drive.",
    ),
    (r"no such file or directory", "a file is not there any more; was it moved or unmounted meanwhile?"),
    (r"permission denied", "a file may not be read or written; let this host's user do so."),
)
