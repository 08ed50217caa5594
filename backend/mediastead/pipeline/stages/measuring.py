"""What a media file holds, as ffprobe reads it, and whether it can be played to its end."""

import asyncio
import os
import re
from collections.abc import Callable
from typing import Any, Literal, cast

import msgspec
from msgspec import Struct

from .languages import language
from .tools import Ended, Tools

PROBE_SECONDS = 120.0
"""For reading a file's headers; a share that hangs takes longer."""
PROBED = "probed.json"

TrackKind = Literal["video", "audio", "subtitle", "other"]


class Track(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stream of a file."""

    index: int
    """In the file, from 0 on."""
    kind: TrackKind
    codec: str = ""
    """As ffmpeg calls it: `h264`, `hevc`, `dvd_subtitle`."""
    language: str | None = None
    """`languages.language`."""
    title: str | None = None
    default: bool = False
    forced: bool = False
    commentary: bool = False
    cover: bool = False
    """A picture of no film: poster, thumbnail."""
    channels: int | None = None
    width: int | None = None
    height: int | None = None
    hdr: str | None = None
    """`Dolby Vision`, `HDR10`, `HLG`."""
    base_hdr: str | None = None
    """Without what Dolby Vision adds; None where there is nothing that can be shown without it."""
    interlaced: bool = False
    bits: int | None = None
    id: int | None = None
    """That the container gives it: 0x80 for the first AC-3 track of a DVD."""


class Measured(Struct, frozen=True, kw_only=True):
    """What a file says of itself, or why it cannot be read. That is data, not an exception."""

    size: int = 0
    seconds: float | None = None
    """As it claims; only playing it shows whether that is so."""
    container: str = ""
    tracks: list[Track] = []
    chapters: int = 0
    error: str | None = None

    @property
    def picture(self) -> Track | None:
        """The largest that is no cover."""
        videos = [track for track in self.tracks if track.kind == "video" and not track.cover]
        return max(videos, key=lambda track: (track.width or 0) * (track.height or 0), default=None)

    def of(self, kind: TrackKind) -> list[Track]:
        return [track for track in self.tracks if track.kind == kind and not track.cover]


async def measure(tools: Tools, path: bytes | str, *options: str) -> Measured:
    """Reads the headers of `path`, a file or what ffmpeg takes for one; `options` come before it."""
    arguments = ["-v", "error", *options, *_SHOWN, "-of", "json", "-o", PROBED, "-i", path]
    ended = await tools.run("ffprobe", arguments, timeout=PROBE_SECONDS, quiet=True)
    text = await tools.content_of(PROBED)
    try:
        size = (await asyncio.to_thread(os.stat, path)).st_size if isinstance(path, bytes) else 0
    except OSError as error:
        return Measured(error=f"{error.strerror}")
    if ended.code != 0:
        return Measured(size=size, error=ended.words)
    return parse_probe(text, size)


async def play_through(tools: Tools, path: bytes, on_second: Callable[[float], None]) -> tuple[float, Ended]:
    """Reads the whole file, packet by packet, without decoding: until which second there is picture or sound."""
    reached = 0.0

    def hear(line: str) -> bool:
        nonlocal reached
        if match := _OUT_TIME.match(line):
            reached = max(reached, int(match[1]) / 1_000_000)
            on_second(reached)
        return bool(_PROGRESS.match(line))

    arguments = ["-v", "error", "-nostdin", "-i", path, "-map", "0:V?", "-map", "0:a?", "-c", "copy"]
    arguments += ["-progress", "pipe:1", "-f", "null", "-"]
    ended = await tools.run("ffmpeg", arguments, on_line=hear, quiet=True)
    return reached, ended


class Decoded(Struct, frozen=True, kw_only=True):
    """What came out of decoding a few seconds."""

    frames: int
    errors: int
    """That the decoder told of. Some are usual where it begins in the middle: what it refers to was not read."""
    loudest: float | None
    """dB below the loudest that there can be, of the first sound track; None where there is none."""
    ended: Ended


async def decode(tools: Tools, path: bytes, at: float, seconds: float) -> Decoded:
    """Decodes picture and first sound from second `at` on."""
    frames, errors, loudest = 0, 0, None

    def hear(line: str) -> bool:
        nonlocal frames, errors, loudest
        if match := _FRAME.match(line):
            frames = max(frames, int(match[1]))
        if match := _LOUDEST.search(line):
            loudest = float(match[1])
        errors += "[error]" in line
        if match := _REPEATED.search(line):
            errors += int(match[1])
        return bool(_PROGRESS.match(line)) or "volumedetect" in line

    # Two outputs: one without picture would make the other wait for nothing.
    arguments: list[str | bytes] = ["-v", "level+info", "-hide_banner", "-nostats", "-nostdin"]
    arguments += ["-ss", f"{at:.3f}", "-t", f"{seconds:.3f}", "-i", path]
    arguments += ["-map", "0:V:0?", "-map", "0:a:0?", "-af", "volumedetect"]
    ended = await tools.run(
        "ffmpeg", [*arguments, "-progress", "pipe:1", "-f", "null", "-"], on_line=hear, quiet=True, timeout=600
    )
    return Decoded(frames=frames, errors=errors, loudest=loudest, ended=ended)


def parse_probe(text: bytes, size: int) -> Measured:
    """What ffprobe's JSON says (`-show_format -show_streams -show_chapters`)."""
    try:
        said = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        return Measured(size=size, error="ffprobe could not say what it is")
    form = cast("dict[str, Any]", said.get("format") or {})
    streams = cast("list[dict[str, Any]]", said.get("streams") or [])
    tracks = [_track(stream) for stream in streams[:500]]
    lengths = [_number(form.get("duration")), *(_number(stream.get("duration")) for stream in streams)]
    seconds = next((length for length in lengths if length), None)
    if not any(track.kind in ("video", "audio") for track in tracks):
        return Measured(size=size, tracks=tracks, error="there is neither picture nor sound in it")
    return Measured(
        size=size,
        seconds=seconds,
        container=str(form.get("format_name", "")),
        tracks=tracks,
        chapters=len(cast("list[Any]", said.get("chapters") or [])),
    )


def _track(stream: dict[str, Any]) -> Track:
    tags = {str(key).lower(): str(value) for key, value in cast("dict[str, Any]", stream.get("tags") or {}).items()}
    flags = cast("dict[str, int]", stream.get("disposition") or {})
    kind = stream.get("codec_type")
    title = tags.get("title") or tags.get("handler_name")
    return Track(
        index=int(stream.get("index", 0)),
        kind=cast("TrackKind", kind) if kind in ("video", "audio", "subtitle") else "other",
        codec=str(stream.get("codec_name", "")),
        language=language(tags.get("language")),
        title=title,
        default=bool(flags.get("default")),
        forced=bool(flags.get("forced")),
        commentary=bool(flags.get("comment")) or bool(title and _COMMENTARY.search(title)),
        cover=bool(flags.get("attached_pic")) or bool(flags.get("timed_thumbnails")),
        channels=_whole(stream.get("channels")),
        width=_whole(stream.get("width")),
        height=_whole(stream.get("height")),
        hdr=_hdr(stream),
        base_hdr=_base_hdr(stream),
        interlaced=stream.get("field_order") in ("tt", "bb", "tb", "bt"),
        bits=_bits(stream),
        id=_id(stream.get("id")),
    )


def _hdr(stream: dict[str, Any]) -> str | None:
    beside = cast("list[dict[str, Any]]", stream.get("side_data_list") or [])
    if any("DOVI" in str(data.get("side_data_type")) for data in beside):
        return "Dolby Vision"
    return _base_hdr(stream)


def _base_hdr(stream: dict[str, Any]) -> str | None:
    return {"smpte2084": "HDR10", "arib-std-b67": "HLG"}.get(str(stream.get("color_transfer")))


def _bits(stream: dict[str, Any]) -> int | None:
    match = re.search(r"p(\d\d)(le|be)?$", str(stream.get("pix_fmt", "")))
    return int(match[1]) if match else (8 if stream.get("pix_fmt") else None)


def _number(said: object) -> float | None:
    try:
        number = float(str(said))
    except ValueError:
        return None
    return number if 0 < number < 1e7 else None


def _whole(said: object) -> int | None:
    return said if isinstance(said, int) and 0 < said < 1 << 31 else None


def _id(said: object) -> int | None:
    try:
        return int(str(said), 0)
    except ValueError:
        return None


_SHOWN = ("-show_format", "-show_streams", "-show_chapters")
_OUT_TIME = re.compile(r"out_time_us=(\d+)")
_FRAME = re.compile(r"frame=\s*(\d+)")
_REPEATED = re.compile(r"Last message repeated (\d+) times")
_LOUDEST = re.compile(r"max_volume: (-?[\d.]+) dB")
_PROGRESS = re.compile(
    r"(frame|fps|stream_\d+_\d+_q|bitrate|total_size|out_time\w*|dup_frames|drop_frames|speed|progress)="
)
_COMMENTARY = re.compile(r"comment|kommentar|commentaire|comentari|commento", re.IGNORECASE)
