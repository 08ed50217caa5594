"""Rules for numbers that have letters or words beside them."""

import re
from collections.abc import Iterator

from .counted import is_fansub
from .numbering import (
    DASH,
    EAST_ASIAN_SEASON,
    EPISODE,
    JOINT,
    NTH_SEASON,
    NUMBER_END,
    SEASON,
    SPELLED,
    TITLE,
    Numbering,
    absolute_beside,
    season_before,
    season_number,
    spelled_number,
    with_tail,
)

_MOST_IN_ONE_FILE = 60

_SXXEXX = re.compile(
    r"(?:(?<![^\W_])|(?<=(?-i:[a-z]))(?=(?-i:S)\d|S\d+E\d)|(?<=(?-i:[A-Z]))(?=S\d+E\d)|(?<=\d\)))"
    r"S(?P<s>\d{1,4}|O\d)[ ._-]{0,3}(?:-[ ._])?\[?"
    r"(?!\w+[ ._]?#\d{1,2}\.\d)(?:x?E(?:p(?:isode)?s?)?|x)[ ._#-]{0,2}(?P<e>\d{1,4})"
    rf"(?P<tail>(?:(?:{JOINT}|[ ._](?=S(?P=s)E\d|E\d)|)(?:S\d{{1,4}}[ ._-]?)?(?:E|EP)[ ._-]?\d{{1,4}})*"
    r"(?:[-+&~]\d{1,3}(?!\d|[pi]\b|[ ._-]?bit|-\d|[^\W_])|_\d\d(?![^\W_]|_\d))?)(?:v\d)?(?!\d)",
    re.IGNORECASE,
)
_GLUED = re.compile(r"(?<![^\W_])S(?!19|20)(?P<s>\d\d)(?P<e>\d\d)(?![^\W_])", re.IGNORECASE)


def season_and_episode(name: str) -> Iterator[Numbering]:
    """`S01E02`, `S01E01-E03`, `S02E08-10`, `S01E01E02`, `S01E01+02`, `S01E01.S01E02`,
    also glued to words (`TideS01E06`, `S03E05Le`), with a letter for
    the half of it (`S10E01b`), a version (`S01E06v2`), a letter O for the zero (`SO2E04`), or no E (`S0615`)."""
    for match in _SXXEXX.finditer(name):
        season, episode, tail = int(match["s"].upper().replace("O", "0")), int(match["e"]), match["tail"]
        other_seasons = {int(text) for text in re.findall(r"S(\d+)", tail, re.IGNORECASE)} - {season}
        episodes = with_tail(episode, re.sub(r"S\d+[ ._-]?(?=E)", "", tail, flags=re.IGNORECASE))
        # "S05E53 - Ep.129" gives the number through all seasons beside the one in its season.
        episodes = episodes if len(episodes) <= _MOST_IN_ONE_FILE else (episode,)
        start, end, absolute = absolute_beside(name, match.start(), match.end(), episodes)
        yield Numbering(
            rule="S00E00",
            start=start,
            end=end,
            seasons=(season, *sorted(other_seasons)),
            episodes=episodes,
            absolute_episodes=absolute,
        )
    for match in _GLUED.finditer(name):
        yield _of_one_season(match, "S00E00", int(match["s"]), with_tail(int(match["e"]), ""))


def _of_one_season(match: re.Match[str], rule: str, season: int, episodes: tuple[int, ...]) -> Numbering:
    return Numbering(rule=rule, start=match.start(), end=match.end(), seasons=(season,), episodes=episodes)


_NXM = re.compile(
    r"(?:(?<![^\W_])|(?<=[a-zà-ÿ]))(?P<s>\d{1,2}|20\d\d(?=x\d\d(?!\d|[ .-]\d\d(?!\d))))[xх×](?P<e>\d{2,3})"
    r"(?P<tail>(?:(?:[ ._]?[-&+~,]?[ ._]?\d{1,2})?[xх×]\d{2,3})*"
    r"(?:-[xх×]?\d{2,3}|[+&_]\d{2}(?![\dpi]))*)(?!\d|[ ._]?\d+[ ._]?bit)(?:v\d)?",
    re.IGNORECASE,
)


