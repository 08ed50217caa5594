"""The numbers of episodes in a name, read by rules of which each mends a class of names."""

import re
from collections.abc import Callable, Iterator
from datetime import date

from msgspec import Struct

LONGEST_RANGE = 2000
"""A longer run of episodes is a misreading (`1-9999`)."""

_SEASON = (
    r"(?:(?:seasons?|series|saisons?|staffeln?|temporadas?|temp|stagion[ei]|sezon|sezonul|säsong|sesong|sæson|seizoen|évad|kausi|сезон)[ ._:#(-]{0,3}|sn?(?=\d))"
    r"0*(?P<s>\d{1,2})(?!\d)"
)
_NTH_SEASON = (
    r"(?<!\d)(?P<s2>\d{1,2})(?:(?P<nth>[ ]?(?:st|nd|rd|th)|[ªº.]|Âº|e|ème|-?(?:й|я))[ ._-]{0,2}|[ ._-]{0,2})"
    r"(?:season|saison|staffel|temporada|stagione|sezon|sez|сезон)(?![^\W_])(?(nth)|(?![ ._]?\d{1,2}(?!\d)))"
)
_EPISODE = (
    r"(?:episodes?|episodios?|épisodes?|episodi|eps?|folgen?|cap[íi]tulos?|cap|puntat[ae]|odcinek|odc|avsnitt|afsnit|aflevering|jakso|rész|"
    r"сери[ияй]|эпизод|seriya|serya|серія|серії|ser|e)"
)
_DASH = r"[-–—~〜]"
_JOINT = rf"[ ._]{{0,2}}(?:{_DASH}|&|\+|,|\band\b|\bund\b|\bà\b|\bal?\b|\bao\b|\bto\b|\bdo\b|\bbis\b)[ ._]{{0,2}}"
_JOIN = rf"(?:{_JOINT}|)"
_NUMBER_END = r"(?:v\d)?(?![^\W_]|[.,]\d{1,2}(?!\d)|-?bit)"


class Numbering(Struct, frozen=True, kw_only=True):
    rule: str
    start: int
    end: int
    seasons: tuple[int, ...] = ()
    episodes: tuple[int, ...] = ()
    absolute_episodes: tuple[int, ...] = ()
    air_date: date | None = None


def read_numbering(name: str) -> Numbering | None:
    """The first rule that fits, in the order of how sure they are. `name` has no suffix, ids or site prefix."""
    for rule in _RULES:
        for found in rule(name):
            return found
    return None


def run(first: int, last: int) -> tuple[int, ...]:
    """All numbers from first to last; the two alone where that is no plausible run."""
    if first <= last <= first + LONGEST_RANGE:
        return tuple(range(first, last + 1))
    return (first, last) if first != last else (first,)


_SXXEXX = re.compile(
    r"(?:(?<![^\W_])|(?<=[a-z])(?=S\d)|(?<=\d\)))S(?P<s>\d{1,4}|O\d)[ ._-]{0,3}(?:-[ ._])?\[?(?:x?E(?:p(?:isode)?s?)?|x)[ ._#-]{0,2}(?P<e>\d{1,4})"
    rf"(?P<tail>(?:{_JOIN}(?:S\d{{1,4}}[ ._-]?)?(?:E|EP)[ ._-]?\d{{1,4}})*(?:-\d{{1,3}}(?!\d|[pi]\b|[ ._-]?bit|-\d|[^\W_]))?)(?:v\d)?(?!\d)",
    re.IGNORECASE,
)


