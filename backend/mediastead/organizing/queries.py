"""What people ask of plans: lists of them, one of them, what is in it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ..db.text import shown
from ..http.paging import Page, decode_cursor, page_of
from ..libraries.models import BringHow, Library
from .models import GroupState, Organizing, OrganizingGroup, OrganizingState, OrganizingStep, StepAction
from .moves import MoveRole, Way
from .schemas import GroupView, MoveView, OrganizingView


async def organizing_view(session: AsyncSession, organizing_id: int) -> OrganizingView | None:
    row = (await session.execute(_views().where(Organizing.id == organizing_id))).one_or_none()
    if row is None:
        return None
    by_state = (
        select(OrganizingGroup.state, func.count())
        .where(OrganizingGroup.organizing_id == organizing_id)
        .group_by(OrganizingGroup.state)
    )
    groups = {state.value: count for state, count in await session.execute(by_state)}
    return _view(row, groups)


async def organizings_page(
    session: AsyncSession, library_id: int | None, *, cursor: str | None, limit: int
) -> Page[OrganizingView]:
    """Newest first."""
    query = _views().order_by(Organizing.id.desc()).limit(limit + 1)
    if library_id is not None:
        query = query.where((Organizing.library_id == library_id) | (Organizing.from_library_id == library_id))
    if cursor is not None:
        query = query.where(Organizing.id < decode_cursor(cursor, int)[0])
    rows = (await session.execute(query)).all()
    return page_of([_view(row, None) for row in rows], limit, lambda view: (view.id,))


async def groups_page(
    session: AsyncSession, organizing_id: int, states: Sequence[GroupState], *, cursor: str | None, limit: int
) -> Page[GroupView]:
    """In the order in which they are begun. `states`: only those, all where there are none."""
    query = (
        select(OrganizingGroup.id, OrganizingGroup.state, OrganizingGroup.reason, OrganizingGroup.said)
        .where(OrganizingGroup.organizing_id == organizing_id)
        .order_by(OrganizingGroup.id)
        .limit(limit + 1)
    )
    if states:
        query = query.where(OrganizingGroup.state.in_(states))
    if cursor is not None:
        query = query.where(OrganizingGroup.id > decode_cursor(cursor, int)[0])
    rows = (await session.execute(query)).all()
    moves = await _moves(session, [row.id for row in rows])
    views = [
        GroupView(id=row.id, state=row.state, reason=row.reason, said=row.said, moves=moves.get(row.id, []))
        for row in rows
    ]
    return page_of(views, limit, lambda view: (view.id,))


async def grown_old(session: AsyncSession, now: datetime) -> list[int]:
    """Plans that nobody applied in time."""
    query = (
        select(Organizing.id)
        .where(Organizing.state == OrganizingState.PLANNED, Organizing.expires_at <= now)
        .order_by(Organizing.id)
    )
    return list((await session.execute(query)).scalars())


async def some_groups_not_applied(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Groups of plans that never will be, and what was refused in plans with nothing to do, a day later."""
    over = Organizing.state.in_((OrganizingState.DISCARDED, OrganizingState.EXPIRED))
    nothing = and_(
        Organizing.state == OrganizingState.ENDED, Organizing.applied_at.is_(None), Organizing.expires_at <= now
    )
    query = (
        select(OrganizingGroup.id)
        .join(Organizing, Organizing.id == OrganizingGroup.organizing_id)
        .where(or_(over, nothing))
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def undoing(session: AsyncSession, organizing_id: int) -> int | None:
    """An organizing that takes this one back and is not over."""
    states = (OrganizingState.PLANNING, OrganizingState.APPLYING)
    query = select(Organizing.id).where(Organizing.undo_of == organizing_id, Organizing.state.in_(states))
    return (await session.execute(query.limit(1))).scalar_one_or_none()


async def _moves(session: AsyncSession, group_ids: Sequence[int]) -> dict[int, list[MoveView]]:
    query = (
        select(
            OrganizingStep.group_id,
            OrganizingStep.role,
            OrganizingStep.file_id,
            OrganizingStep.source,
            OrganizingStep.target,
            OrganizingStep.way,
            OrganizingStep.digest,
        )
        .where(OrganizingStep.group_id.in_(group_ids), OrganizingStep.action == StepAction.MOVE)
        .order_by(OrganizingStep.id)
    )
    found: dict[int, list[MoveView]] = defaultdict(list)
    for row in await session.execute(query):
        view = MoveView(
            role=row.role or MoveRole.SIDECAR,
            way=Way(row.way) if row.way else Way.RENAME,
            copied=row.digest is not None,
            file_id=row.file_id,
            source=shown(row.source or b""),
            target=shown(row.target) if row.target is not None else None,
        )
        found[row.group_id].append(view)
    return found


@cache
def _views() -> Any:
    # What took it back may have been taken back itself, and that as well.
    back, again, once_more = aliased(Organizing), aliased(Organizing), aliased(Organizing)
    in_force = ~exists().where(once_more.undo_of == again.id, _did(once_more))
    still = ~exists().where(again.undo_of == back.id, _did(again), in_force)
    undone_by = select(func.max(back.id)).where(back.undo_of == Organizing.id, _did(back), still)
    undone_by = undone_by.correlate(Organizing).scalar_subquery()
    query = select(Organizing, Library.name.label("library"), undone_by.label("undone_by"))
    return query.join(Library, Library.id == Organizing.library_id)


def _did(organizing: type[Organizing]) -> ColumnElement[bool]:
    """Whether a group of it was done."""
    return exists().where(OrganizingGroup.organizing_id == organizing.id, OrganizingGroup.state == GroupState.DONE)


def _view(row: Any, groups: dict[str, int] | None) -> OrganizingView:
    one: Organizing = row.Organizing
    return OrganizingView(
        id=one.id,
        library_id=one.library_id,
        library=row.library,
        kind=one.kind,
        from_library_id=one.from_library_id,
        bring_how=BringHow(one.bring_how) if one.bring_how else None,
        replace=bool(one.replace),
        staged=one.staged is not None,
        undo_of=one.undo_of,
        undone_by=row.undone_by,
        state=one.state,
        template=one.template,
        actor=one.actor,
        created_at=one.created_at,
        expires_at=one.expires_at if one.state is OrganizingState.PLANNED else None,
        applied_at=one.applied_at,
        ended_at=one.ended_at,
        counts=one.counts,
        groups=groups,
    )
