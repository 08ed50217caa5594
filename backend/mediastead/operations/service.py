"""Writing down what was done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from .models import Operation, OperationFile

FORM = 1
"""Goes up when what is kept changes so that older operations cannot be taken back in the same way."""
UNDONE = "undone"
"""Under which an operation's `after` holds the ids of those that it took back."""


async def record_operation(
    session: AsyncSession,
    now: datetime,
    actor: str,
    kind: str,
    summary: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    part_of: int | None = None,
) -> int:
    """Note in the doer's transaction what one person or program did; gives the operation's id.

    `before` holds what taking it back needs, `after` what it made of that; `part_of` is the operation that it was done with.
    Of both, `files` go into rows of their own: `before["files"]` are what files were taken for, each with `id` and `version`,
    `after["files"]` are `{"id", "version"}`, and `same_as` where the file is again what it was as that version.
    """
    statement = insert(Operation).returning(Operation.id)
    row = {
        "at": now,
        "actor": actor,
        "kind": kind,
        "summary": summary,
        "before": _without_files(before),
        "after": _without_files(after),
        "form": FORM,
        "part_of": part_of,
    }
    operation_id = (await session.execute(statement, row)).scalar_one()
    if rows := _file_rows(operation_id, before.get("files", ()), after.get("files", ())):
        await session.execute(insert(OperationFile), rows)
    return operation_id


async def mark_taken_back(session: AsyncSession, operation_ids: Sequence[int], undo_id: int) -> None:
    """These were taken back by that operation. What they had taken back themselves (`after[UNDONE]`) is in force again, what
    that had taken back is not any more, and so on."""
    gone = [*operation_ids]
    while gone:
        back = update(Operation).where(Operation.undone_by.in_(gone)).values(undone_by=None)
        again = (await session.execute(back.returning(Operation.id, Operation.after))).all()
        gone.clear()
        for operation_id, after in again:
            undone = update(Operation).where(Operation.id.in_(after.get(UNDONE, ())), Operation.undone_by.is_(None))
            ids = await session.execute(undone.values(undone_by=operation_id).returning(Operation.id))
            gone += ids.scalars()
    marked = update(Operation).where(Operation.id.in_(operation_ids))
    await session.execute(marked.values(undone_by=undo_id))


def _without_files(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "files"}


def _file_rows(
    operation_id: int, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    made = {each["id"]: each for each in after}
    return [
        {
            "operation_id": operation_id,
            "file_id": each["id"],
            "version_before": each["version"],
            "version_after": made[each["id"]]["version"] if each["id"] in made else None,
            "same_as": made[each["id"]].get("same_as") if each["id"] in made else None,
            "before": {name: value for name, value in each.items() if name not in ("id", "version")},
        }
        for each in before
    ]
