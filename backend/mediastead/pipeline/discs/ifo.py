"""What the titles of a DVD-Video are made of: the cells that each plays, from its IFO files.

`lsdvd` tells how long titles are, but not that two play the same sectors, which is what proves a duplicate or a "play all".
Source of the layout: http://dvd.sourceforge.net/dvdinfo/ifo.html and pgc.html; all numbers are big-endian.
"""

import struct
from collections.abc import Mapping

from msgspec import Struct

SECTOR = 2048
MOST_CELLS = 2_000


class Cells(Struct, frozen=True):
    """What a title plays."""

    segments: tuple[str, ...]
    """`titleset:first-last sector`, in order."""
    size: int
    """Bytes, each sector once."""


def cells_of_titles(manager: bytes, titlesets: Mapping[int, bytes]) -> dict[int, Cells]:
    """By the number of the title. `manager` is VIDEO_TS.IFO, `titlesets` the VTS_nn_0.IFO. What is broken is left out."""
    found: dict[int, Cells] = {}
    try:
        table = _long(manager, 0xC4) * SECTOR
        count = _short(manager, table)
    except struct.error:
        return {}
    for number in range(1, min(count, 99) + 1):
        entry = table + 8 + 12 * (number - 1)
        try:
            titleset, title = manager[entry + 6], manager[entry + 7]
            found[number] = _cells(titlesets[titleset], titleset, title)
        except (struct.error, IndexError, KeyError):
            continue
    return found


def _cells(ifo: bytes, titleset: int, title: int) -> Cells:
    programs = _long(ifo, 0xC8) * SECTOR
    chains = _long(ifo, 0xCC) * SECTOR
    start = programs + _long(ifo, programs + 8 + 4 * (title - 1))
    end = (
        programs + _long(ifo, programs + 8 + 4 * title)
        if title < _short(ifo, programs)
        else programs + _long(ifo, programs + 4) + 1
    )
    # A title is a list of (chain, program); most have one chain.
    used = dict.fromkeys(_short(ifo, at) for at in range(start, min(end, len(ifo) - 3), 4))
    segments: list[str] = []
    sectors: set[tuple[int, int]] = set()
    for chain in used:
        at = chains + _long(ifo, chains + 8 + 8 * (chain - 1) + 4)
        cells = at + _short(ifo, at + 0xE8)
        for cell in range(ifo[at + 3]):
            first, last = _long(ifo, cells + 24 * cell + 8), _long(ifo, cells + 24 * cell + 20)
            segments.append(f"{titleset}:{first}-{last}")
            sectors.add((first, last))
    if not segments or len(segments) > MOST_CELLS:
        raise KeyError(title)
    return Cells(tuple(segments), sum((last - first + 1) * SECTOR for first, last in sectors))


def _long(content: bytes, at: int) -> int:
    return struct.unpack_from(">I", content, at)[0]


def _short(content: bytes, at: int) -> int:
    return struct.unpack_from(">H", content, at)[0]
