"""BDMV folders: playlists, which say what is on the disc, and clips of nothing but a size, or such as can be played (`press`)."""

import os
import struct
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TICKS = 45_000
START = 600 * TICKS
"""Clips rarely begin at 0."""


class Item(NamedTuple):
    clip: str
    seconds: float


def playlist(items: Sequence[Item], chapters: Sequence[float], languages: Sequence[str] = ("eng",)) -> bytes:
    """An MPLS file: H.264 in 1080p, AC-3 5.1 for each language, and PGS subtitles for the first, if there is one. `chapters` in
    seconds."""
    body = b"".join(_item(each, languages) for each in items)
    play = struct.pack(">HHH", 0, len(items), 0) + body
    marks = struct.pack(">H", len(chapters))
    for chapter in chapters:
        at, number = chapter, 0
        while number < len(items) - 1 and at >= items[number].seconds:
            at -= items[number].seconds
            number += 1
        marks += struct.pack(">BBHIHI", 0, 1, number, START + round(at * TICKS), 0xFFFF, 0)
    application = struct.pack(">I", 14) + bytes([0, 1]) + bytes(12)
    start = 40 + len(application)
    head = b"MPLS0200" + struct.pack(">III", start, start + 4 + len(play), 0) + bytes(20)
    return head + application + struct.pack(">I", len(play)) + play + struct.pack(">I", len(marks)) + marks


def write_bdmv(folder: Path, playlists: Mapping[int, bytes], clips: Mapping[str, int]) -> Path:
    """`clips`: bytes by number (sparse)."""
    for name in ("PLAYLIST", "STREAM", "CLIPINF"):
        (folder / "BDMV" / name).mkdir(parents=True)
    for number, content in playlists.items():
        (folder / "BDMV" / "PLAYLIST" / f"{number:05}.mpls").write_bytes(content)
    for clip, size in clips.items():
        place = folder / "BDMV" / "STREAM" / f"{clip}.m2ts"
        place.touch()
        os.truncate(place, size)
    return folder


def press(folder: Path, lengths: Mapping[str, int], titles: Mapping[int, Sequence[str]]) -> Path:
    """A folder that is played and ripped as a disc is, by mkvmerge as by us. `lengths`: seconds of each clip; `titles`: clips of
    each playlist. One picture a second and no sound: an hour of it is 4 MB, and made within a tenth of a second."""
    playlists = {
        number: playlist([Item(clip, lengths[clip]) for clip in clips], [0, 600], ())
        for number, clips in titles.items()
    }
    write_bdmv(folder, playlists, {})
    (folder / "BDMV" / "index.bdmv").touch()  # by which mkvmerge finds the clips of a playlist
    for clip, seconds in lengths.items():
        _film(folder / "BDMV" / "STREAM" / f"{clip}.m2ts", seconds)
    return folder


def _film(target: Path, seconds: int) -> None:
    begin = ["-muxdelay", "0", "-muxpreload", "0", "-output_ts_offset", str(START // TICKS)]
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc=size=64x48:rate=1:duration={seconds}"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "45", "-g", "60", "-pix_fmt", "yuv420p"]
    subprocess.run(
        [*command, "-f", "mpegts", "-mpegts_m2ts_mode", "1", *begin, str(target)], check=True, stdin=subprocess.DEVNULL
    )


def _item(item: Item, languages: Sequence[str]) -> bytes:
    streams = [_stream(0x1011, bytes([0x1B, 0x61]))]
    streams += [_stream(0x1100 + n, bytes([0x81, 0x61]) + code.encode()) for n, code in enumerate(languages)]
    streams += [_stream(0x1200, bytes([0x90]) + code.encode()) for code in languages[:1]]
    counts = bytes([1, len(languages), len(languages[:1]), 0, 0, 0, 0]) + bytes(5)
    table = bytes(2) + counts + b"".join(streams)
    body = item.clip.encode() + b"M2TS" + struct.pack(">HB", 1, 0)
    body += struct.pack(">II", START, START + round(item.seconds * TICKS)) + bytes(8) + bytes(4)
    body += struct.pack(">H", len(table)) + table
    return struct.pack(">H", len(body)) + body


def _stream(pid: int, attributes: bytes) -> bytes:
    entry = bytes([1]) + struct.pack(">H", pid) + bytes(6)
    return bytes([len(entry)]) + entry + bytes([len(attributes)]) + attributes
