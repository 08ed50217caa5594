"""Asking, answering and withdrawing. What follows from an answer is `pipeline.flow`'s; all of it under the item's lock."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ...events import outbox
from . import queries
from .errors import AlreadyAnswered, InvalidAnswer, NoSuchApproval, Withdrawn
from .models import Approval, ApprovalKind, ApprovalState
from .prompts import changes_of, prompt_as_json
from .schemas import ApprovalAnswer


async def ask(
    session: AsyncSession, now: datetime, kind: ApprovalKind, item_id: int, disc_id: int | None, prompt: Struct
) -> int:
    """Ask, unless just that is asked already; gives the approval's id.

    A question of the kind that waits and asks about something else is withdrawn, so that nobody answers what has changed. The
    item is locked.
    """
    asked = prompt_as_json(prompt)
    waiting = await queries.pending(session, kind, item_id, disc_id)
    if waiting is not None:
        if waiting.prompt == asked:
            return waiting.id
        await withdraw(session, now, waiting.id)
    row: dict[str, object] = {
        "kind": kind,
        "state": ApprovalState.PENDING,
        "item_id": item_id,
        "disc_id": disc_id,
        "prompt": asked,
        "asked_at": now,
    }
    approval_id = (await session.execute(insert(Approval).returning(Approval.id), row)).scalar_one()
    outbox.record(
        session, now, "approval.asked", approval_id=approval_id, asks=kind.value, item_id=item_id, disc_id=disc_id
    )
    return approval_id


async def answer(
    session: AsyncSession, now: datetime, actor: str, approval_id: int, given: ApprovalAnswer
) -> tuple[Approval, Struct | None]:
    """Record the answer; gives the approval as it was asked, and the changes in the shape of its kind.

    Raises `NoSuchApproval`, `AlreadyAnswered`, `Withdrawn`, `InvalidAnswer`. The item is locked.
    """
    asked = await queries.approval(session, approval_id)
    if asked is None:
        raise NoSuchApproval(approval_id)
    await _refuse_unless_pending(session, asked)
    rejected = given.decision == "reject"
    if rejected and not (given.words or "").strip():
        raise InvalidAnswer("Say in words why it is rejected, so that whoever looks at the item later knows.")
    if rejected and given.changes is not None:
        raise InvalidAnswer("What is rejected cannot be changed as well: approve with the changes, or reject.")
    changes = changes_of(asked.kind, given.changes) if given.changes is not None else None
    state = ApprovalState.REJECTED if rejected else ApprovalState.APPROVED
    response: dict[str, Any] | None = given.changes
    answered = await session.execute(
        update(Approval)
        .where(Approval.id == approval_id, Approval.state == ApprovalState.PENDING)
        .values(state=state, response=response, words=given.words, actor=actor, answered_at=now)
        .returning(Approval.id)
    )
    if answered.scalar_one_or_none() is None:
        now_is = await queries.approval(session, approval_id)
        assert now_is is not None
        await _refuse_unless_pending(session, now_is)
    outbox.record(
        session,
        now,
        "approval.answered",
        approval_id=approval_id,
        asks=asked.kind.value,
        item_id=asked.item_id,
        state=state.value,
    )
    return asked, changes


async def withdraw(session: AsyncSession, now: datetime, approval_id: int) -> bool:
    """What it asks about no longer stands. False where it was answered before. The item is locked."""
    gone = await session.execute(
        update(Approval)
        .where(Approval.id == approval_id, Approval.state == ApprovalState.PENDING)
        .values(state=ApprovalState.WITHDRAWN, answered_at=now)
        .returning(Approval.item_id, Approval.kind)
    )
    row = gone.one_or_none()
    if row is None:
        return False
    outbox.record(session, now, "approval.withdrawn", approval_id=approval_id, asks=row.kind.value, item_id=row.item_id)
    return True


async def _refuse_unless_pending(session: AsyncSession, asked: Approval) -> None:
    match asked.state:
        case ApprovalState.PENDING:
            return
        case ApprovalState.WITHDRAWN:
            instead = None
            if asked.item_id is not None:
                instead = await queries.pending(session, asked.kind, asked.item_id, asked.disc_id)
            raise Withdrawn(asked.id, instead.id if instead else None)
        case ApprovalState.APPROVED | ApprovalState.REJECTED:
            raise AlreadyAnswered(asked.id, asked.state, asked.actor)
