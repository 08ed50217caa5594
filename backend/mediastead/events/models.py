"""Tables of the events room."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import NEVER_TWICE, Base, Id


class Event(Base):
    """What just happened, written in the transaction that made it happen."""

    __tablename__ = "event"
    __table_args__ = (NEVER_TWICE,)

    id: Mapped[Id]
    """Goes up in the order of the commits (`events.outbox` says how)."""
    at: Mapped[datetime]
    kind: Mapped[str]
    """`scan.started`, `file.matched`, `question.opened`, ..."""
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
