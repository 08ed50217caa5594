"""Files that were seen under a new path: which of them is a known file that moved there?

Three kinds of evidence, strongest first; size and mtime must agree in each, because inodes are used again at once:

1. the same device and inode, and the old path no longer holds that inode (else it is a hard link, and new);
2. the same inode on another device number, which changes with a boot or a remount, or
3. the same name: only where exactly one such file vanished from its old path, and certainly so.

What that leaves open is asked of the contents (`content_moves.py`).
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from ..files.paths import is_beneath, joined
from .comparison import Stranger
from .look import Look, look_at
from .queries import Donor, ScannedLibrary
from .root import no_longer_mounted, strange_disks, why_unavailable


class Move(NamedTuple):
    donor: Donor
    stranger: Stranger


class Resolved(NamedTuple):
    moves: list[Move]
    others: list[Stranger]
    """What did not move here."""


class Home:
    """Looks into one library, as often as needed, while a batch is resolved."""

    def __init__(self, home: ScannedLibrary) -> None:
        self._root = home.root
        self._available = why_unavailable(home.root, home.root_marker) is None
        self._unmounted = set[bytes]()
        if self._available:
            self._unmounted = no_longer_mounted(home.root, home.mount_points) | strange_disks(home.root, home.disks)

    def still_holds(self, path: bytes, look: Look) -> bool | None:
        """Whether `path` still is the file that `look` saw elsewhere; None where that cannot be told.

        False where the path is gone or another file's, which proves that the file left it.
        """
        try:
            there = look_at(os.path.join(self._root, path))
        except OSError:
            return None
        if there is None:
            return False if self.proves_absence(path) else None
        return (there.device, there.inode) == (look.device, look.inode) and self._is_spelled(path)

    def is_gone(self, path: bytes) -> bool:
        """Whether nothing is at `path`, and that proves something."""
        try:
            there = look_at(os.path.join(self._root, path))
        except OSError:
            return False
        return there is None and self.proves_absence(path)

    def full(self, path: bytes) -> bytes:
        return os.path.join(self._root, path)

    def proves_absence(self, path: bytes) -> bool:
        return self._available and not any(is_beneath(path, mount) for mount in self._unmounted)

    def _is_spelled(self, path: bytes) -> bool:
        """Whether every part of the path is spelled so on the disk. Where case or accents do not count (exFAT, macOS,
        SMB), `film.mkv` still opens after it was renamed to `Film.mkv`."""
        folder = self._root
        for part in path.split(b"/"):
            try:
                if part not in os.listdir(folder):
                    return False
            except OSError:
                return True
            folder = os.path.join(folder, part)
        return True


def resolve(strangers: Iterable[Stranger], donors: Iterable[Donor], homes: Mapping[int, ScannedLibrary]) -> Resolved:
    """Say for each stranger whether it is one of the donors. Looks at the donors' old paths; blocks."""
    by_key: dict[tuple[int, int], list[Donor]] = {}
    for donor in donors:
        by_key.setdefault((donor.file.mtime_ns, donor.file.size), []).append(donor)
    opened: dict[int, Home] = {}

    def home_of(donor: Donor) -> Home:
        if donor.library_id not in opened:
            opened[donor.library_id] = Home(homes[donor.library_id])
        return opened[donor.library_id]

    def free(stranger: Stranger) -> list[Donor]:
        look, known = stranger.sighting.look, stranger.known
        return [
            donor
            for donor in by_key.get((look.mtime_ns, look.size), ())
            if donor.file.id not in moved and (known is None or donor.file.id != known.id)
        ]

    def move(donor: Donor, stranger: Stranger) -> None:
        moved.add(donor.file.id)
        moves.append(Move(donor, stranger))
        if stranger.known is not None:
            displaced.add(stranger.known.id)

    moves: list[Move] = []
    moved, displaced = set[int](), set[int]()
    others: list[Stranger] = []
    for stranger in strangers:
        if (donor := _with_its_inode(stranger, free(stranger), home_of)) is not None:
            move(donor, stranger)
        else:
            others.append(stranger)
    # Only now is it known whose paths were taken by others: what lies there is no file of theirs.
    left: list[Stranger] = []
    for stranger in others:
        if (donor := _only_one_gone(stranger, free(stranger), displaced, home_of)) is not None:
            move(donor, stranger)
        else:
            left.append(stranger)
    return Resolved(moves, left)


def _with_its_inode(stranger: Stranger, donors: Sequence[Donor], home_of: Callable[[Donor], Home]) -> Donor | None:
    sighting = stranger.sighting
    look = sighting.look
    # It may have been known twice, as a file that was gone and a new one, where nobody could tell that it had left. Then it is
    # what it was last.
    for donor in sorted(donors, key=lambda one: (not one.file.present, one.file.name != sighting.name, one.file.id)):
        if (donor.file.device, donor.file.inode) != (look.device, look.inode):
            continue
        # A file that lost its path has nowhere else to be.
        if not donor.file.holds_path or home_of(donor).still_holds(path_of(donor), look) is False:
            return donor
    return None


def _only_one_gone(
    stranger: Stranger, donors: Sequence[Donor], displaced: Collection[int], home_of: Callable[[Donor], Home]
) -> Donor | None:
    """By weaker evidence. `displaced`: files of which the path is another's now."""
    sighting, known = stranger.sighting, stranger.known
    if known is not None and (known.size, known.mtime_ns) == (sighting.look.size, sighting.look.mtime_ns):
        # The path itself says more than that: this is the known file on a new disk, or restored.
        return None
    gone = [
        donor
        for donor in donors
        if (donor.file.inode == sighting.look.inode or donor.file.name == sighting.name)
        and (not donor.file.holds_path or donor.file.id in displaced or home_of(donor).is_gone(path_of(donor)))
    ]
    return gone[0] if len(gone) == 1 else None


def path_of(donor: Donor) -> bytes:
    return joined(donor.folder_path, donor.file.name)
