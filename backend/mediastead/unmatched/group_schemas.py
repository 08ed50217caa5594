"""One answer for a whole group on the wire."""

from typing import Annotated

from msgspec import Meta, Struct, field

from ..catalog.types import ItemType
from ..files.types import Role
from ..matching.decision import EpisodeNumber
from ..matching.renumbering import Renumbering, Row, Shift
from .order_schemas import EpisodeNamed, GroupId
from .schemas import AnId, AnswerResult, ANumber, EpisodeAsked

MOST = 2000
"""Files that one answer settles in one transaction."""

ADifference = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]


class ShiftSaid(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All numbers that names say of one season are those of another, each so many more."""

    season: ANumber | None = None
    """As the names say; null for numbers without a season."""
    to_season: ANumber
    add: ADifference = 0


class RowSaid(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one number that names say is."""

    season: ANumber | None = None
    number: ANumber
    to: Annotated[list[EpisodeAsked], Meta(min_length=1, max_length=100)]


class NumberingSaid(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the numbers in the names become the provider's: rows first, then shifts; the rest is taken as it is said."""

    shifts: Annotated[list[ShiftSaid], Meta(max_length=200)] = []
    rows: Annotated[list[RowSaid], Meta(max_length=5000)] = []

    def renumbering(self) -> Renumbering:
        shifts = (Shift(each.season, each.to_season, each.add) for each in self.shifts)
        rows = (
            Row(each.season, each.number, tuple(EpisodeNumber(one.season, one.number) for one in each.to))
            for each in self.rows
        )
        return Renumbering(shifts=tuple(shifts), rows=tuple(rows))


class GroupAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the files of a group are: one title, each file with the episodes that its name says."""

    item_id: AnId | None = None
    type: ItemType | None = None
    tmdb_id: AnId | None = None
    numbering: NumberingSaid | None = None
    order: GroupId | None = None
    """One of the provider's orders of the series, by which the names count; it is chosen for the series with this answer."""
    only: Annotated[list[AnId], Meta(max_length=MOST)] | None = None
    """Of these questions alone; null: of all."""
    leave_out: Annotated[list[AnId], Meta(max_length=MOST)] = field(default_factory=list[AnId], name="except")
    """But not of these."""
    remember: bool = True
    """The title, and the numbering, hold for later files as well that are read the same."""


class GroupMatch(GroupAnswer, frozen=True, kw_only=True, forbid_unknown_fields=True):
    seen: Annotated[str, Meta(min_length=16, max_length=16)]
    """As the preview gave it: nothing is answered where the group has changed since."""


class PreviewedFile(Struct, frozen=True, kw_only=True):
    """What the answer makes of one file."""

    id: int
    """Of the question."""
    file_id: int
    path: str
    """Relative to the library's root."""
    says: str
    """The numbers, or the day, that its name says: `S01E02`, `27`, `2016-05-04`."""
    role: Role
    episodes: list[EpisodeNamed]
    unsure: bool
    """The number could mean another episode as well: look twice."""
    problem: str | None
    """Why it cannot be settled by this answer; it stays in the queue."""


class GroupTitle(Struct, frozen=True, kw_only=True):
    type: ItemType
    tmdb_id: int | None
    item_id: int | None
    """null: new to the catalog."""
    title: str
    year: int | None


class GroupPreview(Struct, frozen=True, kw_only=True):
    """What an answer for a group would do."""

    group: str
    seen: str
    """Stands for the files as they are now; to be given with the answer."""
    title: GroupTitle
    order: str | None
    """The name of the order that the names are read by: of the answer, or chosen for the series before."""
    settles: int
    left: int
    """Files of the group that stay in the queue, those that were left out included."""
    files: list[PreviewedFile]


class GroupAnswered(Struct, frozen=True, kw_only=True):
    results: list[AnswerResult]
    """One for each file that the answer was for; `failed` with the reason where it stays in the queue."""
    left: int
    """Files of the group that stay in the queue."""
    asked_again: int
    """Files elsewhere that the answer settles as well: they are identified by it now."""
    operation_id: int | None
    """What was done, to be taken back as one; null where nothing was."""
