"""The playlists of a Blu-ray, read from its BDMV folder: clips, times, chapters and tracks. They are never encrypted.

Source of the layout: https://github.com/lw/BluRay/wiki/MPLS and `src/libbluray/bdnav/mpls_parse.c` of libbluray; all numbers are
big-endian, times are ticks of 45 kHz.
"""

import struct
from collections.abc import Mapping

from .facts import MOST_CHAPTERS, MOST_TRACKS, Audio, Subtitle, TitleFacts, Video
from .languages import language

TICKS = 45_000
MOST_ITEMS = 1_000
_VIDEO = {0x02: "mpeg2", 0x1B: "h264", 0x20: "h264", 0xEA: "vc1", 0x24: "hevc"}
_AUDIO = {
    0x80: "lpcm",
    0x81: "ac3",
    0x82: "dts",
    0x83: "truehd",
    0x84: "eac3",
    0x85: "dtshd",
    0x86: "dtshd",
    0xA1: "eac3",
    0xA2: "dtshd",
}
_SIZES = {
    1: (720, 480),
    2: (720, 576),
    3: (720, 480),
    4: (1920, 1080),
    5: (1280, 720),
    6: (1920, 1080),
    8: (3840, 2160),
}
_RATES = {1: 23.976, 2: 24.0, 3: 25.0, 4: 29.97, 6: 50.0, 7: 59.94}
_CHANNELS = {1: 1, 3: 2, 6: 6, 12: 6}
"""12 is a stereo core within more; how many that are, only the stream says."""
_HDR = {1: "HDR10", 2: "Dolby Vision"}


class BrokenPlaylist(Exception):
    """It is no playlist, or ends too early."""


def title_of_playlist(number: int, content: bytes, clips: Mapping[str, int]) -> TitleFacts:
    """One playlist as a title. `clips`: bytes of the STREAM files by number, `{"00262": ...}`. Raises `BrokenPlaylist`."""
    try:
        return _title(number, content, clips)
    except (struct.error, IndexError):
        raise BrokenPlaylist(f"{number:05}.mpls") from None


def _title(number: int, content: bytes, clips: Mapping[str, int]) -> TitleFacts:
    if content[:4] != b"MPLS":
        raise BrokenPlaylist(f"{number:05}.mpls")
    start, marks = struct.unpack_from(">II", content, 8)
    (count,) = struct.unpack_from(">H", content, start + 6)
    at = start + 10
    segments: list[str] = []
    begins: list[tuple[int, int]] = []
    total, angles = 0, 1
    tracks: tuple[Video | None, tuple[Audio, ...], tuple[Subtitle, ...]] = (None, (), ())
    for item in range(min(count, MOST_ITEMS)):
        (length,) = struct.unpack_from(">H", content, at)
        body = content[at + 2 : at + 2 + length]
        first, last = struct.unpack_from(">II", body, 12)
        segments.append(body[:5].decode("latin-1"))
        begins.append((total, first))
        total += max(0, last - first)
        table = 32
        if body[10] & 0x10:
            angles = max(angles, body[32])
            table = 34 + 10 * (body[32] - 1)
        if item == 0:
            tracks = _tracks(body[table:])
        at += 2 + length
    video, audio, subtitles = tracks
    return TitleFacts(
        number=number,
        duration=round(total / TICKS, 3),
        chapters=_chapters(content, marks, begins, total),
        size=sum(clips.get(clip, 0) for clip in set(segments)) or None,
        video=video,
        audio=audio,
        subtitles=subtitles,
        segments=tuple(segments),
        angles=angles,
        source=f"{number:05}.mpls",
    )


def _chapters(content: bytes, at: int, begins: list[tuple[int, int]], total: int) -> tuple[float, ...]:
    (count,) = struct.unpack_from(">H", content, at + 4)
    times: list[int] = []
    for mark in range(min(count, MOST_CHAPTERS)):
        kind, item, time = struct.unpack_from(">xBHI", content, at + 6 + 14 * mark)
        if kind == 1 and item < len(begins):
            before, first = begins[item]
            times.append(max(0, before + time - first))
    starts = sorted(set(times))
    ends = [*starts[1:], total]
    return tuple(round((end - begin) / TICKS, 3) for begin, end in zip(starts, ends, strict=True) if end > begin)


def _tracks(table: bytes) -> tuple[Video | None, tuple[Audio, ...], tuple[Subtitle, ...]]:
    videos, audios, subtitles = table[4], table[5], table[6]
    video: Video | None = None
    audio: list[Audio] = []
    texts: list[Subtitle] = []
    at = 16
    for stream in range(min(videos + audios + subtitles, MOST_TRACKS)):
        at += 1 + table[at]
        said = table[at + 1 : at + 1 + table[at]]
        at += 1 + table[at]
        if stream < videos:
            video = video or _video(said)
        elif stream < videos + audios:
            audio.append(
                Audio(codec=_AUDIO.get(said[0]), channels=_CHANNELS.get(said[1] >> 4), language=_language(said[2:5]))
            )
        else:
            where = 2 if said[0] == 0x92 else 1  # text subtitles say their character set first
            texts.append(
                Subtitle(codec="pgs" if said[0] == 0x90 else "text", language=_language(said[where : where + 3]))
            )
    return video, tuple(audio), tuple(texts)


def _video(said: bytes) -> Video:
    width, height = _SIZES.get(said[1] >> 4, (None, None))
    hdr = _HDR.get(said[2] >> 4) if said[0] == 0x24 and len(said) > 2 else None
    return Video(codec=_VIDEO.get(said[0]), width=width, height=height, fps=_RATES.get(said[1] & 15), hdr=hdr)


def _language(code: bytes) -> str | None:
    return language(code.decode("latin-1"))
