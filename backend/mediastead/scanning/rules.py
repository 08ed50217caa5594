"""Which names are media files, and which files and folders a rule hides."""

from collections.abc import Iterable
from typing import NamedTuple

from ..disk.marker import TRASH_NAME
from ..libraries.errors import InvalidPattern
from ..libraries.patterns import Patterns, check_pattern

VIDEO_SUFFIXES = frozenset(
    b""".3g2 .3gp .amv .asf .avi .divx .dv .dvr-ms .evo .f4v .flv .img .iso .m1v .m2p .m2t .m2ts .m2v .m4v .mk3d .mkv .mov
    .mp2v .mp4 .mpe .mpeg .mpg .mpv .mts .mxf .nsv .nut .nuv .ogm .ogv .ogx .pva .qt .rm .rmvb .strm .swf .tp .trp .ts .ty .viv
    .vob .webm .wmv .wtv .xvid""".split()
)
"""What Kodi (m_videoExtensions in its AdvancedSettings) and Jellyfin (VideoFileExtensions in Emby.Naming) both or one of them
take for video, without playlists, raw streams, archives, disc indexes (.ifo, .bdmv) and suffixes that mean other things as
often (.bin, .dat, .ogg, .rec)."""

DISC_FOLDERS = frozenset((b"VIDEO_TS", b"BDMV"))
"""A DVD's and a Blu-ray's folder; each counts as one media file."""

_SYSTEM_FOLDERS = {
    b"@eadir": "folder of a Synology's indexer (@eaDir)",
    b"#recycle": "recycle bin (#recycle)",
    b"$recycle.bin": "recycle bin ($RECYCLE.BIN)",
    b"system volume information": "folder of Windows (System Volume Information)",
    b"lost+found": "folder of the file system (lost+found)",
    TRASH_NAME: "Mediastead's own trash",
}

NOMEDIA = b".nomedia"
IGNORE_FILES = (b".plexignore", b".ignore")
LARGEST_IGNORE_FILE = 1 << 16
"""Bytes that are read of one; what comes after is not looked at."""

HIDDEN_NAME = "name begins with a dot"


def is_video(name: bytes) -> bool:
    """By its suffix, whatever the case."""
    dot = name.rfind(b".")
    return dot > 0 and name[dot:].lower() in VIDEO_SUFFIXES


def is_disc_folder(name: bytes) -> bool:
    return name.upper() in DISC_FOLDERS


def rule_for_name(name: bytes) -> str | None:
    """The rule that hides a folder or file of this name wherever it lies."""
    rule = _SYSTEM_FOLDERS.get(name.lower())
    return rule or (HIDDEN_NAME if name.startswith(b".") else None)


class InFolder(NamedTuple):
    """What an ignore file in a folder says."""

    hides_all: str | None
    patterns: Patterns | None


def read_ignore_file(name: bytes, base: bytes, content: bytes) -> InFolder:
    """What `.plexignore` or `.ignore` in the folder `base` hides. Lines that are no pattern are passed over.

    An `.ignore` without any pattern hides its whole folder, as in Jellyfin.
    """
    shown = name.decode()
    lines = [line for line in content.decode("utf-8", "replace").lstrip("\ufeff").splitlines() if _says_something(line)]
    if not lines:
        return InFolder(shown if name == b".ignore" else None, None)
    return InFolder(None, Patterns(base, list(_valid(lines)), shown))


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _valid(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        try:
            check_pattern(line)
        except InvalidPattern:
            continue
        yield line
