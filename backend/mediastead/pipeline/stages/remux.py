"""The stage `remux`: the tracks that are wanted, with their flags, into one Matroska file; nothing is encoded anew."""

import asyncio
import codecs
import os
import re
import time
from collections.abc import Callable

import msgspec
from msgspec import Struct

from ..jobs.work import Report, Result, StageFailed, Work
from .checking import Promised, check_or_fail, result_file
from .languages import long_code
from .measuring import Measured, Track, measure
from .parameters import RemuxParameters, read
from .places import cleared, file_named, reachable
from .tools import Tools, failure, must_be_there, must_have_room
from .tracks import Kept, kept_tracks

IDENTIFIED = "identified.json"


async def remux(work: Work, report: Report) -> Result:
    """By mkvmerge, or by ffmpeg where mkvmerge is not there or does not know the format."""
    parameters = read(RemuxParameters, work.parameters)
    source = await must_be_there(work.input)
    began = time.monotonic()
    await asyncio.to_thread(cleared, work.directory)
    tools = Tools(work, report, "remux")
    near = await asyncio.to_thread(reachable, work.directory, source, "input")
    before = await measure(tools, near)
    if before.error is not None:
        raise StageFailed(f"The input {os.fsdecode(source)} cannot be read: {before.error}. Make it anew.", retry=False)
    await must_have_room(work.directory, before.size)
    kept = kept_tracks(before.tracks, parameters.tracks, parameters.original_language)
    for words in kept.words:
        report.log("info", words)
    target = file_named(work.directory, parameters.name, parameters.number, ".mkv")
    program = await _remuxed(tools, near, target, kept, before, parameters, report)
    promised = Promised(seconds=before.seconds, tracks=kept.tracks, hdr=before.picture.hdr if before.picture else None)
    checked = await check_or_fail(tools, target, promised, parameters.limits, (0.8, 1.0))
    facts = {
        "program": program,
        "seconds": round(time.monotonic() - began, 1),
        "ratio": round(checked.measured.size / max(1, before.size), 4),
        "left_out": len(before.tracks) - len(kept.tracks),
        "chapters": checked.measured.chapters,
    }
    return Result(files=[await result_file(target, work.directory, parameters.number, checked)], facts=facts)


async def _remuxed(
    tools: Tools,
    source: bytes,
    target: bytes,
    kept: Kept,
    before: Measured,
    parameters: RemuxParameters,
    report: Report,
) -> str:
    if tools.has("mkvmerge"):
        numbers = await _identified(tools, source)
        # The two count alike, but for what only one of them takes for a track.
        if numbers is not None and {track.index for track in kept.tracks} <= numbers:
            arguments = mkvmerge_arguments(source, target, kept.tracks, parameters.name)
            ended = await tools.run("mkvmerge", arguments, on_line=merge_progress(report))
            if ended.code not in (0, 1):  # 1: with warnings, which stand in the log
                raise failure("mkvmerge", ended, "Remuxing")
            return "mkvmerge"
        report.log("warning", "mkvmerge does not take this file as it is; ffmpeg does it")
    arguments = copy_arguments(source, target, kept.tracks, parameters.name)
    ended = await tools.run("ffmpeg", arguments, on_line=copy_progress(report, before.seconds, end=0.8))
    if ended.code != 0:
        raise failure("ffmpeg", ended, "Remuxing")
    return "ffmpeg"


def mkvmerge_arguments(source: bytes, target: bytes, tracks: list[Track], name: str) -> list[str | bytes]:
    """Chapters, attachments and tags are kept, because nothing says otherwise."""
    arguments: list[str | bytes] = ["--gui-mode", "--ui-language", "en_US", "-o", target, "--title", name]
    for option, none, kind in (("-d", "-D", "video"), ("-a", "-A", "audio"), ("-s", "-S", "subtitle")):
        chosen = [str(track.index) for track in tracks if track.kind == kind]
        arguments += [option, ",".join(chosen)] if chosen else [none]
    for track in tracks:
        arguments += ["--default-track-flag", f"{track.index}:{int(track.default)}"]
        if track.kind == "subtitle":
            arguments += ["--forced-display-flag", f"{track.index}:{int(track.forced)}"]
        if track.commentary:
            arguments += ["--commentary-flag", f"{track.index}:1"]
        if track.language is not None:
            arguments += ["--language", f"{track.index}:{long_code(track.language)}"]
    return [*arguments, source]


