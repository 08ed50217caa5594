"""The journal of groups that are being done. Each of these writes is one durable transaction of the caller's.

    planned -> doing -> done
            |        -> taking_back -> taken_back
            -> refused
    doing, taking_back -> waiting (no root) -> doing, taking_back
                       -> stuck (no end after several tries) -> doing, taking_back, when a person says so
                       -> given_up (the disk shows something else)

While a group is doing, taking_back or waiting, `library.organizing_group_id` names it and keeps everybody else from the
library's files. Whoever takes a group over raises its epoch; what is written names the epoch that it was done in.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from msgspec import structs
from sqlalchemy import CursorResult, case, delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..disk.copying import Copied
from ..disk.marker import TRASH_NAME
from ..events.outbox import record
from ..files.paths import joined
from ..libraries.models import Library
from ..scanning.service import request_scan
from ..trash.service import name_in_trash
from . import journal_queries as queries
from .journal_queries import Written
from .models import (
    OPEN_GROUP,
    GroupState,
    Organizing,
    OrganizingGroup,
    OrganizingHold,
    OrganizingState,
    OrganizingStep,
    StepAction,
)
from .moves import Move, Seen, Spot, Way
from .steps import Refusal, Rename
from .trees import Sites

ATTEMPTS = 3
"""At a group, until it is stuck."""
WAIT = timedelta(minutes=1)
"""Until a group is tried again, times the attempts so far."""
HELD = b".mediastead-held-"
"""Begins the name under which a file waits until its target is free. Nobody but the journal touches these; scans pass over
them, because they begin with a dot."""


class Lost(Exception):
    """Somebody else has taken the group over, or its library is another's: nothing more is to be done by this process."""


def held_name(step_id: int) -> bytes:
    return HELD + str(step_id).encode()


def with_names_in_trash(group: Written, folders: Mapping[Spot, bytes]) -> Written:
    """The same with the names that those of its files get that go to the trash. `folders`: into which, by where they lie."""

    def named(move: Move, step_id: int) -> Move:
        if move.way is not Way.TRASH:
            return move
        name = name_in_trash(step_id, move.source.rpartition(b"/")[2])
        return structs.replace(move, target=joined(folders[move.origin], name))

    moves = tuple(named(move, step_id) for move, step_id in zip(group.moves, group.step_ids, strict=True))
    return structs.replace(group, moves=moves)


async def begin(
    session: AsyncSession,
    now: datetime,
    sites: Sites,
    group: Written,
    renames: Sequence[Rename],
    made: Sequence[Spot],
    left: Sequence[Spot],
    abroad_inode: int | None,
    had: Mapping[Spot, tuple[int, int]],
) -> None:
    """Write down every step, before the first is done. `had`: mode and group of files that are renamed, by where they lie;
    `abroad_inode`: of the folder that files come from, where nothing else tells whether it is there. Raises `Lost`."""
    for place in sites.places:
        await _change(
            session,
            update(Library)
            .where(Library.id == place.library_id, Library.organizing_group_id.is_(None))
            .values(organizing_group_id=group.id),
        )
    await _change(
        session,
        update(OrganizingGroup)
        .where(OrganizingGroup.id == group.id, OrganizingGroup.state == GroupState.PLANNED)
        .values(
            state=GroupState.DOING,
            epoch=1,
            attempts=1,
            started_at=now,
            abroad_inode=abroad_inode,
            **_open_in(sites),
        ),
    )
    first = len(made)
    positions: dict[int, dict[str, Any]] = {}
    for position, rename in enumerate(renames, first):
        step = positions.setdefault(rename.move, {"id": group.step_ids[rename.move]})
        step |= dict(zip(("mode", "gid"), had.get(group.moves[rename.move].origin, ()), strict=False))
        move = group.moves[rename.move]
        if rename.target != move.destination:
            step |= {"held_name": rename.target.path.rpartition(b"/")[2], "held_at": position}
        else:
            step |= {"position": position, "target": move.target}
    for step in positions.values():
        await session.execute(update(OrganizingStep), [step])
    folders = [(StepAction.MAKE_FOLDER, spot, position) for position, spot in enumerate(made)]
    folders += [(StepAction.REMOVE_FOLDER, spot, position) for position, spot in enumerate(left, first + len(renames))]
    if folders:
        await session.execute(
            insert(OrganizingStep),
            [
                {
                    "organizing_id": group.organizing_id,
                    "group_id": group.id,
                    "position": position,
                    "action": action,
                    "target": spot.path,
                    "target_abroad": spot.abroad or None,
                    "done": False,
                }
                for action, spot, position in folders
            ],
        )
    if sites.abroad is not None and not sites.is_staged:
        await session.execute(insert(OrganizingHold), {"group_id": group.id, "library_id": sites.abroad.library_id})


