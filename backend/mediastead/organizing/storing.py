"""Stores plans."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from .journal import end_if_over
from .models import GroupState, Organizing, OrganizingGroup, OrganizingKind, OrganizingState, OrganizingStep, StepAction
from .moves import Move, MoveRole, Plan, Refused, Way
from .spelling import path_key


class FromStaging(NamedTuple):
    """Of a plan whose file comes from a folder that is in no library."""

    root: bytes
    what: dict[str, Any]
    """`staged_queries.StagedAs`."""
    key: str | None


PLAN_LASTS = timedelta(days=1)
NOT_APPLIED = (OrganizingState.PLANNING, OrganizingState.PLANNED)


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
    from_library_id: int | None = None,
    bring_how: str | None = None,
    replace: bool = False,
    staged: FromStaging | None = None,
) -> int:
    """Write a plan down to be looked at, and then applied or discarded; its id.

    The plan must keep what `moves.Plan` promises: no two moves to one target (`spelling.path_key`), no file in two groups.
    """
    organizing_id = await open_plan(
        session,
        now,
        library_id,
        actor,
        kind=kind,
        template=template,
        undo_of=undo_of,
        from_library_id=from_library_id,
        bring_how=bring_how,
        replace=replace,
        staged=staged,
    )
    await add_to_plan(session, now, organizing_id, plan)
    await close_plan(session, now, organizing_id, counts_of(plan))
    return organizing_id


async def open_plan(
    session: AsyncSession,
    now: datetime,
    library_id: int,
    actor: str,
    *,
    kind: OrganizingKind = OrganizingKind.RENAME,
    template: str | None = None,
    undo_of: int | None = None,
    from_library_id: int | None = None,
    bring_how: str | None = None,
    replace: bool = False,
    staged: FromStaging | None = None,
) -> int:
    """Begin a plan that is written down bit by bit (`add_to_plan`) until it is closed; its id."""
    head: dict[str, object] = {
        "library_id": library_id,
        "kind": kind,
        "undo_of": undo_of,
        "from_library_id": from_library_id,
        "bring_how": bring_how,
        "replace": replace or None,
        "from_root": staged.root if staged is not None else None,
        "staged": staged.what if staged is not None else None,
        "staged_key": staged.key if staged is not None else None,
        "state": OrganizingState.PLANNING,
        "template": template,
        "actor": actor,
        "created_at": now,
        "expires_at": now + PLAN_LASTS,
        "counts": {},
    }
    return (await session.execute(insert(Organizing).returning(Organizing.id), head)).scalar_one()


async def add_to_plan(session: AsyncSession, now: datetime, organizing_id: int, plan: Plan) -> None:
    """Write down some more groups and refusals of it."""
    waiting: list[dict[str, object]] = [{"state": GroupState.PLANNED} for _ in plan.groups]
    steps = [
        _move_row(organizing_id, group_id, move)
        for group_id, group in zip(await _store_groups(session, organizing_id, waiting), plan.groups, strict=True)
        for move in group.moves
    ]
    ended: list[dict[str, object]] = [
        {"state": GroupState.REFUSED, "reason": each.reason.value, "said": each.words, "ended_at": now}
        for each in plan.refused
    ]
    refusals = [
        _refused_row(organizing_id, group_id, refused)
        for group_id, refused in zip(await _store_groups(session, organizing_id, ended), plan.refused, strict=True)
    ]
    for rows in (steps, refusals):
        if rows:
            # Without it SQLAlchemy leaves out what is None, and so makes a statement of its own of nearly every row.
            await session.execute(insert(OrganizingStep).execution_options(render_nulls=True), rows)


async def close_plan(session: AsyncSession, now: datetime, organizing_id: int, counts: Mapping[str, int]) -> bool:
    """It is complete, and to be looked at from now on; False where it was discarded meanwhile. One in which nothing is to be done
    has ended."""
    state = OrganizingState.PLANNED if counts["groups"] else OrganizingState.ENDED
    ended_at = None if counts["groups"] else now
    closed = await session.execute(
        update(Organizing)
        .where(Organizing.id == organizing_id, Organizing.state == OrganizingState.PLANNING)
        .values(state=state, expires_at=now + PLAN_LASTS, ended_at=ended_at, counts=dict(counts))
        .returning(Organizing.id)
    )
    return closed.scalar_one_or_none() is not None


async def drop_groups(session: AsyncSession, organizing_id: int) -> None:
    """Forget what a plan holds that was not and will not be applied."""
    await session.execute(delete(OrganizingStep).where(OrganizingStep.organizing_id == organizing_id))
    await session.execute(delete(OrganizingGroup).where(OrganizingGroup.organizing_id == organizing_id))


def counts_of(plan: Plan) -> dict[str, int]:
    return {
        "groups": len(plan.groups),
        "moves": sum(len(group.moves) for group in plan.groups),
        "refused": len(plan.refused),
        "unchanged": plan.unchanged,
    }


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
        .where(Organizing.id == organizing_id, Organizing.state.in_(NOT_APPLIED))
        .values(state=OrganizingState.DISCARDED, ended_at=now)
        .returning(Organizing.id)
    )
    return discarded.scalar_one_or_none() is not None


async def _store_groups(
    session: AsyncSession, organizing_id: int, groups: Sequence[Mapping[str, object]]
) -> Sequence[int]:
    """Their ids, in the same order."""
    rows = [{"organizing_id": organizing_id, "epoch": 0, "attempts": 0, "backwards": False, **each} for each in groups]
    if not rows:
        return []
    statement = insert(OrganizingGroup).returning(OrganizingGroup.id, sort_by_parameter_order=True)
    return (await session.execute(statement, rows)).scalars().all()


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
        "target_key": _target_key(move) if move.way is not Way.TRASH else None,
        "way": None if move.way is Way.RENAME else move.way.value,
        "source_abroad": move.source_abroad or None,
        "target_abroad": move.target_abroad or None,
        "size": move.look.size,
        "mtime_ns": move.look.mtime_ns,
        "inode": move.look.inode,
        "wanted_mode": move.wanted[0] if move.wanted is not None else None,
        "wanted_gid": move.wanted[1] if move.wanted is not None else None,
        "done": False,
    }


def _target_key(move: Move) -> bytes:
    return path_key(b"/" + move.target if move.target_abroad else move.target)


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
