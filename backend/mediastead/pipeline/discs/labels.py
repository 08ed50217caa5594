"""What the name of a disc says: `FIREFLY_S1_D2` is the second disc of the first season of Firefly, `DVD_VIDEO` says nothing.

Names of volumes have 32 characters (16 on older discs), mostly capital letters with underscores. Pure.
"""

import re

from msgspec import Struct

_MEANINGLESS = re.compile(
    r"(?:(?:my|new|untitled|unknown|the)\s+)?(?:dvd|video|movie|disc|disk|disco|cd|cdrom|bd|bdrom|blu\s*ray|bluray|volume|volumen"
    r"|dvdvideo|dvdvolume|videots|video\s+ts|bdmv|logical\s+volume\s+id|volume\s+id|image|title|untitled|noname|backup|film"
    r"|ntsc|pal|main|feature|side|\d{1,8}|[a-z])(?:\s+(?:video|volume|rom|movie|disc|disk|\d{1,4}|[ab]))*",
)
_FORMATS = re.compile(
    r"\s+(?:ntsc|pal|secam|ws|fs|p&s|widescreen|fullscreen|full\s+screen|16\s?[x:]\s?9|4\s?[x:]\s?3|anamorphic|dvd5|dvd9|dvd|bd|bluray|blu\s?ray"
    r"|uhd|4k|r[1-6]|region\s?[1-6]|rental|retail|disc)$"
)
_BOTH = re.compile(
    r"\b(?:s|season|series|staffel|saison|stagione|temporada)\s?(\d{1,2})\s?[-,:]?\s?(?:d|dvd|disc|disk|bd|cd)\s?(\d{1,2})\b"
)
_DISC = re.compile(r"[\s(-]+(?:d|dvd|disc|disk|disque|disco|bd|cd|vol|volume)\s?[#-]?\s?(\d{1,2})\b\)?")
_SEASON = re.compile(
    r"\b(?:s|season|series|staffel|saison|stagione|temporada)\s?(\d{1,2})\b|\b(\d)(?:st|nd|rd|th)\s+season\b|\b(?:season|series)\s+"
    r"(one|two|three|four|five|six|seven|eight|nine|ten)\b"
)
_YEAR = re.compile(r"[\s(]((?:19|20)\d\d)\)?$")
_NUMBERS = {
    name: at
    for at, name in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1)
}


class Said(Struct, frozen=True, kw_only=True):
    """What a name says; None where it does not."""

    title: str | None = None
    year: int | None = None
    season: int | None = None
    number: int | None = None
    """Of the disc."""


def printable(label: str | None) -> str | None:
    """A label as it can stand in a line, whoever wrote it: no line ends, no control characters; None where nothing is left."""
    plain = "".join(each if each.isprintable() else " " for each in label or "")
    return " ".join(plain.split()) or None


def read_label(name: str | None) -> Said:
    text = " ".join(re.sub(r"[_.]+", " ", name or "").split())
    low = text.lower()
    season = number = None
    if both := _BOTH.search(low):
        season, number = int(both[1]), int(both[2])
        text, low = _without(text, low, both)
    else:
        if found := _DISC.search(f" {low}"):
            number = int(found[1])
            text, low = _cut(text, low, max(0, found.start() - 1), found.end() - 1)
        if found := _SEASON.search(low):
            season = int(found[1] or found[2] or _NUMBERS[found[3]])
            text, low = _without(text, low, found)
    while found := _FORMATS.search(low):
        text, low = _cut(text, low, found.start(), len(low))
    year = None
    if found := _YEAR.search(low):
        year = int(found[1])
        text, low = _cut(text, low, found.start(), len(low))
    title = text.strip(" -:,()")
    if not title or _MEANINGLESS.fullmatch(title.lower()):
        return Said(year=year, season=season, number=number if title or season else None)
    return Said(title=title.title() if title.isupper() else title, year=year, season=season, number=number)


def _without(text: str, low: str, found: "re.Match[str]") -> tuple[str, str]:
    return _cut(text, low, found.start(), found.end())


def _cut(text: str, low: str, start: int, end: int) -> tuple[str, str]:
    """Both without that part, and without what stands behind a gap in a title: a disc is named last."""
    text = f"{text[:start].rstrip(' -:,(')} {text[end:]}".strip()
    return text, text.lower()
