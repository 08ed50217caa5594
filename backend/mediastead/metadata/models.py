"""Tables of the metadata room."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import NEVER_TWICE, Base, Id, choice
from .errors import ProviderTrouble


class ApiCache(Base):
    """A provider's answer, kept until it expires."""

    __tablename__ = "api_cache"
    __table_args__ = (Index("ix_api_cache_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    """`tmdb/en-US/search/movie?query=...`: provider, language and question, no secret."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """The facts as JSON, zlib."""
    fetched_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ProviderState(Base):
    """What keeps a provider from being asked; kept once, not on each file. No row: nothing does."""

    __tablename__ = "provider_state"

    provider: Mapped[str] = mapped_column(primary_key=True)
    trouble: Mapped[ProviderTrouble] = mapped_column(choice(ProviderTrouble, "trouble"))
    detail: Mapped[str]
    """A sentence for a person, ending with what to do."""
    since: Mapped[datetime]
    retry_at: Mapped[datetime | None]
    """None: only a change of the settings helps."""
    failures: Mapped[int] = mapped_column(default=1)
    """In a row; the wait grows with it."""
    settings_digest: Mapped[str | None]
    """Of the settings that the trouble was met with; a provider with others does not wait for `retry_at`."""


class KeptAnswer(Base):
    """A provider's answer that decisions went by, kept for as long as one of them does, so that they can be made again
    without network. Shared by all files that asked the same and got the same. So are tables of numbers, which are too large
    to be repeated with each decision."""

    __tablename__ = "kept_answer"
    __table_args__ = (Index("ix_kept_answer_question", "question_hash", "id"), NEVER_TWICE)

    id: Mapped[Id]
    question: Mapped[str]
    """Provider and question as `metadata.questions` writes it: `tmdb/search/movie/1999/the matrix`."""
    question_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """16 bytes: an index entry cannot hold any question."""
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    """Of question and answer: 16 bytes."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """What matching goes by, as JSON, zlib: no overviews, no pictures."""
    used_at: Mapped[datetime]
    """When a decision last went by it, to the hour: what was used lately is never removed, so that no decision that is just
    being written loses it."""
