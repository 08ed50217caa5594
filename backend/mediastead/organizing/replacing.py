"""What lies where a file is to come, and goes to the trash for it where a person asked for that. Pure."""

from collections.abc import Collection, Mapping, Sequence

from ..db.text import shown
from ..disk.marker import TRASH_NAME
from ..disk.moving import Kind, There
from ..files.paths import joined
from .moves import Move, MoveRole, Seen, Way
from .planner import Wish
from .replace_queries import Old
from .spelling import path_key


def lying_at(wishes: Sequence[Wish], in_the_way: Mapping[bytes, Collection[bytes]]) -> dict[bytes, int | None]:
    """What lies at the targets now, by its path: the file that is to come there, None for what goes along with one."""
    lying: dict[bytes, int | None] = {}
    for wish in wishes:
        for move in wish.moves:
            for path in in_the_way.get(path_key(move.target), ()):
                lying[path] = move.file_id
    return lying


def replaceable_of(
    lying: Mapping[bytes, int | None],
    looks: Mapping[bytes, There | None],
    known: Mapping[bytes, Old],
    items: Mapping[int, int | None],
) -> dict[bytes, Move | str]:
    """For `planner.plan_of`. `lying`: of `lying_at`; `known`: the media files among them; `items`: of the files that are to come,
    the title that each is."""
    found: dict[bytes, Move | str] = {}
    for path, comes in lying.items():
        there, old = looks.get(path), known.get(path)
        if there is None or there.kind is Kind.OTHER or (there.kind is Kind.FOLDER and old is None):
            found[path] = (
                f'"{shown(path)}" is a link, a folder or no file, which is not replaced: move it away by hand.'
            )
        elif old is not None and (comes is None or old.item_id not in (None, items.get(comes))):
            found[path] = f'"{shown(path)}" is taken for another title, so that it is not replaced: match it otherwise.'
        else:
            found[path] = to_trash(path, Seen(*there.look), old)
    return found


def is_same_title(old: Old | None, item_id: int | None) -> bool:
    """Whether what lies under another name is known to be the title that comes."""
    return old is not None and item_id is not None and old.item_id == item_id


def to_trash(path: bytes, look: Seen, old: Old | None) -> Move:
    return Move(
        MoveRole.SIDECAR if old is None else MoveRole.MEDIA,
        path,
        joined(TRASH_NAME, path.rpartition(b"/")[2]),
        look,
        old.id if old is not None else None,
        old.version if old is not None else None,
        way=Way.TRASH,
    )
