"""What is to be written about a batch of listings, before it is."""

from dataclasses import dataclass, field

from .comparison import Same, Sighting
from .moves import Move
from .queries import KnownFile, KnownFolder


@dataclass(kw_only=True)
class Batch:
    """What is to be written about a batch of listings."""

    library_id: int
    moves: list[Move] = field(default_factory=list[Move])
    new: list[Sighting] = field(default_factory=list[Sighting])
    same: list[Same] = field(default_factory=list[Same])
    folders: dict[bytes, KnownFolder] = field(default_factory=dict[bytes, KnownFolder])
    """Known folders by path."""
    mount_points: dict[bytes, bool] = field(default_factory=dict[bytes, bool])
    """Folders whose being a mount point is to be written."""
    gaps_closed: list[int] = field(default_factory=list[int])
    """Folders that were a gap and are none any more."""

    def is_empty(self) -> bool:
        return not (self.moves or self.new or self.same or self.mount_points or self.gaps_closed)

    def displaced(self) -> list[KnownFile]:
        """Files whose path a file takes that moved there."""
        movers = {move.donor.file.id for move in self.moves}
        known = (move.stranger.known for move in self.moves)
        return [file for file in known if file is not None and file.id not in movers]

    def changed(self) -> list[Same]:
        """Files with other content where they lie."""
        return [one for one in self.same if one.has_changed]
