"""Which words of a name are the title."""

import re

from .counted import BEHIND_BRACKET, is_fansub
from .guess import Span
from .numbering import TITLE, Numbering
from .text import key, spaced

NUMBERS = frozenset({"season", "episode", "absolute_episode", "date", "episode_count", "season_count", "week"})
_TITLES = frozenset({"title", "alternative_title", "episode_title", "film_title", "bonus_title"})
_SOFT = frozenset(
    {"part", "film", "bonus", "version", "country", "language", "subtitle_language", "episode_details", "uuid"}
)
"""What guessit takes out of titles that hold such a word: `Part 2`, `English`, `US`."""


def title_bounds(stem: str, spans: tuple[Span, ...], numbering: Numbering | None) -> tuple[int, int]:
    """Where the title stands: from the first word that is no release group to the first thing that is no title.

    guessit ends a title at every dash, bracket and word such as `Part` or `English`; most titles with those go on.
    """
    if numbering is None and (film := _film_of_a_series(stem, spans)):
        return film
    if numbering is not None and (bracket := _title_in_brackets(stem, numbering)):
        return bracket
    numbers_start = numbering.start if numbering else len(stem)
    numbers_end = numbering.end if numbering else len(stem)
    title = next((span for span in spans if span.name == "title"), None)
    begin = title.start if title is not None else 0
    if title is None or begin >= numbers_start:
        head = _head(stem, numbers_start - 1)
        if re.search(r"\w", stem[head:numbers_start]):
            begin = head
        elif title is None:
            begin = min(numbers_end, len(stem)) if numbering and numbers_start == 0 else 0
        elif begin < numbers_end < len(stem):
            begin = numbers_end
    elif begin > 0 and _is_hyphenated(stem, begin, spans):
        begin = 0
    elif begin > 0:
        begin = _uncovered(stem, begin, spans)
        year = next((span.start for span in spans if span.name == "year"), len(stem))
        if begin > year and re.search(r"[^\W\d_]", stem[_head(stem, year) : year]):
            begin = _head(stem, year)
    end = numbers_start if begin < numbers_start else len(stem)
    years = re.search(r"(?:19|20)\d\d[ ]?[-–][ ]?(?:19|20)\d\d(?!\d)", stem[begin + 1 :])
    if years and re.match(r"[\s._]*[\[(]?(?:19|20)\d\d(?!\d)", stem[begin + 1 + years.end() :]):
        return begin, begin + 1 + years.end()  # a title about some years, then its own year
    if years and not any(span.name == "year" and span.start >= begin + 1 + years.end() for span in spans):
        end = min(end, begin + 1 + years.start())
    for index, span in enumerate(spans):
        if span.start <= begin or span.name in _TITLES or span.start >= end:
            continue
        if span.value == "Pay-per-view" and numbering is not None and numbering.rule == TITLE:
            continue  # who fights stands behind it
        if _ends_title(stem, span, spans[:index], begin, numbering):
            end = _opening_bracket(stem, begin, span.start)
            if span.name in NUMBERS:
                end = len(stem[:end].rstrip("0123456789"))  # guessit's finding of 03 begins at the 3
            if span.name == "episode" and (match := _COUNTING_WORD_BEHIND.search(stem[begin:end])):
                end -= len(match.group())
            if span.name in NUMBERS and (match := _SEASON_WORD_BEHIND.search(stem[begin:end])):
                end -= len(match.group())
            break
    if (technical := _TECHNICAL_BRACKET.search(stem, begin + 1)) and technical.start() < end:
        end = technical.start()
    if (
        begin > 0
        and stem.lstrip().startswith("[")
        and (match := re.search(r"(?:[\s._]*\[[^\]]*\])+[\s._-]*$", stem[begin:end]))
    ):
        end = begin + match.start() if match.start() > 0 else end
    if not re.search(r"\w", stem[begin:end]):
        return (title.start, title.end) if title is not None else (begin, end)
    return begin, end


def _title_in_brackets(stem: str, numbering: Numbering) -> tuple[int, int] | None:
    """`[Group][Title][07]`, `[Group][Other Group][标题][Title][07]`: of several behind the group's the last in Latin letters."""
    if lone := _LONE_BRACKET.fullmatch(stem, 0, numbering.start):
        return lone.span("title")
    if numbering.rule == BEHIND_BRACKET:
        return stem.index("[") + 1, stem.index("]")
    if not _BRACKETS.fullmatch(stem, 0, numbering.start):
        return None
    behind_group = list(_BRACKET.finditer(stem, 0, numbering.start))[1:]
    latin = [match for match in behind_group if re.search(r"[A-Za-z]{2}", match[1])]
    return (latin or behind_group)[-1].span(1)


_BRACKET = re.compile(r"\[([^\[\]]*)\]")
_BRACKETS = re.compile(r"(?:\s*\[[^\[\]]*\][\s._-]*){3,}")
_LONE_BRACKET = re.compile(r"\s*\[[^\[\]]+\][\s._-]*\[(?P<title>[^\[\]]*[^\W\d_][^\[\]]*)\][\s._-]*")
"""`[Group][Title]` before the numbers, whatever guessit takes either for."""

