"""What a file's content says, read in a process that can be killed: by mediainfo, and what it is known by wherever it goes."""

from .content import VERSION, Content, unavailable
from .fingerprint import Fingerprint, read_fingerprint
from .hashing import Hasher, Piece
from .prober import Prober
from .streams import Stream

__all__ = [
    "VERSION",
    "Content",
    "Fingerprint",
    "Hasher",
    "Piece",
    "Prober",
    "Stream",
    "read_fingerprint",
    "unavailable",
]