async def say_why_not_yet(session: AsyncSession, group_id: int, said: str) -> None:
    """Of a planned group that cannot be begun now, and will be."""
    await session.execute(
        update(OrganizingGroup)
        .where(OrganizingGroup.id == group_id, OrganizingGroup.state == GroupState.PLANNED)
        .values(said=said)
    )


async def copy_instead(session: AsyncSession, sites: Sites, group: Written) -> None:
    """Its files cannot be renamed to where they go, so they are copied, and the sources go to the trash of their own disk; what
    comes from a folder in no library stays there."""
    renamed = [
        (step_id, move) for step_id, move in zip(group.step_ids, group.moves, strict=True) if move.way is Way.RENAME
    ]
    await session.execute(
        update(OrganizingStep),
        [{"id": step_id, "way": Way.COPY.value} for step_id, _ in renamed],
    )
    if sites.is_staged:
        return
    await session.execute(
        insert(OrganizingStep),
        [
            {
                "organizing_id": group.organizing_id,
                "group_id": group.id,
                "action": StepAction.MOVE,
                "way": Way.TRASH.value,
                "role": move.role,
                "file_id": move.file_id,
                "source": move.source,
                "source_abroad": move.source_abroad,
                "target": joined(TRASH_NAME, move.source.rpartition(b"/")[2]),
                "target_abroad": move.source_abroad,
                "size": move.look.size,
                "mtime_ns": move.look.mtime_ns,
                "inode": move.look.inode,
                "done": False,
            }
            for _, move in renamed
        ],
    )


async def take_as_it_lies(session: AsyncSession, looks: Mapping[int, Seen | None]) -> None:
    """Of a group that is not begun, by step: how files without a row look now; None takes one that is gone out of the group."""
    for step_id, look in looks.items():
        step = OrganizingStep.id == step_id
        if look is None:
            await session.execute(delete(OrganizingStep).where(step))
        else:
            values = {"size": look.size, "mtime_ns": look.mtime_ns, "inode": look.inode}
            await session.execute(update(OrganizingStep).where(step).values(**values))


async def note_copy(session: AsyncSession, group_id: int, epoch: int, step_id: int, copied: Copied) -> None:
    """A copy is whole, under the name of its step. Raises `Lost`."""
    await _write(session, group_id, epoch, at_target=None)  # so that it is this epoch's to write
    size, mtime_ns, inode = copied.look
    values = {"made_size": size, "made_mtime_ns": mtime_ns, "made_inode": inode, "digest": copied.digest}
    await session.execute(update(OrganizingStep).where(OrganizingStep.id == step_id).values(**values))


async def note_at_target(session: AsyncSession, group_id: int, epoch: int) -> None:
    """All copies are whole and in their places: only forward from here. Raises `Lost`."""
    await _write(session, group_id, epoch, at_target=True)


async def take_over(session: AsyncSession, now: datetime, group_id: int) -> tuple[int, int, bool]:
    """(epoch, attempts, backwards): from now on only what names this epoch is written. Raises `Lost`.

    If this try ends the process, the next one is not at once.
    """
    taken = await session.execute(
        update(OrganizingGroup)
        .where(
            OrganizingGroup.id == group_id,
            OrganizingGroup.state.in_((GroupState.DOING, GroupState.TAKING_BACK, GroupState.WAITING)),
        )
        .values(epoch=OrganizingGroup.epoch + 1, attempts=OrganizingGroup.attempts + 1, next_try_at=now + WAIT)
        .returning(OrganizingGroup.epoch, OrganizingGroup.attempts, OrganizingGroup.backwards)
    )
    row = taken.one_or_none()
    if row is None:
        raise Lost
    return row[0], row[1], row[2]


def tell_progress(
    session: AsyncSession, now: datetime, sites: Sites, group: Written, target: str, done: int, size: int
) -> None:
    """Of a file that is being copied, in bytes."""
    record(
        session,
        now,
        "organizing.copying",
        library_id=sites.own.library_id,
        organizing_id=group.organizing_id,
        group_id=group.id,
        target=target,
        done=done,
        size=size,
    )


async def turn_back(session: AsyncSession, group_id: int, epoch: int, said: str) -> None:
    """From now on it is taken back. Raises `Lost`."""
    await _write(session, group_id, epoch, state=GroupState.TAKING_BACK, backwards=True, said=said)


