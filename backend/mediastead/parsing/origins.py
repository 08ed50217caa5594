"""Where each field of a parsed path was read, and who agrees."""

from collections.abc import Sequence

from .confidence import Origin
from .nfo import NfoFacts, NfoKind
from .outline import Outline
from .parsed import TitleGuess
from .reading import NameReading
from .text import key


def origins_of(
    said: Outline,
    file: NameReading | None,
    folders: Sequence[NameReading],
    nfo: Sequence[NfoFacts],
    titles: Sequence[TitleGuess],
    numbers: Sequence[str],
    numbers_from: str,
) -> dict[str, Origin]:
    """For every field that a path could say: `titles` are its readings, `numbers` the fields of numbers that it has."""
    votes_for_numbers = None
    if numbers_from == "folder":
        votes_for_numbers = folders[0].votes.numbers if folders and said.season is None else None
    elif numbers_from not in ("nfo", "a number in a folder") and file is not None:
        votes_for_numbers = file.votes.numbers
    origins = dict.fromkeys(numbers, Origin(numbers_from, votes_for_numbers))
    if titles:
        origins["title"] = _of_title(titles[0], file, folders)
    if dated := next((title for title in titles if title.year is not None), None):
        origins["year"] = _of_year(dated, file, folders)
    origins["type"] = _of_type(file, folders, nfo, bool(numbers))
    origins["episode_title"] = Origin("a name behind a number" if said.bare is not None else "file")
    origins["part"] = Origin("end of the name" if file is not None else "folder")
    origins["edition"] = Origin("braces" if said.edition else "guessit")
    if said.role_rule is not None:
        origins["role"] = Origin(said.role_rule)
    origins["ids"] = Origin("name" if said.ids else "nfo")
    return origins


def _of_title(title: TitleGuess, file: NameReading | None, folders: Sequence[NameReading]) -> Origin:
    """A title that stands on the file and on a folder has one voter more."""
    places = _places(file, folders)
    if title.source not in places:
        return Origin(title.source)
    same = [reading for reading in places.values() if key(reading.title or "") == key(title.text)]
    return Origin(title.source, places[title.source].votes.title + (len(same) > 1))


def _of_year(title: TitleGuess, file: NameReading | None, folders: Sequence[NameReading]) -> Origin:
    """The year beside a file's title may be its folder's, or that of a shelf above (`Movies/1999/Title.mkv`)."""
    places = _places(file, folders)
    own = places.get(title.source)
    dated = (place for place, reading in places.items() if reading.year == title.year)
    source = (
        title.source if own is not None and own.year == title.year else next(dated, "shelf" if own else title.source)
    )
    return Origin(source, places[source].votes.year if source in places else None)


def _places(file: NameReading | None, folders: Sequence[NameReading]) -> dict[str, NameReading]:
    read = {"file": file} | dict(zip(("folder", "parent"), folders, strict=False))
    return {place: reading for place, reading in read.items() if reading is not None}


def _of_type(
    file: NameReading | None, folders: Sequence[NameReading], nfo: Sequence[NfoFacts], numbered: bool
) -> Origin:
    if any(facts.kind in (NfoKind.MOVIE, NfoKind.EPISODE, NfoKind.SERIES) for facts in nfo):
        return Origin("nfo")
    reading = file or (folders[0] if folders else None)
    return Origin("numbers" if numbered else "no numbers", reading.votes.type if reading is not None else None)
