"""Which of the wanted moves can be done, and which must be done together. Pure: knows only what it is given.

What holds for every plan, whatever is wanted:
- no two targets are one path, also not in other letters or with accents written otherwise;
- a target is free, or what lies there moves away in the same group, to the trash only where that was asked for;
- whoever is wanted together moves together, or not at all;
- no target leaves the root.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from msgspec import Struct

from ..db.text import shown
from .moves import LARGEST_GROUP, Group, Move, Plan, Reason, Refused, Seen
from .safe import LONGEST_NAME, LONGEST_PATH
from .spelling import path_key


class Wish(Struct, frozen=True):
    """Moves that are wanted together: a media file (or several of one name) and what goes along. Those that would change
    nothing may be among them: they hold their places."""

    moves: tuple[Move, ...]
    stem: bytes | None = None
    """The new path without its suffix: what goes along with a file is known by it, so that no other may have the same."""


class _No(Struct, frozen=True):
    reason: Reason
    words: str
    target: bytes | None = None


class _Away(NamedTuple):
    """What goes to the trash to make room."""

    replaceable: Mapping[bytes, Move | str]
    by_wish: dict[int, list[Move]]


def plan_of(
    wishes: Sequence[Wish],
    there: Mapping[bytes, Collection[bytes]],
    *,
    apart: bool = False,
    replaceable: Mapping[bytes, Move | str] = MappingProxyType({}),
) -> Plan:
    """`there`: by `path_key` of every target, the paths of what lies on the disk now that could be taken for it, each in its
    own spelling; also of the folders above each target, where they are no folders.

    `apart`: the files come from another tree, so that none of them is in the way of another or where it belongs already.
    `replaceable`: by path, the move that takes what lies in the way to the trash, or why it stays.

    Every wish ends in exactly one group, or is refused (one `Refused` for each of its media files), or changes nothing.
    """
    refused: dict[int, _No] = {}
    moving = [tuple(move for move in wish.moves if apart or move.source != move.target) for wish in wishes]
    for index, moves in enumerate(moving):
        if moves and (no := _impossible(moves)):
            refused[index] = no
    _refuse_same_targets(wishes, moving, refused)
    owners = {move.source: index for index, moves in enumerate(moving) for move in moves if not apart}
    away: dict[int, list[Move]] = defaultdict(list)
    waits = _dependencies(moving, owners, there, refused, _Away(replaceable, away), apart=apart)
    _refuse_who_waits_in_vain(waits, moving, refused)
    groups: list[Group] = []
    for together in _components([index for index, moves in enumerate(moving) if moves and index not in refused], waits):
        moves = tuple(move for index in together for move in (*moving[index], *away[index]))
        no = _too_many(moves) or _hard_links(moves)
        if no is not None:
            refused |= dict.fromkeys(together, no)
        else:
            groups.append(Group(moves))
    unchanged = sum(_files(wish.moves) for index, wish in enumerate(wishes) if not moving[index])
    said = [each for index in sorted(refused) for each in _refusals(wishes[index], refused[index])]
    return Plan(tuple(groups), tuple(said), unchanged)


def _impossible(moves: tuple[Move, ...]) -> _No | None:
    for move in moves:
        parts = move.target.split(b"/")
        if any(part in (b"", b".", b"..") or b"\0" in part for part in parts):
            return _No(
                Reason.NOT_SAFE, "The new path would leave the library; change the naming template.", move.target
            )
        if len(move.target) > LONGEST_PATH or any(len(part) > LONGEST_NAME for part in parts):
            return _No(
                Reason.TOO_LONG,
                f'"{shown(parts[-1])}" would be too long a name; shorten the naming template.',
                move.target,
            )
    return None


def _refuse_same_targets(wishes: Sequence[Wish], moving: Sequence[tuple[Move, ...]], refused: dict[int, _No]) -> None:
    """Also those that stay hold their places, and folders that a target needs: neither may be another's target."""
    takers: dict[bytes, list[tuple[int, Move]]] = defaultdict(list)
    stems: dict[bytes, list[tuple[int, Move]]] = defaultdict(list)
    folders: dict[bytes, int] = {}
    for index, wish in enumerate(wishes):
        if wish.stem is not None:
            stems[path_key(wish.stem)].append((index, wish.moves[0]))
        for move in wish.moves:
            takers[path_key(move.target)].append((index, move))
            folder = move.target.rpartition(b"/")[0]
            while folder and (key := path_key(folder)) not in folders:
                folders[key] = index
                folder = folder.rpartition(b"/")[0]
    # The stems first, because those name the media files, and not what goes along.
    for several in (*stems.values(), *takers.values()):
        others = {move.source for _, move in several}
        for index, move in several if len(several) > 1 else ():
            other = min(others - {move.source}, default=move.source)
            _refuse(refused, moving, index, _No(Reason.SAME_TARGET, _same_target(move, other), move.target))
    for key, several in takers.items():
        if key in folders:
            for index, move in several:
                words = "The new path is that of a folder which other files need; change the naming template."
                _refuse(refused, moving, index, _No(Reason.NOT_SAFE, words, move.target))


