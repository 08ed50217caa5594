"""What a path offers to ask about: readings of the title, the type it may be of, and other spellings to try."""

import re
from collections.abc import Iterator

from msgspec import Struct

from ..metadata.facts import ItemType
from ..parsing.parsed import ParsedPath, ParsedType
from .said import has_numbers, names_an_episode
from .titles import fold, main_title, with_apostrophes, with_other_numbers, without_article

SHELVES = {
    **dict.fromkeys(("movie", "movies", "film", "films", "filme", "filmes", "filmy", "cinema", "kino"), ItemType.MOVIE),
    **dict.fromkeys(("peliculas", "pelicules", "spielfilme", "featurefilms"), ItemType.MOVIE),
    **dict.fromkeys(("tv", "tvshow", "tvshows", "tvseries", "television", "shows", "sitcoms"), ItemType.SERIES),
    **dict.fromkeys(("series", "serie", "serien", "seriale", "miniseries"), ItemType.SERIES),
}
"""Words for the folders in which people keep films and series."""


class Reading(Struct, frozen=True):
    """One reading of the title, with the year that belongs to it."""

    text: str
    source: str
    year: int | None = None
    shortened: bool = False
    """Whether words of the name were left out to find it."""
    piece: bool = False
    """Whether those stand apart from it, before a dash or in brackets (`A Director - A Title`). What begins a name and goes on
    behind a dash is rather the heading of several titles."""
    season: int | None = None
    """What a number that was left out of the title says: `Overlord II - 03` may be the second season of `Overlord`."""
    episode: int | None = None
    """Likewise: `The Harbour Part 3` may be the third episode of `The Harbour`. For a film the reading is a shortened one."""

    @property
    def is_renumbered(self) -> bool:
        """Whether it takes a number of the title for a season's or an episode's: another reading of the same words."""
        return self.season is not None or self.episode is not None


class Subject(Struct, frozen=True):
    """A parsed path, prepared for asking and weighing."""

    parsed: ParsedPath
    readings: tuple[Reading, ...]
    types: tuple[ItemType, ...]
    """The types that it may be of, the likelier first."""
    other_types: tuple[ItemType, ...]
    """The types to ask for when none of the likely ones has a title that fits."""
    numbered: bool
    """Whether it names episodes, so that a series is only matched where it has them."""
    named: bool
    """Whether it names an episode by its name alone, within a season."""
    shelf: ItemType | None
    """The type that the folders above it are for, where their names say, else the library's own."""
    declared: bool
    """Whether the library is said to hold films or series only, and so nobody's own recordings."""
    countries: frozenset[str]
    """What the file's or its folder's name says behind the title about where the title was made (ISO 3166-1)."""
    own_name: Reading | None
    """How the file itself is called, where its folder's name is read first."""
    written: tuple[str, ...]
    """The names on the path, folded, the file's first: a title may go on where a reading stops (`Alien - Covenant`)."""


def subject_of(parsed: ParsedPath, kind: str) -> Subject:
    """`kind` is the library's: `movies`, `series` or `mixed`."""
    declared = {"movies": ItemType.MOVIE, "series": ItemType.SERIES}.get(kind)
    shelf = _shelf(parsed.path) or declared
    written = tuple(fold(name.rpartition(".")[0] or name) for name in reversed(parsed.path.split("/")[-3:]))
    types = _types(parsed, kind, shelf)
    others = tuple(each for each in ItemType if each not in types) if kind == "mixed" else ()
    readings = _readings(parsed)
    return Subject(
        parsed,
        readings,
        types,
        others,
        _counts_as_numbered(parsed),
        names_an_episode(parsed) and parsed.role is None,
        shelf,
        declared is not None,
        _countries(parsed),
        _own_name(parsed, readings),
        written,
    )


COUNTRIES = {"us": "US", "usa": "US", "uk": "GB", "gb": "GB", "au": "AU", "nz": "NZ", "ca": "CA", "ie": "IE"}
"""What stands behind titles that several countries have used: `Low Tide (UK)`, `Low.Tide.US.S01E01`."""


def _countries(parsed: ParsedPath) -> frozenset[str]:
    """A country behind a title, where a reading without it shows that it is no part of the title."""
    read = {fold(guess.text) for guess in parsed.titles}
    found: set[str] = set()
    for guess in parsed.titles:
        title, _, last = fold(guess.text).rpartition(" ")
        if title in read and last in COUNTRIES:
            found.add(COUNTRIES[last])
    return frozenset(found)


