"""Titles of a DVD-Video as ffmpeg reads them: the sectors that a title plays, from the VOB files of its titleset.

Source of the layout: http://dvd.sourceforge.net/dvdinfo/ and https://dvd-replica.net/DVD (ids of streams).
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .languages import long_code
from .measuring import Track

SECTOR = 2048
LONGEST = 100_000
"""Characters of an argument; Linux takes 131,072."""
_SEGMENT = re.compile(r"(\d{1,2}):(\d+)-(\d+)$")


class NotUnderstood(Exception):
    """The title cannot be read so; the words say why."""


class Piece(NamedTuple):
    file: str
    """Relative to the attempt's directory."""
    begin: int
    end: int
    """Bytes."""


def titlesets_of(segments: Sequence[str]) -> list[int]:
    """Those that a title lies in."""
    return sorted({int(match[1]) for segment in segments if (match := _SEGMENT.match(segment))})


def vobs_in(folder: Path) -> dict[int, list[tuple[str, int]]]:
    """Name and size of the VOB files with films, by titleset, in order. Names in any case of letters. Blocks."""
    found: dict[int, list[tuple[str, int]]] = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name.upper()):
        if match := re.fullmatch(r"VTS_(\d\d)_([1-9])\.VOB", entry.name.upper()):
            found.setdefault(int(match[1]), []).append((entry.name, entry.stat().st_size))
    return found


def video_ts(folder: bytes) -> Path | None:
    """The VIDEO_TS folder in, or at, `folder`. Blocks."""
    at = Path(os.fsdecode(folder))
    if at.name.upper() == "VIDEO_TS":
        return at
    return next((entry for entry in at.iterdir() if entry.name.upper() == "VIDEO_TS" and entry.is_dir()), None)


def pieces_of(
    segments: Sequence[str], titleset: int | None, vobs: Mapping[int, Sequence[tuple[str, int]]], prefix: str
) -> list[Piece]:
    """The title as pieces of files, in order. Without segments: all of the titleset. Raises `NotUnderstood`."""
    wanted = [(int(m[1]), int(m[2]), int(m[3])) for segment in segments if (m := _SEGMENT.match(segment))]
    if len(wanted) != len(segments):
        raise NotUnderstood("what it plays is not told in sectors")
    if not wanted:
        if titleset is None or titleset not in vobs:
            raise NotUnderstood("nobody says in which titleset it lies")
        return [Piece(prefix + name, 0, size) for name, size in vobs[titleset]]
    pieces: list[Piece] = []
    for number, first, last in _joined(wanted):
        if number not in vobs:
            raise NotUnderstood(f"titleset {number} has no VOB files")
        begin, end = first * SECTOR, (last + 1) * SECTOR
        at = 0
        for name, size in vobs[number]:
            if begin < at + size and end > at:
                pieces.append(Piece(prefix + name, max(begin - at, 0), min(end - at, size)))
            at += size
        if end > at:
            raise NotUnderstood(f"titleset {number} ends after {at // SECTOR} sectors, and sector {last} is wanted")
    return pieces


def url_of(pieces: Sequence[Piece]) -> str:
    """As ffmpeg opens it (https://ffmpeg.org/ffmpeg-protocols.html: concat, subfile). Raises `NotUnderstood`."""
    url = "concat:" + "|".join(f"subfile,,start,{piece.begin},end,{piece.end},,:{piece.file}" for piece in pieces)
    if len(url) > LONGEST:
        raise NotUnderstood("it is made of too many pieces")
    return url


def size_of(pieces: Sequence[Piece]) -> int:
    return sum(piece.end - piece.begin for piece in pieces)


def stream_language(track: Track, audio: Sequence[str | None], subtitles: Sequence[str | None]) -> str | None:
    """Of a stream, by its number on the disc, which stands in its id (0x80, 0x88, 0xA0, 0xC0 and on: sound; 0x20 and on:
    subtitles)."""
    if track.id is None:
        return None
    if track.kind == "audio":
        number = track.id & 0x7
        return audio[number] if number < len(audio) else None
    number = track.id & 0x1F
    return subtitles[number] if track.kind == "subtitle" and number < len(subtitles) else None


def copy_arguments(
    url: str, marks: str | None, target: bytes, tracks: Sequence[tuple[Track, str | None]], title: str
) -> list[str | bytes]:
    """Everything as it is; only LPCM, which Matroska does not take as DVDs write it, becomes FLAC."""
    arguments: list[str | bytes] = [
        "-v",
        "warning",
        "-nostats",
        "-nostdin",
        "-y",
        "-fflags",
        "+genpts",
        *PROBE,
        "-i",
        url,
    ]
    if marks is not None:
        arguments += ["-i", marks]
    for track, _ in tracks:
        arguments += ["-map", f"0:{track.index}"]
    arguments += ["-map_chapters", "1" if marks is not None else "-1", "-c", "copy", "-max_interleave_delta", "0"]
    first: set[str] = set()
    for place, (track, language) in enumerate(tracks):
        if track.codec in ("pcm_dvd", "pcm_s16be", "pcm_s24be"):
            arguments += [f"-c:{place}", "flac"]
        arguments += [f"-metadata:s:{place}", f"language={long_code(language)}"]
        is_default = track.kind != "subtitle" and track.kind not in first
        arguments += [f"-disposition:{place}", "default" if is_default else "0"]
        first.add(track.kind)
    return [*arguments, "-metadata", f"title={title}", "-progress", "pipe:1", "-f", "matroska", target]


PROBE = ("-probesize", "200M", "-analyzeduration", "600M")
"""Subtitles often begin minutes after the film does; what is not seen by then is not found."""


def marks_of(chapters: Sequence[float]) -> str | None:
    """As ffmpeg reads chapters (https://ffmpeg.org/ffmpeg-formats.html#Metadata-1); None where their lengths are not known."""
    if len(chapters) < 2 or not all(length > 0 for length in chapters):
        return None
    lines, at = [";FFMETADATA1"], 0.0
    for number, length in enumerate(chapters, 1):
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={round(at * 1000)}", f"END={round((at + length) * 1000)}"]
        lines.append(f"title=Chapter {number:02}")
        at += length
    return "\n".join(lines) + "\n"


def _joined(segments: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """What follows upon another is one."""
    joined: list[tuple[int, int, int]] = []
    for number, first, last in segments:
        if joined and joined[-1][0] == number and joined[-1][2] + 1 == first:
            joined[-1] = (number, joined[-1][1], last)
        else:
            joined.append((number, first, last))
    return joined