_SEASON_WORD_BEHIND = re.compile(
    r"(?<=\w)[\s._-]+[\[(]?(?:seasons?|saison|staffel|temporada|stagione|sezon|s)[\s._-]*$", re.IGNORECASE
)
"""guessit's finding of a season begins at its number."""

_COUNTING_WORD_BEHIND = re.compile(
    r"(?<=\w)[\s._-]+(?:chapter|part|pt|no|nr|núm|número|parte|teil|del|tome|act)\.?[\s._#-]*$", re.IGNORECASE
)
"""`Show No. 12`, `Show Chapter 4`: guessit's finding of an episode begins at its number."""

_TECHNICAL_BRACKET = re.compile(
    r"[\[(](?=[^\])]*(?:\d{3,4}[pi]|[xh]\.?26[45]|\b(?:BD|DVD|WEB|BluRay|HDTV|DivX\d?|XviD|HEVC|AC3|AAC|FLAC|BDRip|DVDRip|BDRemux)\b))",
    re.IGNORECASE,
)


def _is_hyphenated(stem: str, begin: int, spans: tuple[Span, ...]) -> bool:
    """`Left-Hander.2015`: guessit takes the half before the only dash for a release group. Groups stand in front of short
    names (`abc-lh.avi`); where one does stand in front of a title, that is left as another reading."""
    return any(
        span.name == "release_group" and span.start == 0 and span.end == begin - 1 and stem[span.end] == "-"
        for span in spans
    )


def _film_of_a_series(stem: str, spans: tuple[Span, ...]) -> tuple[int, int] | None:
    """`Series-f21-Title`, `Series-f21-Title-x02-Bonus`: the title stands behind the film's number."""
    match = re.search(r"(?<=\w)-f\d{1,3}-(?=\w)", stem)
    title = next((span for span in spans if span.name == "title"), None)
    if match is None or title is None or title.start < match.end() or all(span.name != "film" for span in spans):
        return None
    return title.start, title.end


def _uncovered(stem: str, begin: int, spans: tuple[Span, ...]) -> int:
    """The beginning of the title where guessit left words before it unexplained (`(300) Nights`, `22 Harbour Street`)."""
    head = _head(stem, begin)
    before = [span for span in spans if span.start < begin and span.end > head and span.name not in _TITLES]
    if re.fullmatch(r"(?:\s*\[[^\[\]]*\][\s._-]*){2,}", stem[:begin]) and not re.match(r"\s*\[", stem[begin:]):
        return begin  # `[Group]_[Other Group][XviD]_Title`
    unlikely = _TITLE_WORDS | {"edition", "color_depth"}
    if before and all(span.name in unlikely for span in before) and stem[head : head + 1].isalnum():
        return head  # no release's name begins with a technical word, but titles do (`Dubbed in Harbour`)
    explained = max((span.end for span in before if span.end <= begin), default=begin)
    if number := re.match(r"[\W_]*(?=\d{1,3}[ ._]?$)", stem[explained:begin]):
        return explained + number.end()  # `[2013] 12 Harbours`
    first = min((span.start for span in before), default=begin)
    return head if re.search(r"\w", stem[head:first]) else max(begin, head)


def _opening_bracket(stem: str, begin: int, stop: int) -> int:
    """`Title (Drama 1969)`, `Title (Somebody, 720p)`: what stands in the same brackets is no title."""
    opening = max(stem.rfind("(", begin + 1, stop), stem.rfind("[", begin + 1, stop))
    return opening if opening > begin and not re.search(r"[\])]", stem[opening:stop]) else stop


def _head(stem: str, limit: int) -> int:
    """Behind the release group in front, if there is something left."""
    match = _LEADING_GROUP.match(stem)
    if match and re.search(r"[^\W\d_].*[ ._](?:19|20)\d\d$", match[1]):
        return 0  # `[Low Tide 1999] [BDRip]`
    if (
        match
        and match.end(1) < limit
        and re.search(r"[^\W\d_]|^\d{1,2}$", match[1])
        and re.search(r"\w", stem[match.end() :])
    ):
        return match.end()
    return 0


_TITLE_WORDS = frozenset(
    {"language", "country", "other", "source", "video_profile", "subtitle_language", "streaming_service"}
)


