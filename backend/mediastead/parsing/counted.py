"""Rules for numbers that stand without letters: dates, fansub numbers through all seasons, numbers between dashes."""

import re
from collections.abc import Iterator
from datetime import date

from .numbering import DASH, HALF, Numbering, season_before, season_number, with_tail

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


_CHECKSUM = r"[\[(][0-9A-F]{8}[\])]"
_FANSUB = re.compile(rf"\s*\[(?!\d{{1,4}}\]|\d{{1,2}}x\d)[^\]]+\]|.*{_CHECKSUM}", re.IGNORECASE)


def _count(joint: str) -> str:
    return (
        rf"(?P<e>\d{{1,4}})(?P<tail>(?:v\d)?{joint}\d{{1,4}})?(?:v\d)?[a-cA-C]?(?:[ ._]*\((?P<other>\d{{1,4}})\))?"
        r"(?:[ ._]*(?:END|FINAL))?"
    )


_COUNTED = re.compile(
    rf"[ ._]{DASH}[ ._]*#?\(?"
    + _count(rf"[ ._]?{DASH}[ ._]?")
    + rf"(?=\)?[ ._]*(?:$|[\[(]|-[^\W\d])|[ ._]+{DASH}[ ._]|\.DVD|\.BD)"
)
_LOOSE = re.compile(
    r"(?:(?<=[\])])[ ._]*|(?<!\d)[ ._]#?|[ ._](?=0\d))(?P<open>\()?"
    r"(?<!no\.)(?<!vol\.)(?<!vol\.[ ._])(?<!part[ ._])(?<!movie[ ._])(?<!season[ ._])(?<!series[ ._])"
    + _count(DASH)
    + r"(?(open)\))(?=[ ._]*(?:$|[\[(]))",
    re.IGNORECASE,
)


_BRACKETED = re.compile(
    rf"\[#?(?P<e>\d{{1,4}})(?P<tail>(?:v\d)?{DASH}\d{{1,4}})?(?:v\d)?[ (]*(?:END|FINAL|TV|完)?[ )]*(?P<other>)\]",
    re.IGNORECASE,
)


_LOOSE_RUN = re.compile(
    rf"(?<=[^\W\d_])[ ._](?P<e>\d{{1,3}})(?P<tail>{DASH}\d{{2,4}})"
    r"(?=[ ._]+(?:dual|multi|bd|dvd|web|complete|batch|\d{3,4}p)(?![^\W_]|-\d))",
    re.IGNORECASE,
)


def is_fansub(name: str) -> bool:
    """A release group in front in brackets, or a CRC-32 behind: whoever names so counts episodes through all seasons."""
    return _FANSUB.match(name) is not None


def counted_through(name: str) -> Iterator[Numbering]:
    """`[Group] Show - 035 (480p) [CRC]`, `Show_-_07v2_[720p]`, `[Group][Show][07]`: absolute numbers. guessit takes 035 for a
    season 0 and numbers of the title (`Lantern 100 - 09`) for episodes."""
    if not is_fansub(name):
        return
    dashed = [match for match in _COUNTED.finditer(name) if name[: match.start()].strip(" ._-[]")]
    bracketed = [match for match in _BRACKETED.finditer(name) if match.start() > 0 and not _is_year_or_size(match["e"])]
    loose = [
        match
        for match in _LOOSE.finditer(name)
        if not _is_year_or_size(match["e"]) and _title_before(name, match.start())
    ]
    for match in (*dashed[:1], *bracketed[:1], *loose[-1:], *_LOOSE_RUN.finditer(name)):
        numbers = with_tail(int(match["e"]), re.sub(r"v\d", "", match["tail"] or ""))
        if season := season_before(name, match.start()):
            yield Numbering(
                rule="season, then a number",
                start=season.start(),
                end=match.end(),
                seasons=season_number(season),
                episodes=numbers,
            )
        else:
            yield Numbering(
                rule="counted through all seasons", start=match.start(), end=match.end(), absolute_episodes=numbers
            )


def _title_before(name: str, end: int) -> bool:
    return re.search(r"[^\W\d_]{2}", re.sub(r"\[[^\]]*\]", "", name[:end])) is not None


def _is_year_or_size(text: str) -> bool:
    number = int(text)
    return 1900 <= number <= 2100 or number in (480, 576, 720, 1080, 1440, 2160)


_HALF = re.compile(
    rf"(?:[ ._]{DASH}[ ._]|(?<![^\W_])(?:S\d{{1,2}}[ ._]?)?E(?:p(?:isode)?)?[ ._#]?|#|\[)\d{{1,4}}\.5(?:v\d)?(?=[ _\])]|$)",
    re.IGNORECASE,
)


def half_of_one(name: str) -> Iterator[Numbering]:
    """`Show - 07.5 [720p]`, `Show S01E07.5`: a recap between two episodes, which must not become the first of them."""
    for match in _HALF.finditer(name):
        if match.start() > 0:
            yield Numbering(rule=HALF, start=match.start(), end=match.end())


_PADDED = re.compile(r"(?<=\w)[ ._]+(?P<e>0\d\d)(?:v\d)?(?=$|[ ._]*[\[(])")


def padded_behind(name: str) -> Iterator[Numbering]:
    """`Show 001`, `Show_013 [480p]`: three digits with a zero in front count through all seasons. guessit takes the zero for
    season 0, whose episodes are specials."""
    for match in _PADDED.finditer(name):
        if _title_before(name, match.start()) and season_before(name, match.start()) is None:
            yield Numbering(
                rule="counted through all seasons",
                start=match.start(),
                end=match.end(),
                absolute_episodes=(int(match["e"]),),
            )