def _season_and_episode(name: str) -> Iterator[Numbering]:
    """`S01E02`, `S01E01-E03`, `S02E08-10`, `S01E01E02`, also glued to words (`DieS01E06`, `S03E02Le`), with a letter for
    the half of it (`S10E01b`), a version (`S01E06v2`) or a letter O for the zero (`SO2E04`)."""
    for match in _SXXEXX.finditer(name):
        season = int(match["s"].upper().replace("O", "0"))
        tail = match["tail"]
        other_seasons = {int(text) for text in re.findall(r"S(\d+)", tail, re.IGNORECASE)} - {season}
        yield Numbering(
            rule="S00E00",
            start=match.start(),
            end=match.end(),
            seasons=(season, *sorted(other_seasons)),
            episodes=_in_one_file(
                _with_tail(int(match["e"]), re.sub(r"S\d+[ ._-]?(?=E)", "", tail, flags=re.IGNORECASE)), int(match["e"])
            ),
        )

    for match in _GLUED.finditer(name):
        yield Numbering(
            rule="S00E00", start=match.start(), end=match.end(), seasons=(int(match[1]),), episodes=(int(match[2]),)
        )


_GLUED = re.compile(r"(?<![^\W_])S(?!19|20)(\d\d)(\d\d)(?![^\W_])", re.IGNORECASE)


def _in_one_file(episodes: tuple[int, ...], first: int) -> tuple[int, ...]:
    """`S05E53 - Ep.129` gives the number through all seasons beside the one in its season."""
    return episodes if len(episodes) <= 60 else (first,)


def _with_tail(first: int, tail: str) -> tuple[int, ...]:
    episodes = [first]
    for match in re.finditer(r"(?P<joint>\D*)(?P<number>\d+)", tail):
        number = int(match["number"])
        joint = match["joint"].lower()
        is_range = re.search(rf"{_DASH}|\b(?:à|al?|ao|to|do|bis)\b", joint) is not None
        episodes.extend(run(episodes[-1], number)[1:] if is_range and number > episodes[-1] else (number,))
    return tuple(sorted(set(episodes)))


_NXM = re.compile(
    r"(?:(?<![^\W_])|(?<=[a-zà-ÿ]))(?P<s>\d{1,2})[xх×](?P<e>\d{2,3})(?P<tail>(?:(?:[ ._]?[-&+~,]?[ ._]?\d{1,2})?[xх×]\d{2,3})*(?:-\d{2,3})?)"
    r"(?!\d|[ ._]?\d+[ ._]?bit)(?:v\d)?",
    re.IGNORECASE,
)


def _season_x_episode(name: str) -> Iterator[Numbering]:
    """`1x02`, `[5x04]`, `3x13-3x14`, `06x01-08`; not `0x539` (a handle) nor a size such as `1920x1080`."""
    for match in _NXM.finditer(name):
        season, first = int(match["s"]), int(match["e"])
        if season == 0 and first > 99:
            continue
        tail = re.sub(r"(?<![xх×\d])\d{1,2}[xх×](?=\d)", "", match["tail"], flags=re.IGNORECASE)
        yield Numbering(
            rule="1x02", start=match.start(), end=match.end(), seasons=(season,), episodes=_with_tail(first, tail)
        )


_ISO_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)([ ._-])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT_DATE = re.compile(r"(?<![\w-])((?:19|20)\d\d)()([01]\d)([0-3]\d)(?![\w-])")
_LOCAL_DATE = re.compile(r"(?<![^\W_])(\d{1,2})([ ._-])(\d{1,2})\2((?:19|20)\d\d)(?!\d)")


def _dated(name: str) -> Iterator[Numbering]:
    """`2016-09-28`, `2016 09 28`, `20160928`, `28.09.2016`: episodes that are known by the day they were shown."""
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