def _same_target(move: Move, other: bytes) -> str:
    return (
        f'"{shown(other)}" would get the same name. If they are two editions or parts, say so (`mediastead files match '
        f"{move.file_id or 'ID'} ... --edition NAME`); if one is to take the other's place, plan that one alone with `--replace`."
    )


def _refuse(refused: dict[int, _No], moving: Sequence[tuple[Move, ...]], index: int, no: _No) -> None:
    if moving[index]:
        refused.setdefault(index, no)


def _dependencies(
    moving: Sequence[tuple[Move, ...]],
    owners: Mapping[bytes, int],
    there: Mapping[bytes, Collection[bytes]],
    refused: dict[int, _No],
    away: _Away,
    *,
    apart: bool,
) -> dict[int, dict[int, Move]]:
    """By wish, the wishes that must move away before it, each with the move that needs the place."""
    waits: dict[int, dict[int, Move]] = defaultdict(dict)
    for index, moves in enumerate(moving):
        for move in moves:
            for path in sorted(there.get(path_key(move.target), ())):
                owner = owners.get(path)
                if path == move.source and not apart:
                    continue
                goes = away.replaceable.get(path)
                if owner is None and isinstance(goes, Move):
                    away.by_wish[index].append(goes)
                elif owner is None:
                    words = goes if isinstance(goes, str) else _exists(path)
                    _refuse(refused, moving, index, _No(Reason.TARGET_EXISTS, words, move.target))
                elif owner != index:
                    waits[index][owner] = move
            folder = move.target
            while folder := folder.rpartition(b"/")[0]:
                if there.get(path_key(folder)):
                    words = f'"{shown(folder)}" is a file, so that it cannot be a folder; move it away.'
                    _refuse(refused, moving, index, _No(Reason.TARGET_EXISTS, words, move.target))
    return waits


def _exists(path: bytes) -> str:
    return (
        f'"{shown(path)}" lies there already and does not move away. Look at it, then move or remove one of the two; or plan '
        "with `--replace`, which puts the one that lies there into the trash."
    )


def _refuse_who_waits_in_vain(
    waits: Mapping[int, Mapping[int, Move]], moving: Sequence[tuple[Move, ...]], refused: dict[int, _No]
) -> None:
    waiting: dict[int, list[int]] = defaultdict(list)
    for index, others in waits.items():
        for other in others:
            waiting[other].append(index)
    stay = list(refused)
    while stay:
        other = stay.pop()
        for index in waiting[other]:
            if index not in refused:
                move = waits[index][other]
                words = f'"{shown(move.target)}" lies there already and cannot move away (see there).'
                refused[index] = _No(Reason.TARGET_EXISTS, words, move.target)
                stay.append(index)


def _components(indexes: Sequence[int], waits: Mapping[int, Collection[int]]) -> list[list[int]]:
    """Wishes that hang together, in the order of their first ones."""
    above = {index: index for index in indexes}

    def root(index: int) -> int:
        while above[index] != index:
            above[index] = above[above[index]]
            index = above[index]
        return index

    for index in indexes:
        for other in waits.get(index, ()):
            one, two = sorted((root(index), root(other)))
            above[two] = one
    together: dict[int, list[int]] = defaultdict(list)
    for index in indexes:
        together[root(index)].append(index)
    return list(together.values())


def _too_many(moves: tuple[Move, ...]) -> _No | None:
    if len(moves) <= LARGEST_GROUP:
        return None
    words = (
        f"{len(moves)} files take each other's places, and only {LARGEST_GROUP} can move as one; organize fewer at once "
        "(some titles by their ids), or move some of them away first."
    )
    return _No(Reason.TOO_MANY, words)


def _hard_links(moves: tuple[Move, ...]) -> _No | None:
    seen: dict[Seen, Move] = {}
    for move in moves:
        # Not by their numbers alone: what is replaced may lie on another disk than what comes, where the same says nothing.
        other = seen.setdefault(move.look, move)
        if other is not move:
            words = f'"{shown(move.source)}" and "{shown(other.source)}" are one file with two names (hard links).'
            return _No(Reason.LINKED, words + " Remove one of the names, or give them different places by hand.")
    return None


def _files(moves: tuple[Move, ...]) -> int:
    return sum(move.file_id is not None for move in moves)


def _refusals(wish: Wish, no: _No) -> list[Refused]:
    """One for each media file; where only what goes along was wanted, one for each of that."""
    about = [move for move in wish.moves if move.file_id is not None] or list(wish.moves)
    return [Refused(move.source, no.reason, no.words, move.target, move.file_id) for move in about]
