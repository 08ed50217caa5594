"""Answers and questions on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from ..catalog.types import ItemType
from ..files.schemas import FileShown, ItemBrief, ProviderWait
from ..files.types import Presence, Role, UnmatchedReason
from ..http.paging import LARGEST_INTEGER
from .types import Holds

MOST_ANSWERS = 500
"""Answers in one request."""

AnId = Annotated[int, Meta(ge=1, le=LARGEST_INTEGER)]
ANumber = Annotated[int, Meta(ge=0, le=1_000_000)]
Edition = Annotated[str, Meta(min_length=1, max_length=100, pattern="^[^\\x00-\\x1f\\ud800-\\udfff]*$")]


class EpisodeAsked(Struct, frozen=True, order=True, forbid_unknown_fields=True):
    season: ANumber
    """0 holds the specials."""
    number: ANumber


class MatchAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a file is: an item by `item_id`, or by `type` and `tmdb_id`; for an episode with its numbers."""

    item_id: AnId | None = None
    type: ItemType | None = None
    tmdb_id: AnId | None = None
    episodes: Annotated[list[EpisodeAsked], Meta(max_length=MOST_ANSWERS)] = []
    role: Role | None = None
    """Left out: an extra or sample by its name stays one, else `feature` or `episode`, as the item is."""
    part: Annotated[int, Meta(ge=1, le=1000)] | UnsetType | None = UNSET
    """Left out: as the name says."""
    edition: Edition | UnsetType | None = UNSET
    """Left out: as the name says."""
    remember: bool = True
    """Whether it holds for files that are read the same as well, now and later."""


