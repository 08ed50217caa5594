"""The shapes of a decision: what a file is and why, or why that cannot be told and what would tell it."""

from enum import StrEnum

from msgspec import Struct

from ..catalog.types import ItemType
from ..files.types import Role, UnmatchedReason


class Outcome(StrEnum):
    MATCH = "match"
    NO_MATCH = "no_match"
    IGNORE = "ignore"
    """A sample or extra of which nothing is known that it belongs to."""


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


class Evidence(Struct, frozen=True, kw_only=True):
    """One named reason. `weight` is in log-odds: above 0 speaks for the candidate, below against it."""

    name: str
    """`title`, `year`, `runtime`, `episode_exists`, `folder`, `id_in_name`, `popularity`, `rival`, ..."""
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
    notes: tuple[str, ...] = ()
    """Questions that the provider answered with nonsense or not at all, so that the decision was made without them."""
