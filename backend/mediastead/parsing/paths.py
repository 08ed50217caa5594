"""A whole path, read: what the file's name says, completed and corrected by the folders above it and by NFO files."""

import re
from collections.abc import Sequence
from datetime import date
from typing import TypedDict

from msgspec.structs import replace

from .confidence import Origin, confidence_in
from .folders import FolderUse, container_type
from .guess import Guess, Guessed
from .nfo import NfoFacts, NfoKind
from .origins import origins_of
from .outline import Outline, outline
from .parsed import ParsedPath, ParsedType, Role, TitleGuess
from .reading import NameReading, read_name
from .rereading import film_reread, series_reread, without_form, without_studio
from .text import key

_UNREAD = Guess(problem="timeout")


class _Numbers(TypedDict, total=False):
    seasons: tuple[int, ...]
    episodes: tuple[int, ...]
    absolute_episodes: tuple[int, ...]
    air_date: date | None


def names_to_guess(path: str) -> tuple[str, ...]:
    """The names on a path that guessit has to be asked about: the file's and at most two folders', tidied and cut to
    `LONGEST_NAME` characters. `parse_path` wants what guessit says under exactly these names."""
    said = outline(path)
    return tuple(dict.fromkeys(name for name in (said.file, *said.titled) if name))


def parse_path(path: str, *, guessed: Guessed, nfo: Sequence[NfoFacts] = ()) -> ParsedPath:
    """What the names on a path say, with nothing looked up. Pure; never raises, whatever the text.

    `guessed` holds guessit's findings for `names_to_guess(path)`; a name that is missing there counts as one that guessit
    could not read. `nfo` are the NFO files that belong to the file, the nearest first; they are believed before the names.
    """
    return parse_with_origins(path, guessed=guessed, nfo=nfo)[0]


def parse_with_origins(
    path: str, *, guessed: Guessed, nfo: Sequence[NfoFacts] = ()
) -> tuple[ParsedPath, dict[str, Origin]]:
    """The parsed path, and for each field that it says where that was read: what confidence is measured by."""
    said = outline(path)
    file = (
        _read(said.file, guessed, numbers_need_words=said.among_films, listed=said.among_films) if said.file else None
    )
    folders = [_read(name, guessed, numbers_need_words=True) for name in said.titled]
    numbers, numbers_from = _numbers(said, file, folders, nfo)
    titles = () if said.personal else _titles(said, file, folders, nfo, bool(numbers))
    problem = None
    if not titles:
        problem = guessed.get(said.file, _UNREAD).problem if said.file and not said.personal else None
        problem = problem or "no_title"
    readings = [reading for reading in (file, *folders) if reading is not None]
    parsed = ParsedPath(
        path=said.path,
        type=_type(said, file, folders, numbers, nfo),
        titles=titles,
        year=next((title.year for title in titles if title.year is not None), None),
        episode_title=_episode_title(said, file, numbers),
        part=said.part or (file.part if file is not None and not numbers and said.role is None else None),
        cour=_cour(said, file) if numbers.get("episodes") else None,
        edition=said.edition or next((reading.edition for reading in readings if reading.edition), None),
        role=said.role,
        role_rule=said.role_rule,
        ids=_nfo_ids(nfo) | said.ids,
        problem=problem,
        **numbers,
    )
    could_say = origins_of(said, file, folders, nfo, titles, list(numbers), numbers_from)
    origins = {
        field: origin
        for field, origin in could_say.items()
        if field == "title" or getattr(parsed, field) not in (None, (), {})
    }
    sources = {field: origin.source for field, origin in origins.items()}
    confidence = {field: confidence_in(field, origin) for field, origin in origins.items()}
    return replace(parsed, sources=sources, confidence=confidence), origins


def _read(name: str, guessed: Guessed, *, numbers_need_words: bool, listed: bool = False) -> NameReading:
    """Where guessit could not read a name, our rules still find its numbers, but nothing says where its title ends."""
    guess = guessed.get(name, _UNREAD)
    reading = read_name(name, guess, numbers_need_words=numbers_need_words, listed=listed)
    return replace(reading, title=None, alternatives=()) if guess.problem else reading


def _cour(said: Outline, file: NameReading | None) -> int | None:
    of_folder = next((folder.cour for folder in reversed(said.folders) if folder.use is FolderUse.SEASON), None)
    return (file.cour if file is not None else None) or of_folder


def _nfo_ids(nfo: Sequence[NfoFacts]) -> dict[str, str]:
    """An episode's or season's NFO carries the ids of that, which name no series."""
    ids: dict[str, str] = {}
    for facts in reversed(nfo):
        if facts.kind not in (NfoKind.EPISODE, NfoKind.SEASON):
            ids |= facts.ids
    return ids


