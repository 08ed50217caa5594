"""What is mounted beneath the roots, and where that lets files go: nothing is renamed from one mount to another.

A folder of the same disk that is mounted in a library has the device number of the root, and is yet a mount of its own. What
goes to the trash from there goes to the trash at the top of that mount.
"""

from collections.abc import Iterable, Sequence

from msgspec import structs

from ..disk.marker import TRASH_NAME
from ..disk.moving import folders_above
from ..files.paths import joined
from . import words as said
from .moves import Group, Move, Plan, Reason, Refused, Spot, Way
from .steps import Refusal
from .trees import Trees


class Mounts:
    """Each folder is asked once. Blocks; raises OSError."""

    def __init__(self, trees: Trees) -> None:
        self._trees = trees
        self._found: dict[Spot, int | None] = {}

    def of(self, spot: Spot) -> int | None:
        """The number of the mount that something lies on, or will; None where nothing tells it."""
        folder = Spot(spot.abroad, spot.path.rpartition(b"/")[0])
        if folder not in self._found:
            self._found[folder] = self._trees.at(spot.abroad).mount_of(spot.path)
        return self._found[folder]

    def trash_of(self, spot: Spot) -> bytes:
        """The folder that something goes to when it goes to the trash: at the top of its mount, as far as that is in the root."""
        mount = self.of(spot)
        tops = (top for top in folders_above(spot.path) if self.of(Spot(spot.abroad, joined(top, TRASH_NAME))) == mount)
        return joined(next(tops, b""), TRASH_NAME)


def can_be_renamed(trees: Trees, moves: Sequence[Move]) -> bool:
    """Whether what comes from the other tree can be renamed to where it goes: within one file system, and within one mount, also
    where something is mounted beneath a root. Blocks; raises OSError."""
    return trees.abroad.can_rename_into(trees.own) and _on_one_mount(Mounts(trees), moves)


def trash_folders(trees: Trees, moves: Iterable[Move], *, copied: bool) -> dict[Spot, bytes]:
    """Of what goes to the trash, by where it lies: into which folder. `copied`: what comes from the other tree, too."""
    mounts = Mounts(trees)
    return {
        move.origin: mounts.trash_of(move.origin)
        for move in moves
        if move.way is Way.TRASH or (copied and _comes(move))
    }


def into_trash(moves: Iterable[Move], folders: dict[Spot, bytes]) -> list[Move]:
    """The moves, with these folders for what goes to the trash."""
    return [
        structs.replace(move, target=joined(folders[move.origin], move.target.rpartition(b"/")[2]))
        if move.way is Way.TRASH
        else move
        for move in moves
    ]


def mounts_refuse(trees: Trees, moves: Sequence[Move], *, copied: bool, trashed: bool) -> Refusal | None:
    """Renames, also into and out of the trash, stay within one mount; what is linked or copied from another disk must be known
    again later. Blocks; raises OSError.

    `copied`: what comes from the other tree is copied, `trashed`: and then goes to the trash.
    """
    mounts = Mounts(trees)
    for move in moves:
        if move.stays:
            if refusal := _not_known_again(trees, move):
                return refusal
            continue
        is_copied = copied and _comes(move)
        if is_copied and not trashed:
            continue
        is_trashed = is_copied or move.way is Way.TRASH
        target = move.destination
        if is_trashed:
            target = Spot(move.source_abroad, joined(mounts.trash_of(move.origin), move.source.rpartition(b"/")[2]))
        if mounts.of(move.origin) != mounts.of(target):
            words = said.trash_elsewhere(move) if is_trashed else said.between_mounts(move)
            return Refusal(Reason.OTHER_DISK, words)
    return None


def without_those_refused(plan: Plan, trees: Trees) -> Plan:
    """The plan without the groups that what is mounted does not allow, which are refused. Blocks; raises OSError."""
    groups: list[Group] = []
    refused: list[Refused] = []
    mounts = Mounts(trees)
    for group in plan.groups:
        no = mounts_refuse(trees, group.moves, copied=not _on_one_mount(mounts, group.moves), trashed=True)
        if no is None:
            groups.append(group)
            continue
        media = [move for move in group.moves if move.file_id is not None and move.way is not Way.TRASH]
        refused += [Refused(move.source, no.reason, no.words, move.target, move.file_id) for move in media]
    return Plan(tuple(groups), (*plan.refused, *refused), plan.unchanged)


def _not_known_again(trees: Trees, move: Move) -> Refusal | None:
    tree, folder = trees.at(move.source_abroad), move.source.rpartition(b"/")[0]
    if tree.is_on_disk_of(folder, b""):
        return None  # the root's own was asked before
    why = tree.why_not_known_again(folder)
    return Refusal(Reason.NOT_CAPABLE, f"{why}: move the files from there by hand.") if why else None


def _on_one_mount(mounts: Mounts, moves: Sequence[Move]) -> bool:
    return all(mounts.of(move.origin) == mounts.of(move.destination) for move in moves if _comes(move))


def _comes(move: Move) -> bool:
    return move.way is Way.RENAME and move.source_abroad != move.target_abroad
