"""In which order the moves of a group are done so that nothing is in the way, and how far the disk shows that they were.

Pure. A state is a number k: the first k renames are done and no other. There are n + 1 of them, and each shows the files at
other paths, so the disk tells where the doing was broken off. A link or a copy counts as a rename that leaves its source; what
a copy looks like is noted before it gets its name, so it is told from everything else as well.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from ..disk.marker import TRASH_NAME
from ..disk.moving import folders_above
from .moves import LARGEST_GROUP, Move, Reason, Seen, Spot, Way
from .spelling import folded_path


class Rename(NamedTuple):
    """One change of the disk that cannot be half done. A move has one, or two where the file waits under a held name."""

    move: int
    """Its place in the group."""
    source: Spot
    target: Spot


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
    if any(move.origin == move.destination for move in moves) or _twice(move.origin for move in moves):
        return Refusal(Reason.CHANGED, "A file is named twice, or is where it belongs: make a new plan.")
    # What goes to the trash gets a name of its own there when the group is begun.
    if _twice(_folded(move.destination) for move in moves if move.way is not Way.TRASH):
        return Refusal(
            Reason.SAME_TARGET, "Two files would get the same name: choose a template that tells them apart."
        )
    # Not by their numbers alone: files of a group may lie on different disks, where the same number says nothing.
    if _twice(move.look for move in moves):
        return Refusal(
            Reason.LINKED, "Two of the names are of one file (hard links), which could not be told apart: remove one."
        )
    spots = [spot for move in moves for spot in (move.origin, move.destination)]
    above = {_folded(Spot(abroad, folder)) for abroad, path in spots for folder in folders_above(path)}
    if above & {_folded(spot) for spot in spots}:
        return Refusal(Reason.NOT_SAFE, "A file would take the name of a folder: choose another template.")
    return None


def in_order(moves: Sequence[Move], held_name: Callable[[int], bytes]) -> list[Rename]:
    """The renames by which every file finds its target free. `held_name`: of a move, a name that nothing has.

    A file at the target of another goes first; a source that goes to the trash because it was copied, last. Where files wait
    for each other in a circle, or one for itself (only the case of its letters changes), one of them goes to its held name,
    in its own folder, until its target is free.
    """
    blocked_by: dict[object, set[int]] = {}
    copied = {move.origin for move in moves if move.stays}
    last = [number for number, move in enumerate(moves) if not move.stays and move.origin in copied]
    for number, move in enumerate(moves):
        if not move.stays and number not in last:
            blocked_by.setdefault(_folded(move.origin), set()).add(number)
    wanted = [_folded(move.destination) for move in moves]
    at = [move.origin for move in moves]
    waiting = [number for number in range(len(moves)) if number not in last]
    renames: list[Rename] = []

    def leave(number: int) -> None:
        if not moves[number].stays:
            blocked_by[_folded(moves[number].origin)].discard(number)

    while waiting:
        ready = [number for number in waiting if not blocked_by.get(wanted[number])]
        if ready:
            for number in ready:
                renames.append(Rename(number, at[number], moves[number].destination))
                leave(number)
            waiting = [number for number in waiting if number not in set(ready)]
            continue
        circled = _in_circle(waiting[0], lambda number: min(blocked_by[wanted[number]]))
        abroad, source = moves[circled].origin
        folder = source.rpartition(b"/")[0]
        held = Spot(abroad, folder + b"/" + held_name(circled) if folder else held_name(circled))
        renames.append(Rename(circled, at[circled], held))
        at[circled] = held
        leave(circled)
    return renames + [Rename(number, at[number], moves[number].destination) for number in last]


def where(moves: Sequence[Move], renames: Sequence[Rename], shown: Mapping[Spot, Seen | None]) -> int | None:
    """How many of the renames the disk shows to be done; None where it shows no state that they lead to, or not one only.

    `shown`: what lies at every spot of the renames. Only the group's own files are asked for: what else lies there is met
    by whoever goes on, who overwrites nothing.
    """
    leaving = {move.origin for move in moves if not move.stays}
    wrong = sum(shown.get(move.origin) != move.look for move in moves if not (move.stays and move.origin in leaving))
    wrong += sum(_is_there(shown, move) for move in moves if move.stays)
    found = [0] if wrong == 0 else []
    for count, rename in enumerate(renames, 1):
        move = moves[rename.move]
        if move.stays:
            wrong += 1 - 2 * _is_there(shown, move)
        else:
            wrong += (shown.get(rename.target) != move.look) - (shown.get(rename.source) != move.look)
        if wrong == 0:
            found.append(count)
    return found[0] if len(found) == 1 else None


def _is_there(shown: Mapping[Spot, Seen | None], move: Move) -> bool:
    return move.at_target is not None and shown.get(move.destination) == move.at_target


def replaces(moves: Sequence[Move], rename: Rename) -> bool:
    """Whether this takes away the source of what was copied."""
    move = moves[rename.move]
    return not move.stays and any(other.stays and other.origin == move.origin for other in moves)


def new_contents(moves: Sequence[Move]) -> dict[int, Move]:
    """By the files that get other content: the moves by which it comes. What they were goes to the trash in the same group."""
    old = {move.file_id: move.origin for move in moves if move.way is Way.TRASH and move.file_id is not None}
    return {
        move.file_id: move
        for move in moves
        if move.file_id is not None and move.way in _COMING and old.get(move.file_id, move.origin) != move.origin
    }


_COMING = (Way.RENAME, Way.LINK, Way.COPY)


def makes_room(moves: Sequence[Move]) -> bool:
    """Whether something goes to the trash so that a file can have its path."""
    freed = {_folded(move.origin) for move in moves if move.way is Way.TRASH}
    return any(move.way is not Way.TRASH and _folded(move.destination) in freed for move in moves)


def spots_of(renames: Sequence[Rename]) -> list[Spot]:
    """Everywhere that one of the files may lie."""
    return sorted({spot for rename in renames for spot in (rename.source, rename.target)})


def folders_to_make(moves: Sequence[Move]) -> list[Spot]:
    """Every folder that the targets need, those above first."""
    targets = (move.destination for move in moves)
    return sorted(
        {Spot(abroad, folder) for abroad, path in targets for folder in folders_above(path) if folder}, key=_depth
    )


def folders_left(moves: Sequence[Move]) -> list[Spot]:
    """Folders that may be empty when all is done, those beneath first."""
    needed = {_folded(folder) for folder in folders_to_make(moves)}
    leaving = [move for move in moves if not move.stays]
    left = {Spot(move.source_abroad, folder) for move in leaving for folder in folders_above(move.source) if folder}
    kept = {spot for spot in left if _folded(spot) in needed or spot.path.rpartition(b"/")[2] == TRASH_NAME}
    return sorted(left - kept, key=_depth, reverse=True)


def _in_circle(start: int, next_of: Callable[[int], int]) -> int:
    """One that waits, in the end, for itself."""
    seen: set[int] = set()
    while start not in seen:
        seen.add(start)
        start = next_of(start)
    return start


def _is_path(path: bytes) -> bool:
    return all(part not in (b"", b".", b"..") and b"\0" not in part for part in path.split(b"/"))


def _folded(spot: Spot) -> tuple[bool, str]:
    return spot.abroad, folded_path(spot.path)


def _twice(values: Iterable[object]) -> bool:
    return any(count > 1 for count in Counter(values).values())


def _depth(spot: Spot) -> tuple[int, Spot]:
    return spot.path.count(b"/"), spot