def _numbers(
    said: Outline, file: NameReading | None, folders: list[NameReading], nfo: Sequence[NfoFacts]
) -> tuple[_Numbers, str]:
    """The numbers and where they were read. An NFO, then the file's name, then the folders; the season of a folder completes
    an episode without one."""
    for facts in nfo:
        if facts.kind is NfoKind.EPISODE and facts.season is not None and facts.episodes:
            return {"seasons": (facts.season,), "episodes": facts.episodes}, "nfo"
    of_folder = next((reading for reading in folders[:1] if _has_numbers(reading)), None)
    season = said.season
    if season is None:
        season = next((facts.season for facts in nfo if facts.kind is NfoKind.SEASON), None)
    if season is None and of_folder is not None and len(of_folder.seasons) == 1 and not of_folder.episodes:
        season = of_folder.seasons[0]
    if said.bare is not None:
        seasons = said.bare.seasons or (() if season is None else (season,))
        return _with_seasons(seasons, {"episodes": said.bare.episodes}), "a number in a folder"
    if file is not None and _has_numbers(file):
        return _completed(file, season, behind_folder=said.season is not None), file.numbers_from or "guessit"
    if said.role is Role.EXTRA:
        return {}, ""
    named = file is not None and of_folder is not None and _names_an_episode(file, of_folder)
    if season is not None and (said.season is not None or file is None or named):
        return {"seasons": (season,)}, "folder"
    if file is None and of_folder is not None:
        return _completed(of_folder, None, behind_folder=False), "folder"
    return {}, ""


def _has_numbers(reading: NameReading) -> bool:
    return bool(reading.seasons or reading.episodes or reading.absolute_episodes or reading.air_date)


def _with_seasons(seasons: tuple[int, ...], numbers: _Numbers) -> _Numbers:
    return {"seasons": seasons, **numbers} if seasons else numbers


def _completed(reading: NameReading, season: int | None, *, behind_folder: bool) -> _Numbers:
    if reading.air_date is not None and not reading.episodes and not reading.absolute_episodes:
        return {"air_date": reading.air_date}
    absolute = reading.absolute_episodes
    if (
        absolute
        and not reading.episodes
        and behind_folder
        and season is not None
        and (season < 2 or max(absolute) < 100)
    ):
        # In the folder of a season, small numbers count from its beginning, whoever made the release.
        return {"seasons": (season,), "episodes": absolute}
    numbers: _Numbers = {"air_date": reading.air_date} if reading.air_date else {}
    if reading.episodes:
        numbers["episodes"] = reading.episodes
    if absolute:
        numbers["absolute_episodes"] = absolute
    if behind_folder and not reading.seasons and len(reading.episodes) == 1 and reading.episodes[0] // 100 == season:
        numbers["episodes"] = (reading.episodes[0] % 100,)  # `Season 5/Show - 520`
    seasons = reading.seasons or (() if season is None or absolute else (season,))
    return _with_seasons(seasons, numbers)


def _type(
    said: Outline, file: NameReading | None, folders: list[NameReading], numbers: _Numbers, nfo: Sequence[NfoFacts]
) -> ParsedType | None:
    for facts in nfo:
        if facts.kind is not None:
            return ParsedType.MOVIE if facts.kind is NfoKind.MOVIE else ParsedType.EPISODE
    if numbers and (said.bare is None or said.bare.sure or numbers.get("seasons")):
        return ParsedType.EPISODE
    hint = container_type(said.folders)
    if said.role is not None or said.bare is not None:
        return ParsedType.EPISODE if said.season is not None else hint
    reading = file or (folders[0] if folders else None)
    if reading is None:
        return None
    return reading.type if _has_numbers(reading) else hint if hint is ParsedType.MOVIE else reading.type


def _episode_title(said: Outline, file: NameReading | None, numbers: _Numbers) -> str | None:
    if said.bare is not None:
        return said.bare.episode_title
    if file is None or not numbers:
        return None
    if _is_episode_title(said, file):
        return file.title
    return file.episode_title


def _is_episode_title(said: Outline, file: NameReading) -> bool:
    """`S01E05 - Pilot` in a folder with a title; or any name without numbers in the folder of a season."""
    if not said.titled or file.title is None:
        return False
    if file.title_behind_numbers:
        return True
    unnumbered = said.season is not None and not _has_numbers(file)
    return unnumbered and not key(said.titled[0]).startswith(key(file.title))


