"""The year that stands beside a title in a name."""

import re

from .guess import Span
from .numbering import Numbering


def year_of(stem: str, spans: tuple[Span, ...], begin: int, end: int, numbering: Numbering | None) -> int | None:
    """Beside the title, which stands from `begin` to `end`; a year within the title is none."""
    if years := re.match(r"[\W_]*((?:19|20)\d\d)[ ]?[-–][ ]?(?:19|20)\d\d(?!\d)", stem[end:]):
        return int(years[1])
    for span in spans:
        if span.name == "year" and not (begin <= span.start < end):
            return int(span.value)
    if match := re.search(r"[\[(]((?:19|20)\d\d)(?=[,\])])", stem[end:]):
        return int(match[1])
    if numbering is not None:
        return next((number for number in numbering.seasons if number >= 1900), None) or _of_a_pack(stem, numbering)
    behind = re.match(r"[\W_]*((?:19|20)\d\d)(?![^\W_])", stem[end:])
    return int(behind[1]) if behind else None


def _of_a_pack(stem: str, numbering: Numbering) -> int | None:
    """`Show - 1ª Temporada Completa 2019 (1080p)`: the year stands behind the season."""
    if not numbering.seasons or numbering.episodes:
        return None
    match = re.search(r"(?<![^\W_])((?:19|20)\d\d)(?=$|[ ._]*[\[(])", stem[numbering.end :])
    return int(match[1]) if match else None
