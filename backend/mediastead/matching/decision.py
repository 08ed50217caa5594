"""The shapes of a decision: what a file is and why, or why that cannot be told and what would tell it."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from ..catalog.types import ItemType
from ..files.types import RecordForm, Role, UnmatchedReason


class Outcome(StrEnum):
    MATCH = "match"
    NO_MATCH = "no_match"
    IGNORE = "ignore"
    """A sample or extra of which nothing is known that it belongs to."""
    DISMISS = "dismiss"
    """A person dismissed it, as the record beside it says."""


class EpisodeNumber(Struct, frozen=True, order=True):
    season: int
    number: int


class Rejected(Struct, frozen=True):
    """What a person said a file is not: a title, or only some episodes of it."""

    type: ItemType
    tmdb_id: int
    episodes: tuple[EpisodeNumber, ...] | None = None
    """None is the whole title."""

    def forbids(self, type: ItemType, tmdb_id: int, episodes: tuple[EpisodeNumber, ...]) -> bool:
        """Whether this title with these episodes has been rejected, or a part of what was."""
        if (type, tmdb_id) != (self.type, self.tmdb_id):
            return False
        return self.episodes is None or (bool(episodes) and set(episodes) <= set(self.episodes))


class Neighbour(Struct, frozen=True, kw_only=True):
    """The series of most of a folder's other files. Only matches count that rest on nothing of their neighbours."""

    type: ItemType
    tmdb_id: int
    share: float
    """At least this share of the folder's matched files is of it: 1.0, 0.9 or 0.75."""
    count: int
    """At least so many are: 8, 3 or 1."""


class RejectedBefore(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person said that a file is not, as it is written beside the file."""

    type: ItemType
    tmdb_id: int
    title: str
    """For people, and until the provider is asked about it."""
    year: int | None = None
    episodes: tuple[EpisodeNumber, ...] | None = None
    """None is the whole title."""
    by: str
    at: datetime

    @property
    def forbidden(self) -> Rejected:
        return Rejected(self.type, self.tmdb_id, self.episodes)


class Recorded(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What this or a former database wrote beside a file about it, so that a rebuild from disk gives the same."""

    by: str
    """`scan`, or the name of the person who decided."""
    by_person: bool
    at: datetime
    dismissed: bool = False
    """A person said that nobody needs to know; then there is no title."""
    type: ItemType | None = None
    tmdb_id: int | None = None
    """None for an item made by hand."""
    made_at: datetime | None = None
    """When an item made by hand was made: by this its files find together again."""
    title: str | None = None
    year: int | None = None
    episodes: tuple[EpisodeNumber, ...] = ()
    """As the provider counts them."""
    episode_titles: tuple[str | None, ...] = ()
    """Of a series made by hand, one for each of `episodes`."""
    role: Role | None = None
    part: int | None = None
    edition: str | None = None
    probability: float | None = None
    """That identification gave it; None where a person decided."""
    neighbours: tuple[Neighbour, ...] | None = None
    """What identification heard of the folder's other files: it leans on them, and stands for nothing itself."""
    rejected: tuple[RejectedBefore, ...] = ()
    """Never to be suggested again. A file of which nothing else is known has a record of these alone."""
    form: RecordForm = RecordForm.NFO
    """How it was written; not a part of it."""

    @property
    def says_what_it_is(self) -> bool:
        return self.dismissed or self.type is not None

    @property
    def made_by_hand(self) -> bool:
        return not self.dismissed and self.type is not None and self.tmdb_id is None

    @property
    def told(self) -> str:
        """In words, where it comes from."""
        who = self.by if self.by_person else "identification"
        return f"recorded beside the file: decided by {who} on {self.at:%Y-%m-%d}"


class Evidence(Struct, frozen=True, kw_only=True):
    """One named reason. `weight` is in log-odds: above 0 speaks for the candidate, below against it."""

    name: str
    """`title`, `year`, `runtime`, `episode_exists`, `neighbours`, `id_in_name`, `popularity`, `rival`, ..."""
    weight: float
    detail: str
    """In words: `"the.matrix" is the title`, `1999 is the year of the release`."""


class Suggestion(Struct, frozen=True, kw_only=True):
    type: ItemType
    tmdb_id: int
    title: str
    year: int | None = None
    episodes: tuple[EpisodeNumber, ...] = ()
    probability: float
    evidence: tuple[Evidence, ...] = ()


class Decision(Struct, frozen=True, kw_only=True):
    """What `matching.decide` says about one file. Kept whole in `media_file_decision`."""

    outcome: Outcome
    reason: UnmatchedReason | None = None
    """For `no_match` only."""
    would_match_if: str | None = None
    """For `no_match`: the cheapest thing that would change it, as a sentence."""
    ignore_rule: str | None = None
    """For `ignore`: the rule, in words."""
    probability: float | None = None
    """That `item` is right, calibrated; for `match`."""
    item: Suggestion | None = None
    """For `match`: the title, with its evidence."""
    episodes: tuple[EpisodeNumber, ...] = ()
    """For `match`: those of `item` that the file holds."""
    role: Role | None = None
    part: int | None = None
    edition: str | None = None
    suggestions: tuple[Suggestion, ...] = ()
    """For `no_match`: up to five, best first."""
    neighbours: tuple[Neighbour, ...] | None = None
    """The series of the folder's other files, where the name alone was not enough, and they could say more about it: it has to be
    decided again when they change. None where it does not depend on them."""
    recorded: Recorded | None = None
    """The record beside the file that it follows. A match with an item made by hand has no `item`, but this."""
    notes: tuple[str, ...] = ()
    """Questions that the provider answered with nonsense or not at all, so that the decision was made without them."""
