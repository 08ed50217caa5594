"""The states of a media file, member by member."""

from enum import StrEnum


class Identification(StrEnum):
    """What is known of what a file is. Every present file is in exactly one of these."""

    PENDING = "pending"
    """Not tried yet, still being written, or waiting for the provider."""
    MATCHED = "matched"
    """It belongs to a media item."""
    UNMATCHED = "unmatched"
    """In the queue: a person is asked."""
    DISMISSED = "dismissed"
    """A person said that nobody needs to know."""
    IGNORED = "ignored"
    """A rule says so (`ignore_rule`); `restore` lifts the rule for the file."""


class Presence(StrEnum):
    """Whether a file is there. Only the first two are stored."""

    PRESENT = "present"
    MISSING = "missing"
    UNKNOWN = "unknown"
    """What the reader sees of a present file while its root or folder is unavailable."""


class Role(StrEnum):
    """What a media file is to the item it belongs to."""

    FEATURE = "feature"
    """The film itself, or a part of it."""
    EPISODE = "episode"
    """One or several episodes of a series."""
    EXTRA = "extra"
    """Trailer, featurette, interview, deleted scene."""
    SAMPLE = "sample"
    """A short piece of a release, cut out to show its quality."""


class ImportMethod(StrEnum):
    """How a file came in, or was tried to be brought in."""

    SCAN = "scan"
    """A scan found it and identification tried to tell what it is."""
    MANUAL_MATCH = "manual_match"
    """A person said what it is."""
    HARDLINK = "hardlink"
    COPY = "copy"
    MOVE = "move"
    PIPELINE = "pipeline"


class Happened(StrEnum):
    """What can happen to a file that has nothing to do with what it is taken for."""

    MOVED = "moved"
    """It has another path, or is in another library."""
    MISSING = "missing"
    BACK = "back"
    CHANGED = "changed"
    """It was written to, and is as large as before; or it was still growing."""
    TRASHED = "trashed"
    PUT_BACK = "put_back"
    """Out of the trash."""
    REPLACED = "replaced"
    """A file of another size lies at its path."""
    DOUBTED = "doubted"
    """Its content since then hardly is what it is taken for."""
    ROTTED = "rotted"
    """Its content is another, though nobody changed it."""
    SOUND = "sound"
    """After it had rotted: its content is again what it was."""


class Resolution(StrEnum):
    """How a question was settled."""

    MATCHED = "matched"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    """The question no longer stands: a rule ignores the file."""


class UnmatchedReason(StrEnum):
    """Why a file is in the queue. The values are part of the API."""

    NO_MATCH = "no_match"
    """The provider knows no title like it."""
    LOW_CONFIDENCE = "low_confidence"
    """There is a best title, but it is not sure enough."""
    AMBIGUOUS = "ambiguous"
    """Several titles fit equally well."""
    PARSE_FAILED = "parse_failed"
    """The name says nothing that could be searched for."""
    EPISODE_NOT_FOUND = "episode_not_found"
    """The series is known, but it has no such episode."""
    REJECTED = "rejected"
    """A person said that it is not what it was matched to."""
    REPLACED = "replaced"
    """Another file lies where it lay, which hardly is what it was matched to."""


class RecordForm(StrEnum):
    """How what a file is taken for is written beside it, to outlive the database."""

    NFO = "nfo"
    """A file of Kodi's form beside the media file."""
    XATTR = "xattr"
    """An extended attribute of the media file."""


class StreamKind(StrEnum):
    """What a stream is to whoever plays the file."""

    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    """Subtitles."""