def _titles(
    said: Outline, file: NameReading | None, folders: list[NameReading], nfo: Sequence[NfoFacts], numbered: bool
) -> tuple[TitleGuess, ...]:
    readings: list[TitleGuess] = []

    def add(
        text: str | None, source: str, year: int | None, season: int | None = None, episode: int | None = None
    ) -> None:
        if not text or not key(text):
            return
        for index, known in enumerate(readings):
            if key(known.text) == key(text):
                if known.year is None and year is not None:
                    readings[index] = TitleGuess(text=known.text, source=known.source, year=year)
                if known.year is None or year is None or known.year == year:
                    return
        readings.append(TitleGuess(text=text, source=source, year=year, season=season, episode=episode))

    for facts in nfo:
        if facts.kind in (NfoKind.EPISODE, NfoKind.SEASON):
            add(facts.show_title, "nfo", None)
        else:
            add(facts.title, "nfo", facts.year)
            add(facts.original_title, "nfo", facts.year)
    own = file if file is not None and not _is_episode_title(said, file) else None
    if own is not None and own.title_behind_numbers and not said.titled:
        add((own.title or "").rpartition(" - ")[0], "file", own.year)  # `[1x02] Show - Its Episode`
    if own is not None and not (folders and _says_less(said, own, folders[0])):
        add(own.title, "file", own.year)
    for reading, source in zip(folders, ("folder", "parent"), strict=False):
        add(reading.title, source, reading.year)
    if own is not None:
        add(own.title, "file", own.year)
    for reading in tuple(readings):
        add(without_studio(reading.text), reading.source, reading.year)
        add(without_form(reading.text), reading.source, reading.year)
    for reading, source in ((own, "file"), *zip(folders, ("folder", "parent"), strict=False)):
        if reading is None or not reading.title or all(known.text != reading.title for known in readings):
            continue
        add(reading.behind_group, source, reading.year)
        numbered_by_it = reading is own and numbered
        if numbered_by_it and own is not None and (own.episodes or own.absolute_episodes) and not own.seasons:
            for again in series_reread(reading.title):
                add(again.text, "alternative", reading.year, season=again.season)
        elif not numbered:
            for again in film_reread(reading.title):
                add(again.text, "alternative", reading.year, episode=again.episode)
    for reading in (own, *folders):
        for text in reading.alternatives if reading is not None else ():
            year = reading.year if reading is not None else None
            add(text, "alternative", None if year is not None and text.endswith(str(year)) else year)
    if numbered and file is not None and own is None and not file.title_behind_numbers:
        add(file.title, "alternative", file.year)
    for reading in (own, *folders[:1]):
        if reading is not None and readings and reading.title == readings[0].text and not reading.votes.title:
            add(reading.second_title, "second", reading.year)  # what nobody else reads so is doubtful
    if not readings and numbered:
        # `S01E02 Title`, with no folder that names a title: what stands behind the numbers may be the series.
        add(said.bare.episode_title if said.bare else file.episode_title if file else None, "alternative", None)
    return _with_year_of_shelf(said, readings, numbered)


def _with_year_of_shelf(said: Outline, readings: list[TitleGuess], numbered: bool) -> tuple[TitleGuess, ...]:
    """`Movies/1999/Title.mkv`: the year of a folder that sorts films by it, where the names say none."""
    year = next((folder.year for folder in reversed(said.folders) if folder.year is not None), None)
    if year is None or numbered or any(reading.year is not None for reading in readings):
        return tuple(readings)
    return tuple(replace(reading, year=year) for reading in readings)


_COLLECTION = re.compile(
    r"(?:19|20)\d\d[ ]?[-–][ ]?(?:19|20)\d\d|collection|anthology|[a-z]+logy\b|saga|box[ ._-]?set|pack\b", re.IGNORECASE
)
_SCENE_SHORT = re.compile(r"[a-z0-9]{2,6}-[a-z0-9._-]+")


def _says_less(said: Outline, file: NameReading, folder: NameReading) -> bool:
    """Whether the folder's title is to be believed before the file's."""
    return (
        _is_abbreviated(file, folder)
        or (folder.released and file.year is None and _SCENE_SHORT.fullmatch(said.file) is not None)
        or _is_bare_word(said, file, folder)
        or _names_an_episode(file, folder)
    )


def _is_bare_word(said: Outline, file: NameReading, folder: NameReading) -> bool:
    """`Low Tide (1999)/a.mkv`, `Low Tide (1999)/tide.mkv`: whoever put a film into a folder of its own spelled that one out.
    A collection's folder has titles of its own inside (`Alien Collection (1979)/Aliens.mkv`)."""
    return (
        folder.year is not None
        and file.year is None
        and not _has_numbers(file)
        and re.fullmatch(r"[^\W_]+", said.file) is not None
        and _COLLECTION.search(said.titled[0]) is None
    )


def _names_an_episode(file: NameReading, folder: NameReading) -> bool:
    """`The Harbour Season 3/The Harbour - Low Tide.mkv`: the folder's series, then the name of one of its episodes."""
    start = key(folder.title or "")
    return (
        bool(start and folder.seasons)
        and not folder.episodes
        and not _has_numbers(file)
        and key(file.title or "").startswith(start)
    )


def _is_abbreviated(file: NameReading, folder: NameReading) -> bool:
    """Scene releases shorten the file's name and spell the folder's out: `Some.Film.2010.DVDRip.XviD-GRP/grp-sf.avi`."""
    return (
        folder.released
        and not file.released
        and file.year is None
        and key(file.title or "") not in key(folder.title or "")
    )
