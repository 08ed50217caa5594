"""Tables of the operations room."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import NEVER_TWICE, Base, Id


class Operation(Base):
    """What one person or program did in one transaction, with the values before."""

    __tablename__ = "operation"
    __table_args__ = (
        Index("ix_operation_kind", "kind", "id"),
        Index("ix_operation_part_of", "part_of"),
        Index("ix_operation_undone_by", "undone_by"),
        NEVER_TWICE,
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    actor: Mapped[str]
    kind: Mapped[str]
    """`match`, `unmatch`, `dismiss`, `restore`, `refresh`, `library_removed`, `items_merged`, `undo`, ..."""
    summary: Mapped[str]
    """One line for a person."""
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What taking it back needs, beside what its files were taken for (`OperationFile`)."""
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What it made of that."""
    form: Mapped[int | None]
    """Of what is kept (`service.FORM`); None in operations of versions that kept too little to take anything back."""
    part_of: Mapped[int | None]
    """The operation that it was done with: an answer that was remembered with a match. Taken back with it."""
    undone_by: Mapped[int | None]
    """The operation that took it back."""


class OperationFile(Base):
    """A file of which an operation changed what it is taken for."""

    __tablename__ = "operation_file"
    __table_args__ = (Index("ix_operation_file_file", "file_id", "operation_id"),)

    operation_id: Mapped[int] = mapped_column(
        ForeignKey("operation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    file_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """No foreign key: what was done stays told when the library is gone."""
    version_before: Mapped[int]
    version_after: Mapped[int | None]
    """None where whoever did it did not say."""
    same_as: Mapped[int | None]
    """Where an operation was taken back: the former version as which the file is again what it was."""
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    """{"identification", "media_item_id", "episodes", "role", "part", "edition", "ignore_rule", "rule_lifted"}, and what
    `unmatched.standing` adds."""
