"""Tables of the operations room."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import NEVER_TWICE, Base, Id


class Operation(Base):
    """What one person or program did in one transaction, with the values before."""

    __tablename__ = "operation"
    __table_args__ = (NEVER_TWICE,)

    id: Mapped[Id]
    at: Mapped[datetime]
    actor: Mapped[str]
    kind: Mapped[str]
    """`match`, `unmatch`, `dismiss`, `restore`, `refresh`, `library_removed`, `items_merged`, ..."""
    summary: Mapped[str]
    """One line for a person."""
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    """{"files": [{"id", "identification", "media_item_id", "episodes", "role", "part", "edition", "ignore_rule",
    "rule_lifted", "version"}], ...}: what taking it back needs."""
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    """{"files": [{"id", "version"}], ...}: taking back is possible while these still hold."""
