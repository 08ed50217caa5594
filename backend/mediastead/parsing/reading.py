"""One name, read: guessit's findings, mended by our rules for numbers and titles."""

import re
from datetime import date
from itertools import pairwise
from typing import TypedDict

from msgspec import Struct

from .agreement import Votes, votes_on
from .days import dated
from .guess import Guess, Span
from .numbering import HALF, TITLE, Numbering
from .parsed import ParsedType
from .remarks import PADDED_FRONT, SPECIAL, in_collection, without_remarks
from .rules import read_numbering
from .text import key, spaced
from .titles import NUMBERS, article_in_front, other_readings, title_bounds
from .years import year_of

_TECHNICAL = frozenset(
    {"screen_size", "source", "video_codec", "audio_codec", "audio_channels", "streaming_service", "release_group"}
)


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
    cour: int | None = None
    episode_title: str | None = None
    edition: str | None = None
    part: int | None = None
    title_behind_numbers: bool = False
    """Nothing but the numbers stands before the title: beneath a series' folder it is the episode's."""
    released: bool = False
    """The name has two technical words at least: it is a release's full name."""
    numbers_from: str | None = None
    """`guessit`, or the rule that read the numbers."""
    second_title: str | None = None
    """The second parser's reading of the title, where it is another one."""
    behind_group: str | None = None
    """The title, if what stands before its first dash is a release group (`grp-low.tide.2010.dvdrip`)."""
    votes: Votes = Votes()


def read_name(stem: str, guess: Guess, *, numbers_need_words: bool = False, listed: bool = False) -> NameReading:
    """Reads one name: `stem` as `tidy` leaves it, `guess` what guessit says about exactly this text.

    With `numbers_need_words` guessit's finding of bare numbers is not believed: as the name of a folder, or among films,
    `Harbour 81` is a title. `listed`: among films, where a number in front is a place in a list.
    """
    numbering = read_numbering(stem)
    if listed and numbering is not None and in_collection(stem):
        numbering = Numbering(rule=TITLE, start=len(stem), end=len(stem))
    spans = _believed(stem, guess.spans, numbering, numbers_need_words)
    whole = title_bounds(stem, spans, numbering)
    year = year_of(stem, spans, *whole, numbering)
    begin, end = without_remarks(stem, *whole, listed=listed)
    title = article_in_front(spaced(_without_ppv(stem[begin:end], numbering))) or None
    short = next(
        (
            spaced(stem[span.start : span.end])
            for span in spans
            if span.name == "title" and begin <= span.start < max(end, 1)
        ),
        None,
    )
    alternatives = other_readings(stem[slice(*whole)], short)
    if re.match(r"[ ._]?3D(?![^\W_])", stem[end:]):
        alternatives.append((f"{title} 3D", False))  # how it is stored, mostly
    if (begin, end) != whole:
        alternatives.append((spaced(stem[slice(*whole)]), False))
    if title is not None and alternatives and alternatives[0][1]:
        title, alternatives = alternatives[0][0], [(title, False), *alternatives[1:]]
    if country := next(
        (span for span in spans if span.name == "country" and whole[1] <= span.start < whole[1] + 3), None
    ):
        alternatives.append((spaced(stem[begin : country.end]), False))
    last = "[1-9]\\d{0,2}" if year is None and numbering is None else str(year)
    if re.fullmatch(rf"[\s._]*{last}", stem[end:]):
        alternatives.append(
            (spaced(stem[begin:]), False)
        )  # a bare number with nothing behind may be the title's last word
    fields = _numbers(stem, spans, numbering)
    is_episode = bool(fields["seasons"] or fields["episodes"] or fields["absolute_episodes"] or fields["air_date"])
    second = spaced(guess.second.title) if guess.second is not None else ""
    return NameReading(
        type=ParsedType.EPISODE if is_episode else _type_without_numbers(stem, whole, guess, spans, numbering),
        title=title,
        alternatives=tuple(dict.fromkeys(text for text, _ in alternatives if text and text != title)),
        year=year,
        episode_title=_first(spans, "episode_title") or _behind_both_numbers(stem, guess, numbering),
        edition=_edition(stem, spans, end),
        part=next((int(span.value) for span in spans if span.name == "cd" and str(span.value).isdigit()), None),
        released=sum(span.name in _TECHNICAL for span in spans) >= 2,
        title_behind_numbers=_behind_numbers(stem, begin, spans, numbering),
        numbers_from=None if not is_episode else numbering.rule if numbering else "guessit",
        behind_group=_behind_group(stem, begin, end),
        second_title=second if key(second) and key(second) != key(title or "") else None,
        votes=votes_on(
            guess,
            title=title,
            year=year,
            seasons=fields["seasons"],
            episodes=fields["episodes"] or fields["absolute_episodes"],
            air_date=fields["air_date"],
        ),
        cour=numbering.cour if numbering else None,
        **fields,
    )


