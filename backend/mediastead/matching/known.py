"""What is known about a file beside the names on its path: the library, persons' answers, its content, the files around it."""

from collections.abc import Mapping

from msgspec import Struct, structs

from ..metadata.facts import ItemType
from .decision import Neighbour, Recorded, Rejected
from .renumbering import Recount, Renumbering


class Answered(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person's answer for another file that holds for this one."""

    id: int
    """Of the `remembered_answer`."""
    type: ItemType
    tmdb_id: int
    numbering: Renumbering | None = None
    without_ids: bool = False
    """The ids in this file's names were in none of the other's: it holds only where they are the title's."""
    detail: str
    """In words: `remembered answer 3, by anna on 2026-05-01 for "Show/Show 01.mkv"`."""


class FolderDismissed(Struct, frozen=True, kw_only=True):
    """A person said of the folder in which the file lies that nobody needs to know what is in it."""

    id: int
    by: str
    detail: str
    """In words: `its folder "Holiday" was dismissed by anna on 2026-05-01`."""


class Known(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that `decide` goes by beside the names and the provider. Kept with the decision (`matching.inputs`)."""

    kind: str = "mixed"
    """Of the library: `movies`, `series`, `mixed`."""
    rejected: tuple[Rejected, ...] = ()
    """Never matched nor suggested."""
    recorded: Recorded | None = None
    """What was written beside the file about it; it is followed to the letter."""
    answered: Answered | None = None
    dismissed: FolderDismissed | None = None
    orders: Mapping[int, Renumbering] = {}
    """The orders that a person chose for series, by their TMDB id."""
    duration: float | None = None
    """Of the file, in seconds, where it was probed."""
    neighbours: tuple[Neighbour, ...] = ()
    """The series of the folder's other files. Asked only where everything else does not do, and kept only then."""

    def recount(self, type: ItemType, tmdb_id: int) -> Recount | None:
        """How names count the episodes of this title, where that is known to be otherwise: an answer before an order."""
        answered = self.answered
        order = self.orders.get(tmdb_id) if type is ItemType.SERIES else None
        if answered and answered.numbering and (answered.type, answered.tmdb_id) == (type, tmdb_id):
            numbering = answered.numbering
            if order and not (numbering.shifts or numbering.rows):
                # What was said of single numbers tells less than an order does.
                numbering = structs.replace(order, examples=numbering.examples)
            return Recount(numbering, "by your answer")
        return Recount(order, "by the order that you chose") if order else None
