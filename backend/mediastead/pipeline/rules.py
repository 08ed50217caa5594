"""What a person set that jobs are made by."""

from msgspec import Struct

from .stages.parameters import Limits


class Rules(Struct, frozen=True, kw_only=True):
    limits: Limits = Limits()
    staging_root: str = "/staging"
    """Where new items are made."""