def _own_name(parsed: ParsedPath, readings: tuple[Reading, ...]) -> Reading | None:
    """Not where that is a shortened form or a label, what an extra is called, or an episode."""
    if parsed.role is not None or has_numbers(parsed) or parsed.seasons or not readings or readings[0].source == "file":
        return None
    return next(
        (each for each in readings if each.source == "file" and not each.shortened and len(fold(each.text)) > 3), None
    )


def _counts_as_numbered(parsed: ParsedPath) -> bool:
    return has_numbers(parsed) and parsed.role is None


def _readings(parsed: ParsedPath) -> tuple[Reading, ...]:
    """All readings, those that fold to the same words once. A reading without a year takes the path's.

    One that says less than another of the same name (`John Wick` of `John Wick - Chapter 2`) is a shortened one; not so the
    two sides of `aka`, and what is left beside a broadcaster.
    """
    found: dict[str, Reading] = {}
    whole: dict[str, str] = {}
    for guess in parsed.titles:
        year = guess.year or parsed.year
        sides = [side.strip(_EDGES) for side in _ALSO_KNOWN_AS.split(guess.text)]
        unsent = _BROADCASTER.sub("", guess.text).strip(_EDGES)
        for text in (*(sides if len(sides) > 1 else ()), *([unsent] if unsent != guess.text else ())):
            found.setdefault(fold(text), Reading(text, guess.source, year))
        words = fold(guess.text)
        if words and words not in found:
            longer = next((long for long in found if f" {words} " in f" {long} "), None)
            shortened = guess.source in ("alternative", "second") and longer is not None and guess.season is None
            piece = shortened and _stands_apart(guess.text, whole.get(longer or "", ""))
            found[words] = Reading(
                guess.text.strip(), guess.source, year, shortened, piece, guess.season, guess.episode
            )
            whole[words] = guess.text
    return tuple(reading for words, reading in found.items() if words)


_EDGES = " -–—_.,:()[]"
_ALSO_KNOWN_AS = re.compile(r"(?<=[\w)\]!?.])[\s(\[,–-]+(?:aka|a\.k\.a\.?)[\s:]+(?=\w)", re.IGNORECASE)
_BROADCASTER = re.compile(
    r"^(?:HBO|BBC|ITV|PBS|AMC|NBC|CBS|ABC|FOX|NHK|Netflix|Amazon|Hulu|Showtime|Syfy|Disney|Disney\+|Apple TV\+?)(?:[ ]-[ ]|[ ])"
    r"|[ ][\[(](?:HBO|BBC|ITV|PBS|AMC|NBC|CBS|ABC|FOX|NHK|Netflix|Amazon|Hulu|Showtime|Syfy|Disney|Disney\+|Apple TV\+?)[\])]$"
)
"""Who shows it, before or behind the title; a title that begins so is still read as it stands."""


def _stands_apart(piece: str, whole: str) -> bool:
    """Whether `piece` is what follows a dash, or is inside or outside of brackets, in `whole`."""
    behind = re.split(r"\s+[-–—]\s+", whole)[1:]
    around = re.split(r"\s*[(\[]\s*|\s*[)\]]\s*", whole)
    return fold(piece) in {fold(side) for side in (*behind, *(around if len(around) > 1 else ()))}


def _shelf(path: str) -> ItemType | None:
    """The type that the nearest shelf above the file is for."""
    for folder in reversed(path.split("/")[:-1]):
        shelf = SHELVES.get(fold(folder).replace(" ", ""))
        if shelf:
            return shelf
    return None


def _types(parsed: ParsedPath, kind: str, shelf: ItemType | None) -> tuple[ItemType, ...]:
    numbered = _counts_as_numbered(parsed)
    certain = bool(numbered and parsed.seasons and parsed.episodes) or bool(parsed.air_date and numbered)
    if kind == "series":
        return (ItemType.SERIES,)
    if kind == "movies":
        return (ItemType.SERIES,) if certain and parsed.type is ParsedType.EPISODE else (ItemType.MOVIE,)
    if parsed.role is not None:
        second = ItemType.MOVIE if _leans_to_series(parsed, shelf) else ItemType.SERIES
        first = ItemType.SERIES if second is ItemType.MOVIE else ItemType.MOVIE
        return (first,) if shelf is first else (first, second)
    if parsed.type is ParsedType.EPISODE or (numbered and parsed.type is None):
        return (
            (ItemType.SERIES,)
            if certain or not numbered or shelf is ItemType.SERIES
            else (ItemType.SERIES, ItemType.MOVIE)
        )
    if parsed.seasons or (shelf is ItemType.SERIES and parsed.type is None):
        return (ItemType.SERIES,)
    return (ItemType.MOVIE, ItemType.SERIES) if shelf is ItemType.SERIES else (ItemType.MOVIE,)


