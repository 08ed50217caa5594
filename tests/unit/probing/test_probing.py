"""Content is read in a process that can be killed, and what cannot be read is data."""

import os
import struct
from pathlib import Path

import pytest

from mediastead.files.types import StreamKind
from mediastead.probing import Content, Prober, Stream, unavailable
from mediastead.probing.content import read_content

from . import odd_readers
from .matroska import Track, matroska

needs_mediainfo = pytest.mark.skipif(unavailable() is not None, reason="libmediainfo is not on this computer")


def sound(seconds: int, *, rate: int = 8000) -> bytes:
    """A WAV file of silence, of one byte a sample."""
    data = bytes(seconds * rate)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate, 1, 8)
    return (
        b"RIFF"
        + struct.pack("<I", 4 + len(form) + 8 + len(data))
        + b"WAVE"
        + form
        + b"data"
        + struct.pack("<I", len(data))
        + data
    )


@needs_mediainfo
def test_the_duration_is_read_whatever_the_name(tmp_path: Path) -> None:
    for name in (b"Low Tide.mkv", b"odd \xff name.avi"):
        path = os.fsencode(tmp_path) + b"/" + name
        with open(path, "wb") as file:
            file.write(sound(3))
        assert read_content(path).duration_ms == 3000


@needs_mediainfo
def test_content_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    empty, text = tmp_path / "empty.mkv", tmp_path / "text.mkv"
    empty.write_bytes(b"")
    text.write_text("no film at all\n" * 50)
    for path in (empty, text, tmp_path, tmp_path / "gone.mkv"):
        content = read_content(os.fsencode(path))
        assert content.duration_ms is None and content.error


async def test_reading_that_takes_too_long_is_killed_and_the_next_file_is_read() -> None:
    async with Prober(limit_seconds=1.0, read=odd_readers.hangs) as prober:
        assert (await prober.probe(b"hang")).error == "reading it took longer than 1 s"
        assert await prober.probe(b"other") == Content(duration_ms=1000)


async def test_reading_that_crashes_costs_only_the_file() -> None:
    async with Prober(limit_seconds=20.0, read=odd_readers.crashes) as prober:
        assert (await prober.probe(b"crash")).error == "reading it crashed"
        assert await prober.probe(b"other") == Content(duration_ms=1000)


@needs_mediainfo
def test_the_streams_of_a_file_are_read(tmp_path: Path) -> None:
    tracks = [
        Track(1, "V_MPEGH/ISO/HEVC", size=(3840, 1600), transfer=16),
        Track(2, "A_EAC3", "ger", channels=6, name="Deutsch"),
        Track(2, "A_DTS", "eng", channels=8, default=False),
        Track(17, "S_TEXT/UTF8", "por", forced=True),
        Track(17, "S_HDMV/PGS", "und"),
    ]
    path = tmp_path / "film.mkv"
    path.write_bytes(matroska(tracks, seconds=61.5))
    content = read_content(os.fsencode(path))
    assert (content.duration_ms, content.container) == (61_500, "Matroska")
    assert (content.resolution, content.hdr, content.video_codec) == ("2160p", "HDR10", "hevc")
    assert [(stream.kind.value, stream.codec, stream.language) for stream in content.streams] == [
        ("video", "hevc", "en"),
        ("audio", "eac3", "de"),
        ("audio", "dts", "en"),
        ("text", "subrip", "pt"),
        ("text", "pgs", None),
    ]
    german, english, portuguese = content.streams[1:4]
    assert (german.channels, german.title, german.default, english.default) == (6, "Deutsch", True, False)
    assert (german.forced, portuguese.forced) == (False, True)


@pytest.mark.parametrize(
    ("width", "height", "called"),
    [
        (7680, 4320, "4320p"),
        (3840, 1600, "2160p"),
        (2560, 1440, "1440p"),
        (1920, 800, "1080p"),
        (1440, 1080, "1080p"),
        (1280, 534, "720p"),
        (960, 720, "720p"),
        (1024, 576, "576p"),
        (720, 576, "576p"),
        (720, 480, "480p"),
        (640, 480, "480p"),
        (480, 360, "360p"),
    ],
)
def test_a_picture_is_called_as_people_call_it(width: int, height: int, called: str) -> None:
    assert Stream(kind=StreamKind.VIDEO, width=width, height=height).resolution == called
