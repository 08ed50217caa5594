"""What a file should be called: a template of the library, filled with what is known of the file.

A template is one line of Jinja's language; `/` parts folders:

    {{ title }} ({{ year }})/{{ title }} ({{ year }}) - {{ edition }}

What is not known is empty, and brackets or dashes that are left with nothing in them go. Only a small part of the language
is allowed (`language.py`), so that a template can neither read anything else nor run for long.
"""

import re
from collections.abc import Callable
from itertools import takewhile

from jinja2 import TemplateError
from msgspec import Struct, structs

from ..catalog.types import ItemType
from .language import compiled
from .safe import LONGEST_NAME, LONGEST_PATH, cut, safe_name, safe_value

LONGEST_TITLE = 160
"""Bytes of a title, also of an episode's, that go into names; with a year and an id a folder's name still fits."""


class EpisodeFacts(Struct, frozen=True):
    season: int
    number: int
    title: str | None = None


class Facts(Struct, frozen=True, kw_only=True):
    """What is known of one media file. Episodes in the order of their numbers."""

    type: ItemType
    title: str
    original_title: str | None = None
    year: int | None = None
    episodes: tuple[EpisodeFacts, ...] = ()
    edition: str | None = None
    part: int | None = None
    resolution: str | None = None
    """This and the next as the file itself says them, once it was read as it is now."""
    hdr: str | None = None
    tmdb: int | None = None
    imdb: str | None = None
    tvdb: str | None = None


class Unnamed(Exception):
    """The template makes no name of these facts; the words say why."""


class TooLong(Unnamed):
    """The name does not fit, however the titles in it are cut."""


FACTS = {
    "type": "movie or series",
    "title": "of the film or series",
    "original_title": "in its own language",
    "year": "of the release, or of the first season",
    "season": "number of the season; 0 holds the specials",
    "episode": "number of the first episode in the file",
    "code": "S01E01, S01E01-E02, S01E01E03 where one between is missing",
    "episode_title": "of the episode; several with & between",
    "edition": "such as Director's Cut",
    "part": "number of the part, where a film is cut into several files",
    "resolution": "of the picture, such as 2160p; empty until the file was read",
    "hdr": "Dolby Vision, HDR10+, HDR10 or HLG; empty where the picture has none, and until the file was read",
    "tmdb": "id at TMDB",
    "imdb": "id at IMDb, tt0133093",
    "tvdb": "id at TheTVDB",
}
"""What a template may name."""


class Naming:
    """One template. Raises `InvalidTemplate` where it is none."""

    def __init__(self, template: str) -> None:
        self._template = compiled(template, FACTS)

    def stem(self, facts: Facts, reserve: int = 0) -> str:
        """Where the file belongs, relative to the root: folders and its name without the suffix, joined by `/`.

        `reserve`: bytes that must fit behind the name (the longest suffix of what goes along). Titles are cut where they
        must be. Raises `Unnamed`.
        """
        facts = _short(facts, LONGEST_TITLE)
        folders, name = self._parts(facts)
        limit = LONGEST_NAME - reserve
        if not _fits(name, limit):
            name = self._fitting(facts, lambda text: _fits(text, limit))
        for folder in folders:
            if not _fits(folder, LONGEST_NAME):
                raise TooLong(f'The name of the folder "{folder[:60]}..." has more than {LONGEST_NAME} bytes.')
        stem = "/".join((*folders, name))
        if not _fits(stem, LONGEST_PATH - reserve):
            raise TooLong(f"The path has more than {LONGEST_PATH} bytes.")
        return stem

    def title_folder(self, facts: Facts) -> str | None:
        """The folder that holds all of the title and nothing else; None where the template makes none."""
        facts = structs.replace(facts, edition=None, part=None, resolution=None, hdr=None, episodes=())
        several = [facts]
        if facts.type is ItemType.SERIES:
            several = [structs.replace(facts, episodes=(EpisodeFacts(season, 1),)) for season in (1, 2)]
        paths = [self._parts(_short(each, LONGEST_TITLE))[0] for each in several]
        common = [each[0] for each in takewhile(lambda parts: len(set(parts)) == 1, zip(*paths, strict=False))]
        # `A/Alien (1979)`: a folder that another title with the same first letter would share is no title's own.
        other = structs.replace(
            several[0], title=several[0].title[:1] + _OTHER, original_title=_OTHER, year=1234, tmdb=1
        )
        shared = self._parts(other)[0]
        if not common or (len(shared) >= len(common) and list(shared[: len(common)]) == common):
            return None
        return "/".join(common)

    def _fitting(self, facts: Facts, fits: Callable[[str], bool]) -> str:
        """The last part with titles as long as possible: those of episodes are cut first."""
        for shorten in (_short_episodes, _short):
            if fits(self._parts(shorten(facts, 1))[1]):
                low, high = 1, LONGEST_TITLE
                while low < high:
                    middle = (low + high + 1) // 2
                    low, high = (middle, high) if fits(self._parts(shorten(facts, middle))[1]) else (low, middle - 1)
                return self._parts(shorten(facts, low))[1]
        raise TooLong(f'The name "{self._parts(facts)[1][:60]}..." has too many bytes, even with a short title.')

    def _parts(self, facts: Facts) -> tuple[tuple[str, ...], str]:
        """(folders, name without suffix), safe but not yet short."""
        try:
            text = self._template.render(_variables(facts))
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise Unnamed(f"The template fails for this file: {error}") from None
        parts = [safe_name(_tidy(part)) for part in text.split("/")]
        if "" in parts:
            raise Unnamed("The template leaves a name empty for this file: something that it needs is not known.")
        return tuple(parts[:-1]), parts[-1]


