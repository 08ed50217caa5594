"""What this machine can do, found by running the tools and asking drives and GPU.

A tool that is there but does not work is worth nothing: encoders of the GPU are tried on a picture, and MakeMKV is asked
for its key.
"""

import asyncio
import glob
import os
import platform
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from msgspec import Struct, structs

PATIENCE = 20.0
"""Seconds for one look at one tool; a driver of a GPU may take some to wake."""
SOFTWARE = ("libx264", "libx265", "libsvtav1", "libaom-av1")
HARDWARE = ("nvenc", "qsv", "vaapi", "videotoolbox", "amf")
_ENCODER = re.compile(r"^ V[A-Z.]{5} (\S+)", re.MULTILINE)
_KEY_IS_OLD = re.compile(r'^MSG:(5021|5052|5055|5073),[^"]*"([^"]*)"', re.MULTILINE)
"""makemkvcon's messages for a version that is too old and an evaluation key that has expired, in its robot output
(https://www.makemkv.com/developers/usage.txt: MSG:code,flags,count,message,...)."""


class Capability(Struct, frozen=True, kw_only=True):
    """Something that this machine can do, or why it cannot."""

    name: str
    """As in `HostCapability.name`."""
    available: bool
    reason: str | None = None
    detail: dict[str, Any] = {}


class Said(NamedTuple):
    code: int | None
    """None where it cannot be started, or did not end in time."""
    text: str


async def find_capabilities(commands: Mapping[str, Any], drives: Sequence[str] | None = None) -> list[Capability]:
    """Everything that jobs may ask for, also what is not there, with what to do about it. `commands`: `Host.commands`;
    `drives`: devices, or None to look for `/dev/sr*`. Never raises; takes seconds, in children that are ended."""
    found = [
        *await _ripping(_tools(commands, "rip"), commands.get("rip") or {}),
        await _remuxing(_tools(commands, "remux")),
        *await _transcoding(_tools(commands, "transcode")),
        *_drives(sorted(glob.glob("/dev/sr*")) if drives is None else drives),
    ]
    return [*found, *_scripts(commands)]


def this_platform() -> str:
    """`linux x86_64`, `macos arm64`."""
    return f"{'macos' if sys.platform == 'darwin' else sys.platform} {platform.machine()}"


async def _ripping(tools: Mapping[str, str], commands: Mapping[str, Any]) -> list[Capability]:
    """By who has read the disc, since each counts its titles otherwise: `rip:dvd` and `rip:bluray` need free programs only, and
    MakeMKV what it has read itself, `rip:dvd:makemkv` and `rip:bluray:makemkv`. A command of one's own does both."""
    makemkv = await _makemkv(tools)
    found: list[Capability] = []
    for kind, free in (("dvd", _free_dvd(tools)), ("bluray", _free_bluray(tools))):
        found.append(_given(f"rip:{kind}", commands.get(kind)) or free)
        with_makemkv = structs.replace(makemkv, name=f"rip:{kind}:makemkv")
        found.append(_given(with_makemkv.name, commands.get(kind)) or with_makemkv)
    return found


def _free_dvd(tools: Mapping[str, str]) -> Capability:
    usable = sorted(name for name in ("dvdbackup", "HandBrakeCLI", "ffmpeg") if _where(tools, name))
    if usable:
        return Capability(name="rip:dvd", available=True, detail={"tools": usable})
    return Capability(
        name="rip:dvd",
        available=False,
        reason="None of dvdbackup, HandBrakeCLI or ffmpeg is installed: `apt-get install dvdbackup ffmpeg` or "
        "`brew install dvdbackup ffmpeg`.",
    )


def _free_bluray(tools: Mapping[str, str]) -> Capability:
    if _where(tools, "mkvmerge"):
        return Capability(name="rip:bluray", available=True, detail={"tools": ["mkvmerge"]})
    return Capability(
        name="rip:bluray",
        available=False,
        reason="mkvmerge, which takes the titles out of a Blu-ray's folder, is not there: `apt-get install mkvtoolnix` or "
        "`brew install mkvtoolnix`.",
    )


async def _makemkv(tools: Mapping[str, str]) -> Capability:
    path = _where(tools, "makemkvcon")
    if path is None:
        return Capability(
            name="makemkv",
            available=False,
            reason="MakeMKV is not installed: install it for discs that only it can read (https://www.makemkv.com).",
        )
    said = await _run([path, "-r", "--cache=1", "info", "disc:9999"])
    if old := _KEY_IS_OLD.search(said.text):
        return Capability(
            name="makemkv",
            available=False,
            reason=f"MakeMKV says: {old[2]} Enter a valid key (`makemkvcon reg KEY`), or install the newest version.",
        )
    if said.code is None:
        return Capability(name="makemkv", available=False, reason=f"{path} does not answer: {said.text}")
    return Capability(name="makemkv", available=True, detail={"tools": ["makemkvcon"]})


