"""What people look at across rooms, on the wire."""

from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct

from ..catalog.types import ItemType
from ..files.schemas import EpisodeBrief, FileShown, ImportShown, ProviderWait, StreamShown
from ..libraries.models import BringHow, LibraryKind
from ..libraries.schemas import RecordForm
from ..metadata.schemas import GoneView, ItemView
from ..scanning.schemas import ScanView


class PendingShown(Struct, frozen=True, kw_only=True):
    """Files that identification has not got to."""

    total: int
    settling: int
    """Just written to; looked at again when they stop growing."""
    out_of_reach: int
    """In a folder that could not be looked into, or in a library that is not there: identified once that is back."""
    waiting_for: ProviderWait | None
    """What keeps the provider from being asked, if anything does."""


class LibraryCounts(Struct, frozen=True, kw_only=True):
    by_presence: dict[str, int]
    """`present`, `missing`, `unknown`: adds up to all files."""
    by_identification: dict[str, int]
    """Of the files that are present or unknown: adds up to those two."""
    missing_by_identification: dict[str, int]
    """What the missing ones were: adds up to `by_presence.missing`."""
    rotted: int
    """Of those that are not missing: no longer what they were, though nobody changed them."""
    doubted: int
    """Of those that are not missing: replaced since they were matched, by what hardly is the same."""
    pending: PendingShown


class RecordCounts(Struct, frozen=True, kw_only=True):
    """Files worth a record (matched or dismissed, and present), by what became of it."""

    written: int
    failed: int
    """Each with its reason in `record.error` of the file."""
    waiting: int


class LibraryShown(Struct, frozen=True, kw_only=True):
    """A library with its counts and its last scan."""

    id: int
    name: str
    root: str
    kind: LibraryKind
    scan_interval_minutes: int | None
    next_scan_at: datetime | None
    exclude_patterns: list[str]
    naming_template: str | None
    watching: str | None
    """`watched`, or why changes in its folders are found by the schedule alone, in words; null where no server watches."""
    record_form: RecordForm | None
    unavailable_since: datetime | None
    unavailable_reason: str | None
    """What the last scan found."""
    away: str | None
    """Why its root is not there at this moment; null where it is, or its disk did not answer within a second."""
    bring_into_id: int | None
    """Of an inbox: the library that its files are to be brought into."""
    bring_how: BringHow | None
    removing_since: datetime | None
    """Somebody had it removed; what is known of its files is going."""
    created_at: datetime
    counts: LibraryCounts
    records: RecordCounts | None
    """None where nothing is to be written beside the files."""
    last_scan: ScanView | None


class EpisodeCounts(Struct, frozen=True, kw_only=True):
    """Of a series, specials aside."""

    total: int
    aired: int
    present: int
    """With a file that is present or unknown."""
    missing: int
    """Aired, and without one."""


class ItemShown(Struct, frozen=True, kw_only=True):
    """A film or series, as lists show it."""

    id: int
    type: ItemType
    tmdb_id: int | None
    title: str
    original_title: str | None
    year: int | None
    poster: str | None
    added: datetime
    files: int
    """That are present or unknown, extras included."""
    missing: bool
    """A film of which no feature file is there, or a series of which an aired episode is not."""
    doubled: bool
    """A film with several versions that are there, or a series with several files for an episode; parts of one count as one."""
    episodes: EpisodeCounts | None
    """None for a film."""
    gone: GoneView | None
    """Where the provider no longer has it."""


class Version(Struct, frozen=True, kw_only=True):
    """One version of a film: a file, or several parts that belong together."""

    edition: str | None
    parts: list[FileShown]
    missing_parts: list[int]
    """Numbers that lie below the highest part there is and have no file."""


class ItemDetail(ItemView, kw_only=True):
    """A film or series with its files."""

    poster: str | None
    backdrop: str | None
    rating: float | None
    added: datetime
    missing: bool
    versions: list[Version]
    """Of a film; the files of a series stand in its seasons."""
    extras: list[FileShown]
    """Extras and samples."""
    episodes: EpisodeCounts | None
    doubled: bool
    doubled_episodes: list[EpisodeBrief]
    """With several files that are there, specials included."""
    missing_episodes: list[EpisodeBrief]
    """Aired, specials aside, and without a file that is there."""


class EpisodeShown(Struct, frozen=True, kw_only=True):
    id: int
    number: int
    title: str | None
    air_date: date | None
    runtime: int | None
    overview: str | None
    status: str
    """`present`, `unknown` (its file cannot be looked at now), `missing`, or `unaired` (then it is not missed)."""
    files: list[FileShown]


class SeasonShown(Struct, frozen=True, kw_only=True):
    id: int
    number: int
    title: str | None
    air_date: date | None
    overview: str | None
    poster: str | None
    counts: EpisodeCounts
    episodes: list[EpisodeShown]


class SeasonsShown(Struct, frozen=True, kw_only=True):
    seasons: list[SeasonShown]
    specials: SeasonShown | None
    """Season 0; nothing in it counts as a gap of the series."""


class FileStateShown(Struct, frozen=True, kw_only=True):
    """What the disk showed last."""

    changed_at: datetime | None
    """When a scan last saw other content at the same path."""
    missing_scan_id: int | None
    """The scan that found it missing."""
    unknown_since: datetime | None
    """Since when nobody can tell whether it is there; null where that is known."""
    unknown_reason: str | None
    """Why: its library or its folder cannot be looked at."""
    unsettled_since: datetime | None
    verified_at: datetime | None
    """When it was last read whole, and was what it had been."""
    verify_error: str | None
    """Why it could not be read whole when that was tried last."""
    rotted_at: datetime | None
    """Since when its content is another, though nobody changed it."""
    doubt: str | None
    """Why its content, since it was replaced, hardly is what it is taken for, in words. Whoever matches it again settles that."""
    doubted_at: datetime | None


class OtherFile(Struct, frozen=True, kw_only=True):
    """Another file that is there."""

    id: int
    library: str
    path: str
    """Relative to the library's root."""
    same_content: Literal["certainly", "probably"] | None
    """`certainly` where both were read whole and are the same, `probably` where size and samples are; null where they are not, or
    were not read yet."""
    same_title: bool
    """It is a version of the same film, or holds one of the same episodes."""


class MissingFile(FileShown, kw_only=True):
    """A file that is gone, with what it was and what is left of that."""

    others: list[OtherFile]
    """Files that are there and hold the same: the same content, another version of the film, or one of the episodes."""


class FileDetail(FileShown, kw_only=True):
    """One file with its story."""

    state: FileStateShown
    streams: list[StreamShown]
    others: list[OtherFile]
    """Other files that are there and hold the same: what is left of a missing one, and what there is twice."""
    question_id: int | None
    """The open question about it."""
    imports: list[ImportShown]
    """The latest 50, newest first."""
    rejected: list[dict[str, Any]]
    """What a person said that it is not: {"type", "tmdb_id", "episodes"}."""
    remembered_answer_id: int | None
    """The answer for another file that its match follows."""