def code_of(episodes: tuple[EpisodeFacts, ...]) -> str:
    """`S01E01`; `S01E01-E03` for three in a row; `S01E01E03`; `S01E10-S02E01` over two seasons."""
    codes: list[str] = []
    for season in sorted({each.season for each in episodes}):
        numbers = sorted(each.number for each in episodes if each.season == season)
        in_a_row = len(numbers) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1))
        shown = f"E{numbers[0]:02}-E{numbers[-1]:02}" if in_a_row else "".join(f"E{number:02}" for number in numbers)
        codes.append(f"S{season:02}{shown}")
    return "-".join(codes)


def _variables(facts: Facts) -> dict[str, object]:
    first = facts.episodes[0] if facts.episodes else None
    titles = [each.title for each in facts.episodes if each.title]
    known: dict[str, object] = {
        "type": facts.type.value,
        "title": facts.title,
        "original_title": facts.original_title,
        "year": facts.year,
        "season": first.season if first else None,
        "episode": first.number if first else None,
        "code": code_of(facts.episodes),
        "episode_title": " & ".join(dict.fromkeys(titles)),
        "edition": facts.edition,
        "part": facts.part,
        "resolution": facts.resolution,
        "hdr": facts.hdr,
        "tmdb": facts.tmdb,
        "imdb": facts.imdb,
        "tvdb": facts.tvdb,
    }
    return {
        name: "" if value is None else safe_value(value) if isinstance(value, str) else value
        for name, value in known.items()
    }


def _short(facts: Facts, size: int) -> Facts:
    original = cut(facts.original_title, size) if facts.original_title else None
    edition = cut(facts.edition, size) if facts.edition else None
    titled = structs.replace(facts, title=cut(facts.title, size), original_title=original, edition=edition)
    return _short_episodes(titled, size)


def _short_episodes(facts: Facts, size: int) -> Facts:
    share = max(1, size // max(1, len(facts.episodes)))
    episodes = tuple(
        structs.replace(each, title=cut(each.title, share) if each.title else None) for each in facts.episodes
    )
    return structs.replace(facts, episodes=episodes)


def _tidy(part: str) -> str:
    """Without brackets that hold nothing, or only the word before an id that is not known, and without loose dashes."""
    part = re.sub(r"\s*(?:\(\s*\)|\[\s*(?:[a-z]+[-=])?\s*\]|\{\s*(?:[a-z]+[-=])?\s*\})", "", part)
    part = re.sub(r"(?<=[(\[{])\s+|\s+(?=[)\]}])", "", part)
    part = re.sub(r"(?:\s+[-–])+(?=\s+[-–]\s|\s*$)", "", part)
    return re.sub(r"^\s*[-–]\s+", "", part)


def _fits(text: str, limit: int) -> bool:
    return len(text.encode()) <= limit


_OTHER = "\ue000 another title"
