"""Events on the wire."""

from datetime import datetime
from typing import Any

from msgspec import Struct


class EventShown(Struct, frozen=True, kw_only=True):
    """What just happened. Of a server-sent event this is `data`; `id` and `event` (the kind) are told beside it as well."""

    id: int
    kind: str
    at: datetime
    data: dict[str, Any]