async def _remuxing(tools: Mapping[str, str]) -> Capability:
    for name, flag in (("mkvmerge", "--version"), ("ffmpeg", "-version")):
        if path := _where(tools, name):
            said = await _run([path, flag])
            if said.code == 0:
                return Capability(
                    name="remux", available=True, detail={"tool": name, "version": _first_line(said.text)}
                )
    return Capability(
        name="remux",
        available=False,
        reason="Neither mkvmerge nor ffmpeg works here: `apt-get install mkvtoolnix` or `brew install mkvtoolnix`.",
    )


async def _transcoding(tools: Mapping[str, str]) -> list[Capability]:
    missing = "Without ffmpeg and ffprobe nothing can be transcoded: `apt-get install ffmpeg` or `brew install ffmpeg`."
    path = _where(tools, "ffmpeg")
    if path is None or _where(tools, "ffprobe") is None:
        return [Capability(name="transcode", available=False, reason=missing)]
    said = await _run([path, "-hide_banner", "-encoders"])
    encoders = set(_ENCODER.findall(said.text))
    if said.code != 0 or not encoders:
        return [Capability(name="transcode", available=False, reason=f"{path} does not work: {_first_line(said.text)}")]
    version = _first_line((await _run([path, "-version"])).text)
    found = [Capability(name="transcode", available=True, detail={"tool": "ffmpeg", "version": version})]
    found += [Capability(name=f"transcode:{name}", available=True) for name in SOFTWARE if name in encoders]
    for name in sorted(encoders):
        if name.rpartition("_")[2] in HARDWARE and name.partition("_")[0] in ("h264", "hevc", "av1"):
            found.append(await _tried(path, name))
    return found


async def _tried(ffmpeg: str, encoder: str) -> Capability:
    """ffmpeg lists what it was built with, whatever hardware is there: only a picture tells."""
    device = ["-vaapi_device", "/dev/dri/renderD128"] if encoder.endswith("_vaapi") else []
    upload = ["-vf", "format=nv12,hwupload"] if device else []
    source = ["-f", "lavfi", "-i", "color=black:size=256x256:duration=0.2:rate=10"]
    argv = [ffmpeg, "-hide_banner", "-loglevel", "error", *device, *source, *upload, "-c:v", encoder, "-f", "null", "-"]
    said = await _run(argv)
    name = f"transcode:{encoder}"
    if said.code == 0:
        return Capability(name=name, available=True)
    return Capability(name=name, available=False, reason=f"No hardware for it answers: {_last_line(said.text)}")


def _drives(devices: Sequence[str]) -> list[Capability]:
    found: list[Capability] = []
    for device in devices:
        name = f"drive:{device}"
        if os.access(device, os.R_OK):
            found.append(Capability(name=name, available=True))
        else:
            may = "add this account to the group `cdrom`" if os.path.exists(device) else "connect it"
            found.append(Capability(name=name, available=False, reason=f"{device} cannot be read: {may}."))
    return found


def _scripts(commands: Mapping[str, Any]) -> list[Capability]:
    """Scripts that a person named for a stage; see `stages.scripts`."""
    found: list[Capability] = []
    for stage, given in sorted(commands.items()):
        script = cast("dict[str, Any]", given).get("script") if isinstance(given, dict) else None
        argv = cast("dict[str, Any]", script).get("argv") if isinstance(script, dict) else None
        if argv and (checked := _given(f"script:{stage}", argv)):
            found.append(checked)
    return found


def _given(name: str, argv: object) -> Capability | None:
    """A command that a person wrote down for this host: its program must be there. None where there is no command."""
    if not isinstance(argv, list) or not argv:
        return None
    program = str(cast("list[object]", argv)[0])
    if shutil.which(program):
        return Capability(name=name, available=True, detail={"tools": [program]})
    return Capability(
        name=name, available=False, reason=f"{program}, which this host's commands name, is not there or cannot be run."
    )


def _tools(commands: Mapping[str, Any], stage: str) -> dict[str, str]:
    given = commands.get(stage)
    tools = cast("dict[str, Any]", given).get("tools") if isinstance(given, dict) else None
    return {str(name): str(path) for name, path in cast("dict[Any, Any]", tools or {}).items()}


def _where(tools: Mapping[str, str], name: str) -> str | None:
    return shutil.which(tools.get(name, name))


async def _run(argv: Sequence[str]) -> Said:
    try:
        child = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            process_group=0,
        )
    except OSError as error:
        return Said(None, error.strerror or str(error))
    try:
        out, _ = await asyncio.wait_for(child.communicate(), PATIENCE)
    except TimeoutError:
        return Said(None, f"no answer within {PATIENCE:.0f} seconds")
    finally:
        if child.returncode is None:
            os.killpg(child.pid, 9)
            await child.wait()
    return Said(child.returncode, out.decode(errors="replace"))


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:200]


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2][:200]