async def put_off(
    session: AsyncSession, now: datetime, group_id: int, epoch: int, said: str, *, state: GroupState, attempts: int
) -> None:
    """To be tried again later. Raises `Lost`."""
    due = now + WAIT * max(attempts, 1)
    await _write(session, group_id, epoch, state=state, attempts=attempts, said=said, next_try_at=due)


async def close(
    session: AsyncSession,
    now: datetime,
    sites: Sites,
    group: Written,
    epoch: int,
    state: GroupState,
    said: str | None,
    *,
    look_again: bool = False,
) -> None:
    """The group has come to its end, or is stuck, and the library is free. `look_again`: and is scanned. Raises `Lost`."""
    stuck, library_id = state is GroupState.STUCK, sites.own.library_id
    await _write(
        session,
        group.id,
        epoch,
        state=state,
        said=said,
        next_try_at=None,
        ended_at=None if stuck else now,
        **_open_in(sites if stuck else None),
    )
    if not stuck:
        await session.execute(delete(OrganizingHold).where(OrganizingHold.group_id == group.id))
    for place in sites.places:
        await session.execute(
            update(Library)
            .where(Library.id == place.library_id, Library.organizing_group_id == group.id)
            .values(organizing_group_id=None)
        )
    record(
        session,
        now,
        "organizing.group",
        library_id=library_id,
        organizing_id=group.organizing_id,
        group_id=group.id,
        state=state.value,
    )
    for place in sites.places if look_again else ():
        await request_scan(session, now, place.library_id, "organizing")
    await end_if_over(session, now, library_id, group.organizing_id)


async def refuse(session: AsyncSession, now: datetime, library_id: int, group: Written, refusal: Refusal) -> None:
    """It is not begun. Nothing was touched."""
    await _change(
        session,
        update(OrganizingGroup)
        .where(OrganizingGroup.id == group.id, OrganizingGroup.state == GroupState.PLANNED)
        .values(state=GroupState.REFUSED, reason=refusal.reason.value, said=refusal.words, ended_at=now),
    )
    record(
        session,
        now,
        "organizing.group",
        library_id=library_id,
        organizing_id=group.organizing_id,
        group_id=group.id,
        state=GroupState.REFUSED.value,
    )
    await end_if_over(session, now, library_id, group.organizing_id)


async def end_if_over(session: AsyncSession, now: datetime, library_id: int, organizing_id: int) -> None:
    """The organizing has ended when none of its groups is still to be begun or brought to its end."""
    if await queries.has_unended(session, organizing_id):
        return
    ended = await session.execute(
        update(Organizing)
        .where(Organizing.id == organizing_id, Organizing.state == OrganizingState.APPLYING)
        .values(state=OrganizingState.ENDED, ended_at=now)
        .returning(Organizing.id)
    )
    if ended.scalar_one_or_none() is not None:
        record(session, now, "organizing.ended", library_id=library_id, organizing_id=organizing_id)


async def try_again(session: AsyncSession, sites: Sites, group_id: int) -> None:
    """A person says that a stuck group is to be tried once more, or one that waits right now. Raises `Lost`."""
    for place in sites.places:
        await _change(
            session,
            update(Library)
            .where(
                Library.id == place.library_id,
                (Library.organizing_group_id.is_(None)) | (Library.organizing_group_id == group_id),
            )
            .values(organizing_group_id=group_id),
        )
    state = case((OrganizingGroup.backwards, GroupState.TAKING_BACK.value), else_=GroupState.DOING.value)
    await _change(
        session,
        update(OrganizingGroup)
        .where(
            OrganizingGroup.id == group_id,
            OrganizingGroup.open_library_id == sites.own.library_id,
            OrganizingGroup.state.in_(OPEN_GROUP),
        )
        .values(state=state, attempts=0, next_try_at=None),
    )


def _open_in(sites: Sites | None) -> dict[str, int | None]:
    """The columns by which an open group keeps its libraries from being removed."""
    return {"open_library_id": sites.own.library_id if sites is not None else None}


async def _write(session: AsyncSession, group_id: int, epoch: int, **values: Any) -> None:
    await _change(
        session,
        update(OrganizingGroup).where(OrganizingGroup.id == group_id, OrganizingGroup.epoch == epoch).values(**values),
    )


async def _change(session: AsyncSession, statement: Any) -> None:
    """Of exactly one row, or somebody else was first."""
    if cast("CursorResult[Any]", await session.execute(statement)).rowcount != 1:
        raise Lost