def season_x_episode(name: str) -> Iterator[Numbering]:
    """`1x02`, `[5x04]`, `3x13-3x14`, `06x01-08`, `1x02-03-04`, by the year `2016x03`;
    not `0x2a7` (a handle) nor a size such as `1920x1080`."""
    for match in _NXM.finditer(name):
        season, first = int(match["s"]), int(match["e"])
        if season == 0 and first > 99:
            continue
        tail = re.sub(r"(?<![xх×\d])\d{1,2}[xх×](?=\d)", "", match["tail"], flags=re.IGNORECASE)
        start, end, absolute = absolute_beside(name, match.start(), match.end(), episodes := with_tail(first, tail))
        yield Numbering(
            rule="1x02", start=start, end=end, seasons=(season,), episodes=episodes, absolute_episodes=absolute
        )


_WORDS = re.compile(
    rf"(?:(?<![^\W_]){SEASON}|{NTH_SEASON})(?P<more>[-,] ?\d{{1,2}}(?!\d))?(?P<between>[ ._,/|(\[:-]{{0,5}})"
    rf"{EPISODE}[ ._:#(-]{{0,3}}(?P<e>\d{{1,4}})(?P<tail>(?:{JOINT}(?:{EPISODE}[ ._-]?)?|{EPISODE})\d{{1,4}})?{NUMBER_END}",
    re.IGNORECASE,
)
_NUMBERS_BEFORE_WORDS = re.compile(
    r"(?<!\d)(?P<s>\d{1,2})(?:-?й)?[ ._-]{1,2}(?:season|sezon|сезон|évad)[ ._-]{1,2}0*(?P<e>\d{1,3})(?P<tail>)(?:-?я)?"
    r"[ ._-]{1,2}(?:episode|bölüm|bolum|seri(?:y?a|ja)|серия|rész)(?![^\W_])",
    re.IGNORECASE,
)
_RUSSIAN_IN_LATIN = re.compile(
    r"(?<!\w)(?P<s>\d{1,2})[ ._]sez[ ._]+(?P<e>\d{1,3})(?P<tail>-\d{1,3})?[ ._]ser", re.IGNORECASE
)
_SEASON_PART = re.compile(
    rf"(?<![^\W_]){SEASON}[ ._-]{{1,3}}part[ ._-]?(?P<e>\d{{1,3}})(?P<tail>)(?!\d)(?=\)|[ ._-]+[^\W\d])", re.IGNORECASE
)


_SEASON_COUNTED = re.compile(
    rf"(?<![^\W_]){SEASON}(?:of\d{{1,2}})?[ ._-]{{1,3}}(?P<e>\d{{1,3}})(?P<tail>)of\d{{1,3}}(?![^\W_])", re.IGNORECASE
)


def in_words(name: str) -> Iterator[Numbering]:
    """`Season 2 Episode 5`, `Saison 2 Épisode 3`, `Сезон: 5 / Серии: 1-5`, `Sn4 Ep14`, `3 сезон 2 серия`, `Series 2 Part 3`,
    `Series 2 3of6`."""
    for pattern in (_NUMBERS_BEFORE_WORDS, _WORDS, _RUSSIAN_IN_LATIN, _SEASON_PART, _SEASON_COUNTED):
        for match in pattern.finditer(name):
            groups = match.groupdict()
            yield Numbering(
                rule="season and episode in words",
                start=match.start(),
                end=match.end(),
                seasons=with_tail(season_number(match)[0], groups.get("more") or ""),
                episodes=with_tail(int(match["e"]), match["tail"] or ""),
            )


