"""Questions are opened, refreshed, settled and opened again; at most one about a file is open.

Every change of a question comes after the lock on its file (`files.queries.locked_files`), so that no two changes of one
question ever run at once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.types import Resolution, Role, UnmatchedReason
from ..matching.grouping import group_id
from .models import UnmatchedFile
from .queries import open_question_ids
from .standing import KeptQuestion


class Asked(Struct, frozen=True, kw_only=True):
    """A question to open, or to bring up to date where one about the file is open."""

    file_id: int
    reason: UnmatchedReason
    would_match_if: str | None
    group_key: str
    proposed: dict[str, Any] | None = None
    series_tmdb_id: int | None = None
    said: dict[str, Any] | None = None


LONGEST_KEY = 400
"""Characters of what a group shares that are kept; PostgreSQL's index holds no more than some 2,700 bytes."""


def keyed(shared: str) -> str:
    """The key of a group as it is stored: its id, by which it is asked for, then what its files share, in words."""
    return f"{group_id(shared)} {shared[:LONGEST_KEY]}"


async def ask(session: AsyncSession, now: datetime, questions: Sequence[Asked]) -> None:
    """Open a question for each file that has none open; bring the open ones up to date, under their old id."""
    if not questions:
        return
    known = await open_question_ids(session, [question.file_id for question in questions])
    fresh: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    for question in questions:
        values = {
            "reason": question.reason,
            "would_match_if": question.would_match_if,
            "group_key": question.group_key,
            "proposed": question.proposed,
            "ready": _is_whole(question.proposed),
            "series_tmdb_id": question.series_tmdb_id,
            "said": question.said,
        }
        if question.file_id in known:
            again.append({"id": known[question.file_id], "refreshed_at": now, **values})
        else:
            fresh.append({"file_id": question.file_id, "found_at": now, **values})
    if fresh:
        await session.execute(insert(UnmatchedFile), fresh)
    if again:
        await session.execute(update(UnmatchedFile), again)


def _is_whole(proposed: dict[str, Any] | None) -> bool:
    """Whether a proposal says all that an answer needs: a title, and for an episode its numbers."""
    if not proposed or not proposed.get("tmdb_id"):
        return False
    return proposed.get("role") != Role.EPISODE.value or bool(proposed.get("episodes"))


async def settle(
    session: AsyncSession, now: datetime, versions: Mapping[int, int], resolution: Resolution, by: str
) -> None:
    """Settle what is open about files: `versions` gives for each file the version that the answer makes.

    That version is kept, because the answer can be taken back only while the file still has it.
    """
    known = await open_question_ids(session, list(versions))
    rows = [
        {
            "id": question_id,
            "resolution": resolution,
            "resolved_by": by,
            "resolved_at": now,
            "resolved_version": versions[file_id],
        }
        for file_id, question_id in known.items()
    ]
    if rows:
        await session.execute(update(UnmatchedFile), rows)


async def reopen(session: AsyncSession, question_id: int) -> None:
    """Open a settled question again, as it was."""
    values = {"resolution": None, "resolved_by": None, "resolved_at": None, "resolved_version": None}
    await session.execute(update(UnmatchedFile).where(UnmatchedFile.id == question_id).values(values))


class Former(Struct, frozen=True, kw_only=True):
    """How the question about a file stood, and what the file is again."""

    file_id: int
    question: KeptQuestion | None
    version_before: int
    """The file's version then."""
    version: int
    """The file's version from now on."""
    settled_as: Resolution
    """What becomes of a question that was opened since."""


async def put_back(session: AsyncSession, now: datetime, actor: str, former: Sequence[Former]) -> None:
    """Make the questions about files again what they were; one that was opened since is settled."""
    known = await open_question_ids(session, [each.file_id for each in former])
    since = [
        {
            "id": known[each.file_id],
            "resolution": each.settled_as,
            "resolved_by": actor,
            "resolved_at": now,
            "resolved_version": each.version,
        }
        for each in former
        if each.file_id in known and (each.question is None or each.question.id != known[each.file_id])
    ]
    # Before others are opened again: at most one about a file is open.
    if since:
        await session.execute(update(UnmatchedFile), since)
    rows: list[dict[str, Any]] = []
    for each in former:
        if each.question is not None:
            row = structs.asdict(each.question)
            if row["resolved_version"] == each.version_before:
                row["resolved_version"] = each.version  # so that it can be opened again, as it could
            rows.append(row)
    if rows:
        await session.execute(update(UnmatchedFile), rows)
