"""By what a disc is known again: the same for drive, image and folder of one pressing, and another for another disc.

The files that say how a disc plays are hashed whole: the IFO files of a DVD, the playlists of a Blu-ray. They have some 100 KB,
hold the sectors and times of every title, and are copied as they are by every tool that copies a disc. The label is none
of it: a folder has none. What a drive reports of the medium is none of it: an image has none. `lsdvd` does not show
the disc id of libdvdread, which goes the same way but over the first ten files alone.
"""

import hashlib
from collections.abc import Mapping

from .facts import TitleFacts

REGIONS = slice(0x22, 0x26)
"""In VIDEO_TS.IFO: where the disc may be played. Copying programs clear it."""


def of_files(files: Mapping[str, bytes]) -> bytes | None:
    """16 bytes of the files by their names; None of nothing."""
    if not files:
        return None
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(files):
        content = files[name]
        if name == "VIDEO_TS.IFO":
            content = content[: REGIONS.start] + bytes(len(content[REGIONS])) + content[REGIONS.stop :]
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.digest()


def of_titles(titles: tuple[TitleFacts, ...]) -> bytes | None:
    """Where only a tool can read the disc: of what it says of the titles. The tool must say the same another time; a folder
    of the disc that is read without that tool is not known by it."""
    if not titles:
        return None
    said = sorted((round(each.duration), len(each.chapters), each.source or "", *each.segments) for each in titles)
    return hashlib.blake2b(repr(said).encode(), digest_size=16).digest()
