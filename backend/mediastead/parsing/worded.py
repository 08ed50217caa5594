"""Rules for numbers beside the words of many languages, in any order, and for their short forms."""

import re
from collections.abc import Iterator

from .numbering import (
    EAST_ASIAN_NUMBER,
    EAST_ASIAN_SEASON,
    EPISODE,
    JOINT,
    NUMBER_END,
    SPELLED,
    Numbering,
    east_asian_number,
    season_before,
    season_number,
    spelled_number,
    with_tail,
)

_SEASON_WORD = (
    r"(?:seasons?|series|book|vol(?:ume)?\.?|saisons?|staffeln?|temporadas?|temp\.?|stagion[ei]|sezon(?:ul)?|sez[oó]na|sez|säsong"
    r"|sesong|sæson|seizoen|évad|kausi|s[eé]rie|řada|κύκλος|σεζόν|الموسم|сезон|시즌|シーズン)"
)
_EPISODE_WORD = rf"(?:{EPISODE}|chapters?|серія|серії|серия|серии|rész|del|osa|afl\.?|fo(?:lge)?\.?|화|회)"
_ORDINAL = r"(?:\.|st|nd|rd|th|[ªº^°]|e|ème|-?(?:й|я))?"
_GAP = r"[ ._,/|(\[:-]{1,5}"
_NEAR = r"[ ._:#(-]{0,3}"

_IN_ORDER = re.compile(
    rf"(?<![^\W_])(?:{_SEASON_WORD}{_NEAR}(?P<s>\d{{1,2}})|(?P<s2>\d{{1,2}}){_ORDINAL}[ ._]?{_SEASON_WORD}){_GAP}"
    rf"{_EPISODE_WORD}{_NEAR}(?P<e>\d{{1,3}})(?P<tail>(?:{JOINT}\d{{1,3}})?){NUMBER_END}",
    re.IGNORECASE,
)
_WORDS_BEHIND = re.compile(
    rf"(?<![^\W_])(?:(?P<s>\d{{1,2}}){_ORDINAL}[ ._]?{_SEASON_WORD}|{_SEASON_WORD}{_NEAR}(?P<s2>\d{{1,2}})){_GAP}"
    rf"(?:제|第)?(?P<e>\d{{1,3}}){_ORDINAL}(?P<tail>)[ ._]?(?:{_EPISODE_WORD}|话|話|集)(?![^\W\d_])",
    re.IGNORECASE,
)
_EPISODE_FIRST = re.compile(
    rf"(?<![^\W_]){_EPISODE_WORD}{_NEAR}(?P<e>\d{{1,3}})(?P<tail>){_GAP}"
    rf"(?:{_SEASON_WORD}{_NEAR}(?P<s>\d{{1,2}})|(?P<s2>\d{{1,2}}){_ORDINAL}[ ._]?{_SEASON_WORD})(?!\d)",
    re.IGNORECASE,
)
_OF_A_SEASON = re.compile(
    r"第[ ._]?(?P<s>\d{1,2})[ ._]?シーズン[ ._]*第[ ._]?(?P<e>\d{1,3})[ ._]?[話话集回](?P<tail>)(?P<s2>)", re.IGNORECASE
)


def words_of_any_order(name: str) -> Iterator[Numbering]:
    """`Episode 2 Season 1`, `1. Staffel 2. Folge`, `7^ Stagione Ep 5`, `Κύκλος 1 Επεισόδιο 2`, `시즌1 2화`, `Book 2 Chapter 3`,
    `第1シーズン 第2話`: season and episode each with its word, in whatever order and language."""
    for pattern in (_IN_ORDER, _WORDS_BEHIND, _EPISODE_FIRST, _OF_A_SEASON):
        for match in pattern.finditer(name):
            yield Numbering(
                rule="season and episode in words",
                start=match.start(),
                end=match.end(),
                seasons=(int(match["s"] or match["s2"]),),
                episodes=with_tail(int(match["e"]), match["tail"]),
            )


