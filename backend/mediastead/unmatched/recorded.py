"""What a record beside a file says is written as it was decided: by whom, and that the record lies there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import to_builtins
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.identification import Verdict
from ..files.models import MediaFileRecord
from ..files.types import Identification, ImportMethod, Resolution, UnmatchedReason
from ..matching.decision import Recorded
from ..metadata.items import store_by_name
from .models import RejectedMatch
from .queries import rejections_by_item
from .questions import Asked, ask, keyed, settle


async def note_records(session: AsyncSession, now: datetime, followed: Sequence[tuple[Verdict, Recorded]]) -> None:
    """Note which records were followed; dismissals are shown in the queue among those that persons made here."""
    if not followed:
        return
    rows = [_row(verdict, recorded, now, verdict.version) for verdict, recorded in followed]
    await _note(session, rows)
    for verdict, recorded in followed:
        if verdict.to is Identification.DISMISSED:
            await ask(session, now, [_question(verdict, recorded)])
            versions = {verdict.file.id: verdict.version}
            await settle(session, recorded.at, versions, Resolution.DISMISSED, recorded.by)


async def note_rejections(session: AsyncSession, now: datetime, read: Sequence[tuple[Verdict, Recorded]]) -> None:
    """Keep what records say that files are not, whether or not the rest of them was followed.

    The record is noted as this database's own from now on: what a person says of the file since is not to be contradicted by it.
    """
    if not read:
        return
    known = await rejections_by_item(session, [verdict.file.id for verdict, _ in read])
    told = [(verdict.file.id, each) for verdict, recorded in read for each in recorded.rejected]
    # In the order of their keys, so that two processes that store the same items cannot deadlock.
    titles = {(each.type, each.tmdb_id): each for _, each in told}
    items = {
        key: await store_by_name(session, now, *key, titles[key].title, titles[key].year) for key in sorted(titles)
    }
    rows: list[dict[str, Any]] = []
    for file_id, each in told:
        item_id = items[each.type, each.tmdb_id]
        numbers = None if each.episodes is None else frozenset((at.season, at.number) for at in each.episodes)
        if not any(known_one.episodes == numbers for known_one in known.get((file_id, item_id), ())):
            episodes = None if each.episodes is None else [[at.season, at.number] for at in each.episodes]
            rows.append({"file_id": file_id, "item_id": item_id, "episodes": episodes, "by": each.by, "at": each.at})
    if rows:
        await session.execute(insert(RejectedMatch), rows)
    await _note(session, [_row(verdict, recorded, now, _written_for(verdict, recorded)) for verdict, recorded in read])


def _written_for(verdict: Verdict, recorded: Recorded) -> int:
    """The version of the file that a record which was not followed tells of; 0 where it does not tell what the file is now."""
    rejects_alone = not recorded.says_what_it_is and verdict.to not in (
        Identification.MATCHED,
        Identification.DISMISSED,
    )
    return verdict.version if rejects_alone else 0


def _row(verdict: Verdict, recorded: Recorded, now: datetime, version: int) -> dict[str, Any]:
    return {
        "file_id": verdict.file.id,
        "version": version,
        "form": recorded.form,
        "folder_id": verdict.file.folder_id,
        "name": verdict.file.path.rpartition(b"/")[2],
        "tried_at": now,
        "written_at": now,
    }


async def _note(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    ids = [row["file_id"] for row in rows]
    await session.execute(delete(MediaFileRecord).where(MediaFileRecord.file_id.in_(ids)))
    await session.execute(insert(MediaFileRecord), rows)


def import_of(recorded: Recorded) -> dict[str, Any]:
    """What the import says where a record was followed: whose decision it was, and when. A column each."""
    evidence = {
        "type": recorded.type.value if recorded.type else None,
        "tmdb_id": recorded.tmdb_id,
        "title": recorded.title,
        "year": recorded.year,
        "episodes": to_builtins(recorded.episodes),
        "probability": recorded.probability,
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
