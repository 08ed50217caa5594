"""A stand-in for TMDB's API (v3) that answers from a small catalogue and misbehaves when told to."""

from .faults import Broken, CutOff, Fault, Redirected, Refused, Reset, Said, Silent, Slow, Trickling
from .server import KEY, TOKEN, StandIn

__all__ = [
    "KEY",
    "TOKEN",
    "Broken",
    "CutOff",
    "Fault",
    "Redirected",
    "Refused",
    "Reset",
    "Said",
    "Silent",
    "Slow",
    "StandIn",
    "Trickling",
]