_SEASON_DASH = re.compile(
    rf"(?:(?<![^\W_]){SEASON}|{NTH_SEASON})(?:[ ._]+{DASH}[ ._]+|[ ._]*\(|[ ._]|{DASH})(?P<e>\d{{1,3}})"
    rf"(?P<tail>(?:{JOINT}|[ ._]*~[ ._]*)\d{{1,3}})?{NUMBER_END}(?=[ ._]*(?:END|FINAL|$|[\[(\])]|{DASH}))",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    rf"(?:(?<![^\W_]){SEASON}|{NTH_SEASON})[ ._,:-]{{1,3}}(?:(?:part|pt)\.?|(?P<cour>cour))[ ._]?(?P<part>\d{{1,2}}|{SPELLED})"
    rf"(?:[ ._]*\))?(?:(?:[ ._]+{DASH}[ ._]+|[ ._-]{{1,3}}(?={EPISODE}[ ._]?\d))(?:{EPISODE}[ ._]?)?(?P<e>\d{{1,3}})"
    rf"(?P<tail>{JOINT}\d{{1,3}})?{NUMBER_END}|(?(cour)(?![^\W_])|(?=[ ._]*(?:$|[\[(]))))",
    re.IGNORECASE,
)


def split_season(name: str) -> Iterator[Numbering]:
    """`Show Season 3 Part 2 - 01`, `Show S3 Cour 2 [1080p]`: the episodes are counted within the part. `Series 2 Part 3 - Name`
    is an episode."""
    for match in _SPLIT.finditer(name):
        if not (match["e"] or match["cour"] or is_fansub(name)):
            continue
        yield Numbering(
            rule="a part of a season",
            start=match.start(),
            end=match.end(),
            seasons=season_number(match),
            episodes=with_tail(int(match["e"]), match["tail"] or "") if match["e"] else (),
            cour=spelled_number(match["part"]),
        )


_SEVERAL = re.compile(rf"(?:[^\W\d_]{{2,}}.*|s0)\d{DASH}\d+", re.IGNORECASE)
_SHORT_PAIR = re.compile(
    r"(?<![^\W_])(?:S(?P<s>\d\d)[ ._](?P<e>\d\d)(?![^\W_]|[ ._-]?bit|\.\d{1,2}(?!\d))"
    r"|ep(?:isode)?[ ._#]{0,2}(?P<s2>\d{1,2})[.x](?P<e2>\d{1,2})(?![^\W_]))",
    re.IGNORECASE,
)


def season_then_number(name: str) -> Iterator[Numbering]:
    """`Show S2 - 05`, `Show 2nd Season - 05 [1080p]`, `Show (S4-24)`, `Show S01 (01 - 12)`, `Show S02.09`, `Episode 1.22`:
    guessit makes seasons 2 to 5 of the first. `Seasons 1-3` and `S01-07` are several seasons."""
    for match in _SEASON_DASH.finditer(name):
        if not _SEVERAL.fullmatch(match.group()):
            episodes = with_tail(int(match["e"]), match["tail"] or "")
            yield _of_one_season(match, "season, then a number", season_number(match)[0], episodes)
    for match in _SHORT_PAIR.finditer(name):
        episode = int(match["e"] or match["e2"])
        yield _of_one_season(match, "season, then a number", season_number(match)[0], (episode,))


_EPISODE_WORD = re.compile(
    rf"(?<![^\W_])(?!e[ ._-]*\(){EPISODE}[ ._:#(-]{{0,2}}(?P<e>\d{{1,4}})"
    rf"(?P<tail>(?:(?:{JOINT}(?:{EPISODE}[ ._-]?)?|[ ._]?{EPISODE})\d{{1,4}})*){NUMBER_END}",
    re.IGNORECASE,
)
_NUMBER_OF = re.compile(
    r"(?<!\w)(?:(?<!\d\.)|(?<=\D(?:19|20)\d\d\.))(?<!season.)(?<!series.)(?<!temporada.)(?<!stagione.)(?<!saison.)"
    r"(?:(?:part|pt|chapter|del|teil|partie|parte|deel|часть)[ ._]{1,2})?"
    r"(?P<e>\d{1,3})[ ._]?(?:of|iz|из|von|de|av|sur|di|van)[ ._]?\d{1,3}(?P<tail>)(?!\w)",
    re.IGNORECASE,
)
_ALL_OF = re.compile(r"(?<=\[)(?P<e>\d{1,3})[ ._]?(?:of|iz|из)[ ._]?(?P=e)(?=\])", re.IGNORECASE)
_TV_SEASON = re.compile(r"[\[(](?:TV|ТВ)[ -]?(?P<s>\d{1,2})[\])]", re.IGNORECASE)


