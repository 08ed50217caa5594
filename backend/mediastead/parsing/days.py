"""The rule for episodes that are known by the day they were shown."""

import re
from collections.abc import Iterator
from datetime import date

from .numbering import Numbering

_TIME = r"(?:[_ T-]{1,3}(?:[01]\d|2[0-3])[-.:h ][0-5]\d(?:[-.:m ][0-5]\d)?(?!\d))?"
"""The time of a recording behind its day."""
_ISO_DATE = re.compile(rf"(?<!\d)((?:19|20)\d\d)([ ._-])(\d{{1,2}})\2(\d{{1,2}})(?!\d){_TIME}")
_COMPACT_DATE = re.compile(
    r"(?<![^\W_])(?<!-)((?:19|20)\d\d)()([01]\d)([0-3]\d)(?=$|[^\w-]|_|-\d{4}(?!\d))(?:[-_ ]\d{4}(?:\d\d)?(?!\d))?"
)
_LOCAL_DATE = re.compile(r"(?<![^\W_])(\d{1,2})([ ._-])(\d{1,2})\2((?:19|20)\d\d)(?!\d)")


def dated(name: str) -> Iterator[Numbering]:
    """`2016-09-28`, `2016 09 28`, `20160928`, `28.09.2016`: episodes that are known by the day they were shown."""
    yield from _dated_in_words(name)
    if match := _RECORDED.search(name):
        try:
            shown = date(2000 + int(match["y"]), int(match["m"]), int(match["d"]))
            yield Numbering(rule="date", start=match.start(), end=len(name), air_date=shown)
        except ValueError:
            pass
    for pattern in (_ISO_DATE, _COMPACT_DATE, _LOCAL_DATE):
        for match in pattern.finditer(name):
            numbers = int(match[1]), int(match[3]), int(match[4])
            year, month, day = numbers if pattern is not _LOCAL_DATE else (numbers[2], numbers[1], numbers[0])
            if month > 12 and pattern is _LOCAL_DATE:
                month, day = day, month
            try:
                shown = date(year, month, day)
            except ValueError:
                continue
            yield Numbering(rule="date", start=match.start(), end=match.end(), air_date=shown)


_RECORDED = re.compile(r"_(?P<y>\d\d)\.(?P<m>\d\d)\.(?P<d>\d\d)_\d\d-\d\d_(?=[^\W_])")
"""`Show_16.09.28_20-15_channel_60_TVOON_DE`: online video recorders write year, month, day, time, channel and minutes."""
_MONTHS = {
    month: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero gennaio", "february feb februar février febrero febbraio",
            "march mar märz mars marzo", "april apr avril abril aprile", "may mai mayo maggio", "june jun juni juin junio giugno",
            "july jul juli juillet julio luglio", "august aug août agosto", "september sep sept septembre septiembre settembre",
            "october oct oktober okt octobre octubre ottobre", "november nov novembre noviembre",
            "december dec dezember dez décembre diciembre dicembre",
        ),
        start=1,
    )
    for month in names.split()
}  # fmt: skip
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_DAY = r"(?P<d>[0-3]?\d)(?:st|nd|rd|th|\.)?"
_IN_WORDS = tuple(
    re.compile(rf"(?<![^\W_]){form}(?![^\W_])", re.IGNORECASE)
    for form in (
        rf"{_DAY}[ ._-]{{1,2}}(?:(?:of|de)[ ._])?{_MONTH}[ ._,-]{{1,2}}(?:de[ ._])?(?P<y>(?:19|20)\d\d)",
        rf"{_MONTH}[ ._-]{{1,2}}{_DAY}[ ._,-]{{1,2}}(?P<y>(?:19|20)\d\d)",
        rf"(?P<y>(?:19|20)\d\d)[ ._-]{_MONTH}[ ._-]{_DAY}",
    )
)


def _dated_in_words(name: str) -> Iterator[Numbering]:
    """`28 September 2016`, `Sep 28, 2016`, `2016 Sep 28`, `28. Oktober 2016`."""
    for pattern in _IN_WORDS:
        for match in pattern.finditer(name):
            try:
                shown = date(int(match["y"]), _MONTHS[match["month"].lower()], int(match["d"]))
            except ValueError:
                continue
            if match.start() > 0:
                yield Numbering(rule="date", start=match.start(), end=match.end(), air_date=shown)
