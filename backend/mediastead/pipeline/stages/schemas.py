"""Presets on the wire."""

from datetime import datetime

from msgspec import Struct

from .presets import PresetBody


class PresetView(Struct, frozen=True, kw_only=True):
    """How files are to be made."""

    name: str
    built_in: bool
    """It came along; a person's preset of the same name takes its place until that is removed."""
    body: PresetBody
    hash: str
    """Hexadecimal, of the body: what was not worth it with one is tried again with another."""
    default: bool
    """Taken for items for which nobody chose one."""
    actor: str | None
    created_at: datetime | None
    """Of this version; null for one that came along."""
