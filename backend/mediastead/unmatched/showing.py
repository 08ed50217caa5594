"""The queue as people look at it: a question with its suggestions, groups with their files, the counts."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct, convert, structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..files.counts import pending_counts
from ..files.schemas import ProviderWait
from ..files.shown import decisions_of, files_shown
from ..http.paging import Page
from ..matching.decision import Rejected, Suggestion
from ..metadata.queries import waiting_for
from .errors import QuestionUnknown
from .listing import QuestionFilter, files_of_groups, groups_page, open_counts, questions_shown, status_counts
from .queries import rejections_of
from .schemas import GroupFile, PendingCount, Question, QuestionDetail, QuestionGroup, QueueSummary


async def provider_wait(session: AsyncSession, provider: str) -> ProviderWait | None:
    """What pending files wait for on the side of the provider; None where it can be asked."""
    known = await waiting_for(session, provider)
    if known is None:
        return None
    return ProviderWait(
        provider=known.provider, trouble=known.trouble.value, detail=known.detail, retry_at=known.retry_at
    )


async def question(session: AsyncSession, question_id: int) -> Question:
    """One question as the lists show it; raises `QuestionUnknown`."""
    for found in await questions_shown(session, [question_id]):
        return found
    raise QuestionUnknown(f"There is no question {question_id}; list /v1/unmatched-files.")


async def question_detail(session: AsyncSession, question_id: int, provider: str) -> QuestionDetail:
    """One question with its file and suggestions; raises `QuestionUnknown`."""
    asked = await question(session, question_id)
    wait = await provider_wait(session, provider)
    (file,) = await files_shown(session, [asked.file_id], provider=wait)
    decision = (await decisions_of(session, [asked.file_id])).get(asked.file_id, {})
    rejected = (await rejections_of(session, [asked.file_id])).get(asked.file_id, [])
    return QuestionDetail(
        **structs.asdict(asked),
        file=file,
        suggestions=[found for found in _suggestions(decision) if not _is_rejected(found, rejected)],
    )


def _suggestions(decision: dict[str, Any]) -> list[dict[str, Any]]:
    """Of a decision that was a match, which was taken back since, the match."""
    found = decision.get("suggestions") or [decision.get("item")]
    return [each for each in found if each]


def _is_rejected(suggestion: dict[str, Any], rejected: Sequence[Rejected]) -> bool:
    known = convert(suggestion, Suggestion)
    return any(each.forbids(known.type, known.tmdb_id, known.episodes) for each in rejected)


async def groups_shown(
    session: AsyncSession, which: QuestionFilter, *, cursor: str | None, limit: int, most_files: int
) -> Page[QuestionGroup]:
    """One page of groups, each with the title that is proposed for it and up to `most_files` of its files."""
    page = await groups_page(session, which, cursor=cursor, limit=limit)
    files = await files_of_groups(session, which, [group.key for group in page.items], most_files)
    first = {key: next((file for file in group if _title_id(file)), None) for key, group in files.items()}
    untold = [file.file_id for file in first.values() if file and not (file.proposed or {}).get("title")]
    decisions = await decisions_of(session, untold)
    groups: list[QuestionGroup] = []
    for group in page.items:
        group_id, _, shared = group.key.partition(" ")
        title = _title(first.get(group.key), decisions)
        groups.append(
            QuestionGroup(
                group=group_id,
                shared=shared,
                title=title.title if title else None,
                year=title.year if title else None,
                count=group.count,
                ready=group.ready,
                left=group.count - group.ready,
                files=files.get(group.key, []),
            )
        )
    return Page(groups, page.next)


class _Title(Struct, frozen=True):
    title: str
    year: int | None


def _title_id(file: GroupFile) -> tuple[Any, Any] | None:
    proposed = file.proposed or {}
    return (proposed.get("type"), proposed["tmdb_id"]) if proposed.get("tmdb_id") else None


def _title(file: GroupFile | None, decisions: dict[int, dict[str, Any]]) -> _Title | None:
    """The title of what is proposed for a file, out of the decision that proposed it."""
    if file is None:
        return None
    proposed = file.proposed or {}
    if proposed.get("title"):
        return _Title(proposed["title"], proposed.get("year"))
    # Proposed by an older version, which left the title to the decision.
    for suggestion in _suggestions(decisions.get(file.file_id, {})):
        if (suggestion["type"], suggestion["tmdb_id"]) == _title_id(file):
            return _Title(suggestion["title"], suggestion.get("year"))
    return None


async def queue_summary(session: AsyncSession, provider: str) -> QueueSummary:
    """How many questions there are of what, and what has not been got to."""
    reasons, libraries = await open_counts(session)
    total, settling = await pending_counts(session)
    return QueueSummary(
        open=sum(reasons.values()),
        by_reason=reasons,
        by_library=libraries,
        by_status=await status_counts(session),
        pending=PendingCount(total=total, settling=settling, waiting_for=await provider_wait(session, provider)),
    )
