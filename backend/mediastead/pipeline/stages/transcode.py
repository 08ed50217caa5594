"""The stage `transcode`: a file as a preset says, checked against what was promised, and measured against its source."""

import asyncio
import os
import re
import time
from pathlib import Path
from typing import Any, cast

import msgspec

from ..jobs.work import CapabilityLost, NotWorthIt, Report, Result, StageFailed, Work
from .checking import Checked, check_or_fail, fingerprint_of, listen, result_file
from .encoding import (
    ENCODED,
    HARDWARE,
    SOFTWARE,
    HdrFacts,
    Refused,
    arguments_for,
    capability_for,
    main_picture,
    promised_by,
)
from .measuring import Measured, Track, measure
from .parameters import TranscodeParameters, read
from .places import cleared, file_named, reachable
from .presets import PresetBody, preset_hash
from .remux import copy_progress
from .tools import Ended, Tools, failure, must_be_there, must_have_room

FRAME = "frame.json"


async def transcode(work: Work, report: Report) -> Result:
    """Raises `NotWorthIt` where the result is sound and larger than the share of its source that is allowed."""
    parameters = read(TranscodeParameters, work.parameters)
    body = parameters.preset
    source = await must_be_there(work.input)
    began = time.monotonic()
    await asyncio.to_thread(cleared, work.directory)
    tools = Tools(work, report, capability_for(body))
    near = await asyncio.to_thread(reachable, work.directory, source, "input")
    before = await measure(tools, near)
    if before.error is not None:
        raise StageFailed(f"The input {os.fsdecode(source)} cannot be read: {before.error}. Make it anew.", retry=False)
    # A result that is larger than its source is not wanted, and nobody knows beforehand how small it will be.
    await must_have_room(work.directory, before.size // 2)
    known = await fingerprint_of(source)
    tracks = staying(before, body)
    loudest = await listen(tools, near, before.seconds or 0.0)
    try:
        promised = promised_by(body, before, tracks, loudest)
    except Refused as refused:
        raise StageFailed(str(refused), retry=False) from None
    target = file_named(work.directory, parameters.name, parameters.number, ".mkv")
    encoder = await _made(tools, near, target, body, tracks, before, parameters, report)
    checked = await check_or_fail(tools, target, promised, parameters.limits)
    _must_be_encoded(checked, body)
    after = await fingerprint_of(source)
    if (after.value, after.size) != (known.value, known.size):
        raise StageFailed(f"The input {os.fsdecode(source)} changed while it was transcoded; it will be done again.")
    ratio = round(checked.measured.size / before.size, 4)
    facts: dict[str, Any] = {
        "ratio": ratio,
        "seconds": round(time.monotonic() - began, 1),
        "encoder": encoder or "copy",
        # Of the source: by these and the preset it is known again, wherever it goes.
        "size": known.size,
        "fingerprint": (known.value or b"").hex(),
        "preset_hash": preset_hash(body).hex(),
    }
    most = body.larger if body.larger is not None else parameters.limits.larger
    if encoder is not None and ratio > most:
        await asyncio.to_thread(Path(os.fsdecode(target)).unlink)
        raise NotWorthIt(
            f"The result has {ratio:.0%} of the size of its source, and at most {most:.0%} is worth it: the source stays.",
            facts,
        )
    return Result(files=[await result_file(target, work.directory, parameters.number, checked)], facts=facts)


def staying(before: Measured, body: PresetBody) -> list[Track]:
    """The tracks of a source that its result has as well; the rules for languages had their turn in the stage before."""
    kinds = ("video", "audio", "subtitle") if body.subtitles else ("video", "audio")
    return [track for track in before.tracks if track.kind in kinds]


async def _made(
    tools: Tools,
    source: bytes,
    target: bytes,
    body: PresetBody,
    tracks: list[Track],
    before: Measured,
    parameters: TranscodeParameters,
    report: Report,
) -> str | None:
    """The encoder that made it; None where the picture was copied. The next one is tried where one fails."""
    picture = main_picture(tracks)
    if body.video.codec == "copy" or picture is None:
        candidates: list[str | None] = [None]
    else:
        candidates = [*await encoders_for(tools, body.video.codec, hardware=body.video.hardware)]
    hdr = await _hdr_facts(tools, source) if picture is not None and picture.hdr is not None else HdrFacts()
    ended: Ended | None = None
    for encoder in candidates:
        arguments = arguments_for(source, target, body, tracks, encoder, hdr, title=parameters.name)
        ended = await tools.run("ffmpeg", arguments, on_line=copy_progress(report, before.seconds, end=0.95))
        if ended.code == 0:
            return encoder
        reason = failure("ffmpeg", ended, "Transcoding")
        if not isinstance(reason, StageFailed) or encoder is None or encoder == SOFTWARE[body.video.codec]:
            raise reason
        report.log("warning", f"{encoder} failed ({ended.words}); the next encoder is tried")
    raise failure("ffmpeg", ended, "Transcoding") if ended is not None else StageFailed("There is no encoder.")


async def encoders_for(tools: Tools, codec: str, *, hardware: bool) -> list[str]:
    """Those that work on this host, tried with one frame each; the software one last."""
    named = await _encoder_names(tools)
    found: list[str] = []
    for encoder in HARDWARE[codec] if hardware else ():
        if encoder in named and await _works(tools, encoder):
            found.append(encoder)
    if SOFTWARE[codec] in named:
        found.append(SOFTWARE[codec])
    if not found:
        raise CapabilityLost(
            f"transcode:{SOFTWARE[codec]}",
            f"ffmpeg on this host has no encoder for {codec}: install a build with {SOFTWARE[codec]}.",
        )
    return found


async def _encoder_names(tools: Tools) -> set[str]:
    names: set[str] = set()

    def hear(line: str) -> bool:
        if match := re.match(r" [VAS][.FSXBD]{5} (\S+)", line):
            names.add(match[1])
        return True

    await tools.run("ffmpeg", ["-hide_banner", "-encoders"], on_line=hear, quiet=True, timeout=60)
    return names


async def _works(tools: Tools, encoder: str) -> bool:
    arguments = ["-v", "error", "-nostdin"]
    if encoder.endswith("_vaapi"):
        arguments += ["-vaapi_device", "/dev/dri/renderD128"]
    arguments += ["-f", "lavfi", "-i", "color=size=256x256:rate=1:duration=1", "-frames:v", "1"]
    arguments += ["-vf", "format=nv12" + (",hwupload" if encoder.endswith("_vaapi") else "")]
    ended = await tools.run("ffmpeg", [*arguments, "-c:v", encoder, "-f", "null", "-"], quiet=True, timeout=60)
    return ended.code == 0


async def _hdr_facts(tools: Tools, source: bytes) -> HdrFacts:
    """From the first frame, where the container may not have them."""
    arguments: list[str | bytes] = ["-v", "error", "-select_streams", "V:0", "-read_intervals", "%+#1", "-show_frames"]
    arguments += ["-show_entries", "frame=side_data_list", "-of", "json", "-o", FRAME, "-i", source]
    await tools.run("ffprobe", arguments, quiet=True, timeout=120)
    return hdr_facts(await tools.content_of(FRAME))


def hdr_facts(text: bytes) -> HdrFacts:
    """What ffprobe's JSON says of the first frame, in the units of x265: chromaticity by 50,000, luminance by 10,000."""
    try:
        frames = cast("list[dict[str, Any]]", msgspec.json.decode(text, type=dict[str, Any]).get("frames") or [])
    except msgspec.DecodeError:
        return HdrFacts()
    beside = cast("list[dict[str, Any]]", frames[0].get("side_data_list") or []) if frames else []
    display = next((one for one in beside if one.get("side_data_type") == "Mastering display metadata"), None)
    light = next((one for one in beside if one.get("side_data_type") == "Content light level metadata"), None)
    said = _display(display) if display else None
    return HdrFacts(
        master_display=said, max_cll=f"{light.get('max_content', 0)},{light.get('max_average', 0)}" if light else None
    )


def _display(said: dict[str, Any]) -> str | None:
    def unit(key: str, by: int) -> int:
        above, _, below = str(said[key]).partition("/")
        return round(float(above) / float(below or 1) * by)

    try:
        points = [
            f"{name}({unit(f'{color}_x', 50_000)},{unit(f'{color}_y', 50_000)})"
            for name, color in (("G", "green"), ("B", "blue"), ("R", "red"), ("WP", "white_point"))
        ]
        return "".join(points) + f"L({unit('max_luminance', 10_000)},{unit('min_luminance', 10_000)})"
    except (KeyError, ValueError, ZeroDivisionError):
        return None


def _must_be_encoded(checked: Checked, body: PresetBody) -> None:
    picture, wanted = checked.measured.picture, ENCODED.get(body.video.codec)
    if wanted is not None and picture is not None and picture.codec != wanted:
        raise StageFailed(f"The result's picture is {picture.codec} and not {wanted}.")
