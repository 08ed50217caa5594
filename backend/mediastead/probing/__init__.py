"""What a file's content says, read by mediainfo in a process that can be killed."""

from .content import Content, unavailable
from .prober import Prober

__all__ = ["Content", "Prober", "unavailable"]
