"""A remembered answer is taken back: it holds for no further file, and what hung on it is asked about again."""

from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..events.outbox import record
from ..files.identification import take_for
from ..files.queries import LockedFile, locked_files
from ..files.types import Identification, UnmatchedReason
from ..operations.service import record_operation
from .errors import AnswerRevoked, AnswerUnknown
from .questions import Asked, ask, keyed
from .remembered import Remembered, answer_by_id
from .remembered_files import files_asked_by, files_matched_by
from .remembering import ANSWERS, AT_ONCE, deciding, revoke_rows
from .standing import kept_before
from .verdicts import kept

KeptFiles = list[dict[str, Any]]
"""As an operation keeps them."""


async def revoke(session: AsyncSession, now: datetime, actor: str, answer_id: int, *, also_files: bool) -> Remembered:
    """Take a remembered answer back: it holds for no further file. Its questions are asked again without it.

    `also_files`: the files that identification matched by it are put back into the queue and identified again; without it
    they stay. Raises `AnswerUnknown` and `AnswerRevoked`.
    """
    seen = await answer_by_id(session, answer_id)
    if seen is None:
        raise AnswerUnknown(f"There is no remembered answer {answer_id}; list /v1/remembered-answers.")
    await deciding(session, alone=True)
    # Again, now that nobody else can revoke it.
    answer = await answer_by_id(session, answer_id) or seen
    if answer.revoked_at is not None:
        raise AnswerRevoked(answer_id, answer.revoked_by, answer.revoked_at)
    before, after = await let_go(session, now, actor, answer, also_files=also_files)
    summary = f'the answer for "{answer.title}" no longer holds'
    if before:
        summary += f", and {len(before)} files that were matched by it are asked about again"
    made = {ANSWERS: {"revoked": [answer_id]}, "files": after}
    await record_operation(session, now, actor, "revoke_answer", summary, {"files": before}, made)
    return structs.replace(answer, revoked_by=actor, revoked_at=now)


async def let_go(
    session: AsyncSession, now: datetime, actor: str, answer: Remembered, *, also_files: bool
) -> tuple[KeptFiles, KeptFiles]:
    """As `revoke`, of an answer in force, and under the lock of `deciding`; gives what an operation keeps of the files."""
    await revoke_rows(session, now, actor, [answer.id])
    before, after = await _put_back(session, now, actor, answer) if also_files else ([], [])
    asked = await locked_files(session, await files_asked_by(session, answer), skip_locked=True)
    waiting = [file for file in asked.values() if file.identification is Identification.UNMATCHED]
    await take_for(session, now, actor, [kept(file, Identification.PENDING) for file in waiting])
    record(session, now, "answer.revoked", answer_id=answer.id, library_id=answer.library_id, actor=actor)
    return before, after


async def _put_back(
    session: AsyncSession, now: datetime, actor: str, answer: Remembered
) -> tuple[KeptFiles, KeptFiles]:
    """Into the queue, and pending at once: the question stays open while the file is looked at again."""
    before: KeptFiles = []
    after: KeptFiles = []
    last = 0
    while ids := await files_matched_by(session, answer, after=last, limit=AT_ONCE):
        last = ids[-1]
        files = list((await locked_files(session, ids, skip_locked=True)).values())
        files = [file for file in files if file.media_item_id == answer.item_id]
        before += (await kept_before(session, files))["files"]
        await take_for(session, now, actor, [kept(file, Identification.UNMATCHED) for file in files])
        await ask(session, now, [_question(file, answer) for file in files])
        queued = await locked_files(session, [file.id for file in files])
        again = [kept(file, Identification.PENDING) for file in queued.values()]
        await take_for(session, now, actor, again)
        after += [{"id": verdict.file.id, "version": verdict.version} for verdict in again]
    return before, after


def _question(file: LockedFile, answer: Remembered) -> Asked:
    return Asked(
        file_id=file.id,
        reason=UnmatchedReason.REJECTED,
        would_match_if=f"The answer that it was matched by was revoked ({answer.in_words}): an answer decides.",
        group_key=keyed(f"matched by answer {answer.id}: {answer.title}"),
    )
