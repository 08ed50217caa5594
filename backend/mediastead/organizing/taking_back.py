"""The plan that takes an organizing back: every file to where it was, by renames only where that is possible.

What was made beside its source goes to the trash; what went to the trash comes back out of it. Whether the moves can be done
is looked at when they are: a file that is not where it was put, or looks otherwise, or whose old path is taken, is refused
with its group.
"""

from collections.abc import Sequence

from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from ..disk.marker import TRASH_NAME
from ..files.paths import joined
from ..trash.queries import of_steps
from . import journal_queries as queries
from .journal_queries import DoneMove
from .moves import Group, Move, MoveRole, Plan, Reason, Refused, Way
from .steps import new_contents

_BACK = {
    Way.RENAME: Way.RENAME,
    Way.LINK: Way.TRASH,
    Way.COPY: Way.TRASH,
    Way.TRASH: Way.PUT_BACK,
    Way.PUT_BACK: Way.TRASH,
}


async def plan_to_take_back(
    session: AsyncSession, organizing_id: int, *, swapped: bool = False, staged: bool = False
) -> Plan:
    """What was moved, its last group first. `swapped`: the plan's files go to where those of the organizing came from; `staged`:
    that is a folder in no library, so that nothing goes back there, but to the trash."""
    groups = await queries.done_groups(session, organizing_id)
    wanted: list[Group] = []
    refused: list[Refused] = []
    for done in groups:
        # What was made from a folder in no library may be the only one: it goes to the trash all the same, for a while.
        no = [] if staged else await _only_one_left(session, done)
        no = no or await _nothing_to_put_back(session, done)
        if no:
            refused += no
        else:
            moves = await _as_known_now(session, await _back(session, done, staged=staged))
            if moves is None:
                continue
            wanted.append(Group(tuple(_turned(move) if swapped else move for move in moves)))
    return Plan(tuple(wanted), tuple(refused))


async def _back(session: AsyncSession, done: Sequence[DoneMove], *, staged: bool) -> list[Move]:
    """No versions: that a file was matched otherwise since does not matter to where it was."""
    copied = {each.move.origin for each in done if each.move.stays}
    originals = {
        each.step_id: each.move.origin for each in done if each.move.way is Way.TRASH and each.move.origin in copied
    }
    there = await of_steps(session, list(originals))
    if any(step_id not in there for step_id in originals):
        # The originals were deleted from the trash, so the copies themselves go back.
        return [
            Move(
                each.move.role,
                each.move.target,
                each.move.source,
                each.move.made or each.move.look,
                each.move.file_id,
                source_abroad=each.move.target_abroad,
                target_abroad=each.move.source_abroad,
            )
            for each in done
            if each.move.stays
        ]
    # The same file in the books, with what it was before.
    same = {*originals.values(), *(move.origin for move in new_contents([each.move for each in done]).values())}
    return [_one_back(each, is_same=each.move.origin in same, staged=staged) for each in done]


async def _as_known_now(session: AsyncSession, moves: Sequence[Move]) -> list[Move] | None:
    """The moves with files as the last scan saw them where they were put: what was changed there since goes back by its name all
    the same. None where all is back already. What goes to the trash must be what was made; what a person changed is his."""
    renamed = [move for move in moves if move.role is MoveRole.MEDIA and move.way is Way.RENAME]
    known = await queries.known_moves(session, [move.file_id for move in renamed if move.file_id is not None])
    now = {row.path: row for row in known.values() if row.present and row.holds_path}
    at_home = [move for move in renamed if (row := now.get(move.target)) is not None and row.id == move.file_id]
    here = all(move.source_abroad == move.target_abroad and move.way is Way.RENAME for move in moves)
    if renamed and here and len(at_home) == len(renamed):
        return None
    return [
        structs.replace(move, look=row.look)
        if move in renamed and (row := now.get(move.source)) is not None and row.id == move.file_id
        else move
        for move in moves
    ]


def _one_back(each: DoneMove, *, is_same: bool, staged: bool) -> Move:
    """`is_same`: what was made is the same file in the books as what it was made from."""
    move, way = each.move, _BACK[each.move.way]
    if staged and move.source_abroad:
        way = Way.TRASH
    target = joined(TRASH_NAME, move.target.rpartition(b"/")[2]) if way is Way.TRASH else move.source
    return Move(
        move.role,
        move.target,
        target,
        move.at_target or move.look,
        each.made_file_id if move.file_id is None or (move.stays and not is_same) else move.file_id,
        way=way,
        source_abroad=move.target_abroad,
        target_abroad=move.target_abroad if way is Way.TRASH else move.source_abroad,
        wanted=None if way is Way.TRASH else move.had,
    )


def _turned(move: Move) -> Move:
    return structs.replace(move, source_abroad=not move.source_abroad, target_abroad=not move.target_abroad)


async def _nothing_to_put_back(session: AsyncSession, done: Sequence[DoneMove]) -> list[Refused]:
    """What was replaced and does not lie in the trash any more: taking back would leave nothing at its path."""
    copied = {each.move.origin for each in done if each.move.stays}
    replaced = {
        each.step_id: each.move for each in done if each.move.way is Way.TRASH and each.move.origin not in copied
    }
    moved = [each for each in done if each.move.way is not Way.TRASH]
    if not replaced or not moved:
        return []
    there = await of_steps(session, list(replaced))
    return [
        Refused(
            move.source,
            Reason.NOT_THERE,
            f"What lay at {shown(move.source)} was deleted from the trash since, so that it cannot come back: what replaced it "
            "stays. Move that by hand if you do not want it there.",
            None,
            move.file_id,
        )
        for step_id, move in replaced.items()
        if step_id not in there
    ]


def _only_one(move: Move) -> str:
    return (
        f"The original, {shown(move.source)}, is not there any more as it was, so that this is the only one left: it stays. "
        "Delete it by hand if you do not want it."
    )


def _nobody_knows(move: Move) -> str:
    return (
        f"What was known of the original, {shown(move.source)}, went with its library, so that nobody can tell whether it is "
        "there still: this one stays. Delete it by hand if you do not want it."
    )


async def _only_one_left(session: AsyncSession, done: Sequence[DoneMove]) -> list[Refused]:
    """Links and copies whose originals are gone: taking those back would leave nothing but the trash."""
    trashed = {each.move.origin for each in done if each.move.way is Way.TRASH}
    made = [
        each.move
        for each in done
        if each.move.stays and each.move.role is MoveRole.MEDIA and each.move.origin not in trashed
    ]
    known = await queries.known_moves(session, [move.file_id for move in made if move.file_id is not None])
    gone = [
        move
        for move in made
        if (row := known.get(move.file_id or 0)) is None or not row.present or row.look != move.look
    ]
    return [
        Refused(
            move.target,
            Reason.NOT_THERE,
            _only_one(move) if move.file_id in known else _nobody_knows(move),
            None,
            move.file_id,
        )
        for move in gone
    ]
