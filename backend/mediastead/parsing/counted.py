"""Rules for numbers that stand without letters: fansub numbers through all seasons, numbers between dashes."""

import re
from collections.abc import Iterator

from .numbering import DASH, HALF, Numbering, season_before, season_number, with_tail

_CHECKSUM = r"[\[(][0-9A-F]{8}[\])]"
_FANSUB = re.compile(rf"\s*\[(?!\d{{1,4}}\]|\d{{1,2}}x\d)[^\]]+\]|.*{_CHECKSUM}", re.IGNORECASE)


def _count(joint: str) -> str:
    return (
        rf"(?P<e>\d{{1,4}})(?P<tail>(?:v\d)?{joint}\d{{1,4}})?(?:v\d)?[a-cA-C]?"
        r"(?:[ ._]*\((?P<other>(?!(?:19|20)\d\d\))\d{1,4})\))?"
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
    + r"(?(open)\))(?=[ ._]*(?:$|[\[(](?!(?:19|20)\d\d[\])])))",
    re.IGNORECASE,
)


_BRACKETED = re.compile(
    rf"\[#?(?P<e>\d{{1,4}})(?P<tail>(?:v\d)?{DASH}\d{{1,4}})?(?:v\d)?[ (]*(?:END|FINAL|TV|完)?[ )]*(?P<other>)\]",
    re.IGNORECASE,
)


_BEHIND_A_NUMBER = re.compile(r"(?<=[^\W_]\d)\[(?P<e>\d{2,3})\](?=$|\[)")


def bracket_behind_a_number(name: str) -> Iterator[Numbering]:
    """`Harbour 100[07].mp4`: of two numbers the one in brackets of its own; guessit makes season and episode of the title's."""
    for match in _BEHIND_A_NUMBER.finditer(name):
        if not _is_year_or_size(match["e"]):
            yield Numbering(
                rule="counted through all seasons",
                start=match.start(),
                end=match.end(),
                absolute_episodes=(int(match["e"]),),
            )


_LOOSE_RUN = re.compile(
    rf"(?<=[^\W\d_])[ ._](?P<e>\d{{1,3}})(?P<tail>{DASH}\d{{2,4}})"
    r"(?=[ ._]+(?:dual|multi|bd|dvd|web|complete|batch|\d{3,4}p)(?![^\W_]|-\d))",
    re.IGNORECASE,
)


_BRACKET_AND_NUMBER = re.compile(
    r"\s*\[[^\[\]]*[^\W\d_]{2}[^\[\]]*\][\s._-]*(?P<number>(?P<e>\d{2,4}))(?:v\d)?[\s._-]*(?:[\[(][^\[\]()]*[\])][\s._-]*)*"
)


def behind_its_bracket(name: str) -> Iterator[Numbering]:
    """`[Show].148.[XviD]`: with nothing but brackets beside the number, the first is the title."""
    match = _BRACKET_AND_NUMBER.fullmatch(name)
    if match and not _is_year_or_size(match["e"]):
        start, end = match.span("number")
        yield Numbering(rule=BEHIND_BRACKET, start=start, end=end, absolute_episodes=(int(match["e"]),))


BEHIND_BRACKET = "a number behind a title in brackets"


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


_LONE_TITLE = re.compile(r"\s*\[[^\[\]]+\][\s._-]*\[[^\[\]]*[^\W\d_]{2}[^\[\]]*\][\s._-]*")


def _title_before(name: str, end: int) -> bool:
    """Outside of brackets, or alone in the second ones (`[Group][Title] 07`)."""
    if _LONE_TITLE.fullmatch(name, 0, end):
        return True
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
        if _is_padded_run(name, match) or _is_technical(name, match) or _is_half_a_date(name, match):
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


def _is_half_a_date(name: str, match: re.Match[str]) -> bool:
    """`Show.16.01.24.Name`: the last two of three, which guessit reads as a day."""
    return match["dot"] == "." and re.search(r"(?<!\d)\d\d\.$", name[: match.start()]) is not None


def _is_technical(name: str, match: re.Match[str]) -> bool:
    """`[DivX.5.02]`: the version of a codec, in the same brackets with its name."""
    return re.search(r"[\[(][^\])]*[^\W\d_]{3,}[ ._]$", name[: match.start()]) is not None
