"""What lies around the files that are to be moved: the folders of a library as they are on the disk, looked at once."""

import errno
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from typing import Protocol

from ..disk.moving import There, folders_above
from ..files.paths import joined
from ..libraries.patterns import Patterns
from ..scanning.rules import (
    IGNORE_FILES,
    LARGEST_IGNORE_FILE,
    NOMEDIA,
    is_disc_folder,
    read_ignore_file,
    rule_for_name,
)
from .sidecars import is_media, sidecars_by_stem, stem_of
from .spelling import folded_path, path_key

MOST_NAMES = 500_000
"""Names of folders that are kept in memory; of those that were asked for last."""


class Disk(Protocol):
    """What is asked of `disk.moving.Tree`."""

    def names(self, folder: bytes) -> frozenset[bytes] | None: ...

    def snapshot(self, paths: Iterable[bytes]) -> dict[bytes, There | None]: ...

    def why_unreachable(self, folder: bytes) -> int | None: ...


class Shelf:
    """One folder: what is in it, and what of that belongs together."""

    def __init__(self, names: frozenset[bytes]) -> None:
        self.names = names
        self._missing: Collection[bytes] = ()
        self._sidecars: dict[bytes, list[bytes]] | None = None

    @cached_property
    def folded(self) -> dict[str, list[bytes]]:
        """The names, by what file systems may take for the same."""
        found: dict[str, list[bytes]] = defaultdict(list)
        for name in sorted(self.names):
            found[folded_path(name)].append(name)
        return found

    @cached_property
    def media(self) -> dict[bytes, list[bytes]]:
        """Media files by their stems."""
        found: dict[bytes, list[bytes]] = defaultdict(list)
        for name in sorted(filter(is_media, self.names)):
            found[stem_of(name)].append(name)
        return found

    def sidecars(self, missing: Collection[bytes]) -> dict[bytes, list[bytes]]:
        """What belongs to each stem. `missing`: names of media files that were here once and may come back."""
        if self._sidecars is None or missing != self._missing:
            stems = self.media.keys() | {stem_of(name) for name in missing}
            self._sidecars, self._missing = sidecars_by_stem(self.names, stems), missing
        return self._sidecars


class Surroundings:
    """Blocks; raises OSError. `read`: the first bytes of a file, by its path relative to the root."""

    def __init__(self, tree: Disk, read: Callable[[bytes, int], bytes], excluded: Patterns | None = None) -> None:
        self.tree = tree
        """Open; whoever closes it puts another in its place before asking again."""
        self._read = read
        self._excluded = excluded
        self._shelves: OrderedDict[bytes, Shelf | None] = OrderedDict()
        self._kept = 0

    def shelf(self, folder: bytes) -> Shelf | None:
        """None where there is no folder, spelled so, that can be reached without a link."""
        if folder in self._shelves:
            self._shelves.move_to_end(folder)
            return self._shelves[folder]
        shelf: Shelf | None = None
        above, _, name = folder.rpartition(b"/")
        parent = self.shelf(above) if folder else None
        if not folder or (parent is not None and name in parent.names):
            names = self.tree.names(folder)
            shelf = Shelf(names) if names is not None else None
        self._shelves[folder] = shelf
        self._kept += _size(shelf)
        while self._kept > MOST_NAMES and len(self._shelves) > 1:
            self._kept -= _size(self._shelves.popitem(last=False)[1])
        return shelf

    def looks(self, paths: Iterable[bytes]) -> dict[bytes, There | None]:
        return self.tree.snapshot(list(paths))

    def is_on_other_disk(self, folder: bytes) -> bool:
        """Whether another file system is mounted on the way to a folder, so that nothing in it is looked at."""
        return self.tree.why_unreachable(folder) == errno.EXDEV

    def spelled(self, folder: bytes) -> bytes:
        """The same folder in the letters in which it exists, as far as it does: two folders that differ in their letters only
        would be one on many file systems."""
        path = b""
        for name in folder.split(b"/") if folder else ():
            shelf = self.shelf(path)
            if shelf is not None and name not in shelf.names:
                alike = [each for each in shelf.folded.get(folded_path(name), ()) if self.shelf(joined(path, each))]
                name = alike[0] if alike else name
            path = joined(path, name)
        return path

    def in_the_way(self, targets: Iterable[bytes]) -> dict[bytes, list[bytes]]:
        """For `planner.plan_of`: what lies at the targets now, and what is no folder above them."""
        found: dict[bytes, list[bytes]] = {}
        for target in targets:
            for path in (*filter(None, folders_above(target)), target):
                above, _, name = path.rpartition(b"/")
                shelf = self.shelf(above)
                alike = shelf.folded.get(folded_path(name), ()) if shelf is not None else ()
                lying = [
                    joined(above, each) for each in alike if path == target or self.shelf(joined(above, each)) is None
                ]
                if lying:
                    found[path_key(path)] = lying
        return found

    def other_suffixes(self, targets: Iterable[bytes]) -> dict[bytes, list[bytes]]:
        """By target, the media files that lie there under its name with another suffix: `Film.avi` for `Film.mkv`."""
        found: dict[bytes, list[bytes]] = {}
        for target in targets:
            above, _, name = target.rpartition(b"/")
            shelf = self.shelf(above)
            stem = folded_path(stem_of(name))
            for each, names in shelf.media.items() if shelf is not None else ():
                if folded_path(each) == stem:
                    others = [other for other in names if folded_path(other) != folded_path(name)]
                    found.setdefault(target, []).extend(joined(above, other) for other in others)
        return found

    def rule_that_hides(self, target: bytes) -> str | None:
        """The rule by which a scan would not see the target, or take it for something else."""
        parts = target.split(b"/")
        patterns = [self._excluded] if self._excluded else []
        for depth, name in enumerate(parts):
            folder, path = b"/".join(parts[:depth]), b"/".join(parts[: depth + 1])
            is_folder = depth < len(parts) - 1
            shelf = self.shelf(folder)
            for ignoring in (NOMEDIA, *IGNORE_FILES):
                if shelf is None or ignoring not in shelf.names:
                    continue
                if ignoring == NOMEDIA:
                    return NOMEDIA.decode()
                says = read_ignore_file(ignoring, folder, self._read(joined(folder, ignoring), LARGEST_IGNORE_FILE))
                if says.hides_all:
                    return says.hides_all
                patterns += [says.patterns] if says.patterns else []
            if is_folder and is_disc_folder(name):
                return f"folders called {name.decode()} are discs"
            rule = rule_for_name(name)
            rule = rule or next((found for each in patterns if (found := each.rule_for(path, folder=is_folder))), None)
            if rule:
                return rule
        return None


def _size(shelf: Shelf | None) -> int:
    return 1 + (len(shelf.names) if shelf is not None else 0)
