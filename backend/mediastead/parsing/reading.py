"""One name, read: guessit's findings, mended by our rules for numbers and titles."""

import re
from datetime import date

from msgspec import Struct

from .guess import Guess, Span
from .numbering import TITLE, Numbering, read_numbering
from .parsed import ParsedType
from .text import key, spaced


class NameReading(Struct, frozen=True, kw_only=True):
    """What one name says by itself."""

    type: ParsedType | None = None
    title: str | None = None
    alternatives: tuple[str, ...] = ()
    """Other readings of the title, most likely first."""
    year: int | None = None
    seasons: tuple[int, ...] = ()
    episodes: tuple[int, ...] = ()
    absolute_episodes: tuple[int, ...] = ()
    air_date: date | None = None
    episode_title: str | None = None
    edition: str | None = None
    part: int | None = None
    title_behind_numbers: bool = False
    """Nothing but the numbers stands before the title: beneath a series' folder it is the episode's."""
    released: bool = False
    """The name has two technical words at least: it is a release's full name."""
    numbers_from: str | None = None
    """`guessit`, or the rule that read the numbers."""


def _year(stem: str, spans: tuple[Span, ...], begin: int, end: int, numbering: Numbering | None) -> int | None:
    if years := re.match(r"[\W_]*((?:19|20)\d\d)[ ]?[-–][ ]?(?:19|20)\d\d(?!\d)", stem[end:]):
        return int(years[1])
    for span in spans:
        if span.name == "year" and not (begin <= span.start < end):
            return int(span.value)
    return next((number for number in numbering.seasons if number >= 1900), None) if numbering else None


_NUMBERS = frozenset({"season", "episode", "absolute_episode", "date", "episode_count", "season_count", "week"})
_TECHNICAL = frozenset(
    {"screen_size", "source", "video_codec", "audio_codec", "audio_channels", "streaming_service", "release_group"}
)
_TITLES = frozenset({"title", "alternative_title", "episode_title", "film_title", "bonus_title"})
_SOFT = frozenset(
    {"part", "film", "bonus", "version", "country", "language", "subtitle_language", "episode_details", "uuid"}
)
"""What guessit takes out of titles that hold such a word: `Part 2`, `English`, `US`."""


def read_name(stem: str, guess: Guess, *, is_folder: bool = False) -> NameReading:
    """Reads one name: `stem` as `tidy` leaves it, `guess` what guessit says about exactly this text.

    Of a folder's name only numbers with their words are believed: `Archive 81` is a title, where a file `Archive.81` may be one.
    """
    numbering = read_numbering(stem)
    spans = _believed(stem, guess.spans, numbering, is_folder)
    begin, end = _title_bounds(stem, spans, numbering)
    year = _year(stem, spans, begin, end, numbering)
    title = _article_in_front(spaced(stem[begin:end])) or None
    short = next(
        (
            spaced(stem[span.start : span.end])
            for span in spans
            if span.name == "title" and begin <= span.start < max(end, 1)
        ),
        None,
    )
    alternatives = _alternatives(stem[begin:end], short)
    if title is not None and alternatives and alternatives[0][1]:
        title, alternatives = alternatives[0][0], [(title, False), *alternatives[1:]]
    fields = _numbers(spans, numbering)
    is_episode = bool(fields["seasons"] or fields["episodes"] or fields["absolute_episodes"] or fields["air_date"])
    return NameReading(
        type=ParsedType.EPISODE if is_episode else _type_without_numbers(guess, spans, numbering),
        title=title,
        alternatives=tuple(dict.fromkeys(text for text, _ in alternatives if text and text != title)),
        year=year,
        episode_title=_first(spans, "episode_title"),
        edition=_edition(stem, spans),
        part=next((int(span.value) for span in spans if span.name == "cd" and str(span.value).isdigit()), None),
        released=sum(span.name in _TECHNICAL for span in spans) >= 2,
        title_behind_numbers=_behind_numbers(stem, begin, spans, numbering),
        numbers_from=None if not is_episode else numbering.rule if numbering else "guessit",
        **fields,  # type: ignore[arg-type]
    )


def _type_without_numbers(guess: Guess, spans: tuple[Span, ...], numbering: Numbering | None) -> ParsedType | None:
    """guessit's own, unless it said `episode` because of numbers that are none. A special without a number stays an episode."""
    if not guess.type:
        return None
    disbelieved = any(span.name in ("season", "episode") for span in guess.spans if span not in spans)
    return ParsedType.MOVIE if numbering is not None or disbelieved else ParsedType(guess.type)


def _first(spans: tuple[Span, ...], name: str) -> str | None:
    return next((spaced(str(span.value)) for span in spans if span.name == name), None)


_LEADING_WORD_NUMBER = re.compile(r"(?:\[[^\]]*\][ ._]*)?(?!0)\d{1,4}(?:[ ._](?![-–])|-)(?=[^\W\d_]{2,})")