_WORDS = re.compile(
    rf"(?:(?<![^\W_]){_SEASON}|{_NTH_SEASON})(?P<more>[-,] ?\d{{1,2}}(?!\d))?(?P<between>[ ._,/|(\[:-]{{0,5}}){_EPISODE}[ ._:#(-]{{0,3}}(?P<e>\d{{1,4}})"
    rf"(?P<tail>(?:{_JOINT}(?:{_EPISODE}[ ._-]?)?|{_EPISODE})\d{{1,4}})?{_NUMBER_END}",
    re.IGNORECASE,
)
_NUMBER_BEFORE_WORDS = re.compile(
    r"(?<!\d)(?P<s>\d{1,2})(?:-?й)?[ ._-]{1,2}(?:season|sezon|сезон|évad)[ ._-]{1,2}0*(?P<e>\d{1,3})(?P<tail>)(?:-?я)?[ ._-]{1,2}"
    r"(?:episode|bölüm|bolum|seri(?:y?a|ja)|серия|rész)(?![^\W_])",
    re.IGNORECASE,
)
_RUSSIAN_LATIN = re.compile(
    r"(?<!\w)(?P<s>\d{1,2})[ ._]sez[ ._]+(?P<e>\d{1,3})(?P<tail>-\d{1,3})?[ ._]ser", re.IGNORECASE
)
_SEASON_PART = re.compile(
    rf"(?<![^\W_]){_SEASON}[ ._-]{{1,3}}part[ ._-]?(?P<e>\d{{1,3}})(?P<tail>)(?!\d)(?=\)|[ ._-]+[^\W\d])", re.IGNORECASE
)


def _words(name: str) -> Iterator[Numbering]:
    """`Season 2 Episode 5`, `Saison 2 Épisode 3`, `Сезон: 5 / Серии: 1-5`, `Sn4 Ep14`, `3 сезон 2 серия`."""
    for pattern in (_NUMBER_BEFORE_WORDS, _WORDS, _RUSSIAN_LATIN, _SEASON_PART):
        for match in pattern.finditer(name):
            groups = match.groupdict()
            season = int(groups["s"] or groups["s2"])
            yield Numbering(
                rule="season and episode in words",
                start=match.start(),
                end=match.end(),
                seasons=_with_tail(season, groups.get("more") or ""),
                episodes=_with_tail(int(match["e"]), match["tail"] or ""),
            )


_SEASON_DASH = re.compile(
    rf"(?:(?<![^\W_]){_SEASON}|{_NTH_SEASON})(?:[ ._]+{_DASH}[ ._]+|[ ._]*\(|[ ._]|{_DASH})(?P<e>\d{{1,3}})"
    rf"(?P<tail>(?:{_JOINT}|[ ._]*~[ ._]*)\d{{1,3}})?{_NUMBER_END}(?=[ ._]*(?:END|FINAL|$|[\[(\])]|{_DASH}))",
    re.IGNORECASE,
)


def _season_then_number(name: str) -> Iterator[Numbering]:
    """`Show S2 - 05`, `Show 2nd Season - 05 [1080p]`, `Show S4-24)`, `Show S01 (01 - 12)`: guessit makes seasons 2 to 5 of it."""
    for match in _SEASON_DASH.finditer(name):
        if re.fullmatch(rf"(?i)(?:[^\W\d_]{{2,}}.*|s0)\d{_DASH}\d+", match.group()):
            continue  # "Seasons 1-3", "S01-07" are several seasons
        season = int(match["s"] or match["s2"])
        episodes = _with_tail(int(match["e"]), match["tail"] or "")
        yield Numbering(
            rule="season, then a number", start=match.start(), end=match.end(), seasons=(season,), episodes=episodes
        )
    for match in _SHORT_PAIR.finditer(name):
        yield Numbering(
            rule="season, then a number",
            start=match.start(),
            end=match.end(),
            seasons=(int(match["s"] or match["s2"]),),
            episodes=(int(match["e"] or match["e2"]),),
        )


_SHORT_PAIR = re.compile(
    r"(?<![^\W_])(?:S(?P<s>\d\d)[ ._](?P<e>\d\d)(?![^\W_]|[ ._-]?bit|\.\d{1,2}(?!\d))"
    r"|ep(?:isode)?[ ._#]{0,2}(?P<s2>\d{1,2})[.x](?P<e2>\d{1,2})(?![^\W_]))",
    re.IGNORECASE,
)


