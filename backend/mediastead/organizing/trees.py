"""The one or two roots that a group's files lie in, open for as long as it is worked on."""

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from ..disk.beneath import NotAsExpected
from ..disk.calls import CALLS, Calls
from ..disk.copying import Copied, copy, drop_part, link
from ..disk.moving import There, Tree, open_tree
from .moves import Move, Seen, Spot

NO_LIBRARY = 0
"""In the place of an id: a folder that is in no library."""


class Place(NamedTuple):
    """A library, or a folder in none, as whoever moves files sees it."""

    library_id: int
    root: bytes
    marker: str | None
    """None where it has none; then it is known by the number of its folder."""


class Sites(NamedTuple):
    """Where a group's files go to, and where they come from, if that is another library."""

    own: Place
    abroad: Place | None = None
    stays: bool = False
    """What is taken from there stays there, so that nothing is ever written there."""

    @property
    def places(self) -> list[Place]:
        """Those that are libraries, in the order of their ids, in which their locks are taken."""
        places = (self.own, self.abroad)
        return sorted(place for place in places if place is not None and place.library_id != NO_LIBRARY)

    @property
    def is_staged(self) -> bool:
        """Whether files come from a folder in no library."""
        return self.abroad is not None and self.abroad.library_id == NO_LIBRARY

    def at(self, abroad: bool) -> Place:
        return self.abroad if abroad and self.abroad is not None else self.own


class Trees(NamedTuple):
    own: Tree
    abroad: Tree

    def at(self, abroad: bool) -> Tree:
        return self.abroad if abroad else self.own

    @property
    def devices(self) -> tuple[int, int]:
        """Of the tree that files go to, and of the one that they come from."""
        return self.own.device, self.abroad.device

    def snapshot(self, spots: Iterable[Spot]) -> dict[Spot, There | None]:
        """What lies at each of the spots (`disk.moving.Tree.snapshot`)."""
        found: dict[Spot, There | None] = {}
        wanted = list(spots)
        for abroad in (False, True):
            paths = [spot.path for spot in wanted if spot.abroad == abroad]
            if paths:
                seen = self.at(abroad).snapshot(paths)
                found |= {Spot(abroad, path): there for path, there in seen.items()}
        return found

    def move(self, source: Spot, target: Spot, look: Seen) -> None:
        """As `disk.moving.Tree.move`, also from one tree to the other."""
        self.at(source.abroad).move(source.path, target.path, look, self.at(target.abroad))

    def link(self, move: Move) -> None:
        """Raises `CannotLink` (`disk.copying.link`)."""
        source, into = self.at(move.source_abroad), self.at(move.target_abroad)
        link(source, move.source, into, move.target, move.look)

    def try_link(self, move: Move, part: Spot) -> None:
        """Find out whether a link can be made there. Raises `CannotLink`."""
        source, into = self.at(move.source_abroad), self.at(part.abroad)
        drop_part(into, part.path)
        link(source, move.source, into, part.path, move.look)
        drop_part(into, part.path)

    def copy(self, move: Move, part: Spot, go_on: Callable[[int], bool]) -> Copied:
        source, into = self.at(move.source_abroad), self.at(part.abroad)
        return copy(source, move.source, into, part.path, move.look, go_on)

    def withdraw(self, move: Move, part: Spot) -> None:
        """Take away what a link or a copy has made, while its source is there as it was. Raises `NotAsExpected`."""
        if seen(self.snapshot([move.origin])[move.origin]) != move.look or move.at_target is None:
            raise NotAsExpected(os.fsdecode(move.source))
        self.drop_part(part)
        self.move(move.destination, part, move.at_target)
        self.drop_part(part)

    def drop_part(self, part: Spot) -> None:
        """Take away what was begun of a copy. A folder that is not there holds none."""
        tree = self.at(part.abroad)
        if tree.names(part.path.rpartition(b"/")[0]) is not None:
            drop_part(tree, part.path)

    def make_folder(self, folder: Spot) -> bool:
        return self.at(folder.abroad).make_folder(folder.path)

    def remove_folder(self, folder: Spot) -> bool:
        return self.at(folder.abroad).remove_folder(folder.path)


@contextmanager
def open_trees(sites: Sites, calls: Calls = CALLS, abroad_inode: int | None = None) -> Generator[Trees]:
    """`abroad_inode`: the number of the other folder, where it has no marker and was seen before. Raises `RootGone`."""
    with ExitStack() as stack:
        own = stack.enter_context(open_tree(sites.own.root, sites.own.marker or "", calls))
        abroad = own
        if sites.abroad is not None:
            abroad = stack.enter_context(open_tree(sites.abroad.root, sites.abroad.marker, calls, inode=abroad_inode))
        yield Trees(own, abroad)


def seen(there: There | None) -> Seen | None:
    return None if there is None else Seen(*there.look)
