"""The shapes that parsing gives to matching."""

from datetime import date
from enum import StrEnum

from msgspec import Struct, structs

from ..files.types import Role


class ParsedType(StrEnum):
    MOVIE = "movie"
    EPISODE = "episode"


class TitleGuess(Struct, frozen=True, kw_only=True):
    """One reading of the title. `text` is as written (separators made spaces), not folded."""

    text: str
    source: str
    """Where it was read: `file` | `folder` (the nearest folder that names a title) | `parent` | `nfo` | `alternative` |
    `second` (how the second parser reads the file's name or the folder's)."""
    year: int | None = None
    """The year that stands beside this reading, if any."""
    season: int | None = None
    """What a number that this reading leaves out says if the reading is right: `Overlord II - 03` is a title `Overlord II`, or
    season 2 of `Overlord`. Where it is set, `episodes` (or `absolute_episodes`) count within that season."""
    episode: int | None = None
    """Likewise: `The Harbour Part 3` is a film, or episode 3 of `The Harbour`."""


class ParsedPath(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the names on a path say, with nothing looked up. Made by `parsing.parse_path`.

    Empty tuples and None mean that the path does not say. `sources` names the rule or parser that each field came from
    (`{"season": "guessit", "title": "folder"}`), so that a person can be told why.
    """

    path: str
    """The path as text (lossy where the bytes are no UTF-8), relative to the library's root."""
    type: ParsedType | None = None
    titles: tuple[TitleGuess, ...] = ()
    """Readings of the title, most trusted first, without repetition."""
    year: int | None = None
    seasons: tuple[int, ...] = ()
    episodes: tuple[int, ...] = ()
    absolute_episodes: tuple[int, ...] = ()
    """Numbers counted through all seasons (`One Piece - 1015`). `episodes` is then empty, or says the same episodes as they are
    counted in `seasons` (`S16E03 - 313`)."""
    air_date: date | None = None
    episode_title: str | None = None
    part: int | None = None
    """Part of a film that is cut into several files: cd1, disc 2, pt3."""
    cour: int | None = None
    """Part of a season that is split (`Season 3 Part 2 - 01`): `episodes` are counted within it, and the provider may count
    them through the whole season."""
    edition: str | None = None
    role: Role | None = None
    """`extra` or `sample` where a rule says so, else None (feature or episode follows from the match)."""
    role_rule: str | None = None
    """The rule that said so, in words that can be shown: `folder "Featurettes"`, `suffix "-trailer"`."""
    ids: dict[str, str] = {}
    """Ids written in names or NFO files: `tmdb`, `imdb` (with tt), `tvdb`."""
    sources: dict[str, str] = {}
    confidence: dict[str, float] = {}
    """For each field in `sources` the probability that it is right, as measured on labelled names."""
    problem: str | None = None
    """Why nothing could be read: `timeout`, `too_long`, `no_title`; None where something was."""

    def without_rules(self) -> "ParsedPath":
        """As it is read where a person lifted the rules: it is no extra and no sample."""
        return structs.replace(self, role=None, role_rule=None)
