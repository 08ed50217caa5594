"""Stores plans, and makes the plan that takes an organizing back."""

from datetime import datetime, timedelta

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from . import journal_queries as queries
from .journal import end_if_over
from .models import GroupState, Organizing, OrganizingGroup, OrganizingKind, OrganizingState, OrganizingStep, StepAction
from .moves import Group, Move, MoveRole, Plan, Refused
from .spelling import path_key

PLAN_LASTS = timedelta(days=1)


async def store_plan(
    session: AsyncSession,
    now: datetime,
    library_id: int,
    actor: str,
    plan: Plan,
    *,
    kind: OrganizingKind = OrganizingKind.RENAME,
    template: str | None = None,
    undo_of: int | None = None,
) -> int:
    """Write a plan down to be looked at, and then applied or discarded; its id.

    The plan must keep what `moves.Plan` promises: no two moves to one target (`spelling.path_key`), no file in two groups.
    """
    counts = {
        "groups": len(plan.groups),
        "moves": sum(len(group.moves) for group in plan.groups),
        "refused": len(plan.refused),
        "unchanged": plan.unchanged,
    }
    head = {
        "library_id": library_id,
        "kind": kind,
        "undo_of": undo_of,
        "state": OrganizingState.PLANNED,
        "template": template,
        "actor": actor,
        "created_at": now,
        "expires_at": now + PLAN_LASTS,
        "counts": counts,
    }
    organizing_id = (await session.execute(insert(Organizing).returning(Organizing.id), head)).scalar_one()
    for group in plan.groups:
        values: dict[str, object] = {"state": GroupState.PLANNED}
        group_id = await _store_group(session, organizing_id, values)
        rows = [_move_row(organizing_id, group_id, move) for move in group.moves]
        await session.execute(insert(OrganizingStep), rows)
    for refused in plan.refused:
        ended: dict[str, object] = {
            "state": GroupState.REFUSED,
            "reason": refused.reason.value,
            "said": refused.words,
            "ended_at": now,
        }
        group_id = await _store_group(session, organizing_id, ended)
        await session.execute(insert(OrganizingStep), [_refused_row(organizing_id, group_id, refused)])
    return organizing_id


async def let_apply(session: AsyncSession, now: datetime, organizing_id: int) -> bool:
    """A plan is to be applied (`organizer.Organizer` does); False where it is none any more: applied, discarded or too old."""
    applied = await session.execute(
        update(Organizing)
        .where(
            Organizing.id == organizing_id,
            Organizing.state == OrganizingState.PLANNED,
            Organizing.expires_at > now,
        )
        .values(state=OrganizingState.APPLYING, applied_at=now)
        .returning(Organizing.library_id)
    )
    library_id = applied.scalar_one_or_none()
    if library_id is None:
        return False
    await end_if_over(session, now, library_id, organizing_id)
    return True


async def discard(session: AsyncSession, now: datetime, organizing_id: int) -> bool:
    """A plan is not to be applied; False where it is none any more."""
    discarded = await session.execute(
        update(Organizing)
        .where(Organizing.id == organizing_id, Organizing.state == OrganizingState.PLANNED)
        .values(state=OrganizingState.DISCARDED, ended_at=now)
        .returning(Organizing.id)
    )
    return discarded.scalar_one_or_none() is not None


async def plan_to_take_back(session: AsyncSession, organizing_id: int) -> Plan:
    """The moves that put back what an organizing has moved, its last group first. Whether they can be done is looked at when
    they are: a file that is not where it was put, or looks otherwise, or whose old path is taken, is refused with its group."""
    groups = await queries.done_groups(session, organizing_id)
    return Plan(tuple(Group(tuple(_back(move) for move in group.moves)) for group in groups))


def _back(move: Move) -> Move:
    # No version: that a file was matched otherwise since does not matter to where it was.
    return Move(move.role, move.target, move.source, move.look, move.file_id)


async def _store_group(session: AsyncSession, organizing_id: int, values: dict[str, object]) -> int:
    row = {"organizing_id": organizing_id, "epoch": 0, "attempts": 0, "backwards": False, **values}
    return (await session.execute(insert(OrganizingGroup).returning(OrganizingGroup.id), row)).scalar_one()


def _move_row(organizing_id: int, group_id: int, move: Move) -> dict[str, object]:
    return {
        "organizing_id": organizing_id,
        "group_id": group_id,
        "action": StepAction.MOVE,
        "role": move.role,
        "file_id": move.file_id,
        "file_version": move.version,
        "source": move.source,
        "target": move.target,
        "target_key": path_key(move.target),
        "size": move.look.size,
        "mtime_ns": move.look.mtime_ns,
        "inode": move.look.inode,
        "done": False,
    }


def _refused_row(organizing_id: int, group_id: int, refused: Refused) -> dict[str, object]:
    return {
        "organizing_id": organizing_id,
        "group_id": group_id,
        "action": StepAction.MOVE,
        "role": MoveRole.SIDECAR if refused.file_id is None else MoveRole.MEDIA,
        "file_id": refused.file_id,
        "source": refused.source,
        "target": refused.target,
        "done": False,
    }
