"""Films that are cut into several files: cd1 and cd2, disc 1, pt2."""

import re
from typing import NamedTuple

from .text import key, spaced

_SURE = re.compile(
    r"[\s._-]*[\[(]?(?<![^\W_])(?:cd|dvd|disc|disk)[\s._-]?(?P<number>\d{1,2}|[a-d](?![^\W_]))(?:[\s._-]*of[\s._-]*\d{1,2})?[\])]?\s*$",
    re.IGNORECASE,
)
_MAYBE = re.compile(
    r"[\s._-]*[\[(]?(?<![^\W_])(?:part|pt)[\s._-]?(?P<number>\d{1,2}|[a-d](?![^\W_]))[\])]?\s*$", re.IGNORECASE
)
_OF = re.compile(
    r"[\s._-]*[\[(]?(?<![^\W_])(?:(?:part|pt)[\s._-]?)?(?P<number>[1-4])(?:[\s._-]?of[\s._-]?|/)[2-4][\])]?\s*$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?:19|20)\d\d[\])]?$|\d{3,4}[pi]\b|[\])]$|(?:xvid|divx|x264|h264|x265|dvdrip|bdrip|webrip|bluray)", re.IGNORECASE
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_TITLE_IN_FOLDER = re.compile(r"[\s._]*[\[({]?(?:19|20)\d\d.*$")


class Part(NamedTuple):
    stem: str
    number: int


def take_part(stem: str, folder: str | None) -> Part | None:
    """Cuts the part's token off the end of a film's name.

    `cd1` and `disc 2` are always one. `part 2` and `pt2` are part of many titles (`The Tides Part 2`), so they only
    count behind a year or release words, or where what stands before them is exactly the name of the folder.
    """
    if match := _SURE.search(stem):
        return _part(stem, match)
    if (match := _OF.search(stem)) and (
        _YEAR.search(stem[: match.start()]) or _is_named_so(stem[: match.start()], folder, with_year=True)
    ):
        return _part(stem, match)
    if match := _MAYBE.search(stem):
        before = stem[: match.start()].rstrip(" ._-")
        if _is_named_so(before, folder, with_year=False) or _BEHIND.search(before):
            return _part(stem, match)
    return None


def _is_named_so(before: str, folder: str | None, *, with_year: bool) -> bool:
    """Whether the folder is called exactly so; `with_year`: and says the year, as the folder of a film does."""
    if folder is None or (with_year and not _YEAR.search(folder)):
        return False
    return key(spaced(before)) in (key(folder), key(_TITLE_IN_FOLDER.sub("", folder)))


def _part(stem: str, match: re.Match[str]) -> Part | None:
    before = stem[: match.start()].rstrip(" ._-")
    number = match["number"].lower()
    return Part(before, int(number) if number.isdigit() else ord(number) - ord("a") + 1)
