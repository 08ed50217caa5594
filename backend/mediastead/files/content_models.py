"""Tables of what files contain, as it was read of them."""

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import Base, choice, sorted_text
from .types import StreamKind


class MediaFileProbe(Base):
    """What a file's content says, as of the size and mtime that it was read with."""

    __tablename__ = "media_file_probe"
    __table_args__ = (
        # Lists are filtered by these; with the file's id, so that they alone say which files.
        Index("ix_media_file_probe_resolution", "resolution", "file_id"),
        Index("ix_media_file_probe_video_codec", "video_codec", "file_id"),
        Index("ix_media_file_probe_container", "container", "file_id"),
        Index("ix_media_file_probe_duration", "duration_ms", "file_id"),
        Index(
            "ix_media_file_probe_hdr",
            "hdr",
            "file_id",
            sqlite_where=text("hdr IS NOT NULL"),
            postgresql_where=text("hdr IS NOT NULL"),
        ),
    )

    file_id: Mapped[int] = mapped_column(
        ForeignKey("media_file.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    size: Mapped[int]
    mtime_ns: Mapped[int]
    duration_ms: Mapped[int | None]
    """None where the content does not say."""
    container: Mapped[str | None]
    bitrate: Mapped[int | None]
    """Bits a second, of all streams together."""
    resolution: Mapped[str | None]
    """Of the picture, in the words of `probing.streams`: `2160p`."""
    hdr: Mapped[str | None]
    video_codec: Mapped[str | None]
    error: Mapped[str | None]
    """Why it could not be read. It is not tried again until the file changed."""
    reader: Mapped[int] = mapped_column(default=0, server_default="0")
    """The version of what was read (`probing.content.VERSION`)."""
    probed_at: Mapped[datetime]


class MediaFileStream(Base):
    """One stream in a file; None where the file does not say."""

    __tablename__ = "media_file_stream"
    __table_args__ = (
        Index("ix_media_file_stream_language", "kind", "language", "file_id"),
        Index("ix_media_file_stream_codec", "kind", "codec", "file_id"),
        Index("ix_media_file_stream_channels", "kind", "channels", "file_id"),
    )

    file_id: Mapped[int] = mapped_column(
        ForeignKey("media_file.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 0 on, in their order in the file."""
    kind: Mapped[StreamKind] = mapped_column(choice(StreamKind, "kind"))
    codec: Mapped[str | None]
    profile: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    hdr: Mapped[str | None]
    bit_depth: Mapped[int | None]
    frame_rate: Mapped[float | None] = mapped_column(Float)
    channels: Mapped[int | None]
    language: Mapped[str | None] = mapped_column(sorted_text())
    """As BCP 47 says it, in small letters."""
    title: Mapped[str | None]
    forced: Mapped[bool]
    default: Mapped[bool]
