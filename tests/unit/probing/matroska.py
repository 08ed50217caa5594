"""Matroska files without a picture in them: the headers that say what would be."""

import struct
from collections.abc import Sequence
from typing import NamedTuple


class Track(NamedTuple):
    kind: int
    """1 video, 2 audio, 17 subtitles."""
    codec: str
    language: str = "eng"
    size: tuple[int, int] | None = None
    channels: int = 0
    transfer: int = 0
    """16 is PQ, 18 is HLG."""
    name: str = ""
    forced: bool = False
    default: bool = True


def matroska(tracks: Sequence[Track], *, seconds: float = 0, padding: bytes = b"") -> bytes:
    header = _element("1A45DFA3", _text("4282", "matroska"), _number("4287", 4), _number("4285", 2))
    info = _element(
        "1549A966",
        _number("2AD7B1", 1_000_000),
        _text("4D80", "test"),
        _text("5741", "test"),
        _element("4489", struct.pack(">d", seconds * 1000)) if seconds else b"",
    )
    entries = [_track(number, track) for number, track in enumerate(tracks, start=1)]
    return header + _element("18538067", info, _element("1654AE6B", *entries), _element("EC", padding))


def _track(number: int, track: Track) -> bytes:
    parts = [
        _number("D7", number),
        _number("73C5", number),
        _number("83", track.kind),
        _text("86", track.codec),
        _text("22B59C", track.language),
        _number("55AA", int(track.forced)),
        _number("88", int(track.default)),
    ]
    if track.name:
        parts.append(_text("536E", track.name))
    if track.size:
        colour = _element("55B0", _number("55BA", track.transfer)) if track.transfer else b""
        parts.append(_element("E0", _number("B0", track.size[0]), _number("BA", track.size[1]), colour))
    if track.channels:
        parts.append(_element("E1", _element("B5", struct.pack(">d", 48000.0)), _number("9F", track.channels)))
    return _element("AE", *parts)


def _element(identifier: str, *content: bytes) -> bytes:
    joined = b"".join(content)
    return bytes.fromhex(identifier) + (1 << 56 | len(joined)).to_bytes(8) + joined


def _number(identifier: str, value: int) -> bytes:
    return _element(identifier, value.to_bytes(max(1, (value.bit_length() + 7) // 8)))


def _text(identifier: str, value: str) -> bytes:
    return _element(identifier, value.encode())
