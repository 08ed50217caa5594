"""Where things lie in a trash: in that of the root, or at the top of a mount beneath it, out of which nothing is renamed."""

from ..disk.marker import TRASH_NAME
from ..files.paths import joined


def place_of(name: bytes) -> bytes:
    """The path of something in the trash, relative to the root, by its name in the books."""
    return name if b"/" in name else joined(TRASH_NAME, name)


def name_at(place: bytes) -> bytes:
    """The name in the books for something in the trash: that in the root's trash, or the whole path in that of a mount."""
    folder, _, name = place.rpartition(b"/")
    return name if folder == TRASH_NAME else place