_ENGLISH = "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_SPELLED_SEASON = re.compile(
    rf"(?<![^\W_])(?:season|series|book)[ ._-]{{1,3}}(?P<s>{SPELLED})[ ._,-]{{1,3}}(?:episode|ep\.?|chapter|part)[ ._-]{{1,3}}"
    rf"(?P<e>\d{{1,3}}|{_ENGLISH})(?![^\W_])",
    re.IGNORECASE,
)
_SPELLED_EPISODE = re.compile(
    rf"(?<=[\w!?.)])[ ._-]+episode[ ._]{{1,2}}(?P<e>{_ENGLISH})(?=$|[ ._]+-[ ._]|[ ._]*[\[(])", re.IGNORECASE
)
_A_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def spelled_out(name: str) -> Iterator[Numbering]:
    """`Season Two Episode Three`, `Low Tide - Episode Three`. A film's episode has its year behind it, or a roman numeral."""
    for match in _SPELLED_SEASON.finditer(name):
        yield Numbering(
            rule="season and episode in words",
            start=match.start(),
            end=match.end(),
            seasons=(spelled_number(match["s"]),),
            episodes=(spelled_number(match["e"]),),
        )
    for match in _SPELLED_EPISODE.finditer(name):
        if not _A_YEAR.search(name, match.end()):
            yield _of_no_season(match, (spelled_number(match["e"]),))


_ON_TELEVISION = re.compile(
    rf"(?<=[\w!?)])[ ._-]+(?:part|pt)[ ._]?(?P<e>\d{{1,2}}|{SPELLED})(?=[ ._]+(?:\d{{3,4}}[pi][ ._]+)?"
    r"(?:[HPSA]?DTV|DSR(?:ip)?|SATRip|DVB(?:Rip)?|TVRip)(?![^\W_]))",
    re.IGNORECASE,
)


def part_on_television(name: str) -> Iterator[Numbering]:
    """`Low.Tide.Pt.2.HDTV.x264`: a release that was recorded from television has its year if it is a film; else it is an
    episode of a short series."""
    if not _A_YEAR.search(name):
        for match in _ON_TELEVISION.finditer(name):
            yield Numbering(rule=PART, start=match.start(), end=match.end(), episodes=(spelled_number(match["e"]),))


PART = "a part on television"
_COUNTED_WORD = re.compile(
    r"(?<=\w)[ ._](?:(?P<dash>-)[ ._])?(?:no|nr|chapter)\.?[ ._](?P<e>\d{1,3})(?(dash)$|(?=[ ._]+-[ ._]))",
    re.IGNORECASE,
)


def counted_word(name: str) -> Iterator[Numbering]:
    """`Low Tide No. 9 - Name`, `Low Tide 100 - Chapter 4`, whatever other numbers and dashes the title has. With a year
    it is a film's, and so is `Low Tide - Chapter 3 - Name`."""
    if not _A_YEAR.search(name):
        for match in _COUNTED_WORD.finditer(name):
            yield _of_no_season(match, (int(match["e"]),))