def _ends_title(stem: str, span: Span, before: tuple[Span, ...], begin: int, numbering: Numbering | None) -> bool:
    """Whether the title ends where guessit found something. Words such as `Part`, `Film` do not end one. A language or
    technical word that is written like any other and stands right before the year belongs to the title, if nothing technical
    stands before it (`Johnny Tide English 2003`, `Spider Web (2006)`, `Deep Tide 3D (2010)`); German releases put
    `German` there. A country before an episode is part of the title where it is spelled out (`Kelp Watch Australia S01E02`),
    else it tells titles apart (`The Kelp Office US S01E02`)."""
    if span.name in ("part", "film", "version", "volume", "episode_details", "uuid"):
        return False
    if span.value == "Original Animated Video" and is_fansub(stem) and stem[span.start : span.end] == "OVA":
        return stem[span.start - 1] in "[("  # fansubbers name an OVA so, and so do catalogues
    if span.name == "bonus":
        return re.search(r"-x$", stem[: span.start]) is not None
    explained = any(other.start > begin and other.name not in _TITLES | _SOFT for other in before)
    if span.name == "audio_channels":
        return explained  # `Ghost 2.0`: without a codec before it, it is a number of the title
    if span.name == "release_group":
        # Groups stand behind everything else; guessit also takes a bracketed word of the title for one.
        behind = re.fullmatch(r"(?:\W*[\[(](?!(?:19|20)\d\d[\])])[^\])]*[\])])*[\W_]*", stem[span.end :]) is not None
        return explained or (behind and (span.end >= len(stem) or "[" in stem[max(span.start - 1, 0) : span.end]))
    if span.name not in _TITLE_WORDS:
        return True
    text = stem[span.start : span.end].strip(" ._-")
    if text.lower() == "pt" and re.match(r"[ ._]?\d{1,2}(?![^\W_])", stem[span.end :]):
        return False  # `Low Tide Pt 2` is not in Portuguese
    if stem[: span.start].rstrip(" ._").endswith(("[", "(")) or text.startswith(("[", "(")):
        return True
    if explained or (text.isupper() and len(text) > 2):
        return True
    language = span.name in ("language", "subtitle_language")
    if language and len(text) == 2 and not text.isupper() and re.match(r"[\s._]+[a-zà-ÿ]{2}", stem[span.end :]):
        return False  # small words of a sentence are codes of languages as well (`Ebbe Te wo Flut`)
    if numbering is not None and not stem[span.end : numbering.start].strip(" ._-"):
        return (span.name == "country" and len(text) < 5) or (language and not is_fansub(stem))
    year = re.match(r"[\s._-]*(?P<bracket>[\[(]?)(?:19|20)\d\d(?!\d)", stem[span.end :])
    return year is None or (not year["bracket"] and (text == "3D" or (language and span.value != "en")))


_LEADING_GROUP = re.compile(r"(?:\d{1,3}\s+(?=\[))?\s*[\[(]([^\])]*)[\])][\s._-]*")


_SORTED = re.compile(r"(.+), ?(the|an?|les?|la|der|die|das|el|l[ao]s|il|gli|de|het)", re.IGNORECASE)


def article_in_front(title: str) -> str:
    """`Tides, The` is sorted by its first real word."""
    return f"{match[2]} {match[1]}" if (match := _SORTED.fullmatch(title)) else title


_LATIN = re.compile(r"[A-Za-zÀ-ɏ]{2,}")
_NOT_LATIN = re.compile(r"[\u0370-\u1fff\u2e80-\uffdc]")


def other_readings(text: str, short: str | None) -> list[tuple[str, bool]]:
    """Other readings of a title's text, each with whether it should be the first one: the Latin half of a name in two scripts."""
    readings: list[tuple[str, bool]] = []
    if re.search(r"\s/\s", text):
        text = (
            re.sub(r"[\s_]*\([^)]*\)?\)*\s*$", "", text) or text
        )  # names of people behind titles in several languages
    halves = re.split(r"[\s_]+[/|\\][\s_]+|[\s._]+a\.?k\.?a\.?[\s._]+", text, flags=re.IGNORECASE)
    if len(halves) == 1 and (
        match := re.fullmatch(r"(.+?)[\s._]*[\[(]([^\])]*[^\W\d_]{2}[^\])]*)[\])]?[\s._-]*", text)
    ):
        halves = [match[1], match[2]]
    halves = [spaced(half) for half in halves if spaced(half)]
    if len(halves) > 1:
        two_scripts = _NOT_LATIN.search(halves[0]) and not _LATIN.search(halves[0])
        latin = next((half for half in halves[1:] if _LATIN.search(half) and not _NOT_LATIN.search(half)), None)
        if two_scripts and latin:
            readings.append((latin, True))
        readings.extend((half, False) for half in halves)
    if short and len(key(short)) > 3:
        readings.append((short, False))
    if len(halves) == 1 and (
        match := re.fullmatch(r"[^A-Za-z]*[\u0590-\u1fff\u2e80-\uffdc][^A-Za-z]*[\s._]+([A-Za-z].*)", text)
    ):
        half = spaced(match[1])
        readings.append((spaced(text[: match.start(1)]), False))
        readings.insert(0, (half, _LATIN.search(half) is not None and not _NOT_LATIN.search(half)))
    dashed = [spaced(half) for half in re.split(r"[\s_]+[-–—][\s_]+", text)]
    if len(dashed) == 2:
        readings.extend((half, False) for half in dashed if len(key(half)) > 3)
    return readings
