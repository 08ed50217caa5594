"""Puts the open questions together so that one answer settles most: pure, and the same ids for the same questions.

A group's id is a digest of its key, and a file's key depends on nothing but that file's path, decision and parsed names:
groups keep their ids when other files come and go, and a file moves to another group only when its own decision changes.

    what is known of the file                     grouped by
    a film is suggested that is probably right    its folder: a glance at the list accepts it
    a title is suggested                          its type, the suggested title and the title as read
    a title was read that the provider lacks      its type and the title as read, without numbers
    nothing was read                              the shape of its name (`IMG_8017` is `img #`) and the outermost folder
    it is an extra or a sample                    its folder
"""

import hashlib
import re
from collections.abc import Iterable

from msgspec import Struct

from ..catalog.types import ItemType
from ..files.types import Role, UnmatchedReason
from ..parsing.parsed import ParsedPath, ParsedType
from .decision import Decision, EpisodeNumber
from .titles import fold

WORTH_PROPOSING = 0.05
"""A suggestion with less is not put into a person's mouth."""

PROBABLE = 0.85
"""From this probability on a film is offered together with the others of its folder, to be accepted as a whole."""

_HEX = re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b")


class Proposed(Struct, frozen=True, kw_only=True):
    """What one click would make of a file. Without a `tmdb_id` only the numbers were read, and the title is asked for."""

    type: ItemType
    tmdb_id: int | None = None
    title: str | None = None
    """Of that id, for people."""
    year: int | None = None
    role: Role
    episodes: tuple[EpisodeNumber, ...] = ()


class Member(Struct, frozen=True):
    path: str
    proposed: Proposed | None


class Group(Struct, frozen=True):
    id: str
    key: str
    """What its files share, for people: `series: macgyver`, `names like "img #" in DCIM`."""
    members: tuple[Member, ...]
    """In the order of their paths."""


def group(questions: Iterable[tuple[str, Decision, ParsedPath]]) -> list[Group]:
    """The open questions (path, decision, parsed names) in groups, the largest first, then by key."""
    gathered: dict[str, list[Member]] = {}
    for path, decision, parsed in questions:
        gathered.setdefault(group_key(path, decision, parsed), []).append(Member(path, proposed(decision, parsed)))
    groups = [
        Group(group_id(key), key, tuple(sorted(members, key=lambda member: member.path)))
        for key, members in gathered.items()
    ]
    return sorted(groups, key=lambda each: (-len(each.members), each.key))


def group_id(key: str) -> str:
    """The stable id of the group with this key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def group_key(path: str, decision: Decision, parsed: ParsedPath) -> str:
    """What this file shares with those that the same answer would settle."""
    folder, _, name = path.rpartition("/")
    if parsed.role is not None:
        return f"{parsed.role.value}s in {folder or 'the root'}"
    read = fold(parsed.titles[0].text) if parsed.titles else ""
    best = decision.suggestions[0] if decision.suggestions else None
    if best and best.type is ItemType.MOVIE and best.probability >= PROBABLE:
        return f"probable films in {_shelf_of(folder) or 'the root'}"
    if best and best.probability >= WORTH_PROPOSING:
        return f"{best.type.value} {best.tmdb_id}: {read}"
    words = " ".join(word for word in read.split() if not word.isdigit())
    if words and decision.reason is not UnmatchedReason.PARSE_FAILED:
        kind = ItemType.SERIES if parsed.type is ParsedType.EPISODE else ItemType.MOVIE
        return f"{kind.value}: {words}"
    return f'names like "{_shape(name)}" in {folder.partition("/")[0] or "the root"}'


def proposed(decision: Decision, parsed: ParsedPath) -> Proposed | None:
    """The best suggestion, else the numbers alone, else nothing."""
    best = decision.suggestions[0] if decision.suggestions else None
    if best and best.probability >= WORTH_PROPOSING:
        role = parsed.role or (Role.FEATURE if best.type is ItemType.MOVIE else Role.EPISODE)
        return Proposed(
            type=best.type,
            tmdb_id=best.tmdb_id,
            title=best.title,
            year=best.year,
            role=role,
            episodes=best.episodes or _as_written(parsed, best.type),
        )
    numbers = _as_written(parsed, ItemType.SERIES)
    if numbers and parsed.type is ParsedType.EPISODE:
        return Proposed(type=ItemType.SERIES, role=parsed.role or Role.EPISODE, episodes=numbers)
    return None


def _shelf_of(folder: str) -> str:
    """The folder that holds the film's own, where it has one of its own."""
    names = folder.split("/")
    return "/".join(names[:2]) if len(names) > 2 else names[0]


def _as_written(parsed: ParsedPath, type: ItemType) -> tuple[EpisodeNumber, ...]:
    if type is ItemType.MOVIE or len(parsed.seasons) != 1:
        return ()
    return tuple(EpisodeNumber(parsed.seasons[0], number) for number in parsed.episodes)


def _shape(name: str) -> str:
    stem = name.rpartition(".")[0] or name
    return re.sub(r"\d+", "#", _HEX.sub("hex", fold(stem))) or "#"
