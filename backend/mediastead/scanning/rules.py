"""Which names are media files, and which files and folders a rule hides."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.base import GitIgnorePatternError

from ..disk.marker import TRASH_NAME
from ..libraries.errors import InvalidPattern

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


class Patterns:
    """Patterns in the language of .gitignore, relative to the folder `base` (`b""`: the root)."""

    def __init__(self, base: bytes, patterns: Sequence[str], source: str) -> None:
        self._skip = len(base) + 1 if base else 0
        self._source = source
        self._patterns = list(patterns)
        self._spec = GitIgnoreSpec.from_lines(patterns)

    def rule_for(self, path: bytes, *, folder: bool) -> str | None:
        """The rule that hides `path` (relative to the root), or None."""
        text = path[self._skip :].decode("utf-8", "surrogateescape")
        result = self._spec.check_file(text + "/" if folder else text)
        if not result.include or result.index is None:
            return None
        return f"{self._source} {self._patterns[result.index].strip()}"


class InFolder(NamedTuple):
    """What an ignore file in a folder says."""

    hides_all: str | None
    patterns: Patterns | None


def exclude_patterns(patterns: Sequence[str]) -> Patterns | None:
    """A library's own. Raises `InvalidPattern`."""
    for pattern in patterns:
        check_pattern(pattern)
    return Patterns(b"", patterns, "pattern") if patterns else None


def check_pattern(pattern: str) -> None:
    """Raise `InvalidPattern` for what is no pattern, or one that hides nothing."""
    if not pattern.strip() or "\n" in pattern or "\0" in pattern or len(pattern) > 1000:
        raise InvalidPattern(pattern)
    try:
        GitIgnoreSpec.from_lines([pattern])
    except (GitIgnorePatternError, re.error, ValueError):
        raise InvalidPattern(pattern) from None


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
