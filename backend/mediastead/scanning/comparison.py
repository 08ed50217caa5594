"""What a batch of listings says about the files that are known there. Pure: no database, no file system."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..files.paths import joined
from .found import FoundFile, Listing
from .look import Look
from .queries import KnownFile, KnownFolder


class Sighting(NamedTuple):
    """A media file that was seen in a folder."""

    folder: bytes
    name: bytes
    look: Look

    @property
    def path(self) -> bytes:
        return joined(self.folder, self.name)


class Stranger(NamedTuple):
    """A sighting that is not plainly the file known at its path: new, moved here, or put in its place."""

    sighting: Sighting
    known: KnownFile | None
    """The file known at this path."""


class Same(NamedTuple):
    """A sighting that is the file known at its path, with something to write about it."""

    sighting: Sighting
    known: KnownFile

    @property
    def is_back(self) -> bool:
        return not self.known.present

    @property
    def has_changed(self) -> bool:
        """Other content. Another inode or device number alone is none: a remount or a restored backup gives those."""
        look = self.sighting.look
        return (self.known.size, self.known.mtime_ns) != (look.size, look.mtime_ns)

    @property
    def is_other_inode(self) -> bool:
        """Of the same disk, with the size and time that the file had: a copy of it, mostly, but nothing says so."""
        look, known = self.sighting.look, self.known
        return not self.has_changed and look.device == known.device and look.inode != known.inode


class Comparison(NamedTuple):
    strangers: list[Stranger]
    same: list[Same]
    """Only those with something to write about them."""
    vanished: set[int]
    """Present files that their folder no longer shows."""
    files: int


def compare(
    listings: Iterable[Listing], folders: Mapping[bytes, KnownFolder], known: Mapping[int, Sequence[KnownFile]]
) -> Comparison:
    """Compare listings with the files known in the same folders."""
    result = Comparison([], [], set(), sum(len(listing.files) for listing in listings))
    for listing in listings:
        folder = folders.get(listing.path)
        _compare_folder(listing, known.get(folder.id, ()) if folder else (), result)
    return result


def _compare_folder(listing: Listing, known: Sequence[KnownFile], result: Comparison) -> None:
    holders = {file.name: file for file in known if file.holds_path}
    for found in listing.files:
        holder = holders.pop(found.name, None)
        if holder is None or not _is_same(found, holder):
            result.strangers.append(Stranger(Sighting(listing.path, found.name, found.look), holder))
        elif not holder.present or _says_more(found.look, holder):
            result.same.append(Same(Sighting(listing.path, found.name, found.look), holder))
    out_of_sight = {gap.path for gap in listing.gaps}
    result.vanished.update(
        file.id for file in holders.values() if file.present and joined(listing.path, file.name) not in out_of_sight
    )
    result.vanished.update(file.id for file in known if not file.holds_path)


def _is_same(found: FoundFile, known: KnownFile) -> bool:
    """The same inode. On another device it must also look the same: device numbers change with every boot for some."""
    look = found.look
    if look.inode != known.inode:
        return False
    return look.device == known.device or (look.size, look.mtime_ns) == (known.size, known.mtime_ns)


def _says_more(look: Look, known: KnownFile) -> bool:
    return (look.size, look.mtime_ns, look.device) != (known.size, known.mtime_ns, known.device)
