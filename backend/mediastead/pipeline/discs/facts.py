"""What is read from a disc, in one shape for all tools that read one. Kept as JSON with the disc and its titles."""

import os
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from .models import DiscKind

MOST_TITLES = 2_000
"""Of one disc; protected ones list a thousand false playlists, and what a broken one says beyond that is left out."""
MOST_TRACKS = 200
MOST_CHAPTERS = 1_000
LONGEST = 200
"""Characters of what a disc says of itself."""


class Reader(StrEnum):
    """Who read the titles, and so by whose count they are numbered."""

    LSDVD = "lsdvd"
    """From 1, as all tools on libdvdread count: HandBrakeCLI, dvdbackup, mplayer."""
    BDMV = "bdmv"
    """We ourselves: the number is that of the playlist, `00800.mpls`."""
    MAKEMKV = "makemkv"
    """From 0, as `makemkvcon mkv` takes it."""


class Video(Struct, frozen=True, kw_only=True, omit_defaults=True):
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    """Pixels, as stored."""
    fps: float | None = None
    hdr: str | None = None
    """`HDR10`, `Dolby Vision`; None for a picture without."""


class Audio(Struct, frozen=True, kw_only=True, omit_defaults=True):
    language: str | None = None
    """As BCP 47 says it, in small letters: `de`."""
    codec: str | None = None
    """`ac3`, `dts`, `truehd`, `lpcm`."""
    channels: int | None = None
    """6 is 5.1."""
    commentary: bool = False
    name: str | None = None


class Subtitle(Struct, frozen=True, kw_only=True, omit_defaults=True):
    language: str | None = None
    codec: str | None = None
    """`vobsub`, `pgs`."""
    forced: bool = False
    name: str | None = None


class TitleFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    number: int
    """As the reader counts."""
    duration: float
    """Seconds."""
    chapters: tuple[float, ...] = ()
    """The length of each, in seconds; a reader that only knows how many there are says 0 for each."""
    size: int | None = None
    """Bytes on the disc."""
    video: Video | None = None
    audio: tuple[Audio, ...] = ()
    subtitles: tuple[Subtitle, ...] = ()
    segments: tuple[str, ...] = ()
    """What it plays, in order: cells of a DVD (`1:0-166`, titleset and sectors), clips of a Blu-ray (`262`)."""
    angles: int = 1
    name: str | None = None
    source: str | None = None
    """Where it lies on the disc: `VTS_01`, `00800.mpls`."""
    file: str | None = None
    """What `makemkvcon` would call the file."""


class DiscFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    kind: DiscKind
    reader: Reader
    label: str | None = None
    """The name of the volume."""
    name: str | None = None
    """What the disc calls itself for people, where it does."""
    titles: tuple[TitleFacts, ...] = ()


class Seen(Struct, frozen=True, kw_only=True):
    """What lies in a drive, or as an image or a folder, at one look."""

    source: bytes
    """Device, image or folder, as the machine sees it that looked."""
    inserted: bool = True
    """False: what was there is gone."""
    kind: DiscKind | None = None
    """None where it is no disc that anybody here can read."""
    label: str | None = None
    fingerprint: bytes | None = None
    """Of 16 bytes; None where too little could be read to know it again."""
    facts: DiscFacts | None = None
    error: str | None = None
    """Why the titles could not be read, and what to do."""


class Looked(Struct, frozen=True, kw_only=True):
    """All that lies somewhere, which a machine says once after its start: it did not see what was taken out before."""

    places: tuple[bytes, ...]
    """Drives, and folders that could be listed; `/dev` where all drives are meant, also those that are no more."""
    here: tuple[bytes, ...]
    """What lies in them, and what cannot be looked into."""

    def left_out(self, sources: Iterable[bytes]) -> list[bytes]:
        """Those of them of which it does not say that something lies there, or may."""
        here = set(self.here)
        beneath = tuple(each.rstrip(b"/") + b"/" for each in self.here)
        return [each for each in sources if each not in here and not each.startswith(beneath)]

    def gone(self, sources: Iterable[bytes]) -> list[bytes]:
        """Those of them where it was looked, and nothing lies."""
        places = set(self.places)
        return [each for each in self.left_out(sources) if each in places or os.path.dirname(each) in places]