_SO_MANY = re.compile(r"(?<!\w)(?:серии|эпизоды)[ ._:(-]{1,3}(?P<e>\d{1,3})[ ._]из[ ._]\d{1,3}(?!\w)", re.IGNORECASE)


def all_of_them(name: str) -> Iterator[Numbering]:
    """`Show (ТВ-2) [12 из 12]`: so many of as many are all of them, of the season that the television's number says. `Сезон: 5 /
    Серии: 5 из 20`: the plural says how many there are so far."""
    for match in _ALL_OF.finditer(name):
        season = _TV_SEASON.search(name, 0, match.start())
        yield Numbering(
            rule="episode in words",
            start=match.start(),
            end=match.end(),
            seasons=(int(season["s"]),) if season else (),
            episodes=with_tail(1, f"-{match['e']}"),
        )
    for match in _SO_MANY.finditer(name):
        season = season_before(name, match.start())
        yield Numbering(
            rule="season and episode in words" if season else "episode in words",
            start=season.start() if season else match.start(),
            end=match.end(),
            seasons=season_number(season) if season else (),
            episodes=with_tail(1, f"-{match['e']}"),
        )


_NUMBER_EPISODE_WORD = re.compile(
    r"(?<![^\W_])(?P<e>\d{1,3})(?P<tail>-\d{1,3})?[ ._-]"
    r"(?:seri(?:y?a|ja|i)|serya|ser|серия|серии|серий|bölüm|bolum|epizod|odcinek|rész)(?![^\W_])",
    re.IGNORECASE,
)

_EAST_ASIAN_EPISODE = re.compile(r"第[ ._]?(?P<e>\d{1,4})(?P<tail>[-~]\d{1,4})?[ ._]?[話话集回]")


