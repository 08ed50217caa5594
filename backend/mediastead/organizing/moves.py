"""What passes between whoever plans moves and the journal that carries them out: moves, groups of them, and refusals.

Paths are bytes relative to a root, parts joined by `/`: that of the library that files go to, or, where a move says
`abroad`, that of the library that they come from.
"""

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from ..scanning.rules import is_disc_folder

LARGEST_GROUP = 500
"""Moves. What is larger is refused: a group is done as a whole or not at all, and a library waits for it meanwhile."""


class MoveRole(StrEnum):
    """What is moved."""

    MEDIA = "media"
    """A media file with a row; a disc folder (`VIDEO_TS`, `BDMV`) counts as one."""
    SIDECAR = "sidecar"
    """A file that goes along with one and has no row."""


class Way(StrEnum):
    """How a file gets from one path to another."""

    RENAME = "rename"
    LINK = "link"
    """A second name of the same file (hard link); a copy where the disk can make none. The source stays."""
    COPY = "copy"
    """The source stays, unless the group takes it to the trash afterwards."""
    TRASH = "trash"
    """A rename into the trash of its own mount, in a folder and under a name that are chosen when it is begun (`mounted`)."""
    PUT_BACK = "put_back"
    """A rename out of the trash."""


class Spot(NamedTuple):
    """A path in one of the two trees that a group may have."""

    abroad: bool
    """In the tree that the files come from, where that is another one than they go to."""
    path: bytes


class Seen(NamedTuple):
    """By what a file is known again after it was renamed."""

    size: int
    """Bytes; of a disc folder the sum."""
    mtime_ns: int
    """Of a disc folder the newest of its files."""
    inode: int


class Move(Struct, frozen=True):
    """One file from one path to another."""

    role: MoveRole
    source: bytes
    target: bytes
    look: Seen
    """As the row says (media) or the plan saw it (sidecar). A file that looks otherwise is not moved."""
    file_id: int | None = None
    """None for a sidecar."""
    version: int | None = None
    """Of the media file that the plan was made from; None where that does not matter (taking back)."""
    way: Way = Way.RENAME
    made: Seen | None = None
    """What a copy looks like, once that is noted: it is whole then."""
    source_abroad: bool = False
    target_abroad: bool = False
    had: tuple[int, int] | None = None
    """Its mode and the number of its group before, noted when its group is begun; None of a link or copy."""
    wanted: tuple[int, int] | None = None
    """Mode and group that it is to have, where they are neither set for the library nor those of its folder."""
    copied: bool = False
    """Its content was written anew, and checked."""

    @property
    def is_disc(self) -> bool:
        """Whether it is the folder of a disc."""
        return self.role is MoveRole.MEDIA and is_disc_folder(self.source.rpartition(b"/")[2])

    @property
    def stays(self) -> bool:
        """Whether the source is left where it is."""
        return self.way in (Way.LINK, Way.COPY)

    @property
    def at_target(self) -> Seen | None:
        """What lies at the target when it is done; None of a copy that was not made yet."""
        return self.made if self.made is not None or self.way is Way.COPY else self.look

    @property
    def origin(self) -> Spot:
        return Spot(self.source_abroad, self.source)

    @property
    def destination(self) -> Spot:
        return Spot(self.target_abroad, self.target)


class Group(Struct, frozen=True):
    """All that must happen together: a media file with its sidecars, and files of which the paths depend on each other
    (chains, cycles, swaps). Done as a whole or taken back as a whole."""

    moves: tuple[Move, ...]


class Reason(StrEnum):
    """Why something is not moved. The values are part of the API."""

    TARGET_EXISTS = "target_exists"
    """Something that does not move away lies at the target, perhaps spelled in other letters."""
    SAME_TARGET = "same_target"
    """Two files would get the same name."""
    NOT_THERE = "not_there"
    """The file is not at its path, or what lies there looks otherwise than the last scan saw it."""
    CHANGED = "changed"
    """The file was matched otherwise, moved or changed since the plan was made."""
    TOO_MANY = "too_many"
    """More than `LARGEST_GROUP` moves depend on each other."""
    TOO_LONG = "too_long"
    NOT_SAFE = "not_safe"
    """The path is none that can be written everywhere, or a rule of scans would hide it."""
    LINKED = "linked"
    """A symlink is in the way, or two names of one file (hard links) would be moved."""
    OTHER_DISK = "other_disk"
    """Source and target lie on different file systems or mounts."""
    NOT_CAPABLE = "not_capable"
    """The file system cannot rename without overwriting, or does not keep a file's number."""
    NOT_MARKED = "not_marked"
    """The library's root has no marker, so that nobody could tell whether it is still there after a crash."""
    NO_TITLE = "no_title"
    """What the template needs is not known of the file."""
    TIED = "tied"
    """A sidecar belongs to several files that would part."""
    OTHER_KIND = "other_kind"
    """A series would come into a library of films, or a film into one of series."""
    ALREADY_IN = "already_in"
    """It was linked or copied before, and is there still."""
    NO_ROOM = "no_room"
    """The disk that it is to be copied to has not enough room."""
    CALLED_OFF = "called_off"
    """A person did not want it any more, and nothing of it was begun."""
    STAYS = "stays"
    """It lies in a folder that the media files leave, and nothing says where it belongs."""


class Refused(Struct, frozen=True):
    """What is not moved, and why."""

    source: bytes
    reason: Reason
    words: str
    """A sentence that says what to do."""
    target: bytes | None = None
    file_id: int | None = None


class Plan(Struct, frozen=True):
    groups: tuple[Group, ...]
    refused: tuple[Refused, ...] = ()
    unchanged: int = 0
    """Files that lie where they belong."""