_SHORT = re.compile(
    r"(?<![^\W_])(?:"
    r"T(?P<s1>\d{1,2})[ ._-]{0,3}(?:EP?|Cap(?:[íi]tulo)?|C|x)[ ._]{0,2}(?P<e1>\d{1,3})"  # T01E02, T1 Cap 2
    r"|S(?P<s2>\d{1,2})[ ._]?B(?P<e2>\d{1,3})"  # S01B02 (Turkish Bölüm)
    r"|[сС](?P<s3>\d{1,2})[ ._]?[эЭеЕ](?P<e3>\d{1,3})"  # in Cyrillic letters
    r"|S(?P<s4>\d{1,2})[ ._-]{1,3}#[ ]?(?P<e4>\d{1,3})"  # S1 #2
    r"|S[.](?P<s5>\d{1,2})[ ._-]{1,3}E[.](?P<e5>\d{1,3})"  # S.1 E.2
    r"|St[. ]{1,2}(?P<s6>\d{1,2})[ ._-]{1,3}(?:Ep|Fo|F|E)[. ]{0,2}(?P<e6>\d{1,3})"  # St.1 Ep.02, St. 1 Fo. 2
    r"|Se(?P<s7>\d{1,2})[ ._-]?Ep?[ ._]?(?P<e7>\d{1,3})"  # Se01Ep02
    r"|S(?P<s8>\d{1,2})[ ._]?F(?P<e8>\d{1,3})"  # S01F02 (German Folge)
    r")(?![^\W_])",
    re.IGNORECASE,
)
_CAPITULOS = re.compile(r"(?<=\[)Cap\.?[ ]?(?P<s>\d{1,2})(?P<e>\d\d)_(?P=s)?(?P<f>\d\d)(?=\])", re.IGNORECASE)


def short_words(name: str) -> Iterator[Numbering]:
    """`T01E02`, `T1 Cap 2`, `S01B02`, `S1 #2`, `St.1 Ep.02`, `[Cap.102_103]`: short words for season and episode, most not
    English."""
    for match in _CAPITULOS.finditer(name):
        yield Numbering(
            rule="short words",
            start=match.start(),
            end=match.end(),
            seasons=(int(match["s"]),),
            episodes=with_tail(int(match["e"]), f"-{match['f']}"),
        )
    for match in _SHORT.finditer(name):
        season, episode = (int(number) for number in match.groups() if number)
        yield Numbering(
            rule="short words", start=match.start(), end=match.end(), seasons=(season,), episodes=(episode,)
        )


_KOREAN = re.compile(r"(?<![^\W_])제?(?P<e>\d{1,4})[ ]?[화회](?![^\W_])")
_RUN_OF_JAPANESE = re.compile(
    r"第[ ._]?(?P<e>\d{1,4})[ ._]?[話话集回]?[ ]?[-~～〜][ ]?第?(?P<f>\d{1,4})[ ._]?[話话集回]"
)
_HASH = re.compile(r"(?<=[ ._-])#(?P<e>\d{1,4})(?P<tail>-\d{1,4}(?!\d))?(?=[ ._]*(?:$|[-–\[(「]))")


def episode_signs(name: str) -> Iterator[Numbering]:
    """`12화`, `제12회`, `第3話～第4話`, `#12` behind a title: an episode by the sign beside its number."""
    for match in _RUN_OF_JAPANESE.finditer(name):
        yield _of_no_season(match, with_tail(int(match["e"]), f"-{match['f']}"))
    counted_in_front = re.match(r"\d{2,4}[ ._]+-", name) is not None
    for pattern in (_KOREAN, _HASH):
        for match in pattern.finditer(name):
            if match.start() > 0 and not counted_in_front:
                yield _of_no_season(match, with_tail(int(match["e"]), match.groupdict().get("tail") or ""))


def _of_no_season(match: re.Match[str], episodes: tuple[int, ...]) -> Numbering:
    return Numbering(rule="episode in words", start=match.start(), end=match.end(), episodes=episodes)


_ASIAN_IN_SEASON = re.compile(
    rf"{EAST_ASIAN_SEASON}[ ._-]*第?[ ._]?(?P<e>{EAST_ASIAN_NUMBER})(?P<tail>[-~]\d{{1,4}})?[ ._]?[話话集回]"
)
_ASIAN_SPELLED = re.compile(r"第[ ._]?(?P<e>[一二三四五六七八九十]{1,3})[ ._]?[話话集回]")


def east_asian(name: str) -> Iterator[Numbering]:
    """`第十一季 第二十三集`: season and episode in Chinese and Japanese numerals."""
    for match in _ASIAN_IN_SEASON.finditer(name):
        yield Numbering(
            rule="season and episode in words",
            start=match.start(),
            end=match.end(),
            seasons=season_number(match),
            episodes=with_tail(east_asian_number(match["e"]), match["tail"] or ""),
        )
    for match in _ASIAN_SPELLED.finditer(name):
        yield _of_no_season(match, (east_asian_number(match["e"]),))


