"""How a person's answer for one file is found again for others: by what their names read.

An answer is remembered under the key of the file it was given for. It holds for files of which the names give the same key:
the same title and year, the same ids, and numbers of episodes in both or in neither.
"""

import hashlib
from enum import IntEnum

from msgspec import Struct

from ..parsing.folders import FolderUse, folder_of
from ..parsing.parsed import ParsedPath
from ..parsing.untitled import is_untitled
from .said import has_numbers
from .titles import fold

SHORTEST = 2
"""Letters and digits of a title that says anything at all: `Up`, `24`; one letter is a label."""
OWN = ("file", "nfo")
"""Where a film's title must be read: what lies in a folder with a film's name beside it need not be the film."""


class Kind(IntEnum):
    """What a key is of: its first byte."""

    FILM = 0
    """A title without a year, and no episodes: others may be called the same."""
    FILM_OF_YEAR = 1
    EPISODES = 2
    """A title with the number or the day of an episode."""


class Recall(Struct, frozen=True):
    """What a file's names read, as far as another file's could read the same."""

    title: str
    """For people: `The Matrix (1999)`."""
    key: bytes | None
    """Under which an answer for this file is remembered, 16 bytes; None where it would hold for nothing else."""
    keys: tuple[bytes, ...]
    """Under which an answer for another file holds for this one, the closest first."""
    ids: dict[str, str] = {}
    """Those in its names. An answer found under another key than `with_ids` must not contradict them."""
    with_ids: tuple[bytes, ...] = ()
    """Those of `keys` that hold the ids."""
    year: int | None = None
    yearless: tuple[bytes, ...] = ()
    """Those of `keys` that leave the year out, though the names say one: the answer was given before the folder had it. It
    holds only for a title of that year."""


def recall_of(parsed: ParsedPath) -> Recall | None:
    """None where the names say no title, or one that anything may be called (`Movie`, `Disc 1`, `IMG_0001`)."""
    if not parsed.titles:
        return None
    first = parsed.titles[0]
    title, year = " ".join(first.text.split()), first.year or parsed.year
    if not _says_something(title):
        return None
    kinds = _kinds(parsed, year)
    if parsed.role is None and Kind.EPISODES not in kinds and first.source not in OWN:
        return None
    ids = tuple(sorted(parsed.ids.items()))

    def keys_of(year: int | None, ids: tuple[tuple[str, str], ...]) -> tuple[bytes, ...]:
        return tuple(_key(kind, title, year, ids, parsed) for kind in _kinds(parsed, year))

    full, plain = keys_of(year, ids), keys_of(year, ()) if ids else ()
    yearless_full = keys_of(None, ids) if year else ()
    yearless = (*yearless_full, *(keys_of(None, ()) if year and ids else ()))
    return Recall(
        f"{title} ({year})" if year else title,
        # An extra tells what it belongs to, but not the other way round.
        full[0] if parsed.role is None else None,
        (*full, *plain, *yearless),
        dict(ids),
        (*full, *yearless_full) if ids else (),
        year,
        yearless,
    )


def kind_of(key: bytes) -> Kind:
    return Kind(key[0])


def _says_something(title: str) -> bool:
    words = fold(title)
    if len(words.replace(" ", "")) < SHORTEST or is_untitled(title):
        return False
    # As a folder's name it would name no title; but a number can be one (`24`, `1899`).
    return words.isdigit() or folder_of(title).use is FolderUse.TITLE


def _kinds(parsed: ParsedPath, year: int | None) -> tuple[Kind, ...]:
    film = Kind.FILM_OF_YEAR if year else Kind.FILM
    if parsed.role is not None:
        return film, Kind.EPISODES
    return (Kind.EPISODES,) if has_numbers(parsed) else (film,)


def _key(kind: Kind, title: str, year: int | None, ids: tuple[tuple[str, str], ...], parsed: ParsedPath) -> bytes:
    """A season without an episode tells films of one title apart (`Open Season 2`); with one it is not the title's."""
    seasons = () if kind is Kind.EPISODES or parsed.role is not None else parsed.seasons
    said = repr((fold(title), year, ids, seasons)).encode()
    return bytes([kind]) + hashlib.blake2b(said, digest_size=15).digest()