def copy_arguments(source: bytes, target: bytes, tracks: list[Track], name: str) -> list[str | bytes]:
    """The same with ffmpeg."""
    arguments: list[str | bytes] = ["-v", "warning", "-nostats", "-nostdin", "-y", "-fflags", "+genpts", "-i", source]
    for track in tracks:
        arguments += ["-map", f"0:{track.index}"]
    arguments += ["-map", "0:t?", "-c", "copy", "-map_chapters", "0", "-max_interleave_delta", "0"]
    for place, track in enumerate(tracks):
        flags = [word for word, is_so in _flags(track) if is_so]
        arguments += [f"-disposition:{place}", "+".join(flags) or "0"]
        if track.codec == "mov_text":
            arguments += [f"-c:{place}", "srt"]
        if track.language is not None:
            arguments += [f"-metadata:s:{place}", f"language={long_code(track.language)}"]
    return [*arguments, "-metadata", f"title={name}", "-progress", "pipe:1", "-f", "matroska", target]


def merge_progress(report: Report, begin: float = 0.0, end: float = 0.8) -> Callable[[str], bool]:
    """mkvmerge --gui-mode says `#GUI#progress 50%`."""

    def hear(line: str) -> bool:
        if match := re.match(r"#GUI#progress (\d+)%", line):
            report.progress(begin + int(match[1]) / 100 * (end - begin))
        return line.startswith(("#GUI#progress", "#GUI#begin", "#GUI#end")) or not line.strip()

    return hear


def percent(report: Report, begin: float, end: float) -> Callable[[str], bool]:
    """`8% done` (dvdbackup), `Encoding: task 1 of 1, 5.43 %` (HandBrakeCLI), and what else says it so."""

    def hear(line: str) -> bool:
        match = re.search(r"(\d{1,3}(?:\.\d+)?) ?%", line)
        if match:
            report.progress(begin + min(100.0, float(match[1])) / 100 * (end - begin))
        return match is not None

    return hear


class _Progress(Struct):
    """What ffmpeg said in the block of lines that it is at."""

    seconds: float = 0.0
    speed: str | None = None


def copy_progress(report: Report, seconds: float | None, begin: float = 0.0, end: float = 1.0) -> Callable[[str], bool]:
    """ffmpeg -progress says `out_time_us=1000000` and `speed=2.4x`, in blocks that end with `progress=`."""
    at = _Progress()

    def hear(line: str) -> bool:
        key, _, value = line.partition("=")
        if key == "out_time_us" and value.strip().isdigit():
            at.seconds = int(value) / 1_000_000
        elif key == "speed":
            at.speed = value.strip() or None
        elif key == "progress" and seconds:
            share = min(1.0, at.seconds / seconds)
            factor = _factor(at.speed)
            left = round((seconds - at.seconds) / factor) if factor and seconds > at.seconds else None
            report.progress(begin + share * (end - begin), at.speed if factor else None, left)
        return bool(_KEY.fullmatch(key)) and "=" in line

    return hear


def _factor(speed: str | None) -> float | None:
    try:
        return float((speed or "").rstrip("x")) or None
    except ValueError:
        return None


def _flags(track: Track) -> tuple[tuple[str, bool], ...]:
    return (
        ("default", track.default),
        ("forced", track.forced),
        ("comment", track.commentary),
        ("attached_pic", track.cover),
    )


class _Identified(Struct):
    """Of `mkvmerge -J`."""

    class Container(Struct):
        recognized: bool = False
        supported: bool = False

    class Track(Struct):
        id: int

    container: Container
    tracks: list[Track] = []


async def _identified(tools: Tools, source: bytes) -> set[int] | None:
    """The numbers of the tracks as mkvmerge counts them; None where it cannot read the file."""
    await tools.run("mkvmerge", ["-J", "--redirect-output", IDENTIFIED, source], quiet=True, timeout=300)
    text = (await tools.content_of(IDENTIFIED)).removeprefix(codecs.BOM_UTF8)
    try:
        said = msgspec.json.decode(text, type=_Identified)
    except msgspec.DecodeError:
        return None
    if not (said.container.recognized and said.container.supported):
        return None
    return {track.id for track in said.tracks}


_KEY = re.compile(r"frame|fps|stream_\d+_\d+_\w+|bitrate|total_size|out_time\w*|dup_frames|drop_frames|speed|progress")