_NUMBERED_IN_FRONT = re.compile(r"(?P<e>\d{1,4})-(?P<f>\d{1,4})[ ._]+-[ ._]+(?=[^\W\d_])")
_HASH_IN_FRONT = re.compile(r"#(?P<e>\d{1,3})[ ._]+-[ ._]+(?=[^\W\d_])")
_DIGITS_IN_FRONT = re.compile(
    r"(?:\[(?P<e>\d\d)\][ ._]*(?:-[ ._]+)?|(?P<e2>\d\d)[ ._]+-[ ._]+|0?(?P<s>[1-9])(?P<e3>\d\d)[ ._]+(?:-[ ._]+)?)"
    r"(?=[^\W\d_])"
)
_NUMBER_OF_A_TITLE = re.compile(r"[^\W_][ ._](?!0)\d{3}(?![^\W_])")
_EPISODE_IN_FRONT = re.compile(rf"{EPISODE}[ ._-]{{1,2}}(?P<e>\d{{1,3}})[ ._-]+(?=[^\W\d_])", re.IGNORECASE)


def in_front(name: str) -> Iterator[Numbering]:
    """`611-612 - Name`, `#7 - Name`, `Episode 14 Title (Saison 2)`: the numbers stand before everything, a season behind the
    title. `06 - Harbour 100`, `[06] Harbour 100`, `602 - Harbour 100`: of two numbers that in front; guessit takes the other."""
    if not _A_YEAR.search(name):
        if match := _HASH_IN_FRONT.match(name):
            yield _of_no_season(match, (int(match["e"]),))
        match = _DIGITS_IN_FRONT.match(name)
        if match and (match["s"] is None or "-" in match.group()) and _NUMBER_OF_A_TITLE.search(name, match.end()):
            episode = int(match["e"] or match["e2"] or match["e3"])
            seasons = (int(match["s"]),) if match["s"] else ()
            yield Numbering(rule="a number in front", start=0, end=match.end(), seasons=seasons, episodes=(episode,))
    match = _NUMBERED_IN_FRONT.match(name)
    if match and 0 < int(match["f"]) - int(match["e"]) < _MOST_IN_FRONT:
        yield _of_no_season(match, with_tail(int(match["e"]), f"-{match['f']}"))
    match, season = _EPISODE_IN_FRONT.match(name), season_before(name, len(name))
    if match and season and season.start() > match.end() and name[season.start()] in "([":
        yield Numbering(
            rule="season and episode in words",
            start=0,
            end=match.end(),
            seasons=season_number(season),
            episodes=(int(match["e"]),),
        )


_MOST_IN_FRONT = 4
"""Episodes in one file, where a run could as well be a season and an episode."""


_LISTED = re.compile(
    r"(?<![^\W_])(?:series|season|staffel|saison|temporada|stagione)[ ._](?P<s>\d{1,2})[ ._]+-[ ._]+(?P<e>\d{2,3})"
    r"(?=[. _]+[^\W\d_])",
    re.IGNORECASE,
)


def season_listed(name: str) -> Iterator[Numbering]:
    """`Show - Series 5 - 16 Pilot`, `Show_Series_5_-_03._Pilot_b00x_original` (get_iplayer): not a run of seasons, since a
    name stands behind the second number."""
    for match in _LISTED.finditer(name):
        if not re.match(r"[. _]+(?:complete|\d{3,4}p|x26|bluray|web|dvd|and\b)", name[match.end() :], re.IGNORECASE):
            yield Numbering(
                rule="season, then a number",
                start=match.start(),
                end=match.end(),
                seasons=(int(match["s"]),),
                episodes=(int(match["e"]),),
            )