_EPISODE_WORD = re.compile(
    rf"(?<![^\W_]){_EPISODE}[ ._:#(-]{{0,2}}(?P<e>\d{{1,4}})(?P<tail>(?:{_JOINT}(?:{_EPISODE}[ ._-]?)?|{_EPISODE})\d{{1,4}})?{_NUMBER_END}",
    re.IGNORECASE,
)
_NUMBER_OF = re.compile(
    r"(?<![\w.])(?P<e>\d{1,3})[ ._]?(?:of|iz|из|von|de)[ ._]?\d{1,3}(?P<tail>)(?!\w)", re.IGNORECASE
)
_NUMBER_EPISODE_WORD = re.compile(
    r"(?<![^\W_])(?P<e>\d{1,3})(?P<tail>-\d{1,3})?[ ._-](?:seri(?:y?a|ja|i)|serya|ser|серия|серии|серий|bölüm|bolum|epizod|odcinek|rész)(?![^\W_])",
    re.IGNORECASE,
)


def _episode_word(name: str) -> Iterator[Numbering]:
    """`Episode 18`, `Ep.24`, `E10 - E17`, `Серия 3`, `3 of 12`: a number with its word, whatever other numbers the title has."""
    for pattern in (_EPISODE_WORD, _NUMBER_OF, _NUMBER_EPISODE_WORD):
        for match in pattern.finditer(name):
            season = _season_before(name, match.start())
            number = int(match["e"])
            seasons, episodes = _season_number(season) if season else (), _with_tail(number, match["tail"] or "")
            if match.group().lower().startswith("cap") and 100 <= number and not match["tail"]:
                seasons, episodes = (number // 100,), (number % 100,)  # Spanish releases write Cap.1905 for 19x05
            yield Numbering(
                rule="episode in words",
                start=season.start() if season else match.start(),
                end=match.end(),
                seasons=seasons,
                episodes=episodes,
            )


_SEASON_ALONE = re.compile(rf"[\[(]?(?:(?<![^\W_]){_SEASON}|{_NTH_SEASON})(?![^\W_])", re.IGNORECASE)


def _season_before(name: str, end: int) -> re.Match[str] | None:
    return _SEASON_ALONE.search(name, 0, end)


def _season_number(match: re.Match[str]) -> tuple[int, ...]:
    return (int(match["s"] or match["s2"]),)


_CHECKSUM = r"[\[(][0-9A-F]{8}[\])]"
_FANSUB = re.compile(rf"\s*\[[^\]]+\]|.*{_CHECKSUM}", re.IGNORECASE)


def _count(joint: str) -> str:
    return (
        rf"(?P<e>\d{{1,4}})(?P<tail>(?:v\d)?{joint}\d{{1,4}})?(?:v\d)?[a-cA-C]?(?:[ ._]*\((?P<other>\d{{1,4}})\))?"
        r"(?:[ ._]*(?:END|FINAL))?"
    )


_COUNTED = re.compile(
    rf"[ ._]{_DASH}[ ._]*#?\(?"
    + _count(rf"[ ._]?{_DASH}[ ._]?")
    + rf"(?=\)?[ ._]*(?:$|[\[(]|-[^\W\d])|[ ._]+{_DASH}[ ._]|\.DVD|\.BD)"
)
_LOOSE = re.compile(
    r"(?:(?<=[\])])[ ._]*|(?<!\d)[ ._]#?)(?<!no\.)(?<!vol\.)(?<!part[ ._])(?<!movie[ ._])(?<!season[ ._])(?<!series[ ._])"
    + _count(_DASH)
    + r"(?=[ ._]*(?:$|[\[(]))",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    rf"\[#?(?P<e>\d{{1,4}})(?P<tail>(?:v\d)?{_DASH}\d{{1,4}})?(?:v\d)?[ (]*(?:END|FINAL|完)?[ )]*(?P<other>)\]",
    re.IGNORECASE,
)


def is_fansub(name: str) -> bool:
    """A release group in front in brackets, or a CRC-32 behind: whoever names so counts episodes through all seasons."""
    return _FANSUB.match(name) is not None


def _counted_through(name: str) -> Iterator[Numbering]:
    """`[Group] Show - 035 (480p) [CRC]`, `Show_-_07v2_[720p]`, `[Group][Show][07]`: absolute numbers. guessit takes 035 for a
    season 0 and numbers of the title (`Mob Psycho 100 - 09`) for episodes."""
    if not is_fansub(name):
        return
    dashed = [match for match in _COUNTED.finditer(name) if name[: match.start()].strip(" ._-[]")]
    bracketed = [match for match in _BRACKETED.finditer(name) if match.start() > 0 and not _is_year_or_size(match["e"])]
    loose = [
        match
        for match in _LOOSE.finditer(name)
        if not _is_year_or_size(match["e"]) and _title_before(name, match.start())
    ]
    for match in (*dashed[:1], *bracketed[:1], *loose[-1:]):
        numbers = _with_tail(int(match["e"]), re.sub(r"v\d", "", match["tail"] or ""))
        if season := _season_before(name, match.start()):
            yield Numbering(
                rule="season, then a number",
                start=season.start(),
                end=match.end(),
                seasons=_season_number(season),
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


_DASHED_NUMBER = re.compile(
    rf"[ ._]{_DASH}[ ._](?P<e>\d{{1,3}})(?P<tail>(?:[ ._]?[-~,][ ._]?)\d{{1,3}})?[a-c]?(?:v\d)?(?=$|[ ._]{_DASH}[ ._]|[ ._]*[\[(](?!(?:19|20)\d\d[\])]))"
)


def _number_between_dashes(name: str) -> Iterator[Numbering]:
    """`Show - 23`, `Show - 107a - Name`, `Show - 103, 104 - Name`: one number that stands by itself between dashes."""
    matches = [match for match in _DASHED_NUMBER.finditer(name) if not re.fullmatch(r"[\W\d]*", name[: match.start()])]
    for match in matches[:1]:
        episodes = _with_tail(int(match["e"]), match["tail"] or "")
        season = _season_before(name, match.start())
        start, seasons = (season.start(), _season_number(season)) if season else (match.start(), ())
        yield Numbering(
            rule="a number between dashes", start=start, end=match.end(), seasons=seasons, episodes=episodes
        )


_PAIR = re.compile(
    r"(?:^\[?|(?<=[ ._\[-]))(?P<s>\d{1,2})(?P<dot>[-_.])(?P<e>\d{2,3})(?:[ ._-]?F)?(?=$|\]|[ ._]-[ ._]|[. ]{1,2}(?=[^\W\d]|-[ ]))"
)


def _pair(name: str) -> Iterator[Numbering]:
    """`Show 03-20`, `show_03_19`, `Show - 6.01 - Name`, `2-06. Name`, `[5.134] Name`: season and episode without letters."""
    if (is_fansub(name) and not name.startswith("[")) or re.search(r"(?<!\d)(?:19|20)\d\d[ )\].](?=.*\d{3,4}p)", name):
        return
    for match in _PAIR.finditer(name):
        season, episode = int(match["s"]), int(match["e"])
        at_edge = match.start() == 0 or match.end() >= len(name.rstrip("]")) or match["dot"] == "."
        leading_zero = (
            match.group().startswith("[")
            or name[match.start() - 1 : match.start()] == "["
            or match["s"].startswith("0")
            or match["e"].startswith("0")
            or match["dot"] != "."
        )
        if 0 < season <= 40 and episode > 0 and at_edge and leading_zero:
            yield Numbering(
                rule="season and episode by digits",
                start=match.start(),
                end=match.end(),
                seasons=(season,),
                episodes=(episode,),
            )


_SEASON_WORD = (
    r"(?:(?:the[ ._]+)?(?:complete|all)[ ._]+)?"
    r"(?:(?:seasons?|series|saisons?|staffeln?|temporadas?|stagion[ei]|sezon|sezonul|säsong|sesong|sæson|seizoen|évad|kausi|сезоны?)"
    r"[ ._:#(-]{0,3}|(?<![\w]-)sn?(?=\d))"
)
_SEASONS = re.compile(
    rf"(?:(?<![^\W_]){_SEASON_WORD}|(?<=[a-z])(?=S\d\d(?!\d))S)(?:S(?=[\dO]))?0*(?P<a>O?\d{{1,2}})"
    rf"(?P<tail>(?:[ ._]?(?:{_DASH}{{1,2}}|:|,|&|\+|/|, &|\bto\b|\bà\b|\bthru\b|\band\b|\ba\b|(?=[ ._]S\d))[ ._]{{0,2}}(?:season[ ._]?|S)?0*\d{{1,2}}"
    r"(?![^\W_]|[.]\d(?!\d)))*)(?![^\W_]|[.]\d(?!\d))",
    re.IGNORECASE,
)
_BEFORE_YEAR = re.compile(r"[ ._]+(?:19|20)\d\d(?!\d)")


def _seasons_only(name: str) -> Iterator[Numbering]:
    """`S02`, `Seasons 1-7`, `S01 - S13`, `S01 / S02 / S03`, `Season 1, 2, 3 & 4`, `Stagioni 01-03`, `3rd Season`: packs.
    Not `Open Season 2 2008`: a series' year stands before its season."""
    for match in _SEASONS.finditer(name):
        tail = re.sub(r"(?i)season[ ._]?|S(?=\d)", "", match["tail"]).replace(":", "-").replace("--", "-")
        seasons = _with_tail(int(match["a"].upper().replace("O", "0")), tail)
        in_words = re.match(r"(?i)(?:season|series)\b", match.group()) is not None
        if in_words and len(seasons) == 1 and _BEFORE_YEAR.match(name, match.end()):
            yield Numbering(rule=TITLE, start=len(name), end=len(name))
        listed = re.match(r"(?: \d{1,2}(?=[ )\]]|$))*", name[match.end() :])
        for number in map(int, listed.group().split() if listed else ()):
            seasons = (*seasons, number) if number == seasons[-1] + 1 else seasons
        if len(seasons) <= 60 and match.start() > 0:
            yield Numbering(rule="season", start=match.start(), end=match.end(), seasons=seasons)
    for match in _NTH_SEASON_ALONE.finditer(name):
        yield Numbering(rule="season", start=match.start(), end=match.end(), seasons=(int(match["s2"]),))


_NTH_SEASON_ALONE = re.compile(_NTH_SEASON, re.IGNORECASE)
_PART_OF_TITLE = re.compile(
    r"(?<![^\W_])episode[ ._](?:\d|[ivx]+)(?![^\W_])[ ._-]+[^\W\d].*?[ ._\[(](?:19|20)\d\d(?!\d)"
    r"|^\W*(?P<event>[^\W\d_]{2,6}(?:[ ._]fight[ ._]night)?)[ ._]\d{2,3}[ ._](?:ppv\b|.*\bvs\b)",
    re.IGNORECASE,
)


def _of_the_title(name: str) -> Iterator[Numbering]:
    """Numbers that look like an episode's and belong to a film: `Star Wars Episode 1 The Phantom Menace 1999` (an episode's year
    stands before its number), `UFC 239 PPV Jones vs Santos` (fights are counted)."""
    if _PART_OF_TITLE.search(name):
        yield Numbering(rule=TITLE, start=len(name), end=len(name))


TITLE = "part of the title"
"""A rule that finds no numbers, but says that there are none."""


_RULES: tuple[Callable[[str], Iterator[Numbering]], ...] = (
    _season_and_episode,
    _season_x_episode,
    _of_the_title,
    _words,
    _season_then_number,
    _dated,
    _episode_word,
    _counted_through,
    _number_between_dashes,
    _pair,
    _seasons_only,
)