def _believed(stem: str, spans: tuple[Span, ...], numbering: Numbering | None, is_folder: bool) -> tuple[Span, ...]:
    """guessit's findings without the numbers that a rule of ours reads better, the year that it calls a season, and a
    number in front that begins a title (`22 Jump Street`)."""
    leading = _LEADING_WORD_NUMBER.match(stem)

    def believed(span: Span) -> bool:
        if numbering is not None:
            overlaps = span.start < numbering.end and numbering.start < span.end
            return not (
                span.name in _NUMBERS
                or (overlaps and span.name in ("year", "date", "part", "size", "release_group", "crc32"))
            )
        if span.name in _NUMBERS and span.name != "date" and is_folder:
            return False
        if span.name in ("season", "episode") and re.fullmatch(
            r"\W*(?:1[5-9]|20)\d\d\W*", stem[max(span.start - 2, 0) : span.end + 2].strip(" ._-")
        ):
            return False
        if span.name == "episode" and re.search(
            r"\d\.\d{0,2}x?$", stem[: span.start + (stem[span.start : span.start + 1] == ".")]
        ):
            return False  # 3.33 is one number, and 5.1x2 are channels
        if span.name == "season" and re.search(r"[^\W_]-S$", stem[: span.start]):
            return False  # a release group, DD5.1-S56
        if span.name == "season" and isinstance(span.value, int) and span.value >= 1900:
            return False
        return not (leading and span.name in _NUMBERS and span.start < leading.end())

    return tuple(span for span in spans if believed(span))


def _numbers(spans: tuple[Span, ...], numbering: Numbering | None) -> dict[str, object]:
    if numbering is not None:
        return {
            "seasons": numbering.seasons,
            "episodes": numbering.episodes,
            "absolute_episodes": numbering.absolute_episodes,
            "air_date": numbering.air_date or _date(spans),
        }

    def found(name: str) -> tuple[int, ...]:
        return tuple(sorted({span.value for span in spans if span.name == name and isinstance(span.value, int)}))

    return {
        "seasons": found("season"),
        "episodes": found("episode"),
        "absolute_episodes": found("absolute_episode") if not found("episode") else (),
        "air_date": _date(spans),
    }


def _date(spans: tuple[Span, ...]) -> date | None:
    day = next((span.value for span in spans if span.name == "date"), None)
    return date.fromisoformat(str(day)[:10]) if day is not None else None


_ANNIVERSARY = re.compile(r"(?:\d+(?:th|st|nd|rd)[ ._-])?anniversary(?:[ ._-]edition)?", re.IGNORECASE)


def _edition(stem: str, spans: tuple[Span, ...]) -> str | None:
    editions = [
        str(span.value)
        for span in spans
        if span.name == "edition" or (span.name == "other" and span.value in ("2in1", "Open Matte"))
    ]
    if (match := _ANNIVERSARY.search(stem)) and match.start() > 0:
        editions.append("Anniversary Edition")
    return ", ".join(dict.fromkeys(editions)) or None


def _behind_numbers(stem: str, begin: int, spans: tuple[Span, ...], numbering: Numbering | None) -> bool:
    first = (
        numbering.start
        if numbering
        else min((span.start for span in spans if span.name in _NUMBERS), default=len(stem))
    )
    if numbering is not None and numbering.rule == TITLE:
        return False
    return first < begin and not re.search(r"\w", re.sub(r"\[[^\]]*\]", "", stem[:first]))


_LEADING_GROUP = re.compile(r"\s*[\[(]([^\])]*)[\])][\s._-]*")


def _title_bounds(stem: str, spans: tuple[Span, ...], numbering: Numbering | None) -> tuple[int, int]:
    """Where the title stands: from the first word that is no release group to the first thing that is no title.

    guessit ends a title at every dash, bracket and word such as `Part` or `English`; most titles with those go on.
    """
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
    elif begin > 0:
        begin = _uncovered(stem, begin, spans)
        year = next((span.start for span in spans if span.name == "year"), len(stem))
        if begin > year and re.search(r"[^\W\d_]", stem[_head(stem, year) : year]):
            begin = _head(stem, year)
    end = numbers_start if begin < numbers_start else len(stem)
    years = re.search(r"(?:19|20)\d\d[ ]?[-–][ ]?(?:19|20)\d\d(?!\d)", stem[begin + 1 :])
    if years and not any(span.name == "year" and span.start >= begin + 1 + years.end() for span in spans):
        end = min(end, begin + 1 + years.start())
    for index, span in enumerate(spans):
        if span.start <= begin or span.name in _TITLES or span.start >= end:
            continue
        if _ends_title(stem, span, spans[:index], begin):
            end = _opening_bracket(stem, begin, span.start)
            if span.name in _NUMBERS:
                end = len(stem[:end].rstrip("0123456789"))  # guessit's finding of 03 begins at the 3
            if span.name in _NUMBERS and (match := _SEASON_WORD_BEHIND.search(stem[begin:end])):
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


