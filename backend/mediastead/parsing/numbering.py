"""What the numbers in a name mean: the shape that the rules give, and the words that stand beside numbers."""

import re
from datetime import date

from msgspec import Struct

LONGEST_RANGE = 2000
"""A longer run of episodes is a misreading (`1-9999`)."""

TITLE = "part of the title"
"""The rule of a numbering that holds no numbers, but says that those in the name are none."""

HALF = "half an episode"
"""The rule of `Show - 07.5`, a recap or an extra between two episodes, for which no series has a number."""


class Numbering(Struct, frozen=True, kw_only=True):
    rule: str
    start: int
    """Where in the name the numbers with their words begin and end."""
    end: int
    seasons: tuple[int, ...] = ()
    episodes: tuple[int, ...] = ()
    absolute_episodes: tuple[int, ...] = ()
    air_date: date | None = None
    cour: int | None = None
    """The part of a split season in which `episodes` are counted (`Season 3 Part 2 - 01`)."""


SEASON = (
    r"(?:(?:seasons?|series|saisons?|staffeln?|temporadas?|temp|stagion[ei]|sezon|sezonul|sez[oó]na|säsong|sesong|sæson"
    r"|seizoen|évad|kausi|řada|κύκλος|الموسم|сезон|시즌|シーズン)[ ._:#(-]{0,3}|sn?(?=\d))0*(?P<s>\d{1,2})(?!\d)"
)
"""`Season 2`, `Staffel 2`, `S02`; the bare letter only with its number right behind."""
NTH_SEASON = (
    r"(?:(?<=[\w!?)-][ ._-])(?<!^the[ ._])(?:the[ ._])?(?:complete[ ._])?(?P<word>first|second|third|fourth|fifth|sixth)[ ._-]"
    r"|(?<!\d)(?P<s2>\d{1,2})(?:(?P<nth>[ ]?(?:st|nd|rd|th)|[ªº.]|Âº|e|ème|-?(?:й|я|го)"
    r"|a(?=[ ._-]{0,2}(?:stagione|temporada)))[ ._-]{0,2}|[ ._-]{0,2}))"
    r"(?:season|saison|staffel|temporada|stagione|sezon|sez|сезон)(?![^\W_])(?(nth)|(?![ ._]?\d{1,2}(?!\d)))"
)
"""`2nd Season`, `Second Season`, `2. Staffel`, `2 сезон`; not the title of `24 Season 1`."""
EPISODE = (
    r"(?:episodes?|epis[oó]dios?|épisodes?|ép|episodul|episodi|bölüm|díl|επεισόδιο|الحلقة|エピソード|eps?|folgen?|cap[íi]tulos?|cap|puntat[ae]|odcinek|odc|avsnitt|afsnit"
    r"|aflevering|jakso|rész|сери[ияй]|эпизод|epizoda|seriya|serya|серія|серії|ser|e)"
)
DASH = r"[-–—~〜]"
JOINT = rf"[ ._]{{0,2}}(?:{DASH}|&|\+|,|\band\b|\bund\b|\bà\b|\bal?\b|\bao\b|\bto\b|\bdo\b|\bbis\b)[ ._]{{0,2}}"
"""What joins two numbers to a run or a list."""
NUMBER_END = r"(?:v\d)?(?![^\W_]|[.,]\d{1,2}(?!\d)|-?bit)"

EAST_ASIAN_NUMBER = r"(?:\d{1,4}|[一二三四五六七八九十]{1,3})"
EAST_ASIAN_SEASON = rf"第[ ._]?(?P<s3>{EAST_ASIAN_NUMBER})[ ._]?[季期]"
"""`第2季`, `第二季`, in Chinese and Japanese names; nothing stands between it and the title."""
_SEASON_ALONE = re.compile(
    rf"[\[(]?(?:(?:(?<![^\W_]){SEASON}|{NTH_SEASON})(?![^\W_])|{EAST_ASIAN_SEASON}(?!.*/|\]\[[A-Za-z]))", re.IGNORECASE
)
_RUN_JOINT = re.compile(rf"{DASH}|\b(?:à|al?|ao|to|do|bis)\b")


