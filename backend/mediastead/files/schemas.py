"""What the files room shows on the wire."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from ..catalog.types import ItemType
from .types import Identification, ImportMethod, Presence, RecordForm, Role, StreamKind


class ItemBrief(Struct, frozen=True, kw_only=True):
    """The item that a file belongs to, as lists show it."""

    id: int
    type: ItemType
    tmdb_id: int | None
    title: str
    year: int | None


class EpisodeBrief(Struct, frozen=True, order=True):
    season: int
    number: int


class ProviderWait(Struct, frozen=True, kw_only=True, tag_field="what", tag="provider"):
    """A pending file waits for the metadata provider, which cannot be asked now."""

    provider: str
    trouble: str
    detail: str
    """A sentence that ends with what to do."""
    retry_at: datetime | None
    """None: only a change of the settings helps."""


class SettlingWait(Struct, frozen=True, kw_only=True, tag_field="what", tag="settling"):
    """A pending file was written to a moment ago; it is looked at again when it stops growing."""


class RecordShown(Struct, frozen=True, kw_only=True):
    """What was written about a file beside it."""

    form: RecordForm
    written_at: datetime | None
    """null where it could not be written."""
    error: str | None
    """Why not, and what to do."""
    up_to_date: bool
    """Whether the file is still taken for the same."""


class ContentShown(Struct, frozen=True, kw_only=True):
    """What was read of a file's content; null where the content does not say."""

    duration: float | None
    """Seconds."""
    container: str | None
    bitrate: int | None
    """Bits a second, of all streams together."""
    resolution: str | None
    """Of the picture, such as 1080p."""
    hdr: str | None
    """Dolby Vision, HDR10+, HDR10 or HLG."""
    video_codec: str | None
    error: str | None
    """Why it could not be read; it is tried again when the file changed."""


class StreamShown(Struct, frozen=True):
    """One stream in a file; null where the file does not say."""

    kind: StreamKind
    codec: str | None
    profile: str | None
    width: int | None
    height: int | None
    """Pixels."""
    hdr: str | None
    bit_depth: int | None
    frame_rate: float | None
    channels: int | None
    language: str | None
    """As BCP 47 says it, in small letters."""
    title: str | None
    forced: bool
    default: bool


class FileShown(Struct, kw_only=True):
    """A media file: what it is taken for, and whether it is there."""

    id: int
    library: str
    library_id: int
    folder_id: int
    path: str
    """Relative to the library's root, parts joined by `/`; bytes that are no UTF-8 became U+FFFD."""
    identification: Identification
    presence: Presence
    role: Role | None
    item: ItemBrief | None
    episodes: list[EpisodeBrief]
    part: int | None
    edition: str | None
    size: int
    """Bytes."""
    mtime: datetime
    added: datetime
    missing_since: datetime | None
    version: int
    """An answer names the one that it saw."""
    ignore_rule: str | None
    waiting_for: ProviderWait | SettlingWait | None
    """What identification of a pending file waits for."""
    record: RecordShown | None
    """null where nothing was written beside it, or tried to be."""
    content: ContentShown | None
    """null until it was read, which a server does in the background."""
    duplicate: Literal["certainly", "probably"] | UnsetType = UNSET
    """How sure it is that another file holds the same: all of both was read, or samples. Only where duplicates were asked for."""
    decision: dict[str, Any] | UnsetType | None = UNSET
    """The latest decision of identification; only where it was asked for."""


class ImportShown(Struct, frozen=True, kw_only=True):
    """One attempt to bring a file in."""

    id: int
    file_id: int | None
    library_id: int | None
    method: ImportMethod
    source_path: str
    """Absolute, at the time of the attempt."""
    success: bool
    error: str | None
    """For a failed attempt: why, in words."""
    evidence: dict[str, Any]
    """{"type", "tmdb_id", "title", "year", "episodes", "probability", "evidence"} as known then; {} where nothing was."""
    actor: str
    at: datetime


class ImportDetail(ImportShown, frozen=True, kw_only=True):
    """One attempt with what became of it."""

    library: str | None
    """null where there was none yet. Of one that was removed, what it was called last."""
    library_removed: datetime | None
    """When it was removed, with all that was known of its files."""
    now_at: str | None
    """Library and path where the file lies now; null where the attempt failed before there was one, or nothing is known of it
    any more."""
    superseded_by: int | None
    """The next attempt that succeeded for the same file: from then on that says what it is taken for."""


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(mtime_ns: int) -> datetime:
    """A file's time as a moment. 8 bytes of nanoseconds reach from 1677 to 2262, which every calendar has."""
    return EPOCH + timedelta(microseconds=mtime_ns // 1000)
