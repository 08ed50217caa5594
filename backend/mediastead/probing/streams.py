"""The streams in a file, in words that people know them by: `h264` for what mediainfo calls AVC."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from ..files.types import StreamKind

MOST_STREAMS = 200
"""Of one file; what a broken or malicious one says beyond that is left out."""
LONGEST = 100
"""Characters of what a stream says of itself."""
LARGEST = 1 << 31
"""Numbers that are larger are no sizes of pictures or counts of channels."""


class Stream(Struct, frozen=True, kw_only=True):
    """One stream; None where the file does not say."""

    kind: StreamKind
    codec: str | None = None
    """`h264`, `hevc`, `av1`, `ac3`, `dts`, `subrip`; mediainfo's word in small letters where it is none of the usual ones."""
    profile: str | None = None
    width: int | None = None
    height: int | None = None
    """Pixels."""
    hdr: str | None = None
    """`Dolby Vision`, `HDR10+`, `HDR10`, `HLG`; None for a picture without."""
    bit_depth: int | None = None
    frame_rate: float | None = None
    channels: int | None = None
    language: str | None = None
    """As BCP 47 says it, in small letters: `de`, `pt-br`."""
    title: str | None = None
    forced: bool = False
    default: bool = False

    @property
    def resolution(self) -> str | None:
        """By what such pictures are called, whatever was cut off at top and bottom: 1920x800 is `1080p`."""
        if not self.width or not self.height:
            return None
        return next(name for name, width, height in _SIZES if self.width > width or self.height > height)


def streams_of(tracks: Iterable[Any]) -> tuple[Stream, ...]:
    """Of mediainfo's tracks those that are streams, in their order."""
    kinds = {"Video": StreamKind.VIDEO, "Audio": StreamKind.AUDIO, "Text": StreamKind.TEXT}
    found = [_stream(track, kinds[track.track_type]) for track in tracks if track.track_type in kinds]
    return tuple(found[:MOST_STREAMS])


def main_video(streams: Sequence[Stream]) -> Stream | None:
    """The picture: the largest, since a cover may be among them."""
    videos = [stream for stream in streams if stream.kind is StreamKind.VIDEO]
    return max(videos, key=lambda stream: (stream.width or 0) * (stream.height or 0), default=None)


def _stream(track: Any, kind: StreamKind) -> Stream:
    video, audio = kind is StreamKind.VIDEO, kind is StreamKind.AUDIO
    return Stream(
        kind=kind,
        codec=_codec(track, kind),
        profile=_text(track.format_profile),
        width=_number(track.width) if video else None,
        height=_number(track.height) if video else None,
        hdr=_hdr(track) if video else None,
        bit_depth=_number(track.bit_depth),
        frame_rate=_rate(track.frame_rate) if video else None,
        channels=_number(track.channel_s) if audio else None,
        language=(_text(track.language) or "").lower() or None,
        title=_text(track.title),
        forced=track.forced == "Yes",
        default=track.default == "Yes",
    )


def _codec(track: Any, kind: StreamKind) -> str | None:
    said = _text(track.format)
    if said is None:
        return None
    if kind is StreamKind.VIDEO and said == "MPEG Video":
        return "mpeg1" if track.format_version == "Version 1" else "mpeg2"
    if said == "MPEG Audio":
        return {"Layer 3": "mp3", "Layer 2": "mp2"}.get(str(track.format_profile), "mpeg audio")
    return _CODECS.get(said, said.lower())


def _hdr(track: Any) -> str | None:
    said = " ".join(str(one) for one in (track.hdr_format, track.hdr_format_compatibility) if one)
    if "Dolby Vision" in said:
        return "Dolby Vision"
    if "HDR10+" in said or "2094" in said:
        return "HDR10+"
    if "HDR10" in said or "2086" in said or track.transfer_characteristics == "PQ":
        return "HDR10"
    return "HLG" if track.transfer_characteristics == "HLG" or "HLG" in said else None


def _number(said: object) -> int | None:
    try:
        number = int(str(said).split(" / ")[0])
    except ValueError:
        return None
    return number if 0 < number < LARGEST else None


def _rate(said: object) -> float | None:
    try:
        rate = float(str(said))
    except ValueError:
        return None
    return rate if 0 < rate < 1000 else None


def _text(said: object) -> str | None:
    """PostgreSQL keeps no text with a NUL in it."""
    return str(said).replace("\0", "").strip()[:LONGEST] or None if said is not None else None


_SIZES = (
    ("4320p", 5000, 3000),
    ("2160p", 2600, 1500),
    ("1440p", 2100, 1200),
    ("1080p", 1300, 740),
    ("720p", 1100, 580),
    ("576p", 1099, 490),
    ("480p", 640, 360),
    ("360p", 0, 0),
)
"""A picture that is wider or higher is called so. Standard definition goes by its lines: 576 are 720 or 1024 wide."""

_CODECS = {
    "AVC": "h264",
    "HEVC": "hevc",
    "AV1": "av1",
    "VP8": "vp8",
    "VP9": "vp9",
    "VC-1": "vc1",
    "MPEG-4 Visual": "mpeg4",
    "AAC": "aac",
    "AC-3": "ac3",
    "E-AC-3": "eac3",
    "DTS": "dts",
    "DTS XLL": "dts",
    "MLP FBA": "truehd",
    "FLAC": "flac",
    "Opus": "opus",
    "Vorbis": "vorbis",
    "PCM": "pcm",
    "UTF-8": "subrip",
    "SubRip": "subrip",
    "ASS": "ass",
    "SSA": "ssa",
    "PGS": "pgs",
    "VobSub": "vobsub",
    "Timed Text": "mov_text",
    "WebVTT": "webvtt",
}
