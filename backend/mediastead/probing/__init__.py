"""What a file's content says, read in a process that can be killed: by mediainfo, and what it is known by wherever it goes."""

from .content import Content, unavailable
from .fingerprint import Fingerprint, read_fingerprint
from .prober import Prober

__all__ = ["Content", "Fingerprint", "Prober", "read_fingerprint", "unavailable"]
