"""One name, read: guessit's findings, mended by our rules for numbers and titles."""

import re
from datetime import date

from msgspec import Struct

from .guess import Guess, Span
from .numbering import Numbering, read_numbering
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
    numbers_from: str | None = None
    """`guessit`, or the rule that read the numbers."""


_NUMBERS = frozenset({"season", "episode", "absolute_episode", "date", "episode_count", "season_count", "week"})
_TITLES = frozenset({"title", "alternative_title", "episode_title", "film_title", "bonus_title"})
_SOFT = frozenset(
    {"part", "film", "bonus", "version", "country", "language", "subtitle_language", "episode_details", "uuid"}
)
"""What guessit takes out of titles that hold such a word: `Part 2`, `English`, `US`."""


def read_name(stem: str, guess: Guess) -> NameReading:
    """Reads one name: `stem` as `tidy` leaves it, `guess` what guessit says about exactly this text."""
    numbering = read_numbering(stem)
    spans = _believed(stem, guess.spans, numbering)
    year = next((span for span in spans if span.name == "year"), None)
    begin, end = _title_bounds(stem, spans, numbering)
    title = spaced(stem[begin:end]) or None
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
        type=ParsedType.EPISODE if is_episode else ParsedType(guess.type) if guess.type else None,
        title=title,
        alternatives=tuple(dict.fromkeys(text for text, _ in alternatives if text and text != title)),
        year=int(year.value) if year is not None else None,
        episode_title=_first(spans, "episode_title"),
        edition=", ".join(dict.fromkeys(str(span.value) for span in spans if span.name == "edition")) or None,
        part=next((int(span.value) for span in spans if span.name == "cd" and str(span.value).isdigit()), None),
        title_behind_numbers=_behind_numbers(stem, begin, spans, numbering),
        numbers_from=None if not is_episode else numbering.rule if numbering else "guessit",
        **fields,  # type: ignore[arg-type]
    )


def _first(spans: tuple[Span, ...], name: str) -> str | None:
    return next((spaced(str(span.value)) for span in spans if span.name == name), None)


_LEADING_WORD_NUMBER = re.compile(r"(?!0)\d{1,4}(?:[ ._](?![-–])|-)(?=[^\W\d_]{2,})")


def _believed(stem: str, spans: tuple[Span, ...], numbering: Numbering | None) -> tuple[Span, ...]:
    """guessit's findings without the numbers that a rule of ours reads better, the year that it calls a season, and a
    number in front that begins a title (`22 Jump Street`)."""
    leading = _LEADING_WORD_NUMBER.match(stem)

    def believed(span: Span) -> bool:
        if numbering is not None:
            overlaps = span.start < numbering.end and numbering.start < span.end
            return not (
                span.name in _NUMBERS or (overlaps and span.name in ("year", "part", "size", "release_group", "crc32"))
            )
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
            "air_date": numbering.air_date,
        }

    def found(name: str) -> tuple[int, ...]:
        return tuple(sorted({span.value for span in spans if span.name == name and isinstance(span.value, int)}))

    days = [span.value for span in spans if span.name == "date"]
    return {
        "seasons": found("season"),
        "episodes": found("episode"),
        "absolute_episodes": found("absolute_episode") if not found("episode") else (),
        "air_date": date.fromisoformat(str(days[0])[:10]) if days else None,
    }


def _behind_numbers(stem: str, begin: int, spans: tuple[Span, ...], numbering: Numbering | None) -> bool:
    first = (
        numbering.start
        if numbering
        else min((span.start for span in spans if span.name in _NUMBERS), default=len(stem))
    )
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
        head = _head(stem, numbers_start)
        if re.search(r"\w", stem[head:numbers_start]):
            begin = head
        elif title is None:
            begin = min(numbers_end, len(stem)) if numbering and numbers_start == 0 else 0
    end = len(stem)
    if begin < numbers_start:
        end = min(end, numbers_start)
    years = re.search(r"(?:19|20)\d\d[ ]?[-–][ ]?(?:19|20)\d\d(?!\d)", stem[begin + 1 :])
    if years and not any(span.name == "year" and span.start >= begin + 1 + years.end() for span in spans):
        end = min(end, begin + 1 + years.start())
    for index, span in enumerate(spans):
        if span.start <= begin or span.name in _TITLES or span.start >= end:
            continue
        if span.name not in _SOFT or _ends_title(stem, span, spans[index + 1 :]):
            end = span.start
            break
    if not re.search(r"\w", stem[begin:end]):
        return (title.start, title.end) if title is not None else (begin, end)
    return begin, end


def _head(stem: str, limit: int) -> int:
    """Behind the release group in front, if there is something left."""
    match = _LEADING_GROUP.match(stem)
    if match and match.end() < limit and re.search(r"\w", stem[match.end() : limit]):
        return match.end()
    return 0


def _ends_title(stem: str, span: Span, later: tuple[Span, ...]) -> bool:
    """Whether a language, country or such ends the title. Before a year and written like a word it belongs to it
    (`Johnny English 2003`, `The Good German (2006)`); before anything technical, in brackets or in capitals it is a remark."""
    if span.name in ("part", "film", "bonus", "version", "episode_details", "uuid"):
        return False
    text = stem[span.start : span.end].strip(" ._-")
    if stem[: span.start].rstrip(" ._").endswith(("[", "(")) or text.startswith(("[", "(")):
        return True
    if not text.isupper() and re.match(r"[\s._-]*[\[(]?(?:19|20)\d\d", stem[span.end :]):
        return False
    return True


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
    dashed = [spaced(half) for half in re.split(r"[\s_]+[-–—][\s_]+", text)]
    if len(dashed) == 2:
        readings.extend((half, False) for half in dashed if len(key(half)) > 3)
    return readings
