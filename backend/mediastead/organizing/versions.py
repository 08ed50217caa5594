"""Several files of one film or episode that differ in nothing but their resolution."""

import re
from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct, structs

from ..files.types import Role
from .places import Place, Subject
from .safe import LONGEST_NAME

LONGEST_BESIDE = 60
"""Bytes of what goes along; a name with less room behind it is not made longer."""


class Bundle(Struct, frozen=True):
    """The files of one stem in one folder."""

    path: bytes
    """Folder and stem."""
    subjects: list[Subject]
    beside: list[bytes]
    """Paths of what belongs to the stem."""
    media: list[bytes]
    """Paths of all media files of the stem, also of those that are no subjects."""


class Placed(Struct, frozen=True):
    """The files of one stem in one folder, and where each belongs."""

    bundle: Bundle
    subjects: list[Subject]
    places: list[Place]
    going: list[bytes]
    """Paths of what goes along."""


def told_apart(placed: Sequence[Placed]) -> list[Placed]:
    """Files of one film or episode that would be called the same, but whose names say different resolutions, keep that
    behind their new names: ` - 1080p`. Plex and Jellyfin take them for versions of one title."""
    by_place: dict[Place, list[int]] = defaultdict(list)
    for number, each in enumerate(placed):
        if len(set(each.places)) == 1 and each.subjects[0].role is not Role.EXTRA:
            by_place[each.places[0]].append(number)
    told = list(placed)
    for place, numbers in by_place.items():
        sizes = [_resolution(placed[number].bundle.path) for number in numbers]
        if len(numbers) < 2 or None in sizes or len(set(sizes)) < len(sizes):
            continue
        for number, size in zip(numbers, sizes, strict=True):
            longer = Place(place.folder, place.stem + b" - " + (size or b""))
            if len(longer.stem) + LONGEST_BESIDE <= LONGEST_NAME:
                told[number] = structs.replace(placed[number], places=[longer] * len(placed[number].places))
    return told


def _resolution(path: bytes) -> bytes | None:
    """`1080p`, where the file's name says it once."""
    found = {_SPELLED.get(size, size) for size in re.findall(_RESOLUTION, path.rpartition(b"/")[2].lower())}
    return found.pop() if len(found) == 1 else None


_RESOLUTION = rb"(?<![a-z0-9])(?:480|576|720|1080|1440|2160)[pi](?![a-z0-9])|(?<![a-z0-9])(?:4k|uhd)(?![a-z0-9])"
_SPELLED = {b"4k": b"2160p", b"uhd": b"2160p"}