_GROUP_IN_FRONT = re.compile(r"[a-z][a-z0-9]{1,7}-(?=[a-z0-9]+[._])")


def _behind_group(stem: str, begin: int, end: int) -> str | None:
    """Groups shorten names in small letters and put themselves in front; `spider-man.2002` looks the same."""
    match = _GROUP_IN_FRONT.match(stem) if begin == 0 and stem.islower() else None
    if match is None or match.end() >= end or not re.search(r"\d{3,4}[pi]|[xh]26[45]|rip|xvid|divx|hdtv", stem[end:]):
        return None
    if re.search(r"-[a-z0-9]+$", stem[end:]):
        return None  # a group at the end: the dash in front is the title's
    return spaced(stem[match.end() : end])


def _without_ppv(text: str, numbering: Numbering | None) -> str:
    """`UFC 12 PPV Smith vs Doe`: how a fight was sold."""
    return re.sub(r"[ ._]PPV(?=[ ._])", "", text) if numbering is not None and numbering.rule == TITLE else text


def _type_without_numbers(
    stem: str, title: tuple[int, int], guess: Guess, spans: tuple[Span, ...], numbering: Numbering | None
) -> ParsedType | None:
    """guessit's own, unless it said `episode` because of numbers that are none, or of a name with its year in brackets, as films
    have it. A special without a number stays an episode."""
    if not guess.type:
        return None
    bracket = re.compile(r"[\[(]").search(stem, title[0] + 1)
    before_brackets = stem[title[0] : bracket.start() if bracket else len(stem)]
    if (numbering is not None and numbering.rule == HALF) or SPECIAL.search(before_brackets):
        return ParsedType.EPISODE
    disbelieved = any(span.name in ("season", "episode") for span in guess.spans if span not in spans)
    if numbering is not None or disbelieved:
        return ParsedType.MOVIE
    special = any(span.name == "episode_details" for span in spans) and _CUT.search(stem) is None
    dated_as_film = re.search(r"[^\W_].*[\[(](?:19|20)\d\d[\])]", stem) is not None
    return ParsedType.MOVIE if dated_as_film and not special else ParsedType(guess.type)


def _first(spans: tuple[Span, ...], name: str) -> str | None:
    return next((spaced(str(span.value)) for span in spans if span.name == name), None)


_FRONT_OF_A_FILM = re.compile(
    r"(?:#?\d{1,3}[\s._]+|\[\d{1,2}\][\s._-]*|\d{1,3}[.)][\s_]+|\d{1,2}[\s_]+-[\s_]+)(?=\w.*[\[(](?:19|20)\d\d[\])])"
    r"|\(?\d{1,4}\)?(?=[\s._]+(?:[^\W\d]+[\s._]+)*[\[(](?:19|20)\d\d[\])])"
)
"""`07. Title (2010)`, `300 (2006)`, `(500) Nights (2009)`: where the year is in brackets, a number in front is a list's
or the title's."""
_NUMBER_BEFORE_YEAR = re.compile(r"\d{1,3}[ ._]*[\[(](?:19|20)\d\d[\])]")
_LEADING_WORD_NUMBER = re.compile(
    r"(?:\[[^\]]*\][ ._]*|\((?:19|20)\d\d\)[ ._]*|(?:19|20)\d\d[ ._]+(?:-[ ._]+)?)?"
    r"(?!0)\d{1,4}(?:[ ._](?![-–])|-)(?=[^\W\d_]{2,})"
)


_LAST_OF_A_SEASON = 50
"""Hardly a season has more episodes, where its number and theirs stand together as three digits before words."""


