"""Whether the disks that a group's files lie on are mounted beneath its roots. Without them, what is seen proves nothing."""

import errno
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from ..db.engine import Database
from ..disk.moving import Tree, folders_above
from ..files.paths import is_beneath
from ..scanning.queries import KnownPath, present_sample
from ..scanning.root import no_longer_mounted, strange_disks
from . import words
from .journal_queries import Written
from .moves import Seen, Spot
from .root_queries import disks_at
from .steps import spots_of
from .trees import Sites, Trees, seen


class Known(NamedTuple):
    """What the books say of the disks in one root that the paths of a group lie on."""

    disks: dict[bytes, str | None]
    """Which one that was, by its path."""
    samples: dict[bytes, list[KnownPath]]


async def known_disks(database: Database, sites: Sites, group: Written) -> dict[bool, Known]:
    """By whether it is the tree that files come from."""
    known: dict[bool, Known] = {}
    async with database.read() as session:
        for abroad in sorted({spot.abroad for spot in _spots(group)}):
            library_id = sites.at(abroad).library_id
            folders = {above for spot in _spots(group) if spot.abroad == abroad for above in folders_above(spot.path)}
            disks = await disks_at(session, library_id, folders - {b""})
            samples = {path: await present_sample(session, library_id, path) for path in disks}
            known[abroad] = Known(disks, samples)
    return known


def why_away(known: Mapping[bool, Known], sites: Sites, trees: Trees, group: Written) -> str | None:
    """What is not mounted as it was when the group's files were seen, and what to do; None where all is. Blocks; raises
    OSError.

    A file of the group that lies beneath a mount point proves that it is the right disk: those that the books know there may all
    have been moved already.
    """
    all_proven = _proven(trees, group)
    for abroad, (disks, samples) in known.items():
        if not disks:
            continue
        root, proven = sites.at(abroad).root, [spot.path for spot in all_proven if spot.abroad == abroad]
        doubtful = {path: disk for path, disk in disks.items() if not any(is_beneath(each, path) for each in proven)}
        if gone := no_longer_mounted(root, doubtful, samples):
            return words.not_mounted(min(gone))
        if strange := strange_disks(root, doubtful, samples):
            return words.another_disk(min(strange))
    for abroad, folder in sorted({Spot(spot.abroad, spot.path.rpartition(b"/")[0]) for spot in _spots(group)}):
        proven = [spot.path for spot in all_proven if spot.abroad == abroad]
        if group.renames and _is_covered(trees.at(abroad), folder, known[abroad].disks, proven):
            return words.mounted_over(folder)
    return None


def _is_covered(tree: Tree, folder: bytes, disks: Collection[bytes], proven: Sequence[bytes]) -> bool:
    """Whether a folder lies on another disk than it did."""
    if not tree.over_disks:
        return tree.why_unreachable(folder) == errno.EXDEV
    if any(is_beneath(path, folder) for path in proven):
        return False
    return not tree.is_on_disk_of(
        folder, max((disk for disk in disks if is_beneath(folder, disk)), key=len, default=b"")
    )


def _spots(group: Written) -> set[Spot]:
    return {spot for move in group.moves for spot in (move.origin, move.destination)}


def _proven(trees: Trees, group: Written) -> list[Spot]:
    """Where a file of the group is seen."""
    looks: set[Seen | None] = {look for move in group.moves for look in (move.look, move.at_target)} - {None}
    spots = spots_of(group.renames) or [move.origin for move in group.moves]
    return [spot for spot, there in trees.snapshot(spots).items() if seen(there) in looks]
