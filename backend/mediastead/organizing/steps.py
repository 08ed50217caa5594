"""In which order the moves of a group are done so that nothing is in the way, and how far the disk shows that they were.

Pure. A state is a number k: the first k renames are done and no other. There are n + 1 of them, and each shows the files at
other paths, so the disk tells where the doing was broken off.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from ..disk.moving import folders_above
from .moves import LARGEST_GROUP, Move, Reason, Seen
from .spelling import folded_path


class Rename(NamedTuple):
    """One change of the disk that cannot be half done. A move has one, or two where the file waits under a held name."""

    move: int
    """Its place in the group."""
    source: bytes
    target: bytes


class Refusal(NamedTuple):
    reason: Reason
    words: str


def why_not(moves: Sequence[Move]) -> Refusal | None:
    """Why these moves could not be one group, whatever the disk shows; None where they can."""
    if not moves:
        return Refusal(Reason.CHANGED, "Nothing of it is there any more: make a new plan.")
    if len(moves) > LARGEST_GROUP:
        return Refusal(
            Reason.TOO_MANY,
            f"{len(moves)} moves depend on each other, and {LARGEST_GROUP} are the most that are done as one: organize fewer "
            "files at once.",
        )
    if any(not _is_path(path) for move in moves for path in (move.source, move.target)):
        return Refusal(Reason.NOT_SAFE, "A path would leave the library: choose another template.")
    if any(move.source == move.target for move in moves) or _twice(move.source for move in moves):
        return Refusal(Reason.CHANGED, "A file is named twice, or is where it belongs: make a new plan.")
    if _twice(folded_path(move.target) for move in moves):
        return Refusal(
            Reason.SAME_TARGET, "Two files would get the same name: choose a template that tells them apart."
        )
    if _twice(move.look.inode for move in moves):
        return Refusal(
            Reason.LINKED, "Two of the names are of one file (hard links), which could not be told apart: remove one."
        )
    ends = {folded_path(path) for move in moves for path in (move.source, move.target)}
    above = {
        folded_path(folder) for move in moves for path in (move.source, move.target) for folder in folders_above(path)
    }
    if ends & above:
        return Refusal(Reason.NOT_SAFE, "A file would take the name of a folder: choose another template.")
    return None


def in_order(moves: Sequence[Move], held_name: Callable[[int], bytes]) -> list[Rename]:
    """The renames by which every file finds its target free. `held_name`: of a move, a name that nothing has.

    A file at the target of another goes first. Where files wait for each other in a circle, or one for itself (only the
    case of its letters changes), one of them goes to its held name, in its own folder, until its target is free.
    """
    blocked_by: dict[str, set[int]] = {}
    for number, move in enumerate(moves):
        blocked_by.setdefault(folded_path(move.source), set()).add(number)
    wanted = [folded_path(move.target) for move in moves]
    at = [move.source for move in moves]
    waiting = list(range(len(moves)))
    renames: list[Rename] = []

    def leave(number: int) -> None:
        blocked_by[folded_path(moves[number].source)].discard(number)

    while waiting:
        ready = [number for number in waiting if not blocked_by.get(wanted[number])]
        if ready:
            for number in ready:
                renames.append(Rename(number, at[number], moves[number].target))
                leave(number)
            waiting = [number for number in waiting if number not in set(ready)]
            continue
        circled = _in_circle(waiting[0], lambda number: min(blocked_by[wanted[number]]))
        folder = moves[circled].source.rpartition(b"/")[0]
        held = folder + b"/" + held_name(circled) if folder else held_name(circled)
        renames.append(Rename(circled, at[circled], held))
        at[circled] = held
        leave(circled)
    return renames


def where(moves: Sequence[Move], renames: Sequence[Rename], shown: Mapping[bytes, Seen | None]) -> int | None:
    """How many of the renames the disk shows to be done; None where it shows no state that they lead to, or not one only.

    `shown`: what lies at every path of the renames. Only the group's own files are asked for: what else lies there is met
    by whoever goes on, who overwrites nothing.
    """
    at = [move.source for move in moves]
    wrong = sum(shown.get(path) != move.look for path, move in zip(at, moves, strict=True))
    found = [0] if wrong == 0 else []
    for count, rename in enumerate(renames, 1):
        look = moves[rename.move].look
        wrong += (shown.get(rename.target) != look) - (shown.get(rename.source) != look)
        if wrong == 0:
            found.append(count)
    return found[0] if len(found) == 1 else None


def paths_of(renames: Sequence[Rename]) -> list[bytes]:
    """Every path at which one of the files may lie."""
    return sorted({path for rename in renames for path in (rename.source, rename.target)})


def folders_to_make(moves: Sequence[Move]) -> list[bytes]:
    """Every folder that the targets need, those above first."""
    return sorted({folder for move in moves for folder in folders_above(move.target) if folder}, key=_depth)


def folders_left(moves: Sequence[Move]) -> list[bytes]:
    """Folders that may be empty when all is done, those beneath first."""
    needed = {folded_path(folder) for folder in folders_to_make(moves)}
    left = {folder for move in moves for folder in folders_above(move.source) if folder}
    return sorted((folder for folder in left if folded_path(folder) not in needed), key=_depth, reverse=True)


def _in_circle(start: int, next_of: Callable[[int], int]) -> int:
    """One that waits, in the end, for itself."""
    seen: set[int] = set()
    while start not in seen:
        seen.add(start)
        start = next_of(start)
    return start


def _is_path(path: bytes) -> bool:
    return all(part not in (b"", b".", b"..") and b"\0" not in part for part in path.split(b"/"))


def _twice(values: Iterable[object]) -> bool:
    return any(count > 1 for count in Counter(values).values())


def _depth(path: bytes) -> tuple[int, bytes]:
    return path.count(b"/"), path