def _believed(
    stem: str, spans: tuple[Span, ...], numbering: Numbering | None, numbers_need_words: bool
) -> tuple[Span, ...]:
    """guessit's findings without the numbers that a rule of ours reads better, the year that it calls a season, and a
    number in front that begins a title (`22 Harbour Street`)."""
    leading = _FRONT_OF_A_FILM.match(stem) or _LEADING_WORD_NUMBER.match(stem)
    padded = PADDED_FRONT.match(stem)
    season_ends = {span.end for span in spans if span.name == "season"}

    split = {
        at
        for number, episode in pairwise(spans)
        if (number.name, episode.name, number.end) == ("season", "episode", episode.start)
        and int(episode.value) > _LAST_OF_A_SEASON
        and re.match(r"[ ._][^\W\d_]{2}", stem[episode.end :])
        for at in (number.start, episode.start)
    }

    def believed(span: Span) -> bool:
        if numbering is not None:
            overlaps = span.start < numbering.end and numbering.start < span.end
            return not (
                span.name in NUMBERS
                or (
                    overlaps
                    and span.name in ("year", "date", "part", "size", "release_group", "crc32", "episode_title")
                )
            )
        if span.name in NUMBERS and span.name != "date" and (numbers_need_words or stem.isdigit()):
            return False
        if span.name in ("season", "episode") and re.fullmatch(
            r"\W*(?:1[5-9]|20)\d\d\W*", stem[max(span.start - 2, 0) : span.end + 2].strip(" ._-")
        ):
            return False
        if (
            span.name == "episode"
            and span.start not in season_ends
            and re.search(r"\d\.\d{0,2}x?$", stem[: span.start + (stem[span.start : span.start + 1] == ".")])
        ):
            return False  # 3.33 is one number, and 5.1x2 are channels; in Show.13.208 guessit splits 2 and 08
        if span.start in split and span.name in NUMBERS:
            return False  # `Idol 765 Live`: guessit makes season 7 of it
        if span.name == "episode" and re.match(r"\.\dx\d", stem[span.end :]):
            return False  # channels and how often, 2.0x3
        if span.name in NUMBERS and _NUMBER_BEFORE_YEAR.match(stem, span.start):
            return False  # with a checksum behind guessit takes `Harbour 6 (2014)` for an anime
        if span.name == "season" and padded and span.start < padded.end():
            return False  # 017 is no season 0
        if span.name == "season" and re.search(r"[^\W_]-S$", stem[: span.start]):
            return False  # a release group, DD5.1-S56
        if span.name == "season" and isinstance(span.value, int) and span.value >= 1900:
            return False
        return not (leading and span.name in NUMBERS and span.start < leading.end())

    return tuple(span for span in spans if believed(span))


class _Numbers(TypedDict):
    seasons: tuple[int, ...]
    episodes: tuple[int, ...]
    absolute_episodes: tuple[int, ...]
    air_date: date | None


def _numbers(stem: str, spans: tuple[Span, ...], numbering: Numbering | None) -> _Numbers:
    if numbering is not None:
        return {
            "seasons": numbering.seasons,
            "episodes": numbering.episodes,
            "absolute_episodes": numbering.absolute_episodes,
            "air_date": numbering.air_date or _date_beside(stem, numbering),
        }

    def found(name: str) -> tuple[int, ...]:
        return tuple(sorted({span.value for span in spans if span.name == name and isinstance(span.value, int)}))

    return {
        "seasons": found("season"),
        "episodes": found("episode"),
        "absolute_episodes": found("absolute_episode") if not found("episode") else (),
        "air_date": _date(spans),
    }


def _date_beside(stem: str, numbering: Numbering) -> date | None:
    """`S02E02 - Title (14-01-2008)`: the day an episode was shown, behind its numbers."""
    return next((found.air_date for found in dated(stem) if found.start >= numbering.end), None)


def _date(spans: tuple[Span, ...]) -> date | None:
    day = next((span.value for span in spans if span.name == "date"), None)
    return date.fromisoformat(str(day)[:10]) if day is not None else None


def _behind_both_numbers(stem: str, guess: Guess, numbering: Numbering | None) -> str | None:
    """`Show - S02E05 - 017 - Its Name`: guessit takes the second number for the beginning of the name."""
    if numbering is None or not (numbering.episodes and numbering.absolute_episodes):
        return None
    span = next((each for each in guess.spans if each.name == "episode_title" and each.end > numbering.end), None)
    return spaced(stem[max(span.start, numbering.end) : span.end]) or None if span else None


_ANNIVERSARY = re.compile(r"(?:\d+(?:th|st|nd|rd)[ ._-])?anniversary(?:[ ._-]edition)?", re.IGNORECASE)


_CUT = re.compile(r"(?<![^\W_])(?:the[ ._]+)?(?P<cut>[^\W\d_]{3,}(?:['’]s)?[ ._]cut)(?![^\W_])", re.IGNORECASE)
"""`The Final Cut`, `Ultimate.Cut`, `Somebody's Cut`, behind the title."""


def _edition(stem: str, spans: tuple[Span, ...], behind: int) -> str | None:
    editions = [
        str(span.value)
        for span in spans
        if span.name == "edition" or (span.name == "other" and span.value in ("2in1", "Open Matte"))
    ]
    if (match := _ANNIVERSARY.search(stem)) and match.start() > 0:
        editions.append("Anniversary Edition")
    if not editions and (match := _CUT.search(stem, behind)):
        editions.append(spaced(match["cut"]).title().replace("'S", "'s"))
    return ", ".join(dict.fromkeys(editions)) or None


def _behind_numbers(stem: str, begin: int, spans: tuple[Span, ...], numbering: Numbering | None) -> bool:
    first = (
        numbering.start if numbering else min((span.start for span in spans if span.name in NUMBERS), default=len(stem))
    )
    if numbering is not None and numbering.rule == TITLE:
        return False
    return first < begin and not re.search(r"\w", re.sub(r"\[[^\]]*\]", "", stem[:first]))