_SEASON_WORD_BEHIND = re.compile(
    r"(?<=\w)[\s._-]+[\[(]?(?:seasons?|saison|staffel|temporada|stagione|sezon|s)[\s._-]*$", re.IGNORECASE
)
"""guessit's finding of a season begins at its number."""

_TECHNICAL_BRACKET = re.compile(
    r"[\[(](?=[^\])]*(?:\d{3,4}[pi]|[xh]\.?26[45]|\b(?:BD|DVD|WEB|BluRay|HDTV|DivX\d?|XviD|HEVC|AC3|AAC|FLAC|BDRip|DVDRip|BDRemux)\b))",
    re.IGNORECASE,
)


def _uncovered(stem: str, begin: int, spans: tuple[Span, ...]) -> int:
    """The beginning of the title where guessit left words before it unexplained (`(500) Days`, `22 Jump Street`)."""
    head = _head(stem, begin)
    before = [span for span in spans if span.start < begin and span.end > head and span.name not in _TITLES]
    if before and all(span.name in _TITLE_WORDS | {"edition"} for span in before) and stem[head : head + 1].isalnum():
        return head  # no release's name begins with a technical word, but titles do (`Dubbed in Harbour`)
    first = min((span.start for span in before), default=begin)
    return head if re.search(r"\w", stem[head:first]) else max(begin, head)


def _opening_bracket(stem: str, begin: int, stop: int) -> int:
    """`Title (Drama 1969)`, `Title (Somebody, 720p)`: what stands in the same brackets is no title."""
    opening = max(stem.rfind("(", begin + 1, stop), stem.rfind("[", begin + 1, stop))
    return opening if opening > begin and not re.search(r"[\])]", stem[opening:stop]) else stop


def _head(stem: str, limit: int) -> int:
    """Behind the release group in front, if there is something left."""
    match = _LEADING_GROUP.match(stem)
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


def _ends_title(stem: str, span: Span, before: tuple[Span, ...], begin: int) -> bool:
    """Whether the title ends where guessit found something. Words such as `Part`, `Film` do not end one. A language or
    technical word that is written like any other and stands right before the year belongs to the title, if nothing technical
    stands before it (`Johnny English 2003`, `Charlotte's Web (2006)`, `Saw 3D (2010)`); German releases put `German` there."""
    if span.name in ("part", "film", "version", "volume", "episode_details", "uuid"):
        return False
    if span.name == "bonus":
        return re.search(r"-x$", stem[: span.start]) is not None
    if span.name == "release_group":
        # Groups stand behind everything else; guessit also takes a bracketed word of the title for one.
        explained = any(other.start > begin and other.name not in _TITLES | _SOFT for other in before)
        behind = re.fullmatch(r"(?:\W*[\[(](?!(?:19|20)\d\d[\])])[^\])]*[\])])*[\W_]*", stem[span.end :]) is not None
        return explained or (behind and (span.end >= len(stem) or "[" in stem[max(span.start - 1, 0) : span.end]))
    if span.name not in _TITLE_WORDS:
        return True
    text = stem[span.start : span.end].strip(" ._-")
    if stem[: span.start].rstrip(" ._").endswith(("[", "(")) or text.startswith(("[", "(")):
        return True
    year = re.match(r"[\s._-]*(?P<bracket>[\[(]?)(?:19|20)\d\d(?!\d)", stem[span.end :])
    if year is None or (text.isupper() and len(text) > 2):
        return True
    if any(other.start > begin and other.name not in _TITLES | _SOFT for other in before):
        return True
    return span.name in ("language", "subtitle_language") and not year["bracket"] and span.value != "en"


_SORTED = re.compile(r"(.+), ?(the|an?|les?|la|der|die|das|el|l[ao]s|il|gli|de|het)", re.IGNORECASE)


def _article_in_front(title: str) -> str:
    """`Simpsons, The` is sorted by its first real word."""
    return f"{match[2]} {match[1]}" if (match := _SORTED.fullmatch(title)) else title


_LATIN = re.compile(r"[A-Za-zÀ-ɏ]{2,}")
_NOT_LATIN = re.compile(r"[\u0370-\u1fff\u2e80-\uffdc]")


def _alternatives(text: str, short: str | None) -> list[tuple[str, bool]]:
    """Other readings of a title's text, each with whether it should be the first one: the Latin half of a name in two scripts."""
    readings: list[tuple[str, bool]] = []
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
    if short:
        readings.append((short, False))
    if match := re.fullmatch(r"[^A-Za-z]*[\u0590-\u1fff\u2e80-\uffdc][^A-Za-z]*[\s._]+([A-Za-z].*)", text):
        half = spaced(match[1])
        readings.append((spaced(text[: match.start(1)]), False))
        readings.insert(0, (half, _LATIN.search(half) is not None and not _NOT_LATIN.search(half)))
    dashed = [spaced(half) for half in re.split(r"[\s_]+[-–—][\s_]+", text)]
    if len(dashed) == 2:
        readings.extend((half, False) for half in dashed if len(key(half)) > 3)
    return readings