def season_before(name: str, end: int) -> re.Match[str] | None:
    """A season with its word that stands before `end`; `season_number` reads it."""
    return _SEASON_ALONE.search(name, 0, end)


def season_number(match: re.Match[str]) -> tuple[int, ...]:
    """What a match of `SEASON`, `NTH_SEASON` or `EAST_ASIAN_SEASON` says."""
    groups = match.groupdict()
    if groups.get("word"):
        return (_ORDINALS.index(groups["word"].lower()) + 1,)
    return (east_asian_number(groups["s3"]) if groups.get("s3") else int(groups.get("s") or groups["s2"]),)


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


_SPELLED = {
    word: value
    for value, words in enumerate(
        (
            "one i", "two ii", "three iii", "four iv", "five v", "six vi", "seven vii", "eight viii", "nine ix", "ten x",
            "eleven xi", "twelve xii",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
SPELLED = rf"(?:{'|'.join(sorted(_SPELLED, key=len, reverse=True))})"
"""`Six`, `VI`: a number that is no digit, up to 12; where another kind of word could stand a rule has to look beside it."""


def spelled_number(text: str) -> int:
    """What `SPELLED` matched, or digits."""
    return int(text) if text.isdecimal() else _SPELLED[text.lower()]


_BESIDE = re.compile(
    rf"(?:[ ._]*[\[(](?P<inside>\d{{1,4}}(?:{DASH}\d{{1,4}})?)[\])]"
    rf"|(?:[ ._]+-[ ._]+|[ ._]+)(?P<bare>\d{{3,4}}(?:{DASH}\d{{3,4}})?))"
    r"(?=$|[ ._]*[\[(]|[ ._]+-[ ._]|-[^\W\d]|[ ._]+(?:\d{3,4}[pi]|WEB|HDTV|BluRay|BD)\b)",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"(?<=\w)[ ._]+-[ ._]+(?P<bare>\d{{3,4}}(?:{DASH}\d{{3,4}})?)(?=[ ._]+-[ ._]+$)")


def absolute_beside(name: str, start: int, end: int, episodes: tuple[int, ...]) -> tuple[int, int, tuple[int, ...]]:
    """`Show - S16E03-04 - 313-314`, `Show S02E05 (017)`, `Show - 017 - S02E05`: the numbers of the same episodes counted through
    all seasons, and where all the numbers begin and end. `S02E05 - 300` may be a name, but one that does no harm here."""
    for match in (_BESIDE.match(name, end), _BEFORE.search(name, 0, start)):
        if match is None:
            continue
        first, _, last = re.sub(DASH, "-", match.groupdict().get("inside") or match["bare"]).partition("-")
        numbers = run(int(first), int(last or first))
        if len(numbers) == len(episodes) and numbers[0] >= episodes[0] and not set(numbers) & _SIZES_AND_YEARS:
            return min(start, match.start()), max(end, match.end()), numbers
    return start, end, ()


_SIZES_AND_YEARS = frozenset((360, 480, 540, 576, 720, 1080, 1440, 2160, *range(1920, 2100)))
_EAST_ASIAN_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}


def east_asian_number(text: str) -> int:
    """1 to 99, in digits or as 十二 (12), 二十 (20)."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_EAST_ASIAN_DIGITS.get(tens, 1) * 10 if ten else 0) + _EAST_ASIAN_DIGITS.get(ones, 0)


def run(first: int, last: int) -> tuple[int, ...]:
    """All numbers from first to last; the two alone where that is no plausible run."""
    if first <= last <= first + LONGEST_RANGE:
        return tuple(range(first, last + 1))
    return (first, last) if first != last else (first,)


def with_tail(first: int, tail: str) -> tuple[int, ...]:
    """The first number and what `tail` adds to it: `-05` a run, `E03` or `,4` single numbers."""
    numbers = [first]
    for match in re.finditer(r"(?P<joint>\D*)(?P<number>\d+)", tail):
        number = int(match["number"])
        is_run = _RUN_JOINT.search(match["joint"].lower()) is not None and number > numbers[-1]
        numbers.extend(run(numbers[-1], number)[1:] if is_run else (number,))
    return tuple(sorted(set(numbers)))
