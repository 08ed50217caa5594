"""How files stand in the queue: what an operation keeps of them beside what they are taken for, so that it can be taken back."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, structs
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.models import MediaFileDecision, MediaFileImport
from ..files.queries import LockedFile, snapshot
from ..files.types import Resolution, UnmatchedReason
from .models import UnmatchedFile
from .queries import latest_first


class KeptQuestion(Struct, frozen=True, kw_only=True):
    """The question about a file that was opened last, whole."""

    id: int
    reason: UnmatchedReason
    would_match_if: str | None
    group_key: str
    proposed: dict[str, Any] | None
    ready: bool | None
    said: dict[str, Any] | None
    series_tmdb_id: int | None
    refreshed_at: datetime | None
    resolution: Resolution | None
    resolved_by: str | None
    resolved_at: datetime | None
    resolved_version: int | None


class KeptDecision(Struct, frozen=True, kw_only=True):
    """What identification decided last, whole: kept where an operation puts another decision in its place."""

    decided_at: datetime
    body: str
    inputs: str | None
    title: str | None
    title_hash: bytes | None


class Standing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    question: KeptQuestion | None = None
    heard: str | None = None
    """What its decision heard of its neighbours, as stored; a person's answer empties that."""
    followed: int | None = None
    """The remembered answer that its decision followed."""
    imported: int | None = None
    """The id of the import that says who decided what it is."""
    decision: KeptDecision | None = None
    """None where the operation left it as it was."""


async def kept_before(
    session: AsyncSession, files: Iterable[LockedFile], *, decided_anew: Collection[int] = ()
) -> dict[str, Any]:
    """What files are and how they stand, as an operation keeps it in `before`. To be called before anything is written.

    `decided_anew`: the files of which the operation replaces the decision.
    """
    kept = snapshot(files)
    standings = await _standings(session, [each["id"] for each in kept["files"]])
    for file_id, decision in (await _decisions(session, decided_anew)).items():
        standings[file_id] = structs.replace(standings[file_id], decision=decision)
    for each in kept["files"]:
        each["standing"] = msgspec.to_builtins(standings[each["id"]])
    return kept


def read_standing(before: dict[str, Any]) -> Standing:
    return msgspec.convert(before.get("standing", {}), Standing)


async def _decisions(session: AsyncSession, file_ids: Collection[int]) -> dict[int, KeptDecision]:
    if not file_ids:
        return {}
    columns = [getattr(MediaFileDecision, name) for name in KeptDecision.__struct_fields__]
    query = select(MediaFileDecision.file_id, *columns).where(MediaFileDecision.file_id.in_(file_ids))
    rows: Sequence[Any] = (await session.execute(query)).all()
    return {row[0]: KeptDecision(**dict(zip(KeptDecision.__struct_fields__, row[1:], strict=True))) for row in rows}


async def _standings(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, Standing]:
    if not file_ids:
        return {}
    columns = [getattr(UnmatchedFile, name) for name in KeptQuestion.__struct_fields__]
    query = select(UnmatchedFile.file_id, *columns).where(UnmatchedFile.file_id.in_(file_ids))
    questions: dict[int, KeptQuestion] = {}
    rows: Sequence[Any] = (await session.execute(query.order_by(UnmatchedFile.file_id, *latest_first()))).all()
    for file_id, *values in rows:
        if file_id not in questions:
            questions[file_id] = KeptQuestion(**dict(zip(KeptQuestion.__struct_fields__, values, strict=True)))
    decision = MediaFileDecision
    heard = select(decision.file_id, decision.neighbours, decision.remembered_answer_id)
    decided = {row[0]: row for row in await session.execute(heard.where(decision.file_id.in_(file_ids)))}
    last = select(MediaFileImport.file_id, func.max(MediaFileImport.id)).where(
        MediaFileImport.file_id.in_(file_ids), MediaFileImport.success
    )
    imports = dict((await session.execute(last.group_by(MediaFileImport.file_id))).all())
    return {
        file_id: Standing(
            question=questions.get(file_id),
            heard=decided[file_id][1] if file_id in decided else None,
            followed=decided[file_id][2] if file_id in decided else None,
            imported=imports.get(file_id),
        )
        for file_id in file_ids
    }