def episode_in_words(name: str) -> Iterator[Numbering]:
    """`Episode 18`, `Ep.24`, `E10 - E17`, `E01E02E03`, `Серия 3`, `3 of 12`, `Cap.412`, `第3話`: a number
    with its word, whatever other numbers
    the title has."""
    for pattern in (_EPISODE_WORD, _NUMBER_OF, _NUMBER_EPISODE_WORD, _EAST_ASIAN_EPISODE):
        for match in pattern.finditer(name):
            season = season_before(name, match.start())
            number = int(match["e"])
            if re.match(r"e[ ._-]*(?:19|20)\d\d(?!\d)", match.group(), re.IGNORECASE):
                continue  # a title's last letter before its year (`Wall-E 2008`)
            seasons, episodes = season_number(season) if season else (), with_tail(number, match["tail"] or "")
            if match.group().lower().startswith("cap") and number >= 100 and not match["tail"]:
                seasons, episodes = (number // 100,), (number % 100,)  # Spanish releases write Cap.412 for 4x12
            start = season.start() if season else match.start()
            yield Numbering(rule="episode in words", start=start, end=match.end(), seasons=seasons, episodes=episodes)


_SEASONS = re.compile(
    r"(?:(?<![^\W_])(?:(?:the[ ._]+)?(?:complete|all)[ ._]+)?"
    r"(?:(?:seasons?|series(?![ ._]+S\d)|saisons?|staffeln?|temporadas?|stagion[ei]|sezon|sezonul|säsong|sesong|sæson"
    r"|seizoen|évad|kausi|сезоны?)[ ._:#(-]{0,3}"
    r"|(?<![\w]-)sn?(?=\d))|(?-i:(?<=[a-z])S)(?=\d\d(?!\d)))(?:S(?=[\dO]))?0*(?P<a>O?\d{1,2})"
    rf"(?P<tail>(?:[ ._]?(?:{DASH}{{1,2}}|:|,|&|\+|/|, &|\bto\b|\bà\b|\bthru\b|\band\b|\ba\b|(?=[ ._]S\d))[ ._]{{0,2}}"
    r"(?:season[ ._]?|S)?0*\d{1,2}(?![^\W_]|[.]\d(?!\d)))*)(?P<list>(?: \d{1,2}(?=[ )\]]|$))*)(?![^\W_]|[.]\d(?!\d))",
    re.IGNORECASE,
)
_FROM_TO = re.compile(
    r"(?<![^\W_])(?P<a>\d{1,2})(?:[ªº.]|ème|th)?(?:[ ](?:a|à|al|to|bis|do)[ ]|[ ]?[-–][ ]?)(?P<b>\d{1,2})(?:[ªº.]|ème|th)?[ ._]"
    r"(?:temporadas?|stagion[ei]|saisons?|staffeln?|seasons?|sezon)(?![^\W_]|[ ._]?\d{1,2}(?!\d))",
    re.IGNORECASE,
)
_NTH_ALONE = re.compile(f"{NTH_SEASON}|{EAST_ASIAN_SEASON}", re.IGNORECASE)
_BEFORE_YEAR = re.compile(r"[ ._]+(?:19|20)\d\d(?!\d)")
_IN_WORDS = re.compile(r"(?:season|series)\b", re.IGNORECASE)


def seasons_only(name: str) -> Iterator[Numbering]:
    """`S02`, `Seasons 1-7`, `S01 - S13`, `S01 / S02 / S03`, `Season 1 2 3`, `Stagioni 01-03`, `3rd Season`, `第二季`: packs.
    `1ª a 8ª Temporada`, `1.-3. Staffel`. Not the film `Hunting Season 2 2008`: a series' year stands before its season."""
    for match in _FROM_TO.finditer(name):
        if match.start() > 0 and int(match["a"]) < int(match["b"]):
            seasons = with_tail(int(match["a"]), f"-{match['b']}")
            yield Numbering(rule="season", start=match.start(), end=match.end(), seasons=seasons)
    for match in _SEASONS.finditer(name):
        tail = re.sub(r"(?i)season[ ._]?|S(?=\d)", "", match["tail"]).replace(":", "-").replace("--", "-")
        seasons = with_tail(int(match["a"].upper().replace("O", "0")), tail)
        if _IN_WORDS.match(match.group()) and len(seasons) == 1 and _BEFORE_YEAR.match(name, match.end()):
            yield Numbering(rule=TITLE, start=len(name), end=len(name))
        for number in map(int, match["list"].split()):
            seasons = (*seasons, number) if number == seasons[-1] + 1 else seasons
        if len(seasons) <= _MOST_IN_ONE_FILE and match.start() > 0:
            yield Numbering(rule="season", start=match.start(), end=match.end(), seasons=seasons)
    for match in _NTH_ALONE.finditer(name):
        yield _of_one_season(match, "season", season_number(match)[0], ())


_PART_OF_TITLE = re.compile(
    r"(?<![^\W_])episode[ ._](?:\d|[ivx]+)(?![^\W_])[ ._-]+[^\W\d].*?[ ._\[(](?:19|20)\d\d(?!\d)"
    r"|^\d{1,2}-\d{1,2}-\d{1,2}[ ._]+[\[(]?(?:19|20)\d\d(?![^\W_])"
    r"|^\W*[^\W\d_]{2,6}(?:[ ._]fight[ ._]night)?[ ._]\d{2,3}[ ._](?:ppv\b|.*\bvs\b)",
    re.IGNORECASE,
)


def of_the_title(name: str) -> Iterator[Numbering]:
    """Numbers that look like an episode's and belong to a film: `Moon Wars Episode 1 The Return 1999` (an episode's year
    stands before its number), `UFC 12 PPV Smith vs Doe` (fights are counted), `11-12-13 2013`."""
    if _PART_OF_TITLE.search(name):
        yield Numbering(rule=TITLE, start=len(name), end=len(name))