class QuestionMatch(MatchAnswer, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of many answers."""

    id: AnId
    """Of the question."""


class FileMatch(MatchAnswer, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: AnId
    """Of the file, as it was seen."""


class FileUnmatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a file is not: the item that it is matched to, or only the episodes of it that are named here."""

    version: AnId
    episodes: Annotated[list[EpisodeAsked], Meta(max_length=MOST_ANSWERS)] = []


class FileRestore(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: AnId


class FilesToForget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    file_ids: Annotated[list[AnId], Meta(min_length=1, max_length=MOST_ANSWERS)]


class FilesForgotten(Struct, frozen=True, kw_only=True):
    forgotten: int
    """Those that were listed until now."""


class ManyMatches(Struct, frozen=True, forbid_unknown_fields=True):
    answers: Annotated[list[QuestionMatch], Meta(min_length=1, max_length=MOST_ANSWERS)]


class QuestionDismissal(Struct, frozen=True, forbid_unknown_fields=True):
    id: AnId
    """Of the question."""


class ManyDismissals(Struct, frozen=True, forbid_unknown_fields=True):
    answers: Annotated[list[QuestionDismissal], Meta(min_length=1, max_length=MOST_ANSWERS)]


class AnswerResult(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one of many answers."""

    id: int
    status: str
    """`matched`, `dismissed`, or `failed` with the `error`."""
    error: dict[str, Any] | None = None
    """The problem, as a request with this answer alone would have got it."""


class FollowingFile(Struct, frozen=True, kw_only=True):
    """A file in the queue that is identified anew by an answer that tells how its like are counted."""

    file_id: int
    path: str
    """Relative to the library's root."""
    says: str
    """The numbers that its name says: `14`, `S02E14`."""
    episodes: list[EpisodeAsked]
    """What it will be; empty where it stays in the queue."""
    problem: str | None
    """Why it stays in the queue."""


class AnswerHolding(Struct, frozen=True, kw_only=True):
    """What is remembered of an answer, for other files."""

    id: int
    """Of the remembered answer."""
    title: str
    """As the names read; files that read the same are meant."""
    holds: Holds
    item_id: int
    asked_again: int
    """Open questions that it settles: their files are pending. Of thousands the first ones; the others follow by themselves."""
    following: list[FollowingFile]
    """Of those, the first 200, where the answer tells how they count: the episodes that each will be."""
    matched_otherwise: int
    """Files that are read the same and are matched to another title: they stay as they are."""
    detail: str
    """All of it in words. `POST /v1/remembered-answers/{id}/revoke` takes it back."""


class RememberedAnswerShown(Struct, frozen=True, kw_only=True):
    """A person's answer for one file that holds for those that are read the same."""

    id: int
    library_id: int
    title: str
    """As the names read."""
    holds: Holds
    item: ItemBrief
    numbering: dict[str, Any] | None
    """How such files count the episodes: {"shifts", "rows", "examples"}; null where as the provider does."""
    numbering_in_words: str | None
    file_id: int | None
    """The file it was given for."""
    given_for: str | None
    """Where that file lies now, relative to the library: an answer bound to a folder holds there."""
    by: str
    at: datetime
    revoked_by: str | None
    """Who took it back; `superseded` where a later answer says otherwise."""
    revoked_at: datetime | None
    held: dict[str, int]
    """How many files identification decided by it, by what they are taken for now."""
    by_person: int
    """How many files a person matched with this answer: they stay as they are when it is revoked."""


class RememberedAnswerDetail(RememberedAnswerShown, frozen=True, kw_only=True):
    files: list[FileShown]
    """The first 200 that identification matched by it and are so still: what revoking it with `also_files` asks about again."""
    files_by_person: list[FileShown]
    """The first 200 that a person matched with it."""


class Revocation(Struct, frozen=True, forbid_unknown_fields=True):
    also_files: bool = False
    """Whether the files that were matched by it go back into the queue and are identified again. Left out: they stay."""


class ManyAnswered(Struct, frozen=True, kw_only=True):
    results: list[AnswerResult]
    """In the order of the answers."""
    operation_id: int | None
    """What was done, to be taken back as one; null where nothing was."""
    remembered: list[AnswerHolding]
    """Of answers that are matches: what holds for other files from now on."""


class QuestionStatus(StrEnum):
    """Where a question stands; `all` only to ask for questions."""

    OPEN = "open"
    MATCHED = "matched"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    """The question no longer stands: a rule ignores the file."""
    ALL = "all"


class Question(Struct, kw_only=True):
    """A question about a file."""

    id: int
    file_id: int
    library: str
    library_id: int
    path: str
    presence: Presence
    status: QuestionStatus
    refreshing: bool
    """Open, and being looked at again now."""
    reason: UnmatchedReason
    would_match_if: str | None
    group: str
    proposed: dict[str, Any] | None
    ready: bool
    """What is proposed is whole: it can be accepted as it stands."""
    found_at: datetime
    refreshed_at: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None


class QuestionDetail(Question, kw_only=True):
    """One question with all that helps to answer it."""

    file: FileShown
    suggestions: list[dict[str, Any]]
    """Up to five, best first, without what was rejected: {"type", "tmdb_id", "title", "year", "episodes", "probability",
    "evidence": [{"name", "weight", "detail"}]}."""


class GroupFile(Struct, frozen=True, kw_only=True):
    id: int
    """Of the question."""
    file_id: int
    path: str
    """Relative to the library's root."""
    proposed: dict[str, Any] | None
    """{"type", "tmdb_id", "title", "year", "role", "episodes"}: what accepting the group makes of this file."""


class QuestionGroup(Struct, frozen=True, kw_only=True):
    """Questions that one answer is likely to settle."""

    group: str
    shared: str
    """What its files share, in words."""
    title: str | None
    """The title that is proposed most, if any is."""
    year: int | None
    count: int
    """Of its open questions; `files` may hold fewer."""
    ready: int
    """Questions that accepting what is proposed settles."""
    left: int
    """Questions that it leaves."""
    files: list[GroupFile]


class LibraryCount(Struct, frozen=True, kw_only=True):
    library_id: int
    library: str
    open: int


class PendingCount(Struct, frozen=True, kw_only=True):
    """Files that identification has not got to."""

    total: int
    settling: int
    """Just written to; looked at again when they stop growing."""
    waiting_for: ProviderWait | None
    """What keeps the provider from being asked, if anything does."""


class QueueSummary(Struct, frozen=True, kw_only=True):
    open: int
    by_reason: dict[str, int]
    """Of the open ones; every reason is there."""
    by_library: list[LibraryCount]
    by_status: dict[str, int]
    pending: PendingCount


class QuestionAnswered(Question, kw_only=True):
    """A question that was answered by a match."""

    remembered: list[AnswerHolding]


class FileAnswered(FileShown, kw_only=True):
    """A file that a person said what it is."""

    remembered: list[AnswerHolding]


class FileUnmatched(FileShown, kw_only=True):
    """A file that a person said what it is not."""

    followed: RememberedAnswerShown | None
    """The remembered answer that it was matched by: it holds on for other files until it is revoked."""
