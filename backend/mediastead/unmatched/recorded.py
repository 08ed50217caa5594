"""What a record beside a file says is written as it was decided: by whom, and that the record lies there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import to_builtins
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.identification import Verdict
from ..files.models import MediaFileRecord
from ..files.types import Identification, ImportMethod, Resolution, UnmatchedReason
from ..matching.decision import Recorded
from .questions import Asked, ask, keyed, settle


async def note_records(session: AsyncSession, now: datetime, followed: Sequence[tuple[Verdict, Recorded]]) -> None:
    """Note which records were followed; dismissals are shown in the queue among those that persons made here."""
    if not followed:
        return
    rows = [
        {
            "file_id": verdict.file.id,
            "version": verdict.version,
            "form": recorded.form,
            "folder_id": verdict.file.folder_id,
            "name": verdict.file.path.rpartition(b"/")[2],
            "tried_at": now,
            "written_at": now,
        }
        for verdict, recorded in followed
    ]
    await session.execute(insert(MediaFileRecord), rows)
    for verdict, recorded in followed:
        if verdict.to is Identification.DISMISSED:
            await ask(session, now, [_question(verdict, recorded)])
            versions = {verdict.file.id: verdict.version}
            await settle(session, recorded.at, versions, Resolution.DISMISSED, recorded.by)


def import_of(recorded: Recorded) -> dict[str, Any]:
    """What the import says where a record was followed: whose decision it was, and when. A column each."""
    evidence = {
        "type": recorded.type.value if recorded.type else None,
        "tmdb_id": recorded.tmdb_id,
        "title": recorded.title,
        "year": recorded.year,
        "episodes": to_builtins(recorded.episodes),
        "probability": None,
        "evidence": [{"name": "record", "weight": None, "detail": recorded.told}],
        "recorded": {"by": recorded.by, "by_person": recorded.by_person, "at": recorded.at.isoformat()},
    }
    method = ImportMethod.MANUAL_MATCH if recorded.by_person else ImportMethod.SCAN
    return {"method": method, "actor": recorded.by, "evidence": evidence}


def _question(verdict: Verdict, recorded: Recorded) -> Asked:
    return Asked(
        file_id=verdict.file.id,
        reason=UnmatchedReason.NO_MATCH,
        would_match_if=f"It was dismissed, as {recorded.told}.",
        group_key=keyed(f"dismissed in folder {verdict.file.folder_id}"),
    )