_DASHED_NUMBER = re.compile(
    rf"[ ._]{DASH}[ ._](?P<e>\d{{1,3}})(?P<tail>(?:[ ._]?[-~,][ ._]?)\d{{1,3}})?[a-c]?(?:v\d)?"
    rf"(?=$|[ ._]{DASH}[ ._]|[ ._]*[\[(](?!(?:19|20)\d\d[\])])"
    r"|[ ._]+(?i:VOST(?:FR|A)?|VF|(?:ger|eng|fr|ita)(?:sub|dub))(?![^\W_]))"
)


def number_between_dashes(name: str) -> Iterator[Numbering]:
    """`Show - 23`, `Show - 107a - Name`, `Show - 103, 104 - Name`: one number that stands by itself between dashes."""
    matches = [
        match
        for match in _DASHED_NUMBER.finditer(name)
        if not re.fullmatch(r"[\W\d]*", name[: match.start()]) and not _is_pair(match)
    ]
    for match in matches[:1]:
        episodes = with_tail(int(match["e"]), match["tail"] or "")
        season = season_before(name, match.start())
        start, seasons = (season.start(), season_number(season)) if season else (match.start(), ())
        yield Numbering(
            rule="a number between dashes", start=start, end=match.end(), seasons=seasons, episodes=episodes
        )


def _is_pair(match: re.Match[str]) -> bool:
    """`4-01` and `7-06` are season and episode; `4-06` could be a run, but runs are not padded behind a bare number. `4-17`
    before the name of one episode is no run either: a file of so many has none."""
    tail = re.fullmatch(r"-(0?\d+)", match["tail"] or "")
    if tail is None or len(match["e"]) > 1:
        return False
    named = re.match(r"[ ._]-[ ._][^\W\d]", match.string[match.end() :]) is not None
    apart = int(tail[1]) - int(match["e"])
    return tail[1].startswith("0") or apart < 0 or (named and len(tail[1]) == 2 and apart > _MOST_WITH_A_NAME)


_MOST_WITH_A_NAME = 3


_BRACKETED_RUN = re.compile(rf"[\[(](?P<e>0*1|0\d{{1,3}})(?P<tail>{DASH}\d{{2,4}})(?=[\])+ ])")


def run_in_brackets(name: str) -> Iterator[Numbering]:
    """`Show [1080p] (001-220)`, `Show (0001-1071+Movies)`: a pack of episodes counted through all seasons."""
    for match in _BRACKETED_RUN.finditer(name):
        numbers = with_tail(int(match["e"]), match["tail"])
        if len(numbers) > 2 and match.start() > 0 and season_before(name, match.start()) is None:
            yield Numbering(rule="a run in brackets", start=match.start(), end=match.end(), absolute_episodes=numbers)


def _stands_apart(name: str, match: re.Match[str]) -> bool:
    """`Show (6.02)`, `Show - 6.02 - Name`: in brackets or between dashes it is no number of the title."""
    before, behind = name[: match.start()], name[match.end() :]
    return any(before.endswith(left) and behind.startswith(right) for left, right in (("(", ")"), (" - ", " - ")))


_PAIR = re.compile(
    r"(?:^\[?|(?<=[ ._\[(-]))(?P<s>\d{1,2})(?P<dot>[-_.])(?P<e>\d{2,3})(?:[ ._-]?F)?"
    r"(?=$|[\])]|[ ._]-[ ._]|[. ]{1,2}(?=[^\W\d]|-[ ]))"
)


def pair(name: str) -> Iterator[Numbering]:
    """`Show 03-20`, `show_03_19`, `Show - 6.01 - Name`, `2-06. Name`, `[4.112] Name`: season and episode without letters."""
    if (is_fansub(name) and not name.startswith("[")) or re.search(r"(?<!\d)(?:19|20)\d\d[ )\].](?=.*\d{3,4}p)", name):
        return
    for match in _PAIR.finditer(name):
        season, episode = int(match["s"]), int(match["e"])
        if _is_padded_run(name, match) or _is_technical(name, match):
            continue
        at_edge = (
            match.start() == 0
            or match.end() >= len(name.rstrip("]"))
            or match["dot"] == "."
            or _stands_apart(name, match)
        )
        leading_zero = (
            match.group().startswith("[")
            or name[match.start() - 1 : match.start()] == "["
            or match["s"].startswith("0")
            or match["e"].startswith("0")
            or match["dot"] != "."
            or _stands_apart(name, match)
            or (match.start() == 0 and name[match.end() :].startswith(" - "))
        )
        if 0 < season <= 40 and episode > 0 and at_edge and leading_zero:
            yield Numbering(
                rule="season and episode by digits",
                start=match.start(),
                end=match.end(),
                seasons=(season,),
                episodes=(episode,),
            )


def _is_padded_run(name: str, match: re.Match[str]) -> bool:
    """`Show (01-17)`: both numbers in brackets and with as many digits."""
    inside = name[match.start() - 1 : match.start()] in ("(", "[") and name[match.end() : match.end() + 1] in (")", "]")
    padded = match["s"].startswith("0") and len(match["s"]) == len(match["e"])
    return inside and padded and match["dot"] == "-" and int(match["s"]) < int(match["e"])


def _is_technical(name: str, match: re.Match[str]) -> bool:
    """`[DivX.5.02]`: the version of a codec, in the same brackets with its name."""
    return re.search(r"[\[(][^\])]*[^\W\d_]{3,}[ ._]$", name[: match.start()]) is not None
