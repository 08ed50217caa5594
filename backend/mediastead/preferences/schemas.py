"""What travels on the wire about settings."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from ..settings import Source


class SettingView(Struct, kw_only=True):
    key: str
    value: Any = UNSET
    """Left out where the setting is a secret."""
    set: bool | UnsetType = UNSET
    """Of a secret only: whether there is one."""
    source: Source
    editable: bool
    """Whether PATCH may change it; also then not while environment or file say what it is."""
    allowed: str
    """What it may be, in words."""
    description: str


class SettingsView(Struct):
    settings: list[SettingView]
