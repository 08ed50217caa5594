"""The one or two roots that a group's files lie in, open for as long as it is worked on."""

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager, suppress
from typing import NamedTuple

from ..disk.access import Access, number_of
from ..disk.beneath import NotAsExpected
from ..disk.calls import CALLS, Calls
from ..disk.copying import CannotLink, Copied, copy, drop_part, link
from ..disk.discs import make_disc
from ..disk.moving import There, Tree, open_tree
from .moves import Move, Seen, Spot, Way

NO_LIBRARY = 0
"""In the place of an id: a folder that is in no library."""


class Place(NamedTuple):
    """A library, or a folder in none, as whoever moves files sees it."""

    library_id: int
    root: bytes
    marker: str | None
    """None where it has none; then it is known by the number of its folder."""
    file_mode: int | None = None
    folder_mode: int | None = None
    group: str | None = None

    @property
    def access(self) -> Access:
        """Of what is put there. A group that the system does not know is none (`Organizer` refuses that beforehand)."""
        return Access(self.file_mode, self.folder_mode, number_of(self.group) if self.group is not None else None)


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
        """Also a disc's folder, with links in it where the move says so and the disk can make them."""
        source, into = self.at(move.source_abroad), self.at(part.abroad)
        if not move.is_disc:
            return copy(source, move.source, into, part.path, move.look, go_on)
        if move.way is Way.LINK:
            with suppress(CannotLink):
                return make_disc(source, move.source, into, part.path, move.look, go_on, linked=True)
        return make_disc(source, move.source, into, part.path, move.look, go_on, linked=False)

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

    def give_access(self, move: Move) -> bool:
        """Mode and group of a file that was renamed to its target (`disk.moving.Tree.give_access`); in the trash, which lies in a
        folder that more may enter than the one that it came from, it gets no right that it had not."""
        tree, asked = self.at(move.target_abroad), move.way is Way.RENAME
        at_most = move.had if move.way is Way.TRASH else None
        return tree.give_access(move.target, move.look, move.wanted, asked=asked, at_most=at_most)

    def take_access_back(self, move: Move) -> bool:
        """The same of one that was renamed back to its source: what it had there."""
        return self.at(move.source_abroad).give_access(move.source, move.look, move.had, asked=False)

    def make_folder(self, folder: Spot) -> bool:
        return self.at(folder.abroad).make_folder(folder.path)

    def remove_folder(self, folder: Spot) -> bool:
        return self.at(folder.abroad).remove_folder(folder.path)


@contextmanager
def open_trees(sites: Sites, calls: Calls = CALLS, abroad_inode: int | None = None) -> Generator[Trees]:
    """`abroad_inode`: the number of the other folder, where it has no marker and was seen before. Raises `RootGone`."""
    with ExitStack() as stack:
        own = stack.enter_context(open_tree(sites.own.root, sites.own.marker or "", calls, access=sites.own.access))
        abroad = own
        if sites.abroad is not None:
            place = sites.abroad
            opened = open_tree(
                place.root, place.marker, calls, inode=abroad_inode, access=place.access, over_disks=sites.stays
            )
            abroad = stack.enter_context(opened)
        yield Trees(own, abroad)


def seen(there: There | None) -> Seen | None:
    return None if there is None else Seen(*there.look)
