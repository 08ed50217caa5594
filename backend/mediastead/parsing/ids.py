"""Ids that people and programs write into the names of files and folders."""

import re
from typing import NamedTuple

_PROVIDERS = {
    "tmdb": "tmdb",
    "tmdbid": "tmdb",
    "themoviedb": "tmdb",
    "imdb": "imdb",
    "imdbid": "imdb",
    "tvdb": "tvdb",
    "tvdbid": "tvdb",
    "thetvdb": "tvdb",
}
_NUMBER = r"(?P<number>tt\d{6,9}|\d{1,9})"
_NAME = r"(?P<provider>themoviedb|thetvdb|(?:tmdb|imdb|tvdb)(?:id)?)"

_TAGGED = re.compile(rf"[\[({{]\s*{_NAME}\s*[-=:_ ]\s*{_NUMBER}\s*[\])}}]", re.IGNORECASE)
"""Plex `{tmdb-603}`, Jellyfin `[tmdbid-603]`, Emby `[tmdbid=603]`, and `(tmdb 603)`."""
_OPEN = re.compile(rf"(?<![^\W_]){_NAME}[-=]{_NUMBER}(?![^\W_])", re.IGNORECASE)
"""The same without brackets: `Film.2010.tmdb-603`."""
_BARE_IMDB = re.compile(r"[\[({]?(?<![^\W_])(?P<number>tt\d{7,9})(?![^\W_])[\])}]?", re.IGNORECASE)
"""IMDb's ids need no name beside them; `tt` with seven to nine digits is no word of any title."""
_UNUSED = re.compile(
    r"[\[({]\s*(?:anidb\d?|anilist|mal|myanimelist|tvmaze|trakt)(?:id)?\s*[-=: ]\s*\d{1,9}\s*[\])}]", re.IGNORECASE
)
"""Ids of catalogues that nothing here asks; they only have to leave the name."""


class NamedIds(NamedTuple):
    name: str
    """The name without its ids."""
    ids: dict[str, str]


def take_ids(name: str) -> NamedIds:
    """Cuts the ids out of one name. The first of a provider wins."""
    ids: dict[str, str] = {}

    def taken(match: re.Match[str]) -> str:
        provider = _PROVIDERS[(match.groupdict().get("provider") or "imdb").lower()]
        number = match["number"].lower()
        if provider == "imdb":
            number = number if number.startswith("tt") else f"tt{int(number):07d}"
        elif number.startswith("tt"):
            return match.group()
        if int(number.removeprefix("tt")) == 0:
            return match.group()
        ids.setdefault(provider, number if provider == "imdb" else str(int(number)))
        return " "

    for pattern in (_TAGGED, _OPEN, _BARE_IMDB):
        name = pattern.sub(taken, name)
    name = _UNUSED.sub(" ", name)
    return NamedIds(re.sub(r"\s+", " ", name).strip(), ids)
