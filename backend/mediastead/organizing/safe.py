"""Names that every file system takes that a library may lie on, or be copied or exported to."""

import re
import unicodedata

LONGEST_NAME = 255
"""Bytes of one name; ext4, XFS, Btrfs and ZFS count so, and NTFS, APFS and SMB take no fewer characters."""
LONGEST_PATH = 4000
"""Bytes of a path beneath the root: Linux takes 4,096 in one piece, and the root has its share."""

_SPELLED = (
    (re.compile(r"(?<=\S):(?=\s)"), " -"),
    (re.compile(r"\s*[/\\|]\s+|\s+[/\\|]\s*"), " - "),
    (re.compile(r"[:/\\|]"), "-"),
    (re.compile(r'"'), "'"),
    (re.compile(r"[<>?*]"), ""),
)
"""`Mission: Impossible` is `Mission - Impossible`, `Face/Off` is `Face-Off`, `Who?` is `Who`."""
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters, direction marks and lone surrogates. Joiners (U+200C, U+200D) stay: Persian and Hindi are written
with them."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?=\s*(?:\.|$))", re.IGNORECASE)
"""Windows opens a device by these names, whatever suffix follows."""


def safe_value(text: str) -> str:
    """A title or another fact as a part of a name: without what Windows forbids, without `/`, in NFC.

    Source: https://learn.microsoft.com/windows/win32/fileio/naming-a-file (also for `safe_name`).
    """
    text = unicodedata.normalize("NFC", _INVISIBLE.sub(" ", text))
    for pattern, spelled in _SPELLED:
        text = pattern.sub(spelled, text)
    return _spaced(text)


def safe_name(text: str) -> str:
    """One whole name (of a folder, or of a file without its suffix); empty where nothing is left of it.

    Neither a dot nor a space at either end: names that begin with a dot are hidden, and Windows drops those behind.
    """
    text = safe_value(text).strip(" .")
    return _RESERVED.sub(lambda match: match.group() + "_", text, count=1) if _RESERVED.match(text) else text


def cut(text: str, size: int) -> str:
    """As much of the beginning as `size` bytes hold, nothing torn: no accent without its letter, no dash at the end."""
    encoded = text.encode()
    if len(encoded) <= size:
        return text
    length = len(encoded[:size].decode(errors="ignore"))
    while length > 0 and (
        unicodedata.combining(text[length]) or text[length] in _JOINED or text[length - 1] in _JOINED
    ):
        length -= 1
    return text[:length].rstrip(" .-–—,;&+")


_JOINED = "\u200c\u200d\ufe0e\ufe0f"


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
