"""Mediastead keeps the truth about the films and series on a home server: what every file is, and whether it is there."""

__version__ = "0.1.0"
