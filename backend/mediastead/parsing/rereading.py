"""Titles read again: where a part of what was read may be something else than title."""

import re
from collections.abc import Iterator

from msgspec import Struct

from .numbering import SPELLED, spelled_number

_STUDIO = re.compile(
    r"(?:(?:Walt[ ])?Disney(?:[ ]?[•/-][ ]?Pixar)?|Pixar|Marvel(?:[ ]Studios)?|DC|DreamWorks|Netflix|HBO|BBC)['’]s[ ](?=\w)",
    re.IGNORECASE,
)
_ROMAN = r"(?-i:[IVX]{1,4})"
_IN_A_SERIES = re.compile(
    rf"(?P<before>.*?[^\W\d_]{{2}}[!.]?)[ ](?:(?P<word>episode|part|pt\.?|vol\.?|chapter)[ ])?(?P<number>0?[1-9]|1\d|{_ROMAN})"
    r"(?P<joint>[ ]-[ ]|:[ ]|[ ])(?P<behind>[^\W\d_].*)",
    re.IGNORECASE,
)
_SEASON_BEHIND = re.compile(rf"(?P<title>.*[^\W\d_]{{2}}.*?)[ ](?P<season>[2-9]|{_ROMAN})")
_PART_BEHIND = re.compile(
    rf"(?P<title>.*[^\W\d_]{{2}}[!.)]?)(?:[ ]-|,|:)?[ ]\(?(?:part|pt\.?|episode|ep\.?|chapter|teil|partie|parte)[ ]"
    rf"(?P<number>\d{{1,2}}|{SPELLED})\)?",
    re.IGNORECASE,
)


class Reread(Struct, frozen=True):
    text: str
    season: int | None = None
    episode: int | None = None


def without_studio(title: str) -> str | None:
    """`Disney's Low Tide`: who made it stands before titles and belongs to none."""
    match = _STUDIO.match(title)
    return title[match.end() :] if match else None


def without_form(title: str) -> str | None:
    """`Low Tide 3D`: how it is stored stands behind titles and belongs to few."""
    return title[:-3] if title.endswith(" 3D") and len(title) > 3 else None


def film_reread(title: str) -> Iterator[Reread]:
    """`The Harbour 4 Low Tide` and `The Harbour 4 - Low Tide` without the film's place in its series, `Episode 1` as catalogues
    write it, `The Harbour Part 3` as an episode of a short series."""
    if (match := _IN_A_SERIES.fullmatch(title)) and _counts(match["number"]):
        if match["word"] and match["number"].lstrip("0") == "1":
            yield Reread(f"{match['before']} {match['word']} I{match['joint']}{match['behind']}")
        else:
            yield Reread(f"{match['before']}{match['joint']}{match['behind']}")
    if match := _PART_BEHIND.fullmatch(title):
        yield Reread(match["title"], episode=spelled_number(match["number"]))


def series_reread(title: str) -> Iterator[Reread]:
    """`Harbour II - 03`, `Harbour 2 - 03`: a title with a number, or a season of the title without it."""
    match = _SEASON_BEHIND.fullmatch(title)
    if match and _counts(match["season"]) and spelled_number(match["season"]) > 1:
        yield Reread(match["title"].rstrip(" -:"), season=spelled_number(match["season"]))


def _counts(number: str) -> bool:
    """Whether it is a number of a series: digits, or a roman numeral up to twelve that is no lone `I`, `V` or `X`."""
    return number.isdecimal() or (len(number) > 1 and re.fullmatch(SPELLED, number, re.IGNORECASE) is not None)
