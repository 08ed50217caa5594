"""Files that moved and have another inode and another time since: copied to another disk or share, restored, swapped by copying.

They are known again by what they contain. Of known files that was read beforehand, since a file that is gone cannot be read;
that of a file that was seen is read here, and only where a known file of the same size is not at its place any more. What
several files share proves nothing.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from ..probing import Fingerprint
from .comparison import Stranger
from .content_queries import Kin
from .look import Look, look_at
from .moves import Home, Move, path_of
from .queries import Donor, ScannedLibrary

MOST_READ = 2000
"""Files that one scan reads. Others are new at first; `reunion.py` finds out in the background."""
READ_SECONDS = 120.0
"""For all of them together."""


class ContentMoves:
    """One a scan: it counts what the scan has read."""

    def __init__(self, read: Callable[[bytes], Fingerprint]) -> None:
        self._read = read
        self._left = MOST_READ
        self._until: float | None = None

    def resolve(
        self, root: bytes, strangers: Sequence[Stranger], kin: Sequence[Kin], homes: Mapping[int, ScannedLibrary]
    ) -> list[Move]:
        """Which strangers in the library at `root` are which of the files of their sizes. Looks at and reads files; blocks."""
        shared = Counter((each.donor.file.size, each.fingerprint) for each in kin)
        telling: dict[int, dict[bytes, Donor]] = {}
        for each in kin:
            if shared[each.donor.file.size, each.fingerprint] == 1:
                telling.setdefault(each.donor.file.size, {})[each.fingerprint] = each.donor
        opened: dict[int, Home] = {}

        def home_of(donor: Donor) -> Home:
            if donor.library_id not in opened:
                opened[donor.library_id] = Home(homes[donor.library_id])
            return opened[donor.library_id]

        moves: list[Move] = []
        taken: set[int] = set()
        for stranger in strangers:
            look, known = stranger.sighting.look, stranger.known
            if known is not None and (known.size, known.mtime_ns) == (look.size, look.mtime_ns):
                continue  # this is the known file on a new disk, or restored
            away = {
                fingerprint: donor
                for fingerprint, donor in telling.get(look.size, {}).items()
                if donor.file.id not in taken and not self._is_in_place(donor, look, home_of)
            }
            if not away:
                continue
            fingerprint = self._fingerprint(root + b"/" + stranger.sighting.path, look)
            donor = away.get(fingerprint or b"")
            if donor is None or (known is not None and donor.file.id == known.id):
                continue
            if self._has_left(donor, fingerprint, home_of):
                taken.add(donor.file.id)
                moves.append(Move(donor, stranger))
        return moves

    def _is_in_place(self, donor: Donor, seen: Look, home_of: Callable[[Donor], Home]) -> bool:
        """Whether it plainly still lies where it was, or that cannot be told. Costs a look, and reads nothing."""
        if not donor.file.holds_path:
            return False
        there = self._there(donor, home_of)
        if there is None:
            return not home_of(donor).is_gone(path_of(donor))
        if (there.device, there.inode) == (seen.device, seen.inode):
            return True
        return (there.size, there.mtime_ns) == (donor.file.size, donor.file.mtime_ns)

    def _has_left(self, donor: Donor, fingerprint: bytes | None, home_of: Callable[[Donor], Home]) -> bool:
        """Of one that is not plainly in its place: whether what lies there now holds something else."""
        if not donor.file.holds_path:
            return True
        there = self._there(donor, home_of)
        if there is None or there.size != donor.file.size:
            return True
        found = self._fingerprint(home_of(donor).full(path_of(donor)), there)
        return found is not None and found != fingerprint

    def _there(self, donor: Donor, home_of: Callable[[Donor], Home]) -> Look | None:
        try:
            return look_at(home_of(donor).full(path_of(donor)))
        except OSError:
            return None

    def _fingerprint(self, path: bytes, look: Look) -> bytes | None:
        """None where it cannot be read, changed meanwhile, or enough was read."""
        self._until = self._until or time.monotonic() + READ_SECONDS
        if self._left <= 0 or time.monotonic() > self._until:
            return None
        self._left -= 1
        read = self._read(path)
        return read.value if (read.size, read.mtime_ns) == (look.size, look.mtime_ns) else None