def _leans_to_series(parsed: ParsedPath, shelf: ItemType | None) -> bool:
    return shelf is ItemType.SERIES or (shelf is None and (parsed.type is ParsedType.EPISODE or bool(parsed.seasons)))


def variants(subject: Subject, type: ItemType) -> Iterator[Reading]:
    """Other ways to write the readings: the year as a part of the title, with numbers in letters, without article,
    subtitle or last words."""
    for reading in subject.readings[:2]:
        if type is ItemType.MOVIE and reading.year:
            yield Reading(f"{reading.text} {reading.year}", reading.source)
            yield Reading(f"{reading.year} {reading.text}", reading.source)
        for text in (
            _without_place(reading.text),
            *with_apostrophes(reading.text),
            *with_other_numbers(reading.text),
            without_article(reading.text),
        ):
            if text:
                yield Reading(text, reading.source, reading.year)
        if apart := taken_apart(reading):
            yield apart
        words = reading.text.split()
        shorter = [
            main_title(reading.text),
            *(" ".join(words[:-dropped]) for dropped in (1, 2) if len(words) > dropped + 1),
            " ".join(words[1:]) if len(words) > 1 else None,
        ]
        for text in dict.fromkeys(shorter):
            if text and len(fold(text)) > 2:
                yield Reading(text, reading.source, reading.year, shortened=True)


def _without_place(text: str) -> str | None:
    """`2. Low Tide`, `#7 Low Tide`, `05 - Low Tide`: without its place in a list."""
    rest = re.sub(r"^#?\d{1,3}(?:[.)]\s+|\s+-\s+|\s+)(?=\S)", "", text)
    return rest if rest != text and any(letter.isalpha() for letter in rest) else None


def taken_apart(reading: Reading) -> Reading | None:
    """`LowTide2004`: words that only capitals tell apart, and the year behind them."""
    if not re.fullmatch(r"[^\W_]{5,}", reading.text):
        return None
    words = re.sub(r"(?<=[^\W\d_A-Z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=\d)(?=[A-Z])", " ", reading.text)
    if year := re.search(r" ((?:19|20)\d\d)$", words):
        return Reading(words[: year.start()], reading.source, int(year[1]))
    return Reading(words, reading.source, reading.year) if words != reading.text else None


def respellings(text: str) -> list[str]:
    """Queries that find a title although `text` has a slip of the pen: searches forgive endings, not errors.

    First every word cut in half (a slip in a later half no longer matters), then each long word in turn cut to its first
    letter (a slip elsewhere in it no longer matters), then without each word in turn (a slip in its beginning no longer
    matters). A single word is cut ever shorter, at last to its first and third letter (a second one that is too many no longer
    matters), and to its first two swapped.
    """
    words = fold(text).split()
    if not _is_language(words):
        return []
    halves = [word[: max(2, (len(word) + 1) // 2)] if not word.isdigit() else word for word in words]
    queries = [" ".join(halves)]
    by_length = sorted(range(len(words)), key=lambda place: (-len(words[place]), place))
    long_ones = [place for place in by_length if len(words[place]) > 3 and not words[place].isdigit()]
    if len(words) == 1:
        queries += [words[0][:length] for length in (len(words[0]) - 2, 3, 2) if 1 < length < len(words[0])]
        queries += [words[0][0] + words[0][2:3], words[0][1] + words[0][0] + words[0][2:3]]
    else:
        queries += [" ".join([*words[:at], words[at][0], *words[at + 1 :]]) for at in long_ones[:3]]
        spoken = [at for at in by_length if words[at].isalpha() and len(words[at]) > 2]
        queries += [" ".join([*words[:at], *words[at + 1 :]]) for at in spoken[:4]]
    return list(dict.fromkeys(query for query in queries if len(query) > 1))


def _is_language(words: list[str]) -> bool:
    """Whether the words could be a title that somebody mistyped, rather than a camera's or a program's name."""
    spoken = [word for word in words if word.isalpha() and len(word) > 1]
    mixed = [word for word in words if not word.isalpha() and not word.isdigit()]
    return any(len(word) > 3 for word in spoken) and len(mixed) <= len(spoken)
