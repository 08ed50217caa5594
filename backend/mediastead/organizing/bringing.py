"""What is different where files come from an inbox: how they come, and which of them do not. Pure."""

from collections.abc import Mapping, Sequence

from msgspec import structs

from ..catalog.types import ItemType
from ..db.text import shown
from ..libraries.models import BringHow, LibraryKind
from .moves import Group, Move, Plan, Reason, Refused, Way
from .places import Subject
from .plan_queries import PlannedLibrary

_WAYS = {BringHow.LINK: Way.LINK, BringHow.COPY: Way.COPY, BringHow.MOVE: Way.RENAME}


def brought(plan: Plan, how: BringHow) -> Plan:
    """The plan with its moves coming from the other tree, in this way. Whether what is to be moved must be copied is found out
    when it is done."""

    def coming(move: Move) -> Move:
        # What is replaced lies where the files go to.
        return move if move.way is Way.TRASH else structs.replace(move, way=_WAYS[how], source_abroad=True)

    groups = tuple(Group(tuple(coming(move) for move in group.moves)) for group in plan.groups)
    return Plan(groups, plan.refused, plan.unchanged)


def not_to_bring(
    library: PlannedLibrary, subjects: Sequence[Subject], there: Mapping[int, tuple[str, bytes]]
) -> list[Refused]:
    """Of these files, those that do not belong into the library, or are in one. `there`: library and path of what was linked
    or copied from them, by file."""
    refused: list[Refused] = []
    for subject in subjects:
        if subject.id in there:
            name, path = there[subject.id]
            words = f"It is in {name} already, as {shown(path)}."
            refused.append(Refused(subject.path, Reason.ALREADY_IN, words, path, subject.id))
        elif library.kind is not LibraryKind.MIXED and _KINDS[subject.facts.type] is not library.kind:
            words = (
                f"{library.name} holds {library.kind.value}, and this is none: bring it into another library "
                "(`mediastead bring-in plan INBOX --into LIBRARY`), or match it otherwise."
            )
            refused.append(Refused(subject.path, Reason.OTHER_KIND, words, None, subject.id))
    return refused


_KINDS = {ItemType.MOVIE: LibraryKind.MOVIES, ItemType.SERIES: LibraryKind.SERIES}
