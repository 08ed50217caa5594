"""What is asked of the approvals."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import case, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...http.paging import Page, decode_cursor, page_of
from ..discs.models import Disc
from ..items.models import PipelineItem
from .models import Approval, ApprovalKind, ApprovalState
from .schemas import ApprovalView

_IS_ANSWERED: Any = case((Approval.state == ApprovalState.PENDING, 0), else_=1)


async def approval(session: AsyncSession, approval_id: int) -> Approval | None:
    query = select(Approval).where(Approval.id == approval_id).execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one_or_none()


async def approval_view(session: AsyncSession, approval_id: int) -> ApprovalView | None:
    row = (await session.execute(_views().where(Approval.id == approval_id))).one_or_none()
    return _view(row) if row else None


async def approvals_page(
    session: AsyncSession,
    states: Collection[ApprovalState],
    item_id: int | None,
    *,
    cursor: str | None,
    limit: int,
) -> Page[ApprovalView]:
    """Those that wait for an answer first, then the others; of both the newest first."""
    query = _views().order_by(_IS_ANSWERED, Approval.id.desc()).limit(limit + 1)
    if states:
        query = query.where(Approval.state.in_(states))
    if item_id is not None:
        query = query.where(Approval.item_id == item_id)
    if cursor is not None:
        answered, last = decode_cursor(cursor, int, int)
        query = query.where(or_(answered < _IS_ANSWERED, (answered == _IS_ANSWERED) & (Approval.id < last)))
    rows = (await session.execute(query)).all()
    views = [_view(row) for row in rows]
    return page_of(views, limit, lambda view: (int(view.state is not ApprovalState.PENDING), view.id))


async def approvals_of(session: AsyncSession, item_id: int) -> list[Approval]:
    """Of an item, oldest first."""
    query = (
        select(Approval)
        .where(Approval.item_id == item_id)
        .order_by(Approval.id)
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(query)).scalars())


async def pending(session: AsyncSession, kind: ApprovalKind, item_id: int, disc_id: int | None) -> Approval | None:
    """The one that waits for an answer."""
    query = select(Approval).where(Approval.kind == kind, Approval.state == ApprovalState.PENDING)
    query = query.where(Approval.disc_id == disc_id if disc_id is not None else Approval.disc_id.is_(None))
    return (await session.execute(query.where(Approval.item_id == item_id))).scalar_one_or_none()


async def pending_of_items(session: AsyncSession, item_ids: Sequence[int]) -> dict[int, list[int]]:
    """The ids of those that wait for an answer, by item, oldest first."""
    query = (
        select(Approval.item_id, Approval.id)
        .where(Approval.item_id.in_(item_ids), Approval.state == ApprovalState.PENDING)
        .order_by(Approval.id)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for item_id, approval_id in await session.execute(query):
        found[item_id or 0].append(approval_id)
    return found


def _views() -> Any:
    which = (PipelineItem.name, PipelineItem.year, PipelineItem.season, PipelineItem.edition)
    return (
        select(Approval, *which, Disc.number, Disc.label)
        .outerjoin(PipelineItem, PipelineItem.id == Approval.item_id)
        .outerjoin(Disc, Disc.id == Approval.disc_id)
    )


def _view(row: Any) -> ApprovalView:
    one: Approval = row.Approval
    return ApprovalView(
        id=one.id,
        kind=one.kind,
        state=one.state,
        item_id=one.item_id,
        item=_called(row),
        disc_id=one.disc_id,
        disc=_disc(row),
        prompt=one.prompt,
        response=one.response,
        words=one.words,
        actor=one.actor,
        asked_at=one.asked_at,
        answered_at=one.answered_at,
    )


def _called(row: Any) -> str | None:
    if row.name is None:
        return None
    year = f" ({row.year})" if row.year is not None and row.season is None else ""
    season = f", season {row.season}" if row.season is not None else ""
    return f"{row.name}{year}{season}{f', {row.edition}' if row.edition else ''}"


def _disc(row: Any) -> str | None:
    if row.Approval.disc_id is None:
        return None
    number = f"disc {row.number}" if row.number is not None else "a disc without a number"
    return f"{number} ({row.label})" if row.label else number
